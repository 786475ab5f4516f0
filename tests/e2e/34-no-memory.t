#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Too many orphans: the kernel resets what was closed instead of waiting, and says so.

The limit is one of the whole machine, so that this runs where nobody else lives.
"""
import contextlib
import os
import time

import namespace
from traffic import kernel_states, listen, port_of, wait_for
from world import *

COUNT = 3
# The kernel counts orphans by CPU, and looks at the sum when there are enough of them, or by time.
ORPHANS, LATER = 101, 0.3
LIMIT = "/proc/sys/net/ipv4/tcp_max_orphans"


@contextlib.contextmanager
def no_orphans():
    """The machine has room for no orphan."""
    with namespace.entered("/proc/1/ns/net"), open(LIMIT, "r+", encoding="ascii") as limit:
        before = limit.read()
        limit.seek(0)
        limit.write("0")
        limit.flush()
    try:
        time.sleep(LATER)
        yield
    finally:
        with namespace.entered("/proc/1/ns/net"), open(LIMIT, "w", encoding="ascii") as limit:
            limit.write(before)


def close(peer, listener):
    """A connection that the peer opens, and that is closed here; returns it when it has a FIN."""
    flow = peer.flow(port_of(listener))
    flow.open()
    listener.accept()[0].close()
    return flow


def story(w, t):
    if os.environ.get("ALONE") != "1":
        raise Skip("the limit of orphans is the whole machine's: set ALONE=1 where nobody else is")
    peer, moved = w.peer(), Deltas()
    first, last, good = (listen(KERNEL[IPV4]) for _ in range(3))
    with w.trace(*LINES) as seen:
        for _ in range(ORPHANS):
            close(peer, first)
        with no_orphans():
            for _ in range(COUNT):
                close(peer, last).expect(RST)
            wait_for(lambda: not any(lport == port_of(first) for lport, _ in kernel_states()), 20)
            counted = moved["TCPAbortOnMemory"]
        close(peer, good).finish()

    if seen.summary["hooks"]["reset"] is None:
        raise Skip("resets cannot be watched on this rung")
    t.equal(counted, ORPHANS + COUNT, "the kernel counts them as TCPAbortOnMemory")
    for listener, count, when in ((last, COUNT, "at once"), (first, ORPHANS, "by its timer")):
        closes = [line["close"] for line in where(seen.connections, lport=port_of(listener))]
        t.equal([(each["outcome"], each["initiator"], each["cause"]) for each in closes],
                [("reset_sent", "local", "no_memory")] * count, f"reset {when}: no_memory")
        t.none([each for each in closes
                if each["reset_reason"] not in (None, "TCP_ABORT_ON_MEMORY")],
               f"reset {when}: the reason, where the kernel gives one")
    t.equal([line["close"]["cause"] for line in where(seen.connections, lport=port_of(good))],
            ["closed_by_local"], "with room for orphans it closes in order")


run(story)
