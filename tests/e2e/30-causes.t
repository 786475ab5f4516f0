#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Why connections end: each cause by a socket of its own, with its outcome, initiator and errno."""
import contextlib
import socket
import time

from packet import PSH, icmp_unreachable
from traffic import (abort, connect, disconnect, finish, free_port, kill, listen, pair, port_of,
                     tcp_info, wait_for, wait_state)
from world import *

COUNT = 3
ICMP_PORT, ICMP_HOST, LEFT, DROPPED = range(7101, 7105)


def local_first(client, server):
    finish(client, server)


def unread_data(client, server):
    client.sendall(b"never read")
    time.sleep(0.01)
    server.close()


def linger_zero(client, server):
    abort(server)


def unread_after_fin(client, server):
    """The peer has closed: its FIN is not data, but what came before it is."""
    client.sendall(b"never read")
    client.close()
    # No longer than that: 40 ms later the FIN is acknowledged, and what was closed has no errno.
    wait_for(lambda: tcp_info(server).state == "CLOSE_WAIT", every=0)
    server.close()


def disconnected(client, server):
    disconnect(server)


def killed(client, server):
    if not kill(client):
        raise Skip("this kernel cannot kill connections")


RESET = ("reset_received", "remote", "ECONNRESET", "reset_received")
# what is done: the close of the client's end and of the server's
CASES = {
    local_first: (("closed", "local", None, "closed_by_local"),
                  ("closed", "remote", None, "closed_by_remote")),
    unread_data: (RESET, ("reset_sent", "local", None, "unread_data")),
    linger_zero: (RESET, ("reset_sent", "local", None, "linger_zero")),
    unread_after_fin: (("reset_received", "local", "ECONNRESET", "reset_received"),
                       ("reset_sent", "remote", None, "unread_data")),
    disconnected: (RESET, ("reset_sent", "local", None, "disconnect")),
    killed: (("aborted", "local", "ECONNABORTED", "killed"), RESET),
}
# What the connects to these ports come to.
CONNECTS = {ICMP_PORT: ("refused", "remote", "ECONNREFUSED", "refused_by_icmp"),
            ICMP_HOST: ("unreachable", None, "EHOSTUNREACH", "unreachable"),
            LEFT: ("aborted", "local", None, "connect_abandoned"),
            DROPPED: ("aborted", "local", None, "connect_disconnected")}
ABANDONED = ("reset_sent", "local", None, "listener_closed")
LATE = ("reset_sent", "local", "data_after_close")
MORE = ("reset_sent", "remote", "EPIPE", "reset_sent")
IMPATIENT = ("reset_sent", "local", None, "linger_negative")
# Why the kernel says that it sent a reset, by its own names; none before Linux 6.10.
REASONS = {unread_data: "TCP_ABORT_ON_CLOSE", unread_after_fin: "TCP_ABORT_ON_CLOSE",
           linger_zero: "TCP_STATE", disconnected: "TCP_STATE"}


def kernel_names_reasons():
    """Whether this kernel has the enum that names the reasons."""
    with open("/sys/kernel/btf/vmlinux", "rb") as types:
        return b"SK_RST_REASON_TCP_STATE" in types.read()


def close_of(line):
    close = line["close"]
    return close["outcome"], close["initiator"], close["errno"], close["cause"]


def play(case, listener):
    client, server = pair(listener)
    case(client, server)
    for each in client, server:
        with contextlib.suppress(OSError):
            each.recv(1)  # the reset is to come before this end is closed
    client.close()
    server.close()


def fail(port):
    with contextlib.suppress(OSError):
        connect(PEER[IPV4], port, timeout=None)


def leave(how):
    """A connect that is under way is given up."""
    sock = socket.socket()
    sock.setblocking(False)
    sock.connect_ex((PEER[IPV4], LEFT if how is None else DROPPED))
    time.sleep(0.01)
    if how:
        how(sock)
    sock.close()


def abandon(listener):
    """The listener is closed before it accepts."""
    client = connect("127.0.0.1", port_of(listener))
    # The third segment may still be on its way when connect() returns.
    wait_state(port_of(listener), port_of(client), "ESTABLISHED")
    listener.close()
    with contextlib.suppress(ConnectionResetError):
        client.recv(1)
    client.close()


def say_late(peer, listener, how):
    """Data for an end that was closed: in FIN_WAIT1; with the ACK of its FIN; after that ACK."""
    flow = peer.flow(port_of(listener))
    flow.open()
    listener.accept()[0].close()
    fin = flow.expect(FIN)
    if how == "after":
        flow.send(ACK)
        time.sleep(0.01)
    flow.send(PSH | ACK, b"too late", ack=fin.seq if how == "before" else fin.seq + 1)
    flow.expect(RST)


def say_more(peer, listener):
    """The peer says more than its FIN has announced: who is reset for it has not reset."""
    flow = peer.flow(port_of(listener))
    flow.open()
    server = listener.accept()[0]
    fin = flow.send(FIN | ACK)
    flow.expect(ACK)
    flow.send(PSH | ACK, b"more", seq=fin.seq)
    flow.expect(RST)
    server.close()


def linger2(peer, listener, shut):
    """Who does not wait in FIN_WAIT2 resets: at the ACK of its FIN, or at its close after that."""
    flow = peer.flow(port_of(listener))
    flow.open()
    server = listener.accept()[0]
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_LINGER2, -1)
    if shut:
        server.shutdown(socket.SHUT_WR)
    else:
        server.close()
    fin = flow.expect(FIN)
    flow.send(ACK, ack=fin.seq + 1)
    if shut:
        wait_state(port_of(listener), flow.port, "FIN_WAIT2")
        server.close()
    flow.expect(RST)


def at(lines, listener):
    """The ends at a listener's address: the port alone may be another one's, too."""
    address, port = listener.getsockname()
    return where(lines, laddr=address, lport=port)


def check_cases(t, lines, listeners):
    named = kernel_names_reasons()
    for case, listener in listeners.items():
        name, port = case.__name__.replace("_", " "), port_of(listener)
        want_client, want_server = CASES[case]
        servers = at(lines, listener)
        t.equal([close_of(line) for line in where(lines, raddr="127.0.0.1", rport=port)],
                [want_client] * COUNT, f"{name}: the client")
        t.equal([close_of(line) for line in servers], [want_server] * COUNT, f"{name}: the server")
        want = REASONS.get(case) if named else None
        if case is not killed:
            t.equal([line["close"]["reset_reason"] for line in servers], [want] * COUNT,
                    f"{name}: the kernel's reason is {want}")


def story(w, t):
    peer = w.peer()
    listeners = {case: listen() for case in CASES}
    abandoned = [listen() for _ in range(COUNT)]
    ports = [port_of(each) for each in abandoned]  # they are closed by the end
    wires = {how: listen(KERNEL[IPV4]) for how in ("before", "with", "after")}
    impatient = {shut: listen(KERNEL[IPV4]) for shut in (False, True)}
    announced = listen(KERNEL[IPV4])
    closed = free_port()
    peer.serve(ICMP_PORT, lambda flow: flow.peer.transmit_raw(
        icmp_unreachable(flow.expect(SYN), code=3)))
    peer.serve(ICMP_HOST, lambda flow: flow.peer.transmit_raw(icmp_unreachable(flow.expect(SYN))))
    with w.trace(*LINES) as seen:
        for case, listener in listeners.items():
            for _ in range(COUNT):
                play(case, listener)
        for listener in abandoned:
            abandon(listener)
        for _ in range(COUNT):
            with contextlib.suppress(ConnectionRefusedError):
                connect("127.0.0.1", closed)
            fail(ICMP_PORT)
            fail(ICMP_HOST)
            leave(None)
            leave(disconnect)
        for how, listener in wires.items():
            for _ in range(COUNT):
                say_late(peer, listener, how)
        for _ in range(COUNT):
            say_more(peer, announced)
        for shut, listener in impatient.items():
            for _ in range(COUNT):
                linger2(peer, listener, shut)

    if seen.summary["hooks"]["reset"] is None:
        raise Skip("resets cannot be watched on this rung")
    lines = seen.connections
    check_cases(t, lines, listeners)
    for port in ports:
        t.equal([close_of(line) for line in where(lines, laddr="127.0.0.1", lport=port)],
                [ABANDONED], "a listener that is closed: what it had not accepted")
    for port, want in CONNECTS.items():
        t.equal([close_of(line) for line in where(lines, rport=port)], [want] * COUNT,
                f"connects: {want[3]}")
    t.equal([close_of(line) for line in where(lines, raddr="127.0.0.1", rport=closed)],
            [("refused", "remote", "ECONNREFUSED", "refused")] * COUNT, "connects: refused")
    for shut, listener in impatient.items():
        t.equal([close_of(line) for line in at(lines, listener)],
                [IMPATIENT] * COUNT, f"TCP_LINGER2 below 0, {'after' if shut else 'before'} "
                "FIN_WAIT2")
    t.equal([close_of(line) for line in at(lines, announced)], [MORE] * COUNT,
            "data behind the peer's FIN")
    # Who does not watch FIN_WAIT2 to its end takes a reset in it for an end in order.
    if seen.summary["hooks"]["time_wait"] in (None, "sampling"):
        del wires["after"]
    if not kernel_names_reasons():
        wires.pop("after", None)  # of a reset that a timewait socket sends, it does not tell
    for how, listener in wires.items():
        closes = [line["close"] for line in at(lines, listener)]
        t.equal([(each["outcome"], each["initiator"], each["cause"]) for each in closes],
                [LATE] * COUNT, f"data for an end that was closed, {how} the ACK of its FIN")
    t.equal([line["close"]["tries"] for line in where(lines, raddr="127.0.0.1", rport=closed)],
            [None] * COUNT, "who is refused has not tried in vain")


run(story)
