#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A hundred thousand connects to a port where nobody listens: all counted, memory bounded.

CONNECTS=N in the environment sets their number.
"""
import errno
import os
import socket

from traffic import free_port
from world import *

CONNECTS = int(os.environ.get("CONNECTS", "100003"))
# A sanitizer keeps what is freed for a while.
MEMORY_KB = 300000 if os.environ.get("SAN") else 150000


def knock(port, number):
    """So many connects; returns how many were refused."""
    refused = 0
    for _ in range(number):
        with socket.socket() as client:
            refused += client.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED
    return refused


def peak_memory_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def story(w, t):
    port = free_port()
    # As text, for so many lines of JSON would take this script a while.
    with w.traces(HIST, ("trace", "-N", "self")) as (hist, text):
        refused = w.fork(knock, port, CONNECTS).result()
        memory = [peak_memory_kb(each.pid) for each in (hist, text)]

    t.equal(refused, CONNECTS, "the kernel refused each")
    counts = hist.summary["connections"]
    events = hist.summary["events"]
    t.equal((events["ring_full"], events["missed"]), (0, 0), "no record was lost")
    t.equal((counts["opened"], counts["closed"], counts["live"]), (CONNECTS, CONNECTS, 0),
            "each was opened and closed")
    t.equal(counts["evicted"] + counts["incomplete"], 0, "and is whole")
    lines = [line for line in text.out.splitlines() if line.endswith(b" rfsd")]
    t.equal(len(lines), CONNECTS, "each has a line that says so")
    t.between(max(memory), 1, MEMORY_KB, "memory stays bounded", "KiB")


run(story, limit=120)
