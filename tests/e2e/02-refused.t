#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""7 refused connections: each has its line, its cause, and no handshake that never was."""
from traffic import connect, finish, free_port, listen, pair
from world import *

COUNT = 7
REFUSED = {"127.0.0.1": "ipv4", "::1": "ipv6"}


def story(w, t):
    ports = {address: free_port(address) for address in REFUSED}
    listener = listen()
    with w.traces(EVENTS, LINES) as (events, lines):
        for address, port in ports.items():
            for _ in range(COUNT):
                try:
                    connect(address, port)
                except ConnectionRefusedError:
                    pass
        finish(*pair(listener))

    for address, family in REFUSED.items():
        chains_ = where(events.chains(), rport=ports[address])
        t.equal([each.path for each in chains_], [["CLOSED", "SYN_SENT", "CLOSED"]] * COUNT,
                f"{family}: 7 chains go from SYN_SENT to CLOSED")
        t.none(flaws_of(chains_), f"{family}: each is whole")
        found = where(lines.connections, rport=ports[address])
        t.equal([(line["close"]["outcome"], line["close"]["errno"], line["family"], line["role"])
                 for line in found], [("refused", "ECONNREFUSED", family, "client")] * COUNT,
                f"{family}: 7 lines say refused, ECONNREFUSED")
        t.equal([line for line in found if line["lport"] in (0, None)], [],
                f"{family}: their local port is known")
    outcomes = [line["close"]["outcome"] for line in lines.connections]
    # The client's end may still be in FIN_WAIT2 for want of a hook that sees the peer's FIN.
    t.equal((sorted(set(outcomes)), outcomes.count("refused")),
            (["closed", "refused"], 2 * COUNT), "a connection that works is not refused")


run(story)
