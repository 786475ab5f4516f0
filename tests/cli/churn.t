#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""An hour of connections that come and go takes no more memory than its first tenth."""
import fcntl
import os
import struct
import subprocess
import sys
import termios
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from tap import Tap

BUILD = os.environ.get("BUILD", "build")
TCPSPAN = os.environ.get("TCPSPAN", BUILD + "/tcpspan")
SAN = bool(os.environ.get("SAN"))
SECONDS, RATE = 3600, 101  # connections a second
# What the heap may have more at the end: the freed is not always given back at once.
SLACK_KB = 1024
PATIENCE_SECONDS = 60

T = Tap()


def churn(**settings):
    """The recording of an hour, as bytes."""
    settings = {"connections": SECONDS * RATE, "rate": RATE, "block": 65536, **settings}
    words = [f"{name}={value}" for name, value in settings.items()]
    return subprocess.run([BUILD + "/tests/synthetic/generate", *words], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def used_ns(pid):
    """The processor time of a process."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as stat:
        return int(stat.read().split()[0])


def resident_kb(process):
    """Its resident memory, once it has read its input so far and waits for more."""
    pipe, deadline, before = process.stdin.fileno(), time.monotonic() + PATIENCE_SECONDS, None
    while time.monotonic() < deadline:
        left = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]
        now = left, used_ns(process.pid)
        if now == before and not left:
            break
        before = now
        time.sleep(0.05)
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def replay(recording, command):
    """Resident KiB after a tenth of a recording, and after all of it; and its last lines."""
    tenth = len(recording) // 10
    with subprocess.Popen([TCPSPAN, *command, "-i", "-"], stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        process.stdin.write(recording[:tenth])
        process.stdin.flush()
        early = resident_kb(process)
        process.stdin.write(recording[tenth:])
        process.stdin.flush()
        late = resident_kb(process)
        process.stdin.close()
        said = process.stderr.read().decode(errors="replace")
    return early, late, process.returncode, said


def main():
    passing, staying = churn(stay=0), churn()
    for command in (["hist"], ["trace"], ["export", "--once", "--by", "rport"]):
        name = " ".join(command)
        early, late, status, said = replay(passing, command)
        T.ok(status == 0, f"{name}: status 0", said)
        T.ok(late <= early + SLACK_KB, f"{name}: memory is flat over an hour",
             f"{early} KiB after a tenth, {late} KiB at the end")
    # The twin: connections that stay take memory, and the measure sees it.
    early, late, _, _ = replay(staying, ["hist"])
    T.ok(late > early + 2 * SLACK_KB, "those that stay would be noticed",
         f"{early} KiB after a tenth, {late} KiB at the end")
    T.done()
    return 1 if T.failed else 0


if SAN:
    T.skip_all("the address sanitizer keeps what is freed")
    sys.exit(0)
sys.exit(main())
