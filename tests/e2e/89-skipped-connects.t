#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A failed connect whose hook the kernel has skipped is in no line, and is counted all the same.

Where the call tells of it, the hook is a tracepoint through perf: the kernel runs none of those on
a CPU while somebody there asks for what is in a map, whoever that is, and whatever else it runs in
between.
"""
import errno
import os
import re
import socket
import time

from kernel_objects import Heavy, is_known
from world import *

SECONDS, NOWHERE = 4.0, ("203.0.113.9", 80)
CLASSIC = (*LINES, "--attach", "classic")


def ask(cpu):
    """Asks for what is in a map, over and over."""
    os.sched_setaffinity(0, {cpu})
    heavy, until = Heavy(), time.monotonic() + SECONDS
    while time.monotonic() < until:
        for _ in range(16):
            heavy.ask()


def fail(cpu):
    """Connects to nowhere meanwhile; returns how often."""
    os.sched_setaffinity(0, {cpu})
    made, until = 0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        for _ in range(16):
            with socket.socket() as sock:
                assert sock.connect_ex(NOWHERE) == errno.ENETUNREACH
            made += 1
        time.sleep(0.001)
    return made


def counts_skips(pid):
    """Whether the kernel tells how often it has skipped a program."""
    return any(re.search(r"^recursion_misses:", open(f"/proc/{pid}/fdinfo/{fd}",
                                                     encoding="ascii").read(), re.M)
               for fd in os.listdir(f"/proc/{pid}/fdinfo"))


def story(w, t):
    if not is_known():
        raise Skip("no number of bpf(2) for this machine")
    cpu = max(os.sched_getaffinity(0))
    with w.trace(*CLASSIC) as lines:
        if not counts_skips(lines.pid):
            raise Skip("this kernel does not count what it skips")
        asker, failer = w.fork(ask, cpu), w.fork(fail, cpu)
        made, _ = failer.result(), asker.result()
    told = len(where(lines.connections, rport=NOWHERE[1], raddr=NOWHERE[0]))
    skipped = lines.summary["events"]["skipped"]
    t.note(f"{made} failed, {told} have a line, {skipped} runs were skipped")
    t.ok(told <= made <= told + skipped, "what has no line was counted", made, told, skipped)
    t.equal(lines.summary["connections"]["unsent"], told, "and the others are all that there are")
    if told == made:
        t.skip("some were skipped", "nothing came between on this kernel")


run(story, needs=("connect",))
