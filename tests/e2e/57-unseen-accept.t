#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Accepts and connects that no system call of this machine's own kind makes: whose they are."""
import contextlib
import socket

from odd_calls import Ring, accept_32bit
from traffic import connect, listen, port_of
from world import *

COUNT = 3


def take(listener, accept, count):
    """Accepts and serves `count` connections; the last one stays."""
    with contextlib.suppress(ConnectionResetError):
        for at in range(count):
            held = accept(listener)
            held.recv(1)
            held.sendall(b"y")
            if at < count - 1:
                held.close()
    return held.recv(1) == b""


def take_by_ring(count):
    listener = listen(port=45007)
    ring = Ring()
    return take(listener, ring.accept, count)


def take_by_32bit(count):
    return take(listen(port=45009), accept_32bit, count)


def visit_by_ring(port, count):
    ring = Ring()
    for _ in range(count):
        with socket.socket() as client:
            ring.connect(client, "127.0.0.1", port)
            client.sendall(b"x")
            client.recv(1)


def visit(port, count):
    """Waits for the listener; the last connection is kept open until the others are over."""
    for at in range(count):
        while True:
            try:
                client = connect("127.0.0.1", port)
                break
            except ConnectionRefusedError:
                continue
        client.sendall(b"x")
        client.recv(1)
        if at < count - 1:
            client.close()
    return client


def owners(run, **fields):
    return {(line["pid"], line["comm"], line["process"], line["owner_source"])
            for line in where(run.connections, **fields)}


def flaw_of(w, function):
    """Why this kernel has no such call, or None."""
    try:
        w.fork(lambda: function() and None).result()
    except RuntimeError as error:
        return str(error).strip().splitlines()[-1]
    return None


def try_32bit():
    listener = listen()
    client = connect("127.0.0.1", port_of(listener))
    accept_32bit(listener).close()
    client.close()


def story(w, t):
    for name, function, serve, port in (("io_uring", Ring, take_by_ring, 45007),
                                        ("a 32-bit program", try_32bit, take_by_32bit, 45009)):
        flaw = flaw_of(w, function)
        if flaw:
            t.skip(f"accepted by {name}", flaw)
            continue
        with w.traces(("trace", "--open", "--json", "-N", "self"),
                      (*LINES, "-c", "server"),
                      ("listeners", "--watch", "--json", "-N", "self")) as (seen, picked, kept):
            server = w.fork(serve, COUNT, comm="server")
            client = visit(port, COUNT)
        client.close()
        server.result()
        rung = seen.summary["hooks"]["accept"]
        source = "listener" if rung in (None, "tracepoint") else "process"
        t.equal(owners(seen, role="server", lport=port),
                {(server.pid, "server", "server", source)},
                f"accepted by {name}: the process's, not a thread of the kernel's ({source})")
        t.equal(len(where(seen.connections, role="server", lport=port)), COUNT,
                "the one that lives as well as those that ended")
        t.equal([line["role"] for line in picked.connections], ["server"] * (COUNT - 1),
                "and a filter by its name finds those that ended")
        t.equal([(line["accepted"], line["never_accepted"]) for line in
                 where(kept.lines, type="listener", lport=port, change=None)],
                [(COUNT if source == "process" else COUNT - 1, 0)],
                "none is said to have been left unaccepted")
    flaw = flaw_of(w, Ring)
    if flaw:
        t.skip("connected by io_uring", flaw)
        return
    listener = listen()
    with w.trace(*LINES) as seen:
        client = w.fork(visit_by_ring, port_of(listener), COUNT, comm="ringer")
        for _ in range(COUNT):
            held = listener.accept()[0]
            held.recv(1)
            held.close()
        client.result()
    t.equal(owners(seen, role="client"), {(client.pid, "ringer", "ringer", "process")},
            "connected by io_uring: the process's, not iou-wrk's")


run(story, limit=90)
