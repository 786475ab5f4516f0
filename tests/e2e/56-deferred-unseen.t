#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Deferred accept where nothing tells of requests: nothing that may be deferred is exact.

The listener's option alone can be seen there, and since 6.15 not even that.
"""
import socket

from traffic import TCP_DEFER_ACCEPT, listen, port_of
from world import *

COUNT = 5
DELAY, THINKING = 0.02, 0.2  # seconds to the third segment, and from there to the data


def call(peer, listener):
    """Returns the peer's port."""
    flow = peer.flow(port_of(listener))
    third = flow.open(DELAY)[2]
    sleep_until(third.stamp_ns, THINKING)
    flow.say(b"request")
    server = listener.accept()[0]
    server.recv(100)
    server.close()
    flow.finish()
    return flow.port


def story(w, t):
    peer = w.peer()
    listener = listen(KERNEL[IPV4], options=[(socket.IPPROTO_TCP, TCP_DEFER_ACCEPT, 5)])
    with w.trace(*LINES, "--attach", "classic") as seen:
        ports = several([lambda: call(peer, listener)] * COUNT)

    t.equal(seen.summary["hooks"]["passive"], None, "nothing tells of requests")
    for port in ports:
        shown = only(seen.connections, lport=port_of(listener), rport=port)["handshake"]
        t.ok((shown["latency_ns"] is None, shown["quality"]) in
             ((False, "estimated"), (True, "unknown")), "a latency is an estimate, or not known",
             shown)


run(story)
