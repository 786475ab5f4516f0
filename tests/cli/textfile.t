#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""`export --textfile` puts a file into its place, and leaves a pipe or a device as it is."""
import fcntl
import os
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import tsp
from tap import Tap

TCPSPAN = os.environ.get("TCPSPAN", "build/tcpspan")
FULL, MUCH, LITTLE = os.makedev(1, 7), 1 << 20, 4096

T = Tap()


def export(recording, path, meanwhile=lambda: None):
    """Exit status, and what it says on standard error."""
    with subprocess.Popen([TCPSPAN, "export", "-i", recording, "--textfile", path],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE) as process:
        try:
            meanwhile()
            said = process.communicate(timeout=60)[1]
        finally:
            process.kill()
    return process.returncode, said.decode()


def waiting(reader):
    """Bytes that are in a pipe."""
    return struct.unpack("i", fcntl.ioctl(reader, termios.FIONREAD, bytes(4)))[0]


def mode_of(path):
    try:
        return stat.filemode(os.lstat(path).st_mode)
    except FileNotFoundError:
        return None


def tell_file(folder, recording):
    path = os.path.join(folder, "tcpspan.prom")
    for what in ("made", "made anew"):
        status, said = export(recording, path)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        T.ok(status == 0 and mode_of(path) == "-rw-r--r--" and "tcpspan_build_info{" in text,
             f"a file is {what}, for all to read", status, mode_of(path), said)


def tell_pipe(folder, recording):
    path = os.path.join(folder, "pipe")
    os.mkfifo(path, 0o600)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, MUCH)
    status, said = export(recording, path)
    T.ok(status == 0 and b"tcpspan_build_info{" in os.read(reader, MUCH), "a pipe is written to",
         status, said)
    T.equal(mode_of(path), "prw-------", "and may be read by whom it could be read before")
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, LITTLE)

    def go_away():
        deadline = time.monotonic() + 30
        while waiting(reader) < LITTLE and time.monotonic() < deadline:
            time.sleep(0.01)
        os.close(reader)

    status, said = export(recording, path, go_away)
    T.ok(status == 2 and "cannot be written" in said, "a reader that goes away is told of", status,
         said)
    T.equal(mode_of(path), "prw-------", "and its pipe is not removed")


def tell_device(folder, recording):
    path = os.path.join(folder, "full")
    try:
        os.mknod(path, stat.S_IFCHR | 0o600, FULL)
        os.close(os.open(path, os.O_WRONLY))
    except OSError as error:
        T.skip("a device that takes nothing is told of, and is not removed", str(error))
        return
    status, said = export(recording, path)
    T.equal((status, "cannot be written" in said, mode_of(path)), (2, True, "crw-------"),
            "a device that takes nothing is told of, and is not removed")


def main():
    with tempfile.TemporaryDirectory(prefix="tcpspan-textfile-") as folder:
        recording = os.path.join(folder, "recording")
        with open(recording, "wb") as file:
            file.write(tsp.generate(connections=101, seed=7))
        tell_file(folder, recording)
        tell_pipe(folder, recording)
        tell_device(folder, recording)
    T.done()
    return 1 if T.failed else 0


sys.exit(main())
