#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Network namespaces: -N shows one, by inode, pid, path, name or self; without it all are shown."""
from traffic import finish, listen, pair
from world import *

OURS, THEIRS = 5, 7
NAME = "e2e-inner"


def talk(count):
    """`count` connections over the loopback of wherever this runs."""
    listener = listen()
    for _ in range(count):
        finish(*pair(listener))


def story(w, t):
    inner = w.fork(talk, THEIRS, own_namespace=True, held=True)
    name_namespace(inner.pid, NAME)
    number = inner.netns()
    base = ("trace", "--events", "--json")
    wanted = {(): (2 * OURS, 2 * THEIRS), ("-N", "self"): (2 * OURS, 0)}
    for how in (str(number), str(inner.pid), f"/proc/{inner.pid}/ns/net", NAME):
        wanted["-N", how] = 0, 2 * THEIRS
    with w.traces(*((*base, *how) for how in wanted)) as runs:
        talk(OURS)
        inner.go().result()

    for run_, (how, counts) in zip(runs, wanted.items()):
        found = run_.chains()
        ours, theirs = where(found, netns=w.netns), where(found, netns=number)
        name = " ".join(how) or "without -N"
        t.equal((len(ours), len(theirs)), counts, f"{name}: chains of our namespace, of the other")
        t.none(flaws_of(ours + theirs), f"{name}: each is whole")
        if how:
            t.equal(len(found), sum(counts), f"{name}: and no other")


run(story)
