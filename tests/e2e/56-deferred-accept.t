#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Deferred accept: the kernel waits for data, which is no part of the handshake.

Where a hook sees the ACK that is dropped, that is its end; else the latency has the client's
thinking in it, says so, and stands apart in the histograms.
"""
import socket

from traffic import TCP_DEFER_ACCEPT, listen, port_of
from world import *

COUNT = 5
DELAY, THINKING = 0.02, 0.2  # seconds to the third segment, and from there to the data
TEXT = ("trace", "-N", "self")


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


def handshakes_in(text, port):
    """The column HANDSHK of a narrow table, of the connections of a server's port."""
    header, *rows = text.splitlines()
    end = header.index("HANDSHK") + len("HANDSHK")
    return [row[:end].split()[-1] for row in rows if f" {port} " in row[:end]]


def check_apart(t, hist, quality):
    """Percentiles are those of exact handshakes alone."""
    servers, others = (hist.histogram(name) for name in ("handshake_server", "handshake_estimated"))
    exact, estimated, reasons = {"exact": (2 * COUNT, 0, None),
                                 "estimated": (COUNT, COUNT, {"deferred": COUNT})}[quality]
    t.equal((servers["count"], servers["by_quality"]["estimated"]), (exact, estimated),
            "handshake_server has the exact ones, and says how many are not")
    t.ok(servers["max"] < (DELAY + THINKING) * SECOND, "and no thinking", servers["max"])
    t.equal(reasons and {name: count for name, count in others["by_reason"].items() if count},
            reasons, "handshake_estimated has the others, and says why")


def story(w, t):
    peer = w.peer()
    deferred = listen(KERNEL[IPV4], options=[(socket.IPPROTO_TCP, TCP_DEFER_ACCEPT, 5)])
    normal = listen(KERNEL[IPV4])
    with w.traces(LINES, HIST) as (lines, hist):
        text = Tracer(TEXT, w.patience).wait_ready()
        made = several([lambda listener=listener: call(peer, listener)
                        for listener in (deferred, normal) for _ in range(COUNT)])
        peer.settle()
        words = text.stop().out.decode()

    qualities = set()
    for name, listener, calls, flags in (("deferred", deferred, made[:COUNT], ["deferred"]),
                                         ("normal", normal, made[COUNT:], [])):
        off, found = [], []
        for port, synack, third, data in calls:
            shown = only(lines.connections, lport=port_of(listener), rport=port)["handshake"]
            is_exact = shown["quality"] == "exact"
            off.append(off_ms(shown["latency_ns"], apart(synack, third if is_exact else data)))
            found.append(shown["flags"])
            if flags:
                qualities.add(shown["quality"])
        t.equal(found, [flags] * COUNT, f"{name}: marked {flags}")
        t.slight(median(off), 1, f"{name}: the latency is the wire's")
    t.equal(len(qualities), 1, "all of them are as good")
    quality = qualities.pop()
    t.ok(quality in ("exact", "estimated"), f"deferred: {quality}")
    for listener, is_marked in ((deferred, quality == "estimated"), (normal, False)):
        shown = handshakes_in(words, port_of(listener))
        t.equal([each.startswith("~") for each in shown], [is_marked] * COUNT,
                "a narrow table marks an estimate, and nothing else")
    check_apart(t, hist, quality)


run(story, needs=("passive",))
