#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Connections that TCP_REPAIR puts into the kernel, as CRIU does: open, and without a handshake."""
import socket
import struct

from traffic import TCP_QUEUE_SEQ, TCP_REPAIR, TCP_REPAIR_QUEUE, finish, listen, pair
from world import *

COUNT, SHAKEN = 3, 2
RECEIVE_QUEUE, SEND_QUEUE = 1, 2


def restored(here, there, sent, received):
    sock = socket.socket()
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(here)
    for queue, number in ((SEND_QUEUE, sent), (RECEIVE_QUEUE, received)):
        sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, queue)
        sock.setsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, struct.pack("I", number))
    sock.connect(there)
    return sock


def live_on(port):
    """Both ends are restored, say something, and close in order."""
    one, other = ("127.0.0.1", port), ("127.0.0.1", port + 1)
    ends = restored(one, other, 1000, 5000), restored(other, one, 5000, 1000)
    for each in ends:
        each.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 0)
    ends[0].sendall(b"still here")
    ends[1].recv(100)
    finish(*ends)


def story(w, t):
    listener = listen()
    with w.traces(EVENTS, LINES, HIST) as (events, lines, hist):
        moved = Deltas()
        for at in range(COUNT):
            live_on(7001 + 2 * at)
        for _ in range(SHAKEN):
            finish(*pair(listener))
        counted = {name: moved[name] for name in ("ActiveOpens", "PassiveOpens")}

    t.none(flaws_of(events.chains()), "every chain is whole")
    made = [line for line in lines.connections if line["lport"] in range(7001, 7001 + 2 * COUNT)]
    t.equal([(line["handshake"]["latency_ns"], line["handshake"]["quality"],
              line["handshake"]["flags"]) for line in made],
            [(None, "unknown", ["restored"])] * 2 * COUNT, "nobody shook hands")
    t.equal({line["role"] for line in made}, {"unknown"}, "nobody knows who had connected to whom")
    t.equal({line["close"]["cause"] for line in made}, {"closed_by_local", "closed_by_remote"},
            "their ends are those of any other")
    for name in ("handshake_client", "handshake_server"):
        t.equal((hist.histogram(name)["count"], hist.histogram(name)["unknown"]), (SHAKEN, 0),
                f"{name}: of those alone that had one")
    totals = lines.summary["connections"]
    t.equal((totals["restored"], totals["opened"]),
            (2 * COUNT, counted["ActiveOpens"] + counted["PassiveOpens"]),
            "the summary counts them apart, as the kernel does")
    t.equal(totals["closed"] + totals["live"], totals["restored"] + totals["opened"],
            "and all of them")


run(story)
