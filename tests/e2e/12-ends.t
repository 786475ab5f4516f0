#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""How a run ends: by signal, by time, by a reader that has seen enough."""
import fcntl
import os
import signal
import time

from traffic import finish, listen, pair
from world import *

F_SETPIPE_SZ = 1031
TEXT = ("trace", "-N", "self")


def ended_by_itself(tracer_, within=10.0):
    """Whether the process ends without a signal; `within` in seconds."""
    deadline = time.monotonic() + within * tracer_.patience
    while tracer_.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return tracer_.process.poll() is not None


def head_minus_one(w, t, listener, args):
    """As in `tcpspan ... | head -1`."""
    reader, writer = os.pipe()
    seen = Tracer(args, w.patience, stdout=writer).wait_ready()
    os.close(writer)
    finish(*pair(listener))
    first = os.read(reader, 1 << 16)
    os.close(reader)
    finish(*pair(listener))
    name = " ".join(args[:2])
    t.ok(first.endswith(b"\n"), f"{name} | head: a whole line comes at once", first)
    t.ok(ended_by_itself(seen), f"{name} | head: it ends when nobody reads")
    seen.kill()
    t.ok(seen.process.returncode in (0, -signal.SIGPIPE), f"{name} | head: with a quiet status",
         seen.process.returncode)
    t.none([line for line in seen.err.splitlines() if "pipe" in line.lower()
            or "error" in line.lower()], f"{name} | head: and no complaint")


def signalled(w, t, listener, args, number):
    seen = Tracer(args, w.patience).wait_ready()
    finish(*pair(listener))
    seen.stop(number)
    name = f"{' '.join(args[:2])}, {number.name}"
    t.none(seen.flaws(), f"{name}: status 0" + (", a summary" if "--json" in args else ""))
    t.ok(len(seen.out.splitlines()) >= 2, f"{name}: what was seen is printed", seen.out)
    if "--json" not in args:
        t.ok(len(seen.err.splitlines()) >= 2, f"{name}: the summary is on standard error", seen.err)


def signalled_twice_while_stuck(w, t, listener):
    """Nobody reads and the pipe is full: the first signal may wait for room, the second may not."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, F_SETPIPE_SZ, 4096)
    seen = Tracer(EVENTS, w.patience, stdout=writer).wait_ready()
    os.close(writer)
    for _ in range(23):
        finish(*pair(listener))
    time.sleep(0.3)
    for _ in range(2):
        if seen.process.poll() is None:
            seen.process.send_signal(signal.SIGINT)
            time.sleep(0.1)
    t.ok(ended_by_itself(seen, 3.0), "two signals end a run whose output is stuck")
    seen.kill()
    os.close(reader)


def story(w, t):
    listener = listen()
    head_minus_one(w, t, listener, TEXT)
    head_minus_one(w, t, listener, EVENTS)
    for args in (TEXT, EVENTS, HIST):
        for number in (signal.SIGINT, signal.SIGTERM):
            signalled(w, t, listener, args, number)
    signalled_twice_while_stuck(w, t, listener)

    start = time.monotonic()
    timed = Tracer((*EVENTS, "-d", "1"), w.patience).wait_ready()
    finish(*pair(listener))
    t.ok(ended_by_itself(timed), "-d 1 ends by itself")
    took = time.monotonic() - start
    t.between(took, 1.0, 10.0 * w.patience, "not before its second is over", "s")
    t.none(timed.wait().flaws(), "with status 0 and a summary")
    t.equal(len(timed.chains()), 2, "and what it saw")


run(story)
