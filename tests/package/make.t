#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Make knows what it starts as make: it has its jobs, and `make -n` shows what it would do; what is
missing it says in one sentence."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(TOP / "tests/e2e"))

from tap import Tap  # noqa: E402

# What each of them compiles before all else.
TARGETS = {"user/main.c": ("run", "check-page", "check-fleet", "bench", "check-cost",
                           "check-kernels", "check-arm64", "soak-memory"),
           "tests/unit/base/test_text.c": ("check", "check-wire"),
           "tests/fuzz/event.c": ("fuzz",),
           "bpf/accept.bpf.c": ("lint",)}


# What is missing, and how that comes about.
LACKING = {"no-such-clang": "CLANG=no-such-clang", "no-such-bpftool": "BPFTOOL=/no-such-bpftool",
           "libdeflate.h": "CC=gcc -nostdinc"}


def started(folder, *words):
    own = {name: value for name, value in os.environ.items()
           if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(["make", "-j2", "DEPS=no", f"O={folder}/build", *words], cwd=TOP,
                          env=own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)


def shown(target, folder):
    """What make would do with two jobs, where nothing has been built; it does nothing."""
    return started(folder, "-n", target).stdout


def main():
    t = Tap()
    with tempfile.TemporaryDirectory(prefix="tcpspan-make-") as folder:
        for source, targets in TARGETS.items():
            for target in targets:
                said = shown(target, folder)
                t.ok(re.search(rf"\s{source}\s", said), f"{target}: {source}", said[-500:])
        for what, how in LACKING.items():
            done = started(folder, how)
            said = [line for line in done.stdout.splitlines() if not line.startswith("make")]
            t.ok(done.returncode and len(said) == 1 and "cannot be built without" in said[0] and
                 what in said[0], f"{how}: it says what is missing, before all else",
                 done.stdout[-900:])
    if os.geteuid():
        t.skip("what run says without a right", "needs root")
        return t.done()
    done = subprocess.run(["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin",
                           "tests/demo", "/bin/false"], cwd=TOP, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    t.equal((done.returncode, done.stdout),
            (2, "No network namespace can be made here: CAP_SYS_ADMIN is missing.\n"),
            "run: without a right it says so, and no more")
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
