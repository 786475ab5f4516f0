#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A loss that nobody counts shows in the connections: it is told, and the table is put right.

Transitions are hidden from the tracer behind its back: the kernel's list of what is in its sample
is emptied for a while.
"""
import json
import time

from kernel_objects import Map, is_known
from traffic import finish, listen, pair, port_of
from world import *

ENDING, HALF = 37, 41  # connections that end while nothing is seen, and that go on after it
SETTLED = 0.3          # seconds: what is nearer to a snapshot is not judged by it
SAMPLE = ("trace", "--open", "--json", "--sample", "1/2", "-N", "self")


def closed_so_far(lines, ports):
    """How many of these connections have ended, of the raw lines."""
    found = [json.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}")]
    return sum(line["type"] == "connection" and bool({line["lport"], line["rport"]} & ports)
               for line in found)


def story(w, t):
    if not is_known():
        raise Skip("no number of bpf(2) for this machine")
    listener = listen(backlog=256)
    with w.trace(*SAMPLE) as seen:
        sample = Map(seen.pid, "sampled")
        ending = [pair(listener) for _ in range(ENDING)]
        ending_ports = {port_of(client) for client, _ in ending}
        there = sample.keys()
        half = [pair(listener) for _ in range(HALF)]
        those = sample.keys() - there
        time.sleep(SETTLED * w.patience)
        sample.remove(there | those)
        for client, _ in half:
            client.shutdown(1)
        for client, server in ending:
            finish(client, server)
        sample.add(those)
        for client, server in half:
            server.close()
        t.ok(seen.wait_output(lambda lines: closed_so_far(lines, ending_ports) == len(there),
                              within=4), "those that ended unseen are closed while it still runs")
        for client, _ in half:
            client.close()

    events, counts = seen.summary["events"], seen.summary["connections"]
    t.ok(min(len(there), len(those)) > 3, "there were some of both", (len(there), len(those)))
    t.equal((events["ring_full"], events["sample_full"]), (0, 0), "nobody counted a loss")
    # How many show depends on how early the table is put right: the rest follows from there.
    t.between(seen.summary["unseen"], 1 - events["missed"], len(those),
              "and yet it is told that something is lost")
    t.ok(counts["resyncs"] >= 1, "the table was compared with the kernel", counts)
    ended = [line for line in seen.connections if {line["lport"], line["rport"]} & ending_ports]
    t.equal({line["close"]["outcome"] for line in ended}, {None},
            "nobody knows how those ended")
    t.equal(counts["live"], 0, "nothing is kept that has ended")


run(story)
