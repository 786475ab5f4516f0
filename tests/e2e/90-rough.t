#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A peer that keeps to no rule, by chance: nobody is said to have done what he has not."""
from rough import Rough, flaws
from world import *

SEEDS, COUNT = (1, 2), 151
OPEN = ("trace", "--open", "--json", "-N", "self")
ALL_WAYS = 0x607  # both sides of a fast open, without cookies


def story(w, t):
    sysctl("ipv4.tcp_rfc1337", 0)
    sysctl("ipv4.tcp_fastopen", ALL_WAYS)
    peer, before = w.peer(), []
    for seed in SEEDS:
        rough = Rough(seed, COUNT, peer)
        with w.traces((*OPEN, "--lives", "yes"), (*OPEN, "--lives", "no"), live=True) as runs:
            cases = rough.play()
        for name, seen in zip(("lives", "steps"), runs):
            t.none(flaws(cases, seen.connections, seen.of("half_open"), before),
                   f"seed {seed}, {name}: nothing is told that cannot be")
        rough.close()
        before += cases


run(story, limit=120, needs=("reset", "time_wait", "passive"), makes=("half_open",))
