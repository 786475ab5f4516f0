#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A tracer that is killed leaves no program, map or link behind, and the next one sees all."""
import os
import signal
import tempfile

from kernel_objects import GET_FD_BY_ID, exists, held_by, is_known
from traffic import finish, listen, pair, wait_for
from world import *

COUNT = 23


def left_of(objects):
    return sorted(each for each in objects if exists(*each))


def kill_one(w, t, args, listener):
    """Kills a tracer in the middle of traffic; returns what it had held, by kind."""
    seen = Tracer(args, w.patience).wait_ready()
    try:
        for _ in range(COUNT):
            finish(*pair(listener))
        held = held_by(seen.pid)
        there = left_of(held)
        os.kill(seen.pid, signal.SIGKILL)
        seen.process.wait()
    finally:
        seen.kill()
    t.equal(there, sorted(held), f"{args[0]}: what it holds can be found")
    # The kernel frees them when no CPU can be in them any more.
    wait_for(lambda: not left_of(held), 10 * w.patience, 0.05)
    t.none(left_of(held), f"{args[0]}: and is gone when it was killed")
    return {kind: sum(each[0] == kind for each in held) for kind in GET_FD_BY_ID}


def story(w, t):
    if not is_known():
        raise Skip("no number of bpf(2) for this machine")
    listener = listen()
    with tempfile.TemporaryDirectory() as folder:
        for args in (LINES, HIST, ("record", "-N", "self", "-o", folder + "/recording")):
            counts = kill_one(w, t, args, listener)
            t.ok(min(counts["prog"], counts["map"]) > 1, "there was something to leave", counts)
    with w.trace() as seen:
        for _ in range(COUNT):
            finish(*pair(listener))
    t.equal(len(seen.chains()), 2 * COUNT, "the next one sees all")
    t.none(flaws_of(seen.chains()), "each whole")


run(story)
