#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""CLOSE_WAIT of a process that began long before: how many, since when, who, how much unread."""
import os
import signal
import time

import tracer
from stuck import Look, Puppet, began, fork_silently, holds
from traffic import listen, pair, port_of, wait_state
from world import *

COUNT = 7
UNREAD = range(101, 101 + COUNT)


class Leaker:
    """Accepts, is left by its peers, and does not close."""

    def __init__(self):
        self.held, self.twin = [], None

    def leak(self):
        """Opens the connections; returns for each (local port, remote port, fd, time of FIN)."""
        listener = listen()
        told = []
        for size in UNREAD:
            client, server = pair(listener)
            client.sendall(b"x" * size)
            ports = port_of(server), port_of(client)
            time.sleep(0.2)  # so that the FIN is told from the data and from the handshake
            client.close()
            told.append((*ports, server.fileno(), time.monotonic_ns()))
            if not wait_state(*ports, "CLOSE_WAIT"):
                raise AssertionError("no CLOSE_WAIT")
            self.held.append(server)
            time.sleep(0.05)
        listener.close()
        self.twin = fork_silently()
        return told, self.twin

    def close(self):
        """Closes all, in both processes."""
        os.kill(self.twin, signal.SIGKILL)
        os.waitpid(self.twin, 0)
        for each in self.held:
            while each.recv(65536):
                pass
            each.close()


def story(w, t):
    leaker = Puppet(w, Leaker, own_namespace=True, comm="leaker")
    told, twin = leaker.tell("leak")
    netns = leaker.netns()
    pids = sorted((leaker.pid, twin))
    time.sleep(0.3)
    look = Look(netns=f"pid:{leaker.pid}")
    t.none(look.flaws(), "the look is sound")
    t.equal(look.status, 1, "status 1: something is stuck")
    t.equal(len(look.lines), COUNT, f"{COUNT} lines, one for each socket")
    lines = {(line["lport"], line["rport"]): line for line in look.lines}
    for (lport, rport, fd, fin_ns), size in zip(told, UNREAD):
        line = lines.get((lport, rport), {})
        name = f"{size} bytes"
        t.equal((line.get("state"), line.get("netns"), line.get("rx_queue_bytes"),
                 line.get("tx_queue_bytes")), ("CLOSE_WAIT", netns, size, 0),
                f"{name}: state, namespace, queues")
        t.equal(holds(line) if line else None, {(pid, fd) for pid in pids},
                f"{name}: both holders, with their descriptors")
        t.equal((line.get("pid"), line.get("comm"), line.get("uid")),
                (pids[0], "leaker", 0), f"{name}: the first of them is the owner")
        t.equal((line.get("role"), bool(line.get("flow"))), ("server", True),
                f"{name}: its numbers tell that it is a server's, though nobody listens any more")
        t.equal((line.get("holders_known"), line.get("held_by")), (True, "process"),
                f"{name}: and there is no other")
        t.ok(line and line["age_quality"] == "at_least" and line["age_at_most_ns"] is not None,
             f"{name}: older than the look, so there are two bounds", line)
        if line:
            t.between(began(line), fin_ns, fin_ns + 100 * MS * w.patience,
                      f"{name}: it has been there since the FIN", "ns")
            t.ok(line["mono_ns"] - line["age_at_most_ns"] <= fin_ns,
                 f"{name}: and no longer than the upper bound", line["age_at_most_ns"])
        t.ok(line and f"leaker[{pids[0]}]" in line["reason"] and f"{size} bytes" in line["reason"]
             and f"fd {fd}" in line["reason"], f"{name}: a sentence with numbers",
             line.get("reason"))
    t.equal([began(line) for line in look.lines], sorted(began(line) for line in look.lines),
            "the oldest comes first")
    old = Look("--min-age", "3600", netns=f"pid:{leaker.pid}")
    t.equal((old.status, len(old.lines), old.summary["stuck"]["sockets"]), (0, 0, COUNT),
            "none is an hour old; the summary has seen them all the same")
    t.equal(old.summary["stuck"]["young"], COUNT, "and says that they are younger")
    watch = tracer.run("stuck", "--watch", "-d", "0.5", "-N", f"pid:{leaker.pid}")
    t.ok(watch.status == 0 and f"{COUNT} too young to tell of" in watch.err.decode(),
         "a watch, which waits for a minute, says so as well", watch.err)
    t.none(tracer.guesses_of_a_look(old.summary), "it claims to know nothing of what was before")
    t.equal(len(Look("-p", str(twin), netns=f"pid:{leaker.pid}").lines), COUNT,
            "-p finds the one who inherited them as well")
    t.equal(len(Look("-p", "1", netns=f"pid:{leaker.pid}").lines), 0, "-p of another: none")
    t.equal(len(Look("-c", "leaker", "-L", str(told[0][0]), netns=f"pid:{leaker.pid}").lines),
            COUNT, "-c and -L: all")
    t.equal(len(Look("-D", str(told[3][1]), netns=f"pid:{leaker.pid}").lines), 1,
            "-D: the one from that port")
    t.equal(len(Look("--state", "fin-wait-2", netns=f"pid:{leaker.pid}").lines), COUNT,
            "their other ends are in FIN_WAIT2")
    t.equal(len(Look().lines), 0, "our own namespace has none")
    leaker.tell("close")
    after = Look(netns=f"pid:{leaker.pid}")
    t.equal((after.status, len(after.lines)), (0, 0), "after the close: status 0, none")
    t.none(after.flaws(), "and a sound summary")


run(story)
