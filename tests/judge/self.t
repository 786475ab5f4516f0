#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Shows that a skip which nobody excuses is a failure, and that nothing else is touched."""

import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
loader = importlib.machinery.SourceFileLoader("judge", str(HERE / "run"))
judge = importlib.util.module_from_spec(importlib.util.spec_from_loader("judge", loader))
loader.exec_module(judge)

EXCUSES = [("tests/a.t", "no such *"), ("tests/unit/b", "")]
count = failed = 0


def check(passed, name):
    """One line of TAP."""
    global count, failed
    count, failed = count + 1, failed + (not passed)
    print(f"{'ok' if passed else 'not ok'} {count} - {name}", flush=True)


def check_lines():
    def told(line, name="tests/a.t"):
        return judge.judge(line, name, EXCUSES)

    for line in ("ok 1 - good", "not ok 2 - bad", "1..7", "1..0", "# skip is what it is about",
                 "ok 3 - it may skip", "not ok 4 - known # TO" "DO later", "Bail out!  # SKIP"):
        check(told(line) == line, f"stays as it is: {line.replace('#', 'number sign')}")
    check(told("ok 1 - a # SKIP no such thing") == "ok 1 - a # SKIP no such thing", "excused")
    check(told("not ok 1 - a # SKIP no such thing") == "ok 1 - a # SKIP no such thing",
          "what cmocka 1.1 says of it")
    check(told("1..0 # SKIP no such thing") == "1..0 # SKIP no such thing", "excused as a whole")
    check(told("not ok 3 - b # SKIP", "tests/unit/b") == "ok 3 - b # SKIP ", "without a reason")
    for line, name in (("ok 1 - a # SKIP needs root", "tests/a.t"),
                       ("ok 1 - a # SKIP", "tests/a.t"),
                       ("ok 1 - a # SKIP no such thing", "tests/b.t"),
                       ("ok 1 - a # skip: no reason of ours", "tests/a.t"),
                       ("1..0 # SKIP needs root", "tests/a.t"), ("1..0 # Skipped", "tests/a.t")):
        *first, last = told(line, name).splitlines()
        check(last.startswith("not ok 1 - ") and "#" not in last and
              first == (["1..1"] if line.startswith("1..0") else []),
              f"refused in {name}: {line.replace('#', 'number sign')}")
    for path in ("build/tests/unit/b", "/tmp/tests/x/build-san/tests/unit/b", "tests/unit/b"):
        check(judge.name_of(path) == "tests/unit/b", f"a name wherever it was built: {path}")


def check_list():
    files = {str(path.relative_to(TESTS.parent)).removesuffix(".c") for path in TESTS.rglob("*")}
    check({test for test, _ in judge.load() if test not in files} == set(),
          "skips.txt excuses tests that exist")
    with tempfile.TemporaryDirectory() as work:
        for text in ("a | b\n", "a | b |\n", " | b | c\n", "a | b | c | d\n"):
            path = pathlib.Path(work, "skips.txt")
            path.write_text(text)
            try:
                judge.load(path)
                check(False, f"no excuse: {text.strip()}")
            except judge.SkipsError:
                check(True, f"no excuse: {text.strip()}")


def check_whole():
    """As prove sees it."""
    with tempfile.TemporaryDirectory() as work:
        def proved(body):
            test = pathlib.Path(work, "x.t")
            test.write_text(f"#!/bin/sh\n{body}\n")
            test.chmod(0o755)
            done = subprocess.run(["prove", "--exec", str(HERE / "run"), str(test)], check=False,
                                  text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  env={**os.environ, "LC_ALL": "C"})
            return done.returncode == 0, done.stdout

        check(proved("echo ok 1; echo 1..1")[0], "a good test passes")
        for body in ("echo not ok 1; echo 1..1", "echo ok 1; echo 1..1; exit 3",
                     "echo ok 1; echo 1..1; kill -9 $$", "echo ok 1",
                     "echo 'ok 1 - a # SKIP needs root'; echo 1..1",
                     "echo '1..0 # SKIP needs root'"):
            passed, said = proved(body)
            check(not passed and said.rstrip().endswith("Result: FAIL"),
                  f"fails: {body.replace('#', 'number sign')}")
        check("needs root" in said, "and says why")


for each in (check_lines, check_list, check_whole):
    each()
print(f"1..{count}")
sys.exit(1 if failed else 0)
