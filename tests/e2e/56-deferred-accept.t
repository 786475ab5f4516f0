#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Deferred accept: the kernel waits for data, so the latency includes the client's thinking."""
import socket

from traffic import TCP_DEFER_ACCEPT, listen, port_of
from world import *

COUNT = 5
DELAY, THINKING = 0.02, 0.2  # seconds to the third segment, and from there to the data


def call(peer, listener):
    """Returns (the peer's port, SYN-ACK, third segment, data)."""
    flow = peer.flow(port_of(listener))
    _, synack, third = flow.open(DELAY)
    sleep_until(third.stamp_ns, THINKING)
    data = flow.say(b"request")
    server = listener.accept()[0]
    server.recv(100)
    server.close()
    flow.finish()
    return flow.port, synack, third, data


def story(w, t):
    peer = w.peer()
    deferred = listen(KERNEL[IPV4], options=[(socket.IPPROTO_TCP, TCP_DEFER_ACCEPT, 5)])
    normal = listen(KERNEL[IPV4])
    with w.trace(*LINES) as lines:
        made = several([lambda listener=listener: call(peer, listener)
                        for listener in (deferred, normal) for _ in range(COUNT)])

    for name, listener, calls, flags, slack in (
            ("deferred", deferred, made[:COUNT], ["deferred"], 10),
            ("normal", normal, made[COUNT:], [], 1)):
        off, found = [], []
        for port, synack, third, data in calls:
            line = only(lines.connections, lport=port_of(listener), rport=port)
            end = data if flags else third
            off.append(off_ms(line["handshake"]["latency_ns"], apart(synack, end)))
            found.append(line["handshake"]["flags"])
        t.equal(found, [flags] * COUNT, f"{name}: marked {flags}")
        if flags and set(off) == {None}:
            t.ok(True, f"{name}: the latency is not known")
        else:
            t.slight(median(off), slack, f"{name}: the latency is the wire's")


run(story, needs=("passive",))
