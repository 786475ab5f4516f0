#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Histograms of handshakes against the clock of a scripted peer, and of dwell times."""
import re
import time

from traffic import connect, free_port, listen, pair, port_of, wait_state
from world import *

SLOW, QUICK, SLOW_DELAY, QUICK_DELAY = 7001, 7002, 0.08, 0.02  # seconds
LINGER = 0.05  # seconds
CLIENTS, SERVERS, REFUSED, LINGERING = 11, 7, 5, 3
OLDER, NEWER = 2, 3  # in CLOSE_WAIT, before the run and in it
AGE = 0.15  # seconds
BY_RPORT, BY_LPORT = (*HIST, "--by", "rport"), (*HIST, "--by", "lport")


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


def grouped(run_, name, key):
    """The histograms of this name by the port that `key` names."""
    return {int(line["by"][key]): line for line in run_.of("histogram")
            if line["name"] == name and key in line["by"]}


def near_median(t, histogram, delays, name):
    """The median is the one of these delays (ns), within 1 ms and the 1 % of a bucket."""
    want = median(delays) / MS
    t.near((histogram.get("p50") or 0) / MS, want, 1 + want / 100, name)


def leave(listener, count):
    """Servers whose clients have closed, and who do not."""
    servers = []
    for _ in range(count):
        client, server = pair(listener)
        client.close()
        wait_state(port_of(listener), server.getpeername()[1], "CLOSE_WAIT")
        servers.append(server)
    return servers


def names_who_stays(w, t):
    """Who never leaves a state has no duration, and is not to be overlooked for that."""
    listener = listen()
    left = leave(listener, OLDER)
    kept = pair(listener)
    with w.traces(("hist", "-N", "self"),
                  ("hist", "-N", "self", "--only", "state_close_wait"), HIST) as (text, one, lines):
        time.sleep(AGE)
        left += leave(listener, NEWER)
    said = text.so_far().decode()
    bounds = re.findall(r"^ +(?:ESTABLISHED|CLOSE_WAIT) +\d+ +>([\d.]+)(ms|s)$", said, re.M)
    t.ok(len(bounds) == 2 and all(float(n) >= AGE * {"ms": 1000, "s": 1}[unit]
                                  for n, unit in bounds),
         "who is older than the run has been there for all of it at least", said)
    t.ok(re.search(rf"^not over at the end.*\n +STATE .*\n(?: +\S+ .*\n)*"
                   rf" +CLOSE_WAIT +{OLDER + NEWER} +>\S+$", said, re.M),
         "those that nobody closes are beneath the histograms, the oldest with a bound", said)
    t.ok(re.search(rf"^  STATE .*\n  CLOSE_WAIT +{OLDER + NEWER} +>\S+\Z",
                   one.so_far().decode().rstrip(), re.M),
         "beneath one alone, those of its state alone", one.so_far())
    told = {line["state"]: line for line in lines.of("staying")}
    t.equal({state: (line["count"], line["oldest_quality"]) for state, line in told.items()
             if state in ("CLOSE_WAIT", "ESTABLISHED")},
            {"CLOSE_WAIT": (OLDER + NEWER, "at_least"), "ESTABLISHED": (2, "at_least")},
            "JSON has a line for each state")
    t.none([line for line in told.values() if line["oldest_quality"] == "at_least"
            and line["oldest_ns"] < AGE * 1000 * MS], "with the same bounds")
    for each in (*left, *kept):
        each.close()


def story(w, t):
    peer, wire, local = w.peer(), listen(KERNEL[IPV4]), listen()
    peer.serve(SLOW, answer_after(SLOW_DELAY))
    peer.serve(QUICK, answer_after(QUICK_DELAY))
    with w.traces(HIST, BY_RPORT, BY_LPORT) as (plain, by_rport, by_lport):
        several([lambda: connect(PEER[IPV4], SLOW).close()] * CLIENTS)
        slow = peer.join()
        several([lambda: connect(PEER[IPV4], QUICK).close()] * CLIENTS)
        quick = peer.join()[CLIENTS:]
        served = several([lambda: call(peer, wire)] * SERVERS)
        lingered = [linger_in_close_wait(local) for _ in range(LINGERING)]
        refuse(free_port())

    t.none([flaw for line in plain.of("histogram") + by_rport.of("histogram")
            if (flaw := buckets_flaw(line))], "every histogram agrees with itself")
    clients = plain.histogram("handshake_client")
    t.equal(clients and (clients["count"], clients["unit"]), (2 * CLIENTS + LINGERING, "ns"),
            "handshake_client counts what was established, not what was refused")
    groups = grouped(by_rport, "handshake_client", "rport")
    for port, delays in ((SLOW, slow), (QUICK, quick)):
        group = groups.get(port, {})
        t.equal(group.get("count"), CLIENTS, f"by rport: {CLIENTS} to {port}")
        near_median(t, group, delays, f"the median to {port}")
    servers = plain.histogram("handshake_server")
    t.equal(servers and servers["count"], SERVERS + LINGERING, "handshake_server counts the others")
    servers = grouped(by_lport, "handshake_server", "lport").get(port_of(wire), {})
    t.equal(servers.get("count"), SERVERS, "by lport: 7 from the wire")
    near_median(t, servers, served, "the median of them")
    waits = plain.histogram("state_close_wait")
    t.equal(waits and waits["count"], LINGERING, "3 were in CLOSE_WAIT")
    t.between(waits and waits["p50"] / MS, LINGER * 1000 * 0.99, median(lingered) / MS * 1.01,
              "for 50 ms, or what a busy machine makes of them", "ms")
    established = plain.histogram("state_established")
    t.equal(established and established["count"], 2 * CLIENTS + SERVERS + 2 * LINGERING,
            "every established connection was in ESTABLISHED")
    names_who_stays(w, t)


run(story)
