#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Namespaces that go away under their TIME_WAITs end theirs, and nobody else's.

The kernel uses the memory of a dead TIME_WAIT for the next one at once.
"""
import os

import namespace
from traffic import finish, listen, pair
from world import *

COUNT, THEIRS = 101, 53
ROUNDS, LONG = (int(os.environ.get(name, default)) for name, default in (
    ("ROUNDS", "41"), ("LONG", "5003")))


def talk(count):
    """Returns the namespace in which the connections were."""
    listener = listen()
    for _ in range(count):
        finish(*pair(listener))
    return namespace.inode()


def story(w, t):
    sysctl("ipv4.tcp_max_tw_buckets", 2 * COUNT * ROUNDS)
    with w.trace("trace", "--events", "--json") as seen:
        others, pids = set(), set()
        staying = w.fork(talk, LONG, own_namespace=True)
        for _ in range(ROUNDS):
            passing = [w.fork(talk, THEIRS, own_namespace=True) for _ in range(2)]
            talk(COUNT)
            others |= {each.result() for each in passing}
            pids |= {each.pid for each in passing}
        others.add(staying.result())
        pids.add(staying.pid)

    ours = where(seen.chains(), netns=w.netns)
    # The kernel gives the number of a namespace that is gone to the next one, whoever makes it.
    theirs = [each for each in seen.chains()
              if each.last["netns"] in others and each.last["pid"] in pids]
    # Five tasks on one processor, in a kernel that takes it from one in the middle of a program:
    # the same program is skipped in the others for as long, and the tracer counts that.
    skipped = seen.summary["events"]["missed"]
    told, made = (len(ours), len(theirs)), (2 * COUNT * ROUNDS, 2 * (2 * THEIRS * ROUNDS + LONG))
    t.ok(all(abs(got - want) <= skipped for got, want in zip(told, made)),
         "every connection is there, but for what was skipped", told, made, skipped)
    t.none([each.lie() for each in ours + theirs if each.lie()],
           "none is mixed up with another, and none ends before it began")
    t.few(flaws_of(ours + theirs), skipped, "each is whole, but for what was skipped")
    t.few([each for each in ours if each.last["role"] == "client"
           and each.path != CLIENT_OPEN + CLOSES_FIRST], skipped,
          "ours are all still in TIME_WAIT, but for what was skipped")
    t.ok([each for each in theirs if each.path[-2:] == ["TIME_WAIT", "CLOSED"]],
         "theirs are not")


run(story, needs=("time_wait",))
