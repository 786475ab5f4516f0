# SPDX-License-Identifier: GPL-2.0-only
"""The world of one story: a network namespace of its own, with all that may live in it.

A story is a file `NN-name.t`:

    #!/usr/bin/python3
    from world import *

    def story(w, t):
        with w.trace() as seen:
            ...traffic...
        t.equal(len(seen.chains()), 46, "46 chains")

    run(story)

`w` is the World, `t` the Tap that prints the checks.
"""

import contextlib
import json
import os
import signal
import sys
import tempfile
import threading
import time
import traceback

import counted
import namespace
import tracer
import wire
from blind import BlindSpot
from namespace import Child, name_namespace, sysctl
from packet import ACK, FIN, RST, SYN
from peer import IPV4, IPV6, KERNEL, PEER, Peer, sleep_until
from tap import SLACK, Skip, Tap, median, shorten
from tracer import EVENTS, FULL, HIST, LINES, Chain, Replay, Tracer, only, states_of, where
from witness import Capture, Deltas

# What stories import with `from world import *`.
__all__ = ["ACK", "CLIENT_OPEN", "CLOSES_FIRST", "CLOSES_SECOND", "Capture", "Chain", "Deltas",
           "EVENTS", "FIN", "FULL", "HIST", "IPV4", "IPV6", "KERNEL", "LINES", "MS", "PEER", "RST",
           "SECOND", "SERVER_OPEN", "SLACK", "SYN", "Skip", "Tracer", "apart", "flaws_of", "hooks",
           "median", "name_namespace", "off_ms", "only", "run", "several", "sleep_until",
           "states_of", "sysctl", "where"]

MS = 1000000
SECOND = 1000 * MS
WIRE_ROOM = 512 << 20  # bytes: a flood is captured whole
AGAIN = 99  # the exit status of a story that proved nothing

CLIENT_OPEN = ["CLOSED", "SYN_SENT", "ESTABLISHED"]
SERVER_OPEN = ["CLOSED", "SYN_RECV", "ESTABLISHED"]
CLOSES_FIRST = ["FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT"]
CLOSES_SECOND = ["CLOSE_WAIT", "LAST_ACK", "CLOSED"]


class World:
    """The namespace that the story's process is in; made by `run`."""

    def __init__(self, tap, makes=()):
        self.tap, self.makes = tap, makes
        self.netns = namespace.inode()
        # On a busy machine a connect finds the port of a TIME_WAIT to take over, and an ACK that
        # comes twice is answered with a reset, which would end one.
        sysctl("ipv4.tcp_tw_reuse", 0)
        sysctl("ipv4.tcp_rfc1337", 1)
        self.patience = float(os.environ.get("PATIENCE", "1"))
        self._ends = contextlib.ExitStack()
        self._peers = []
        if os.environ.get("PCAP"):
            self._ends.callback(self._write_pcap, Capture(), os.environ["PCAP"])

    # -- the tracer

    @contextlib.contextmanager
    def trace(self, *args):
        """Traces what the block does; at its end the run itself is one check of the story.

        Without arguments: `trace --events --json -N self`. Gives the Tracer.
        """
        with self.traces(args or EVENTS) as (seen,):
            yield seen

    @contextlib.contextmanager
    def traces(self, *commands, live=False):
        """As `trace`, with several tracers side by side over the same traffic.

        With SHARED=1, those that differ in what they print alone are one recorder, whose file
        each then reads, unless they must be LIVE.
        """
        shared = os.environ.get("SHARED") == "1" and len(commands) > 1 and not live and \
            all("--json" in each and set(each) <= tracer.PRINTING for each in commands)
        with self._replays(commands) if shared else self._tracers(commands) as running:
            yield running

    @contextlib.contextmanager
    def _tracers(self, commands):
        running, capture = [], Capture(room=WIRE_ROOM) if self._is_wired() else None
        try:
            for command in commands:
                running.append(Tracer(command, self.patience))
            for each in running:
                each.wait_ready()
            yield running
            for each in self._peers:
                each.settle()
            for each in running:
                each.window.leaves()
                each.process.send_signal(signal.SIGINT)
            for each in running:
                self.judge(each.wait())
            if capture:
                self._compare(running, capture)
        finally:
            if capture:
                capture.close()
            for each in running:
                each.kill()

    def _is_wired(self):
        """Whether a capture is to tell the same as runs do: WIRE is 1, or has the story's name."""
        wanted = os.environ.get("WIRE", "").split()
        return "1" in wanted or self.tap.story in wanted

    def _compare(self, running, capture):
        """What runs tell of each connection is what a capture of it tells."""
        told = [each for each in running if set(each.args) <= tracer.EVERY_LIFE]
        if not told:
            return
        seen = wire.lines_of(capture)
        self.tap.equal(capture.lost(), 0, "the capture has lost nothing")
        for each in told:
            self.tap.none(wire.compare(each.connections, seen, SLACK * MS, self.tap.story),
                          f"{shorten(each.name, 80)}: the wire tells the same")

    @contextlib.contextmanager
    def _replays(self, commands):
        replays = [Replay(command, self.patience) for command in commands]
        with tempfile.NamedTemporaryFile(prefix="tcpspan-e2e-") as recording:
            with self._tracers([("record", "-N", "self", "-o", recording.name)]):
                yield replays
            for each in replays:
                self.judge(each.play(recording.name))

    def judge(self, ended):
        """One check: an ended Tracer has status 0, valid lines, a summary that adds up, and tells
        of nothing that the story has not made."""
        self.tap.none(ended.flaws() + ended.surprises(self.makes),
                      f"{shorten(ended.name, 80)}: status 0, valid lines, a sound summary")

    # -- what lives in the namespace

    def peer(self, name="peer0"):
        """A scripted Peer; its scripts' errors become a failed check at the end."""
        made = Peer(name, self.patience)
        self._peers.append(made)
        self._ends.callback(made.close)
        return made

    def fork(self, function, *args, **how):
        """A Child in this namespace, or with own_namespace=True in a new one of its own."""
        made = Child(function, *args, **how)
        self._ends.callback(made.kill)
        return made

    def close(self):
        """Ends what the story has left running."""
        for each in self._peers:
            for error in each.errors:
                self.tap.ok(False, "the scripted peer plays its script to the end", error)
        self._ends.close()

    def _write_pcap(self, capture, path):
        capture.write_pcap(path)
        capture.close()
        self.tap.note(f"packets written to {path}")


def run(story, limit=60, needs=(), makes=(), attach=()):
    """Runs `story(world, tap)` in a process and namespace of its own; does not return.

    `limit` is in seconds; a story that takes longer fails. `needs` names the hook families without
    which it cannot be told: where the tracer has no rung of one, or merely samples, the story is
    skipped. One that forces a rung says with what: `attach`. `makes`: see Tracer.surprises. One
    whose first failure comes after a TCP timer that the kernel kept from every program proves
    nothing: it is told again, up to ATTEMPTS times in all.
    """
    attempts, count, status = int(os.environ.get("ATTEMPTS", "3")), 0, AGAIN
    while status == AGAIN:
        attempts -= 1
        status, count = _attempt(story, limit, (needs, attach), makes, count, attempts > 0)
    if status < 0:
        print(f"Bail out!  the story was ended by signal {-status}", flush=True)
    sys.exit(status if status >= 0 else 1)


def several(functions):
    """Runs functions in threads side by side; returns their answers, or raises the first error."""
    answers, errors = [None] * len(functions), []

    def play(at, function):
        try:
            answers[at] = function()
        except BaseException as error:  # raised again below, by the thread that asked
            errors.append(error)

    threads = [threading.Thread(target=play, args=each, daemon=True)
               for each in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return answers


def apart(first, second):
    """The time between two Packets, in nanoseconds."""
    return second.stamp_ns - first.stamp_ns


def off_ms(got, want):
    """How far a time in nanoseconds is from the true one, in milliseconds; None for unknown."""
    return None if got is None else abs(got - want) / MS


def flaws_of(found):
    """The flaws of all these Chains."""
    return [flaw for flaw in (each.flaw() for each in found) if flaw]


def _attempt(story, limit, needs, makes, count, may_fail):
    """Tells the story in a new process; gives its exit status and how many checks there were, the
    `count` before included."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)  # who outlives the story holds the other end
    sys.stdout.flush()
    with BlindSpot() as blind:
        pid = os.fork()
        if pid == 0:
            tap = Tap(count=count, excuse=blind.excuse if may_fail else lambda: None)
            status = _live(tap, story, limit, needs, makes)
            os.write(writer, b"%d" % tap.count)
            os._exit(status)
        os.close(writer)
        try:
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        except KeyboardInterrupt:
            os.kill(pid, signal.SIGTERM)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with os.fdopen(reader, "rb") as told:
        return status, int(told.read() or count)


def _live(tap, story, limit, needs, makes):
    """The life of a story's process; returns its exit status, or AGAIN."""
    sys.setswitchinterval(0.0005)
    world = None
    try:
        namespace.die_with_parent()
        signal.signal(signal.SIGALRM, _too_long)
        signal.signal(signal.SIGTERM, _too_long)
        namespace.unshare()
        world = World(tap, makes)
        signal.alarm(int(limit * world.patience))
        _check_needs(world, *needs)
        story(world, tap)
        _check_counters(tap)
    except Skip as reason:
        signal.alarm(0)
        tap.skip_all(reason)
        if world:
            world.close()
        return 0
    except BaseException:  # whatever ends a story early is a failed check
        tap.ok(False, "the story comes to its end", traceback.format_exc())
    signal.alarm(0)
    _keep(tap)
    _close(world, tap)
    if tap.excused and not tap.failed:
        tap.note("the story is told again")
        return AGAIN
    tap.done()
    return 1 if tap.failed else 0


def _check_counters(tap):
    """Holds each run that saw the whole namespace against the kernel's counters."""
    runs = [each for each in tracer.ended if counted.is_of_all(each)]
    whole = [each for each in runs if not counted.has_lost(each)]
    if whole:
        tap.none([flaw for each in whole for flaw in counted.flaws(each)],
                 "what was told adds up to the kernel's counters")
    elif runs or tap.story in counted.UNCOUNTED:
        tap.note("the kernel's counters are not compared: "
                 + counted.UNCOUNTED.get(tap.story, "events were lost"))
    else:
        tap.ok(False, "a run sees the whole namespace, or UNCOUNTED says why none does")


def hooks(world, *attach):
    """Which kind of hook each family has here: {family: kind, or None}; `attach` forces a rung."""
    known = None if attach else json.loads(os.environ.get("HOOKS", "null"))
    return known or \
        Tracer((*EVENTS, *attach), world.patience).wait_ready().stop().summary["hooks"]


def _check_needs(world, needs, attach):
    found = hooks(world, *attach) if needs else {}
    for family in needs:
        if found[family] in (None, "sampling"):
            raise Skip(f"no hook of the {family} family can be attached here")


def _close(world, tap):
    try:
        if world:
            world.close()
    except Exception:
        tap.ok(False, "the world comes to its end", traceback.format_exc())


def _too_long(number, frame):
    raise TimeoutError("the story takes too long" if number == signal.SIGALRM else "interrupted")


def _keep(tap):
    """With KEEP=1, leaves a process behind that holds the namespace and its sockets as they are."""
    if os.environ.get("KEEP") != "1":
        return
    pid = os.fork()
    if pid == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for fd in range(3):
            os.dup2(null, fd)
        while True:
            time.sleep(3600)
    tap.note(f"the namespace stays: enter it with `nsenter --net=/proc/{pid}/ns/net`, "
             f"let it go with `kill {pid}`")
