# SPDX-License-Identifier: GPL-2.0-only
"""Runs stories on one kernel of the matrix and says what came of each."""

import dataclasses
import json
import os
import pathlib
import shutil

import machine
import matrix
import paths
import verdict

JOBS = 1  # stories at a time in one machine: waiting takes no time there
# Emulation is slow: the stories stretch their time-outs by PATIENCE, and by SLACK how far a time
# that they measure may be off. These kernels keep nothing from a program: no second attempts.
ENVIRONMENT = {"PATIENCE": "5", "SLACK": "20", "ATTEMPTS": "1", "UNSHARED": "1",
               "COLUMNS": "80", "TERM": "dumb", "CMOCKA_MESSAGE_OUTPUT": "TAP", "BUILD": "/"}
STORY_TIMEOUT_S = 620
HOME, ONCE, ASIDE, ALONE, SKIPS = "home", "once", "aside", "alone", "skips"
NATIVE = "native"
CORE, RELEASE = "core", "release"
WHOLE = "auto"  # the rung on which all stories run
ALIKE = "fentry"  # which that one takes in most families: where it is forced, its core shows it
HOME_KERNEL = "6.12"  # where those run, too, that no kernel has a part in

# UNSTEADY: it failed, and passed when it was run again for evidence.
PASSED, FAILED, SKIPPED, UNSTEADY = "passed", "failed", "skipped", "unsteady"


@dataclasses.dataclass
class Outcome:
    """What came of one story, or of a rung as a whole (STORY is then None), on one kernel."""

    kernel: str
    rung: str
    story: str
    result: str
    reasons: list
    seconds: float = 0.0
    busy: float = 0.0  # seconds of a processor in it


@dataclasses.dataclass
class Task:
    """One story on one rung."""

    rung: str
    path: pathlib.Path
    place: str  # ASIDE, ALONE or empty
    may_skip: bool  # a check, for a reason of its own
    environment: dict

    def inside(self):
        """The story's path in the machine."""
        return f"/tests/{'e2e' if self.path.suffix == '.t' else 'bpf'}/{self.path.name}"

    def as_json(self):
        """What guest.py reads."""
        return {"rung": self.rung, "path": self.inside(), "place": self.place,
                "environment": self.environment}


@dataclasses.dataclass
class Plan:
    """What runs in one boot."""

    line: matrix.Line
    rungs: list  # live and wanted
    refused: list  # wanted, and skipped by the matrix
    tasks: list


def built_programs():
    """The programs of tests/bpf: tests, some of which stories run as well."""
    return sorted(path for path in paths.BPF_TESTS.glob("*")
                  if os.access(path, os.X_OK) and path.is_file())


def all_stories():
    """Every story of tests/e2e, and the tests/bpf programs that are built."""
    return sorted(paths.STORIES.glob("*.t")) + built_programs()


def find_stories(names):
    """The stories called NAMES: paths, file names, or the beginnings of file names."""
    everything, found = all_stories(), []
    for name in names:
        base = pathlib.Path(name).name
        hits = [path for path in everything if path.name == base] or \
            [path for path in everything if path.name.startswith(base)]
        if not hits:
            raise machine.MachineError(f"no story {name} in tests/e2e")
        found += hits
    return found


def load_hows(path=matrix.HERE / "stories.txt"):
    """{story: how it runs, a set of words} for those that stories.txt names."""
    hows = {}
    for number, text in enumerate(path.read_text().splitlines(), 1):
        if not text.strip() or text.startswith("#"):
            continue
        story, how, why, *rest = [cell.strip() for cell in text.split("|")] + ["", ""]
        words = HOME, ONCE, ASIDE, ALONE, SKIPS, CORE, RELEASE, NATIVE
        known = all(word in words or "=" in word for word in how.split())
        if not (story and how and why and known) or any(rest):
            raise matrix.MatrixError(f"{path.name}:{number}: not 'story | how | why'")
        hows[story] = set(how.split())
    return hows


def gates(line, rung, how):
    """Whether a story that runs so gates a change on this kernel and rung."""
    if how & {HOME, RELEASE, NATIVE}:
        return False
    return rung in line.gated or (rung in line.core and CORE in how)


def make_plan(line, rungs, stories, asked=False, gate=False):
    """The Plan for RUNGS (all when empty) and STORIES on one kernel.

    Those that belong to HOME_KERNEL are left out on others, those that no machine has all for, and
    on ALIKE those that are not of the core, unless somebody ASKED for them; for the GATE, those
    that need not pass before a change lands.
    """
    wanted = list(rungs) or list(matrix.RUNGS)
    live = [rung for rung in wanted if rung in line.live]
    hows = load_hows()
    tasks = []
    for rung in live:
        if line.is_only_live(rung):
            continue
        for path in stories:
            how = hows.get(path.stem, set()) if path.suffix == ".t" else {ONCE, CORE}
            if how & {HOME, ONCE, NATIVE} and rung != WHOLE:
                continue
            if (HOME in how and line.name != HOME_KERNEL or NATIVE in how) and not asked:
                continue
            if rung == ALIKE and not (CORE in how or asked):
                continue
            if gate and not gates(line, rung, how):
                continue
            place = ASIDE if ASIDE in how else ALONE if ALONE in how else ""
            environment = dict(word.split("=", 1) for word in how if "=" in word)
            if rung != WHOLE or line.name != HOME_KERNEL:
                environment["SHARED"] = "1"
            tasks.append(Task(rung, path, place, SKIPS in how, environment))
    tasks.sort(key=lambda task: task.place == ALONE)
    return Plan(line, live, [rung for rung in wanted if rung not in line.live], tasks)


class Collector:
    """Takes the machine's standard output as it comes; knows what was said when it is over."""

    def __init__(self, plan, folder, on_outcome):
        self.plan, self.folder, self.on_outcome = plan, folder, on_outcome
        self.rest, self.outcomes, self.is_complete = b"", [], False
        self.noise = []
        self.may_skip = {(task.rung, task.path.stem) for task in plan.tasks if task.may_skip}

    def take(self, piece):
        """A sink for machine.run."""
        *lines, self.rest = (self.rest + piece).split(b"\n")
        for line in lines:
            try:
                said = json.loads(line)
            except ValueError:
                self.noise.append(line.decode(errors="replace"))
                continue
            if said["type"] == "end":
                self.is_complete = True
            elif said["type"] == "again":
                self.weigh(said)
            else:
                self.add(self.rung(said) if said["type"] == "rung" else self.story(said))

    def add(self, outcome):
        """Keeps an outcome and tells it."""
        self.outcomes.append(outcome)
        self.on_outcome(outcome)

    def rung(self, said):
        """The Outcome of a rung that was tried."""
        name, rung = self.plan.line.name, said["rung"]
        why = f"status {said['status']}" if said["status"] else \
            verdict.rung_in_use(rung, said["hooks"])
        if rung in self.plan.refused:
            if why is None:
                return Outcome(name, rung, None, FAILED,
                               ["it is live, and the matrix says that it cannot be"])
            return Outcome(name, rung, None, SKIPPED, [self.plan.line.skip_reason(rung)])
        if why is None:
            return Outcome(name, rung, None, PASSED, [])
        last = (said["said"].strip().splitlines() or ["it said nothing"])[-1]
        return Outcome(name, rung, None, FAILED, [f"must be live and is not: {why}: {last}"])

    def story(self, said):
        """The Outcome of a story that ran."""
        line, rung, story = self.plan.line, said["rung"], pathlib.Path(said["story"]).stem
        judged = verdict.judge(said["tap"], said["status"])
        excuse = line.skip_reason(story, f"{story}@{rung}")
        faults = list(judged.faults)
        may_skip = (rung, story) in self.may_skip and not judged.is_skipped
        if judged.skips and not excuse and not may_skip:
            faults += [f"skipped without a reason in matrix.txt: {why}" for why in judged.skips]
        if faults:
            result = FAILED
            self.folder.joinpath(rung).mkdir(parents=True, exist_ok=True)
            (self.folder / rung / f"{story}.tap").write_text(said["tap"])
        else:
            result = SKIPPED if judged.is_skipped else PASSED
        reasons = faults or ([excuse] if judged.skips and excuse else [])
        return Outcome(line.name, rung, story, result, reasons, said["seconds"],
                       said.get("busy", 0.0))

    def weigh(self, said):
        """A story that has failed was run again."""
        story, again = pathlib.Path(said["story"]).stem, verdict.judge(said["tap"], said["status"])
        for outcome in self.outcomes:
            if (outcome.rung, outcome.story, outcome.result) == (said["rung"], story, FAILED) and \
               not again.faults and not again.is_skipped:
                outcome.result = UNSTEADY
                outcome.reasons = [f"passed the second time; {outcome.reasons[0]}"]
                self.on_outcome(outcome)

    def close(self, why):
        """Adds a failure for everything planned of which nothing was heard, and tells how many."""
        heard = {(outcome.rung, outcome.story) for outcome in self.outcomes}
        planned = [(rung, None) for rung in self.plan.rungs + self.plan.refused]
        planned += [(task.rung, task.path.stem) for task in self.plan.tasks]
        lost = [Outcome(self.plan.line.name, rung, story, FAILED, [why])
                for rung, story in planned if (rung, story) not in heard]
        self.outcomes += lost
        if lost:
            self.on_outcome(dataclasses.replace(lost[0], reasons=[why] * len(lost)))


def clean(line):
    """Removes what an earlier run left of a kernel."""
    shutil.rmtree(paths.LOGS / line.name, ignore_errors=True)


def run(plan, program, timeout_s, on_outcome, jobs=JOBS):
    """Boots the plan's kernel, runs what is planned; the list of Outcomes."""
    line = plan.line
    folder = paths.LOGS / line.name
    folder.mkdir(parents=True, exist_ok=True)
    console = folder / "-".join(["console", *plan.rungs])
    text = json.dumps({"rungs": plan.rungs + plan.refused, "jobs": jobs,
                       "story_timeout_s": STORY_TIMEOUT_S, "environment": ENVIRONMENT,
                       "tasks": [task.as_json() for task in plan.tasks]})
    collector = Collector(plan, folder, on_outcome)
    with open(folder / "-".join(["stderr", *plan.rungs]), "wb", buffering=0) as errors:
        result = machine.run(
            line, "#!/bin/sh\nexec python3 /guest.py\n", console, timeout_s,
            collector.take, errors.write, folder, program=program,
            programs=[(path, f"/tests/bpf/{path.name}") for path in built_programs()],
            trees=[(paths.STORIES, "tests/e2e"), (matrix.HERE / "guest.py", "guest.py")],
            texts=[("plan", text)])
    if result.timed_out:
        why = f"not reached within {timeout_s:.0f} s"
    elif collector.is_complete:
        why = "its result was lost"
    else:
        why = f"the machine ended before it, see {console}"
    collector.close(why)
    return collector.outcomes
