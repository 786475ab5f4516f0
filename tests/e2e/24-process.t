#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Processes: a connection is told with the parent and the command line of its owner."""
import os
import subprocess
import sys
import tempfile
import time

from tracer import Replay
from traffic import listen, port_of, serve
from world import *

VISITS = 3
SEEN = 0.5 * float(os.environ.get("PATIENCE", "1"))  # seconds: records are looked at every 50 ms
SECRET = "--password=se\x1bcret"
CONNECT = """
import socket, sys, time
for _ in range(int(sys.argv[1])):
    client = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    client.close()
time.sleep(float(sys.argv[3]))
"""


def connect_elsewhere(port):
    """A program of its own connects, stays for a moment, and ends; returns how it was called."""
    call = [sys.executable, "-c", CONNECT, str(VISITS), str(port), str(SEEN), SECRET]
    subprocess.run(call, check=True, stdin=subprocess.DEVNULL)
    return " ".join(call)


def told(run_, role):
    """What is told of owners in this role."""
    return {(line["ppid"], line["cmdline"]) for line in run_.of("connection")
            if line["role"] == role}


def story(w, t):
    listener = listen()
    server = w.fork(serve, listener, VISITS)
    masking = ("--cmdline", "--redact-only", "arguments")
    with tempfile.TemporaryDirectory(prefix="tcpspan-e2e-") as folder:
        replays = [Replay((*LINES, *how)) for how in (("--cmdline",), masking, ())]
        bare = Replay((*LINES, "--cmdline"))
        with w.traces((*LINES, "--cmdline"), (*LINES, *masking), LINES,
                      ("record", "-N", "self", "--cmdline", "-o", f"{folder}/with"),
                      ("record", "-N", "self", "-o", f"{folder}/without")) as runs:
            call = connect_elsewhere(port_of(listener))
            server.result()
            time.sleep(SEEN)
        seen, masked, plain = runs[:3]
        for replay in replays:
            replay.play(f"{folder}/with")
        bare.play(f"{folder}/without")
    clients = told(seen, "client")
    if clients == {(None, None)}:
        t.skip("the command line of the client",
               "the PIDs of /proc are not those of the machine here")
        return
    t.equal(clients, {(os.getpid(), call)}, "the parent and the command line of the client")
    t.equal(told(masked, "client"), {(os.getpid(), sys.executable)},
            "--redact-only arguments: without these")
    t.equal([told(replay, "client") for replay in replays[:2]],
            [told(seen, "client"), told(masked, "client")], "a recording keeps it")
    t.equal([told(bare, "client"), "cmdline" in str(replays[2].of("connection"))],
            [{(None, None)}, False], "where that is wanted, and tells it where that is wanted")
    t.equal([line for line in plain.of("connection") if "cmdline" in line], [],
            "no command line where nobody asked for it")
    # Of an owner that is no more than the listener's nothing is told.
    owners = {"process": os.getpid()}
    t.none([(line["owner_source"], line["ppid"]) for line in seen.of("connection")
            if line["role"] == "server" and line["ppid"] != owners.get(line["owner_source"])],
           "the server's parent")
    t.none([line for line in seen.of("connection") if line["netns_name"] is not None],
           "the namespace has no name")


run(story)
