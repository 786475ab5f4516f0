#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""report: the page of a run and of its recording, whatever a process calls itself."""
import os
import tempfile

import page
import tracer
from traffic import abort, connect, finish, free_port, listen, pair, port_of, serve, visit, wait_for
from world import *

COUNT, LEAKS = 23, 7
HOSTILE = b"</script><img "


def lives(w, listener):
    for _ in range(COUNT):
        finish(*pair(listener))
    client, server = pair(listener)
    abort(client)
    try:
        server.recv(1)
    except ConnectionResetError:
        pass
    server.close()
    for _ in range(2):
        try:
            connect("127.0.0.1", free_port())
        except ConnectionRefusedError:
            pass
    other = listen()
    server = w.fork(serve, other, 1)
    w.fork(visit, "127.0.0.1", port_of(other), 1, comm=HOSTILE).result()
    server.result()
    leaks = [pair(listener) for _ in range(LEAKS)]
    for client, _ in leaks:
        client.close()
    return leaks


def judge(t, name, path):
    with open(path, "rb") as file:
        read = page.read(file.read())
    t.none(page.flaws_of(read), f"{name}: complete, and nothing from elsewhere")
    words = "".join(read.words)
    causes = {row[0]: row[1] for row in read.tables["By cause"][1:]}
    t.equal(causes, {"refused": 2, "reset_received": 1, "linger_zero": 1},
            f"{name}: each failure by its cause")
    machine = {row[0]: row[1:] for row in read.tables["State machine"][1:]}
    t.equal(machine["ESTABLISHED"][0], 2 * (COUNT + 2 + LEAKS), f"{name}: those that were open")
    t.equal(machine["CLOSE_WAIT"][4], LEAKS, f"{name}: those that leak are in CLOSE_WAIT")
    t.ok("Nothing was lost" in words, f"{name}: nothing was lost")
    t.equal(read.text.count("</script>"), 1, f"{name}: one script")
    t.ok("127.0.0.1" in words, f"{name}: it has ladders")
    return read


def story(w, t):
    listener = listen()
    with tempfile.TemporaryDirectory() as folder:
        record, live, replayed = (os.path.join(folder, name)
                                  for name in ("a.tsp", "live.html", "replayed.html"))
        reporter = Tracer(("report", "-o", live, "-N", "self"), w.patience).wait_ready()
        recorder = Tracer(("record", "-o", record, "-N", "self"), w.patience)
        wait_for(lambda: "Recording" in recorder.err, 30 * w.patience)
        leaks = lives(w, listener)
        t.equal((reporter.stop().status, recorder.stop().status), (0, 0), "both end well")
        for client, server in leaks:
            server.close()
        t.equal(tracer.run("report", "-i", record, "-o", replayed).status, 0, "and so is a replay")
        one, other = judge(t, "live", live), judge(t, "recorded", replayed)
        t.equal([row[:2] for row in one.tables["All durations"]],
                [row[:2] for row in other.tables["All durations"]],
                "both have measured the same")
        rows = [row for row in other.tables["By service and process"][1:]]
        t.equal(sum(row[0] for row in rows), 4, "by service: as many as failed")


run(story)
