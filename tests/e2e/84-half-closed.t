#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Half closed is not stuck while the other side is at work; what hides an age makes none young."""
import os
import socket
import threading
import time

from stuck import Look, Puppet, holds
from traffic import connect, listen, port_of, wait_for, wait_state
from world import *

CHUNK, PAUSE, BEAT = 5003, 0.05, 0.5
OLD = 11  # seconds: past what is sensible for a CLOSE_WAIT


class Server:
    """Does to a connection what servers do that go on, or forget."""

    def __init__(self):
        self.listener, self.held, self.over = listen(), {}, threading.Event()

    def port(self):
        return port_of(self.listener)

    def take(self, name):
        """Accepts the next connection; returns its descriptor."""
        self.held[name] = self.listener.accept()[0]
        return self.held[name].fileno()

    def read(self, name, to_its_end=True):
        """Reads the request, and the end of it."""
        while self.held[name].recv(100) and to_its_end:
            pass

    def keep_alive(self, name):
        for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1)):
            self.held[name].setsockopt(socket.IPPROTO_TCP, option, value)
        self.held[name].setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def send(self, name, size, pause):
        """Sends now and then until the end of the story."""
        def go_on():
            while not self.over.is_set():
                self.held[name].sendall(b"d" * size)
                self.over.wait(pause)
        threading.Thread(target=go_on, daemon=True).start()

    def finish(self):
        self.over.set()
        for each in self.held.values():
            each.close()


def download(client):
    """Reads until the end, in a thread."""
    def go_on():
        while client.recv(65536):
            pass
        client.close()
    threading.Thread(target=go_on, daemon=True).start()


def ask(server, name):
    """A client that sends a request with an end, and waits; returns it."""
    client = connect("127.0.0.1", server.tell("port"), timeout=60)
    client.sendall(b"GET")
    server.tell("take", name)
    client.shutdown(socket.SHUT_WR)
    if not wait_state(server.tell("port"), port_of(client), "CLOSE_WAIT"):
        raise AssertionError("no CLOSE_WAIT")
    return client


def close_waits(*args):
    return {line["rport"]: line for line in Look(*args).lines if line["state"] == "CLOSE_WAIT"}


def tell_downloads(t, server):
    """Both kinds of servers are at it: who reads the end of the request, and who does not."""
    clients = {name: ask(server, name) for name in ("reader", "writer")}
    for name, client in clients.items():
        server.tell("read", name, name == "reader")
        server.tell("send", name, CHUNK, PAUSE)
        download(client)
    time.sleep(1.5)
    ports = {port_of(each) for each in clients.values()}
    for args in ((), ("--state", "all-stuck"), ("--state", "CLOSE_WAIT,FIN_WAIT2"),
                 ("--min-age", "1")):
        look = Look(*args)
        t.equal((look.lines, look.status), ([], 0), f"{' '.join(args) or 'by default'}: a download "
                "that goes on is not stuck, at neither end")
    t.equal(Look("--state", "CLOSE_WAIT,FIN_WAIT2").summary["stuck"]["moving"], 4,
            "but they are counted")
    look = Look("--moving", "--state", "CLOSE_WAIT,FIN_WAIT2")
    t.equal(sorted((line["state"], line["moving"]) for line in look.lines),
            [("CLOSE_WAIT", True)] * 2 + [("FIN_WAIT2", True)] * 2, "and shown on request")
    t.none([line["reason"] for line in look.lines if "never" in line["reason"]
            or "still send" not in line["reason"]], "without accusing anybody")
    t.none([line for line in look.lines if line["state"] == "CLOSE_WAIT"
            and line["rport"] not in ports], "each is one of ours")


def story(w, t):
    at_work = Puppet(w, Server, comm="at-work")
    tell_downloads(t, at_work)
    at_work.tell("finish")

    server = Puppet(w, Server, comm="server")
    beating, kept, plain = (ask(server, name) for name in ("beating", "kept", "plain"))
    began = time.monotonic_ns()
    server.tell("send", "beating", 1, BEAT)
    server.tell("keep_alive", "kept")
    time.sleep(0.3)
    line = close_waits().get(port_of(plain))
    t.ok(line and line["age_at_most_ns"] - line["age_ns"] < 50 * MS,
         "nothing came behind the FIN: the last ACK tells when it came", line)
    wait_for(lambda: (time.monotonic_ns() - began) / SECOND > OLD, OLD + 5, 0.1)
    for args in (("--min-age", "10"), ("--state", "all-stuck"), ()):
        found = close_waits(*args)
        name = " ".join(args) or "by default"
        line = found.get(port_of(beating), {})
        t.ok(line and "still sends: nobody has read the end" in line["reason"]
             and holds(line) and line["pid"] == server.pid,
             f"{name}: who sends a byte now and then has not noticed, and is found", line)
        t.ok(line and (line["age_quality"], line["moving"]) == ("at_least", True)
             and line["age_ns"] < 5 * SECOND and line["age_at_most_ns"] > 10 * SECOND,
             f"{name}: its ACKs hide its age, which has two bounds", line)
        line = found.get(port_of(kept), {})
        t.ok(line and line["age_ns"] < 5 * SECOND and line["age_at_most_ns"] > 10 * SECOND,
             f"{name}: and so do the answers to its keepalives", line)
        line = found.get(port_of(plain), {})
        t.ok(line and line["age_ns"] > 10 * SECOND, f"{name}: the other is as old as it is", line)
    t.equal(close_waits("--min-age", "600"), {}, "none may be ten minutes old")
    server.tell("finish")


run(story, limit=90)
