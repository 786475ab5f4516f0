#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Recorded once, shown again anywhere: the same lines each time, to a user without any rights."""
import os
import random
import tempfile
import time

import tracer
from traffic import finish, listen, pair, port_of, serve, visit
from world import *

COUNT = 101
DAMAGED = 60
NOBODY = 65534
BEGUN = 50 * MS
WEB, OTHER = 5001, 5003


def replay(t, *args, status=0, user=NOBODY):
    """Runs the program on recordings; one check of its status. Its Run."""
    done = tracer.run(*args, user=user)
    t.equal(done.status, status, f"{' '.join(args)[:60]}: status {status}") or t.note(done.err)
    return done


def lines_of(run_):
    """The lines of a Run; an AssertionError says what is wrong with their form."""
    lines, flaws = tracer.parse_lines(run_.out)
    assert not flaws, flaws
    return lines


def make_traffic(w, port, count):
    listener = listen("127.0.0.1", port)
    server = w.fork(serve, listener, count, comm="web")
    ports = visit("127.0.0.1", port_of(listener), count, b"x" * 17)
    server.result()
    listener.close()
    return ports


def story(w, t):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        first, second, apart_ = (f"{folder}/{name}" for name in ("first", "second", "apart"))
        with w.traces(("record", "-N", "self", "-o", first, "-L", str(WEB)),
                      ("record", "-N", "self", "-o", second, "-D", str(WEB)),
                      ("record", "-N", "self", "-o", apart_, "-L", str(OTHER)),
                      LINES) as (_, _, _, live):
            ports = make_traffic(w, WEB, COUNT)
            make_traffic(w, OTHER, 7)
        for path in (first, second, apart_):
            os.chmod(path, 0o644)
        again(t, first, second, ports, live)
        in_time(t, first, second)
        since_it_traces(w, t, folder)
        filters(t, first, second)
        damage(t, first, folder)
        check(t, first, folder)
        refuse(t, first, folder)


def never_pause(listener):
    while True:
        finish(*pair(listener))
        time.sleep(0.001)


def since_it_traces(w, t, folder):
    """A recording begins when it tells of what happens, not before hooks are brought up."""
    path, listener = f"{folder}/begun", listen()
    busy = w.fork(never_pause, listener)
    with w.trace("record", "-N", "self", "-o", path):
        time.sleep(0.1)
    busy.kill()
    begun = lines_of(replay(t, "check", "--json", "-i", path, user=None))[0]["mono_ns"]
    lines = lines_of(replay(t, "trace", "--events", "--json", "-i", path, user=None))
    first = min(line["mono_ns"] for line in where(lines, type="transition"))
    t.ok(first - begun < BEGUN, "something happens as soon as it has begun", first - begun)


def again(t, first, second, ports, live):
    """Both sides' recordings together are what a tracer saw meanwhile."""
    both = ("trace", "--json", "-i", first, "-i", second)
    runs = [replay(t, *both) for _ in range(2)]
    t.ok(runs[0].out and runs[0] == runs[1], "twice the same bytes on both outputs")
    found = where(lines_of(runs[0]), type="connection")
    t.equal(len(found), 2 * COUNT, "202 ends of 101 connections")
    t.equal(len({line["id"] for line in found}), 2 * COUNT, "each with an id of its own")
    t.equal(sorted(line["lport"] for line in found if line["role"] == "client"), sorted(ports),
            "the clients' are theirs")
    with open("/proc/sys/net/ipv4/tcp_congestion_control", encoding="ascii") as file:
        control = file.read().strip()
    t.equal({line["congestion_control"] for line in found}, {control},
            "all with the congestion control that is here")
    t.equal({(line["comm"], line["close"]["outcome"]) for line in where(found, lport=WEB)},
            {("web", "closed")}, "the server's are owned by it, and closed")
    t.equal(lines_of(runs[0])[-1]["connections"]["incomplete"], 0, "none is incomplete")

    def shape(lines):
        return sorted((line["lport"], line["rport"], line["role"], line["pid"], line["comm"],
                       line["bytes_sent"], tuple(states_of(line))) for line in lines)
    t.equal(shape(found), shape(where(live.connections, lport=WEB) +
                                where(live.connections, rport=WEB)),
            "and they are what was traced at the same time")


def in_time(t, first, second):
    """Two recordings of one machine are one, in the order of time."""
    done = replay(t, "trace", "--events", "--json", "-i", second, first)
    times = [line["mono_ns"] for line in where(lines_of(done), type="transition")
             if line["mono_ns"] is not None and line["to"] != "SYN_RECV"]
    turns = sum(line["role"] != before["role"] for before, line in
                zip(lines_of(done), lines_of(done)[1:]) if "role" in line and "role" in before)
    t.ok(turns > COUNT, "their transitions take turns", turns)
    back = [later - earlier for earlier, later in zip(times, times[1:]) if later < earlier - MS]
    t.none(back, "in the order of time, but for the clocks of CPUs")
    t.equal([tracer.summary_flaws(lines_of(done))], [[]], "the sums add up")


def filters(t, first, second):
    """What was recorded is filtered as it was, and again."""
    found = where(lines_of(replay(t, "trace", "--json", "-i", first)), type="connection")
    t.equal((len(found), {line["lport"] for line in found}), (COUNT, {WEB}),
            "a recording holds what its filter wanted")
    found = where(lines_of(replay(t, "trace", "--json", "-D", str(WEB), "-i", first)),
                  type="connection")
    t.equal(found, [], "and no filter finds what it did not")
    done = replay(t, "hist", "--json", "-c", "web", "--by", "comm", "-i", first, second)
    t.equal({line["by"]["comm"] for line in where(lines_of(done), type="histogram")}, {"web"},
            "a filter that comes later")
    both = ("-i", first, "-i", second)
    whole, server = ({(line["lport"], line["rport"]): line["id"] for line in
                      where(lines_of(replay(t, "trace", "--json", *filtered, *both)),
                            type="connection")} for filtered in ((), ("-c", "web")))
    t.equal((len(server), server), (COUNT, {ends: whole[ends] for ends in server}),
            "no filter changes the numbers of those that it leaves")
    ends, number = max(server.items(), key=lambda each: int(each[1]))
    line = lines_of(replay(t, "explain", "--json", "--id", number, "-L", str(WEB), *both))[0]
    t.equal((line.get("lport"), line.get("rport")), ends, "and explain knows them by these")


def damage(t, first, folder):
    """Damaged copies do no harm: an end that was foreseen, and no line that is made up."""
    rng, flaws = random.Random(60), []
    with open(first, "rb") as file:
        good = file.read()
    whole = set(replay(t, "trace", "--csv", "-i", first).out.splitlines())
    made_up = 0
    for at in range(DAMAGED):
        bad = bytearray(good)
        for _ in range(1 + at % 3):
            place = rng.randrange(len(bad))
            if at % 4 == 0:
                del bad[place:]
                bad += b"" if bad else b"x"
            elif at % 4 == 1:
                bad[place] ^= 1 << rng.randrange(8)
            elif at % 4 == 2:
                bad[place:place] = rng.randbytes(rng.randrange(1, 99))
            else:
                del bad[place:place + rng.randrange(1, 99)]
        path = f"{folder}/damaged-{at}"
        with open(path, "wb") as file:
            file.write(bad)
        done = tracer.run("trace", "--csv", "-i", path, user=NOBODY)
        said = [line for line in done.err.decode().splitlines() if line.startswith("tcpspan: ")]
        if done.status != 2 or len(said) != 1 or path not in said[0]:
            flaws.append((at, done.status, done.err))
        made_up += len(done.out.splitlines()) > len(whole)
    t.none(flaws, "60 damaged copies: status 2 and one sentence each")
    t.equal(made_up, 0, "and never more lines than the whole one has")


def check(t, first, folder):
    """Where it comes from and whether it is whole, asked without reading it as a command does."""
    lines = lines_of(replay(t, "check", "--json", "-i", first))
    played = lines_of(replay(t, "trace", "--json", "-i", first))[-1]
    t.equal([line["type"] for line in lines], ["check", "summary"], "check -i: two lines")
    t.equal((lines[0]["ok"], lines[0]["kernel"], lines[-1]["events"], lines[-1]["duration_ns"]),
            (True, os.uname().release, played["events"], played["duration_ns"]),
            "it is whole, of this kernel, and as much as trace reads of it")
    t.equal({hook["family"]: hook["rung"] for hook in lines[0]["hooks"]}, lines[-1]["hooks"],
            "it says by which hooks it was made")
    t.equal(lines[-1]["hooks"]["state"], played["hooks"]["state"], "as trace does")
    said = replay(t, "check", "-i", first).out.decode()
    t.ok(f"lport {WEB}" in said and os.uname().release in said,
         "in words, with the filters that it was made with", said)
    path = f"{folder}/cut"
    with open(first, "rb") as whole, open(path, "wb") as file:
        file.write(whole.read()[:-1])
    done = replay(t, "check", "--json", "-i", path, status=2)
    t.equal((lines_of(done)[0]["ok"], path in done.err.decode()), (False, True),
            "of one that was cut short it says that it is not")


def refuse(t, first, folder):
    """What cannot be done is said."""
    os.chmod(first, 0o600)
    done = replay(t, "trace", "-i", first, status=2)
    t.ok(b"Permission denied" in done.err, "a file that one may not read", done.err)
    master, slave = os.openpty()
    done = tracer.run("record", "-o", "-", prefix=("sh", "-c", 'exec "$@" >/dev/pts/'
                      + os.ttyname(slave).rsplit("/", 1)[-1], "sh"))
    t.ok(done.status == 2 and b"terminal" in done.err, "no recording to a terminal", done)
    os.close(master)
    os.close(slave)
    done = tracer.run("record", "-o", f"{folder}/no/such/folder")
    t.ok(done.status == 2 and b"No such file" in done.err, "a file that cannot be made", done)
    before = set(os.listdir(folder))
    done = tracer.run("record", "-o", f"{folder}/none", user=NOBODY)
    t.ok(done.status == 2 and set(os.listdir(folder)) == before,
         "no rights to trace: nothing is left behind", done)


run(story)
