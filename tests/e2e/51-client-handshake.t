#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Client handshakes: the SYN-ACK late, the SYN lost once and twice."""
from traffic import connect
from world import *

COUNT = 7
# name, seconds to the SYN-ACK, which SYN is answered, slack in ms
CASES = [("SYN-ACK after 1 ms", 0.001, 1, 1), ("SYN-ACK after 80 ms", 0.08, 1, 1),
         ("SYN-ACK after 700 ms", 0.7, 1, 1), ("SYN lost once", 0.02, 2, 10),
         ("SYN lost twice", 0.02, 3, 10)]
FIRST_PORT = 7001


def answer_like(after, nth):
    """A script that answers and closes second; its answer: (kernel's port, SYN, SYN-ACK)."""
    def script(flow):
        syn, synack, _ = flow.answer(after, nth)
        flow.finish()
        return flow.remote_port, syn, synack
    return script


def story(w, t):
    peer = w.peer()
    for at, (_, after, nth, _) in enumerate(CASES):
        peer.serve(FIRST_PORT + at, answer_like(after, nth))
    with w.traces(EVENTS, LINES) as (events, lines):
        several([lambda port=FIRST_PORT + at: connect(PEER[IPV4], port).close()
                 for at in range(len(CASES)) for _ in range(COUNT)])
        made = [answer for answer in peer.join() if answer]

    t.none(flaws_of(events.chains()), "every chain is whole")
    t.equal(len(lines.connections), COUNT * len(CASES), "every connection has its line")
    for at, (name, _, nth, slack) in enumerate(CASES):
        latencies, handshakes = [], []
        for port, syn, synack in made:
            if syn.dport == FIRST_PORT + at:
                line = only(lines.connections, lport=port, rport=syn.dport)
                latencies.append(off_ms(line["handshake"]["latency_ns"], apart(syn, synack)))
                handshakes.append((line["handshake"]["retransmits"], line["handshake"]["quality"],
                                   line["handshake"]["flags"]))
        t.slight(median(latencies), slack, f"{name}: the latency runs from the first SYN")
        t.equal(handshakes, [(nth - 1, "exact", [])] * COUNT,
                f"{name}: {nth - 1} retransmissions, exact, no mark")


run(story)
