# SPDX-License-Identifier: GPL-2.0-only
"""Runs the tracer inside a story's namespace and reads what it says."""

import collections
import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

import counted
import namespace
from tap import Skip

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EVENTS = ("trace", "--events", "--json", "-N", "self")
LINES = ("trace", "--json", "-N", "self")
FULL = ("trace", "--full", "--json", "-N", "self")
HIST = ("hist", "--json", "-N", "self")
# Words of commands that differ from each other in what they make of the same records.
PRINTING = {"trace", "hist", "--json", "--events", "--full", "--by", "rport", "lport", "-N", "self"}
# Those of a trace that has one line for each connection of the namespace.
EVERY_LIFE = {"trace", "--full", "--open", "--json", "-N", "self"}

STATES = ("LISTEN", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "CLOSE_WAIT",
          "CLOSING", "LAST_ACK", "TIME_WAIT", "CLOSED")
EVENT_COUNTS = ("seen", "filtered", "submitted", "ring_full", "missed", "received")
CONNECTION_COUNTS = ("opened", "closed", "live", "seeded", "incomplete", "evicted")
EXIT_BAD_USE = 2
POLL_S = 0.01 * float(os.environ.get("PATIENCE", "1"))  # slow machines have better to do

ended = []  # the runs of this process that are over, in order

Run = collections.namedtuple("Run", "status out err")


def program():
    """The path of the program under test."""
    return os.environ.get("TCPSPAN") or os.path.join(ROOT, "build", "tcpspan")


def extra_arguments():
    """The arguments that every traced story adds, from the environment."""
    return shlex.split(os.environ.get("TCPSPAN_ARGS", ""))


@contextlib.contextmanager
def reachable(user):
    """The path of the program; for another user that of a copy, for the tree may be where only
    its owner can look."""
    if user is None:
        yield program()
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        copy = shutil.copy(program(), folder)
        os.chmod(copy, 0o755)
        yield copy


def run(*args, within=20.0, user=None, prefix=()):
    """Runs the program to its end; returns Run with bytes. `user`: a uid to run it as."""
    with reachable(user) as path:
        done = subprocess.run([*prefix, path, *args], stdin=subprocess.DEVNULL, timeout=within,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                              user=user)
    return Run(done.returncode, done.stdout, done.stderr)


class Tracer:
    """One run of the program that ends with a signal, with its lines.

    `command` is what runs it: the program, or one that becomes it.
    """

    def __init__(self, args=EVENTS, patience=1.0, stdout=None, command=None, with_extra=True):
        self.args, self.patience = [*args, *(extra_arguments() if with_extra else ())], patience
        self.name = "tcpspan " + shlex.join(self.args)
        self.lines, self.status, self.out, self._flaws = [], None, b"", []
        self.window, self.overflows = counted.Window(), 0  # TIME_WAITs without room, by the kernel
        self._out = tempfile.TemporaryFile()
        self._err = tempfile.TemporaryFile()
        command = command or [program()]
        self.process = subprocess.Popen([*command, *self.args], stdin=subprocess.DEVNULL,
                                        stdout=stdout or self._out, stderr=self._err,
                                        preexec_fn=namespace.die_with_parent)

    @property
    def pid(self):
        """The process id of the tracer."""
        return self.process.pid

    @property
    def err(self):
        """What it has said on standard error so far."""
        return _content(self._err).decode(errors="replace")

    def wait_ready(self, within=30.0):
        """Waits for the line that begins with `Tracing` or `Recording`.

        A tracer that refuses a forced rung raises Skip; one that ends for any other reason, or
        says nothing, raises RuntimeError.
        """
        deadline = time.monotonic() + within * self.patience
        while not any(line.startswith(("Tracing", "Recording"))
                      for line in self.err.splitlines()):
            if self.process.poll() is not None:
                if self.process.returncode == EXIT_BAD_USE and "--attach" in self.args:
                    raise Skip(self.err.strip() or "the rung was refused")
                raise RuntimeError(f"{self.name}: status {self.process.returncode} before it "
                                   f"traced:\n{self.err}")
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.name}: not ready in {within} s:\n{self.err}")
            time.sleep(POLL_S)
        self.window.looks()
        return self

    def so_far(self):
        """The bytes on standard output so far, while it runs."""
        return _content(self._out)

    def wait_output(self, condition, within=5.0):
        """Waits until `condition(lines)` holds for the whole lines so far; true when it did."""
        deadline = time.monotonic() + within * self.patience
        while not condition(self.so_far().splitlines()):
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)
        return True

    def stop(self, number=signal.SIGINT, within=30.0):
        """Sends a signal, waits for the end, reads the lines; returns the tracer."""
        self.window.leaves()
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait(within)

    def wait(self, within=30.0):
        """Waits for the end, reads the lines; returns the tracer."""
        self.window.leaves()
        try:
            self.status = self.process.wait(within * self.patience)
        except subprocess.TimeoutExpired:
            self._flaws.append(f"still runs {within} s after its signal")
            self.kill()
        self.window.over()
        self.out, self.overflows = self.so_far(), self.window.moved("TCPTimeWaitOverflow")[1]
        if "--json" in self.args or "-j" in self.args:
            self.lines, flaws = parse_lines(self.out)
            self._flaws += flaws
        if self not in ended:
            ended.append(self)
        return self

    def kill(self):
        """Ends it at once, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def flaws(self):
        """What is wrong with the run as a whole: status, form of the lines, sums of the summary."""
        found = list(self._flaws)
        if self.status != 0:
            found.append(f"status {self.status}, standard error: {self.err.strip()}")
        if "--json" in self.args:
            found += summary_flaws(self.lines)
        return found

    def surprises(self, makes=()):
        """What it tells of this namespace that did not happen there: half-open requests, and more
        or fewer connections without a TIME_WAIT than the kernel has counted.

        `makes`: what the story makes, so that it is not judged here: "half_open", "overflow".
        """
        if not {"--json", "-N", "self"} <= set(self.args):
            return []
        found = []
        if "half_open" not in makes:
            found += [f"half_open: {line}" for line in self.of("half_open")]
            found += [f"half_open.{end} is {count}" for line in self.of("summary")
                      for end, count in line.get("half_open", {}).items() if count]
        if "overflow" not in makes:
            told = sum((line.get("time_wait") or {}).get("end") == "overflow"
                       for line in self.connections)
            tells_all = "trace" in self.args and set(self.args) <= EVERY_LIFE
            if told > self.overflows or (tells_all and told != self.overflows):
                found.append(f"{told} without a TIME_WAIT, {self.overflows} by the kernel's count")
        return found

    def of(self, kind):
        """The lines of one type."""
        return [line for line in self.lines if line["type"] == kind]

    @property
    def connections(self):
        """The `connection` lines."""
        return self.of("connection")

    @property
    def summary(self):
        """The last line."""
        return self.lines[-1]

    def histogram(self, name, **by):
        """The one histogram of this name and group, or None."""
        found = [line for line in self.of("histogram") if line["name"] == name
                 and line["by"] == by]
        return found[0] if len(found) == 1 else None

    def chains(self):
        """The `transition` lines by connection: a list of Chains in the order they began."""
        return chains(self.lines)


class Replay(Tracer):
    """A run that is told the traffic by a recording of it, when that is over."""

    def __init__(self, args=EVENTS, patience=1.0):  # pylint: disable=super-init-not-called
        self.args, self.patience = list(args), patience
        self.name = "tcpspan " + shlex.join(self.args)
        self.lines, self.window, self.overflows = [], counted.Window(), 0
        self.window.looks()

    def play(self, path):
        """Runs it to its end; returns the tracer."""
        told, window = self.args, self.window
        super().__init__([*told, "-i", path], self.patience, with_extra=False)
        self.args, self.window = told, window
        return self.wait()


def _content(file):
    """All bytes of a file that another process still writes."""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


def parse_lines(raw):
    """The JSON lines in `raw`, and what is wrong with their form."""
    lines, flaws = [], []
    if raw and not raw.endswith(b"\n"):
        flaws.append("the output does not end with a newline")
    for line in raw.splitlines():
        try:
            value = json.loads(line.decode(), parse_constant=_refuse)
        except ValueError as error:
            flaws.append(f"not JSON ({error}): {line[:300]!r}")
            continue
        if isinstance(value, dict) and value.get("v") == 1 and isinstance(value.get("type"), str):
            lines.append(value)
        else:
            flaws.append(f"no v:1 and type: {line[:300]!r}")
    return lines, flaws


def _refuse(word):
    raise ValueError(f"{word} is not JSON")


def _is_followed(summary):
    """Whether connections were: else what a table of them counts is unknown, and all of it is."""
    return summary.get("gaps", 0) is not None


def guesses_of_a_look(summary):
    """What a summary claims to know that only a trace could have told."""
    events = {name: summary["events"][name] for name in ("births", "ends", "unsampled")}
    rest = {name: summary[name] for name in ("gaps", "unseen", "sampling_ratio")}
    return [name for name, value in {**events, **rest, **summary["connections"]}.items()
            if value is not None]


def summary_flaws(lines):
    """What is wrong with the last line: its place, its fields, the two identities."""
    if [at for at, line in enumerate(lines) if line["type"] == "summary"] != [len(lines) - 1]:
        return ["the last line, and only it, must be the summary"]
    summary = lines[-1]
    events, connections = summary.get("events", {}), summary.get("connections", {})
    flaws = [f"summary has no number events.{each}" for each in EVENT_COUNTS
             if not isinstance(events.get(each), int)]
    kind = int if _is_followed(summary) else type(None)
    flaws += [f"summary has connections.{each} of {connections.get(each, 'nothing')}"
              for each in CONNECTION_COUNTS if not isinstance(connections.get(each, ""), kind)]
    flaws += [f"summary has no {each}" for each in ("gaps", "hooks") if each not in summary]
    if not flaws and events["seen"] != events["filtered"] + events["submitted"] \
            + events["ring_full"]:
        flaws.append(f"seen is not filtered + submitted + ring_full: {events}")
    if not flaws and events["submitted"] != events["received"]:
        flaws.append(f"submitted is not received: {events}")
    return flaws


class Chain:
    """The transitions of one connection, in order."""

    def __init__(self, steps):
        self.steps = steps
        self.last = steps[-1]

    def __repr__(self):
        last = self.last
        return (f"{last.get('laddr')}:{last.get('lport')} {last.get('raddr')}:{last.get('rport')} "
                f"{last.get('role')} {last.get('comm')}: {' '.join(self.path)}")

    @property
    def path(self):
        """The states it went through: [from of the first, to, to, ...]."""
        return [self.steps[0]["from"]] + [step["to"] for step in self.steps]

    @property
    def ports(self):
        """(local, remote), as the last line knows them."""
        return self.last["lport"], self.last["rport"]

    def at(self, state):
        """The monotonic time in nanoseconds at which it entered a state, or None."""
        return next((step["mono_ns"] for step in self.steps if step["to"] == state), None)

    def dwell(self, state):
        """How long it stayed in a state, in nanoseconds, or None."""
        return next((step["dwell_ns"] for step in self.steps if step["from"] == state), None)

    def flaw(self):
        """Why this is not a whole life that began before our eyes, or None."""
        if self.steps[0]["from"] != "CLOSED":
            return f"begins with {self.steps[0]['from']}: {self}"
        return self.lie()

    def lie(self):
        """Why this is not the life of one connection, whatever of it was lost, or None."""
        return self._flaw_of_shape() or self._flaw_of_times() or self._flaw_of_identity()

    def _flaw_of_shape(self):
        for before, after in zip(self.steps, self.steps[1:]):
            if before["to"] != after["from"]:
                return f"jumps from {before['to']} to {after['from']}: {self}"
        for step in self.steps:
            if step["from"] == step["to"]:
                return f"steps from {step['from']} to itself: {self}"
            if not {step["from"], step["to"]} <= set(STATES) - {"LISTEN"}:
                return f"has a state that no connection has: {self}"
        return None

    def _flaw_of_times(self):
        if self.steps[0]["dwell_ns"] is not None:
            return f"knows how long it was CLOSED before it began: {self}"
        for before, after in zip(self.steps, self.steps[1:]):
            if after["mono_ns"] is None and after["origin"] == "kernel":
                return f"does not know when it came to {after['to']}, though told: {self}"
            between = None
            if None not in (before["mono_ns"], after["mono_ns"]):
                between = after["mono_ns"] - before["mono_ns"]
                if between < 0:
                    return f"goes back in time by {-between} ns at {after['to']}: {self}"
            if after["dwell_ns"] not in (None, between):
                return f"dwells {after['dwell_ns']} ns in {after['from']}, not {between}: {self}"
        return None

    def _flaw_of_identity(self):
        last = self.last
        for step in self.steps:
            for name in ("netns", "family", "role", "laddr", "lport", "raddr", "rport"):
                if step[name] != last[name] and not (step is self.steps[0] and step[name] is None):
                    return f"changes its {name} from {step[name]} to {last[name]}: {self}"
        for name in ("pid", "comm", "uid"):
            if len({step[name] for step in self.steps} - {None}) > 1:
                return f"changes its owner's {name}: {self}"
        return None


def chains(lines):
    """The `transition` lines as Chains, in the order in which the connections began."""
    found = {}
    for line in lines:
        if line["type"] == "transition":
            found.setdefault(line["id"], []).append(line)
    return [Chain(steps) for steps in found.values()]


def states_of(connection):
    """The states of a connection line, without the CLOSED that surround every life."""
    found = [each["state"] for each in connection["timeline"]]
    while found and found[0] == "CLOSED":
        found.pop(0)
    while found and found[-1] == "CLOSED":
        found.pop()
    return found


def where(lines, **fields):
    """The lines or chains' last lines whose fields have these values."""
    return [line for line in lines
            if all(_last(line).get(name) == value for name, value in fields.items())]


def only(lines, **fields):
    """The one line (or chain) with these fields; AssertionError when there is not exactly one."""
    found = where(lines, **fields)
    if len(found) != 1:
        raise AssertionError(f"{len(found)} lines with {fields} among {len(lines)}: {found[:5]}")
    return found[0]


def _last(line):
    return line.last if isinstance(line, Chain) else line
