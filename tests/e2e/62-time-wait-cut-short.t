#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""TIME_WAIT cut short: reused by a SYN, reused by a connect, reset."""
import time

from closing import FIRST_SOURCE, REUSED_PORT, close_first, reused_by_connect, reused_by_syn
from traffic import kernel_states, listen, port_of
from world import *

COUNT = 3


def reset_in_time_wait(peer, listener):
    """Returns the peer's port, and how long TIME_WAIT was, in ns."""
    flow, fin = close_first(peer, listener)
    time.sleep(0.3)
    rst = flow.send(RST)
    return flow.port, apart(fin, rst)


def story(w, t):
    sysctl("ipv4.tcp_rfc1337", 0)
    sysctl("ipv4.tcp_tw_reuse", 1)
    peer = w.peer()
    renewed, rude = listen(KERNEL[IPV4]), listen(KERNEL[IPV4])
    with w.traces(EVENTS, FULL) as (events, lines):
        by_syn = [reused_by_syn(peer, renewed) for _ in range(COUNT)]
        by_reset = [reset_in_time_wait(peer, rude) for _ in range(COUNT)]
        by_connect = [reused_by_connect(peer, FIRST_SOURCE + at) for at in range(COUNT)]
        peer.join()
        time.sleep(0.2)

    found = events.chains()
    t.none(flaws_of(found), "every chain is whole")
    t.equal(len(found), 5 * COUNT, "15 lives, of them 6 second ones on the same four-tuple")
    for name, end, made in (("reused by a SYN", {"lport": port_of(renewed)}, by_syn),
                            ("reset", {"lport": port_of(rude)}, by_reset),
                            ("reused by connect", {"rport": REUSED_PORT}, by_connect)):
        other = "lport" if "rport" in end else "rport"
        off, ends = [], []
        for port, took in made:
            lives = where(lines.connections, **end, **{other: port})
            ended = [line["time_wait"] for line in lives if line["time_wait"]
                     and line["time_wait"]["end"]]
            ends += [each["end"] for each in ended]
            off += [off_ms(each["duration_ns"], took) for each in ended]
        t.equal(ends, ["reset" if name == "reset" else "reused"] * COUNT, name)
        t.slight(median(off), 5, f"{name}: it took as long as the peer saw")
    lasting = [key for key, (state, _) in kernel_states().items() if state == "TIME_WAIT"]
    t.equal(len(lasting), 2 * COUNT, "the kernel still has the 6 second ones")


run(story, needs=("time_wait",))
