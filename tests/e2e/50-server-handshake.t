#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Server handshakes: the third segment late, the SYN-ACK lost once and twice."""
from traffic import listen, port_of
from world import *

COUNT = 7
# name, seconds to the third segment, SYN-ACKs lost, timestamps option, slack in ms
CASES = [("third segment after 1 ms", 0.001, 0, True, 1),
         ("third segment after 80 ms", 0.08, 0, True, 1),
         ("third segment after 700 ms", 0.7, 0, True, 1),
         ("80 ms without timestamps", 0.08, 0, False, 1),
         ("SYN-ACK lost once", 0.02, 1, True, 10),
         ("SYN-ACK lost once, without timestamps", 0.02, 1, False, 10),
         ("SYN-ACK lost twice", 0.02, 2, True, 10)]


def call(peer, listener, third_after, lost, stamped):
    """Returns (the peer's port, first SYN-ACK, third segment) of one connection."""
    flow = peer.flow(port_of(listener))
    flow.use_timestamps = stamped
    _, synack, third = flow.open(third_after, drop_synacks=lost)
    listener.accept()[0].close()
    flow.finish()
    return flow.port, synack, third


def story(w, t):
    peer = w.peer()
    listeners = [listen(KERNEL[IPV4]) for _ in CASES]
    with w.traces(EVENTS, LINES) as (events, lines):
        made = several([lambda case=case, listener=listener: call(peer, listener, *case[1:4])
                        for case, listener in zip(CASES, listeners) for _ in range(COUNT)])

    t.none(flaws_of(events.chains()), "every chain is whole")
    t.equal(len(lines.connections), COUNT * len(CASES), "every connection has its line")
    for at, (name, _, lost, _, slack) in enumerate(CASES):
        starts, latencies, handshakes = [], [], []
        for peer_port, synack, third in made[at * COUNT:(at + 1) * COUNT]:
            chain = only(events.chains(), lport=port_of(listeners[at]), rport=peer_port)
            line = only(lines.connections, lport=port_of(listeners[at]), rport=peer_port)
            starts.append(off_ms(chain.at("SYN_RECV"), synack.stamp_ns))
            latencies.append(off_ms(line["handshake"]["latency_ns"], apart(synack, third)))
            handshakes.append((line["handshake"]["retransmits"], line["handshake"]["quality"],
                               line["handshake"]["flags"]))
        t.slight(median(latencies), slack, f"{name}: the latency is the peer's")
        t.slight(median(starts), slack, f"{name}: it begins with the first SYN-ACK")
        t.equal(handshakes, [(lost, "exact", [])] * COUNT,
                f"{name}: {lost} retransmissions, exact, no mark")


run(story, needs=("passive",))
