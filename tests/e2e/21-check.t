#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""`check` says whether tracing works here, and its word is good."""
import tracer
from traffic import finish, listen, pair
from world import *


ALSO = {"tracepoint": "tp_btf"}  # what `--attach` takes beside what it names


def judge_refusals(t, hooks):
    """What it says does not work does not, however connections are followed."""
    state = next(each for each in hooks if each["family"] == "state")
    works = {each["rung"] for each in state["rungs"] if each["works"]}
    for rung in (each["rung"] for each in state["rungs"]):
        if {rung, ALSO.get(rung)} & works:
            continue
        for args in (("trace", "--events"), ("trace",)):
            done = tracer.run(*args, "-N", "self", "-d", "1", "--attach", rung)
            t.equal((done.status, done.out, len(done.err.splitlines())), (2, b"", 1),
                    f"{' '.join(args)} --attach {rung}: one sentence") or t.note(done.err)


def story(w, t):
    done = tracer.run("check")
    said = done.out.decode(errors="replace")
    t.equal(done.status, 0, "tracing works here") or t.note(said, done.err)
    t.none([word for word in ("state", "clock", "BTF", "lockdown", "confined") if word not in said],
           "it speaks of the hooks, the clock, BTF and lockdown")
    lines, flaws = tracer.parse_lines(tracer.run("check", "--json").out)
    t.none(flaws or tracer.summary_flaws(lines), "with --json the last line is a sound summary")
    t.equal((lines[0]["type"], lines[0]["ok"], lines[-1]["connections"]["closed"]),
            ("check", True, 2), "of the connection to itself, whose both ends were seen")
    unseen = {family["family"]: family["not_seen"] for family in lines[0]["hooks"]}
    t.none([family["family"] for family in lines[0]["hooks"]
            if not family["rung"] and not family["not_seen"]],
           "without a hook it says what is lost")
    words = said.split()
    t.none([lacks for each in unseen.values() for lacks in each
            if not any(words[at:at + len(lacks.split())] == lacks.split()
                       for at in range(len(words)))], "and says it to people as well")
    t.ok("libbpf" not in said + done.err.decode(errors="replace"), "without noise")
    judge_refusals(t, lines[0]["hooks"])
    listener = listen()
    with w.trace() as seen:
        finish(*pair(listener))
    t.equal(len(seen.chains()), 2, "and so it is")
    rung = seen.summary["hooks"].get("state")
    t.ok(rung and str(rung) in said, "the rung in use is the one that check names",
         seen.summary["hooks"], said)


run(story, limit=60)
