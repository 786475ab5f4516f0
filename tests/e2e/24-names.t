#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A service has one name and many threads, each with its own: who asks for either finds it."""
import contextlib
import threading
import time

from namespace import set_comm
from stuck import Look
from traffic import connect, free_port, listen, port_of
from world import *

THREADS, EACH = 5, 3


def work(at, port, closed, all_there):
    """A thread that visits its own process's listener, and one where nobody listens."""
    set_comm(f"pool-{at}")
    all_there.wait()
    for _ in range(EACH):
        with connect("127.0.0.1", port) as client:
            client.sendall(b"x")
            client.recv(1)
    for _ in range(at % 2):
        with contextlib.suppress(ConnectionRefusedError):
            connect("127.0.0.1", closed)


def answer(listener, held):
    """Serves them all; the last one is never closed."""
    set_comm("acceptor-1")
    for _ in range(THREADS * EACH):
        held.append(listener.accept()[0])
        held[-1].recv(1)
        held[-1].sendall(b"y")
        if len(held) < THREADS * EACH:
            held[-1].close()


def service(port, closed):
    listener, held = listen(port=port), []
    all_there = threading.Barrier(THREADS)
    threads = [threading.Thread(target=answer, args=(listener, held))]
    threads += [threading.Thread(target=work, args=(at, port, closed, all_there))
                for at in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    set_comm("renamed")  # this thread is the process's first
    idle = threading.Thread(target=lambda: (set_comm("idler"), time.sleep(60)), daemon=True)
    idle.start()
    time.sleep(60)


def story(w, t):
    port, closed = free_port(), free_port()
    by = [("hist", "--json", "--by", key, "-N", "self") for key in ("comm", "thread")]
    with w.traces(LINES, (*LINES, "-c", "service"), (*LINES, "-c", "pool-2"), *by) as (
            seen, whole, one, by_comm, by_thread):
        child = w.fork(service, port, closed, comm="service")
        while not Look().lines:
            time.sleep(0.05)
        whole_look, thread_look, nobody = Look("-c", "renamed"), Look("-c", "idler"), \
            Look("-c", "pool-2")
        child.kill()

    clients = where(seen.connections, role="client", rport=port)
    servers = where(seen.connections, role="server")
    t.equal({(line["comm"], line["process"]) for line in clients},
            {(f"pool-{at}", "service") for at in range(THREADS)},
            "a thread's connection has its name, and the process's")
    t.equal({(line["comm"], line["process"]) for line in servers}, {("acceptor-1", "service")},
            "so has one that was accepted")
    t.equal(len(whole.connections), len(seen.connections), "-c finds all of a process by its name")
    t.equal({line["comm"] for line in one.connections}, {"pool-2"}, "or those of a thread")
    t.equal(len(one.connections), EACH, "and no more")
    found = by_comm.histogram("handshake_client", comm="service")
    t.equal(found and found["count"], THREADS * EACH, "a group for the service")
    found = by_thread.histogram("handshake_client", thread="pool-3")
    t.equal(found and found["count"], EACH, "or one for each of its threads")
    rows = seen.of("failure")
    t.equal([(row["count"], row["process"], row["comm"]) for row in rows],
            [(THREADS // 2, "service", None)], "failures are the service's, whatever thread's")
    for look, name in ((whole_look, "its process's name"), (thread_look, "any thread's name")):
        t.equal([(line["pid"], line["comm"], line["process"]) for line in look.lines],
                [(child.pid, "renamed", "renamed")], f"stuck finds a socket by {name}")
    t.equal((nobody.lines, nobody.status), ([], 0), "but not by that of a thread that is gone")


run(story, needs=("accept",))
