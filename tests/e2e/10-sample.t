#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A sample of connections is a sample of whole connections, fair enough to count with."""
from traffic import finish, listen, pair
from world import *

COUNT = 307


def story(w, t):
    listener = listen()
    samples = ("1/1", "1/2", "1/5")
    with w.traces(*((*EVENTS, "--sample", each) for each in samples)) as runs:
        for _ in range(COUNT):
            finish(*pair(listener))

    for sample, run_ in zip(samples, runs):
        part, found = int(sample[2:]), run_.chains()
        want = 2 * COUNT / part
        slack = 0 if part == 1 else 6 * want ** 0.5
        t.between(len(found), want - slack, want + slack, f"{sample}: about as many as it says")
        t.none(flaws_of(found), f"{sample}: each is whole")
        t.none([each for each in found if each.path[-1] not in ("TIME_WAIT", "CLOSED")],
               f"{sample}: to the end")
        t.equal((any(run_.summary["half_open"].values()), run_.of("half_open")), (False, []),
                f"{sample}: what is left out is not taken for requests that died")


run(story)
