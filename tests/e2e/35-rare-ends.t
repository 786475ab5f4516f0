#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Ends that are seldom seen: FINs that cross, a fast open whose SYN-ACK nobody answers."""
import socket

from packet import OPTION_COOKIE, cookie
from traffic import TCP_FASTOPEN, kernel_states, listen, port_of, wait_for, wait_state
from world import *

COUNT = 3
RETRIES = 1  # SYN-ACKs sent again, but the kernel adds one for fast open


def cross(peer, listener):
    """The peer's FIN leaves before ours has come."""
    flow = peer.flow(port_of(listener))
    flow.open()
    listener.accept()[0].close()
    fin = flow.expect(FIN)
    flow.send(FIN | ACK, ack=fin.seq)
    wait_state(flow.remote_port, flow.port, "CLOSING")
    flow.send(ACK, ack=fin.seq + 1)
    return flow.port


def ask_for_cookie(peer, listener):
    flow = peer.flow(port_of(listener))
    _, synack, _ = flow.open(options=cookie())
    listener.accept()[0].close()
    flow.finish()
    return synack.options[OPTION_COOKIE]


def come_and_say_no_more(peer, listener, value):
    """Data in the SYN, which is accepted; the SYN-ACK is never acknowledged."""
    flow = peer.flow(port_of(listener))
    flow.send(SYN, b"early", options=cookie(value))
    flow.expect(SYN | ACK)
    server = listener.accept()[0]
    server.recv(10)
    return flow.port, server


def story(w, t):
    sysctl("ipv4.tcp_fastopen", 3)
    sysctl("ipv4.tcp_synack_retries", RETRIES)
    peer, crossed = w.peer(), listen(KERNEL[IPV4])
    early = listen(KERNEL[IPV4], options=((socket.IPPROTO_TCP, TCP_FASTOPEN, 16),))
    with w.trace(*LINES) as seen:
        value = ask_for_cookie(peer, early)
        silent = [come_and_say_no_more(peer, early, value) for _ in range(COUNT)]
        ports = [cross(peer, crossed) for _ in range(COUNT)]
        wait_for(lambda: not any(kernel_states().get((port_of(early), port))
                                 for port, _ in silent), 30 * w.patience)
        for _, server in silent:
            server.close()

    for name, listener, found, want in (
            ("FINs that cross", crossed, ports, ("closed", "both", None, "closed_by_both")),
            ("fast open, and silence", early, [port for port, _ in silent],
             ("timed_out", None, "ETIMEDOUT", "synack_timeout"))):
        lines = [only(seen.connections, lport=port_of(listener), rport=port) for port in found]
        t.equal([tuple(line["close"][key] for key in ("outcome", "initiator", "errno", "cause"))
                 for line in lines], [want] * COUNT, f"{name}: {want[3]}")


run(story)
