#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Sockets that a filter leaves out are made where others were: their resets are not theirs."""
from traffic import abort, listen, pair, port_of
from world import *

COUNT = 61


def story(w, t):
    wanted, other = listen(), listen()
    lines = ("trace", "--json", "-N", "self")
    with w.traces(lines, (*lines, "-D", str(port_of(wanted)))) as (every, filtered):
        for _ in range(COUNT):
            client, server = pair(wanted)
            server.sendall(b"never read")
            server.close()
            client.close()  # a reset ends it, of which more word could come
            client, server = pair(other)
            abort(client)
            server.close()
            client, server = pair(wanted)
            client.sendall(b"never read")
            client.close()  # and so does the server's of this one
            server.close()
            client, server = pair(other)
            abort(server)
            client.close()

    closes = [sorted((line["lport"], str(line["close"])) for line in
                     where(run_.connections, rport=port_of(wanted))) for run_ in (every, filtered)]
    t.equal(len(closes[0]), 2 * COUNT, "all have a line")
    t.equal(closes[1], closes[0], "each ends as it does where nothing is left out")
    t.equal(len(filtered.connections), 2 * COUNT, "and nothing else is told of")


run(story)
