#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Peers that fall silent: each kind of timeout has its name, and the number of tries it took."""
import contextlib
import socket
import time

from packet import icmp_unreachable
from traffic import connect, kernel_states, port_of, wait_for
from world import *

SILENT, DEAF, HASTY, IDLE, SHUT, STAYS, LOST, GOOD = range(7201, 7209)
TCP_USER_TIMEOUT = 18
RETRIES, KEEPALIVES = 3, 2


def answer(flow):
    flow.answer()


def lose(flow):
    """Answers the SYN; whatever comes then meets a router that knows no way."""
    flow.answer()
    while True:
        with contextlib.suppress(AssertionError):
            flow.peer.transmit_raw(icmp_unreachable(flow.expect(ACK, within=0.5)))
            continue
        return


def close_window(flow):
    """Has no room from the start: what is in flight when a window closes is another matter."""
    flow.window = 0
    flow.answer()


def keep_fin(flow):
    """Acknowledges the FIN and sends none."""
    flow.answer()
    flow.expect(FIN)
    flow.send(ACK)


def wait_for_the_end(sock):
    """The error with which it ends."""
    sock.settimeout(None)
    try:
        sock.recv(1)
    except OSError as error:
        return error.errno
    finally:
        sock.close()
    return None


def be_silent(port):
    with contextlib.suppress(OSError):
        connect(PEER[IPV4], port, timeout=None)


def talk(port, *options, data=b"hello?"):
    sock = connect(PEER[IPV4], port)
    for each in options:
        sock.setsockopt(*each)
    time.sleep(0.05)
    if data:
        sock.sendall(data)
    wait_for_the_end(sock)


def keep_alive(port):
    tcp = socket.IPPROTO_TCP
    talk(port, (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (tcp, socket.TCP_KEEPIDLE, 1),
         (tcp, socket.TCP_KEEPINTVL, 1), (tcp, socket.TCP_KEEPCNT, KEEPALIVES), data=b"")


def leave(port):
    """Closes first; returns when the kernel has forgotten it, or is in TIME_WAIT."""
    sock = connect(PEER[IPV4], port)
    lport = port_of(sock)
    sock.close()
    wait_for(lambda: kernel_states().get((lport, port), ("TIME_WAIT",))[0] == "TIME_WAIT", 10.0)


# port: what the connection to it comes to (outcome, errno, cause)
ENDS = {SILENT: ("timed_out", "ETIMEDOUT", "syn_timeout"),
        DEAF: ("timed_out", "ETIMEDOUT", "retransmit_timeout"),
        HASTY: ("timed_out", "ETIMEDOUT", "user_timeout"),
        IDLE: ("timed_out", "ETIMEDOUT", "keepalive_timeout"),
        SHUT: ("timed_out", "ETIMEDOUT", "probe_timeout"),
        STAYS: ("timed_out", None, "fin_timeout"),
        LOST: ("unreachable", "EHOSTUNREACH", "lost_way"),
        GOOD: ("closed", None, "closed_by_local")}
# Those that the kernel counts as TCPAbortOnTimeout: a FIN_WAIT2 may end by itself.
ABORTED = (SILENT, DEAF, HASTY, IDLE, SHUT, LOST)


def check_tries(t, seen, syns):
    """What was sent in vain is what the wire saw, as far as one segment is one try."""
    tries = {line["rport"]: line["close"]["tries"] for line in seen.connections}
    t.equal(tries[SILENT], len(syns) - 1, "silence: each SYN after the first is a try")
    t.equal(tries[IDLE], KEEPALIVES, "no answer to keepalives: each is a try")
    t.equal(tries[SHUT], RETRIES, "a closed window: each probe is a try")
    t.between(tries[DEAF], 1, RETRIES + 3, "data in vain: the time for so many tries, at most",
              "tries")
    t.equal(tries[GOOD], None, "and none where it ended well")
    line = only(seen.connections, rport=SILENT)
    t.equal(line["handshake"]["retransmits"], len(syns) - 1, "SYNs are counted apart")


def story(w, t):
    sysctl("ipv4.tcp_syn_retries", 1)
    sysctl("ipv4.tcp_retries2", RETRIES)
    sysctl("ipv4.tcp_fin_timeout", 3)  # for looks that are a second apart to see it
    peer, moved = w.peer(), Deltas()
    scripts = {DEAF: answer, HASTY: answer, IDLE: answer, SHUT: close_window, STAYS: keep_fin,
               LOST: lose, GOOD: lambda flow: flow.answer() and flow.finish()}
    for port, script in scripts.items():
        peer.serve(port, script)
    with w.trace(*LINES) as seen:
        several([lambda: be_silent(SILENT), lambda: talk(DEAF), lambda: talk(LOST),
                 lambda: talk(HASTY, (socket.IPPROTO_TCP, TCP_USER_TIMEOUT, 700)),
                 lambda: keep_alive(IDLE), lambda: talk(SHUT), lambda: leave(STAYS),
                 lambda: leave(GOOD)])
        counted = {name: moved[name] for name in ("TCPAbortOnTimeout", "TCPSynRetrans",
                                                  "RetransSegs")}

    if seen.summary["hooks"]["reset"] is None:
        raise Skip("not all of this can be seen on this rung")
    told = set(ENDS)
    if seen.summary["hooks"]["time_wait"] is None:
        told.remove(STAYS)  # then nobody sees a FIN_WAIT2 to its end
    ends = {line["rport"]: (line["close"]["outcome"], line["close"]["errno"],
                            line["close"]["cause"]) for line in seen.connections}
    for port in sorted(told):
        t.equal(ends.get(port), ENDS[port], f"{ENDS[port][2]}")
    t.equal(sum(ends[port] == ENDS[port] for port in ABORTED), counted["TCPAbortOnTimeout"],
            "as many timed out as the kernel counts in TCPAbortOnTimeout")
    check_tries(t, seen, [each for each in peer.packets if each.dport == SILENT])
    again = seen.summary["retransmits"]
    if seen.summary["hooks"]["retransmit"]:
        t.equal((sum(again.values()), again["syn"] + again["synack"]),
                (counted["RetransSegs"], counted["TCPSynRetrans"]),
                "segments sent again, and SYNs among them, as the kernel counts them")
    failures = {each["rport"]: (each["cause"], each["count"]) for each in seen.of("failure")}
    t.equal(failures, {port: (ENDS[port][2], 1) for port in told - {GOOD}},
            "each has its row among the failures, and the good one has none")


run(story)
