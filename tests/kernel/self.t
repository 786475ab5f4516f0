#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Shows that the runner of the virtual machines refuses what it should; boots none."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import initramfs  # noqa: E402
import machine  # noqa: E402
import matrix  # noqa: E402
import paths  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402
import stories  # noqa: E402
import verdict  # noqa: E402
from stories import FAILED, PASSED, SKIPPED, UNSTEADY, Outcome  # noqa: E402

GOOD = "ok 1 - a\nok 2 - b\n1..2\n"
LINE = "a | 6.1 | sid | linux-* | fentry tracepoint+ auto* | x=1 | kprobe: no; 16-x@auto: why"
count = failed = 0


def check(passed, name):
    """One line of TAP."""
    global count, failed
    count, failed = count + 1, failed + (not passed)
    print(f"{'ok' if passed else 'not ok'} {count} - {name}", flush=True)


def refused(text):
    """Whether a line of the matrix is refused."""
    try:
        matrix.parse_line(text, "here")
    except matrix.MatrixError:
        return True
    return False


def check_verdicts():
    good = verdict.judge(GOOD, 0)
    check(good.passed == 2 and not good.faults and not good.skips, "good TAP passes")
    for text, status, name in (
            (GOOD, 1, "an exit status"), (GOOD, None, "too long"), ("", 0, "silence"),
            ("ok 1 - a\nok 2 - b\n", 0, "no plan"), ("ok 1 - a\n1..2\n", 0, "a test missing"),
            ("ok 1 - a\nok 3 - b\n1..2\n", 0, "a number left out"), ("1..0\n", 0, "no test"),
            ("ok 1 - a\nnot ok 2 - b\n1..2\n", 0, "not ok"),
            ("1..2\nok 1 - a\nok 2 - b\n1..2\n", 0, "two plans"),
            (GOOD + "Bail out!  the end\n", 0, "Bail out!")):
        check(verdict.judge(text, status).faults, f"{name} is a fault")
    part = verdict.judge("ok 1 - a # SKIP no such thing\nok 2 - b\n1..2\n", 0)
    check(part.skips == ["no such thing"] and not part.is_skipped, "a skipped test is seen")
    whole = verdict.judge("1..0 # SKIP no such kernel\n", 0)
    check(whole.skips == ["no such kernel"] and whole.is_skipped, "a skipped story is seen")


def check_rungs():
    check(verdict.rung_in_use("fentry", {"state": "fentry", "end": "tp_btf"}) is None, "fentry")
    check(verdict.rung_in_use("kprobe", {"state": "fentry"}), "kprobe is not fentry")
    check(verdict.rung_in_use("tracepoint", {"state": "tp_btf"}) is None, "tp_btf is a tracepoint")
    check(verdict.rung_in_use("auto", {"state": None}), "no hook is no rung")
    check(verdict.rung_in_use("auto", None), "no summary is no rung")


def check_matrix():
    line = matrix.parse_line(LINE, "here")
    check(line.live == ("fentry", "tracepoint", "auto") and line.parameters == "x=1", "a line")
    check((line.gated, line.core) == (("auto",), ("tracepoint",)),
          "and the rungs on which all stories gate a change, or the core does")
    check(line.skip_reason("16-x", "16-x@auto") == "why", "a skip of one story on one rung")
    check(line.skip_reason("16-x", "16-x@fentry") is None, "and of no other")
    check(refused(LINE.replace("kprobe: no; ", "")), "a rung that nobody speaks of is refused")
    check(refused(LINE.replace("kprobe: no", "kprobe:")), "a skip without a reason is refused")
    check(refused(LINE.replace("fentry ", "kprobe ")), "a rung both live and skipped is refused")
    check(refused(LINE.replace("auto* |", "auto magic |")), "a rung that does not exist is refused")
    check(refused(LINE.replace("auto*", "auto**")), "or one with two marks")
    check(refused(LINE + " | x"), "another column is refused")
    check(len(matrix.load()) >= 4, "matrix.txt is sound")
    names = {path.stem for path in paths.STORIES.glob("*.t")}
    check(not set(stories.load_hows()) - names, "stories.txt names stories that exist")
    readme = matrix.README.read_text()
    check(matrix.with_table(readme) == readme, "the README's table of kernels is current")
    check(matrix.with_table(readme.replace("| 6.1 |", "| 6.2 |")) == readme,
          "one that is not would be noticed")


def collected(*said, may_skip=False):
    """The results of what a machine said of one rung and one story."""
    line = matrix.parse_line(LINE, "here")
    story = paths.STORIES / "16-x.t"
    task = stories.Task("fentry", story, "", may_skip, {})
    plan = stories.Plan(line, ["fentry"], ["kprobe"], [task])
    with tempfile.TemporaryDirectory() as work:
        collector = stories.Collector(plan, pathlib.Path(work), lambda outcome: None)
        collector.take("".join(each + "\n" for each in said).encode())
        collector.close("lost")
    return [outcome.result for outcome in collector.outcomes]


def check_collector():
    live = '{"type":"rung","rung":"fentry","status":0,"hooks":{"state":"fentry"},"said":""}'
    dead = '{"type":"rung","rung":"kprobe","status":2,"hooks":null,"said":"no"}'
    story = '{"type":"story","rung":"fentry","story":"/t/16-x.t","status":0,"seconds":1,' \
            '"tap":"ok 1 - a\\n1..1\\n"}'
    check(collected(live, dead, story) == [PASSED, SKIPPED, PASSED], "all is well")
    check(collected(live, dead) == [PASSED, SKIPPED, FAILED], "a story that did not run failed")
    check(collected() == [FAILED] * 3, "a machine that said nothing failed")
    check(collected(live.replace('"fentry"}', '"tp_btf"}'), dead, story)[0] == FAILED,
          "a rung that must be live and is not failed")
    check(collected(live, dead.replace("2", "0").replace("null", '{"state":"kprobe"}'), story)[1]
          == FAILED, "so did one that is live and should not be")
    check(collected(live, dead, story.replace("ok 1 - a", "ok 1 - a # SKIP no"))[2] == FAILED,
          "so did a story that skips without a reason in the matrix")
    skips = story.replace("ok 1 - a", "ok 1 - a # SKIP no")
    check(collected(live, dead, skips, may_skip=True)[2] == PASSED,
          "not one of which stories.txt says that it may")
    check(collected(live, dead, skips.replace("ok 1 - a # SKIP no\\n1..1", "1..0 # SKIP no"),
                    may_skip=True)[2] == FAILED, "unless it skips as a whole")
    bad, again = story.replace('"ok', '"not ok'), story.replace('"type":"story"', '"type":"again"')
    check(collected(live, dead, bad, again)[2] == UNSTEADY, "one that passes again is unsteady")
    check(collected(live, dead, bad, again.replace('"ok', '"not ok'))[2] == FAILED,
          "one that does not has failed")
    check(collected(live, dead, bad)[2] == FAILED, "so has one that was not run again")
    check(collected(live, dead, bad, again.replace("fentry", "kprobe"))[2] == FAILED,
          "or on another rung")


def check_report():
    outcomes = [Outcome("6.1", "auto", None, PASSED, []), Outcome("6.1", "auto", "a", PASSED, []),
                Outcome("6.1", "auto", "b", FAILED, ["x"])]
    check(report.closing_line(outcomes) == "2 passed, 1 failed", "the closing line")
    check(report.cell(outcomes) == "1/2", "a cell of the table")
    check(report.cell(outcomes[:1]) == "live", "a cell of a rung without stories")
    check(not report.is_green(outcomes), "a failure is not green")
    check(not report.is_green([]), "nothing is not green")
    check(report.is_green(outcomes[:2]), "passes are green")
    unsteady = [Outcome("6.1", "auto", "c", UNSTEADY, ["x"])]
    few, many = outcomes[:2] + unsteady * 2, outcomes[:2] + unsteady * 3
    check(report.closing_line(few) == "2 passed, 0 failed", "the unsteady are not among the passed")
    check(report.other_line(few) == "2 unsteady" and report.all_counts(few) ==
          "2 passed, 0 failed, 2 unsteady", "they are told")
    check(report.closing_lines(few).endswith("6.1 auto c: x\n\n2 unsteady\n\n2 passed, 0 failed")
          and report.closing_lines(outcomes).endswith("\n\n2 passed, 1 failed"),
          "the count is the last line")
    worse = [Outcome("6.1", "auto", "d", FAILED, ["x", "y"])]
    check(report.closing_lines(few + worse).splitlines()[-6:-4] == ["failed  6.1 auto d: x (and 1 "
          "more)", "  y"], "what failed stands right before it, with all that it found")
    check(report.cell(few) == "1/3 (2 unsteady)", "in the table too")
    check(report.is_green(few) and not report.is_green(many), "few are green, many are not")


def check_plans():
    line = matrix.parse_line(LINE, "here")
    names = {path.stem for path in stories.all_stories()}
    plan = stories.make_plan(line, (), stories.all_stories())
    hows = stories.load_hows().items()
    native = {name for name, how in hows if stories.NATIVE in how}
    home = {name for name, how in hows if stories.HOME in how}
    check({task.path.stem for task in plan.tasks if task.rung == "auto"} == names - home - native,
          "all stories that a kernel has a part in run on auto")
    once = {name for name, how in hows if how & {stories.HOME, stories.ONCE, stories.NATIVE}}
    check({task.path.stem for task in plan.tasks if task.rung == "tracepoint"} ==
          {path.stem for path in paths.STORIES.glob("*.t")} - once, "and on each other rung")
    core = {name for name, how in hows if stories.CORE in how} - once
    check({task.path.stem for task in plan.tasks if task.rung == stories.ALIKE} == core,
          "of those the core on the one that auto takes in most families")
    asked = stories.make_plan(line, (), stories.find_stories(["05-"]), True)
    check(core and {task.rung for task in asked.tasks} == {"fentry", "tracepoint", "auto"},
          "and whatever is asked for by name")
    for each, asked, left_out in ((matrix.find(stories.HOME_KERNEL), False, native),
                                  (line, True, set())):
        plan = stories.make_plan(each, (), stories.all_stories(), asked)
        check({task.path.stem for task in plan.tasks if task.rung == "auto"} == names - left_out,
              "all that a machine has all for at home, and all when asked for")
    quiet = matrix.parse_line(LINE.replace("kprobe: no", "kprobe: no; *@fentry: why"), "here")
    check({task.rung for task in stories.make_plan(quiet, (), stories.all_stories()).tasks} ==
          {"tracepoint", "auto"}, "a rung may be live and have no story")
    plan = stories.make_plan(line, (), stories.all_stories())
    check(plan.refused == ["kprobe"] and not any(task.rung == "kprobe" for task in plan.tasks),
          "but not on one that cannot be live")


def check_needs():
    """What no story can need where programs may not read memory by its address."""
    lacking, hows = {"passive", "time_wait"}, stories.load_hows()
    needy = []
    for path in paths.STORIES.glob("*.t"):
        found = re.search(r"^run\(story.*needs=\(([^)]*)\)", path.read_text(), re.M)
        if found and lacking & set(re.findall(r"\w+", found[1])) and \
           not hows.get(path.stem, set()) & {stories.HOME, stories.NATIVE}:
            needy.append(path.stem)
    check(len(needy) > 9, "some stories need hooks that read memory by its address")
    for line in matrix.load():
        if "lockdown=confidentiality" in line.parameters:
            missing = sorted(name for name in needy if not line.skip_reason(name))
            check(not missing, f"{line.name}: each of these may skip there{missing or ''}")


def check_gate():
    line, everything = matrix.parse_line(LINE, "here"), stories.all_stories()
    names = {path.stem for path in everything}
    hows = {name: stories.load_hows().get(name, set()) for name in names}
    core = {name for name, how in hows.items() if stories.CORE in how}
    never = {stories.HOME, stories.RELEASE, stories.NATIVE}
    left = {name for name, how in hows.items() if how & never}
    tasks = stories.make_plan(line, (), everything, gate=True).tasks
    check({task.path.stem for task in tasks if task.rung == "auto"} == names - left,
          "the gate: all stories on a rung with a star, but those that never gate a change")
    check({task.path.stem for task in tasks if task.rung == "tracepoint"} ==
          {name for name in core if stories.ONCE not in hows[name]}, "the core on one with a plus")
    check(not [task for task in tasks if task.rung == "fentry"], "none on one without a mark")
    check({path.stem for path in stories.built_programs()} <=
          {task.path.stem for task in stories.make_plan(
              matrix.find("6.1"), ["auto"], everything, gate=True).tasks},
          "the programs of tests/bpf are of the core")
    check(core and not core & left, "what is of the core is not left out")
    lines = matrix.load()
    check("auto" in lines[0].gated, "all stories gate a change on auto of the oldest kernel")
    check(all({"kprobe", "tracepoint"} <= {*each.gated, *each.core}
              for each in (lines[0], lines[-1])),
          "the core at least on each rung that auto does not choose there")
    check(not [each.name for each in lines if "auto" not in each.gated + each.core],
          "something gates it on every kernel")


def check_results():
    with tempfile.TemporaryDirectory() as work:
        rows = pathlib.Path(work, "results.tsv")
        rows.write_text("# words\n" + "\t".join(results.COLUMNS) + "\n")
        try:
            results.load(rows)
            check(False, "no row is no result")
        except results.ResultsError:
            check(True, "no row is no result")
        counts = report.counts([Outcome("6.1", "auto", "a", PASSED, [])] * 3)
        said = results.note(counts, 90, rows, "0123abc")
        row = results.load(rows)[-1]
        check("Noted" in said and (row["commit"], row["passed"], row["skipped"], row["minutes"]) ==
              ("0123abc", "3", "0", "2"), "a green run leaves a row")
        check("of commit `0123abc`: 3 passed, 0 failed, in 2 minutes." in results.sentence(row),
              "and the README says so")
        rows.write_text(rows.read_text() + "2026-01-01\tx\n")
        try:
            results.load(rows)
            check(False, "half a row is refused")
        except results.ResultsError:
            check(True, "half a row is refused")
        check(results.commit(work) is None, "what is no commit has no name")


def told_by(command, **environment):
    """(status, number of lines of standard error) of one of the commands here, and the lines."""
    done = subprocess.run([matrix.HERE / command[0], *command[1:]], check=False, text=True,
                          env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return (done.returncode, done.stderr.count("\n")), done.stderr


def check_host():
    """No qemu, no mirror, not enough memory: one sentence and a failure."""
    with tempfile.TemporaryDirectory() as work:
        for command in ("run", "check"):
            name = ["--kernel", "6.1"] if command == "check" else ["6.1"]
            program = ["--program"] if command == "run" else []
            told, said = told_by([command, *name, *program, sys.executable], PATH=work)
            check(told == (2, 1) and "no qemu" in said, f"{command}: no qemu")
        pathlib.Path(work, "apt.conf").write_text(
            'Dir::Etc::SourceList "/dev/null";\nDir::Etc::SourceParts "-";\n')
        told, said = told_by(["fetch", "6.1"], XDG_CACHE_HOME=work, APT_CONFIG=f"{work}/apt.conf")
        check(told == (1, 1) and "no mirror" in said, "fetch: no mirror")
        told, said = told_by(["run", "6.1", "--program", sys.executable], XDG_CACHE_HOME=work)
        check(told == (2, 1) and ("not in the cache" in said or "no qemu" in said),
              "run: a kernel that was not fetched")
        path, machine.MEMINFO = machine.MEMINFO, pathlib.Path(work, "meminfo")
        which, machine.shutil.which = machine.shutil.which, lambda name: name
        is_cached, machine.kernels.is_cached = machine.kernels.is_cached, lambda series: True
        for mib, name, want in ((1500, "memory for one machine", 1), (1500, "not for two", 2)):
            machine.MEMINFO.write_text(f"MemTotal: 9999999 kB\nMemAvailable: {mib << 10} kB\n")
            try:
                machine.check_host(matrix.parse_line(LINE, "here"), want)
                check(want == 1, name)
            except machine.MachineError as error:
                check(want == 2 and "not enough memory" in str(error), name)
        machine.MEMINFO, machine.shutil.which = path, which
        machine.kernels.is_cached = is_cached


def check_report_of_machine():
    with tempfile.TemporaryDirectory() as work:
        file = pathlib.Path(work, "report")
        check(machine.read_report(file, None) is None, "no report is no status")
        file.write_bytes(b"status 7\n")
        check(machine.read_report(file, None) == 7, "a status")
        file.write_bytes(b"stat")
        check(machine.read_report(file, None) is None, "half a report is no status")
    archive = initramfs.Archive()
    archive.file("a/b", b"text")
    check(archive.bytes().count(b"070701") == 3, "an archive: folder, file, trailer")


for each in (check_verdicts, check_rungs, check_matrix, check_collector, check_report,
             check_plans, check_needs, check_gate, check_results, check_host,
             check_report_of_machine):
    each()
print(f"1..{count}")
sys.exit(1 if failed else 0)
