#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Histograms of handshakes against the clock of a scripted peer, and of dwell times."""
import time

from traffic import connect, free_port, listen, pair, port_of
from world import *

SLOW, QUICK, SLOW_DELAY, QUICK_DELAY = 7001, 7002, 0.08, 0.02  # seconds
LINGER = 0.05  # seconds
CLIENTS, SERVERS, REFUSED, LINGERING = 11, 7, 5, 3
BY_PORT = (*HIST, "--by", "rport")


def answer_after(delay):
    def script(flow):
        first, synack, _ = flow.answer(delay)
        flow.finish()
        return apart(first, synack)
    return script


def call(peer, listener):
    """The peer connects, its third segment comes late; returns what it measured."""
    flow = peer.flow(port_of(listener))
    _, synack, third = flow.open(SLOW_DELAY)
    listener.accept()[0].close()
    flow.finish()
    return apart(synack, third)


def linger_in_close_wait(listener):
    """Returns for how long at most the server was in CLOSE_WAIT, in nanoseconds."""
    client, server = pair(listener)
    start = time.monotonic_ns()
    client.close()
    server.recv(1)
    time.sleep(LINGER)
    server.close()
    return time.monotonic_ns() - start


def refuse(port):
    for _ in range(REFUSED):
        try:
            connect("127.0.0.1", port)
        except ConnectionRefusedError:
            pass


def buckets_flaw(histogram):
    """Why the buckets of a histogram contradict its numbers, or None."""
    buckets = histogram["buckets"]
    if sum(count for _, _, count in buckets) != histogram["count"]:
        return "the buckets do not add up to the count"
    if any(low >= high for low, high, _ in buckets):
        return "a bucket is empty by its bounds"
    if any(before[1] > after[0] for before, after in zip(buckets, buckets[1:])):
        return "buckets overlap"
    if not histogram["count"]:
        return None
    marks = [histogram[name] for name in ("min", "p50", "p90", "p99", "p999", "max")]
    return None if marks == sorted(marks) else f"percentiles out of order: {marks}"


def grouped_by_port(run_, name):
    """The histograms of this name by remote port."""
    return {int(line["by"]["rport"]): line for line in run_.of("histogram")
            if line["name"] == name and "rport" in line["by"]}


def story(w, t):
    peer, wire, local = w.peer(), listen(KERNEL[IPV4]), listen()
    peer.serve(SLOW, answer_after(SLOW_DELAY))
    peer.serve(QUICK, answer_after(QUICK_DELAY))
    with w.traces(HIST, BY_PORT) as (plain, by_port):
        several([lambda: connect(PEER[IPV4], SLOW).close()] * CLIENTS)
        slow = peer.join()
        several([lambda: connect(PEER[IPV4], QUICK).close()] * CLIENTS)
        quick = peer.join()[CLIENTS:]
        served = several([lambda: call(peer, wire)] * SERVERS)
        lingered = [linger_in_close_wait(local) for _ in range(LINGERING)]
        refuse(free_port())

    t.none([flaw for line in plain.of("histogram") + by_port.of("histogram")
            if (flaw := buckets_flaw(line))], "every histogram agrees with itself")
    clients = plain.histogram("handshake_client")
    t.equal(clients and (clients["count"], clients["unit"]), (2 * CLIENTS + LINGERING, "ns"),
            "handshake_client counts what was established, not what was refused")
    groups = grouped_by_port(by_port, "handshake_client")
    for port, delays in ((SLOW, slow), (QUICK, quick)):
        group = groups.get(port, {})
        t.equal(group.get("count"), CLIENTS, f"by rport: {CLIENTS} to {port}")
        t.near((group.get("p50") or 0) / MS, median(delays) / MS, 1, f"the median to {port}")
    servers = plain.histogram("handshake_server")
    t.equal(servers and servers["count"], SERVERS + LINGERING, "handshake_server counts the others")
    t.near((servers or {}).get("max", 0) / MS, max(served) / MS, 1.5, "the slowest of them")
    t.near((servers or {}).get("p50", 0) / MS, median(served) / MS, 1.5, "and the median")
    waits = plain.histogram("state_close_wait")
    t.equal(waits and waits["count"], LINGERING, "3 were in CLOSE_WAIT")
    t.between(waits and waits["p50"] / MS, LINGER * 1000 * 0.99, median(lingered) / MS * 1.01,
              "for 50 ms, or what a busy machine makes of them", "ms")
    established = plain.histogram("state_established")
    t.equal(established and established["count"], 2 * CLIENTS + SERVERS + 2 * LINGERING,
            "every established connection was in ESTABLISHED")


run(story)
