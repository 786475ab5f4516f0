#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What root records is root's: nobody chooses where it goes, reads it, or learns from it."""
import os
import socket
import stat
import struct
import subprocess
import tempfile

import tracer
import tsp
from namespace import set_comm
from tracer import Replay
from traffic import finish, listen, pair
from world import *

COUNT, FEW = 211, 3
ADDRESS = "198.51.100.77"
NOBODY = 65534
ROTATE = 64 << 10
HIDDEN = 0x80
KERNEL = 0xffff
VICTIM = "root's own, and not to be touched"


def traffic(count):
    listener = listen(backlog=512)
    for _ in range(count):
        finish(*pair(listener))
    listener.close()


def story(w, t):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o1777)
        os.umask(0)
        private(w, t, folder)
        secrets(w, t, folder)
        redacted(w, t, folder)
        tricks(t, folder)
        parts(w, t, folder)


def private(w, t, folder):
    """A file for its owner alone, also where an older one was."""
    path = f"{folder}/recording"
    for when in ("a new file", "one in the place of an older"):
        before = os.stat(path).st_ino if os.path.exists(path) else None
        with w.traces(("record", "-N", "self", "-o", path)):
            t.equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, f"{when} is its owner's alone")
            traffic(COUNT if before else 1)
        t.ok(os.stat(path).st_ino != before, f"{when} is a new one")
        t.equal(tracer.run("check", "-i", path).status, 0, f"{when} is whole")
    t.equal(os.listdir(folder), ["recording"], "and nothing is left beside")
    t.equal(tracer.run("check", "-i", path, user=NOBODY).status, 2, "others cannot read it")


def secrets(w, t, folder):
    """No address of the kernel, and the same socket is the same in all records of it."""
    if not tsp.zstd():
        t.skip("no address of the kernel", "there is no libzstd.so.1 to unpack a recording with")
        return
    recording = tsp.Recording(open(f"{folder}/recording", "rb").read())
    records = list(recording.records())
    t.ok(len(records) > COUNT * 8, "the recording has records of each connection", len(records))
    found = []
    for record in records:
        # Sequence numbers may be any.
        for at in range(0, len(record) - tsp.sequences_size(record) - 7, 8):
            word, = struct.unpack_from("=Q", record, at)
            if word >> 48 == KERNEL and word != 2**64 - 1:
                found.append((record[tsp.KIND_AT], at, hex(word)))
    t.none(found, "nothing in them looks like an address of the kernel")
    socks = [struct.unpack_from("=Q", record, 8)[0] for record in records]
    t.equal({sock >> 56 for sock in socks}, {HIDDEN}, "what names a socket is a hash")
    t.ok(len(set(socks)) < len(records) / 3, "of which records of one socket share one",
         len(set(socks)), len(records))


def redacted(w, t, folder):
    """Nothing in it, nor what is told of it, says who it was."""
    whose, host, path = "e2e-redacted", socket.gethostname(), f"{folder}/redacted"
    there = Replay(("trace", "--json"))
    child = w.fork(named_traffic, whose, held=True)
    with w.traces(("record", "--redact", "-N", "self", "-o", path),
                  ("record", "-N", "self", "-o", f"{path}-not")):
        child.go().result()
    lines = there.play(path).of("connection")
    t.equal(len(lines), 2 * FEW, "a redacted recording has all connections")
    t.equal(({line["comm"] for line in lines}, {line["laddr"] for line in lines}),
            ({"comm-1"}, {"240.0.0.1"}), "without names and addresses")
    known = where(Replay(("trace", "--json")).play(f"{path}-not").of("connection"), comm=whose)
    t.equal(({line["laddr"] for line in known}), {ADDRESS}, "which are there without --redact")
    t.ok(host not in tracer.run("check", "-i", path).out.decode(), "nor of the machine")
    if tsp.zstd():
        raw = b"".join(tsp.Recording(open(path, "rb").read()).records())
        t.equal([word in raw for word in (whose.encode(), socket.inet_aton(ADDRESS))],
                [False, False], "not in its records either")
    for name in (path, f"{path}-not"):
        os.unlink(name)


def named_traffic(name):
    set_comm(name)
    subprocess.run(["ip", "addr", "add", f"{ADDRESS}/32", "dev", "lo"], check=True)
    listener = listen(ADDRESS)
    for _ in range(FEW):
        finish(*pair(listener, ADDRESS))


def tricks(t, folder):
    """Somebody knows the name before: it is not followed, adopted, waited for or written to."""
    victim = f"{folder}/victim"
    with open(victim, "w", encoding="ascii") as file:
        file.write(VICTIM)
    os.chmod(victim, 0o600)

    def theirs(name, make):
        path = f"{folder}/{name}"
        make(path)
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        return path

    def plain(path):
        open(path, "wb").close()
        os.chmod(path, 0o666)

    def refused(path, what, name):
        done = tracer.run("record", "-d", "1", "-N", "self", "-o", path)
        t.ok(done.status == 2 and what in done.err.decode() and len(done.err.splitlines()) == 1,
             name, done)
    refused(theirs("link", lambda path: os.symlink(victim, path)), "symbolic link", "a link")
    refused(theirs("hole", lambda path: os.symlink(f"{folder}/made", path)), "symbolic link",
            "a link to nothing")
    refused(theirs("file", plain), "somebody else", "a file of others")
    refused(theirs("pipe", lambda path: os.mkfifo(path, 0o666)), "somebody else",
            "a pipe of others that nobody reads")
    os.link(victim, f"{folder}/name")
    refused(f"{folder}/name", "other names", "a file with two names")
    with open(victim, encoding="ascii") as file:
        t.equal(file.read(), VICTIM, "the victim is as it was")
    t.ok(not os.path.exists(f"{folder}/made"), "and nothing was made at the end of a link")
    os.unlink(f"{folder}/name")
    # The twin: what is harmless is taken.
    done = subprocess.run(["sh", "-c", f'mkfifo -m 600 {folder}/own && cat {folder}/own >{folder}/'
                           f'copy & sleep 0.3; "$0" record -N self -d 1 -o {folder}/own; wait',
                           tracer.program()], stderr=subprocess.PIPE, check=False, timeout=30)
    t.equal((done.returncode, tracer.run("check", "-i", f"{folder}/copy").status), (0, 0),
            "a pipe of one's own that somebody reads is taken") or t.note(done.stderr)
    t.equal(tracer.run("record", "-N", "self", "-d", "1", "-o", "/dev/null").status, 0,
            "and so is a device of root's")


def parts(w, t, folder):
    """Parts are always new: one that is there ends the recording, and is as it was."""
    victim, path = f"{folder}/victim", f"{folder}/parts"
    os.symlink(victim, f"{path}.000001")
    run_ = Tracer(("record", "-N", "self", "-o", path, "--rotate", str(ROTATE)), w.patience)
    run_.wait_ready()
    for _ in range(50):
        if run_.process.poll() is not None:
            break
        traffic(COUNT)
    run_.wait(10)
    t.ok(run_.status == 2 and "written over" in run_.err and "kept" in run_.err,
         "a part that is there already ends the recording", run_.status, run_.err)
    with open(victim, encoding="ascii") as file:
        t.equal(file.read(), VICTIM, "it was not followed")
    done = tracer.run("trace", "--json", "-i", f"{path}.000000")
    t.equal(done.status, 0, "and what was recorded until then can be read") or t.note(done.err)
    done = tracer.run("record", "-N", "self", "-d", "1", "-o", path, "--rotate", str(ROTATE))
    t.ok(done.status == 2 and b"written over" in done.err,
         "parts of an earlier recording are not written over", done)


run(story, limit=120)
