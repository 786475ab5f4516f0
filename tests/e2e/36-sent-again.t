#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What was sent again, and why: by connection, and all together as the kernel counts it."""
import socket
import struct
import time

from packet import OPTION_NOP, OPTION_SACK
from traffic import connect, listen, port_of
from world import *

LATE, GOOD = 7401, 7402
KINDS = ("syn", "synack", "timeout", "fast", "probe")


def sack(*blocks):
    """The option that tells of data behind a hole."""
    raw = b"".join(struct.pack("!II", *block) for block in blocks)
    return struct.pack("!BBBB", OPTION_NOP, OPTION_NOP, OPTION_SACK, 2 + len(raw)) + raw


def accepted(peer, listener, **how):
    flow = peer.flow(port_of(listener))
    flow.open(**how)
    server = listener.accept()[0]
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return flow, server


def say_twice(peer, listener):
    """Data that is not acknowledged before its timer has sent it again."""
    flow, server = accepted(peer, listener)
    server.sendall(b"hello")
    flow.expect(ACK, data=b"hello")
    flow.expect(ACK, data=b"hello")
    flow.send(ACK)
    server.close()
    flow.finish()


def lose_one(peer, listener):
    """Acknowledgements of what came behind it tell that the first of six segments was lost."""
    flow, server = accepted(peer, listener)
    first = flow.rcv_nxt
    for _ in range(6):
        server.sendall(b"data")
        flow.expect(ACK, data=b"data")
    for count in range(2, 7):
        flow.send(ACK, ack=first, options=sack((first + 4, first + 4 * count)))
    flow.expect(ACK, data=b"data")
    flow.send(ACK, ack=first + 24)
    server.close()
    flow.finish()


def story(w, t):
    sysctl("ipv4.tcp_early_retrans", 0)  # no tail loss probe before the timer
    peer = w.peer()
    slow, lost, hasty = (listen(KERNEL[IPV4]) for _ in range(3))
    peer.serve(LATE, lambda flow: flow.answer(nth=2) and flow.finish())
    peer.serve(GOOD, lambda flow: flow.answer() and flow.finish())
    with w.trace(*LINES) as seen:
        moved = Deltas()
        connect(PEER[IPV4], LATE).close()
        connect(PEER[IPV4], GOOD).close()
        say_twice(peer, slow)
        lose_one(peer, lost)
        flow, server = accepted(peer, hasty, drop_synacks=1)
        server.close()
        flow.finish()
        peer.join()
        time.sleep(0.1)
        counted = moved["RetransSegs"]

    if seen.summary["hooks"]["retransmit"] is None:
        t.equal({str(line["retransmits_by"]) for line in seen.connections}, {"None"},
                "where nobody tells what is sent again, it is not known why")
        return
    by = {line["rport"] if line["role"] == "client" else line["lport"]: line["retransmits_by"]
          for line in seen.connections}
    for port, kind in ((LATE, "syn"), (port_of(slow), "timeout"), (port_of(lost), "fast"),
                       (port_of(hasty), "synack")):
        t.equal({each: count for each, count in by[port].items() if count}, {kind: 1},
                f"sent again once: {kind}")
        t.equal(tuple(by[port]), KINDS, "and the other kinds are known to be 0")
    t.equal(by[GOOD], None, "nothing was sent again")
    sums = {kind: sum(each[kind] for each in by.values() if each) for kind in KINDS}
    t.equal(sums, seen.summary["retransmits"], "together they are those of the summary")
    t.equal(sum(sums.values()), counted, "and what the kernel has counted")
    t.equal(sum(line["retransmits"] for line in seen.connections), counted,
            "and each connection's own count")


run(story)
