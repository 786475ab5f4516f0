#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Each command keeps the rights that it needs, and no more: read from /proc while it runs."""
import json
import os
import re
import signal
import subprocess
import tempfile

import tracer
from traffic import finish, listen, pair, wait_for
from world import *

MOST = 30011   # connections
FILTERED = 2  # Seccomp: of /proc/PID/status
OVERRIDE, READ_SEARCH, SYS_PTRACE, SYS_ADMIN, BPF = (1 << number for number in (1, 2, 19, 21, 39))
OTHER_USER = 1 << 5 | 1 << 6 | 1 << 7  # CAP_KILL, CAP_SETGID, CAP_SETUID
LOOK = READ_SEARCH | SYS_PTRACE | SYS_ADMIN | BPF
REPLAYS = (("trace",), ("hist",), ("explain",), ("stuck",), ("check",))
LIVE = (("trace", "--json", "-N", "self"), ("hist", "--json", "-N", "self"),
        ("explain", "--json", "-N", "self", "--full"))
WATCH = ("stuck", "--watch", "--json", "-N", "self")


def rights_of(path):
    """What a status file of /proc says of rights, as numbers."""
    with open(path, encoding="ascii", errors="replace") as status:
        found = dict(re.findall(r"^(Cap\w+|NoNewPrivs|Seccomp):\s*(\w+)", status.read(), re.M))
    return {name: int(text, 16) for name, text in found.items()}


class Machine:
    """What this machine has to hold a process down."""

    def __init__(self, w):
        said = tracer.run("check", "--json", within=120.0 * w.patience)
        self.confined = json.loads(said.out.splitlines()[0])["confined"]
        self.more = 0  # that the kernel takes for its counts

    def wanted(self, capabilities=0, filtered=True):
        """What a status file should say."""
        return {"CapInh": 0, "CapPrm": capabilities, "CapEff": capabilities, "CapBnd": 0,
                "CapAmb": 0, "NoNewPrivs": 1,
                "Seccomp": FILTERED if self.confined["seccomp"] and filtered else 0}


def differences(path, rights):
    """What is not as it should be."""
    found = rights_of(path)
    return {name: (found.get(name), number) for name, number in rights.items()
            if found.get(name, 0) != number}


def threads_of(pid):
    """The status files of its threads, the first one first."""
    return [f"/proc/{pid}/task/{task}/status"
            for task in sorted(os.listdir(f"/proc/{pid}/task"), key=int)]


def helpers_of(pid):
    """Its children by name."""
    found = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as children:
            for child in children.read().split():
                with open(f"/proc/{child}/comm", encoding="ascii") as comm:
                    found[comm.read().strip()] = int(child)
    return found


def is_gone(pid):
    return not os.path.exists(f"/proc/{pid}")


def story(w, t):
    machine = Machine(w)
    here = sorted(name for name in machine.confined if machine.confined[name])
    t.note(f"this machine has {here}")
    t.ok({"no_new_privs", "capabilities"} <= set(here), "rights can be given up here", here)
    tell_replays(w, t, machine)
    listener = listen()
    tell_live(w, t, machine, listener)
    tell_records(w, t, machine, listener)
    tell_watch(w, t, machine, listener)
    tell_answers(w, t, machine, listener)
    tell_ends(w, t)


def tell_replays(w, t, machine):
    """While somebody has yet to write what they read."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkfifo(f"{folder}/pipe")
        for command in REPLAYS:
            with subprocess.Popen([tracer.program(), *command, "-i", f"{folder}/pipe"],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as process:
                try:
                    path = f"/proc/{process.pid}/status"
                    wait_for(lambda: not differences(path, machine.wanted()), 10 * w.patience)
                    t.equal(differences(path, machine.wanted()), {},
                            f"{command[0]} --input has no right but to read")
                    t.equal(helpers_of(process.pid), {}, "and nobody who has")
                finally:
                    process.kill()


def tell_process(t, machine, seen, more=0):
    """The tracer, all its threads, and its helpers; returns these."""
    name = seen.args[0]
    first, *others = threads_of(seen.pid)
    found = [differences(first, machine.wanted(machine.more | more))]
    # Those that write ask for no counts.
    found += [differences(path, machine.wanted(more)) for path in others]
    t.none([each for each in found if each],
           f"{name}: none of {len(found)} threads has a right that it does not need")
    helpers = helpers_of(seen.pid)
    if t.ok("tcpspan-look" in helpers, f"{name} has a helper that looks", helpers):
        path = f"/proc/{helpers['tcpspan-look']}/status"
        t.equal(differences(path, machine.wanted(LOOK)), {}, "which has what that takes")
    return helpers


def tell_live(w, t, machine, listener):
    for args in LIVE:
        with w.trace(*args) as seen:
            # Before Linux 5.19 the kernel tells its counts to those alone that may load programs.
            machine.more = rights_of(f"/proc/{seen.pid}/status")["CapEff"] & BPF
            t.ok(not machine.more or kernel_before(5, 19), "its own program counts are for it")
            tell_process(t, machine, seen)
            finish(*pair(listener))


def kernel_before(*version):
    return tuple(map(int, re.findall(r"\d+", os.uname().release)[:2])) < version


def fill(listener, path):
    """Connects until there is such a file; whether there is."""
    return any(os.path.exists(path) or finish(*pair(listener)) for _ in range(MOST))


def tell_records(w, t, machine, listener):
    with tempfile.TemporaryDirectory() as folder:
        other = f"{folder}/other"
        os.mkdir(other, 0o755)
        os.chown(other, 65534, 65534)
        for path, more, extra in ((f"{folder}/whole", 0, ()),
                                  (f"{folder}/part", 0, ("--rotate", "64K")),
                                  (f"{other}/whole", 0, ()),
                                  (f"{other}/part", OVERRIDE, ("--rotate", "64K"))):
            seen = Tracer(("record", "-N", "self", "-o", path, *extra), w.patience).wait_ready()
            try:
                t.note(f"to {'a folder of somebody else' if other in path else 'our folder'}")
                tell_process(t, machine, seen, more)
                if extra:
                    t.ok(fill(listener, f"{path}.000002"), "it goes on in new parts")
                t.equal(seen.stop().status, 0, "it ends well") or t.note(seen.err)
            finally:
                seen.kill()


def tell_watch(w, t, machine, listener):
    for extra, capabilities in (((), 0), (("--exec-user", "nobody"), OTHER_USER)):
        client, server = pair(listener)
        client.close()
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)
            told = f"{folder}/told"
            seen = Tracer((*WATCH, "--min-age", "0", "--exec", f"id -u >{told}; exec sleep 0",
                           *extra), w.patience).wait_ready()
            try:
                helpers = tell_process(t, machine, seen)
                if t.ok("tcpspan-exec" in helpers, "and one that runs commands", helpers):
                    path = f"/proc/{helpers['tcpspan-exec']}/status"
                    t.equal(differences(path, machine.wanted(capabilities, filtered=False)), {},
                            f"which has rights for another user alone: {' '.join(extra)}")
                wait_for(lambda: os.path.exists(told) and os.path.getsize(told), 10 * w.patience)
                with open(told, encoding="ascii") as text:
                    t.equal(text.read(), "65534\n" if extra else f"{os.geteuid()}\n",
                            "and commands are run by whom they should")
                t.equal(seen.stop().status, 1, "it ends as it should")
            finally:
                seen.kill()
        server.close()


def tell_answers(w, t, machine, listener):
    """Those that end as soon as they have answered: while nobody reads the answer."""
    client, server = pair(listener)
    client.close()
    for args, helper in ((("check",), None), (("check", "--json"), None),
                         (("stuck", "--json", "-N", "self", "--min-age", "0"), "tcpspan-look")):
        ours, theirs = os.pipe()
        os.set_blocking(theirs, False)
        try:
            while True:
                os.write(theirs, bytes(4096))
        except BlockingIOError:
            os.set_blocking(theirs, True)
        with subprocess.Popen([tracer.program(), *args], stdin=subprocess.DEVNULL, stdout=theirs,
                              stderr=subprocess.DEVNULL) as process:
            os.close(theirs)
            try:
                path = f"/proc/{process.pid}/status"
                wait_for(lambda: not differences(path, machine.wanted()), 60 * w.patience)
                t.equal(differences(path, machine.wanted()), {},
                        f"{' '.join(args[:2])} answers without rights")
                helpers = helpers_of(process.pid)
                t.equal(list(helpers), [helper] if helper else [], "with such helpers")
                if helper in helpers:
                    t.equal(differences(f"/proc/{helpers[helper]}/status", machine.wanted(LOOK)),
                            {}, "which have what that takes")
                with open(ours, "rb", closefd=False) as pipe:
                    said = pipe.read().lstrip(b"\0").decode()
                t.ok("state" in said, "and the answer comes", said[-300:])
                process.wait(10 * w.patience)
                t.equal(process.returncode, int(helper is not None), "with its status")
            finally:
                process.kill()
                os.close(ours)
    server.close()


def tell_ends(w, t):
    """Of the two processes none outlives the other."""
    for args in (LINES, HIST, WATCH):
        seen = Tracer(args, w.patience).wait_ready()
        try:
            helper = helpers_of(seen.pid)["tcpspan-look"]
            os.kill(helper, signal.SIGKILL)
            seen.wait(10)
            t.ok(seen.status == 2 and "the helper that looks" in seen.err,
                 f"{args[0]}: without its helper it ends, and says so", seen.status, seen.err)
        finally:
            seen.kill()
        seen = Tracer(args, w.patience).wait_ready()
        try:
            helper = helpers_of(seen.pid)["tcpspan-look"]
            os.kill(seen.pid, signal.SIGKILL)
            seen.process.wait()
            t.ok(wait_for(lambda pid=helper: is_gone(pid), 10 * w.patience),
                 f"{args[0]}: when it is killed, its helper ends")
        finally:
            seen.kill()
    seen = Tracer((*WATCH, "--exec", "true"), w.patience).wait_ready()
    try:
        os.kill(helpers_of(seen.pid)["tcpspan-exec"], signal.SIGKILL)
        seen.wait(10)
        t.ok(seen.status == 2 and "the helper for --exec" in seen.err,
             "without the one that runs commands it ends, too", seen.status, seen.err)
    finally:
        seen.kill()


run(story, limit=120)
