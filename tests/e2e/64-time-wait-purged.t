#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A namespace that goes away takes its TIME_WAIT with it: purged."""
import time

from traffic import finish, listen, pair
from world import *

COUNT = 5


def live_and_leave():
    """Connections in a namespace that ends with this process."""
    listener = listen()
    for _ in range(COUNT):
        finish(*pair(listener))
    time.sleep(0.5)


def story(w, t):
    inner = w.fork(live_and_leave, own_namespace=True, held=True)
    number = inner.netns()
    with w.trace("trace", "--full", "--json", "-N", str(number)) as lines:
        inner.go().result()
        lines.wait_output(lambda found: len(found) >= 2 * COUNT, 20)

    # The kernel gives the number of a namespace that is gone to the next one, whoever makes it.
    found = where(lines.connections, pid=inner.pid)
    t.equal(len(found), 2 * COUNT, "10 lines")
    t.equal({line["netns"] for line in found}, {number}, "of the namespace that is gone")
    ends = [line["time_wait"] for line in found if line["time_wait"]]
    t.equal([each["end"] for each in ends], ["purged"] * COUNT, "5 in TIME_WAIT were purged")
    t.between(median((each["duration_ns"] or 0) / MS for each in ends), 400, 30000,
              "when the namespace went", "ms")


run(story, needs=("time_wait",))
