#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Whatever hist prints as a number in JSON has that name in a condition, and that value."""
import json
import os
import subprocess
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from tap import Tap

TCPSPAN = os.environ.get("TCPSPAN", "build/tcpspan")
RECORDING = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "recordings",
                         "mixed.tsp")
AT_ONCE = 32  # comparisons of one condition
# What is no number of the run, and what JSON rounds.
OTHER = {"v", "type", "name", "by", "unit", "buckets", "hooks", "paid_by", "listen_quality", "mean"}

T = Tap()


def hist(*args):
    return subprocess.run([TCPSPAN, "hist", "-i", RECORDING, *args], capture_output=True, text=True,
                          check=False)


def leaves(value, path):
    """(name, value) of each number, or null, below."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key not in OTHER:
                yield from leaves(below, f"{path}.{key}" if path else key)
    else:
        yield path, value


def comparison(name, value):
    """That it is this value, in the words of a condition."""
    is_duration = name.endswith("_ns") or name.split(".")[-1] in ("min", "max") or \
        name.split(".")[-1][0] == "p" and name.split(".")[-1][1:].isdigit()
    return f"{name} = {value}{'ns' if is_duration and value else ''}"


def in_parts(items):
    return [items[i:i + AT_ONCE] for i in range(0, len(items), AT_ONCE)]


def main():
    lines = [json.loads(line) for line in hist("--json").stdout.splitlines()]
    found = []
    for line in lines:
        if line["type"] == "histogram":
            found += leaves(line, line["name"])
        elif line["type"] == "summary":
            found += leaves(line, "")
    known = [comparison(*each) for each in found if each[1] is not None]
    unknown = [f"{name} = 0" for name, value in found if value is None]
    T.ok(len(known) > 100, "there are many numbers", known)
    T.ok(len(unknown) > 5, "and some that are unknown", unknown)
    for part in in_parts(known):
        ended = hist("--fail-if", " and ".join(part))
        T.ok(ended.returncode == 3, f"{part[0].split()[0]} and so on", part, ended.stderr)
    for each in unknown:
        ended = hist("--fail-if", each)
        T.ok(ended.returncode == 2 and "cannot be decided" in ended.stderr,
             f"{each.split()[0]} is undecided", ended.returncode, ended.stderr)
    T.done()
    return T.failed > 0


raise SystemExit(main())
