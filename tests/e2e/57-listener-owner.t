#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Where no hook sees who accepts, a server's connection has its listener's owner, marked."""
import os
import socket
import tempfile
import time

import tracer
from traffic import listen, port_of, serve, visit
from world import *

COUNT = 3
BLIND = ("--attach", "tp_btf")  # accept has no rung of this kind


def open_and_serve(port, count):
    """A listener that is made while the tracer looks on."""
    serve(listen(port=port), count)


def await_and_visit(port, count):
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.01)
    visit("127.0.0.1", port, count)


def share(port, ready):
    """One of several listeners on a port, in processes of one name; until it is killed."""
    listener = listen(port=port, options=((socket.SOL_SOCKET, socket.SO_REUSEPORT, 1),))
    os.write(ready, b"!")
    while True:
        listener.accept()[0].close()


def owners(tracer, lport):
    return {(line["pid"], line["comm"], line["owner_source"])
            for line in where(tracer.connections, role="server", lport=lport)}


def story(w, t):
    inherited = listen()
    ports = [45001, 45003]
    file = os.path.join(tempfile.mkdtemp(), "recording")
    recorder = tracer.Tracer(("record", "-o", file, "-N", "self", *BLIND), w.patience)
    recorder.wait_ready()
    filtered = (*LINES, *BLIND, "-c", "fresh")
    by_comm = ("hist", "--json", "--by", "comm", "-N", "self", *BLIND)
    text = ("trace", "-N", "self", *BLIND)
    with w.traces((*LINES, *BLIND), filtered, by_comm, text, LINES) as (
            lines, picked, hist, words, sighted):
        fresh = w.fork(open_and_serve, ports[0], COUNT + 1, comm="fresh")
        visitor = w.fork(await_and_visit, ports[0], COUNT, comm="visitor")
        visitor.result()
        fresh.result()
        worker = w.fork(serve, inherited, COUNT, comm="worker")
        w.fork(visit, "127.0.0.1", port_of(inherited), COUNT, comm="visitor").result()
        worker.result()
        wait, ready = os.pipe()
        for _ in range(2):
            w.fork(share, ports[1], ready, comm="share")
            os.read(wait, 1)
        visit("127.0.0.1", ports[1], COUNT)
    recorder.stop()
    me = os.getpid()
    with open("/proc/self/comm", encoding="ascii") as comm:
        my_name = comm.read().strip()

    t.equal(lines.summary["hooks"]["accept"], None, "no hook sees who accepts")
    t.equal(owners(lines, ports[0]), {(fresh.pid, "fresh", "listener")},
            "whose listener came during the trace: who called listen")
    t.equal(owners(lines, port_of(inherited)), {(me, my_name, "listener")},
            "of one that was there: who holds it, though another accepts")
    t.equal(owners(lines, ports[1]), {(None, "share", "listener")},
            "of several on one port: the name that they have in common")
    t.equal({(line["comm"], line["owner_source"])
             for line in where(lines.connections, role="client", comm="visitor")},
            {("visitor", "process")}, "a client's owner is its own")
    t.equal(owners(sighted, port_of(inherited)), {(worker.pid, "worker", "process")},
            "where accept is seen, it is who accepted")
    t.equal({(line["role"], line["comm"]) for line in picked.connections}, {("server", "fresh")},
            "a filter takes the mark for the owner")
    found = hist.histogram("handshake_server", comm="fresh", owner_source="listener")
    t.equal(found and found["count"], COUNT + 1, "a histogram by comm has a group of its own")
    t.ok(b" ~fresh " in words.out and b" visitor " in words.out, "text has a mark in front",
         words.out.decode())
    replayed = tracer.Run(*tracer.run("trace", "--json", "-i", file))
    again, flaws = tracer.parse_lines(replayed.out)
    t.none(flaws, "the recording can be read")
    t.equal({(line["pid"], line["comm"], line["owner_source"])
             for line in where(again, type="connection", role="server",
                               lport=port_of(inherited))}, {(me, my_name, "listener")},
            "and tells the same")
    t.none(tracer.summary_flaws(again), "its summary adds up")
    for args, wanted in ((("-c", "fresh"), [(ports[0], "fresh")]), (("-c", "nobody"), []),
                         (("-p", str(fresh.pid)), [(ports[0], "fresh")])):
        out = tracer.run("listeners", "--json", "-i", file, *args).out
        t.equal([(line["lport"], line["comm"])
                 for line in where(tracer.parse_lines(out)[0], type="listener")], wanted,
                f"{args[0]} finds a listener that is gone by whom it is told with")


run(story, limit=90)
