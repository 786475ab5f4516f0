#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Who lets nobody look at his memory is not waited for: he hides himself, and nobody else."""
import time

from holding import can_hold, holder, is_held
from opener import connect_once, functions_of, stays
from traffic import free_port
from world import *

ATTACKER = 65533
TRACE = ("trace", "--json", "-N", "self")


def story(w, t):
    if not can_hold():
        t.skip("who holds up the look at him", "no FUSE here")
        return
    port = free_port()  # where connections are refused: they are told of at once
    victims = [w.fork(stays, connect_once, "127.0.0.1", port, held=True) for _ in range(3)]
    with holder(w, ATTACKER, connect_once, "127.0.0.1", port) as attacker, \
            w.traces((*TRACE, "--cmdline"), (*TRACE, "--stack"), live=True) as (named, opened):
        attacker.go()
        time.sleep(2 * w.patience)
        for victim in victims:
            victim.go()
        for seen in (named, opened):
            seen.wait_output(lambda lines: len(lines) >= 4, 10)
        held = is_held(attacker.pid, 1)
        for victim in victims:
            victim.go().result()
    if not held:
        t.skip("who holds up the look at him", "this kernel lets everybody look")
        return
    t.equal(only(named.connections, pid=attacker.pid)["cmdline"], None,
            "how he was called is unknown")
    pids = {victim.pid for victim in victims}
    t.equal({line["pid"] for line in named.connections if line["cmdline"] and line["ppid"]}, pids,
            "how others were called is not")
    # Of him it may be known in which files it was.
    t.equal({line["pid"] for line in opened.connections
             if any(functions_of(line) or ())}, pids, "nor which code they ran")


run(story, limit=30)
