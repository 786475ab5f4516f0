#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""More connections than it may remember: the oldest are dropped and counted, nothing breaks."""
from traffic import finish, listen, pair
from world import *

COUNT, ROOM = 23, 11


def story(w, t):
    listener = listen()
    # What is collected in the kernel is not in the table yet, and would have room there.
    few = (*LINES, "--max-connections", str(ROOM), "--lives", "no")
    with w.traces(few, LINES) as (small, large):
        pairs = [pair(listener) for _ in range(COUNT)]
        for each in pairs:
            finish(*each)
        finish(*pair(listener))

    counts = small.summary["connections"]
    t.ok(counts["evicted"] >= 2 * COUNT - ROOM, "46 open at once, room for 11: at least 35 dropped",
         counts)
    t.none([line for line in small.connections if line["complete"] and len(line["timeline"]) < 5],
           "none that is half told calls itself complete")
    t.equal(large.summary["connections"]["evicted"], 0, "with room for all, none is dropped")
    t.equal(len(large.connections), 2 * COUNT + 2, "and all have their line")


run(story)
