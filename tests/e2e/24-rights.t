#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Each command keeps the rights that it needs, and no more: read from /proc while it runs."""
import json
import os
import re
import subprocess
import tempfile

import tracer
from traffic import wait_for
from world import *

FILTERED = 2  # Seccomp: of /proc/PID/status
REPLAYS = (("trace",), ("hist",), ("explain",), ("stuck",), ("check",))


def rights_of(pid):
    """What /proc/PID/status says of rights, as numbers."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        found = dict(re.findall(r"^(Cap\w+|NoNewPrivs|Seccomp):\s*(\w+)", status.read(), re.M))
    return {name: int(text, 16) for name, text in found.items()}


def wanted(confined, capabilities=0, filtered=True):
    """What it should say, on this machine."""
    return {"CapInh": 0, "CapPrm": capabilities, "CapEff": capabilities, "CapBnd": 0, "CapAmb": 0,
            "NoNewPrivs": 1, "Seccomp": FILTERED if confined["seccomp"] and filtered else 0}


def has(pid, rights):
    found = rights_of(pid)
    return all(found.get(name, number) == number for name, number in rights.items())


def story(w, t):
    confined = json.loads(tracer.run("check", "--json", within=120.0 * w.patience).out
                          .splitlines()[0])["confined"]
    t.note(f"this machine has {sorted(name for name in confined if confined[name])}")
    t.ok(confined["no_new_privs"] and confined["capabilities"], "rights can be given up here",
         confined)
    tell_replays(w, t, wanted(confined))


def tell_replays(w, t, rights):
    """While somebody has yet to write what they read."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkfifo(f"{folder}/pipe")
        for command in REPLAYS:
            with subprocess.Popen([tracer.program(), *command, "-i", f"{folder}/pipe"],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as process:
                try:
                    wait_for(lambda: has(process.pid, rights), 10 * w.patience)
                    t.equal(rights_of(process.pid), {**rights_of(process.pid), **rights},
                            f"{command[0]} --input has no right but to read")
                finally:
                    process.kill()


run(story)
