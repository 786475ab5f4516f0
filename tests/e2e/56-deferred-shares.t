#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""One user makes thousands of requests that wait for data: of another's, all is known still."""
import os
import socket

from traffic import TCP_DEFER_ACCEPT, abort, connect, listen, port_of
from world import *

ATTACKER, VICTIM = 65533, 65534
FLOOD = 9001
DEFERRED = [(socket.IPPROTO_TCP, TCP_DEFER_ACCEPT, 5)]


def flood(uid):
    """Each is acknowledged, says nothing, and is reset at once."""
    os.setuid(uid)
    listener = listen(options=DEFERRED)
    for _ in range(FLOOD):
        abort(connect("127.0.0.1", port_of(listener)))
    return FLOOD


def think(uid, listener, begun, over):
    """Is acknowledged before all of these, and says something behind them."""
    os.setuid(uid)
    client = connect("127.0.0.1", port_of(listener))
    os.write(begun, b"x")
    os.read(over, 1)
    client.send(b"request")
    server = listener.accept()[0]
    server.recv(100)
    server.close()
    client.close()


def victims_listener(uid):
    """A socket belongs to whoever makes it."""
    os.seteuid(uid)
    listener = listen(options=DEFERRED)
    os.seteuid(0)
    return listener


def story(w, t):
    listener = victims_listener(VICTIM)
    begun, over = os.pipe(), os.pipe()
    with w.trace(*LINES, "-L", str(port_of(listener))) as lines:
        victim = w.fork(think, VICTIM, listener, begun[1], over[0], comm="victim")
        os.read(begun[0], 1)
        t.equal(w.fork(flood, ATTACKER, comm="attacker").result(), FLOOD, "there is a flood")
        os.write(over[1], b"x")
        victim.result()

    shown = only(lines.connections, role="server", lport=port_of(listener))["handshake"]
    t.equal((shown["quality"], shown["flags"]), ("exact", ["deferred"]),
            "when the other user's was acknowledged is known")
    t.between(shown["latency_ns"], 1, SECOND / 10, "and he has not thought by then", "ns")
    full = lines.summary["events"]["notes_full"]
    paid = [each for each in lines.summary["paid_by"] if each["bound"] == "notes"]
    t.between(full, FLOOD // 2, FLOOD, "what there was no room for is counted")
    t.equal([(each["uid"], each["netns"], each["count"]) for each in paid],
            [(ATTACKER, w.netns, full)], "as his who made it")


run(story, needs=("passive",))
