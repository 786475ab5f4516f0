#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""trace --format perfetto: what trace viewers open, by its format and by an independent reader.

SPEEDSCOPE=FOLDER, where `npm install speedscope` was run, has that reader open it as well.
"""
import json
import os
import subprocess
import tempfile

import tracer
from traffic import abort, connect, finish, free_port, listen, pair, port_of, wait_for
from world import *

COUNT = 23
STATES = {"SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "CLOSE_WAIT", "CLOSING",
          "LAST_ACK", "TIME_WAIT"}
FIELDS = {"M": {"args"}, "B": {"cat", "ts"}, "E": {"cat", "ts"}, "i": {"cat", "ts", "s", "args"}}


def flaws_of_form(events):
    """What the Trace Event format does not allow, or readers get wrong."""
    stacks, last = {}, {}
    for event in events:
        track = event["pid"], event["tid"]
        if set(event) != {"ph", "name", "pid", "tid"} | FIELDS.get(event["ph"], set()):
            yield f"fields of {event}"
        if event["ph"] == "B":
            stacks.setdefault(track, []).append(event)
            if event["ts"] < last.get(track, 0):
                yield f"goes back in time: {event}"
        elif event["ph"] == "E":
            begun = stacks[track].pop() if stacks.get(track) else None
            if not begun or begun["name"] != event["name"] or begun["ts"] > event["ts"]:
                yield f"ends what has not begun: {event}"
            last[track] = event["ts"]
        elif event["ph"] == "i" and event["s"] != "t":
            yield f"an instant of more than its track: {event}"
    yield from (f"never ends: {stack}" for stack in stacks.values() if stack)


def slices(events):
    """{track: {state: microseconds}}"""
    found, begun = {}, {}
    for event in events:
        track = event["pid"], event["tid"]
        if event["ph"] == "B":
            begun[track] = event["ts"]
        elif event["ph"] == "E":
            found.setdefault(track, {})[event["name"]] = event["ts"] - begun[track]
    return found


def lives(listener):
    for _ in range(COUNT):
        finish(*pair(listener))
    client, server = pair(listener)
    abort(client)
    try:
        server.recv(1)
    except ConnectionResetError:
        pass
    server.close()
    try:
        connect("127.0.0.1", free_port())
    except ConnectionRefusedError:
        pass


def by_speedscope(t, path, tracks):
    """Its profiles are our tracks, its frames our slices."""
    folder = os.environ.get("SPEEDSCOPE")
    if not folder:
        t.skip("speedscope reads it", "SPEEDSCOPE names no folder with that package")
        return
    done = subprocess.run(["node", os.path.join(os.path.dirname(__file__), "speedscope.js"),
                           folder, path], stdout=subprocess.PIPE, check=False, timeout=60)
    t.equal(done.returncode, 0, "speedscope reads it")
    told = json.loads(done.stdout)
    t.equal(told["complaints"], [], "without a complaint")
    t.equal(len(told["profiles"]), len(tracks), "each connection is a profile")
    found = sorted(sorted(each["frames"]) for each in told["profiles"])
    t.equal(found, sorted(sorted(each) for each in tracks.values()), "each state is a frame")
    off = [abs(sum(each["frames"].values()) - sum(tracks[key].values()))
           for each in told["profiles"] for key in tracks
           if f"(tid {key[1]})" in each["name"]]
    t.ok(len(off) == len(tracks) and max(off) < 1, "each as long as it was, to a microsecond", off)


def story(w, t):
    listener = listen()
    with tempfile.TemporaryDirectory() as folder:
        record, path = os.path.join(folder, "a.rec"), os.path.join(folder, "a.json")
        live = Tracer(("trace", "--format", "perfetto", "-N", "self"), w.patience).wait_ready()
        recorder = Tracer(("record", "-o", record, "-N", "self"), w.patience)
        wait_for(lambda: "Recording" in recorder.err, 30 * w.patience)
        lives(listener)
        t.equal((live.stop().status, recorder.stop().status), (0, 0), "both end well")
        told = {line["id"]: line for line in tracer.parse_lines(
            tracer.run("trace", "--json", "-i", record).out)[0] if line["type"] == "connection"}
        replayed = tracer.run("trace", "--format", "perfetto", "-i", record).out
        t.equal(tracer.run("trace", "--format", "perfetto", "-i", record).out, replayed,
                "a recording is exported twice in the same bytes")
        with open(path, "wb") as out:
            out.write(replayed)
        events, lived = json.loads(replayed), json.loads(live.out)
        tracks = slices(events)
        for name, each in (("recorded", events), ("live", lived)):
            t.none(flaws_of_form(each), f"{name}: as the format has it")
            t.equal(len(slices(each)), 2 * COUNT + 3, f"{name}: a track for each connection")
        t.equal({state for track in tracks.values() for state in track} - STATES, set(),
                "a slice for each state")
        off = [(pid, number) for (pid, number), track in tracks.items()
               for step in told[str(number)]["timeline"]
               if step["dwell_ns"] is not None and step["state"] in track
               and abs(step["dwell_ns"] / 1000 - track[step["state"]]) > 0.01]
        t.none(off, "as long as trace --json says")
        resets = sorted(event["name"] for event in events if "RST" in event["name"])
        t.equal(resets, ["RST received", "RST received", "RST sent"],
                "an instant for each reset and refusal")
        t.equal(sum(event["name"] == "accepted" for event in events), COUNT + 1,
                "and for each accept")
        t.ok(any(event["name"] == "thread_name" and str(port_of(listener)) in event["args"]["name"]
                 for event in events), "tracks are named by their endpoints")
        by_speedscope(t, path, tracks)


run(story)
