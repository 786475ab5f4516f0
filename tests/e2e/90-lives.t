#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Lives collected in the kernel and steps told one by one say the same of every connection."""
import errno
import socket

from traffic import abort, connect, finish, free_port, leave_unread, listen, pair, port_of
from world import *

ORDERLY, ALIVE, HALF, REFUSED, ABORTED, UNREAD, WAITING, SIX = 41, 17, 7, 5, 7, 3, 11, 13
FEW = "512"  # connections, and slots: some sockets find theirs taken
OPEN = ("trace", "--open", "--json", "-N", "self", "--lives")
COUNTS = (*HIST, "--lives")
APART = 5 * MS * SLACK  # each tracer's programs look at the clock for themselves
# Numbers are given in the order in which lives are known; the rest is about the clock.
OWN = ("id", "time", "start_time", "end_time")


def load(kept):
    """Connections of every kind, most of them at the same time; those in `kept` stay open."""
    local, six, full = listen(backlog=256), listen("::1", backlog=64), listen(backlog=WAITING)
    first = [pair(local) for _ in range(ORDERLY)]
    second = [pair(local) for _ in range(ORDERLY)]
    kept += [pair(local) for _ in range(ALIVE)]
    half = [pair(local) for _ in range(HALF)]
    others = [pair(six, "::1") for _ in range(SIX)]
    for client, server in first:
        finish(client, server)
    for client, server in second + others:
        finish(server, client)
    for client, _ in half:
        client.shutdown(socket.SHUT_WR)
    for _ in range(ABORTED):
        client, server = pair(local)
        abort(client)
        server.close()
        client, server = pair(local)
        abort(server)
        client.close()
    for _ in range(UNREAD):
        leave_unread(*pair(local))
    waiting = [connect("127.0.0.1", port_of(full)) for _ in range(WAITING)]
    for client in waiting:
        client.close()
    full.close()
    refuse(free_port())
    kept += [*half, local, six]


def refuse(port):
    """A socket that is refused again and again."""
    with socket.socket() as sock:
        for _ in range(REFUSED):
            assert sock.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def flaws(a, b, at=""):
    """Where two values differ by more than two looks at the clock do."""
    if isinstance(a, dict) and isinstance(b, dict):
        return [flaw for key in {*a, *b} - set(OWN)
                for flaw in flaws(a.get(key), b.get(key), f"{at}.{key}")]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [flaw for i, each in enumerate(a) for flaw in flaws(each, b[i], f"{at}[{i}]")]
    if at.endswith("_ns") and isinstance(a, int) and isinstance(b, int):
        return [] if abs(a - b) <= APART else [f"{at}: {a}, {b}"]
    return [] if a == b else [f"{at}: {a}, {b}"]


def by_ends(lines):
    """{(local port, remote port, when it was there of several): line}"""
    found = {}
    for line in sorted(lines, key=lambda line: [each["mono_ns"] or 0 for each in line["timeline"]]):
        ends = (line["lport"], line["rport"])
        found[(*ends, sum(key[:2] == ends for key in found))] = line
    return found


def counted(hist):
    """How many values each histogram has."""
    return {each["name"]: each["count"] for each in hist.of("histogram") if each["count"]}


def story(w, t):
    kept = []
    with w.traces((*OPEN, "no"), (*OPEN, "yes"), (*OPEN, "yes", "--max-connections", FEW),
                  (*COUNTS, "no"), (*COUNTS, "yes"), live=True) as (steps, lives, few, old, new):
        load(kept)
    want = by_ends(steps.connections)
    t.equal(len(want), 2 * (2 * ORDERLY + ALIVE + HALF + 2 * ABORTED + UNREAD + WAITING + SIX)
            + REFUSED, "all have a line")
    for seen, name in ((lives, "lives"), (few, "with few slots")):
        got = by_ends(seen.connections)
        t.equal(set(got), set(want), f"{name}: the same connections")
        t.none([f"{key}{flaw}" for key in set(got) & set(want)
                for flaw in flaws(want[key], got[key])], f"{name}: the same of each")
        events, count = seen.summary["events"], seen.summary["connections"]
        t.equal(events["seen"], events["filtered"] + events["submitted"] + events["ring_full"],
                f"{name}: every event is accounted for")
        t.equal((events["received"], events["ring_full"], events["malformed"]),
                (events["submitted"], 0, 0), f"{name}: and was received")
        t.equal((count["opened"], count["closed"], count["live"], count["incomplete"]),
                tuple(steps.summary["connections"][each]
                      for each in ("opened", "closed", "live", "incomplete")),
                f"{name}: as many of each")
    t.equal(counted(new), counted(old), "histograms: as many values")
    kept.clear()


run(story, limit=110)
