#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A millisecond more on the wire is found by diff; the same again is no change.

Where the machine is so busy that handshakes take longer by themselves, it is more than that."""
import json
import os
import random
import tempfile
import time

import tracer
from traffic import connect
from world import *

QUICK, SLOW, AGAIN_QUICK = 7001, 7002, 7003
MORE = 0.001  # seconds, at least
COUNT = 211
TRIED = 7000  # before
NOBODY = 65534
PORT = f"{QUICK}-{AGAIN_QUICK}"
CHANGE = "change.handshake_client.p50"


def answer_after(delay, took):
    def script(flow):
        first, synack, _ = flow.answer(delay)
        flow.finish()
        took.append(apart(first, synack))
    return script


def visit(peer, *ports):
    """By turns, in any order, so that whatever else the machine does is the same for all."""
    for _ in range(COUNT):
        for port in random.sample(ports, len(ports)):
            connect(PEER[IPV4], port).close()
    peer.join()


def more_than_chance(peer):
    """Seconds that the median is to be longer, for bounds that chance leaves."""
    peer.serve(TRIED, answer_after(0, []))
    took = []
    for _ in range(COUNT):
        begun = time.monotonic()
        connect(PEER[IPV4], TRIED).close()
        took.append(time.monotonic() - begun)
    peer.join()
    return max(MORE, 4 * sorted(took)[COUNT * 4 // 5])


def diff(*args, status=0, user=NOBODY):
    done = tracer.run("diff", *args, user=user)
    flaw = None if done.status == status else f"status {done.status}: {done.err.decode()}"
    return done.out.decode(), done.err.decode(), flaw


def rows_of(out):
    return {line["name"]: line for line in map(json.loads, out.splitlines())
            if line["type"] == "diff"}


def changed(out):
    return {name for name, row in rows_of(out).items() if row["verdict"] in ("more", "less")}


def replays(t, quick, slow, again, took):
    out, _, flaw = diff("--json", quick, slow)
    t.none([flaw] if flaw else [], "diff of two recordings has status 0")
    row = rows_of(out).get("handshake_client.p50", {})
    t.equal(row.get("verdict"), "more", "the median handshake is longer")
    t.ok({"handshake_client.p50", "state_syn_sent.p50"} <= changed(out), "and SYN_SENT", out)
    t.none([name for name in changed(out) if name.startswith(("failures", "live"))],
           "nothing failed, or stayed")
    for side, delays in (("old", took[0]), ("new", took[1])):
        low, high = row.get(f"{side}_low") or 0, row.get(f"{side}_high") or 0
        t.ok(0 < low <= row.get(side, 0) <= high, f"{side}: the median is between its bounds", row)
        t.ok(high > min(delays) * 0.98, f"{side}: and no less than the peer took", row)
    t.equal(json.loads(out.splitlines()[-1])["type"], "summary", "the last line is the summary")
    for old, new, what in ((quick, quick, "itself"), (quick, again, "the same again")):
        out, _, flaw = diff("--json", old, new)
        t.none(([flaw] if flaw else []) + [rows_of(out)[name] for name in sorted(changed(out))],
               f"no change: {what}")
    out, _, _ = diff(quick, quick)
    t.ok("No change: none of" in out, "in words, too", out)
    out, _, _ = diff(quick, slow)
    t.ok("handshake_client.p50" in out.split("WHAT", 1)[-1], "the change for people", out)
    t.none([line for line in out.splitlines() if len(line) > 80], "in 80 columns")
    _, err, flaw = diff(quick, slow, "--fail-if", f"{CHANGE} > 50%", status=3)
    t.ok(not flaw and f"--fail-if holds: {CHANGE} is" in err, "--fail-if: status 3", flaw, err)
    _, err, flaw = diff(quick, again, "--fail-if", f"{CHANGE} > 50% or changes > 0")
    t.ok(not flaw and "--fail-if" not in err, "and 0 of what is the same", flaw, err)


def live(w, t, quick, peer):
    """The running kernel is compared with rights that reading a recording would have given up."""
    command = ("diff", quick, "-N", "self", "-D", PORT, "--fail-if", f"{CHANGE} > 50%", "--json")
    seen = tracer.Tracer(command, w.patience)
    try:
        seen.wait_ready()
        visit(peer, SLOW)
        seen.stop()
    finally:
        seen.kill()
    t.equal(seen.status, 3, "live: status 3") or t.note(seen.err)
    out = seen.out.decode()
    t.ok("handshake_client.p50" in changed(out), "the change is found", out)
    t.equal([line["input"] for line in seen.of("diff_side")], [quick, None], "of both sides")


def filtered(w, t, peer, folder):
    """What one side left out is no change: that it did is said."""
    ways = {"all": (), "some": ("-D", PORT), "same": ("-D", PORT), "other": ("-D", "1")}
    with w.traces(*(("record", "-N", "self", "-o", f"{folder}/{name}", *args)
                    for name, args in ways.items())):
        visit(peer, QUICK)
    for name in ways:
        os.chmod(f"{folder}/{name}", 0o644)
    for old, new, args, differ in (
            ("all", "some", (), True), ("some", "same", (), False), ("some", "other", (), True),
            ("all", "some", ("-D", PORT), False), ("all", "all", ("-D", PORT), False)):
        paths = f"{folder}/{old}", f"{folder}/{new}"
        out, err, flaw = diff("--json", *paths, *args)
        told = {line.get("filters_differ") for line in map(json.loads, out.splitlines())
                if line["type"] == "diff_side"}
        t.equal((flaw, told, "filtered differently" in err), (None, {differ}, differ),
                f"{old} and {new} {' '.join(args)}: whether filters differ")
    done = tracer.run("report", "-i", f"{folder}/some", "--compare", f"{folder}/all",
                      "-o", f"{folder}/page.html")
    with open(f"{folder}/page.html", encoding="utf-8") as page:
        t.ok("filtered differently" in page.read() and b"filtered differently" in done.err,
             "a page says so, too")


def early(t, folder):
    """Nobody traces first to hear then that there is nothing to compare with."""
    for name, raw, why in (("empty", b"", "it is empty"),
                           ("text", b"#!/bin/sh\n" * 9, "no recording"),
                           ("cut", b"\x89tcpspan", "it ends within its head")):
        path = f"{folder}/{name}"
        with open(path, "wb") as file:
            file.write(raw)
        done = tracer.run("diff", path, "-N", "self", "-d", "1")
        t.ok((done.status, done.out, done.err.count(b"\n")) == (2, b"", 1) and
             why in done.err.decode(), f"{name}: one sentence, before anything is traced", done.err)
    done = tracer.run("diff", folder, "-N", "self", "-d", "1")
    t.ok(done.status == 2 and done.err.count(b"\n") == 1, "and so for a folder", done.err)


def story(w, t):
    peer, ports = w.peer(), (QUICK, SLOW, AGAIN_QUICK)
    took = [[] for _ in ports]
    more = more_than_chance(peer)
    t.note(f"{1000 * more:.2f} ms more")
    for port, delay, into in zip(ports, (0, more, 0), took):
        peer.serve(port, answer_after(delay, into))
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        files = [f"{folder}/{name}" for name in ("quick", "slow", "again")]
        with w.traces(*(("record", "-N", "self", "-o", path, "-D", str(port))
                        for path, port in zip(files, ports))):
            visit(peer, *ports)
        for path in files:
            os.chmod(path, 0o644)
        replays(t, *files, took)
        live(w, t, files[0], peer)
        early(t, folder)
        filtered(w, t, peer, folder)


run(story, limit=120)
