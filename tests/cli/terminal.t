#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a person sees: 80 columns, colour only where it is wanted, quiet ends, an honest check."""
import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

import namespace  # noqa: E402
import tracer  # noqa: E402
from tap import Tap  # noqa: E402
from traffic import abort, connect, finish, free_port, listen, pair, wait_for  # noqa: E402
from world import run  # noqa: E402

COLUMNS = 80
NARROW = 60
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
LONG_IPV6 = "fd00:1234:5678:9abc:def0:1234:5678:9abc"
TRACE = ("trace", "-N", "self")


class Terminal:
    """A run of the program whose standard output and error are a terminal."""

    def __init__(self, args, columns=COLUMNS, **environment):
        self.name = " ".join(args)
        self.seen, self.status = b"", None
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        surroundings = {name: value for name, value in os.environ.items()
                        if name not in ("COLUMNS", "NO_COLOR")}
        surroundings.update({"TERM": "xterm", **environment})
        self.process = subprocess.Popen([tracer.program(), *args], stdin=subprocess.DEVNULL,
                                        stdout=slave, stderr=slave, env=surroundings,
                                        preexec_fn=namespace.die_with_parent)
        os.close(slave)

    def read(self, enough=lambda seen: False, within=30.0):
        """Reads until `enough(seen)`, or to the end of the run; true unless it took too long."""
        deadline = time.monotonic() + within
        while not enough(self.seen):
            left = deadline - time.monotonic()
            if left < 0 or not select.select([self._master], [], [], left)[0]:
                return False
            try:
                piece = os.read(self._master, 65536)
            except OSError:  # what the end of a terminal looks like
                piece = b""
            if not piece:
                break
            self.seen += piece
        return True

    def end(self, *numbers):
        """Sends signals, reads to the end; returns the Terminal."""
        for number in numbers:
            self.process.send_signal(number)
        if not self.read():
            self.process.kill()
        self.status = self.process.wait()
        os.close(self._master)
        return self

    @property
    def lines(self):
        """The lines as they are shown, colours taken away."""
        shown = COLOUR.sub(b"", self.seen).decode(errors="replace")
        return shown.replace("\r\n", "\n").split("\n")


def traffic(listener, listener6):
    """Orderly, IPv6, reset and refused."""
    finish(*pair(listener))
    finish(*pair(listener6, LONG_IPV6))
    client, server = pair(listener)
    abort(client)
    server.close()
    try:
        connect("127.0.0.1", free_port())
    except ConnectionRefusedError:
        pass


def watch(listeners, args, **environment):
    """The Terminal after a run over the traffic."""
    seen = Terminal(args, **environment)
    seen.read(lambda text: b"Tracing" in text)
    traffic(*listeners)
    time.sleep(0.2)
    return seen.end(signal.SIGINT)


def check_form(t, seen):
    """Checks that hold for everything on a terminal."""
    t.equal(seen.status, 0, f"{seen.name}: status 0") or t.note(seen.seen)
    t.none([line for line in seen.lines if len(line) > COLUMNS], f"{seen.name}: {COLUMNS} columns")
    t.ok(b"\x1b" not in COLOUR.sub(b"", seen.seen), f"{seen.name}: no sequence but for colour",
         seen.seen)


def on_a_terminal(t, listeners):
    seen = watch(listeners, TRACE)
    check_form(t, seen)
    header = [line for line in seen.lines if line.split()[:2] == ["PID", "COMM"]]
    t.equal(len(header), 1, "trace: one header")
    t.ok({"LADDR", "LPORT", "RADDR", "RPORT", "HANDSHK", "LIFE", "END"} <= set(header[0].split())
         if header else False, "trace: it names the columns", header)
    t.ok(len(seen.lines) > 7, "trace: connections below it", seen.lines)
    red = [line for line in seen.seen.split(b"\r\n") if b"\x1b[31m" in line]
    t.equal(len(red), 3, "trace: what failed is red: refused, and reset at both ends")
    t.none([line for line in red if not COLOUR.findall(line)[-1].endswith(b"[0m")],
           "trace: and the colour ends with the line")
    t.ok(any("fd00:1" in line and ".." in line for line in seen.lines),
         "trace: a long address is cut in the middle", seen.lines)

    seen = watch(listeners, (*TRACE, "--events"))
    check_form(t, seen)
    t.ok(any(line.split()[:1] == ["LADDR"] for line in seen.lines), "trace --events: a header")

    seen = watch(listeners, ("hist", "-N", "self"))
    check_form(t, seen)
    t.ok(any("p99" in line.lower() for line in seen.lines), "hist: percentiles", seen.lines)

    seen = Terminal(("check",)).end()
    check_form(t, seen)


def on_a_narrow_one(t, listeners):
    """A pane beside others: no line is wider, neither of tables nor of what is said at the end."""
    kept = [pair(listeners[0]) for _ in range(5)]
    for args in (("listeners", "-N", "self"), ("listeners", "-N", "self", "-d", "0.5"),
                 ("stuck", "--ports", "-N", "self"), ("stuck", "-N", "self"),
                 ("hist", "-N", "self", "-d", "0.5"), ("trace", "-N", "self", "-d", "0.5")):
        seen = Terminal(args, columns=NARROW)
        seen.end()
        name = " ".join(args)
        t.equal(seen.status, 0, f"{name}, {NARROW} columns: status 0", seen.seen)
        t.none([line for line in seen.lines if len(line) > NARROW],
               f"{name}: no line is wider than that")
    for client, server in kept:
        finish(client, server)


def without_colour(t, listeners):
    for name, environment in (("NO_COLOR=1", {"NO_COLOR": "1"}), ("TERM=dumb", {"TERM": "dumb"})):
        seen = watch(listeners, TRACE, **environment)
        t.ok(b"\x1b" not in seen.seen and b"rfsd" in seen.seen, f"trace, {name}: no colour",
             seen.seen)
    t.ok(b"\x1b[31m" in watch(listeners, TRACE, NO_COLOR="").seen,
         "trace, NO_COLOR empty: as if it were not set")
    seen = tracer.Tracer(TRACE).wait_ready()
    traffic(*listeners)
    seen.stop()
    t.ok(b"\x1b" not in seen.out and b"rfsd" in seen.out, "trace, piped: no colour", seen.out)


def into_head(t, listeners):
    """What a shell makes of `tcpspan ... | head -1`, with traffic until it has ended."""
    for args in (TRACE, (*TRACE, "--events", "--json"), ("hist", "-N", "self", "-d", "1"),
                 ("check",), ("--help",)):
        shell = subprocess.Popen(
            ["bash", "-c", '"$@" | head -1; echo "status ${PIPESTATUS[0]}"', "-", tracer.program(),
             *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            preexec_fn=namespace.die_with_parent)
        deadline = time.monotonic() + 30
        while shell.poll() is None and time.monotonic() < deadline:
            traffic(*listeners)
            time.sleep(0.02)
        if shell.poll() is None:
            shell.kill()
        out, err = shell.communicate()
        name = " ".join(args) + " | head -1"
        lines = out.decode(errors="replace").splitlines()
        t.equal(len(lines), 2, f"{name}: one line")
        t.equal(lines[-1:], ["status 0"], f"{name}: status 0")
        t.none([line for line in err.decode().splitlines() if "pipe" in line.lower()
                or line.startswith("tcpspan:")], f"{name}: no complaint")


def check_tells_the_truth(t):
    done = tracer.run("check", "--json")
    t.equal(done.status, 0, "check --json: status 0")
    lines, flaws = tracer.parse_lines(done.out)
    t.none(flaws, "check --json: valid lines") or t.note(done.out)
    if not t.equal([line["type"] for line in lines], ["check", "summary"],
                   "check --json: one of its own, and the last one"):
        return
    said = lines[0]
    t.equal(said["ok"], True, "check --json: tracing works here")
    t.equal(said["selftest"]["ok"], True, "check --json: so says the self-test")
    t.none([f"{family['family']}: {each}" for family in said["hooks"] for each in family["rungs"]
            if bool(each["works"]) == bool(each["reason"])],
           "check --json: a rung works, or a reason says why not")
    t.none([family for family in said["hooks"] if family["rung"] !=
            next((each["rung"] for each in family["rungs"] if each["works"]), None)],
           "check --json: the first that works is used")
    t.equal(json.dumps(said).isascii(), True, "check --json: plain text")


def listen_to_ipv6():
    """A listener on the long address, or None while the kernel does not know it yet."""
    try:
        return listen(LONG_IPV6)
    except OSError:
        return None


def story(w, t):
    namespace.add_ipv6("lo", LONG_IPV6, 128)
    listeners = listen(), wait_for(listen_to_ipv6)
    on_a_terminal(t, listeners)
    on_a_narrow_one(t, listeners)
    without_colour(t, listeners)
    into_head(t, listeners)
    check_tells_the_truth(t)


if os.geteuid():
    Tap().skip_all("needs root")
else:
    run(story)
