#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A run that ends while connections fail says of the last of them what it says of the first.

Hooks are not taken away in a moment. A reset that came after its hook had gone is none that there
never was: whatever else the socket shows would be told as the cause.
"""
import contextlib
import os
import threading

from traffic import abort, connect, listen, pair
from world import *

RUNS, LEAST = 3, 40  # so many failures of each kind are waited for
DISCARD = 9  # nobody listens there, and no connect takes it for its own
CAUSES = {"refused", "linger_zero", "reset_received"}


def keep_failing(rude, until):
    while not until.is_set():
        with contextlib.suppress(ConnectionRefusedError):
            connect("127.0.0.1", DISCARD)
        client, server = pair(rude)
        abort(server)
        client.close()


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
    finally:
        until.set()
        failing.join()


run(story)
