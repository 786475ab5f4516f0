#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's own counters agree with the lines: opens, failures, resets, overflows."""
import contextlib

from traffic import abort, connect, finish, free_port, listen, pair, tcp_info, wait_for
from world import *

ORDERLY, REFUSED, RESET, BUCKETS = 23, 7, 5, 13


def story(w, t):
    sysctl("ipv4.tcp_max_tw_buckets", BUCKETS)
    listener, closed, moved = listen(), free_port(), Deltas()
    with w.trace(*LINES) as lines:
        for _ in range(ORDERLY):
            finish(*pair(listener))
        for _ in range(REFUSED):
            with contextlib.suppress(ConnectionRefusedError):
                connect("127.0.0.1", closed)
        for _ in range(RESET):
            client, server = pair(listener)
            abort(server)
            wait_for(lambda: tcp_info(client).state == "CLOSED")
            client.close()
        counted = {name: moved[name] for name in ("ActiveOpens", "PassiveOpens", "AttemptFails",
                                                  "EstabResets", "TCPTimeWaitOverflow")}

    found = lines.connections
    outcomes = [line["close"]["outcome"] for line in found]
    # A client without a TIME_WAIT resets a FIN that comes late, which is none of these.
    resets = [line for line in found if line["close"]["outcome"] in ("reset_sent", "reset_received")
              and states_of(line)[-1] in ("ESTABLISHED", "CLOSE_WAIT")]
    t.equal(counted["ActiveOpens"], len(where(found, role="client")), "ActiveOpens: the clients")
    t.equal(counted["PassiveOpens"], len(where(found, role="server")), "PassiveOpens: the servers")
    t.equal(counted["AttemptFails"], outcomes.count("refused"), "AttemptFails: the refused")
    t.equal(counted["EstabResets"], len(resets), "EstabResets: both ends of the reset ones")
    t.equal(counted["TCPTimeWaitOverflow"], len([line for line in found if (line["time_wait"] or {})
                                                 .get("end") == "overflow"]),
            "TCPTimeWaitOverflow: those without a TIME_WAIT")
    t.equal((counted["ActiveOpens"], counted["PassiveOpens"], counted["AttemptFails"],
             counted["EstabResets"], counted["TCPTimeWaitOverflow"]),
            (ORDERLY + REFUSED + RESET, ORDERLY + RESET, REFUSED, 2 * RESET, ORDERLY - BUCKETS),
            "and both are what was done")


run(story, needs=("time_wait",))
