#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A namespace that vanishes with all its sockets: each is told as ended, and tracing goes on."""
import os
import signal
import time

from traffic import finish, listen, pair, wait_for
from world import *

STAYING, PASSED, AFTER = 7, 11, 5


def live_and_wait():
    """Connections that stay, others that leave a TIME_WAIT; then sleeps until it is killed."""
    listener = listen()
    held = [pair(listener) for _ in range(STAYING)]
    for _ in range(PASSED):
        finish(*pair(listener))
    while held:
        time.sleep(60)


def has_lived(pid):
    """Whether all of its connections are where they are to be, by what the kernel says."""
    with open(f"/proc/{pid}/net/tcp", encoding="ascii") as table:
        states = [line.split()[3] for line in table]
    return states.count("01") == 2 * STAYING and states.count("06") == PASSED


def is_gone(pid):
    """Whether a process is no more than a name."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def story(w, t):
    inner = w.fork(live_and_wait, own_namespace=True, held=True)
    number = inner.netns()
    listener = listen()
    of_inner = ("trace", "--full", "--open", "--json", "-N", str(number))
    with w.traces(of_inner, FULL) as (theirs, ours):
        inner.go()
        wait_for(lambda: has_lived(inner.pid), 10 * w.patience)
        os.kill(inner.pid, signal.SIGKILL)
        wait_for(lambda: is_gone(inner.pid), 10 * w.patience)
        inner.kill()
        # The kernel clears a namespace away when it finds the time.
        time.sleep(2.0 * w.patience)
        for _ in range(AFTER):
            finish(*pair(listener))
        time.sleep(0.3 * w.patience)

    # The kernel may give the number to the next namespace: what is told of first is ours.
    found = [line for line in theirs.connections if int(line["id"]) <= 2 * (STAYING + PASSED)]
    later = len(theirs.connections) - len(found)
    t.equal(len(found), 2 * (STAYING + PASSED), "each connection of the namespace has a line")
    t.equal({line["netns"] for line in found}, {number}, "and no other has one")
    t.equal([line["close"]["outcome"] for line in found].count("open"), 0, "none is still open")
    t.ok(theirs.summary["connections"]["live"] <= later, "none is kept")
    ends = {line["time_wait"]["end"] for line in found if line["time_wait"]}
    if theirs.summary["hooks"]["time_wait"]:
        t.equal(ends - {"purged", None}, set(), "a TIME_WAIT that vanished did not expire")
    t.equal(theirs.summary["events"]["missed"] + theirs.summary["events"]["ring_full"], 0,
            "nothing was lost")
    t.equal(ours.summary["connections"]["opened"], 2 * AFTER, "tracing goes on elsewhere")


run(story)
