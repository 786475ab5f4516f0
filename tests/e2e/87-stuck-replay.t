#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""CLOSE_WAIT at a moment of a recording: exact ages, and none once it was closed."""
import tempfile
import time

import tracer
from traffic import listen, pair, port_of, wait_state
from world import *

COUNT = 5


def look(t, name, *args, status):
    """The stuck lines and the summary of one look, whose exit status is checked."""
    done = tracer.run("stuck", "--json", *args)
    t.equal(done.status, status, f"{name}: status {status}") or t.note(done.err)
    lines, flaws = tracer.parse_lines(done.out)
    t.none(flaws, f"{name}: valid lines")
    return where(lines, type="stuck"), lines[-1]


def story(w, t):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/night"
        others = f"{folder}/others"
        with w.traces(("record", "-N", "self", "-o", path),
                      ("record", "-N", "self", "-c", "nobody,noone", "-o", others)):
            begin = time.monotonic_ns()
            listener, held = listen(), []
            for _ in range(COUNT):
                client, server = pair(listener)
                ports = port_of(server), port_of(client)
                before = time.monotonic_ns()
                client.close()
                if not wait_state(*ports, "CLOSE_WAIT"):
                    raise AssertionError("no CLOSE_WAIT")
                held.append((server, ports[1], (before, time.monotonic_ns())))
            time.sleep(2)
            closed = time.monotonic_ns()
            for server, _, _ in held:
                server.close()
            time.sleep(0.2)
        end, summary = look(t, "at the end", "-i", path, status=0)
        t.equal(end, [], "nothing is stuck at the end")
        t.equal(summary["connections"]["closed"], 2 * COUNT, "all was read")

        first = min(line["mono_ns"] for line in tracer.parse_lines(
            tracer.run("trace", "--events", "--json", "-i", path).out)[0]
            if line["type"] == "transition" and line["mono_ns"])
        t.ok(begin < first < closed, "the recording is of this time")
        stuck, summary = look(t, "in between", "-i", path, "--at", "0", status=0)
        t.equal(stuck, [], "nothing was stuck at the beginning")
        # How long the recorder ran before the first connection, its file alone knows.
        ages = []
        for at in (step / 4 for step in range(1, int(40 * w.patience))):
            found = where(tracer.parse_lines(tracer.run(
                "stuck", "--json", "-i", path, "--at", str(at)).out)[0], type="stuck")
            if len(found) == COUNT:
                ages = found
                break
        t.equal(len(ages), COUNT, "all were stuck in between")
        t.equal(sorted(line["rport"] for line in ages), sorted(port for _, port, _ in held),
                "each is one of them")
        t.equal({line["age_quality"] for line in ages}, {"exact"}, "their ages are exact")
        since = {port: times for _, port, times in held}
        t.none([line for line in ages
                if not since[line["rport"]][0] <= line["mono_ns"] - line["age_ns"]
                <= since[line["rport"]][1]], "and right: since the FIN came")
        t.equal({(line["holders"], line["holders_known"]) for line in ages}, {(None, False)},
                "who held a descriptor is unknown")
        older = [line for at in (step / 4 for step in range(1, 12)) for line in
                 tracer.parse_lines(tracer.run("stuck", "--json", "-i", others, "--at",
                                               str(at)).out)[0] if line["type"] == "stuck"]
        t.equal(older, [], "a recording of other programs has none of these")
        again = [tracer.run("stuck", "--json", "-i", path, "--at", "1") for _ in range(2)]
        t.equal(again[0], again[1], "twice the same bytes")
        older, _ = look(t, "older than a day", "-i", path, "--min-age", "86400", status=0)
        t.equal(older, [], "none is older than a day")


run(story)
