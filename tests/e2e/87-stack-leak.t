#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A leak ends at the line of code: of programs with frame pointers, without, and without names."""
import contextlib
import os
import re
import shutil
import subprocess
import tempfile

import tracer
from namespace import empty_folder
from opener import functions_of
from traffic import free_port, listen, wait_for
from world import *

SOURCE = """
#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int __attribute__((noinline)) open_one(int port)
{
	struct sockaddr_in to = { AF_INET, htons(port), { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return connect(fd, (struct sockaddr *)&to, sizeof(to)) + fd; /* LINE */
}

static int __attribute__((noinline)) forget(int port)
{
	char room[256];

	return read(open_one(port), room, sizeof(room)) + 1;
}

int main(int argc, char **argv)
{
	int sum = 0;

	for (int i = 0; i < 3; i++)
		sum += forget(atoi(argv[argc - 1]));
	raise(SIGSTOP);
	return sum == 4711;
}
"""
LINE = 1 + SOURCE[:SOURCE.index("/* LINE */")].count("\n")
BUILDS = {"pointers": ("-g", "-O1", "-fno-omit-frame-pointer"),
          "none": ("-g", "-O2", "-fomit-frame-pointer"), "nameless": ("-O2", "-s"),
          "mangled": ("-x", "c++", "-g", "-O1"), "apart": ("-g", "-O2")}
# Without an environment, and with nothing left to chance, a stack ends soon after it began.
SHORT = {"none": ("setarch", "-R", "env", "-i")}
LEAKS = 3
DEBUG = "/usr/lib/debug"
# What the C library has within connect() has no names in some versions.
INNERMOST = re.compile(r";main;forget;open_one;\w*connect(;libc[^;]*\+0x[0-9a-f]+)* 1$")
CHAIN = ["open_one", "forget", "main"]
NODE = """
const net = require("net");
function leakyConnect() { net.connect(%d, "127.0.0.1").on("error", () => {}); }
leakyConnect();
setTimeout(() => {}, 600000);
"""
NODE_FLAGS = ("--perf-basic-prof", "--interpreted-frames-native-stack")
PYTHON = """
import socket, time
def leaky_connect():
    socket.socket().connect_ex(("127.0.0.1", %d))
    time.sleep(600)
leaky_connect()
"""
PYTHON_FLAGS = ("-X", "perf")
PYTHONS = ("python3", "python3.14", "python3.13", "python3.12")
HAS_MAP = "import sys; sys.exit(not sys.is_stack_trampoline_active())"


def has_libiberty():
    return "\nwith libiberty" in tracer.run("--version").out.decode()


def compiles_cxx():
    """Who calls itself a compiler of C may have none of C++."""
    done = subprocess.run(["cc", "-x", "c++", "-fsyntax-only", "-"], input=b"", check=False,
                          stderr=subprocess.DEVNULL)
    return not done.returncode


def build(folder, name):
    with open(f"{folder}/leak.c", "w", encoding="ascii") as file:
        file.write(SOURCE)
    subprocess.run(["cc", *BUILDS[name], "-o", f"{folder}/{name}", f"{folder}/leak.c"], check=True)
    if name == "apart":
        part(f"{folder}/{name}")
    return f"{folder}/{name}"


def part(path):
    """Leaves no names in it: they are where a debug package would have put them."""
    notes = subprocess.run(["readelf", "-n", path], check=True, capture_output=True, text=True)
    number = re.search("Build ID: ([0-9a-f]+)", notes.stdout)[1]
    os.makedirs(f"{DEBUG}/.build-id/{number[:2]}")
    subprocess.run(["objcopy", "--only-keep-debug", path,
                    f"{DEBUG}/.build-id/{number[:2]}/{number[2:]}.debug"], check=True)
    subprocess.run(["strip", path], check=True)


def serve_briefly(listener):
    """Accepts and closes at once, so that the others are in CLOSE_WAIT."""
    while True:
        listener.accept()[0].close()


def story(w, t):
    listener = listen()
    port = listener.getsockname()[1]
    if not shutil.which("cc"):
        t.skip("programs in C", "no compiler")
        return
    w.fork(serve_briefly, listener)
    with tempfile.TemporaryDirectory() as folder:
        for name in BUILDS:
            if name == "mangled" and not (compiles_cxx() and has_libiberty()):
                t.skip("names of C++", "no compiler, or a build without libiberty")
                continue
            if name == "apart":
                if not (shutil.which("objcopy") and os.path.isdir(DEBUG)):
                    t.skip("names in a file of their own", "no objcopy, or nowhere to put it")
                    continue
                empty_folder(DEBUG)
            tell_leak(w, t, build(folder, name), name, port)
    tell_node(w, t)
    tell_python(w, t)


def tell_leak(w, t, path, name, port):
    recording = f"{path}.tsp"
    with w.traces(("record", "--stack", "-N", "self", "-o", recording),
                  ("stuck", "--watch", "--stack", "--json", "-N", "self", "--min-age", "0.1",
                   "-c", name), live=True) as (_, watch):
        before = os.path.getsize(recording)
        with subprocess.Popen([*SHORT.get(name, ()), path, str(port)]) as process:
            try:
                found = watch.wait_output(lambda lines: len(lines) >= LEAKS, 20)
                t.ok(found, f"{name}: the watch tells of each leak", watch.so_far())
                # The recorder has looked at one of them as well.
                wait_for(lambda: os.path.getsize(recording) > before, 20 * w.patience)
                # While something is stuck, a watch ends with another status.
            finally:
                process.kill()
        watch.wait_output(lambda lines: len(lines) >= 2 * LEAKS, 20)
    leaks = [line for line in watch.of("stuck") if line.get("change") == "stuck"]
    for line in leaks[:1]:
        frames = line["opened_by"] or [{}]
        if name == "nameless":
            t.none([frame for frame in frames if frame["module"] == path and frame["function"]],
                   "without names there are modules and places alone")
            t.ok(any(frame["module"] == path and frame["module_offset"] for frame in frames),
                 "which are there", frames)
        else:
            t.equal([name for name in functions_of(line) if name in CHAIN], CHAIN,
                    f"{name}: all functions on the way are told")
            at = [frame for frame in frames if frame["function"] == "open_one"]
            t.equal([(os.path.basename(frame["file"] or ""), frame["line"]) for frame in at],
                    [("leak.c", LINE)], "and the line that connects")
        t.ok(line["opened_by_whole"] and all(frame["certain"] for frame in frames),
             "from its beginning, with certainty", frames)
    folded = tracer.run("trace", "--format", "folded", "-i", recording).out.decode()
    if name != "nameless":
        own = re.findall(f"^{name};.*", folded, re.M)
        known = [line for line in own if INNERMOST.search(line)]
        # Of some the recorder may have heard when the program was gone.
        t.equal((len(own), bool(known)), (LEAKS, True), "a flame graph has each of them")
        t.none([line for line in own if line not in known and not line.endswith(";[unknown] 1")],
               "from without inwards")


def mapped_functions(w, command, port):
    """Of the stack that a program connects with, which writes a perf map."""
    with tempfile.TemporaryDirectory() as folder, \
            w.trace("trace", "--json", "--stack", "-N", "self", "-D", str(port)) as seen:
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            try:
                seen.wait_output(len, 30)
            finally:
                process.kill()
                wait_for(lambda: process.poll() is not None, 10)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(f"/tmp/perf-{process.pid}.map")
    return functions_of(only(seen.connections, rport=port)) or []


def tell_node(w, t):
    """Functions of JavaScript, of which a perf map tells."""
    node = shutil.which("node")
    if not node:
        t.skip("functions of JavaScript", "no node")
        return
    port = free_port()
    functions = mapped_functions(w, (node, *NODE_FLAGS, "-e", NODE % port), port)
    t.ok(any("internalConnect" in (name or "") for name in functions),
         "functions of JavaScript are told by their names", functions)


def python_with_map():
    """One that writes a perf map, which none before 3.12 does; or None."""
    for path in filter(None, map(shutil.which, PYTHONS)):
        if not subprocess.run([path, *PYTHON_FLAGS, "-c", HAS_MAP], check=False,
                              capture_output=True).returncode:
            return path
    return None


def tell_python(w, t):
    """The same of Python."""
    python = python_with_map()
    if not python:
        t.skip("functions of Python", "no Python that writes a perf map")
        return
    port = free_port()
    functions = mapped_functions(w, (python, *PYTHON_FLAGS, "-c", PYTHON % port), port)
    t.ok(any((name or "").startswith("py::leaky_connect:") for name in functions),
         "functions of Python are told by their names", functions)


run(story, limit=180)
