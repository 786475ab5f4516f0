#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Which code opened a connection: what is told, what is marked, and what is unknown."""
import os
import re
import signal
import socket
import tempfile
import time
from functools import reduce

import tracer
from namespace import memory_is_hidden
from opener import HAS_CODE, connect_by_code, connect_once, functions_of, stays
from traffic import free_port, listen, port_of, serve, visit, wait_for
from world import *

TRACE = ("trace", "--json", "--stack", "-N", "self")
CALLS = re.compile(r"(__libc_|__)?(connect|accept4?)(64)?")
FRAME = {"function", "offset", "file", "line", "module", "module_offset", "build_id", "certain",
         "after_gap"}
ATTACKER, VICTIM = 65533, 65534
KEPT = 8  # stacks
MADE = "made here: <of pages>\x1b[31m"


def story(w, t):
    if memory_is_hidden():
        tell_locked(w, t)
        return
    tell_both_ends(w, t)
    tell_record(w, t)
    if HAS_CODE:
        tell_made(w, t)
    tell_gone(w, t)
    tell_full(w, t)


def is_call(line, call):
    """Whether the innermost frame with a name is that function of the C library, which has more of
    its own within in some versions, and names for none of that."""
    inner = next((frame for frame in line["opened_by"] or ()
                  if frame["function"] or "libc" not in (frame["module"] or "")), None)
    found = inner and CALLS.fullmatch(inner["function"] or "")
    return bool(found) and found[2].startswith(call) and "libc" in inner["module"]


def modules_of(line):
    return {os.path.basename(frame["module"] or "") for frame in line["opened_by"] or ()}


def tell_both_ends(w, t):
    port, nobody = free_port(), free_port()
    children = [w.fork(stays, function, *args, held=True) for function, *args in (
        (serve, listen("127.0.0.1", port), 2), (visit, "127.0.0.1", port, 2),
        (connect_once, "127.0.0.1", nobody))]
    with w.trace(*TRACE) as seen:
        for child in children:
            child.go()
        seen.wait_output(lambda lines: len(lines) >= 5, 20)
        for child in children:
            child.go().result()
    ends = where(seen.connections, role="client", rport=port)
    t.equal(len(ends), 2, "both clients are told of")
    t.ok(all(is_call(line, "connect") for line in ends), "their code called connect",
         *(line["opened_by"] for line in ends))
    t.equal(functions_of(ends[0]), functions_of(ends[1]), "by the same way")
    t.ok(all(len(line["opened_by"]) > 2 and any("python" in name for name in modules_of(line))
             for line in ends), "which led through the interpreter", modules_of(ends[0]))
    t.none([frame for line in ends for frame in line["opened_by"] if set(frame) != FRAME],
           "a frame has all fields")
    t.none([frame for line in ends for frame in line["opened_by"]
            if frame["module"] and frame["module"].startswith("/") and
            frame["module_offset"] is None], "and a place in its file")
    taken = where(seen.connections, role="server", lport=port)
    t.ok(len(taken) == 2 and all(is_call(line, "accept") for line in taken),
         "servers' code called accept", *(line["opened_by"] for line in taken))
    failed = only(seen.connections, rport=nobody)
    t.ok(is_call(failed, "connect"), "a connect that fails has code as well", failed["opened_by"])


def tell_locked(w, t):
    """No program may read what lies on a stack: what it cannot know it does not tell."""
    port = free_port()
    child = w.fork(stays, connect_once, "127.0.0.1", port, held=True)
    with w.trace(*TRACE) as seen:
        child.go()
        seen.wait_output(len, 20)
        child.go().result()
    line = only(seen.connections, rport=port)
    t.ok(is_call(line, "connect"), "the function that was called is known", line["opened_by"])
    t.equal((len(line["opened_by"] or ()), line["opened_by_whole"]), (1, False),
            "and nobody who has called it")


def tell_record(w, t):
    """A recording has the names: who reads it needs no process, and no file of it."""
    port = free_port()
    with tempfile.NamedTemporaryFile(prefix="tcpspan-e2e-") as file:
        replay = tracer.Replay(("trace", "--json", "-N", "self"), w.patience)
        live = w.fork(stays, connect_once, "127.0.0.1", port, held=True)
        command = ("--stack", "-N", "self")
        with w.traces(("trace", "--json", *command), ("record", *command, "-o", file.name),
                      live=True) as (seen, recorder):
            before = os.path.getsize(file.name)
            live.go()
            seen.wait_output(len, 20)
            wait_for(lambda: os.path.getsize(file.name) > before, 20 * w.patience)
            live.go().result()
        w.judge(replay.play(file.name))
        with open(file.name, "rb") as recorded:
            size = len(recorded.read())
    line = only(replay.connections, rport=port)
    t.ok(is_call(line, "connect"), "a replay tells the same", line["opened_by"])
    t.ok(size < 65536, "a recording has the names, not the stacks", size)


def tell_made(w, t):
    """Code that a process made: it may say what that is, in a file of its own alone."""
    port = free_port()

    def by_code(text, link=None):
        for _ in connect_by_code(port, text, link):
            os.kill(os.getpid(), signal.SIGSTOP)  # until it has been looked at

    folder = tempfile.mkdtemp(prefix="tcpspan-e2e-")
    children = {
        "named": w.fork(by_code, f"0 1 nothing\nADDRESS 100 {MADE}\n", held=True),
        "unsaid": w.fork(by_code, "1 2 something else\n", held=True),
        "linked": w.fork(by_code, "ADDRESS 100 linked\n", f"{folder}/map", held=True),
    }
    with w.trace(*TRACE) as seen:
        for at, child in enumerate(children.values(), 1):
            child.go()
            seen.wait_output(lambda lines, at=at: len(lines) >= at, 10)
        for child in children.values():
            child.go().result()
    os.rmdir(folder)
    found = {name: only(seen.connections, pid=child.pid)["opened_by"]
             for name, child in children.items()}
    t.ok(all(found.values()), "what connects is known", found)
    if not all(found.values()):
        return
    t.equal(found["named"][0]["function"], MADE, "by the name that the process gives it")
    t.equal((found["named"][0]["module"], found["named"][0]["module_offset"]), (None, None),
            "it is in no file")
    t.equal(found["unsaid"][0]["function"], None, "without a name it has none")
    t.equal(found["linked"][0]["function"], None, "a link is not followed")
    t.none([frame for frames in found.values() for frame in frames[1:] if frame["certain"]],
           "behind it nothing is certain")


def tell_gone(w, t):
    """Who is gone, or has become another program, before anybody can look: unknown, not wrong."""
    port = free_port()

    def become():
        connect_once("127.0.0.1", port)
        os.execv("/bin/sleep", ["sleep", "600"])

    leaves = w.fork(connect_once, "127.0.0.1", port, held=True)
    changes = w.fork(become, held=True)
    with tempfile.NamedTemporaryFile(prefix="tcpspan-e2e-") as file:
        with w.traces(TRACE, ("record", "--stack", "-N", "self", "-o", file.name),
                      live=True) as (seen, recorder):
            for each in seen, recorder:
                os.kill(each.pid, signal.SIGSTOP)
            leaves.go().result()
            changes.go()
            wait_for(lambda: os.readlink(f"/proc/{changes.pid}/exe").endswith(
                ("sleep", "busybox")), 10 * w.patience)
            for each in seen, recorder:
                os.kill(each.pid, signal.SIGCONT)
            seen.wait_output(lambda lines: len(lines) >= 2, 10)
        changes.kill()
        t.ok("2 stacks could not be looked at" in recorder.err, "a recorder says so as well",
             recorder.err)
        checked = tracer.run("check", "-i", file.name)
        t.equal((checked.status, checked.err), (0, b""), "and what it has written adds up")
    lines = where(seen.connections, rport=port)
    t.equal([(line["opened_by"], line["opened_by_whole"]) for line in lines], [(None, None)] * 2,
            "of who is gone, and of who has become another program, the code is unknown")
    t.equal(seen.summary["events"]["stacks_unknown"], 2, "they are counted")


def open_by_ways(uid, port):
    """Connects in as many ways as there are kinds of calls, and calls of these from each of them;
    the sockets stay. Each way is another stack."""
    os.setuid(uid)
    held = []

    def by(connect):
        held.append(socket.socket())
        connect(held[-1], ("127.0.0.1", port))
        return True

    kinds = [socket.socket.connect, socket.socket.connect_ex]
    ways = [by, lambda kind: list(map(by, [kind])), lambda kind: list(filter(by, [kind])),
            lambda kind: sorted([kind], key=by), lambda kind: max([kind, kind], key=by),
            lambda kind: reduce(lambda _, each: by(each), [kind], 0)]
    for way in ways[:1] if uid == VICTIM else ways:
        for kind in kinds[:1] if uid == VICTIM else kinds:
            way(kind)
    os.kill(os.getpid(), signal.SIGSTOP)


def is_stopped(pid):
    with open(f"/proc/{pid}/stat", encoding="latin-1") as file:
        return file.read().rpartition(")")[2].split()[0] == "T"


def tell_full(w, t):
    """One user's code opens connections in more ways than there is room for: another's is known."""
    listener = listen(backlog=64)
    users = [w.fork(open_by_ways, uid, port_of(listener), held=True) for uid in (ATTACKER, VICTIM)]
    limits = ("-D", str(port_of(listener)), "--open", "--stacks", str(KEPT))
    with w.traces((*TRACE, *limits), ("trace", "--stack", "-N", "self", *limits)) as (seen, words):
        for user in users:
            user.go()
            wait_for(lambda pid=user.pid: is_stopped(pid), 10 * w.patience)
        time.sleep(0.5)
    for user in users:
        user.kill()
    known = {uid: [line["opened_by"] is not None for line in where(seen.connections, uid=uid)]
             for uid in (ATTACKER, VICTIM)}
    full = seen.summary["events"]["stacks_full"]
    paid = [each for each in seen.summary["paid_by"] if each["bound"] == "stacks"]
    t.equal(known[VICTIM], [True], "it is known which code opened the other user's connection")
    t.between(sum(known[ATTACKER]), 1, KEPT // 2, "who has many ways has the room that he leaves")
    t.ok(full > KEPT and full == len(known[ATTACKER]) - sum(known[ATTACKER]),
         "of the others it is unknown, and they are counted", seen.summary["events"], known)
    t.equal([(each["uid"], each["netns"], each["count"]) for each in paid],
            [(ATTACKER, w.netns, full)], "as his")
    t.ok("there was no room" in words.err and f"uid {ATTACKER} in" in words.err, "and said",
         words.err)


run(story, limit=120)
