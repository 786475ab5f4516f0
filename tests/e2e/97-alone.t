#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What is asked for alone: by the interval, slow, long, failed first; and whether a run fails."""
import os
import signal
import time

import tracer
from ladder import EXPLAIN, explained, wait_ended
from traffic import connect, finish, free_port, listen, pair
from world import *

SLOW, DELAY = 7001, 0.08  # seconds
QUICK_COUNT, SLOW_COUNT, REFUSED = 11, 5, 3
HELD, PAUSE = 1.5, 0.02  # seconds
HANDSHAKES = (*HIST, "--only", "handshake_client,state_closing", "--interval", "0.2")
INTERVAL = 200 * MS
TRACE = ("trace", "--json", "-N", "self")


def answer(flow):
    flow.answer(DELAY)
    flow.finish()


def refuse(port):
    for _ in range(REFUSED):
        try:
            connect("127.0.0.1", port)
        except ConnectionRefusedError:
            pass


def traffic(peer, listener, port):
    for _ in range(QUICK_COUNT):
        finish(*pair(listener))
    several([lambda: connect(PEER[IPV4], SLOW).close()] * SLOW_COUNT)
    peer.join()
    refuse(port)


def is_regular(lengths):
    """Whether each is one interval, or several that became one, of which the next lacks a part."""
    before = 0
    for length in lengths:
        if length != INTERVAL and length < 2 * INTERVAL and (
                before < 2 * INTERVAL or (before + length) % INTERVAL):
            return False
        before = length
    return True


def by_interval(t, run_):
    lines = run_.of("histogram")
    t.equal({line["name"] for line in lines}, {"handshake_client", "state_closing"},
            "--only: those and no other, be they empty")
    t.equal(run_.of("failure"), [], "nor failures")
    shakes = where(lines, name="handshake_client")
    t.equal(sum(line["count"] for line in shakes), QUICK_COUNT + SLOW_COUNT,
            "each handshake is in one interval")
    t.ok(len(shakes) > 1 and is_regular([line["duration_ns"] for line in shakes[:-1]]),
         "of 200 ms each, but where the run was held up", shakes)
    t.equal(sorted(line["time"] for line in shakes), [line["time"] for line in shakes],
            "one behind the other")
    slow = [line for line in shakes if line["count"] and line["max"] > DELAY * 900 * MS]
    t.ok(0 < len(slow) < len(shakes), "the slow ones are where they were", shakes)


def held_up(w, t, listener):
    """What comes while the run does not is in an interval as long as that, not in one of many."""
    with w.trace(*HANDSHAKES) as seen:
        os.kill(seen.process.pid, signal.SIGSTOP)
        try:
            begun = time.monotonic()
            while time.monotonic() < begun + HELD:
                finish(*pair(listener))
                time.sleep(PAUSE)
        finally:
            os.kill(seen.process.pid, signal.SIGCONT)
    shakes = where(seen.of("histogram"), name="handshake_client")
    longest = max(shakes, key=lambda line: line["duration_ns"])
    t.ok(longest["duration_ns"] >= (HELD - 0.2) * SECOND, "held up: one interval is as long",
         shakes)
    rates = [line["count"] * SECOND / line["duration_ns"] for line in shakes
             if line["count"] and line["duration_ns"] >= INTERVAL]
    t.ok(rates and max(rates) <= 2 / PAUSE, "none tells of more than were in its time", shakes)


def alone(t, slow, long, first):
    t.equal(sorted(line["rport"] for line in slow.connections), [SLOW] * SLOW_COUNT,
            "--slow: those alone")
    t.none([line for line in long.connections
            if (line["timeline"][-1]["mono_ns"] - line["timeline"][0]["mono_ns"]) < DELAY * SECOND],
           "--min-life: none that is shorter")
    t.ok(SLOW_COUNT <= len(long.connections), "and the slow ones are among them",
         long.connections)
    t.equal(explained(first)["close"]["cause"], "refused", "explain --failed: the first refused")


def gate(w, t, peer, listener, port, condition, status):
    seen = tracer.Tracer((*HIST, "--fail-if", condition), w.patience)
    try:
        seen.wait_ready()
        traffic(peer, listener, port)
        seen.stop()
    finally:
        seen.kill()
    t.equal(seen.status, status, f"{condition}: status {status}") or t.note(seen.err)
    return seen


def story(w, t):
    peer, listener, port = w.peer(), listen(), free_port()
    peer.serve(SLOW, answer)
    with w.traces(HANDSHAKES, (*TRACE, "--slow", "40ms"), (*TRACE, "--min-life", "80ms"),
                  (*EXPLAIN, "--failed")) as (intervals, slow, long, first):
        traffic(peer, listener, port)
        t.ok(wait_ended(first), "explain --failed ends when the first has failed")
    by_interval(t, intervals)
    held_up(w, t, listener)
    alone(t, slow, long, first)
    seen = gate(w, t, peer, listener, port, "handshake_client.max > 70ms and failures.refused = 3",
                3)
    t.ok("--fail-if holds: handshake_client.max is" in seen.err, "one sentence says why", seen.err)
    line = only(seen.lines, type="fail_if")
    t.equal((line["holds"], line["values"]["failures.refused"]), (True, REFUSED), "as JSON does")
    gate(w, t, peer, listener, port, "failures.refused > 3 or lost > 0", 0)
    gate(w, t, peer, listener, port, "half_open.p50 > 1ms", 2)


run(story)
