# SPDX-License-Identifier: GPL-2.0-only
"""Says where things lie in this tree."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
STORIES = ROOT / "tests" / "e2e"
BUILD = pathlib.Path(os.environ.get("BUILD") or ROOT / "build")
LOGS = BUILD / "kernel"
BPF_TESTS = BUILD / "tests" / "bpf"


def program(named=None):
    """The tcpspan that goes into the machine; the file may be missing."""
    return pathlib.Path(named or os.environ.get("TCPSPAN_STATIC") or
                        BUILD / "tcpspan-static")


def need_program(named=None):
    """The same, which must be there."""
    path = program(named)
    if not path.is_file():
        raise FileNotFoundError(f"no program {path}: 'make static' builds it")
    return path
