#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What connections did is held against the kernel's counters, and a loss shows as a difference."""
import contextlib
import json
import os
import signal
import subprocess
import tempfile

import namespace
import tracer
from traffic import abort, connect, end_each, finish, free_port, leave_unread, listen, pair, port_of
from traffic import serve, visit, wait_for
from world import *

ORDERLY, REFUSED, UNREAD, ABORTED, OPEN, NOISE = 23, 7, 5, 3, 11, 151
RING = "4096"  # bytes: some 80 records
ALWAYS = {"ActiveOpens", "PassiveOpens", "EstabResets"}


class Against:
    """A run of it, from the moment that it has begun to compare."""

    def __init__(self, w, seconds, *args):
        self._patience = w.patience
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [tracer.program(), "check", "--against", f"{seconds * w.patience:g}s", "-N", "self",
             *args, *tracer.extra_arguments()], stdin=subprocess.DEVNULL, stdout=self._out,
            stderr=self._err, preexec_fn=namespace.die_with_parent)
        wait_for(lambda: "to be compared" in self._read(self._err), 30 * w.patience)

    @staticmethod
    def _read(file):
        file.seek(0)
        return file.read().decode(errors="replace")

    def ended(self):
        """The status, and what it has written."""
        try:
            status = self.process.wait(60 * self._patience)
        finally:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
        return status, self._read(self._out) or self._read(self._err)


def make_traffic():
    """Of all ends that the kernel counts; some stay open."""
    listener, nobody = listen(), free_port()
    for _ in range(ORDERLY):
        finish(*pair(listener))
    for _ in range(REFUSED):
        with contextlib.suppress(ConnectionRefusedError):
            connect("127.0.0.1", nobody)
    end_each(listener, UNREAD, leave_unread)
    end_each(listener, ABORTED, lambda client, server: (abort(client), server.close()))
    with contextlib.suppress(OSError):
        connect("192.0.2.1", 80)
    return [pair(listener) for _ in range(OPEN)]


def tell_agreement(w, t):
    run_of_it = Against(w, 3, "--json")
    moved = Deltas()
    still_open = make_traffic()
    kernel = {name: moved[name] for name in ("ActiveOpens", "PassiveOpens", "EstabResets")}
    status, out = run_of_it.ended()
    found = json.loads(out.splitlines()[0])
    known = {name: each for name, each in found["counters"].items() if each}
    t.none([f"{name}: {each}" for name, each in known.items() if each["difference"]],
           "what it counted is what the kernel has counted")
    t.ok(ALWAYS <= set(known), "connections can always be compared", sorted(known))
    t.equal({name: known[name]["kernel"] for name in kernel}, kernel,
            "and the kernel's side is what others read there")
    t.equal((known["ActiveOpens"]["here"], known["EstabResets"]["here"]),
            (ORDERLY + REFUSED + UNREAD + ABORTED + OPEN, 2 * UNREAD + 2 * ABORTED),
            "which is what was done")
    t.equal((status, found["ok"], found["namespaces"], found["lost"]), (0, True, 1, 0),
            "they agree")
    return still_open


def tell_loss(w, t):
    """Transitions that a small ring has no room for, while the tracer is stopped."""
    noise = listen()
    run_of_it = Against(w, 3, "--json", "--ring", RING, "--rings", "1")
    os.kill(run_of_it.process.pid, signal.SIGSTOP)
    server = w.fork(serve, noise, NOISE)
    visit("127.0.0.1", port_of(noise), NOISE)
    server.result()
    os.kill(run_of_it.process.pid, signal.SIGCONT)
    status, out = run_of_it.ended()
    found = json.loads(out.splitlines()[0])
    opens = found["counters"]["ActiveOpens"]
    t.equal(opens["kernel"], NOISE, "the kernel has counted all of them")
    t.between(opens["difference"], -NOISE, -1, "what was lost is missing here")
    t.ok(found["lost"] > 0 and status == 0, "it is no more than what was lost, as it says",
         (found["lost"], status))


def story(w, t):
    still_open = tell_agreement(w, t)
    tell_loss(w, t)
    status, out = Against(w, 0.2).ended()
    t.ok(status == 0 and "ActiveOpens" in out and "They agree." in out, "in words, too", out)
    status, out = Against(w, 0.2, "-D", "80").ended()
    t.ok(status == 2 and "Nothing can be compared" in out,
         "what is filtered out the kernel counts all the same", out)
    for each in still_open:
        finish(*each)


run(story)
