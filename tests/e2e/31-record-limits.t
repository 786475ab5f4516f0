#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A recording that must stop, wait or make room: what is kept is whole, the rest is counted."""
import json
import os
import signal
import subprocess
import tempfile
import time

import namespace
import tracer
from traffic import finish, listen, pair
from world import *

MANY = 2003
SOME = 499
ROTATE = 64 << 10
QUEUE = "512K"


def traffic(count):
    listener = listen(backlog=512)
    for _ in range(count):
        finish(*pair(listener))
    listener.close()


def replay(*args, stdin=None):
    """(status, connection lines, summary, standard error) of `trace --json` on a recording."""
    done = subprocess.run([tracer.program(), "trace", "--json", *args], stdin=stdin, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    lines, flaws = tracer.parse_lines(done.stdout)
    assert not flaws, flaws
    summary = lines[-1] if lines else {}
    return (done.returncode, where(lines, type="connection"), summary, done.stderr.decode())


def story(w, t):
    # Beyond it sockets end without TIME_WAIT, and answer with a reset.
    sysctl("ipv4.tcp_max_tw_buckets", 1 << 18)
    with tempfile.TemporaryDirectory() as folder:
        rotation(w, t, folder)
        killed(w, t, folder)
        full_disk(w, t, folder)
        unprinted(w, t, folder)
        slow_reader(w, t, folder)
        reader_that_left(w, t)


def rotation(w, t, folder):
    """Parts of a size; all of them are the whole, and the last ones can be kept alone."""
    parts, kept = f"{folder}/parts", f"{folder}/kept"
    with w.traces(("record", "-N", "self", "-o", parts, "--rotate", str(ROTATE)),
                  ("record", "-N", "self", "-o", kept, "--rotate", str(ROTATE), "--keep", "2")):
        traffic(MANY)
    names = sorted(f"{folder}/{name}" for name in os.listdir(folder) if name.startswith("parts."))
    t.ok(len(names) > 2, "there are several parts", names)
    t.none([(name, os.path.getsize(name)) for name in names if os.path.getsize(name) > ROTATE],
           "none is larger than it may be")
    status, found, summary, said = replay("-i", *reversed(names))
    t.equal((status, len(found), len({line["id"] for line in found})), (0, 2 * MANY, 2 * MANY),
            "together, in whatever order, they hold every end") or t.note(said)
    t.equal(tracer.summary_flaws([summary]), [], "their sums add up")
    t.equal((summary["connections"]["incomplete"], summary["gaps"]), (0, 0),
            "nothing is lost between them")
    joined = subprocess.Popen(["cat", *names], stdout=subprocess.PIPE)
    again = replay("-i", "-", stdin=joined.stdout)
    joined.stdout.close()
    joined.wait()
    t.equal(again, (status, found, summary, said), "so they do one behind the other in a pipe")
    status, found, summary, said = replay("-i", names[1])
    t.ok(status == 0 and 0 < len(found) < 2 * MANY, "one part alone can be read", status, said)
    t.equal(tracer.summary_flaws([summary]), [], "its sums add up")
    status, _, _, said = replay("-i", names[0], names[2])
    t.ok(status == 2 and "missing" in said, "a part that is missing is told of", status, said)
    last = sorted(name for name in os.listdir(folder) if name.startswith("kept."))
    t.equal((len(last), last[0] > "kept.000000"), (2, True), "two parts were kept, the last ones")
    status, found, _, said = replay("-i", *(f"{folder}/{name}" for name in last))
    t.ok(status == 0 and found, "and can be read", status, said)


def killed(w, t, folder):
    """Killed without warning: what is older than a second or two is there."""
    path = f"{folder}/killed"
    run_ = Tracer(("record", "-N", "self", "-o", path), w.patience).wait_ready()
    traffic(SOME)
    deadline = time.monotonic() + 10 * w.patience
    while os.path.getsize(path) < 2000 and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1.5)
    run_.kill()
    status, found, summary, said = replay("-i", path)
    t.equal((status, len(found)), (2, 2 * SOME), "killed: all that was written is read") or \
        t.note(said)
    t.ok("cut short" in said and "records were read" in said, "and the end is told of", said)
    t.equal(tracer.summary_flaws([summary]), [], "the sums add up")


def full_disk(w, t, folder):
    """No space left: one sentence, a status, and a file that is whole as far as it goes."""
    place = f"{folder}/small"
    os.mkdir(place)
    script = (f"mount -t tmpfs -o size=96k none {place} && cd {place} && "
              '{ "$0" record -N self -o full --json; echo "status $?"; '
              '"$0" trace --json -i full; echo "status $?"; '
              '"$0" check -i full >/dev/null; echo "status $?"; "$0" hist -i full >/dev/null; }')
    run_ = subprocess.Popen(["sh", "-c", script, tracer.program()],
                            preexec_fn=namespace.own_mounts,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said, deadline = b"", time.monotonic() + 30 * w.patience
    os.set_blocking(run_.stderr.fileno(), False)
    while b"Recording" not in said and time.monotonic() < deadline:
        said += os.read(run_.stderr.fileno(), 4096) if _ready(run_.stderr) else b""
    os.set_blocking(run_.stderr.fileno(), True)
    while run_.poll() is None and time.monotonic() < deadline and not _ready(run_.stdout):
        traffic(97)
    out, err = run_.communicate(timeout=30 * w.patience)
    lines = out.splitlines()
    t.ok("No space left" in err and "kept" in err, "a full disk is told of in one sentence", err)
    ends = [at for at, line in enumerate(lines) if line.startswith("status")]
    t.equal([lines[at] for at in ends], ["status 2", "status 0", "status 2"],
            "recording fails; what was recorded can be read, and is not all that happened") \
        or t.note(out[-500:], err)
    recorded = json.loads(lines[ends[0] - 1])
    again = json.loads(lines[ends[1] - 1])
    t.ok(recorded["events"]["dropped"] > 0, "what did not fit is counted", recorded["events"])
    t.ok(0 < recorded["recording"]["records"] ==
         again["events"]["received"] - again["events"]["dropped"],
         "and what did is read", recorded, again["events"])
    t.equal(again["events"]["dropped"], recorded["events"]["dropped"],
            "which knows how much did not")
    t.equal(err.count("nothing more could be written"), 1, "and why") or t.note(err)


def unprinted(w, t, folder):
    """The file is good, and what is said of it cannot be written."""
    path = f"{folder}/unprinted"
    with open("/dev/full", "wb") as full:
        run_ = Tracer(("record", "-N", "self", "-o", path, "--json"), w.patience, stdout=full)
        run_.wait_ready()
        traffic(7)
        run_.stop()
    t.equal((run_.status, "standard output cannot be written" in run_.err), (2, True),
            "a summary that cannot be written is told of") or t.note(run_.err)
    t.equal(replay("-i", path)[0], 0, "and the recording is whole")


def _ready(file):
    import select
    return bool(select.select([file], [], [], 0.05)[0])


def slow_reader(w, t, folder):
    """A reader that stands still: the ring is emptied all the same, and what is lost is counted."""
    path = f"{folder}/slow"
    with open(path, "wb") as sink:
        reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=sink)
        run_ = Tracer(("record", "-N", "self", "-o", "-", "--queue", QUEUE), w.patience,
                      stdout=reader.stdin)
        run_.wait_ready()
        reader.stdin.close()
        traffic(SOME)
        reader.send_signal(signal.SIGSTOP)
        for _ in range(12):
            traffic(SOME)
        reader.send_signal(signal.SIGCONT)
        time.sleep(0.3)
        traffic(SOME)
        run_.stop()
        reader.wait()
    t.equal(run_.status, 0, "the recorder ends well") or t.note(run_.err)
    t.ok("NOT RECORDED" in run_.err and "LOST" not in run_.err,
         "it says what was not recorded, and the ring lost nothing", run_.err)
    status, found, summary, said = replay("-i", path)
    events = summary["events"]
    t.equal(status, 0, "the recording is whole") or t.note(said)
    t.ok(events["dropped"] > 0 and events["ring_full"] == 0, "and knows what it lacks", events)
    t.equal(tracer.summary_flaws([summary]), [], "the sums add up")
    t.ok(summary["connections"]["incomplete"] > 0 or len(found) < 2 * 14 * SOME,
         "as the connections show", summary["connections"])
    whole = [line for line in found if line["complete"]]
    t.none([(line["close"], states_of(line)) for line in whole
            if line["close"]["outcome"] != "closed"],
           "those that call themselves complete are so")


def reader_that_left(w, t):
    """A reader that leaves ends the recording quietly."""
    reader = subprocess.Popen(["head", "-c", "2000"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL)
    run_ = Tracer(("record", "-N", "self", "-o", "-"), w.patience, stdout=reader.stdin).wait_ready()
    reader.stdin.close()
    traffic(MANY)
    run_.wait(10)
    reader.wait()
    t.equal((run_.status, "cannot be written" in run_.err), (0, False),
            "a reader that left is no error") or t.note(run_.err)
    reader, writer = os.pipe()
    run_ = Tracer(("record", "-N", "self", "-o", "-"), w.patience, stdout=writer).wait_ready()
    os.close(writer)
    os.close(reader)
    traffic(1)
    run_.wait(10)
    t.equal((run_.flaws(), "faster disk" in run_.err), ([], False),
            "it is noticed even if nothing happens any more") or t.note(run_.err)


run(story, limit=120)
