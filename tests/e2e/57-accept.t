#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Accept: a server's connection belongs to who accepted it, and its wait for that is told."""
from traffic import listen, port_of, serve, visit, wait_state
from world import *

COUNT, PORT = 5, 45011
WAIT = 0.3  # seconds before the accept of each connection


def sleep_in_accept(w, t):
    """Who sleeps in accept as the tracer comes, or as another one comes and goes, holds what he
    gets; a hook at the function's end may not be told of it, and nobody is accused of it."""
    server = w.fork(serve_at, COUNT, comm="sleeper")
    wait_state(PORT, 0, "LISTEN")
    with w.traces(LINES, EVENTS) as (lines, _):
        for at in range(COUNT):
            w.fork(visit, "127.0.0.1", PORT, 1, comm="visitor").result()
            if at == 1:
                Tracer(EVENTS, w.patience).wait_ready().stop()
        server.result()
    found = where(lines.connections, lport=PORT)
    t.equal([(line["pid"], line["comm"]) for line in found], [(server.pid, "sleeper")] * COUNT,
            "each is the sleeper's")
    sources = {line["owner_source"] for line in found}
    t.ok(sources <= {"process", "listener"}, f"and by what that is known: {sources}")


def serve_at(count):
    serve(listen(port=PORT), count)


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
    sleep_in_accept(w, t)


run(story, needs=("accept",))
