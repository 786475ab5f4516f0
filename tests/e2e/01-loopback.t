#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""23 IPv4 connections over loopback are 46 whole chains and 46 lines, and nothing else."""
import os

from traffic import listen, port_of, serve, visit
from world import *

COUNT = 23


def owners_of(found):
    return {(each.last["pid"], each.last["comm"], each.last["uid"]) for each in found}


def story(w, t):
    listener = listen()
    port = port_of(listener)
    with w.traces(EVENTS, LINES) as (events, lines):
        server = w.fork(serve, listener, COUNT, comm="e2e-server")
        client = w.fork(visit, "127.0.0.1", port, COUNT, b"hello", comm="e2e-client")
        ports = client.result()
        server.result()

    found = events.chains()
    t.equal(len(found), 2 * COUNT, "23 connections are 46 chains")
    t.none(flaws_of(found), "each is whole")
    t.equal({each.last["netns"] for each in found}, {w.netns}, "and of this namespace")
    clients, servers = where(found, rport=port), where(found, lport=port)
    t.equal([each.path for each in clients], [CLIENT_OPEN + CLOSES_FIRST] * COUNT,
            "23 clients close first")
    t.equal([each.path for each in servers], [SERVER_OPEN + CLOSES_SECOND] * COUNT,
            "23 servers close second, and begin in CLOSED")
    t.equal([each.ports[0] for each in clients], ports, "every client port is there, in order")
    t.equal(sorted(each.ports[1] for each in servers), sorted(ports), "on both ends")
    t.equal({each.last["role"] for each in clients + servers}, {"client", "server"}, "with roles")
    t.equal(owners_of(clients), {(client.pid, "e2e-client", os.getuid())},
            "the client's owner is who called connect")
    t.none(owners_of(servers) - {(None, None, None), (server.pid, "e2e-server", os.getuid())},
           "the server's is unknown or who accepted, never the client on the CPU")

    found = lines.connections
    t.equal(len(found), 2 * COUNT, "46 lines without --events")
    t.equal([line for line in lines.lines if line["type"] == "transition"], [], "and no transition")
    t.equal(sorted(states_of(line) for line in found),
            sorted([state for state in each.path if state != "CLOSED"] for each in events.chains()),
            "whose timelines say the same")
    t.equal({(line["close"]["outcome"], line["complete"], line["gaps"], line["seeded"])
             for line in found}, {("closed", True, 0, False)}, "all of them orderly and complete")
    t.equal({line["close"]["initiator"] for line in where(found, role="client")}, {"local"},
            "the client began the close")
    t.equal({line["close"]["initiator"] for line in where(found, role="server")}, {"remote"},
            "the server did not")
    t.equal({(line["bytes_sent"], line["bytes_received"]) for line in where(found, rport=port)},
            {(5, 0)}, "five bytes went each way they should: sent")
    t.equal({(line["bytes_sent"], line["bytes_received"]) for line in where(found, lport=port)},
            {(0, 5)}, "and received")
    totals = lines.summary["connections"]
    t.equal((totals["opened"], totals["incomplete"], lines.summary["gaps"]), (2 * COUNT, 0, 0),
            "the summary counts 46 and no gap")

    with w.trace() as silence:
        pass
    t.equal([line["type"] for line in silence.lines], ["summary"], "no traffic, no lines")


run(story)
