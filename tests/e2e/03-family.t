#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The family of a connection is the one on the wire, whatever socket carries it."""
import socket

from traffic import finish, listen, pair, port_of
from world import *

COUNT = 5
MAPPED = "::ffff:127.0.0.1"
# listener: address, dual stack; client: address, socket's family; on the wire: family, address
WIRES = [("127.0.0.1", False, "127.0.0.1", socket.AF_INET, "ipv4", "127.0.0.1"),
         ("::1", False, "::1", socket.AF_INET6, "ipv6", "::1"),
         ("::", True, "127.0.0.1", socket.AF_INET, "ipv4", "127.0.0.1"),
         ("::", True, MAPPED, socket.AF_INET6, "ipv4", "127.0.0.1"),
         ("::", True, "::1", socket.AF_INET6, "ipv6", "::1"),
         ("127.0.0.1", False, MAPPED, socket.AF_INET6, "ipv4", "127.0.0.1")]


def story(w, t):
    listeners = [listen(address, dual=dual) for address, dual, *_ in WIRES]
    with w.traces(EVENTS, LINES) as (events, lines):
        for listener, (_, _, address, family, *_) in zip(listeners, WIRES):
            for _ in range(COUNT):
                finish(*pair(listener, address, family=family))

    for listener, (bound, _, address, family, wire, shown) in zip(listeners, WIRES):
        name = f"{family.name} socket to {address}, listener on {bound}"
        port = port_of(listener)
        for ends in ({"lport": port}, {"rport": port}):
            chains_ = where(events.chains(), family=wire, laddr=shown, raddr=shown, **ends)
            t.equal(len(chains_), COUNT, f"{name}: {COUNT} chains are {wire} with {ends}")
            t.none(flaws_of(chains_), f"{name}: each is whole")
            t.equal(len(where(lines.connections, family=wire, laddr=shown, raddr=shown, **ends)),
                    COUNT, f"{name}: and so are {COUNT} lines")
    t.equal(len(events.chains()), 2 * COUNT * len(WIRES), "no other chain")
    t.ok(b"::ffff:" not in events.out + lines.out, "::ffff: is never printed")


run(story)
