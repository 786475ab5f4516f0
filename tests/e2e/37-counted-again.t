#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What is sent again is counted as the kernel counts it: by segments, SYNs apart, and what left.

A buffer may be many segments that a device parts; the data of a fast open is none of its SYN; an
attempt that never left the machine is none at all.
"""
import socket
import struct

from namespace import refuse_way
from packet import cookie, icmp_too_big
from traffic import listen, port_of, tcp_info, wait_for
from world import *

EARLY, MSG_FASTOPEN = 7411, 0x20000000
DATA = 17 * 1400


def acknowledge_slowly(peer, listener):
    """Nothing of the first flight is acknowledged, and all of it is sent again: one segment by its
    timer, then two by each ACK. Returns how many the wire saw twice."""
    flow = peer.flow(port_of(listener))
    flow.open()
    server = listener.accept()[0]
    start = expected = flow.rcv_nxt
    server.sendall(bytes(DATA))
    seen, twice = set(), 0
    while expected != (start + DATA) & 0xffffffff:
        segment = flow.expect(ACK)
        again = segment.seq in seen
        seen.add(segment.seq)
        twice += again
        if segment.seq == expected and (again or twice):
            expected = segment.end
            flow.send(ACK, ack=expected)
    server.close()
    flow.finish()
    return twice


def say_that_it_is_too_big(flow):
    """Gives a cookie, then a router has no room for the SYN that comes with data."""
    syn = flow.expect(SYN)
    if syn.data:
        flow.peer.transmit_raw(icmp_too_big(syn, 600))
        syn = flow.expect(SYN)  # at once, and the kernel tries its data, too
    flow.send(SYN | ACK, options=cookie(b"12345678"))
    flow.finish()


def connect_early():
    sock = socket.socket()
    sock.sendto(bytes(700), MSG_FASTOPEN, (PEER[IPV4], EARLY))
    sock.close()


def lose_the_way(peer, listener):
    """Its timer runs out while there is no way: no segment leaves, until there is one again."""
    flow = peer.flow(port_of(listener))
    flow.open()
    server = listener.accept()[0]
    refuse_way(PEER[IPV4])
    server.sendall(b"no way")
    wait_for(lambda: tcp_info(server).retransmits, 10)
    refuse_way(PEER[IPV4], False)
    flow.expect(ACK, data=b"no way")
    flow.send(ACK)
    server.close()
    flow.finish()


def story(w, t):
    sysctl("ipv4.tcp_early_retrans", 0)  # no tail loss probe before the timer
    sysctl("ipv4.tcp_fastopen", 1)
    peer = w.peer()
    slow, cut = listen(KERNEL[IPV4]), listen(KERNEL[IPV4])
    peer.serve(EARLY, say_that_it_is_too_big)
    with w.traces(LINES) as (seen,):
        moved = Deltas()
        twice = acknowledge_slowly(peer, slow)
        connect_early()
        connect_early()
        peer.join()
        lose_the_way(peer, cut)
        counted = {name: moved[name] for name in ("RetransSegs", "TCPSynRetrans",
                                                  "TCPRetransFail")}

    if seen.summary["hooks"]["retransmit"] is None:
        raise Skip("nothing tells of segments that are sent again")
    again = seen.summary["retransmits"]
    t.equal(sum(again.values()) + counted["TCPRetransFail"], counted["RetransSegs"],
            "all together: RetransSegs, less what could not be sent")
    t.equal(again["syn"] + again["synack"], counted["TCPSynRetrans"],
            "the SYNs among them: TCPSynRetrans")
    line = only(seen.connections, lport=port_of(slow))
    t.equal((sum(line["retransmits_by"].values()), line["retransmits"]), (twice, twice),
            "what an ACK let go is counted by segments, as the wire saw them")
    t.ok(twice > 10, "there were many", twice)
    line = where(seen.connections, rport=EARLY)[-1]
    t.equal((line["retransmits_by"]["syn"], line["handshake"]["retransmits"]), (1, 1),
            "the SYN of a fast open is one, its data none")
    for line in seen.connections:
        by = line["retransmits_by"]
        t.equal(sum(by.values()) if by else 0, line["retransmits"],
                "the causes add up to what the socket counts")


run(story)
