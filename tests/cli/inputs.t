#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What -i takes: pipes of every kind, parts of recordings, and files that contradict themselves."""
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import tsp
from tap import Tap

TCPSPAN = os.environ.get("TCPSPAN", "build/tcpspan")
PATIENCE_SECONDS = 20
ESTABLISHED_CLOSE_WAIT = 1 | 8 << 4
BOOT, NAMESPACES = 4, 5
BEFORE_NS = 900 * 10**9

T = Tap()


def run(*args, **more):
    """The program, ended: status, standard output, standard error; -1: it had to be killed."""
    with subprocess.Popen([TCPSPAN, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          **{"stdin": subprocess.DEVNULL, **more}) as process:
        try:
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return -1, b"", "it never ended"
        return process.returncode, out, err.decode(errors="replace")


def feed(path, raw):
    """Writes to a pipe, named or by number, from beside."""
    def write():
        try:
            with open(path, "wb") as pipe:
                pipe.write(raw)
        except BrokenPipeError:
            pass
    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    return thread


def fifo(folder, name, raw):
    """A named pipe that the bytes come out of once."""
    path = f"{folder}/{name}"
    os.mkfifo(path)
    feed(path, raw)
    return path


class Pipe:
    """A pipe of a shell's <(...): /dev/fd/N, for as long as the program that inherits it."""

    def __init__(self, raw):
        self.end, other = os.pipe()
        feed(other, raw)
        self.path = f"/dev/fd/{self.end}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.end)


def save(folder, name, raw):
    """A file with these bytes."""
    path = f"{folder}/{name}"
    with open(path, "wb") as file:
        file.write(raw)
    return path


def pipes(folder):
    """Whatever it comes out of, the same is told."""
    one = tsp.generate(connections=17, seed=5)
    two = tsp.generate(connections=13, seed=6, late=1)
    first, second = save(folder, "first", one), save(folder, "second", two)
    for command in (["trace", "--json"], ["hist"], ["stuck", "--json"], ["check", "--json"]):
        name = command[0]
        wanted = run(*command, "-i", first)
        T.ok(wanted[0] in (0, 1) and wanted[1], f"{name} of a file", wanted)
        T.equal(run(*command, "-i", fifo(folder, f"pipe-{name}", one)), wanted,
                f"{name} of a named pipe")
        with Pipe(one) as pipe:
            T.equal(run(*command, "-i", pipe.path, pass_fds=[pipe.end]), wanted,
                    f"{name} of a shell's pipe")
        with Pipe(one) as pipe:
            T.equal(run(*command, "-i", "/dev/stdin", stdin=pipe.end), wanted,
                    f"{name} of /dev/stdin, which is a pipe")
        with open(first, "rb") as file:
            T.equal(run(*command, "-i", "/dev/stdin", stdin=file), wanted,
                    f"{name} of /dev/stdin, which is a file")
        both = run(*command, "-i", first, second)
        with Pipe(one) as pipe, Pipe(two) as other:
            T.equal(run(*command, "-i", other.path, pipe.path, pass_fds=[pipe.end, other.end]),
                    both, f"{name} of two pipes, as of two files")
    path = fifo(folder, "again", one)
    status, out, err = run("trace", "-i", path, path)
    T.ok(status == 2 and not out and "given twice" in err, "a pipe is not read twice", err)
    T.equal(run("trace", "-i", save(folder, "none", b""))[0], 2, "an empty file has no recording")


def waiting(folder):
    """Somebody has yet to write, and nobody does: one signal ends it."""
    path = f"{folder}/silent"
    os.mkfifo(path)
    for command in ("trace", "hist", "check", "stuck"):
        with subprocess.Popen([TCPSPAN, command, "-i", path], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            deadline = time.monotonic() + 2
            while time.monotonic() < deadline and not (
                    b"tcpspan" in _read(f"/proc/{process.pid}/comm") and
                    b"poll" in _read(f"/proc/{process.pid}/wchan")):
                time.sleep(0.01)
            begun = time.monotonic()
            process.send_signal(signal.SIGINT)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
            T.ok(time.monotonic() - begun < 1, f"{command}: Ctrl-C ends the wait for a writer")
    raw = tsp.generate(connections=17, seed=5)
    head = len(raw) - 150
    with Pipe(raw[:head] + bytes(64 << 20)) as pipe:
        status, _, err = run("trace", "-i", pipe.path, pass_fds=[pipe.end])
        T.ok(status == 2 and "byte" in err, "64 MiB of nothing are skipped", err)
    with open("/dev/zero", "rb") as zero, subprocess.Popen(
            ["sh", "-c", 'head -c "$1" "$2"; cat', "sh", str(head), save(folder, "cut", raw)],
            stdin=zero, stdout=subprocess.PIPE) as source, subprocess.Popen(
            [TCPSPAN, "trace", "-i", "-"], stdin=source.stdout, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE) as process:
        source.stdout.close()
        time.sleep(0.5)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
        T.ok(time.monotonic() - begun < 1, "Ctrl-C ends the skipping of what has no end")
        err = process.stderr.read()
        T.ok(process.returncode == 2 and b"damaged; " in err and b"none lost" not in err,
             "and what was skipped so far is told of", err)
    torn = save(folder, "torn", raw[:head])
    lines = run("trace", "--json", "-i", torn)[1].splitlines()
    T.equal(json.loads(lines[-1])["events"]["unread"], None,
            "how much a torn end had is unknown")
    more = save(folder, "more", raw + b"more")
    lines = run("trace", "--json", "-i", more)[1].splitlines()
    T.equal(json.loads(lines[-1])["events"]["unread"], 0, "what has its end has lost nothing")


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def verdict(*paths):
    """What check says: its status, which parts are missing, whether all is well, its last words."""
    status, out, _ = run("check", "--json", "-i", *paths)
    lines = [json.loads(line) for line in out.splitlines()]
    said, text, _ = run("check", "-i", *paths)
    assert said == status, (said, status)
    return status, lines[0]["missing"], lines[0]["ok"], text.decode().splitlines()[-1]


def parts(folder):
    """Which parts of a recording are missing."""
    raw = [tsp.generate(connections=7, seed=8, part=number) for number in range(6)]
    for number in range(5):
        part = tsp.Recording(raw[number])
        part.blocks[-1]["flags"] = tsp.MORE
        raw[number] = part.pack()
    path = [save(folder, f"part.{number}", raw[number]) for number in range(6)]
    whole, lacks = "All of it can be read.", "Not all of its parts are there."
    T.equal(verdict(*path), (0, [], True, whole), "check: all parts are there")
    T.equal(verdict(*path[1:]), (2, [[0, 0]], False, lacks), "the first is missing")
    T.equal(verdict(*path[:2], *path[4:]), (2, [[2, 3]], False, lacks), "two of the middle")
    T.equal(verdict(*path[:4]), (2, [[4, None]], False, lacks), "and all that followed")
    T.equal(verdict(path[2]), (2, [[0, 1], [3, None]], False, lacks), "all but one")
    T.equal(verdict(save(folder, "joined", b"".join(raw))), (0, [], True, whole),
            "all in one file")
    T.equal(verdict(save(folder, "joined", raw[0] + raw[3]), path[5]),
            (2, [[1, 2], [4, 4]], False, lacks), "one file with holes, and another")
    T.equal(verdict(save(folder, "joined", raw[0] + raw[1]), *path[2:]), (0, [], True, whole),
            "the first two in one file, and the others")
    for these, lost in ((path, 0), (path[3:], 3), (path[:2] + path[5:], 3), (path[:4], 0)):
        status, out, _ = run("stuck", "--json", "--min-age", "9999d", "-i", *these)
        T.equal((status, json.loads(out.splitlines()[-1])["stuck"]["parts_missing"]),
                (2 if lost else 0, lost),
                f"that nothing is stuck is not known where {lost} parts are missing")
    status, _, err = run("stuck", "--min-age", "9999d", "-i", path[5])
    T.ok(status == 2 and "Nothing is known to be stuck" in err and "5 parts" in err,
         "in words, too", err)
    text = run("check", "-i", path[2])[1].decode()
    T.ok(f"parts 0 to 1 of the recording of {path[2]}" in text and "parts from 3 on" in text,
         "in words, too", text)
    sums = json.loads(run("trace", "--json", "-i", *path)[1].splitlines()[-1])["events"]
    # The last block of a part that others follow.
    bad = bytearray(raw[0])
    bad[-8] ^= 1
    joined = save(folder, "joined", bytes(bad) + b"".join(raw[1:]))
    status, out, err = run("trace", "--json", "-i", joined)
    T.ok(status == 2 and "damaged" in err, "a damaged end among joined parts is told of", err)
    T.equal(json.loads(out.splitlines()[-1])["events"], sums, "and no counter goes back")
    cut = save(folder, "joined", raw[0][:-20] + b"".join(raw[1:]))
    status, out, err = run("trace", "--json", "-i", cut)
    T.ok(status == 2 and err, "so is one that was cut off", err)
    T.equal(json.loads(out.splitlines()[-1])["events"], sums, "nor does one here")


def begins(folder):
    """A part without those before it begins with its first record, not where the recording did."""
    whole = save(folder, "whole", tsp.generate(connections=101, seed=8))
    part = tsp.Recording(tsp.generate(connections=101, seed=8, part=3))
    part.head["start_mono_ns"] -= BEFORE_NS
    late = save(folder, "late", part.pack())
    first_ns = min(block["first_mono_ns"] for block in part.of_kind(tsp.RECORDS))
    T.equal(json.loads(run("check", "--json", "-i", late)[1].splitlines()[0])["mono_ns"], first_ns,
            "a part of a recording begins with its first record")
    sides = [json.loads(line) for line in run("diff", "--json", whole, late)[1].splitlines()[:2]]
    T.ok(all(side["type"] == "diff_side" for side in sides) and
         0 <= sides[0]["duration_ns"] - sides[1]["duration_ns"] < 1e9,
         "it lasts as long as it has records, whatever was before", sides)
    T.equal(len(run("hist", "--interval", "10m", "--only", "handshake_client", "--json", "-i",
                    late)[1].splitlines()), 2, "intervals are counted from there")
    T.ok(b'"connection"' in run("trace", "--json", "-d", "10", "-i", late)[1], "and so is -d")
    with open(late, "rb") as file:
        status, _, err = run("trace", "--json", "-i", "-", stdin=file)
    T.equal((status, err), (0, ""), "of a pipe it is read all the same")


def contradictions(folder):
    """Files whose checksums are right, and whose numbers are not."""
    def change(**more):
        recording = tsp.Recording(tsp.generate(connections=17, seed=5, block=700, **more))
        return recording, recording.of_kind(tsp.RECORDS)

    def told(recording, name, what):
        path = save(folder, "changed", recording.pack())
        status, out, err = run("trace", "--json", "-i", path)
        events = json.loads(out.splitlines()[-1])["events"]
        T.ok(status == 2 and what in err and "bug" not in err, f"{name}: it is told", err)
        T.ok(events["submitted"] == events["received"] < 10000 and events["seen"] ==
             events["filtered"] + events["submitted"] + events["ring_full"],
             f"{name}: the sums add up all the same", events)
        T.equal(verdict(path)[0], 2, f"{name}: check does not like it")
        said = run("trace", "-i", path)[2]
        T.ok("bug" not in said, f"{name}: nobody is asked to report a bug", said)

    one, blocks = change()
    blocks[1]["record_count"] = 4000000000
    told(one, "a block of 4,000,000,000 records", "room")
    one, blocks = change()
    blocks[1]["record_count"] += 1
    told(one, "one record too many", "add up")
    one, blocks = change()
    for block in one.blocks[one.blocks.index(blocks[1]):]:
        for counter in ("seen", "submitted"):
            block.counters[counter] += 1
        block["first_record"] += block is not blocks[1]
    blocks[1]["record_count"] += 1
    told(one, "one that is counted and not there", "fewer")
    one, blocks = change()
    blocks[2].counters["seen"] = 2**64 - 1
    told(one, "more than was ever seen", "add up")
    one, blocks = change()
    blocks[2].counters["ring_full"] = 5
    blocks[2].counters["seen"] += 5
    told(one, "a loss that is taken back", "go back")
    one, blocks = change()
    one.blocks.insert(one.blocks.index(blocks[3]), blocks[1])
    told(one, "a block that is there twice", "order")
    one, blocks = change()
    one.blocks.remove(blocks[1])
    status, out, err = run("trace", "--json", "-i", save(folder, "changed", one.pack()))
    events = json.loads(out.splitlines()[-1])["events"]
    T.equal(events["unread"], blocks[1]["record_count"], "one that is gone is counted", err)


def one_more(mono_ns, states):
    """A recording with one record more, of a transition."""
    recording = tsp.Recording(tsp.generate(connections=17, seed=5))
    end = recording.blocks[-1]
    end["first_record"] += 1
    for counter in ("seen", "submitted"):
        end.counters[counter] += 1
    record = struct.pack("=QQIBBH", mono_ns, 1, 1, tsp.TRANSITION, states, 0) + bytes(24)
    recording.blocks.insert(-1, tsp.Block(
        {**end.numbers, "kind": tsp.RECORDS, "compression": 0, "raw_bytes": len(record),
         "record_count": 1, "first_record": end["first_record"] - 1}, end.counters, record))
    return recording.pack()


def losses(folder):
    """What was lost while it was recorded, and what is not understood, is no good recording."""
    lossy = save(folder, "lossy", tsp.generate(connections=17, seed=5, lose=7))
    status, _, ok, last = verdict(lossy)
    T.equal((status, ok, last), (2, False, "All of it can be read, but it does not have all that "
                                 "happened."), "check: a recording with losses")
    text = run("check", "-i", lossy)[1].decode()
    T.ok(" ring_full" in text, "it says what was lost", text)
    # Of a transition from no state to none.
    odd = save(folder, "odd", one_more(10**12, 0))
    T.equal(verdict(odd)[0], 2, "check: a record that is not understood")
    status, _, err = run("trace", "-i", odd)
    T.ok("could not be understood" in err and "bug" not in err,
         "trace says so, and that it is nobody's fault here", status, err)


def years(folder):
    """However long nothing happens, whoever looks each second does not."""
    long = save(folder, "years", one_more(10 * 365 * 86400 * 10**9, ESTABLISHED_CLOSE_WAIT))
    for command in (("top", "--once"), ("hist",), ("report", "-o", os.path.join(folder, "page")),
                    ("export", "--once"), ("stuck",), ("listeners",)):
        status, _, err = run(*command, "-i", long)
        T.ok(status in (0, 1, 2), f"{command[0]} comes to the end of years", status, err)


def bounds(folder):
    """However many a file has, no more are read than are wanted."""
    raw = tsp.generate(connections=1009, seed=5)
    many, some = 3001, save(folder, "many", raw)
    for command in ("trace", "hist", "check", "stuck"):
        status, out, err = run(command, "--json", "-i", some, "--max-records", str(many))
        events = json.loads(out.splitlines()[-1])["events"]
        T.ok(status == 2 and "more records" in err and events["received"] == many ==
             events["submitted"], f"{command}: no more than --max-records", status, err, events)
    whole = sum(block["record_count"] for block in tsp.Recording(raw).of_kind(tsp.RECORDS))
    T.equal(run("check", "-i", some, "--max-records", str(whole))[0], 0, "just as many are enough")


def named(folder):
    """Network namespaces are called as in the recording, which may tell it at its end."""
    def save_named(name, boot=None, more=()):
        recording = tsp.Recording(tsp.generate(connections=17, seed=5))
        netns = json.loads(plain[1].splitlines()[0])["netns"]
        told = b"".join(struct.pack("=QHB", inode, len(called) + 1, 0) + called
                        for inode, called in ((netns, b"blue"), (7, b"green"), *more))
        recording.blocks.insert(-1, tsp.Block(
            {**recording.blocks[-1].numbers, "kind": NAMESPACES, "compression": 0,
             "raw_bytes": len(told), "record_count": 0}, recording.blocks[-1].counters, told))
        if boot:
            recording.fields = [(tag, boot if tag == BOOT else raw)
                                for tag, raw in recording.fields]
        return save(folder, name, recording.pack())

    def lines(status, out, err):
        return status, [line for line in out.splitlines() if b'"connection"' in line], err

    plain = run("trace", "--json", "-i", save(folder, "plain", tsp.generate(connections=17,
                                                                            seed=5)))
    path = save_named("named")
    everything = lines(*run("trace", "--json", "-i", path))
    T.equal((everything[0], len(everything[1])), (0, 16), "a recording with names of namespaces")
    T.equal(lines(*run("trace", "--json", "-i", path, "-N", "blue")), everything,
            "-N: all are in the one that is called so there")
    T.equal(lines(*run("trace", "--json", "-N", "green,blue", "-i", path)), everything,
            "-N: of two that are named")
    T.equal(lines(*run("trace", "--json", "-i", path, "-N", "green"))[:2], (0, []),
            "-N: none is in the other one")
    with open("/proc/sys/kernel/random/boot_id", "rb") as file:
        now = save_named("now", file.read().strip())
    for kind, file in (("an older boot", path), ("this boot", now)):
        status, out, err = run("trace", "--json", "-i", file, "-N", "no-such-namespace")
        T.ok(status == 2 and not out and err.count("\n") == 1 and "no-such-namespace" in err,
             f"-N: a name that nobody knows, of {kind}, is one sentence", status, out, err)
    with open(path, "rb") as file:
        status, out, err = run("trace", "-i", "-", "-N", "blue", stdin=file)
    T.ok(status == 2 and not out and "pipe" in err and err.count("\n") == 1,
         "-N: from a pipe, names come too late", status, out, err)
    with open(path, "rb") as file:
        status, out, err = run("explain", "--failed", "-i", path, "-N", "blue", stdin=file)
    T.equal((status, out, err), run("explain", "--failed", "-i", path),
            "explain -N finds what it finds without")
    twice = save_named("twice", more=[(7, b"red"), (8, b"white"), (8, b"white")])
    for name, said in (("green", 1), ("red", 1), ("blue", 0), ("white", 0)):
        status, _, err = run("trace", "--json", "-i", twice, "-N", name)
        T.equal((status, err.count("red"), err.count("as well")), (0, said, said),
                f"-N {name}: that a number was another's as well is said", err)
    many = save_named("many", more=[(100 + i, b"green") for i in range(64)])
    status, out, err = run("trace", "--json", "-i", many, "-N", "green")
    T.ok(status == 2 and not out and "too many" in err and err.count("\n") == 1,
         "-N: more of a name than there is room for", status, out, err)
    status, _, err = run("diff", path, path, "-N", "blue")
    T.equal(status, 0, "diff -N: each recording has its names", err)


def main():
    with tempfile.TemporaryDirectory() as folder:
        pipes(folder)
        waiting(folder)
        parts(folder)
        begins(folder)
        contradictions(folder)
        losses(folder)
        years(folder)
        bounds(folder)
        named(folder)
    T.done()
    return 1 if T.failed else 0


sys.exit(main())
