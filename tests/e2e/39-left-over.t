#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""An error of before is not why a connection ends, nor is a call that another one was taken for.

A socket with IP_RECVERR keeps what ICMP said until somebody asks; connect(AF_UNSPEC) leaves an
error for the next connection; and shutdown of a connecting socket does inside what
connect(AF_UNSPEC) does.
"""
import contextlib
import errno
import socket
import struct
import threading
import time

from packet import PSH, icmp_unreachable
from traffic import (LINGER_ZERO, abort, connect, disconnect, kernel_states, listen, pair, port_of,
                     tcp_info, wait_for, wait_state)
from world import *

COUNT = 3
IP_RECVERR, NO_HOST, NO_PORT = 11, 1, 3
SILENT = range(7501, 7509)


def told(peer, listener, code, data=b""):
    """A connection whose socket has an error that ends nothing."""
    flow = peer.flow(port_of(listener))
    flow.open()
    server = listener.accept()[0]
    server.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
    server.sendall(b"is there anybody?")
    segment = flow.expect(ACK, data=b"is there anybody?")
    peer.transmit_raw(icmp_unreachable(segment, code))
    time.sleep(0.01)
    flow.send(ACK)
    if data:
        flow.send(PSH | ACK, data)
        flow.expect(ACK)
    return flow, server


def close_first(flow, server):
    server.close()
    flow.finish()


def close_second(flow, server):
    flow.send(FIN | ACK)
    wait_state(server.getsockname()[1], flow.port, "CLOSE_WAIT")
    server.close()
    flow.expect(FIN)
    flow.send(ACK)


def close_at_once(flow, server):
    server.shutdown(socket.SHUT_WR)
    fin = flow.expect(FIN)
    flow.send(FIN | ACK, ack=fin.seq)
    wait_state(flow.remote_port, flow.port, "CLOSING")
    server.close()
    flow.send(ACK, ack=fin.seq + 1)


def reset(flow, server):
    abort(server)


def leave(flow, server):
    disconnect(server)
    server.close()


def ask_and_leave(flow, server):
    """Who has asked for the error before leaves for another reason."""
    assert server.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    time.sleep(0.05)
    leave(flow, server)


def be_reset(flow, server):
    flow.reset()
    wait_for(lambda: tcp_info(server).state == "CLOSED")
    server.close()


def forget(flow, server):
    server.close()


# How it ends, behind which data; the close as it is to be told.
ENDS = ((close_first, b"", ("closed", "local", None, "closed_by_local")),
        (close_second, b"", ("closed", "remote", None, "closed_by_remote")),
        (close_at_once, b"", ("closed", "both", None, "closed_by_both")),
        (reset, b"", ("reset_sent", "local", None, "linger_zero")),
        (forget, b"never read", ("reset_sent", "local", None, "unread_data")),
        (leave, b"", ("reset_sent", "local", None, "disconnect")),
        (ask_and_leave, b"", ("reset_sent", "local", None, "disconnect")),
        (be_reset, b"", ("reset_received", "remote", "ECONNRESET", "reset_received")))


def on_its_way(port):
    sock = socket.socket()
    sock.setblocking(False)
    sock.connect_ex((PEER[IPV4], port))
    return sock


def shut(how):
    def end(port):
        with on_its_way(port) as sock:
            time.sleep(0.01)
            sock.shutdown(how)
    end.__name__ = "shutdown"
    return end


def shut_while_another_waits(port):
    """Some kernels before 6.6 let nobody disturb a connect that is waited for."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 1, 0))

    def wait():
        with contextlib.suppress(OSError):
            sock.connect((PEER[IPV4], port))

    waiting = threading.Thread(target=wait)
    waiting.start()
    wait_for(lambda: any(rport == port for _, rport in kernel_states()))
    try:
        sock.shutdown(socket.SHUT_RDWR)
        waiting.join()
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        waiting.join()
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()


def connect_to_nothing(port):
    with on_its_way(port) as sock:
        time.sleep(0.01)
        disconnect(sock)


def give_up(port):
    on_its_way(port).close()


def give_up_rudely(port):
    with on_its_way(port) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)


CONNECTS = ((shut(socket.SHUT_WR), "connect_shut"), (shut(socket.SHUT_RD), "connect_shut"),
            (shut(socket.SHUT_RDWR), "connect_shut"), (shut_while_another_waits, "connect_shut"),
            (connect_to_nothing, "connect_disconnected"), (give_up, "connect_abandoned"),
            (give_up_rudely, "connect_abandoned"))


def fail_with_an_old_error(listener):
    """The socket has the error of a connection that it left, and there is no port for the next."""
    client, server = pair(listener)
    disconnect(client)
    server.close()
    sysctl("ipv4.ip_local_port_range", "50001 50001")
    with connect("127.0.0.1", port_of(listener)):
        try:
            client.connect(("127.0.0.1", port_of(listener)))
        except OSError as error:
            return error.strerror
        finally:
            client.close()
    return None


def close_of(line):
    return tuple(line["close"][key] for key in ("outcome", "initiator", "errno", "cause"))


def story(w, t):
    peer, local = w.peer(), listen()
    listeners = {(end, code): listen(KERNEL[IPV4]) for end, *_ in ENDS
                 for code in (NO_HOST, NO_PORT)}
    with w.trace(*LINES) as seen:
        for end, data, _ in ENDS:
            for code in (NO_HOST, NO_PORT):
                for _ in range(COUNT):
                    end(*told(peer, listeners[end, code], code, data))
        for (end, _), port in zip(CONNECTS, SILENT):
            for _ in range(COUNT):
                end(port)
        error = fail_with_an_old_error(local)

    if seen.summary["hooks"]["reset"] is None:
        raise Skip("resets cannot be watched on this rung")
    for end, _, want in ENDS:
        for code in (NO_HOST, NO_PORT):
            lines = where(seen.connections, role="server",
                          lport=port_of(listeners[end, code]))  # a client may have that port, too
            t.equal([close_of(line) for line in lines], [want] * COUNT,
                    f"{end.__name__}, told by ICMP {code} before: {want[3]}")
    for (end, cause), port in zip(CONNECTS, SILENT):
        lines = where(seen.connections, rport=port)
        t.equal([close_of(line) for line in lines], [("aborted", "local", None, cause)] * COUNT,
                f"{end.__name__} of a connecting socket: {cause}")
    failed = [close_of(line)
              for line in where(seen.connections, role="client", rport=port_of(local))
              if line["close"]["cause"] not in ("disconnect", "closed_by_local", "reset_received")]
    t.equal((error, failed), ("Cannot assign requested address",
                              [("aborted", "local", "EADDRNOTAVAIL", "connect_failed")]),
            "no port left, and an error that is older")


run(story)
