#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What `check` says of memory is what a run takes, and CSV says the same as JSON."""
import csv
import io
import os
import pathlib

import tracer
from world import *


OPTIONS = ("--ring", "512K", "--rings", "1", "--max-connections", "1000")
RINGBUF, FITS = 27, (0.4, 2.5)
PROCESSORS = os.sysconf("SC_NPROCESSORS_ONLN")


def maps_of(pid):
    """What the kernel says of a process's maps: for each its type, entries, and bytes."""
    found = []
    for path in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir():
        said = dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
        if "map_type" in said:
            found.append(tuple(int(said[key]) for key in ("map_type", "max_entries", "memlock")))
    return found


def parts_of(rings):
    """What it says of memory when there are to be so many rings."""
    return tracer.parse_lines(tracer.run("check", "--json", "--ring", "512K",
                                         "--rings", rings).out)[0][0]["memory"]


def judge_memory(t, w):
    """The memory that it names is what a run with the same options takes."""
    said = tracer.parse_lines(tracer.run("check", "--json", *OPTIONS).out)[0][0]["memory"]
    more = tracer.parse_lines(tracer.run("check", "--json", "--max-connections", "2000000",
                                         "--ring", "16M").out)[0][0]["memory"]
    t.equal((said["ring_bytes"], said["max_connections"], more["ring_bytes"]),
            (512 << 10, 1000, 16 << 20), "it names the memory of the ring")
    t.equal((said["rings"], parts_of("2")["ring_bytes"], parts_of("3")["ring_bytes"]),
            (1, 512 << 10, (512 if PROCESSORS < 3 else 384) << 10), "several have parts of it")
    t.ok(more["slot_bytes"] > said["slot_bytes"] > 0 and
         more["table_bytes_most"] > 1000 * said["table_bytes_most"],
         "more connections have more room", said, more)
    running = tracer.Tracer(("hist", "--json", "-N", "self", *OPTIONS), w.patience).wait_ready()
    maps = maps_of(running.pid)
    running.stop()
    t.equal([entries for kind, entries, _ in maps if kind == RINGBUF], [said["ring_bytes"]],
            "which a run has")
    part = sum(size for _, _, size in maps) / sum(said[key] for key in (
        "ring_bytes", "slot_bytes", "map_bytes"))
    t.ok(FITS[0] < part < FITS[1], "and the kernel counts about as much for all", part, maps, said)


def judge_csv(t, hooks):
    """The same as JSON has, a row for each rung."""
    done = tracer.run("check", "--csv")
    rows = list(csv.DictReader(io.StringIO(done.out.decode())))
    t.equal([(row["hook"], row["rung"], row["works"] == "true", row["reason"] or None,
              row["lacks"] or None, row["needs"].split()) for row in rows],
            [(each["family"], rung["rung"], rung["works"], rung["reason"], rung["lacks"],
              rung["needs"]) for each in hooks for rung in each["rungs"]],
            "CSV has a row for each rung") or t.note(done.out)
    t.equal({row["hook"]: row["rung"] for row in rows if row["used"] == "true"},
            {each["family"]: each["rung"] for each in hooks if each["rung"]},
            "and says which one is used")
    t.equal((done.status, done.err), (0, b""), "without a word beside it")


def story(w, t):
    lines, flaws = tracer.parse_lines(tracer.run("check", "--json").out)
    t.none(flaws, "with --json it is sound")
    judge_memory(t, w)
    judge_csv(t, lines[0]["hooks"])
    with open("/dev/full", "wb") as full:
        t.equal(tracer.Tracer(("check",), w.patience, stdout=full).wait().status, 2,
                "what cannot be written is no success")


run(story, limit=60)
