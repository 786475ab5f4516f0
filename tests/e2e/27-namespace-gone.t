#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A namespace that vanishes with all its sockets: each is told as ended, and tracing goes on."""
import contextlib
import os
import signal
import socket
import time

from traffic import finish, listen, pair, wait_for
from world import *

STAYING, PASSED, AFTER = 7, 11, 5
NEXT = 20  # namespaces that are made behind it: one of them has its number, as a rule
SO_NETNS_COOKIE = 71


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


def live_shortly():
    """One connection in a namespace of its own, whose number it returns."""
    finish(*pair(listen()))
    return os.stat("/proc/self/ns/net").st_ino


def has_cookies():
    """Whether this kernel tells namespaces of one number apart (5.14)."""
    with contextlib.suppress(OSError), socket.socket() as one:
        return bool(int.from_bytes(one.getsockopt(socket.SOL_SOCKET, SO_NETNS_COOKIE, 8), "little"))
    return False


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
        again = [w.fork(live_shortly, own_namespace=True).result() for _ in range(NEXT)]
        t.note(f"{again.count(number)} of {NEXT} namespaces have its number again")
        for _ in range(AFTER):
            finish(*pair(listener))
        time.sleep(0.3 * w.patience)

    # The kernel may give the number to the next namespace. Where it tells them apart by nothing
    # else, what is told of first is ours.
    found = [line for line in theirs.connections if int(line["id"]) <= 2 * (STAYING + PASSED)]
    later = len(theirs.connections) - len(found)
    t.equal(len(found), 2 * (STAYING + PASSED), "each connection of the namespace has a line")
    t.equal({line["netns"] for line in found}, {number}, "and no other has one")
    if has_cookies():
        t.equal(later, 0, "nor has one of a namespace that got its number later")
    t.equal([line["close"]["outcome"] for line in found].count("open"), 0, "none is still open")
    t.ok(theirs.summary["connections"]["live"] <= later, "none is kept")
    ends = {line["time_wait"]["end"] for line in found if line["time_wait"]}
    if theirs.summary["hooks"]["time_wait"]:
        t.equal(ends - {"purged", None}, set(), "a TIME_WAIT that vanished did not expire")
    t.equal(theirs.summary["events"]["missed"] + theirs.summary["events"]["ring_full"], 0,
            "nothing was lost")
    t.equal(ours.summary["connections"]["opened"], 2 * AFTER, "tracing goes on elsewhere")


run(story)
