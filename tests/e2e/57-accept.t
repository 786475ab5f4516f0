#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Accept: a server's connection belongs to who accepted it, and its wait for that is told."""
from traffic import listen, port_of, serve, visit
from world import *

COUNT = 5
WAIT = 0.3  # seconds before the accept of each connection


def story(w, t):
    ours, theirs = listen(), listen()
    with w.traces(LINES, HIST) as (lines, hist):
        workers = [w.fork(serve, theirs, COUNT, WAIT, comm=f"worker-{at}") for at in range(2)]
        clients = [w.fork(visit, "127.0.0.1", port_of(theirs), COUNT, comm="visitor")
                   for _ in range(2)]
        for each in workers + clients:
            each.result()
        host = w.fork(serve, ours, COUNT, comm="host")
        w.fork(visit, "127.0.0.1", port_of(ours), COUNT, comm="visitor").result()
        host.result()

    found = where(lines.connections, lport=port_of(theirs))
    t.equal(sorted((line["pid"], line["comm"]) for line in found),
            sorted((worker.pid, f"worker-{at}") for at, worker in enumerate(workers)
                   for _ in range(COUNT)), "each server's connection is its worker's")
    t.equal({(line["pid"], line["comm"]) for line in where(lines.connections, lport=port_of(ours))},
            {(host.pid, "host")}, "not the process's that made the listener")
    waits = hist.histogram("accept_queue")
    t.equal(waits and waits["count"], 3 * COUNT, "every accept has its wait")
    t.between(waits and waits["max"] / MS, 200, 1000 * w.patience,
              "some waited for a third of a second", "ms")
    t.between(waits and waits["min"] / MS, 0, 50 * w.patience, "some hardly at all", "ms")


run(story, needs=("accept",))
