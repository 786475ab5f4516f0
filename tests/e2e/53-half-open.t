#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Requests that never become a connection: reset, abandoned, or no room in the accept queue."""
import time

from traffic import kernel_states, listen, port_of, wait_for
from world import *

COUNT = 3
RETRIES = 1  # SYN-ACKs sent again: the request dies 3 s after the first one
DELAY = 0.05  # seconds from the SYN-ACK to the reset


def reset_it(peer, port):
    flow = peer.flow(port)
    flow.send(SYN)
    synack = flow.expect(SYN | ACK)
    sleep_until(synack.stamp_ns, DELAY)
    flow.send(RST)
    return flow.port


def say_no_more(peer, port):
    flow = peer.flow(port)
    flow.send(SYN)
    flow.expect(SYN | ACK)
    return flow.port


def crowd(peer, port, accept=None):
    """Four handshakes end where the accept queue, of backlog 2, has room for three.

    The last third segment is dropped. With `accept` the queue is drained then, and the peer
    answers the SYN-ACK that is sent again. Returns (port, first SYN-ACK, last third segment).
    """
    flows = [peer.flow(port) for _ in range(4)]
    for flow in flows[:2]:
        flow.open()
    for flow in flows[2:]:
        flow.send(SYN)
    synacks = [flow.expect(SYN | ACK) for flow in flows[2:]]
    for flow in flows[2:]:
        third = flow.send(ACK)
    if accept:
        for _ in range(3):
            accept()
        flow.expect(SYN | ACK)
        third = flow.send(ACK)
        accept()
    return flow.port, synacks[-1], third


def story(w, t):
    sysctl("ipv4.tcp_synack_retries", RETRIES)
    sysctl("ipv4.tcp_syncookies", 0)
    peer, moved = w.peer(), Deltas()
    rude, silent, good = (listen(KERNEL[IPV4]) for _ in range(3))
    full, drained = (listen(KERNEL[IPV4], backlog=2) for _ in range(2))
    sockets = []
    with w.trace(*LINES, "--open") as lines:
        resets = [reset_it(peer, port_of(rude)) for _ in range(COUNT)]
        silences = [say_no_more(peer, port_of(silent)) for _ in range(COUNT)]
        lost, _, _ = crowd(peer, port_of(full))
        kept, synack, third = crowd(peer, port_of(drained),
                                    lambda: sockets.append(drained.accept()[0]))
        flow = peer.flow(port_of(good))
        flow.open()
        good.accept()[0].close()
        flow.finish()
        wait_for(lambda: not any(state == "SYN_RECV" for state, _ in kernel_states().values()), 10)
        time.sleep(0.2)
        for sock in sockets:
            sock.close()

    dead = lines.of("half_open")
    t.equal(sorted(line["rport"] for line in dead), sorted(resets + silences + [lost]),
            "each request that died has one half_open line, no other has")
    for ports, outcome, again, low, high in (
            (resets, "reset_received", 0, 50, 50 + 20 * SLACK),
            (silences, "handshake_abandoned", RETRIES, 2900, 4500)):
        found = [line for line in dead if line["rport"] in ports]
        t.equal([(line["outcome"], line["synack_retransmits"]) for line in found],
                [(outcome, again)] * COUNT, f"{outcome}, {again} SYN-ACKs sent again")
        t.between(median(line["age_ns"] / MS for line in found), low, high, f"{outcome}: its age",
                  "ms")
    t.equal([line["outcome"] for line in where(dead, rport=lost)], ["overflow"],
            "no room in the accept queue: overflow")
    t.equal({row["cause"]: row["count"] for row in lines.of("failure") if row["lport"] in
             (port_of(rude), port_of(silent), port_of(full))},
            {"request_reset": COUNT, "handshake_abandoned": COUNT, "accept_queue_full": 1},
            "and they are among the failures")
    connected = [line["rport"] for line in lines.connections]
    t.equal(sorted(set(connected) & set(resets + silences + [lost])), [],
            "none of them is a connection")
    t.ok(moved["ListenOverflows"] >= 2, "the kernel counts the overflows too")
    late = where(lines.connections, rport=kept)
    t.equal(len(late), 1, "one that found room later is a connection")
    latency = late[0]["handshake"]["latency_ns"] if late else None
    t.ok(latency is None or off_ms(latency, apart(synack, third)) <= 10 * SLACK,
         "whose handshake ended with the segment that was taken, or is not known", latency)


run(story, needs=("passive",), makes=("half_open",))
