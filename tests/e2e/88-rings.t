#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Two rings, one for each group of processors, tell what one ring tells, and in the same order.

The ends of a connection are on two processors, and what happens to either end happens on both: its
steps come out of two rings.
"""
import contextlib
import ctypes
import mmap
import os
import platform
import re
import socket

from traffic import abort, listen, port_of
from world import *

COUNT, ABORTED = 499, 53  # connections from each processor to the other
RINGBUF = 27              # enum bpf_map_type
PIDFD_OPEN, PIDFD_GETFD = 434, 438
STEPS = (*EVENTS, "--rings")
LIVES = (*LINES, "--rings")
COUNTS = (*HIST, "--rings")
# Each tracer's programs look at the clock for themselves, and number what they see.
OWN = ("id", "time", "start_time", "end_time")

_libc = ctypes.CDLL(None, use_errno=True)


def serve(cpu, listener, count):
    """Accepts on one processor; of every connection the client closes first."""
    os.sched_setaffinity(0, {cpu})
    for _ in range(count):
        server = listener.accept()[0]
        server.sendall(b"y")
        try:
            while server.recv(100):
                pass
        except ConnectionResetError:
            pass
        server.close()
    return count


def visit(cpu, port):
    """Connects from one processor: COUNT that end in order, and some that do not. None ends before
    all tracers have seen it accepted."""
    os.sched_setaffinity(0, {cpu})
    for i in range(COUNT + ABORTED):
        client = socket.create_connection(("127.0.0.1", port))
        client.recv(1)
        if i < COUNT:
            client.sendall(b"x")
            client.close()
        else:
            abort(client)
    return COUNT + ABORTED


def written(pid):
    """How many bytes were ever written into each ring of a process."""
    found, pidfd = [], _libc.syscall(PIDFD_OPEN, pid, 0)
    for fd in sorted(map(int, os.listdir(f"/proc/{pid}/fdinfo"))):
        text = ""
        # What it has opened for a moment is gone.
        with contextlib.suppress(FileNotFoundError), \
                open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as info:
            text = info.read()
        if not re.search(rf"^map_type:\s*{RINGBUF}$", text, re.M):
            continue
        mine = _libc.syscall(PIDFD_GETFD, pidfd, fd, 0)
        number = re.search(r"^map_id:\s*(\d+)", text, re.M).group(1)
        with mmap.mmap(mine, mmap.PAGESIZE, mmap.MAP_SHARED, mmap.PROT_READ,
                       offset=mmap.PAGESIZE) as page:
            found.append((number, int.from_bytes(page[:8], "little")))
        os.close(mine)
    os.close(pidfd)
    return list(dict(found).values())


def without_times(value):
    """What a line says, but for when."""
    if isinstance(value, dict):
        return {key: without_times(each) for key, each in value.items()
                if key not in OWN and not key.endswith("_ns")}
    return [without_times(each) for each in value] if isinstance(value, list) else value


def by_ends(lines):
    """{(local port, remote port): [what each line says, in order]}"""
    found = {}
    for line in lines:
        found.setdefault((line["lport"], line["rport"]), []).append(without_times(line))
    return found


def same(t, one, two, name, lines):
    """The same of each connection, but for those that either tracer says it has not seen whole."""
    want, got = by_ends(lines(one)), by_ends(lines(two))
    hurt = sum(each.summary["connections"]["incomplete"] for each in (one, two))
    t.few([f"{key}: {want.get(key)}, {got.get(key)}" for key in set(want) | set(got)
           if want.get(key) != got.get(key)], hurt, f"{name}: the same of each connection")
    for each in (one, two):
        events = each.summary["events"]
        t.equal((events["seen"], events["received"], events["ring_full"], events["malformed"]),
                (events["filtered"] + events["submitted"], events["submitted"], 0, 0),
                f"{kind_of(each)}: every event is accounted for, and none is lost")


def kind_of(each):
    """What makes this run different."""
    return " ".join(each.args[:1] + each.args[-2:])


def story(w, t):
    cpus = sorted(os.sched_getaffinity(0))[:2]
    if os.cpu_count() < 2 or len(cpus) < 2:
        with w.trace(*LIVES, "2") as seen:
            pass
        t.ok("--rings 2 is more than there are processors (1)" in seen.err,
             "one processor has one ring, which is said", seen.err)
        raise Skip("it takes two processors")
    listeners = [listen(backlog=256) for _ in cpus]
    each_makes = COUNT + ABORTED
    with w.traces((*STEPS, "1"), (*STEPS, "2"), (*LIVES, "1"), (*LIVES, "2"),
                  (*COUNTS, "1"), (*COUNTS, "2"), live=True) as runs:
        servers = [w.fork(serve, cpu, listener, each_makes)
                   for cpu, listener in zip(cpus, listeners)]
        clients = [w.fork(visit, cpu, port_of(listener))
                   for cpu, listener in zip(reversed(cpus), listeners)]
        t.equal([each.result() for each in clients + servers], [each_makes] * 4,
                "connections are made across the processors")
        rings = [written(each.pid) for each in runs] if platform.machine() == "x86_64" else []
    for each, sizes in zip(runs, rings):
        t.ok(len(sizes) == int(each.args[-1]) and all(sizes),
             f"{kind_of(each)}: it has so many rings, and all are written into", sizes)
    steps, lives, counts = runs[:2], runs[2:4], runs[4:]
    same(t, *steps, "steps", lambda each: each.of("transition"))
    same(t, *lives, "lives", lambda each: each.connections)
    for each in steps:
        hurt = each.summary["connections"]["incomplete"]
        t.few(flaws_of(each.chains()), hurt, f"{kind_of(each)}: each chain is whole")
    values = [{line["name"]: line["count"] for line in each.of("histogram") if line["count"]}
              for each in counts]
    hurt = sum(each.summary["connections"]["incomplete"] for each in counts)
    t.few([f"{name}: {values[0].get(name)}, {values[1].get(name)}"
           for name in set(values[0]) | set(values[1])
           if abs(values[0].get(name, 0) - values[1].get(name, 0)) > hurt], 0,
          "hist: as many values")
    opened = [each.summary["connections"]["opened"] for each in runs]
    t.note(f"opened: {opened}; bytes written into each ring: {rings}")


run(story, limit=90)
