#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""One socket that carries several connections: each is a connection of its own."""
import socket

from traffic import disconnect, free_port, listen, port_of
from world import *


FIRST_PORTS, SECOND_PORTS = (40000, 40031), (50000, 50031)  # ephemeral ports, first and last


def refused_then_welcome(port, closed_port):
    """connect() fails, the same socket tries again, from another port."""
    sock = socket.socket()
    sysctl("ipv4.ip_local_port_range", "%d %d" % FIRST_PORTS)
    try:
        sock.connect(("127.0.0.1", closed_port))
    except ConnectionRefusedError:
        sysctl("ipv4.ip_local_port_range", "%d %d" % SECOND_PORTS)
        sock.connect(("127.0.0.1", port))
    return sock


def used_three_times(listener):
    """connect(AF_UNSPEC) between connections; returns the sockets of the last one."""
    sock = socket.socket()
    for turn in range(3):
        if turn:
            disconnect(sock)
            server.close()
        sock.connect(listener.getsockname())
        server = listener.accept()[0]
    return sock, server


def end(sock, server):
    sock.close()
    server.recv(1)
    server.close()


def story(w, t):
    welcome, again, closed = listen(), listen(), free_port()
    second_ports = ",".join(str(each) for each in range(SECOND_PORTS[0], SECOND_PORTS[1] + 1))
    with w.traces(EVENTS, LINES, (*EVENTS, "-D", str(port_of(welcome)), "-L", second_ports)) \
            as (events, lines, second_only):
        end(refused_then_welcome(port_of(welcome), closed), welcome.accept()[0])
        end(*used_three_times(again))

    found = events.chains()
    t.none(flaws_of(found), "every chain is whole")
    t.equal(len(found), 1 + 2 + 6, "nine chains: one refused, eight ends of four connections")
    t.equal(only(found, rport=closed).path, ["CLOSED", "SYN_SENT", "CLOSED"], "the refused one")
    second = only(found, rport=port_of(welcome))
    t.equal(second.path, CLIENT_OPEN + CLOSES_FIRST, "the same socket's second try is a whole life")
    t.ok(second.last["id"] != only(found, rport=closed).last["id"], "with another id")
    t.equal([(line["rport"], line["close"]["outcome"]) for line in lines.connections
             if line["rport"] in (closed, port_of(welcome))],
            [(closed, "refused"), (port_of(welcome), "closed")], "one line for each")
    t.equal([(each.flaw(), each.path) for each in second_only.chains()], [(None, second.path)],
            "a filter on its second local port shows it, whole")
    uses = where(found, rport=port_of(again))
    t.equal([each.path for each in uses],
            [CLIENT_OPEN + ["CLOSED"]] * 2 + [CLIENT_OPEN + CLOSES_FIRST],
            "two that were left with connect(AF_UNSPEC), and the last")
    closes = [line["close"]["outcome"] for line in where(lines.connections, rport=port_of(again))]
    t.equal(closes, ["reset_sent", "reset_sent", "closed"], "left means reset")
    t.equal([line["close"]["outcome"] for line in where(lines.connections, lport=port_of(again))],
            ["reset_received", "reset_received", "closed"], "as the other end saw it")


run(story)
