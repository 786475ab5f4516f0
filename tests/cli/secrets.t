#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Files of passwords and headers may be pipes, whose writers are waited for, but not for ever."""
import os
import subprocess
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import tsp
from collector import Collector
from tap import Tap

TCPSPAN = os.environ.get("TCPSPAN", "build/tcpspan")
PATIENCE = 60  # seconds; the program has half as much
SECRET = "s3cret"

T = Tap()


def start(command, *args):
    """A command of a shell that knows process substitution; "$@" is what the test knows."""
    return subprocess.Popen(["bash", "-c", f"exec \"$0\" export {command}", TCPSPAN, *args],
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True)


def end(process):
    """Its status and what it has said; None: it did not end."""
    try:
        said = process.communicate(timeout=PATIENCE)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        return None, process.communicate()[1]
    return process.returncode, said


def headers_of(server):
    return [headers for _, _, _, headers, _ in server.requests]


def tell_nobody_writes(folder):
    pipe = os.path.join(folder, "pipe")
    os.mkfifo(pipe)
    began = time.monotonic()
    waiting = [start(f"{where} http://127.0.0.1:9 {option} {pipe}")
               for where, option in (("--otlp", "--otlp-headers"),
                                     ("--clickhouse", "--clickhouse-password"))]
    ended = [end(each) for each in waiting]
    took = time.monotonic() - began
    T.ok(all(status == 2 and said.count("\n") == 1 and pipe in said and "pipe" in said
             for status, said in ended), "a pipe that nobody writes to is given up, in a sentence",
         ended)
    T.ok(took > 10, "but not at once", took)


def tell_substituted(recording):
    """<(command), which may have to ask somebody first."""
    collector, store = Collector(), Collector()
    sent = start(f'--otlp {collector.url} --spans all -i "$1" '
                 f'--otlp-headers <(sleep 1; echo "X-Key: {SECRET}")', recording)
    kept = start(f'--clickhouse {store.url} -i "$1" '
                 f'--clickhouse-password <(sleep 1; echo {SECRET})', recording)
    ended = [end(each) for each in (sent, kept)]
    keys = [{each.get(name) for each in headers_of(server)}
            for server, name in ((collector, "X-Key"), (store, "X-ClickHouse-Key"))]
    T.ok([status for status, _ in ended] == [0, 0] and keys == [{SECRET}, {SECRET}],
         "what a command writes is taken", ended, keys)


def main():
    with tempfile.TemporaryDirectory(prefix="tcpspan-cli-") as folder:
        recording = os.path.join(folder, "recording.tsp")
        with open(recording, "wb") as file:
            file.write(tsp.generate(connections=7))
        tell_substituted(recording)
        tell_nobody_writes(folder)
    T.done()
    return 1 if T.failed else 0


sys.exit(main())
