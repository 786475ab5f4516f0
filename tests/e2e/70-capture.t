#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A packet capture as witness: 200 handshakes, each latency recomputed from the packets."""
import random

from traffic import connect, listen, port_of
from world import *

COUNT = 100  # each way
MOST_DOUBTED = 5  # of a hundred round trips that seem to be whole milliseconds
AT_ONCE = 10
PORT = 7001
MOST_DELAY = 0.12  # seconds


def call(peer, listener):
    flow = peer.flow(port_of(listener))
    flow.open(random.uniform(0, MOST_DELAY))
    listener.accept()[0].close()
    flow.finish()


def handshakes(packets):
    """From the packets alone: {(role, kernel's port, peer's port): latency in ns}.

    A client's runs from its first SYN to the SYN-ACK, a server's from its first SYN-ACK to the
    third segment.
    """
    starts, found = {}, {}
    for each in packets:
        opening, kernel_sent = each.flags & (SYN | ACK), each.src == KERNEL[IPV4]
        ends = (each.sport, each.dport) if kernel_sent else (each.dport, each.sport)
        role = "client" if ends[1] == PORT else "server"
        begins = kernel_sent and opening == (SYN if role == "client" else SYN | ACK)
        completes = not kernel_sent and opening == (SYN | ACK if role == "client" else ACK)
        if begins:
            starts.setdefault((role, *ends), each.stamp_ns)
        elif completes and (role, *ends) in starts:
            found.setdefault((role, *ends), each.stamp_ns - starts[role, *ends])
    return found


def story(w, t):
    peer, capture = w.peer(), Capture("peer0")
    listener = listen(KERNEL[IPV4])
    peer.serve(PORT, lambda flow: (flow.answer(random.uniform(0, MOST_DELAY)), flow.finish()))
    with w.trace(*LINES) as lines:
        for _ in range(COUNT // AT_ONCE):
            several([lambda: call(peer, listener),
                     lambda: connect(PEER[IPV4], PORT).close()] * AT_ONCE)
        peer.join()

    told = {(line["role"], line["lport"], line["rport"]): line["handshake"]["latency_ns"]
            for line in lines.connections}
    seen = handshakes(capture.packets())
    t.equal(len(seen), 2 * COUNT, "the capture has 200 handshakes")
    t.equal(sorted(told), sorted(seen), "the tracer has the same 200")
    for role in ("client", "server"):
        off = {key: off_ms(told.get(key), took) for key, took in seen.items() if key[0] == role}
        # Where requests are not seen, one that looks like a clock of milliseconds is not believed.
        if role == "server" and lines.summary["hooks"]["passive"] is None:
            unknown = [key for key in off if off[key] is None]
            t.few(unknown, MOST_DOUBTED, "server: unknown, for it may be off by a millisecond")
            off = {key: each for key, each in off.items() if key not in unknown}
        t.slight(median(off.values()), 1, f"{role}: as long as on the wire")
        t.none([f"{key}: {each} ms off" for key, each in off.items()
                if each is None or each > 5 * SLACK],
               f"{role}: line by line, none is 5 ms off")


run(story)
