#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Fast open, both ends: the data is early, the handshake is still the one on the wire."""
import os
import socket
import time

from packet import OPTION_COOKIE, cookie
from traffic import TCP_FASTOPEN, listen, port_of
from world import *

COUNT = 5
DELAY = 0.08  # seconds
PORT = 7001
MSG_FASTOPEN = 0x20000000


def ask_for_cookie(peer, listener):
    """An ordinary handshake that asks; returns (the peer's port, the cookie)."""
    flow = peer.flow(port_of(listener))
    _, synack, _ = flow.open(options=cookie())
    listener.accept()[0].close()
    flow.finish()
    return flow.port, synack.options[OPTION_COOKIE]


def come_with_cookie(peer, listener, value):
    """Data in the SYN; returns (the peer's port, SYN-ACK, third segment)."""
    flow = peer.flow(port_of(listener))
    flow.send(SYN, b"early", options=cookie(value))
    synack = flow.expect(SYN | ACK)
    server = listener.accept()[0]
    early = server.recv(10)
    sleep_until(synack.stamp_ns, DELAY)
    third = flow.send(ACK)
    assert early == b"early", early
    time.sleep(0.01)
    server.close()
    flow.finish()
    return flow.port, synack, third


def give_cookie(flow):
    """The peer as server; returns (the kernel's port, SYN, SYN-ACK)."""
    syn = flow.expect(SYN)
    sleep_until(syn.stamp_ns, DELAY)
    synack = flow.send(SYN | ACK, options=cookie(b"12345678"))
    flow.finish()
    return flow.remote_port, syn, synack


def connect_early():
    """The kernel as client: data in the SYN as soon as it has a cookie."""
    sock = socket.socket()
    sock.sendto(b"early", MSG_FASTOPEN, (PEER[IPV4], PORT))
    time.sleep(2 * DELAY)
    sock.close()


def judge(t, lines, name, made, flags, **end):
    """Each connection's handshake is as long as the peer saw it, and marked as it should be."""
    off, marks = [], []
    for port, start, stop in made:
        line = only(lines, **{key: port if value is None else value for key, value in end.items()})
        off.append(off_ms(line["handshake"]["latency_ns"], apart(start, stop)))
        marks.append(line["handshake"]["flags"])
    t.slight(median(off), 1, f"{name}: the latency is the wire's")
    t.equal(marks, [flags] * len(made), f"{name}: marked {flags}")


def story(w, t):
    sysctl("ipv4.tcp_fastopen", 3)
    if os.path.exists("/proc/sys/net/ipv4/tcp_fastopen_blackhole_timeout_sec"):
        sysctl("ipv4.tcp_fastopen_blackhole_timeout_sec", 0)
    peer = w.peer()
    listener = listen(KERNEL[IPV4], options=[(socket.IPPROTO_TCP, TCP_FASTOPEN, 16)])
    peer.serve(PORT, give_cookie)
    with w.traces(EVENTS, LINES) as (events, lines):
        asked, value = ask_for_cookie(peer, listener)
        served = [come_with_cookie(peer, listener, value) for _ in range(COUNT)]
        for _ in range(1 + COUNT):
            connect_early()
        called = peer.join()

    t.none(flaws_of(events.chains()), "every chain is whole")
    port = port_of(listener)
    t.equal(only(lines.connections, lport=port, rport=asked)["handshake"]["flags"], [],
            "who only asks for a cookie is not marked")
    judge(t, lines.connections, "server", served, ["fastopen"], lport=port, rport=None)
    t.none([each for each in called[1:] if each[1].data != b"early"], "the SYNs had data")
    judge(t, lines.connections, "client without a cookie", called[:1], [], rport=PORT, lport=None)
    judge(t, lines.connections, "client", called[1:], ["fastopen"], rport=PORT, lport=None)


run(story)
