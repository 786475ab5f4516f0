#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""MPTCP and SCTP sockets share TCP's tracepoint: their own sockets are no TCP connections."""
import os
import socket

from traffic import IPPROTO_MPTCP, finish, kernel_states, listen, pair, port_of, wait_for
from world import *

COUNT = 5
OVER = ("TIME_WAIT", "CLOSED")


def is_quiet(port):
    """Whether the kernel has only listeners and TIME_WAIT left on a port."""
    return all(state in ("LISTEN", "TIME_WAIT") for ends, (state, _) in kernel_states().items()
               if port in ends)


def sctp(t):
    """One SCTP association over loopback; False where the kernel has none."""
    try:
        listener = listen(protocol=socket.IPPROTO_SCTP)
    except OSError as error:
        t.skip("SCTP does not leak in", f"no SCTP: {error}")
        return False
    finish(*pair(listener, protocol=socket.IPPROTO_SCTP))
    return True


def story(w, t):
    if not os.path.exists("/proc/sys/net/mptcp/enabled"):
        raise Skip("this kernel has no MPTCP")
    sysctl("mptcp.enabled", 1)
    both, fallback = listen(protocol=IPPROTO_MPTCP), listen(protocol=IPPROTO_MPTCP)
    moved = Deltas()
    with w.traces(EVENTS, LINES) as (events, lines):
        for _ in range(COUNT):
            finish(*pair(both, protocol=IPPROTO_MPTCP))
        t.equal(moved["MPCapableSYNRX"], COUNT, "5 connections are MPTCP")
        for _ in range(COUNT):
            finish(*pair(fallback))
        has_sctp = sctp(t)
        wait_for(lambda: is_quiet(port_of(both)) and is_quiet(port_of(fallback)))

    found = events.chains()
    t.equal(len(found), 4 * COUNT, "10 connections are 20 chains: one for each end's subflow")
    t.none(flaws_of(found), "each is whole")
    t.none([each for each in found if each.path[-1] not in OVER], "and comes to its end")
    t.none([each for each in found if each.ports[0] in (0, None) or each.ports[1] in (0, None)],
           "with ports")
    t.equal(len(lines.connections), 4 * COUNT, "and 20 lines")
    if has_sctp:
        t.equal(len(found), 4 * COUNT, "SCTP does not leak in")


run(story)
