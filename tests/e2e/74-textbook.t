#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""explain --demo: the segments on the wire are the ladder's, and what is built in is as if live."""
import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unicodedata

import namespace

from textbook import (ENDS, SIGNIFICANT, Player, lines_of, masked, recorded, stories, unmatched)
from tracer import extra_arguments, program
from tracer import run as run_program
from traffic import wait_for
from world import *

ALL = ["open-close", "half-close", "lost-syn", "lost-synack", "lost-ack", "old-syn", "both-open",
       "both-close", "refused", "reset", "unread", "late-data", "full-queue", "cookies", "leak",
       "reuse"]
SERVERS = {"lost-synack", "old-syn", "full-queue", "cookies", "leak", "reuse"}  # on the left
# Significant segments that are on no rung: the SYN that comes again where its answer was lost.
BESIDE = {"lost-synack": 1}
# States of this end that a ladder must have, in this order.
THROUGH = {
    "open-close": "SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
    "both-open": "SYN_SENT SYN_RECV ESTABLISHED",
    "both-close": "FIN_WAIT1 CLOSING TIME_WAIT",
    "leak": "SYN_RECV ESTABLISHED CLOSE_WAIT",
    "reuse": "FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSED",
    "late-data": "FIN_WAIT1 FIN_WAIT2 CLOSED",
    "refused": "SYN_SENT CLOSED",
}
# What these show is told of requests and timewait sockets, which are read by their addresses.
BY_ADDRESS = {"old-syn", "late-data", "full-queue", "cookies"}
UNSEEN = "no hook tells of a segment in TIME_WAIT"
CLIENT_PORT, SERVER_PORT = 40001, 8080
AT_ONCE = 4


def sent(packets, flags, port=None):
    """Those with just these flags (but PSH), of the end with this port."""
    return [each for each in packets if each.flags & (SIGNIFICANT | ACK) == flags and
            port in (None, each.sport)]


def starts(packets):
    """The numbers that SYNs without an ACK begin with, in the order of the capture."""
    return [each.seq for each in sent(packets, SYN)]


def is_crossed(packets, flags):
    """Each end sends one before the other's has come: here, one goes out and one comes in before
    any that acknowledges it."""
    own, other = sent(packets, flags, CLIENT_PORT)[0], sent(packets, flags, SERVER_PORT)[0]
    first, second = sorted((own, other), key=packets.index)
    return second.ack == 0 or second.ack <= first.seq


# What the segments at the client's and at the server's end show, whatever a ladder makes of it.
SHOWS = {
    "open-close": lambda a, b: len(starts(b)) == 1 and len(sent(b, FIN | ACK)) == 2,
    "half-close": lambda a, b: len([p for p in b[b.index(sent(b, FIN | ACK)[0]):]
                                    if p.sport == SERVER_PORT and p.data]) == 3,
    "lost-syn": lambda a, b: len(starts(a)) == 2 and len(set(starts(a))) == len(starts(b)) == 1,
    "lost-synack": lambda a, b: (len(sent(b, SYN | ACK)) >= 2 and
                                 len({p.seq for p in sent(b, SYN | ACK)}) == 1 and
                                 len(sent(a, SYN | ACK)) < len(sent(b, SYN | ACK))),
    "lost-ack": lambda a, b: len(sent(b, FIN | ACK, SERVER_PORT)) >= 2,
    "old-syn": lambda a, b: (starts(b)[0] == starts(a)[0] and len(set(starts(b))) == 2 and
                             sent(b, RST, CLIENT_PORT) and
                             b.index(sent(b, RST, CLIENT_PORT)[0]) <
                             b.index(sent(b, SYN | ACK)[-1])),
    "both-open": lambda a, b: is_crossed(a, SYN),
    "both-close": lambda a, b: is_crossed(a, FIN | ACK) and is_crossed(b, FIN | ACK),
    "refused": lambda a, b: len(b) == 2 and sent(b, RST | ACK, SERVER_PORT),
    "reset": lambda a, b: sent(b, RST | ACK, CLIENT_PORT) and not sent(b, FIN | ACK),
    "unread": lambda a, b: (sent(b, RST | ACK, CLIENT_PORT) and not sent(b, FIN | ACK) and
                            any(p.data for p in a if p.sport == SERVER_PORT)),
    "late-data": lambda a, b: (sent(a, RST, CLIENT_PORT) and a.index(sent(a, RST)[0]) > max(
        a.index(p) for p in a if p.sport == SERVER_PORT and p.data)),
    "full-queue": lambda a, b: (len(sent(b, SYN | ACK, SERVER_PORT)) >= 2 and
                                sent(b, ACK, CLIENT_PORT) and
                                b.index(sent(b, ACK, CLIENT_PORT)[0]) <
                                b.index(sent(b, SYN | ACK)[-1])),
    "cookies": lambda a, b: len(sent(b, SYN | ACK)) == 1 and len(sent(b, FIN | ACK)) == 2,
    "leak": lambda a, b: sent(b, FIN | ACK, CLIENT_PORT) and sent(b, ACK, SERVER_PORT),
    "reuse": lambda a, b: len(starts(b)) == 2 and starts(b)[1] != starts(b)[0],
}


def columns(text):
    """How wide it is on a terminal."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def shows(story, packets):
    try:
        return bool(SHOWS[story](*packets.values()))
    except (IndexError, ValueError):
        return False


def play(w, story):
    player = Player(story, "--json", patience=w.patience)
    return story, player, player.end(within=60 * w.patience)


def is_in_order(wanted, states):
    left = iter(states)
    return all(state in left for state in wanted)


def on_the_wire(t, story, player, ladders, is_unseen):
    """Whether all of it was seen."""
    left = ENDS[story in SERVERS]
    flaws, packets = [], {address: player.packets(address) for address in ENDS}
    t.ok(shows(story, packets), f"{story}: the segments are those of the story",
         *packets.values())
    if story == "open-close":
        t.equal([name for name in ALL if shows(name, packets)], ["open-close", "cookies", "leak"],
                "which those of most others are not")
    for line in ladders:
        flaws += unmatched(line, packets[line["laddr"]])
    t.none(flaws, f"{story}: each rung is a segment on the wire, with its numbers")
    over = [each for each in packets[left] if each.flags & SIGNIFICANT]
    if story == "leak":
        # With the player its sockets end, when nobody looks any more.
        over = [each for each in over if not (each.flags & FIN and each.sport == SERVER_PORT)]
    name = f"{story}: and each SYN, FIN and RST is on a rung"
    if is_unseen and len(over) == 1:
        t.skip(name, UNSEEN)
        return False
    t.equal(len(over), BESIDE.get(story, 0), name)
    return True


def compare(t, story, player, result, is_unseen):
    status, out, err = result
    t.equal((status, err), (0, ""), f"{story}: it is played to its end")
    ladders = lines_of(out)
    kinds = [[line["type"] for line in map(json.loads, text.splitlines())]
             for text in (out, recorded(story, "--json"))]
    t.equal([(each[-1:], each.count("summary")) for each in kinds], 2 * [(["summary"], 1)],
            f"{story}: one summary, the last line, live and recorded")
    is_whole = on_the_wire(t, story, player, ladders, is_unseen)
    states = [step["local"] for step in ladders[0]["steps"]]
    t.ok(is_in_order(THROUGH.get(story, "").split(), states), f"{story}: its states", states)
    name = f"{story}: the recording that is built in is the same but for times and numbers"
    if is_whole:
        t.equal([masked(line) for line in ladders],
                [masked(line) for line in lines_of(recorded(story, "--json"))], name)
    else:
        t.skip(name, UNSEEN)


def for_people(t, story):
    for language in ("en", "zh"):
        text = recorded(story, "--lang", language)
        t.none([line for line in text.splitlines() if columns(line) > 80],
               f"{story}: no line is wider than 80 columns ({language})")


def left_of(session):
    """Who of a session is there still."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="ascii",
                                                errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(pid)
    return found


def mounted():
    """Namespaces that somebody has mounted."""
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        return [line for line in file if " nsfs " in line]


def interrupted_any_time(w, t):
    """Ctrl-C, which a terminal sends to all, at one moment and another."""
    before = mounted()
    for wait in (0.003, 0.02, 0.06, 0.15, 0.3, 0.6, 1.1):
        with tempfile.TemporaryFile() as said, \
                subprocess.Popen([program(), "explain", "--demo", "lost-synack",
                                  *extra_arguments()], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=said,
                                 start_new_session=True) as process:
            time.sleep(wait)
            os.killpg(process.pid, signal.SIGINT)
            process.wait(20 * w.patience)
            said.seek(0)
            t.equal(said.read(), b"", f"Ctrl-C after {wait} s: nothing is said of it")
            wait_for(lambda: not left_of(process.pid), 5 * w.patience)
            t.equal(left_of(process.pid), [], f"Ctrl-C after {wait} s: nobody is left")
    t.equal(mounted(), before, "and no namespace")


def interrupted(w, t):
    """Ctrl-C in the middle: whoever played is gone, and his namespaces with him."""
    player = Player("lost-syn", patience=w.patience)
    wait_for(player.captures[ENDS[0]].packets, 20 * w.patience, 0.01)
    time.sleep(0.1)
    player.process.send_signal(signal.SIGINT)
    status, out, err = player.end()
    t.equal((status, err), (0, ""), "Ctrl-C ends it quietly")
    t.ok("SYN_SENT" in out, "with what was there to be seen", out)
    t.ok(not os.path.exists(f"/proc/{player.pid}"), "and nobody is left")


def without_tun(t):
    """In mounts of this story's own, as its last act."""
    namespace.empty_folder("/dev/net")
    done = run_program("explain", "--demo", "refused")
    t.equal((done.status, done.out.decode(), len(done.err.splitlines())),
            (0, recorded("refused"), 1), "without a TUN device it is the recording")
    t.ok(b"/dev/net/tun" in done.err, "and the sentence says so", done.err)


def without_namespaces(t):
    """Root that may not make any."""
    if not shutil.which("setpriv"):
        t.skip("no right to make a namespace", "there is no setpriv here")
        return
    done = run_program("explain", "--demo", "refused", prefix=(
        "setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"))
    t.equal((done.status, done.out.decode(), len(done.err.splitlines())),
            (0, recorded("refused"), 1), "without the right to make a namespace, too")


def without_rights(t):
    done = run_program("explain", "--demo", "refused", user=65534)
    t.equal((done.status, done.out.decode()), (0, recorded("refused")),
            "without rights it is the recording")
    t.equal(len(done.err.splitlines()), 1, "which one sentence says")


def story(w, t):
    t.equal(stories(), ALL, "the list has all stories")
    may_miss = hooks(w)["time_wait"] in ("tp_btf", "sampling")
    told = [name for name in ALL if not (namespace.memory_is_hidden() and name in BY_ADDRESS)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for each in pool.map(lambda name: play(w, name), told):
            compare(t, *each, may_miss and each[0] == "lost-ack")
    for name in ALL:
        for_people(t, name)
    interrupted(w, t)
    interrupted_any_time(w, t)
    without_rights(t)
    without_namespaces(t)
    without_tun(t)


run(story, limit=90)
