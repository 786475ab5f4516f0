#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Both ends at once: SYNs that cross, FINs that cross."""
from traffic import connect, listen, port_of, wait_state
from world import *

COUNT = 5
PORT = 7001
SIMULTANEOUS_OPEN = ["CLOSED", "SYN_SENT", "SYN_RECV", "ESTABLISHED"]
SIMULTANEOUS_CLOSE = ["FIN_WAIT1", "CLOSING", "TIME_WAIT"]


def opens_at_once(flow):
    """Answers a SYN with a SYN; the ACK that ends it is bare, which every kernel takes."""
    flow.expect(SYN)
    flow.send(SYN)
    flow.expect(SYN | ACK)
    flow.send(ACK)
    flow.finish()


def closes_at_once(flow, server):
    """Sends its FIN before it has seen the kernel's."""
    server.close()
    theirs = flow.expect(FIN)
    flow.send(FIN | ACK, ack=theirs.seq)
    wait_state(flow.remote_port, flow.port, "CLOSING")
    flow.send(ACK)
    wait_state(flow.remote_port, flow.port, "TIME_WAIT")


def story(w, t):
    peer, listener = w.peer(), listen(KERNEL[IPV4])
    port = port_of(listener)
    with w.traces(EVENTS, LINES) as (events, lines):
        for _ in range(COUNT):
            flow = peer.flow(port)
            flow.open()
            closes_at_once(flow, listener.accept()[0])
        flow = peer.flow(port)  # the twin: the same, but one end after the other
        flow.open()
        listener.accept()[0].close()
        flow.finish()
        peer.serve(PORT, opens_at_once)
        for _ in range(COUNT):
            connect(PEER[IPV4], PORT).close()
        peer.serve(PORT + 1, lambda flow: (flow.answer(), flow.finish()))
        connect(PEER[IPV4], PORT + 1).close()
        peer.join()

    found = events.chains()
    t.equal(len(found), 2 * COUNT + 2, "12 chains")
    t.none(flaws_of(found), "each is whole")
    t.equal([each.path for each in where(found, lport=port)],
            [SERVER_OPEN + SIMULTANEOUS_CLOSE] * COUNT + [SERVER_OPEN + CLOSES_FIRST],
            "FINs that cross go through CLOSING, others do not")
    t.equal([each.path for each in where(found, rport=PORT)],
            [SIMULTANEOUS_OPEN + CLOSES_FIRST] * COUNT, "SYNs that cross go through SYN_RECV")
    t.equal({each.last["role"] for each in where(found, rport=PORT)}, {"client"},
            "and stay the client's")
    closes = [line["close"]["initiator"] for line in where(lines.connections, lport=port)]
    t.equal(closes, ["both"] * COUNT + ["local"], "both began the close")
    flags = [line["handshake"]["flags"] for line in where(lines.connections, rport=PORT)]
    t.equal(flags, [["simultaneous"]] * COUNT, "the handshakes are marked simultaneous")
    t.equal([line["handshake"]["flags"] for line in where(lines.connections, rport=PORT + 1)], [[]],
            "an ordinary one is not")


run(story)
