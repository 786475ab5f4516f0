#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""FIN_WAIT2 and TIME_WAIT told apart: the peer's FIN divides them, whatever object holds them."""
import socket
import time

from closing import close_alone
from traffic import kernel_states, listen, port_of, wait_for
from world import *

COUNT = 5
FIN_TIMEOUT = 3  # seconds until the kernel gives up on the peer's FIN
# name, seconds the peer holds its FIN back, whether the application keeps its socket until then
CASES = [("FIN at once", 0.0, False), ("FIN held back 50 ms", 0.05, False),
         ("FIN held back 2 s", 2.0, False), ("FIN held back 2 s, socket kept", 2.0, True)]
FOREVER = 60  # beside a story
OPEN = (*LINES, "--open")
CLASSIC = (*LINES, "--attach", "classic")  # which looks at timewait sockets
NEVER = CLOSES_FIRST[:2] + ["CLOSED"]


def call(peer, listener, hold_back, keep):
    """Returns (the peer's port, its ACK of the kernel's FIN, its own FIN)."""
    flow = peer.flow(port_of(listener))
    flow.open()
    server = listener.accept()[0]
    if keep:
        server.shutdown(socket.SHUT_WR)
    else:
        server.close()
    theirs, ours, _ = flow.finish(hold_back)
    server.close()
    acked = next(each for each in flow.packets if each.sent and each.ack == theirs.end)
    return flow.port, acked, ours


def story(w, t):
    sysctl("ipv4.tcp_fin_timeout", FIN_TIMEOUT)
    peer = w.peer()
    listeners = [listen(KERNEL[IPV4]) for _ in CASES]
    forlorn, patient = listen(KERNEL[IPV4]), listen(KERNEL[IPV4])
    with w.traces(EVENTS, LINES, OPEN, CLASSIC) as (events, lines, with_open, classic):
        endless = [close_alone(peer, forlorn) for _ in range(COUNT)]
        made = several([lambda case=case, listener=listener: call(peer, listener, *case[1:])
                        for case, listener in zip(CASES, listeners) for _ in range(COUNT)])
        port = port_of(forlorn)
        wait_for(lambda: not any(ends[0] == port and state == "FIN_WAIT2" for ends, (state, _)
                                 in kernel_states().items()), 10 * w.patience)
        time.sleep(0.2)
        sysctl("ipv4.tcp_fin_timeout", FOREVER)
        waiting = close_alone(peer, patient)

    found = events.chains()
    t.none(flaws_of(found), "every chain is whole")
    for at, (name, hold_back, _) in enumerate(CASES):
        off, waits, paths = [], [], []
        for peer_port, acked, ours in made[at * COUNT:(at + 1) * COUNT]:
            chain = only(found, lport=port_of(listeners[at]), rport=peer_port)
            paths.append(chain.path)
            off.append(off_ms(chain.at("TIME_WAIT"), ours.stamp_ns))
            waits.append(off_ms(chain.dwell("FIN_WAIT2"), apart(acked, ours)))
        t.equal(paths, [SERVER_OPEN + CLOSES_FIRST] * COUNT, f"{name}: FIN_WAIT2, then TIME_WAIT")
        t.slight(median(off), 10, f"{name}: TIME_WAIT begins with the peer's FIN")
        if hold_back:
            t.slight(median(waits), 10, f"{name}: FIN_WAIT2 is the time until then")
    chains_ = [only(found, lport=port_of(forlorn), rport=peer_port) for peer_port in endless]
    t.equal([each.path for each in chains_], [SERVER_OPEN + NEVER] * COUNT,
            "a FIN that never comes: no TIME_WAIT")
    waits = [(each.dwell("FIN_WAIT2") or 0) / SECOND for each in chains_]
    t.between(median(waits), FIN_TIMEOUT - 0.1, FIN_TIMEOUT + w.patience,
              "but FIN_WAIT2 until the kernel gives up", "s")
    t.equal([line["time_wait"] for line in where(lines.connections, lport=port_of(forlorn))],
            [None] * COUNT, "and its line has no time_wait")
    t.equal(where(lines.connections, lport=port_of(patient)), [],
            "while the peer's FIN is missing, nothing is closed")
    line = only(with_open.connections, lport=port_of(patient), rport=waiting)
    t.equal((states_of(line)[-1], line["timeline"][-1]["dwell_ns"], line["end_time"]),
            ("FIN_WAIT2", None, None), "at the end of the run it is in FIN_WAIT2 still")
    t.equal((line["close"]["outcome"], line["close"]["cause"], line["time_wait"]),
            ("open", None, None), "and is told of as open")
    t.ok(with_open.summary["connections"]["live"] >= 1, "as the summary counts it",
         with_open.summary)
    t.equal(where(classic.connections, lport=port_of(patient)), [],
            "nor where no tracepoint tells of timewait sockets: they are looked at")


run(story, needs=("time_wait",))
