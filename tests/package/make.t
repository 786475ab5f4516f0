#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Make knows what it starts as make: it has its jobs, and `make -n` shows what it would do."""
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


def shown(target, folder):
    """What make would do with two jobs, where nothing has been built; it does nothing."""
    own = {name: value for name, value in os.environ.items()
           if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    done = subprocess.run(["make", "-n", "-j2", "DEPS=no", f"O={folder}/build", target], cwd=TOP,
                          env=own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout


def main():
    t = Tap()
    with tempfile.TemporaryDirectory(prefix="tcpspan-make-") as folder:
        for source, targets in TARGETS.items():
            for target in targets:
                said = shown(target, folder)
                t.ok(re.search(rf"\s{source}\s", said), f"{target}: {source}", said[-500:])
    return t.done()


if __name__ == "__main__":
    sys.exit(main())
