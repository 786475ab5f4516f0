#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""--watch: what gets stuck and what is released, when it happens, and a command for each."""
import json
import os
import signal
import tempfile
import time

from stuck import began
from traffic import finish, listen, pair, port_of, wait_state
from world import *

WATCH = ("stuck", "--watch", "--json", "-N", "self")
LEAST = 0.5  # seconds


def leave(client, server):
    """The client closes; returns the ports of the other socket, and between what times it was."""
    ports = port_of(server), port_of(client)
    before = time.monotonic_ns()
    client.close()
    wait_state(*ports, "CLOSE_WAIT")
    return ports, (before, time.monotonic_ns())


def lines_of(seen):
    """The stuck lines so far, by change and ports."""
    found = {}
    for raw in seen.so_far().splitlines():
        line = json.loads(raw)
        if line["type"] == "stuck":
            found.setdefault((line["change"], line["lport"], line["rport"]), []).append(line)
    return found


def wait_line(seen, change, ports):
    """Waits for the line; returns it, or an empty one."""
    key = (change, *ports)
    seen.wait_output(lambda _: key in lines_of(seen), 10)
    return lines_of(seen).get(key, [{}])[0]


def story(w, t):
    listener = listen()
    old_client, old = pair(listener)
    old_ports, _ = leave(old_client, old)
    time.sleep(LEAST + 0.1)
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        seen = Tracer((*WATCH, "--min-age", str(LEAST), "--exec", f"cat >> {log}"), w.patience)
        try:
            watch(w, t, seen, listener, old, old_ports)
        finally:
            seen.kill()
        told = [line for line in seen.lines if line["type"] == "stuck"]
        with open(log, "rb") as written:
            got = sorted(written.read().splitlines())
        t.equal(got, sorted(raw for raw in seen.out.splitlines() if b'"type":"stuck"' in raw),
                "the command has got each line, as it is")
        t.equal(len(told), 7, "there is no other line")
        ids = {(line["lport"], line["rport"]): line["id"] for line in told}
        t.equal((len(set(ids.values())), [line["id"] for line in told]),
                (4, [ids[line["lport"], line["rport"]] for line in told]),
                "each has an id of its own, and keeps it when it is released")
    tell_failing(w, t, listener)


def watch(w, t, seen, listener, old, old_ports):
    seen.wait_ready()
    line = wait_line(seen, "stuck", old_ports)
    t.ok(line and line["age_quality"] == "at_least" and line["age_ns"] >= LEAST * SECOND,
         "one from before is told of at once, with bounds", line)

    client, server = pair(listener)
    ports, fin = leave(client, server)
    quick = pair(listener)
    finish(*quick)
    line = wait_line(seen, "stuck", ports)
    heard = time.monotonic_ns()
    t.equal((line.get("age_quality"), line.get("pid")), ("exact", os.getpid()),
            "one that was watched from its birth: its age is exact, and it has a holder")
    if line:
        t.between(began(line), *fin, "since its FIN", "ns")
        t.between(line["age_ns"], LEAST * SECOND, (LEAST + 1.5 * w.patience) * SECOND,
                  "told of when it was old enough", "ns")
    t.ok(heard - fin[1] < (LEAST + 2) * SECOND * w.patience, "and not much later", heard - fin[1])

    before = time.monotonic_ns()
    server.close()
    after = time.monotonic_ns()
    line = wait_line(seen, "released", ports)
    if t.ok(line, "it is told of when it is released"):
        t.between(line["age_ns"], before - fin[1], after - fin[0], "how long it was stuck", "ns")
        t.equal((line["age_quality"], line["pid"]), ("exact", os.getpid()), "and who held it")
    old.close()
    line = wait_line(seen, "released", old_ports)
    t.equal(line.get("age_quality"), "at_least", "the older one keeps its bounds")

    another_client, another = pair(listener)
    ports, _ = leave(another_client, another)
    wait_line(seen, "stuck", ports)
    another.close()
    wait_line(seen, "released", ports)

    last_client, last = pair(listener)
    ports, _ = leave(last_client, last)
    t.ok(wait_line(seen, "stuck", ports), "one more gets stuck")
    seen.stop(signal.SIGINT)
    last.close()
    t.equal(seen.status, 1, "and is still stuck at the end: status 1")
    counts = seen.summary["stuck"]
    t.equal((counts["stuck"], counts["begun"], counts["released"], counts["exec_failed"],
             counts["dropped"]), (1, 4, 3, 0, 0), "the summary counts them")
    events = seen.summary["events"]
    t.equal((events["seen"], events["submitted"]),
            (events["filtered"] + events["submitted"] + events["ring_full"], events["received"]),
            "its events add up")
    t.equal((events["births"] > 0, seen.summary["connections"]["opened"], seen.summary["gaps"]),
            (True, None, None), "what it did not follow it does not count")


def tell_failing(w, t, listener):
    client, server = pair(listener)
    leave(client, server)
    seen = Tracer((*WATCH, "--min-age", "0", "--exec", "exit 3", "-d", "0.5"), w.patience)
    seen.wait()
    t.equal((seen.status, seen.summary["stuck"]["exec_failed"]), (1, 1),
            "a command that fails is counted")
    server.close()
    seen = Tracer((*WATCH, "-d", "0.2"), w.patience)
    seen.wait()
    t.equal((seen.status, seen.of("stuck")), (0, []), "nothing stuck: status 0 after the time")


run(story)
