#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SYN cookies: the server keeps no state, so there is no latency to tell, and none is made up."""
from traffic import listen, port_of
from world import *

COUNT = 5
DELAY = 0.04  # seconds


def call(peer, listener, stamped):
    flow = peer.flow(port_of(listener))
    flow.use_timestamps = stamped
    flow.open(DELAY)
    listener.accept()[0].close()
    flow.finish()


def story(w, t):
    peer = w.peer()
    stamped, bare, normal = (listen(KERNEL[IPV4]) for _ in range(3))
    moved = Deltas()
    with w.traces(LINES, HIST) as (lines, hist):
        sysctl("ipv4.tcp_syncookies", 2)
        several([lambda: call(peer, stamped, True)] * COUNT
                + [lambda: call(peer, bare, False)] * COUNT)
        t.equal(moved["SyncookiesRecv"], 2 * COUNT, "10 connections came with a cookie")
        sysctl("ipv4.tcp_syncookies", 0)
        several([lambda: call(peer, normal, True)] * COUNT)

    for name, listener in (("with timestamps", stamped), ("without", bare)):
        found = [line["handshake"] for line in where(lines.connections, lport=port_of(listener))]
        t.equal([(each["latency_ns"], each["quality"]) for each in found],
                [(None, "unknown")] * COUNT, f"{name}: no latency, quality unknown")
        t.equal([each["flags"] for each in found], [["syncookie"]] * COUNT, f"{name}: marked")
    found = [line["handshake"] for line in where(lines.connections, lport=port_of(normal))]
    t.equal([(each["quality"], each["flags"]) for each in found], [("exact", [])] * COUNT,
            "without cookies: exact, not marked")
    servers = hist.histogram("handshake_server")
    t.equal(servers and servers["count"], COUNT, "the histogram has those that are known")


run(story, needs=("passive",))
