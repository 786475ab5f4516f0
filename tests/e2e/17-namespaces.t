#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Network namespaces: -N shows those that are named, in all ways there are; without it all."""
from traffic import finish, listen, pair
from world import *

OURS, THEIRS, OTHERS = 5, 7, 11
NAME = "e2e-inner"


def talk(count):
    """`count` connections over the loopback of wherever this runs."""
    listener = listen()
    for _ in range(count):
        finish(*pair(listener))


def story(w, t):
    inner = w.fork(talk, THEIRS, own_namespace=True, held=True)
    outer = w.fork(talk, OTHERS, own_namespace=True, held=True)
    name_namespace(inner.pid, NAME)
    number, other = inner.hold_netns(), outer.hold_netns()
    base = ("trace", "--events", "--json")
    wanted = {(): (2 * OURS, 2 * THEIRS, 2 * OTHERS), ("-N", "self"): (2 * OURS, 0, 0)}
    for how in (str(number), str(inner.pid), f"/proc/{inner.pid}/ns/net", NAME):
        wanted["-N", how] = 0, 2 * THEIRS, 0
    wanted["-N", f"self,{NAME}"] = 2 * OURS, 2 * THEIRS, 0
    wanted["-N", NAME, "-N", str(outer.pid)] = 0, 2 * THEIRS, 2 * OTHERS
    with w.traces(*((*base, *how) for how in wanted)) as runs:
        talk(OURS)
        inner.go().result()
        outer.go().result()

    for run_, (how, counts) in zip(runs, wanted.items()):
        found = run_.chains()
        parts = [where(found, netns=n) for n in (w.netns, number, other)]
        name = " ".join(how) or "without -N"
        t.equal(tuple(map(len, parts)), counts, f"{name}: chains of ours, of each of the others")
        t.none(flaws_of(sum(parts, [])), f"{name}: each is whole")
        if how:
            t.equal(len(found), sum(counts), f"{name}: and no other")


run(story)
