#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The alerts fire when they must and not else, and the manual says what to do about each; the units
are as tight as can be."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(TOP / "tests/e2e"))

from tap import Tap  # noqa: E402

PACKAGE = TOP / "user/package"
RULES = PACKAGE / "prometheus/tcpspan.rules.yml"
EXPOSURE = 25  # tenths, of `systemd-analyze security`
NAMES = ("CloseWaitStuck", "SynTimeouts", "RefusedSpike", "AcceptQueueOverflow", "HandshakeSlow",
         "EphemeralPortsNearlyUsed", "TracerLosing", "TracerGaps", "HookDegraded",
         "ExporterOverflowed")


def said(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, cwd=RULES.parent)
    return done.returncode, done.stdout


def alerts():
    """{name: the command to run next} of the rules."""
    return dict(re.findall(r"- alert: (\w+)\n.*?command: (.+?)\n", RULES.read_text(), re.S))


def paragraphs():
    """{name: the text} of the manual's section."""
    manual = pathlib.Path(os.environ["BUILD"], "tcpspan.8").read_text(encoding="utf-8")
    section = manual.partition(".SH ALERTS\n")[2].partition("\n.SH ")[0]
    return {name: text.replace("\\-", "-") for name, text in
            re.findall(r'\.TP\n\.B "(\w+)"\n(.*?)(?=\.TP\n|\Z)', section, re.S)}


def tell_rules(t):
    found = alerts()
    t.equal(sorted(found), sorted(NAMES), "all alerts are there")
    told = paragraphs()
    t.equal(sorted(told), sorted(NAMES), "the manual has a paragraph for each")
    t.none([name for name, command in found.items() if f'.B "{command}"' not in told.get(name, "")],
           "which ends with the command that the alert names")
    if not shutil.which("promtool"):
        t.skip("the rules are tried", "no promtool here")
        return
    status, text = said("promtool", "check", "rules", RULES.name)
    t.equal(status, 0, "promtool takes the rules") or t.note(text)
    status, text = said("promtool", "test", "rules", "tcpspan.rules.test.yml")
    t.equal(status, 0, "each fires where it must, and nowhere else") or t.note(text)
    tests = (RULES.parent / "tcpspan.rules.test.yml").read_text()
    t.equal(sorted(re.findall(r"alertname: (\w+)", tests)), sorted(NAMES), "all are tried")


def tell_units(t):
    units = sorted((PACKAGE / "systemd").glob("*.service"))
    t.equal(len(units), 2, "there are two services")
    if not shutil.which("systemd-analyze"):
        t.skip("the units are judged", "no systemd-analyze here")
        return
    for unit in units:
        status, text = said("systemd-analyze", "security", "--offline=true",
                            f"--threshold={EXPOSURE}", "--no-pager", str(unit))
        t.equal(status, 0, f"{unit.name} is exposed by {EXPOSURE / 10} at most") or \
            t.note(text.splitlines()[-1])


def tell_dependencies(t):
    """A package that the build looks for, and goes without, is missed by whoever installs it."""
    control = (PACKAGE / "debian/control").read_text()
    named = set(re.findall(r"^ ([a-z0-9.+-]+)", control.partition("Build-Depends:")[2].partition(
        "\n\n")[0], re.M))
    built = {line.split()[0] for line in (TOP / "tests/deps.txt").read_text().splitlines()
             if line.endswith(" build")}
    # What each machine that builds packages has, and what only runs.
    t.equal(built - named - {"gcc", "libc6-dev", "iproute2"}, set(),
            "the packages are built with all that the build can use")


tap = Tap()
tell_rules(tap)
tell_units(tap)
tell_dependencies(tap)
tap.done()
sys.exit(1 if tap.failed else 0)
