#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""--budget: beyond it one of N connections is followed, whole, and what was left out is counted."""
import tempfile
import time

import tracer
from traffic import finish, listen, pair
from world import *

TINY, AMPLE = "0.0001", "100"  # any traffic costs more than the one, and none as much as the other
BATCH, MOST = 101, 100000
AFTER = 503


def talk(listener, count):
    """`count` connections, each of which ends in order."""
    for _ in range(count):
        finish(*pair(listener))
    return count


def leaves_out(running):
    """Whether a tracer has said that it follows fewer than all."""
    return "connections is followed" in running.err


def story(w, t):
    listener = listen()
    trace = ("trace", "--json", "-v", "-N", "self", "--budget")
    with tempfile.NamedTemporaryFile(prefix="tcpspan-e2e-") as recording:
        with w.traces((*trace, TINY), (*trace, AMPLE), ("trace", "--json", "-N", "self"),
                      (*HIST, "-v", "--budget", TINY),
                      ("record", "-v", "-N", "self", "--budget", TINY, "-o", recording.name),
                      ) as (tiny, ample, plain, hist, recorder):
            spared, count = (tiny, hist, recorder), 0
            deadline = time.monotonic() + 30 * w.patience
            while not all(map(leaves_out, spared)) and time.monotonic() < deadline:
                count += talk(listener, BATCH)
            count += talk(listener, AFTER)
        replay = tracer.Replay(("trace", "--json"), w.patience).play(recording.name)

    with tempfile.NamedTemporaryFile(prefix="tcpspan-e2e-") as recording:
        judge_stuck(w, t, listener, recording.name)
    t.ok(all(map(leaves_out, spared)), "with a tiny budget some are left out")
    t.ok(not leaves_out(ample), "with an ample one none is", ample.err)
    for each in (tiny, hist, replay):
        judge_account(t, each, 2 * count)
    for each in (ample, plain):
        t.equal((each.summary["sampling_ratio"], each.summary["events"]["unsampled"],
                 len(each.connections)), (1, 0, 2 * count), f"{each.name}: all are followed")
    for each in (tiny, replay):
        judge_lines(t, each, plain)
    measured = sum(line["count"] for line in hist.of("histogram")
                   if line["name"] in ("handshake_client", "handshake_server"))
    t.equal(measured, hist.summary["connections"]["opened"], "histograms are of those followed")


def judge_stuck(w, t, listener, path):
    """Of who was left out it is not known whether he is stuck."""
    leak = pair(listener)
    leak[0].close()
    with w.traces(("record", "-N", "self", "--sample", "1/1000000", "-o", path)):
        talk(listener, BATCH)
    done = tracer.run("stuck", "--json", "-i", path)
    summary = tracer.parse_lines(done.out)[0][-1]
    t.equal((done.status, summary["stuck"]["older_unknown"], summary["events"]["unsampled"]),
            (2, True, 2 * BATCH), "stuck: status 2 where nothing is, but some were left out")
    said = " ".join(tracer.run("stuck", "-i", path).err.decode().split())
    t.ok("Nothing is known to be stuck" in said and "whatever is older than the recording" in said
         and f"{2 * BATCH} connections that were left out by chance" in said, "which is said", said)


def judge_account(t, each, count):
    """What the hooks have counted of all, and what was followed of it."""
    events, connections = each.summary["events"], each.summary["connections"]
    t.equal((events["births"], events["ends"]), (count, count),
            f"{each.name}: each beginning and each end is counted")
    followed = events["births"] - events["unsampled"]
    t.equal((connections["opened"], connections["closed"], connections["live"],
             connections["incomplete"], connections["seeded"]), (followed, followed, 0, 0, 0),
            "and as many are followed, to their ends, as were not left out")
    t.ok(0 < followed < count, "which are some, and not all", events)
    t.ok(abs(each.summary["sampling_ratio"] - followed / count) < 1e-6, "the ratio is said",
         each.summary["sampling_ratio"])
    t.equal((events["ring_full"], events["missed"]), (0, 0), "nothing was lost")


def judge_lines(t, each, plain):
    """Lines of connections that were followed are those that another tracer has."""
    whole = {(line["role"], line["lport"], line["rport"]): states_of(line)
             for line in plain.connections}
    found = {(line["role"], line["lport"], line["rport"]): states_of(line)
             for line in each.connections}
    t.equal(len(found), each.summary["connections"]["opened"], f"{each.name}: a line for each")
    t.equal({ends: whole.get(ends) for ends in found}, found, "each of them is whole")


run(story, limit=90)
