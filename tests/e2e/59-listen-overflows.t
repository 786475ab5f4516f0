#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""SYNs that a full accept queue drops make no request: the kernel's counters tell of them."""
import os
import tempfile
import time

from peer import Peer
from tracer import parse_lines, run as replay
from traffic import listen, port_of
from world import *

ROOM = 2  # connections in the queue of a listener of backlog 1
MORE = 7


def fill(peer, port):
    for _ in range(ROOM):
        peer.flow(port).open()


def knock(peer, port, count):
    """SYNs that are sent once; returns when the kernel has counted them."""
    moved = Deltas()
    for _ in range(count):
        peer.flow(port).send(SYN)
    for _ in range(1000):
        if moved["ListenDrops"] >= count:
            break
        time.sleep(0.01)


def elsewhere():
    """The same in another namespace, which nobody traces."""
    moved, peer = Deltas(), Peer()
    listener = listen(KERNEL[IPV4], backlog=1)
    fill(peer, port_of(listener))
    knock(peer, port_of(listener), MORE)
    return moved["ListenOverflows"]


def counts(tracer):
    found = tracer.summary
    return [found[name] for name in ("listen_overflows", "listen_drops", "listen_quality")]


def story(w, t):
    sysctl("ipv4.tcp_syncookies", 0)
    peer, listener = w.peer(), listen(KERNEL[IPV4], backlog=1)
    fill(peer, port_of(listener))
    knock(peer, port_of(listener), MORE)
    file = os.path.join(tempfile.mkdtemp(), "recording")
    recorder = Tracer(("record", "-o", file, "-N", "self", "--json"), w.patience).wait_ready()
    with w.traces(LINES, HIST, ("hist", "-N", "self"), LINES) as (lines, hist, text, quiet):
        moved = Deltas()
        quiet.stop()
        knock(peer, port_of(listener), MORE)
        t.equal(w.fork(elsewhere, own_namespace=True).result(), MORE, "as many elsewhere")
        kernel = [moved["ListenOverflows"], moved["ListenDrops"]]

    recorder.stop()
    t.equal(kernel, [MORE, MORE], "the kernel has counted those that came during the trace")
    t.equal(counts(lines), [*kernel, "exact"], "trace tells the same")
    t.equal(counts(hist), [*kernel, "exact"], "hist, too")
    t.equal(counts(quiet), [0, 0, "exact"], "a trace that ended before: 0, which is known")
    t.equal([line["type"] for line in lines.of("half_open")], [], "and no request tells of them")
    t.ok(b"accept queue overflow\n  count 7, of 7 segments that listeners dropped\n" in text.out,
         "hist says so for people", text.out.decode())
    t.ok("Listeners dropped 7 segments, 7 by a full accept queue." in text.err,
         "on standard error, too", text.err)

    t.equal(counts(recorder), [*kernel, "exact"], "so does record")
    for args, want in (((), [*kernel, "exact"]), (("-N", str(w.netns)), [None, None, "unknown"])):
        replayed, flaws = parse_lines(replay("hist", "--json", "-i", file, *args).out)
        t.none(flaws, "the recording can be read")
        found = replayed[-1]
        t.equal([found[name] for name in ("listen_overflows", "listen_drops", "listen_quality")],
                want, f"a recording tells, with {args}")

    gone = w.fork(time.sleep, 600, own_namespace=True, held=True)
    with w.traces(("trace", "--json", "-N", str(gone.netns()))) as (lost,):
        gone.kill()
    t.equal(counts(lost), [None, None, "unknown"], "a namespace that is gone has told nothing")


run(story)
