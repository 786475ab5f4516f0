#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""In a time namespace, which shows other clocks, all times are the kernel's."""
import datetime
import os
import re
import tempfile
import time

import tracer
from traffic import finish, listen, pair
from world import *

FAR = 1000000  # seconds
NEAR = 60


def never_pause(listener):
    while True:
        finish(*pair(listener))
        time.sleep(0.01)


def is_now(text):
    then = datetime.datetime.fromisoformat(text[:26] + "+00:00")
    return abs((datetime.datetime.now(datetime.timezone.utc) - then).total_seconds()) < NEAR


def lines_of(t, name, prefix, *args, status=0):
    done = tracer.run(*args, prefix=prefix)
    lines, flaws = tracer.parse_lines(done.out)
    t.equal((done.status, flaws), (status, []), f"{name}: {args[0]}: status {status}") or \
        t.note(done.err)
    return lines


def traced(t, name, prefix):
    begun = time.monotonic() * SECOND
    lines = lines_of(t, name, prefix, "trace", "--json", "--cmdline", "-N", "self", "-d", "0.5")
    ended = time.monotonic() * SECOND
    lives = where(lines, type="connection")
    t.ok(lives and all(begun <= step["mono_ns"] <= ended for life in lives if life["complete"]
                       for step in life["timeline"]), f"{name}: steps are in the kernel's time")
    # Of one that was there before nobody has seen when it began.
    times = [life["time"] for life in lives if life["complete"]]
    t.ok(times and all(is_now(time_) for time_ in times),
         f"{name}: the time of day is the machine's", times)
    t.ok(any(life["cmdline"] for life in lives), f"{name}: processes are no later than they are",
         lives[:1])


def recorded(t, name, prefix):
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/recording"
        lines = lines_of(t, name, prefix, "record", "--json", "-N", "self", "-d", "0.5", "-o", path)
        said = lines_of(t, name, prefix, "check", "--json", "-i", path)
    t.ok(is_now(said[0]["time"]) and said[-1]["duration_ns"] < NEAR * SECOND,
         f"{name}: a recording is of now, and as long as it is", said)
    t.ok(only(lines, type="summary")["duration_ns"] < NEAR * SECOND, f"{name}: so it is told")


def hung(t, name, prefix):
    line = only(lines_of(t, name, prefix, "stuck", "--json", "-N", "self", status=1), type="stuck")
    t.ok(line["age_ns"] < NEAR * SECOND and is_now(line["time"]),
         f"{name}: what is stuck is as old as it is, now", line)
    done = tracer.run("top", "--once", "-N", "self", prefix=prefix)
    said = [line for line in done.out.decode().splitlines() if line.startswith(" Stuck: ")]
    t.ok(len(said) == 1 and not re.search(r"\dd", said[0]), f"{name}: as top tells", done)


def story(w, t):
    if not os.path.exists("/proc/self/ns/time"):
        raise Skip("no time namespaces")
    listener, silent = listen(), listen()
    w.fork(never_pause, listener)
    client, server = pair(silent)
    server.close()
    for name, seconds in (("as the machine", 0), ("ahead", FAR),
                          ("behind", -int(time.monotonic() / 2))):
        prefix = ("unshare", "--time", "--fork", f"--monotonic={seconds}", f"--boottime={seconds}")
        traced(t, name, prefix)
        recorded(t, name, prefix)
        hung(t, name, prefix)
    client.close()


run(story)
