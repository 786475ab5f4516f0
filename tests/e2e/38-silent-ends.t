#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A reset is said to be sent where one was: the wire and the kernel's counters tell.

TCP_REPAIR takes a connection away in silence. SO_LINGER of 0 seconds resets, but not behind a FIN
that was sent after the peer's; data that nobody has read resets always.
"""
import socket

from traffic import (LINGER_ZERO, TCP_REPAIR, abort, disconnect, finish, listen, pair, port_of,
                     wait_state)
from world import *

COUNT = 3
NAMES = ("TCPAbortOnClose", "TCPAbortOnData", "OutRsts")


def accepted(peer, listener, data=b""):
    flow = peer.flow(port_of(listener))
    flow.open()
    server = listener.accept()[0]
    if data:
        flow.say(data)
        flow.expect(ACK)
    return flow, server


def take_away(sock):
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    sock.close()


def behind_last_ack(peer, listener, data=b""):
    """The peer has closed, and does not acknowledge our FIN."""
    flow, server = accepted(peer, listener, data)
    flow.send(FIN | ACK)
    wait_state(port_of(listener), flow.port, "CLOSE_WAIT")
    server.shutdown(socket.SHUT_WR)
    wait_state(port_of(listener), flow.port, "LAST_ACK")
    return flow, server


def in_closing(peer, listener, data=b""):
    """FINs cross, and the peer does not acknowledge ours."""
    flow, server = accepted(peer, listener, data)
    server.shutdown(socket.SHUT_WR)
    fin = flow.expect(FIN)
    flow.send(FIN | ACK, ack=fin.seq)
    wait_state(port_of(listener), flow.port, "CLOSING")
    return flow, server


def in_fin_wait2(peer, listener, data=b""):
    flow, server = accepted(peer, listener, data)
    server.shutdown(socket.SHUT_WR)
    flow.expect(FIN)
    flow.send(ACK)
    wait_state(port_of(listener), flow.port, "FIN_WAIT2")
    return flow, server


def in_close_wait(peer, listener, data=b""):
    flow, server = accepted(peer, listener, data)
    flow.send(FIN | ACK)
    wait_state(port_of(listener), flow.port, "CLOSE_WAIT")
    return flow, server


def linger_and_take_away(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    take_away(sock)


def leave(sock):
    sock.close()


REPAIRED = ("aborted", "local", None, "repaired")
DROPPED = ("aborted", None, None, "linger_dropped")
UNREAD = ("reset_sent", None, None, "unread_data")
LINGER = ("reset_sent", None, None, "linger_zero")
DISCONNECTED = ("reset_sent", None, None, "disconnect")
LEFT = ("aborted", None, None, "aborted")
FIRST, SECOND, BOTH = "local", "remote", "both"

# How far the connection is, its unread data, how it is left; its end, who began, whether reset.
CASES = (
    (accepted, b"", take_away, REPAIRED, FIRST, False),
    (accepted, b"never read", take_away, REPAIRED, FIRST, False),
    (accepted, b"never read", linger_and_take_away, REPAIRED, FIRST, False),
    (in_close_wait, b"never read", take_away, REPAIRED, SECOND, False),
    (in_fin_wait2, b"never read", take_away, REPAIRED, FIRST, False),
    (behind_last_ack, b"", linger_and_take_away, REPAIRED, SECOND, False),
    (behind_last_ack, b"", abort, DROPPED, SECOND, False),
    (in_closing, b"", abort, DROPPED, BOTH, False),
    (behind_last_ack, b"", disconnect, LEFT, SECOND, False),
    (behind_last_ack, b"never read", leave, UNREAD, SECOND, True),
    (behind_last_ack, b"never read", abort, UNREAD, SECOND, True),
    (in_closing, b"never read", leave, UNREAD, BOTH, True),
    (in_fin_wait2, b"never read", leave, UNREAD, FIRST, True),
    (in_close_wait, b"never read", abort, UNREAD, SECOND, True),
    (accepted, b"never read", abort, UNREAD, FIRST, True),
    (in_fin_wait2, b"", abort, LINGER, FIRST, True),
    (in_close_wait, b"", abort, LINGER, SECOND, True),
    (in_close_wait, b"", disconnect, DISCONNECTED, SECOND, True),
)


def play(peer, listener, begin, data, end):
    """Returns the flow that it was."""
    flow, server = begin(peer, listener, data)
    end(server)
    server.close()
    wait_state(port_of(listener), flow.port, None)
    return flow


def story(w, t):
    peer, listener, local = w.peer(), listen(KERNEL[IPV4]), listen()
    with w.trace(*LINES) as seen:
        moved = Deltas()
        played = [[play(peer, listener, begin, data, end) for _ in range(COUNT)]
                  for begin, data, end, *_ in CASES]
        for _ in range(COUNT):
            finish(*pair(local))
        peer.settle()
        counted = {name: moved[name] for name in NAMES}

    if seen.summary["hooks"]["reset"] is None:
        raise Skip("resets cannot be watched on this rung")
    for (begin, data, end, want, first, is_reset), made in zip(CASES, played):
        name = f"{begin.__name__}, {'unread data, ' if data else ''}{end.__name__}"
        t.equal([any(each.flags & RST for each in flow.packets) for flow in made],
                [is_reset] * COUNT,
                f"{name}: the wire saw {'a' if is_reset else 'no'} reset")
        lines = [only(seen.connections, lport=port_of(listener), rport=flow.port) for flow in made]
        t.equal([tuple(line["close"][key] for key in ("outcome", "initiator", "errno", "cause"))
                 for line in lines], [(want[0], first, *want[2:])] * COUNT, f"{name}: {want[3]}")
    causes = [line["close"]["cause"] for line in seen.connections]
    t.equal(counted["TCPAbortOnClose"], causes.count("unread_data"), "TCPAbortOnClose: unread data")
    t.equal(counted["TCPAbortOnData"], causes.count("linger_zero") + causes.count("linger_dropped"),
            "TCPAbortOnData: SO_LINGER of 0 seconds, with a reset and without")
    resets = seen.summary["resets"]
    t.equal(counted["OutRsts"], resets["sent"] + resets["stray"], "OutRsts: the resets sent")
    t.equal(len([line for line in seen.connections if line["close"]["outcome"] == "reset_sent"]),
            resets["sent"], "and each of them has its line")
    t.equal([causes.count(each) for each in ("closed_by_local", "closed_by_remote")],
            [COUNT, COUNT], "an end in order is none of these")


run(story)
