#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Without traffic the program sleeps: no timer wakes it, and it takes no processor time."""
import os
import re
import time

from traffic import finish, listen, pair
from world import *

SECONDS = 3.0
# The last look after the traffic, and what somebody else's work may bring.
MOST_WAKES, MOST_CPU_NS = 2, 5 * MS
LOOK_WAKES = 3  # and for each second where what is left in TIME_WAIT is looked at
COMMANDS = (EVENTS, LINES, HIST)


def used_by(pid):
    """(wake-ups, ns of processor time) of all threads so far."""
    wakes = cpu_ns = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as status:
            wakes += int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)", status.read(),
                                   re.M).group(1))
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as stat:
            cpu_ns += int(stat.read().split()[0])
    return wakes, cpu_ns


def apart_of(before, after):
    return [(b[0] - a[0], b[1] - a[1]) for a, b in zip(before, after)]


def story(w, t):
    listener = listen()
    with w.traces(*COMMANDS, live=True) as runs:
        for _ in range(23):
            finish(*pair(listener))
        time.sleep(1.0 * w.patience)
        before = [used_by(each.pid) for each in runs]
        time.sleep(SECONDS)
        after = [used_by(each.pid) for each in runs]
        for _ in range(7):
            finish(*pair(listener))
            time.sleep(0.2)
        busy = [used_by(each.pid) for each in runs]

    idle, active = apart_of(before, after), apart_of(after, busy)
    for each, (wakes, cpu_ns), (more, _) in zip(runs, idle, active):
        name, most = each.name.split(" -N")[0], MOST_WAKES
        if each.summary["hooks"]["time_wait"] == "sampling":
            most += int(LOOK_WAKES * SECONDS)
        t.between(wakes, 0, most, f"{name}: nothing wakes it for {SECONDS:g} seconds")
        t.between(cpu_ns, 0, MOST_CPU_NS * SLACK, f"{name}: it takes no time", "ns")
        t.ok(more > MOST_WAKES, f"{name}: the measure sees it work", more)


run(story)
