#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""One user parks connections by the hundred in a small table: another's live one stays in it."""
import os
import time

from traffic import connect, listen, port_of
from world import *

PARKED, ROOM = 307, 64
ATTACKER, VICTIM = 65533, 65534


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


def story(w, t):
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
