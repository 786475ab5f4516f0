#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Half closes both ways: who ends first, what still flows, and no step to itself."""
import socket
import time

from traffic import listen, pair, port_of
from world import *

COUNT = 3


def half_close(first, second):
    """`first` says it is done; `second` sends 1000 bytes before it closes too."""
    first.shutdown(socket.SHUT_WR)
    while second.recv(100):
        pass
    time.sleep(0.05)
    second.sendall(b"x" * 1000)
    second.close()
    while first.recv(1000):
        pass
    first.close()


def close_twice(peer, listener):
    """shutdown, then close before the FIN is acknowledged: the kernel says FIN_WAIT1 twice."""
    flow = peer.flow(port_of(listener))
    flow.open()
    server = listener.accept()[0]
    server.shutdown(socket.SHUT_WR)
    server.close()
    flow.finish()


def story(w, t):
    listeners = {"client": listen(), "server": listen()}
    peer, wire = w.peer(), listen(KERNEL[IPV4])
    with w.traces(EVENTS, LINES) as (events, lines):
        for who, listener in listeners.items():
            for _ in range(COUNT):
                client, server = pair(listener)
                half_close(*((client, server) if who == "client" else (server, client)))
        close_twice(peer, wire)

    found = events.chains()
    t.none(flaws_of(found), "every chain is whole")
    t.equal(len(found), 4 * COUNT + 1, "12 chains on loopback, one on the wire")
    for who, listener in listeners.items():
        ends = {"client": {"rport": port_of(listener)}, "server": {"lport": port_of(listener)}}
        other = "server" if who == "client" else "client"
        opens = {"client": CLIENT_OPEN, "server": SERVER_OPEN}
        first, second = where(found, **ends[who]), where(found, **ends[other])
        t.equal([each.path for each in first], [opens[who] + CLOSES_FIRST] * COUNT,
                f"the {who} that half closes goes through FIN_WAIT2 to TIME_WAIT")
        t.equal([each.path for each in second], [opens[other] + CLOSES_SECOND] * COUNT,
                f"the {other} goes through CLOSE_WAIT")
        t.none([each for each in first
                if (each.at("TIME_WAIT") or 0) - each.at("FIN_WAIT1") < 50 * MS],
               f"the {who} was not in TIME_WAIT as long as data came")
        t.none([each for each in second if each.dwell("CLOSE_WAIT") < 50 * MS],
               f"the {other} was in CLOSE_WAIT for as long as it had data")
        first = where(lines.connections, **ends[who])
        second = where(lines.connections, **ends[other])
        t.equal([line["bytes_received"] for line in first], [1000] * COUNT,
                "1000 bytes came after the half close")
        t.equal([line["bytes_sent"] for line in second], [1000] * COUNT,
                "and went on the other end")
        t.equal([line["close"]["initiator"] for line in first], ["local"] * COUNT,
                f"the {who} began it")
    twice = only(found, lport=port_of(wire))
    t.equal(twice.path, SERVER_OPEN + CLOSES_FIRST, "shutdown and close are one step")


run(story)
