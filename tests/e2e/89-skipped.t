#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs that the kernel skips, for the program was running already, are told and healed.

A softirq that comes in the middle of a connect finds the program at work on its CPU. To have many
of them, each CPU processes packets that the others send. Where the same event has two programs, the
second one speaks for the first; where it has one, as on the tracepoint through perf, it is lost.
"""
import os
import re
import socket
import time

from namespace import spread_packets
from traffic import listen
from world import *

SECONDS, SERVERS = 3.0, 8
CLASSIC = ("hist", "--json", "-N", "self", "--attach", "classic")
ENOUGH = 10  # connections that one program alone has hurt, to compare with two


def saturate(cpu):
    """Connects, accepts and closes on one CPU without a pause; returns how often."""
    os.sched_setaffinity(0, {cpu})
    listeners = [listen(f"127.1.{cpu % 256}.{1 + i}", 7000) for i in range(SERVERS)]
    names = [each.getsockname() for each in listeners]
    made, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        for listener, name in zip(listeners, names):
            client = socket.socket()
            client.connect(name)
            server = listener.accept()[0]
            client.close()
            server.close()
            made += 1
    return made


def skipped_by_kernel(pid):
    """Runs of the programs of a process that the kernel has skipped; None where it does not say."""
    found = {}
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as info:
            text = info.read()
        program = re.search(r"^prog_id:\s*(\d+)", text, re.M)
        skipped = re.search(r"^recursion_misses:\s*(\d+)", text, re.M)
        if program and skipped:
            found[program.group(1)] = int(skipped.group(1))
    return sum(found.values()) if found else None


def story(w, t):
    if not spread_packets():
        raise Skip("this kernel cannot let one CPU process what another one sends")
    with w.traces(HIST, CLASSIC) as runs:
        workers = [w.fork(saturate, cpu) for cpu in sorted(os.sched_getaffinity(0))]
        made = sum(each.result() for each in workers)
        # After a loss the table is compared with the kernel's sockets.
        time.sleep(2.0 * w.patience)
        skipped = [skipped_by_kernel(each.pid) for each in runs]
    if None in skipped:
        raise Skip("this kernel does not count what it skips")
    best, classic = (each.summary for each in runs)
    hurt = [each["connections"]["incomplete"] for each in (best, classic)]
    t.note(f"{made} connections; skipped of two and of one: {skipped}; incomplete: {hurt}")
    t.equal(best["events"]["ring_full"] + classic["events"]["ring_full"], 0, "the ring was enough")
    t.ok(best["events"]["missed"] <= skipped[0], "two programs miss less than is skipped of them")
    t.equal(classic["events"]["missed"], skipped[1], "one program says how often it was skipped")
    for summary in (best, classic):
        counts = summary["connections"]
        t.equal(counts["live"], 0, "nothing is kept that has ended")
        t.equal(counts["opened"] + counts["seeded"],
                counts["live"] + counts["closed"] + counts["evicted"], "the counts add up")
    # On a slow machine one program is skipped too seldom to compare it with two.
    if hurt[1] >= ENOUGH:
        t.ok(2 * hurt[0] < hurt[1], "two programs leave fewer connections hurt than one", hurt)


run(story, limit=90)
