#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Connections older than the tracer, and younger than its end: what is unknown is null, never 0."""
from traffic import finish, listen, pair, port_of
from world import *

OPEN = (*LINES, "--open")


def story(w, t):
    old, young = listen(), listen()
    before = pair(old)
    with w.traces(EVENTS, LINES, OPEN) as (events, lines, with_open):
        finish(*before)
        alive = pair(young)

    found = events.chains()
    t.equal(len(found), 4, "two ends that are older, two that are younger")
    for end, first in (({"rport": port_of(old)}, "FIN_WAIT1"),
                       ({"lport": port_of(old)}, "CLOSE_WAIT")):
        chain = only(found, **end)
        t.equal(chain.path[:2], ["ESTABLISHED", first], "an older one begins where we came in")
        t.equal(chain.steps[0]["dwell_ns"], None, "how long it was there is not known")
        line = only(lines.connections, **end)
        t.equal((line["complete"], line["handshake"]["latency_ns"], line["handshake"]["quality"]),
                (False, None, "unknown"), "its line is not complete, its handshake unknown")
        t.equal(line["close"]["outcome"], "closed", "its end is known")
    t.none(flaws_of(where(found, rport=port_of(young)) + where(found, lport=port_of(young))),
           "the younger ones are whole so far")
    t.equal(len(lines.connections), 2, "what is alive at the end has no line")
    alive_lines = [line for line in with_open.connections if line["close"]["outcome"] == "open"]
    t.equal(sorted((line["role"], states_of(line)[-1]) for line in alive_lines),
            [("client", "ESTABLISHED"), ("server", "ESTABLISHED")], "with --open it has")
    t.equal({line["end_time"] for line in alive_lines}, {None}, "and no end")
    t.ok(lines.summary["connections"]["live"] >= 2, "the summary counts what lives",
         lines.summary)
    for sock in alive:
        sock.close()


run(story)
