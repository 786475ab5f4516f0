#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Two machines' recordings: one ladder, and clocks that are apart by what is known; their page."""
import os
import tempfile

import page
import tracer
import tsp
from traffic import finish
from translator import TwoMachines
from world import *

COUNT = 23
APART = 3700 * MS
HOST, BOOT = 1, 3  # texts of a recording's head
SEGMENTS = ("SYN-ACK", "ACK", "FIN", "FIN of the other end", "ACK of it")


def set_apart(path, by_ns):
    """Makes a recording one of another machine, whose clock is ahead."""
    with open(path, "rb") as file:
        recording = tsp.Recording(file.read())
    recording.fields = [(tag, {HOST: b"far-away", BOOT: b"another boot"}.get(tag, raw))
                        for tag, raw in recording.fields]
    recording.head["clock_offset_ns"] += by_ns
    with open(path, "wb") as file:
        file.write(recording.pack())


def explain(t, *args):
    """The line of `explain --json`."""
    run = tracer.run("explain", "--json", *args)
    lines, flaws = tracer.parse_lines(run.out)
    t.equal((run.status, flaws), (0, []), "explain ends well")
    return only(lines, type="explain")


def ways(line):
    """The segments that both ends have timed: (what the clocks say, way_ns, way_bound_ns)."""
    return [(each["came_mono_ns"] - each["sent_mono_ns"], each["way_ns"], each["way_bound_ns"])
            for each in line["steps"] if None not in (each["sent_mono_ns"], each["came_mono_ns"])]


def story(w, t):
    machines = TwoMachines(w)
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = (os.path.join(folder, name) for name in ("ours.tsp", "theirs.tsp"))
        with w.traces(("record", "-N", "self", "-o", ours),
                      ("record", "-N", machines.there, "-o", theirs)):
            for _ in range(COUNT):
                finish(*machines.open_pair())
        machines.translator.stop()
        judge(t, ours, theirs)
    machines.close()


def judge(t, ours, theirs):
    """One connection, as one machine has it, and as two have it whose clocks are apart."""
    both = "-i", ours, "-i", theirs
    lines = tracer.parse_lines(tracer.run("trace", "--json", "-i", ours).out)[0]
    flow = where(lines, type="connection")[COUNT // 2]["flow"]
    true = explain(t, *both, "--flow", flow)
    t.equal((true["role"], true["other"]["role"], true["clocks"]), ("client", "server", None),
            "two recordings of one machine have one clock")
    t.equal({each["way_ns"] for each in true["steps"]}, {None}, "of which nothing is reckoned")
    truth = [between for between, _, _ in ways(true)]
    t.equal(len(truth), len(SEGMENTS), "the segments that both ends have timed")
    set_apart(theirs, APART)
    for name, order in (("ours", both), ("theirs", both[2:] + both[:2])):
        line = explain(t, *order, "--flow", flow)
        clocks, told = line["clocks"], ways(line)
        t.equal((clocks["difference"], clocks["handshakes"]), ("bounded", COUNT),
                f"{name} first: all handshakes that both have seen bound the clocks")
        off = abs(clocks["offset_ns"] - (APART if line["role"] == "client" else -APART))
        t.ok(off <= clocks["offset_bound_ns"] < 50 * MS * SLACK,
             "they are as far apart as they were set, within the bound", clocks)
        t.ok(abs(clocks["drift_ppm"]) <= clocks["drift_bound_ppm"], "and do not drift", clocks)
        t.none([(each, want) for each, want in zip(told, truth) if abs(each[1] - want) > each[2]],
               "each segment was as long on its way as one clock says, within the bound")
        t.equal(len(told), len(truth), "which is told of each that both ends have timed")
        t.equal(sorted((line["host"], line["other_host"])),
                sorted((os.uname().nodename, "far-away")), "both machines are named")
        t.none([each for each in line["steps"] if each["kind"] == "segment"
                and not (each["local_measured"] and each["remote_measured"])
                and "LISTEN" not in (each["local"], each["remote"])], "both columns are measured")
    text = tracer.run("explain", *both, "--flow", flow).out.decode()
    t.ok("\nclocks     " in text and "+-" in text and "On its way for" in text,
         "people are told of the clocks and the ways", text)
    path = os.path.join(os.path.dirname(ours), "page.html")
    t.equal(tracer.run("report", *both, "-o", path).status, 0, "a page of both")
    with open(path, "rb") as file:
        read = page.read(file.read())
    words = "".join(read.words)
    t.none(page.flaws_of(read), "which is complete, and asks for nothing")
    t.ok(f"{os.uname().nodename}, far-away" in words or f"far-away, {os.uname().nodename}" in words,
         "it names both machines", words[:2000])
    t.ok("is brought onto that of" in words and "±" in words,
         "its ladders have both ends on one clock")
    alone = explain(t, "-i", ours, "--flow", flow)
    t.equal((alone["other"], alone["clocks"]), (None, None), "of one end alone nothing is told")


run(story)
