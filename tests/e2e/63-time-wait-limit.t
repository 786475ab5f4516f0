#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The limit of TIME_WAIT buckets: who got none is told so, and is not said to have waited."""
from traffic import finish, listen, pair, port_of
from world import *

COUNT, BUCKETS = 11, 5


def story(w, t):
    sysctl("ipv4.tcp_max_tw_buckets", BUCKETS)
    listener, moved = listen(), Deltas()
    with w.traces(LINES, FULL) as (lines, full):
        for _ in range(COUNT):
            finish(*pair(listener))

    t.equal(moved["TCPTimeWaitOverflow"], COUNT - BUCKETS, "the kernel counts 6 overflows")
    for name, run_ in (("trace", lines), ("trace --full", full)):
        clients = where(run_.connections, rport=port_of(listener))
        over = [line for line in clients if (line["time_wait"] or {}).get("end") == "overflow"]
        t.equal(len(over), COUNT - BUCKETS, f"{name}: 6 got none")
        t.none([line["time_wait"] for line in over if line["time_wait"]["duration_ns"]],
               f"{name}: and did not wait")
    waiting = [line for line in where(lines.connections, rport=port_of(listener))
               if line["time_wait"] and line["time_wait"]["end"] is None]
    t.equal(len(waiting), BUCKETS, "5 are in TIME_WAIT, its end is not known yet")
    t.equal(len(lines.connections), 2 * COUNT, "each of the 22 ends has one line")


run(story, needs=("time_wait",))
