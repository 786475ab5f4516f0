#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A process that opens and closes sockets as fast as it can: no connection where there was none.

HASTE=N in the environment sets how many.
"""
import errno
import os
import socket

from traffic import finish, listen, pair, port_of
from world import *

HASTY = LISTENERS = int(os.environ.get("HASTE", "5003"))
IDLE, REAL = 4 * HASTY, 23


def open_and_close(number):
    """Sockets that are never used."""
    for _ in range(number):
        socket.socket().close()


def listen_and_close(number):
    """Listeners that nobody comes to."""
    for _ in range(number):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(1)


def connect_and_close(port, number):
    """Connects without waiting for the answer, and closes; returns how many were begun."""
    begun = 0
    for _ in range(number):
        with socket.socket() as client:
            client.setblocking(False)
            begun += client.connect_ex(("127.0.0.1", port)) in (0, errno.EINPROGRESS)
    return begun


def take_all(listener):
    """Accepts and closes until nobody comes any more; returns how many came."""
    taken = 0
    listener.settimeout(1.0)
    while True:
        try:
            listener.accept()[0].close()
        except TimeoutError:
            return taken
        taken += 1


def story(w, t):
    hasty, real = listen(backlog=4096), listen()
    with w.trace() as quiet:
        hurry = [w.fork(open_and_close, IDLE), w.fork(listen_and_close, LISTENERS)]
        for _ in range(REAL):
            finish(*pair(real))
        for each in hurry:
            each.result()
    t.equal(len(quiet.chains()), 2 * REAL, "sockets that never connect are no connections")
    t.none(flaws_of(quiet.chains()), "those that are one are whole")
    # Some rungs do not see the beginning of a listener; some tell of it, for it may own accepts.
    t.ok(quiet.summary["events"]["seen"] >= LISTENERS, "listeners were seen")

    moved = Deltas()
    with w.trace() as seen:
        taking = w.fork(take_all, hasty)
        begun = connect_and_close(port_of(hasty), HASTY)
        taken = taking.result()
    found = seen.chains()
    t.equal(begun, HASTY, "each connect was begun")
    t.equal(seen.summary["events"]["ring_full"], 0, "nothing was lost")
    t.none(flaws_of(found), "each of the hasty is whole")
    t.equal(len([each for each in found if each.path[1] == "SYN_SENT"]), moved["ActiveOpens"],
            "as many clients as the kernel counts")
    servers = len([each for each in found if each.path[1] == "SYN_RECV"])
    t.equal(servers + seen.summary["connections"]["children_lost"], moved["PassiveOpens"],
            "and as many servers, those included that died before they were connections")
    t.between(servers, taken, HASTY, "of which those that were accepted are no more")


run(story, limit=90)
