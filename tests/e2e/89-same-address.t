#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Sockets are made where others were: what is told of one is never said of the one before it."""
from traffic import bind_to_device, connect, finish, listen, pair, port_of
from world import *

COUNT = 64
LIVES = ("trace", "--json", "-N", "self")


def story(w, t):
    before, after = listen(), listen()
    want = set()
    with w.traces(LIVES, (*LIVES, "--events")) as (lines, events):
        pairs = [pair(before) for _ in range(COUNT)]
        for client, server in pairs:
            finish(client, server)
        # Bound to an interface when it begins, or when it ends: of such nothing is collected.
        for at_first in (True, False) * (COUNT // 2):
            client = connect("127.0.0.1", port_of(after), device="lo" if at_first else "")
            server = after.accept()[0]
            for sock in (client, server):
                bind_to_device(sock, "" if at_first else "lo")
            want |= {(port_of(client), port_of(after)), (port_of(after), port_of(client))}
            finish(client, server)

    found = [(line["lport"], line["rport"]) for line in lines.connections
             if port_of(before) not in (line["lport"], line["rport"])]
    t.equal(sorted(found, key=str), sorted(want, key=str), "each is told of once, by its own ends")
    t.equal(len(lines.connections), 4 * COUNT, "and so are those before")
    known = ["closed_by_local", "closed_by_remote"]
    if lines.summary["hooks"]["time_wait"] in (None, "sampling"):
        # Of who was handed over before the peer's FIN came nobody has to know more.
        known.append(None)
    t.none([line for line in lines.connections
            if line["gaps"] or line["close"]["cause"] not in known], "how each ended is known")
    t.none([line for line in where(events.lines, type="transition")
            if not {line["lport"], line["rport"]} & {port_of(before), port_of(after)}],
           "step by step as well")


run(story)
