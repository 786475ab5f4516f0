# SPDX-License-Identifier: GPL-2.0-only
"""Judges what a story printed: TAP as text in, a verdict out."""

import dataclasses
import re

TEST = re.compile(r"^(not )?ok\b ?(\d*)(?: - )?(.*)$")
PLAN = re.compile(r"^1\.\.(\d+)(?:\s*#\s*skip\S*\s*(.*))?$", re.IGNORECASE)
DIRECTIVE = re.compile(r"#\s*(skip|todo)\S*\s*(.*)$", re.IGNORECASE)


@dataclasses.dataclass
class Verdict:
    """What a story's output amounts to; it passed when nothing is in FAULTS or SKIPS."""

    passed: int = 0
    faults: list = dataclasses.field(default_factory=list)  # one sentence each
    skips: list = dataclasses.field(default_factory=list)  # the reasons given
    is_skipped: bool = False  # as a whole


def judge(text, status):
    """The Verdict over a story's TAP and its exit status (None: ended for taking too long)."""
    verdict, plan, count = Verdict(), None, 0
    for line in text.splitlines():
        if line.startswith("Bail out!"):
            verdict.faults.append(line)
            continue
        planned = PLAN.match(line)
        if planned:
            if plan is not None:
                verdict.faults.append("two plans")
            plan = int(planned.group(1))
            if planned.group(2) is not None:
                verdict.is_skipped = True
                verdict.skips.append(planned.group(2) or "no reason given")
            continue
        test = TEST.match(line)
        if not test:
            continue
        count += 1
        if test.group(2) and int(test.group(2)) != count:
            verdict.faults.append(f"test {test.group(2)} where {count} was due")
        directive = DIRECTIVE.search(test.group(3))
        if directive and directive.group(1).lower() == "skip":
            verdict.skips.append(directive.group(2) or "no reason given")
        elif test.group(1) and not (directive and directive.group(1).lower() == "todo"):
            verdict.faults.append(line)
        else:
            verdict.passed += 1
    if status is None:
        verdict.faults.append("ended for taking too long")
    elif status != 0 and not verdict.faults:
        verdict.faults.append(f"exit status {status}")
    if plan is None:
        verdict.faults.append("no plan")
    elif plan != count:
        verdict.faults.append(f"{plan} tests planned, {count} seen")
    elif not count and not verdict.is_skipped:
        verdict.faults.append("no test")
    return verdict


def rung_in_use(rung, hooks):
    """Why RUNG is not live by the summary's HOOKS (hook name -> rung in use); None when it is."""
    used = [str(value) for value in (hooks or {}).values() if value]
    named = {"auto": [""], "tracepoint": ["tracepoint", "tp_btf"]}.get(rung, [rung])
    if any(name in value for value in used for name in named):
        return None
    return f"no hook runs on it: {', '.join(used) or 'no hook at all'}"
