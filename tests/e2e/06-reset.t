#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Resets: who sent it, who got it, in which state, and what a refused SYN is not."""
import socket
import time

from traffic import abort, listen, pair, port_of, tcp_info, wait_for
from world import *

COUNT = 3


def wait_reset(sock):
    """Waits for the reset: on a busy machine it may come after the close of this end."""
    wait_for(lambda: tcp_info(sock).state == "CLOSED")


def server_lingers_not(client, server):
    abort(server)
    wait_reset(client)


def client_lingers_not(client, server):
    abort(client)
    wait_reset(server)


def server_has_unread_data(client, server):
    client.sendall(b"never read")
    time.sleep(0.01)
    server.close()
    wait_reset(client)


def server_resets_a_close_wait(client, server):
    server.shutdown(socket.SHUT_WR)
    while client.recv(1):
        pass
    abort(server)
    wait_reset(client)


def nobody_resets(client, server):
    client.close()
    server.recv(1)
    server.close()


SENT, GOT = ("reset_sent", "local"), ("reset_received", "remote")
# what happens: the client's (outcome, initiator), the server's, the last state of the client
CASES = {server_lingers_not: (GOT, SENT, "ESTABLISHED"),
         client_lingers_not: (SENT, GOT, "ESTABLISHED"),
         server_has_unread_data: (GOT, SENT, "ESTABLISHED"),
         server_resets_a_close_wait: (GOT, SENT, "CLOSE_WAIT"),
         nobody_resets: (("closed", "local"), ("closed", "remote"), "TIME_WAIT")}


def close_of(line):
    return line["close"]["outcome"], line["close"]["initiator"]


def story(w, t):
    listeners = {case: listen() for case in CASES}
    # A port that no listener of another address is given by chance.
    peer, wire = w.peer(), listen(KERNEL[IPV4], 7601)
    asked = [("-L", str(port_of(listeners[case]))) for case in (client_lingers_not, nobody_resets)]
    parts = [(*LINES, *each) for each in (*asked, ("--sample", "1/2"))]
    with w.traces(EVENTS, LINES, *parts) as (events, lines, *parts):
        for case, listener in listeners.items():
            for _ in range(COUNT):
                client, server = pair(listener)
                case(client, server)
                client.close()
                server.close()
        flow = peer.flow(port_of(wire))
        flow.open()
        server = wire.accept()[0]
        flow.reset()
        try:
            server.recv(1)
        except ConnectionResetError:
            server.close()

    t.none(flaws_of(events.chains()), "every chain is whole")
    t.equal(len(events.chains()), 2 * COUNT * len(CASES) + 1, "no chain more or less")
    for case, listener in listeners.items():
        name, port = case.__name__.replace("_", " "), port_of(listener)
        clients = where(lines.connections, rport=port)
        servers = where(lines.connections, lport=port)
        want_client, want_server, last = CASES[case]
        t.equal([close_of(line) for line in clients], [want_client] * COUNT, f"{name}: the client")
        t.equal([close_of(line) for line in servers], [want_server] * COUNT, f"{name}: the server")
        t.equal([states_of(line)[-1] for line in clients], [last] * COUNT,
                f"{name}: the client's last state was {last}")
    strays = lines.summary["resets"]["stray"]  # a late segment may have been answered by one
    for each in parts if lines.summary["hooks"]["reset"] else ():
        outcomes = [line["close"]["outcome"] for line in each.connections]
        t.equal(each.summary["resets"],
                {"sent": outcomes.count("reset_sent"), "received": outcomes.count("reset_received"),
                 "stray": None if "-L" in each.args else strays},
                f"{each.args[4]}: resets are counted of those that are followed")
    line = only(lines.connections, lport=port_of(wire))
    t.equal((close_of(line), line["close"]["errno"]), (GOT, "ECONNRESET"),
            "a reset from the wire is received, ECONNRESET")


run(story)
