#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A server's handshake is the time on the wire, from its first SYN-ACK to the third segment."""
from traffic import listen, port_of
from world import *

COUNT = 7
DELAY = 0.08  # seconds


def call(peer, listener, family):
    """Returns (the peer's port, the peer's packets SYN-ACK and third segment)."""
    flow = peer.flow(port_of(listener), family=family)
    _, synack, third = flow.open(DELAY)
    listener.accept()[0].close()
    flow.finish()
    return flow.port, synack, third


def story(w, t):
    peer = w.peer()
    listeners = {family: listen(KERNEL[family]) for family in (IPV4, IPV6)}
    with w.traces(EVENTS, LINES) as (events, lines):
        calls = {family: several([lambda: call(peer, listener, family)] * COUNT)
                 for family, listener in listeners.items()}

    t.equal(len(events.chains()), 2 * COUNT, "14 chains")
    t.none(flaws_of(events.chains()), "each is whole")
    for family, made in calls.items():
        name, port = family.name, port_of(listeners[family])
        off_start, off_end, off_line, quality = [], [], [], set()
        for peer_port, synack, third in made:
            chain = only(events.chains(), lport=port, rport=peer_port)
            line = only(lines.connections, lport=port, rport=peer_port)
            off_start.append(off_ms(chain.at("SYN_RECV"), synack.stamp_ns))
            off_end.append(off_ms(chain.at("ESTABLISHED"), third.stamp_ns))
            off_line.append(off_ms(line["handshake"]["latency_ns"], apart(synack, third)))
            quality.add(line["handshake"]["quality"])
        t.slight(median(off_start), 1, f"{name}: SYN_RECV begins when the SYN-ACK leaves")
        t.slight(median(off_end), 1, f"{name}: ESTABLISHED when the third segment comes")
        t.slight(median(off_line), 1, f"{name}: the latency is the peer's")
        t.equal(quality, {"exact"}, f"{name}: and exact")


run(story)
