#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Connections that never come about on the client's side: each has its cause and its time."""
import contextlib
import socket
import time

from packet import icmp_unreachable
from traffic import connect, listen, port_of
from world import *

COUNT = 3
REFUSED, SILENT, UNREACHABLE, LEFT, GOOD = range(7001, 7006)
DELAY = 0.03  # seconds from a SYN to the refusal


def refuse(flow):
    """Returns the SYN and the reset."""
    syn = flow.expect(SYN)
    sleep_until(syn.stamp_ns, DELAY)
    return syn, flow.send(RST | ACK, seq=0)


def unreachable(flow):
    """Says so as a router would."""
    syn = flow.expect(SYN)
    sleep_until(syn.stamp_ns, DELAY)
    flow.peer.transmit_raw(icmp_unreachable(syn))


def fail(port):
    with contextlib.suppress(OSError):
        connect(PEER[IPV4], port, timeout=None)
        raise AssertionError(f"connect to {port} must fail")


def leave():
    """Gives up a connect that is under way."""
    sock = socket.socket()
    sock.setblocking(False)
    sock.connect_ex((PEER[IPV4], LEFT))
    time.sleep(DELAY)
    sock.close()


def no_port_left(listener):
    """Connects when the only ephemeral port is taken; the errno that connect gives."""
    sysctl("ipv4.ip_local_port_range", "50001 50001")
    first = connect("127.0.0.1", port_of(listener))
    try:
        connect("127.0.0.1", port_of(listener))
        return None
    except OSError as error:
        return error.strerror
    finally:
        first.close()


def story(w, t):
    sysctl("ipv4.tcp_syn_retries", 1)
    peer, local, moved = w.peer(), listen(), Deltas()
    for port, script in ((REFUSED, refuse), (UNREACHABLE, unreachable),
                         (GOOD, lambda flow: flow.answer(DELAY) and flow.finish())):
        peer.serve(port, script)
    with w.traces(EVENTS, LINES, HIST) as (events, lines, hist):
        several([lambda port=port: fail(port) for port in (REFUSED, SILENT, UNREACHABLE)
                 for _ in range(COUNT)] + [leave] * COUNT)
        connect(PEER[IPV4], GOOD).close()
        refusals = [answer for answer in peer.join() if answer and answer[0].dport == REFUSED]
        fails = moved["AttemptFails"]
        error = no_port_left(local)

    def closes(port):
        return [(line["close"]["outcome"], line["close"]["errno"])
                for line in where(lines.connections, rport=port)]

    t.none(flaws_of(events.chains()), "every chain is whole")
    t.equal(closes(REFUSED), [("refused", "ECONNREFUSED")] * COUNT, "a reset for a SYN: refused")
    t.equal(closes(SILENT), [("timed_out", "ETIMEDOUT")] * COUNT, "silence: timed out")
    t.equal(closes(UNREACHABLE), [("unreachable", "EHOSTUNREACH")] * COUNT, "ICMP: unreachable")
    t.equal([outcome for outcome, _ in closes(LEFT)], ["aborted"] * COUNT, "closed by us: aborted")
    t.equal(closes(GOOD), [("closed", None)], "and the one that works is closed")
    t.equal(fails, 3 * COUNT, "the kernel counts the same failures, less those that we left")
    off = [off_ms(only(events.chains(), rport=REFUSED, lport=syn.sport).dwell("SYN_SENT"),
                  apart(syn, rst)) for syn, rst in refusals]
    t.slight(median(off), 1, "refused: the time it took")
    for port in (UNREACHABLE, LEFT):
        times = [each.dwell("SYN_SENT") / MS for each in where(events.chains(), rport=port)]
        t.between(median(times), DELAY * 1000, 1000 * w.patience,
                  f"{port}: it took as long as that", "ms")
    syns = [each for each in peer.packets if each.dport == SILENT]
    retransmits = [line["handshake"]["retransmits"] for line in where(lines.connections,
                                                                      rport=SILENT)]
    t.equal(sum(retransmits), len(syns) - COUNT, "silence: retransmissions as on the wire")
    ours = [(line["close"]["errno"], line["close"]["cause"], line["handshake"]["latency_ns"])
            for line in where(lines.connections, role="client", rport=port_of(local))
            if line["handshake"]["latency_ns"] is None]
    t.equal((error, ours), ("Cannot assign requested address",
                            [("EADDRNOTAVAIL", "connect_failed", None)]),
            "no port left: a line with its cause")
    clients = hist.histogram("handshake_client")
    t.equal(clients and clients["count"], 2, "only what was established is in handshake_client")


run(story)
