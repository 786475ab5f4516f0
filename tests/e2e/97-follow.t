#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""With --follow a process is asked for with its children, and theirs, older and younger ones."""
import json
import os
import signal
import tempfile
import threading

import tracer
from stuck import Puppet
from traffic import connect, finish, listen, port_of
from world import *

CHILDREN, THREADS = 7, 3


def visit(port):
    """One connection from here."""
    connect("127.0.0.1", port).close()
    return os.getpid()


def in_child(function, *args):
    """Runs it in a process of its own; gives what it returns, a number."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        os.write(writer, b"%d" % function(*args))
        os._exit(0)
    os.close(writer)
    answer = int(os.read(reader, 16))  # not to its end: a child of it may hold the pipe
    os.close(reader)
    os.waitpid(pid, 0)
    return answer


class Parent:
    """Has a child that is there before, and can have others."""

    def __init__(self, port):
        self.port, self.old = port, None
        self.reader, self.writer = os.pipe()
        self.answers, self.answer = os.pipe()

    def wait_in_child(self):
        """A child that visits when it is told to, be its parent there or not."""
        if os.fork() == 0:
            signal.alarm(60)
            os.read(self.reader, 1)
            os.write(self.answer, b"%d " % visit(self.port))
            os._exit(0)

    def begin(self):
        """A grandchild, whose parent is there: it waits for a word."""
        self.old = os.fork()
        if self.old == 0:
            self.wait_in_child()
            os.wait()
            os._exit(0)
        return os.getpid()

    def old_visits(self):
        os.write(self.writer, b"!")
        return int(os.read(self.answers, 16))

    def visits(self):
        return visit(self.port)

    def thread_visits(self):
        for _ in range(THREADS):
            thread = threading.Thread(target=visit, args=(self.port,))
            thread.start()
            thread.join()

    def child_visits(self):
        return in_child(visit, self.port)

    def grandchild_visits(self):
        return in_child(in_child, visit, self.port)

    def orphan_visits(self):
        """A child whose parent has ended: it is nobody's any more, and was one of ours."""
        def leave():
            self.wait_in_child()
            return 0

        in_child(leave)
        return self.old_visits()


def clients(lines):
    return sorted(line["pid"] for line in lines if line["role"] == "client")


def story(w, t):
    listener = listen()
    threading.Thread(target=serve, args=(listener,), daemon=True).start()
    parent, other = Puppet(w, Parent, port_of(listener)), Puppet(w, Parent, port_of(listener))
    pid = parent.tell("begin")
    other.tell("begin")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "family.tsp")
        with w.traces(EVENTS, ("trace", "--json", "-N", "self", "-p", str(pid), "--follow"),
                      ("trace", "--json", "-N", "self", "-p", str(pid)),
                      ("record", "-N", "self", "-p", str(pid), "--follow", "-o", path),
                      live=True) as (_, family, alone, _recorder):
            wanted = [parent.tell("visits"), parent.tell("old_visits")]
            wanted += [parent.tell("child_visits") for _ in range(CHILDREN)]
            wanted += [parent.tell("grandchild_visits"), parent.tell("orphan_visits")]
            parent.tell("thread_visits")
            wanted += [pid] * THREADS
            wanted.append(parent.tell("child_visits"))  # a thread's end is not its process's
            other.tell("visits")
            other.tell("child_visits")
            other.tell("old_visits")
        t.equal(clients(family.connections), sorted(wanted), "--follow: the whole family")
        t.equal(len(set(wanted)), 5 + CHILDREN, "each child with its own number")
        t.equal(clients(alone.connections), [pid] * (1 + THREADS),
                "without: the process and its threads")
        t.equal(family.summary["events"]["kin_full"], 0, "there was room for all")
        replayed = [json.loads(line) for line in
                    tracer.run("trace", "--json", "-i", path).out.splitlines()]
        t.equal(clients(line for line in replayed if line["type"] == "connection"),
                sorted(wanted), "a recording has the family")
        again = [json.loads(line) for line in
                 tracer.run("trace", "--json", "-i", path, "-p", str(pid),
                            "--follow").out.splitlines()]
        t.equal(clients(line for line in again if line["type"] == "connection"),
                sorted(wanted), "and can be asked for it")
    tell_server(w, t)
    t.ok(b"--pid" in tracer.run("trace", "--follow").err, "--follow alone is nobody's")


def serve(listener):
    while True:
        server = listener.accept()[0]
        server.recv(1)
        server.close()


class Server:
    """Listens, and has a child serve each connection."""

    def __init__(self):
        self.listener = listen()

    def port(self):
        return port_of(self.listener)

    def serve(self):
        def work():
            server = self.listener.accept()[0]
            server.recv(1)
            server.close()
            return os.getpid()

        return in_child(work)


def tell_server(w, t):
    """Whoever accepts is the owner: a child that came a moment before."""
    server = Puppet(w, Server)
    port = server.tell("port")
    with w.trace("trace", "--json", "-N", "self", "-p", str(server.pid), "--follow") as seen:
        wanted = []
        for _ in range(CHILDREN):
            client = connect("127.0.0.1", port)
            client.shutdown(1)
            wanted.append(server.tell("serve"))
            client.close()
    t.equal(sorted(line["pid"] for line in seen.connections), sorted(wanted),
            "connections that children accept")


run(story)
