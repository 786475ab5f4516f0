#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The figures for a monitoring system are those for people, of the same recording."""
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BUILD = os.environ.get("BUILD", "build")
TCPSPAN = os.environ.get("TCPSPAN", BUILD + "/tcpspan")
RECORDINGS = pathlib.Path(__file__).resolve().parent.parent / "golden" / "recordings"
CONNECTIONS = 5003
SAMPLE = re.compile(r'^tcpspan_(\w+)(?:\{(.*)\})? (\S+)$', re.M)
LABEL = re.compile(r'(\w+)="([^"]*)"')
# Of the histograms for people: what those of the figures are called, and their labels.
SAME = {
    "handshake_client": ("handshake_duration_seconds", {"role": "client"}),
    "handshake_server": ("handshake_duration_seconds", {"role": "server"}),
    "accept_queue": ("accept_queue_duration_seconds", {}),
    "time_wait": ("time_wait_duration_seconds", {}),
    **{f"state_{name}": ("state_duration_seconds", {"state": other}) for name, other in (
        ("syn_sent", "syn_sent"), ("syn_recv", "syn_received"), ("established", "established"),
        ("fin_wait1", "fin_wait_1"), ("fin_wait2", "fin_wait_2"), ("close_wait", "close_wait"),
        ("closing", "closing"), ("last_ack", "last_ack"))},
}
WIDTH = 0.016  # of a bucket of those for people
NS_PER_S = 1e9

count = failed = 0


def check(flaws, name):
    """One line of TAP."""
    global count, failed
    count += 1
    failed += bool(flaws)
    print(f"{'not ok' if flaws else 'ok'} {count} - {name}")
    for flaw in flaws:
        print(f"# {flaw}", flush=True)


def run(*words):
    return subprocess.run([TCPSPAN, *words], check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout


def figures(path):
    """{(name, labels): number}"""
    return {(name, frozenset(LABEL.findall(labels))): float(value)
            for name, labels, value in SAMPLE.findall(run("export", "--once", "-i", path))}


def total(found, name):
    """Of all that have this name."""
    return sum(value for key, value in found.items() if key[0] == name)


def spread(found, name, labels):
    """(count, sum in seconds, [(edge, how many are no more)])"""
    own = frozenset(labels.items())
    edges = sorted((float(dict(rest)["le"]), value) for (each, rest), value in found.items()
                   if each == f"{name}_bucket" and own <= rest)
    return found[(f"{name}_count", own)], found[(f"{name}_sum", own)], edges


def misses(value_s, part, number, edges):
    """Whether the value below which a part of them lies is in no bucket that could have it."""
    rank, low = max(1, math.ceil(part * number)), 0.0
    for edge, below in edges:
        if below >= rank:
            return not low * (1 - WIDTH) <= value_s <= edge * (1 + WIDTH)
        low = edge
    return True


def compare(words, found, name):
    """What differs between a histogram for people and the one of the figures."""
    number, sum_s, edges = spread(found, *SAME[name])
    exact = words["count"] - words["estimated"]
    if number != exact:
        yield f"{name}: {number:g} values, and {exact} for people"
        return
    if words["estimated"] or not exact:
        return
    if abs(sum_s * NS_PER_S - words["mean"] * exact) > exact:
        yield f"{name}: a sum of {sum_s} s, and {words['mean'] * exact} ns for people"
    for part, key in ((0.5, "p50"), (0.9, "p90"), (0.99, "p99")):
        if misses(words[key] / NS_PER_S, part, exact, edges):
            yield f"{name}: {key} is {words[key]} ns for people, and not in its bucket"


def tell(path, name):
    lines = [json.loads(line) for line in run("hist", "--json", "-i", path).splitlines()]
    found, summary = figures(path), lines[-1]
    by_name = {line["name"]: line for line in lines if line["type"] == "histogram"}
    check([flaw for each in SAME if each in by_name
           for flaw in compare(by_name[each], found, each)],
          f"{name}: counts, sums and percentiles are the same")
    failures = sum(line["count"] for line in lines if line["type"] == "failure")
    half_open = sum(summary["half_open"].values())
    pairs = {
        "closed": (total(found, "connections_closed_total"), summary["connections"]["closed"]),
        "incomplete": (total(found, "tracer_connections_incomplete_total"),
                       summary["connections"]["incomplete"]),
        "failures": (total(found, "connection_failures_total"), failures - half_open),
        "half open": (total(found, "half_open_ended_total"), half_open),
        "gaps": (total(found, "tracer_gaps_total"), summary["gaps"]),
        **{each: (total(found, f"tracer_events_{each}_total"), summary["events"][each])
           for each in ("seen", "filtered", "submitted", "ring_full", "missed", "received")},
    }
    check([f"{each}: {ours:g}, and {theirs} in the summary"
           for each, (ours, theirs) in pairs.items() if ours != theirs],
          f"{name}: so are the summary's")


def prints_what_goes_nowhere_else(path):
    check([] if run("export", "-i", path) == run("export", "--once", "-i", path) else ["no"],
          "the figures of a recording are printed where no other output is named")
    check([] if not run("export", "-i", path, "--listen", "127.0.0.1:0") else ["it is printed"],
          "and not where one is")
    check([] if run("export", "-i", path, "--csv") == run("export", "-i", path) else ["no"],
          "an option that does nothing leaves them as they are")
    refused = subprocess.run([TCPSPAN, "export", "-i", path, "--json"], capture_output=True,
                             timeout=60, check=False)
    check([] if (refused.returncode, refused.stdout) == (2, b"") and b"--json" in refused.stderr
          else [str(refused)], "figures that are printed are none of JSON, and that is said")


def main():
    prints_what_goes_nowhere_else(str(RECORDINGS / "mixed.tsp"))
    for path in sorted(RECORDINGS.glob("*.tsp")):
        tell(str(path), path.stem)
    with tempfile.NamedTemporaryFile(suffix=".tsp") as made:
        subprocess.run([f"{BUILD}/tests/synthetic/generate", f"connections={CONNECTIONS}"],
                       check=True, stdout=made, stderr=subprocess.DEVNULL)
        tell(made.name, f"{CONNECTIONS} connections")
    print(f"1..{count}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
