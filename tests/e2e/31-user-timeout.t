#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""TCP_USER_TIMEOUT is why a connection ends if its time has passed, and not because it is set."""
import contextlib
import os
import socket
import time

from traffic import TCP_SYNCNT, TCP_USER_TIMEOUT, connect, kernel_states, wait_for
from world import *

LONG, SHORT = 60000, 1300  # ms
SYNS, MANY_SYNS, PLAIN_SYNS, DATA, WINDOW, SHORT_WINDOW, ORPHAN, IDLE, PLAIN_IDLE = \
    range(7601, 7610)
TCP = socket.IPPROTO_TCP


def call(port, *options):
    """A connect that nobody answers; returns how long it took, in seconds."""
    sock = socket.socket()
    for each in options:
        sock.setsockopt(TCP, *each)
    begun = time.monotonic()
    with contextlib.suppress(TimeoutError):
        sock.connect((PEER[IPV4], port))
    sock.close()
    return time.monotonic() - begun


def talk(port, *options, data=b"hello?"):
    """A connection whose peer falls silent behind its SYN-ACK."""
    sock = connect(PEER[IPV4], port)
    for each in options:
        sock.setsockopt(*each)
    time.sleep(0.05)
    if data:
        sock.sendall(data)
    sock.settimeout(None)
    with contextlib.suppress(OSError):
        sock.recv(1)
    sock.close()


def leave_behind(port, *options):
    """The same, left to the kernel with data that the peer has no room for."""
    sock = connect(PEER[IPV4], port)
    for each in options:
        sock.setsockopt(*each)
    sock.sendall(b"hello?")
    sock.close()
    wait_for(lambda: not any(rport == port for _, rport in kernel_states()), 40)


def user_timeout(ms):
    return (TCP, TCP_USER_TIMEOUT, ms)


def keepalives(count):
    return ((socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (TCP, socket.TCP_KEEPIDLE, 1),
            (TCP, socket.TCP_KEEPINTVL, 1), (TCP, socket.TCP_KEEPCNT, count))


def close_window(flow):
    flow.window = 0
    flow.answer()


ENDS = {SYNS: "syn_timeout", MANY_SYNS: "user_timeout", PLAIN_SYNS: "syn_timeout",
        DATA: "user_timeout", WINDOW: "probe_timeout", SHORT_WINDOW: "user_timeout",
        ORPHAN: "probe_timeout", IDLE: "user_timeout", PLAIN_IDLE: "keepalive_timeout"}


def story(w, t):
    sysctl("ipv4.tcp_syn_retries", 1)
    if os.path.exists("/proc/sys/net/ipv4/tcp_syn_linear_timeouts"):
        sysctl("ipv4.tcp_syn_linear_timeouts", 0)
    sysctl("ipv4.tcp_retries2", 3)
    sysctl("ipv4.tcp_orphan_retries", 2)
    peer = w.peer()
    for port in (DATA, IDLE, PLAIN_IDLE):
        peer.serve(port, lambda flow: flow.answer())
    for port in (WINDOW, SHORT_WINDOW, ORPHAN):
        peer.serve(port, close_window)
    with w.trace(*LINES) as seen:
        took = several([
            lambda: call(SYNS, (TCP_USER_TIMEOUT, LONG), (TCP_SYNCNT, 1)),
            lambda: call(MANY_SYNS, (TCP_USER_TIMEOUT, SHORT), (TCP_SYNCNT, 6)),
            lambda: call(PLAIN_SYNS),
            lambda: talk(DATA, user_timeout(SHORT)),
            lambda: talk(WINDOW, user_timeout(LONG)),
            lambda: talk(SHORT_WINDOW, user_timeout(SHORT)),
            lambda: leave_behind(ORPHAN, user_timeout(LONG)),
            lambda: talk(IDLE, user_timeout(SHORT), *keepalives(9), data=b""),
            lambda: talk(PLAIN_IDLE, *keepalives(2), data=b"")])

    if seen.summary["hooks"]["reset"] is None:
        raise Skip("not all of this can be seen on this rung")
    for port, cause in ENDS.items():
        line = only(seen.connections, rport=port)
        t.equal((line["close"]["outcome"], line["close"]["errno"], line["close"]["cause"]),
                ("timed_out", "ETIMEDOUT", cause), f"{port}: {cause}")
    t.ok(took[0] < LONG / 1000 and took[1] < took[0], "and so much time has passed, or not",
         took[:3])


run(story)
