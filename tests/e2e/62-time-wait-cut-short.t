#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""TIME_WAIT cut short: reused by a SYN, reused by a connect, reset, killed by an administrator."""
import time

from closing import FIRST_SOURCE, REUSED_PORT, close_first, reused_by_connect, reused_by_syn
from traffic import destroy, kernel_states, listen, port_of
from world import *

COUNT = 3


def reset_in_time_wait(peer, listener):
    """Returns the peer's port, and how long TIME_WAIT was, in ns."""
    flow, fin = close_first(peer, listener)
    time.sleep(0.3)
    rst = flow.send(RST)
    return flow.port, apart(fin, rst)


def kill_in_time_wait(peer, listener):
    """Returns the same, or nothing where the kernel leaves a TIME_WAIT alone."""
    flow, fin = close_first(peer, listener)
    time.sleep(0.3)
    killed = destroy(KERNEL[IPV4], port_of(listener), PEER[IPV4], flow.port)
    return (flow.port, time.monotonic_ns() - fin.stamp_ns) if killed else None


def story(w, t):
    sysctl("ipv4.tcp_rfc1337", 0)
    sysctl("ipv4.tcp_tw_reuse", 1)
    peer = w.peer()
    renewed, rude, doomed = (listen(KERNEL[IPV4]) for _ in range(3))
    with w.traces(EVENTS, FULL) as (events, lines):
        by_syn = [reused_by_syn(peer, renewed) for _ in range(COUNT)]
        by_reset = [reset_in_time_wait(peer, rude) for _ in range(COUNT)]
        killed = [kill_in_time_wait(peer, doomed) for _ in range(COUNT)]
        by_connect = [reused_by_connect(peer, FIRST_SOURCE + at) for at in range(COUNT)]
        peer.join()
        time.sleep(0.2)

    found = events.chains()
    t.none(flaws_of(found), "every chain is whole")
    t.equal(len(found), 6 * COUNT, "18 lives, of them 6 second ones on the same four-tuple")
    is_killed = all(killed)
    for name, end, made in (("reused by a SYN", {"lport": port_of(renewed)}, by_syn),
                            ("reset", {"lport": port_of(rude)}, by_reset),
                            ("killed", {"lport": port_of(doomed)}, killed if is_killed else []),
                            ("reused by connect", {"rport": REUSED_PORT}, by_connect)):
        other = "lport" if "rport" in end else "rport"
        off, ends = [], []
        for port, took in made:
            lives = where(lines.connections, **end, **{other: port})
            ended = [line["time_wait"] for line in lives if line["time_wait"]
                     and line["time_wait"]["end"]]
            ends += [each["end"] for each in ended]
            off += [off_ms(each["duration_ns"], took) for each in ended]
        if not made:
            continue
        t.equal(ends, [name.split()[0]] * COUNT, name)
        t.slight(median(off), 5, f"{name}: it took as long as the peer saw")
    lasting = [key for key, (state, _) in kernel_states().items() if state == "TIME_WAIT"]
    t.equal(len(lasting), (2 if is_killed else 3) * COUNT,
            "the kernel still has the 6 second ones, and those that it lets nobody kill")


run(story, needs=("time_wait",))
