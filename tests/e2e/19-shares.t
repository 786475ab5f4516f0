#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""One user parks connections by the hundred in a small table: another's live one stays in it.

So do those of containers that all are root's: each is a heap of its own, not part of the largest.
"""
import os
import time

from traffic import connect, finish, listen, pair, port_of
from world import *

PARKED, ROOM = 307, 64
ATTACKER, VICTIM = 65533, 65534
CONTAINERS, EACH = 4, 5  # of both ends of each connection a table with ROOM for them knows


def park(port):
    """So many connections at once, which nobody closes before all are there."""
    os.setuid(ATTACKER)
    held = [connect("127.0.0.1", port) for _ in range(PARKED)]
    return len(held)


def live_long(port, begun, over):
    """One connection from before the others to behind them."""
    os.setuid(VICTIM)
    sock = connect("127.0.0.1", port)
    os.write(begun, b"x")
    os.read(over, 1)
    sock.close()


def live_apart(ways):
    """As root, in a namespace of its own: a few connections until all is over."""
    listener = listen()
    held = [pair(listener) for _ in range(EACH)]
    os.write(ways[0], b"x")
    os.read(ways[1], 1)
    for each in held:
        finish(*each)
    return len(held)


def tell_containers(w, t):
    begun, over = os.pipe(), os.pipe()
    inner = [w.fork(live_apart, (begun[1], over[0]), own_namespace=True, held=True,
                    comm="container") for _ in range(CONTAINERS)]
    within = ",".join(("self", *(str(each.netns()) for each in inner)))
    listener = listen(backlog=1024)
    with w.traces(("trace", "--full", "--json", "-N", within, "--max-connections", str(ROOM)),
                  ) as (lines,):
        for each in inner:
            each.go()
            os.read(begun[0], 1)
        w.fork(park, port_of(listener), comm="parker").result()
        os.write(over[1], b"x" * CONTAINERS)
        held = sum(each.result() for each in inner)
        time.sleep(0.2)
    found = where(lines.connections, comm="container", complete=True)
    t.equal(len(found), 2 * held, "each container's connections are told whole")
    paid = [each for each in lines.summary["paid_by"] if each["bound"] == "max_connections"]
    t.equal({each["netns"] for each in paid}, {w.netns},
            "though root has more in all of them than the other user")


def story(w, t):
    tell_users(w, t)
    tell_containers(w, t)


def tell_users(w, t):
    listener = listen(backlog=1024)
    begun, over = os.pipe(), os.pipe()
    with w.traces((*LINES, "--max-connections", str(ROOM)), LINES) as (lines, large):
        victim = w.fork(live_long, port_of(listener), begun[1], over[0], comm="victim")
        os.read(begun[0], 1)
        parked = w.fork(park, port_of(listener), comm="parker").result()
        os.write(over[1], b"x")
        victim.result()
        accepted = listener.accept()[0]
        accepted.close()
        time.sleep(0.2)

    counts = lines.summary["connections"]
    t.ok(parked == PARKED and counts["evicted"] >= 2 * PARKED - ROOM, "a small table is full",
         counts)
    found = where(lines.connections, comm="victim", role="client")
    t.equal([(line["uid"], line["complete"], line["close"]["outcome"]) for line in found],
            [(VICTIM, True, "closed")], "the other user's connection is told whole")
    paid = [each for each in lines.summary["paid_by"] if each["bound"] == "max_connections"]
    t.ok(paid and {each["uid"] for each in paid} <= {ATTACKER, None} and
         {each["netns"] for each in paid} == {w.netns}, "who has made room is named", paid)
    t.equal((large.summary["connections"]["evicted"], large.summary["paid_by"]), (0, []),
            "with room for all, nobody pays")
    t.between(sum(each["count"] for each in paid), 1, counts["evicted"], "and how often")


run(story)
