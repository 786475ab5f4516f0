#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""TIME_WAIT to its real end: a minute and what the timer adds, more when it is wound up again."""
import time

from closing import close_over_loopback
from traffic import kernel_states, listen, port_of, wait_for
from world import *

COUNT = 3
AGAIN = 4.0  # seconds after which the peer sends its FIN again
HOLD = 2.0  # seconds the peer holds its FIN back
LEAST, MOST = 60.0 * SECOND, 65.0 * SECOND


def call(peer, listener, hold_back=0.0, again=None):
    """Returns (the peer's port, the peer's first FIN, its last one)."""
    flow = peer.flow(port_of(listener))
    flow.open()
    listener.accept()[0].close()
    _, first, _ = flow.finish(hold_back)
    last = first
    if again:
        sleep_until(first.stamp_ns, again)
        last = flow.send(FIN | ACK, seq=first.seq)
    return flow.port, first, last


def story(w, t):
    peer = w.peer()
    plain, held, wound = (listen(KERNEL[IPV4]) for _ in range(3))
    local = listen()
    with w.traces(EVENTS, FULL, HIST, (*HIST, "--by", "comm")) as (events, lines, hist, by_comm):
        made = several([lambda: call(peer, plain)] * COUNT
                       + [lambda: call(peer, held, HOLD)] * COUNT
                       + [lambda: call(peer, wound, 0.0, AGAIN)] * COUNT)
        owner = w.fork(lambda: [close_over_loopback(local) for _ in range(COUNT)], comm="closer")
        ports = owner.result()
        wait_for(lambda: not any(state == "TIME_WAIT" for state, _ in kernel_states().values()),
                 90 * w.patience, 0.1)
        time.sleep(0.5)

    t.none(flaws_of(events.chains()), "every chain is whole")
    t.equal({each.path[-2:] == ["TIME_WAIT", "CLOSED"] for each in events.chains()
             if "FIN_WAIT1" in each.path}, {True}, "every TIME_WAIT comes to its end")
    names = {"FIN at once": plain, "FIN held back": held, "FIN sent again": wound}
    for at, (name, listener) in enumerate(names.items()):
        calls = made[at * COUNT:(at + 1) * COUNT]
        found = [only(lines.connections, lport=port_of(listener), rport=port)["time_wait"] or {}
                 for port, _, _ in calls]
        t.equal([each.get("end") for each in found], ["expired"] * COUNT, f"{name}: expired")
        extra = median(last.stamp_ns - first.stamp_ns for _, first, last in calls)
        t.between(median(each.get("duration_ns") for each in found), LEAST + extra, MOST + extra,
                  f"{name}: 60 to 65 s after the last FIN, counted from the first", "ns")
    mine = [only(lines.connections, rport=port_of(local), lport=port) for port in ports]
    t.equal({(line["comm"], line["pid"]) for line in mine}, {("closer", owner.pid)},
            "it keeps the owner of the connection, who is gone")
    t.equal([line["time_wait"]["end"] for line in mine], ["expired"] * COUNT, "to its end")
    waits = hist.histogram("time_wait")
    t.equal(waits and waits["count"], 4 * COUNT, "the histogram counts each once")
    t.between(waits and waits["p50"], LEAST, MOST, "with the time that it really took", "ns")
    # What nobody saw accepted is its listener's, who has a row of his own for it.
    rows = [row for row in by_comm.of("histogram") if row["name"] == "time_wait"]
    t.equal([row["by_end"] for row in rows if row["by"]["comm"] == "closer"],
            [{"expired": COUNT}], "by process: those of one, by their end")
    t.equal(sum(row["by_end"]["expired"] for row in rows), 4 * COUNT, "by process: all of them")


run(story, limit=110, needs=("time_wait",))
