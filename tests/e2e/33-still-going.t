#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A run that ends while connections fail says of the last of them what it says of the first.

Hooks are not taken away in a moment. A reset that came after its hook had gone is none that there
never was: whatever else the socket shows would be told as the cause. So it is with the last record
that the ring had room for, whose reset had none.
"""
import contextlib
import os
import signal
import time
import threading

from traffic import abort, connect, listen, pair
from world import *

RUNS, LEAST = 3, 40  # so many failures of each kind are waited for
DISCARD = 9  # nobody listens there, and no connect takes it for its own
CAUSES = {"refused", "linger_zero", "reset_received"}
SMALL, STOPS = ("--ring", "8K"), 10


def keep_failing(rude, until):
    while not until.is_set():
        with contextlib.suppress(ConnectionRefusedError):
            connect("127.0.0.1", DISCARD)
        client, server = pair(rude)
        abort(server)
        client.close()


def loses(w, t):
    """Its reader stops again and again."""
    run = Tracer((*LINES, *SMALL), w.patience).wait_ready()
    for _ in range(STOPS):
        os.kill(run.process.pid, signal.SIGSTOP)
        time.sleep(0.2 * w.patience)
        os.kill(run.process.pid, signal.SIGCONT)
        time.sleep(0.02 * w.patience)
    run.stop()
    t.ok(run.summary["events"]["ring_full"], "records are lost", run.summary["events"])
    t.none([line["close"] for line in run.connections
            if line["close"]["cause"] not in {None, "unknown", *CAUSES}],
           "of whom a record may be lost, that or nothing")


def story(w, t):
    rude, until = listen(), threading.Event()
    failing = threading.Thread(target=keep_failing, args=(rude, until))
    failing.start()
    try:
        for number in range(RUNS):
            run = Tracer(LINES, w.patience).wait_ready()
            t.ok(run.wait_output(lambda lines: len(lines) > 3 * LEAST),
                 f"run {number}: connections fail")
            run.stop()
            if run.summary["hooks"]["reset"] is None:
                raise Skip("resets cannot be watched on this rung")
            told = [line for line in run.connections if line["complete"]]
            t.none([line["close"] for line in told if line["close"]["cause"] not in CAUSES],
                   f"run {number}: each of them of what it did")
            t.none([line for line in told if line["role"] == "client" and
                    line["pid"] != os.getpid()], f"run {number}: and of who connected")
            t.none([line["close"] for line in run.connections if not line["complete"]
                    and line["close"]["cause"] not in {None, *CAUSES}],
                   f"run {number}: of one that was there before, that or nothing")
        loses(w, t)
    finally:
        until.set()
        failing.join()


run(story)
