#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The limit of TIME_WAIT buckets: who got none is told so, and is not said to have waited."""
import time

from closing import close_alone
from traffic import finish, listen, pair, port_of, wait_for
from world import *

COUNT, BUCKETS, ALONE = 11, 5, 3
ACK_AFTER = 0.03  # seconds; from 0.04 on a FIN is acknowledged before the other end closes


def end(listener):
    """The client closes first; its port, and whether the server did well before its ACK was due."""
    client, server = pair(listener)
    port, begun = port_of(client), time.monotonic()
    finish(client, server)
    return port, time.monotonic() - begun < ACK_AFTER


def story(w, t):
    sysctl("ipv4.tcp_max_tw_buckets", BUCKETS)
    peer, deaf = w.peer(), listen(KERNEL[IPV4])
    listener, moved, late = listen(), Deltas(), set()
    with w.traces(LINES, FULL) as (lines, full):
        for _ in range(COUNT):
            port, is_soon = end(listener)
            if not is_soon:
                late.add(port)
        alone = [close_alone(peer, deaf) for _ in range(ALONE)]
        wait_for(lambda: moved["TCPTimeWaitOverflow"] >= COUNT - BUCKETS + ALONE)

    t.equal(moved["TCPTimeWaitOverflow"], COUNT - BUCKETS + ALONE, "the kernel counts 9 overflows")
    for name, run_ in (("trace", lines), ("trace --full", full)):
        clients = where(run_.connections, rport=port_of(listener))
        over = [line for line in clients if (line["time_wait"] or {}).get("end") == "overflow"]
        t.equal(len(over), COUNT - BUCKETS, f"{name}: 6 got none")
        t.none([line["time_wait"] for line in over if line["time_wait"]["duration_ns"]],
               f"{name}: and did not wait")
        soon = [line for line in over if line["lport"] not in late]
        t.equal({line["close"]["outcome"] for line in soon} - {"closed"}, set(),
                f"{name}: their peers had closed")
        left = [only(run_.connections, lport=port_of(deaf), rport=port) for port in alone]
        t.equal([(line["close"]["outcome"], line["close"]["initiator"], line["close"]["cause"],
                  line["time_wait"]["end"]) for line in left],
                [("aborted", "local", "no_time_wait", "overflow")] * ALONE,
                f"{name}: who waits for a FIN and gets none is not closed in order")
    waiting = [line for line in where(lines.connections, rport=port_of(listener))
               if line["time_wait"] and line["time_wait"]["end"] is None]
    t.equal(len(waiting), BUCKETS, "5 are in TIME_WAIT, its end is not known yet")
    t.equal(len(lines.connections), 2 * COUNT + ALONE, "each of the 25 ends has one line")


run(story, needs=("time_wait",))
