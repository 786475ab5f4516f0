#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""`check` says whether tracing works here, and its word is good."""
import tracer
from traffic import finish, listen, pair
from world import *


def story(w, t):
    done = tracer.run("check")
    said = done.out.decode(errors="replace")
    t.equal(done.status, 0, "tracing works here") or t.note(said, done.err)
    t.none([word for word in ("state", "clock", "BTF", "lockdown") if word not in said],
           "it speaks of the hooks, the clock, BTF and lockdown")
    t.ok("libbpf" not in said + done.err.decode(errors="replace"), "without noise")
    listener = listen()
    with w.trace() as seen:
        finish(*pair(listener))
    t.equal(len(seen.chains()), 2, "and so it is")
    rung = seen.summary["hooks"].get("state")
    t.ok(rung and str(rung) in said, "the rung in use is the one that check names",
         seen.summary["hooks"], said)


run(story)
