#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What leaked before a recording began is in it: found in the morning, with its age and holder."""
import os
import tempfile
import time

import tracer
from stuck import Puppet
from traffic import abort, connect, listen, pair, port_of, wait_state
from world import *

BEFORE, DURING, LASTING, RESET = 23, 5, 3, 7
TICK = 20_000_000  # ns: the kernel keeps when the last ACK came in ticks


class Service:
    """Accepts, and forgets some of what it has accepted."""

    def __init__(self):
        self.listener, self.held = listen(), []

    def port(self):
        return port_of(self.listener)

    def take(self):
        self.held.append(self.listener.accept()[0])

    def reset(self, count):
        """Ends the last ones rudely."""
        for _ in range(count):
            abort(self.held.pop())


def leak(service, count):
    """Connections whose clients have closed; returns the ports of these."""
    ports = []
    for _ in range(count):
        client = connect("127.0.0.1", service.tell("port"))
        service.tell("take")
        ports.append(port_of(client))
        client.close()
        if not wait_state(service.tell("port"), ports[-1], "CLOSE_WAIT"):
            raise AssertionError("no CLOSE_WAIT")
    return ports


def open_some(service, count):
    clients = []
    for _ in range(count):
        clients.append(connect("127.0.0.1", service.tell("port")))
        service.tell("take")
    return clients


def replayed(t, *args, status=0):
    done = tracer.run(*args)
    t.equal(done.status, status, f"{' '.join(args[:3])}: status {status}") or t.note(done.err)
    lines, flaws = tracer.parse_lines(done.out)
    t.none(flaws + tracer.summary_flaws(lines), f"{' '.join(args[:3])}: a sound output")
    return lines


def story(w, t):
    service = Puppet(w, Service, comm="service")
    port = service.tell("port")
    with tempfile.TemporaryDirectory() as folder:
        path, only = f"{folder}/night", f"{folder}/only"
        born = time.monotonic_ns()
        before = leak(service, BEFORE)
        began = time.monotonic_ns()
        lasting, rude = open_some(service, LASTING), open_some(service, RESET)
        with w.traces(("record", "-N", "self", "-o", path),
                      ("record", "-N", "self", "-c", "nobody", "-o", only),
                      (*LINES, "--failed"), (*LINES, "-c", "service")) as (_, _, failed, named):
            time.sleep(0.5)
            service.tell("reset", RESET)
            during = leak(service, DURING)

        lines = replayed(t, "stuck", "--json", "-i", path, status=1)
        found = where(lines, type="stuck")
        t.equal(sorted(line["rport"] for line in found), sorted(before + during),
                f"all {BEFORE + DURING} are found, those of before as well")
        t.equal({(line["state"], line["role"], line["pid"], line["comm"], line["process"])
                 for line in found}, {("CLOSE_WAIT", "server", service.pid, "service", "service")},
                "each with its state, its role and who held it")
        t.equal({line["age_quality"] for line in found if line["rport"] in during}, {"exact"},
                "whose FIN was seen has an exact age")
        old = [line for line in found if line["rport"] in before]
        t.equal({line["age_quality"] for line in old}, {"at_least"}, "the others' is at least ...")
        t.none([line for line in old
                if not born - TICK <= line["mono_ns"] - line["age_ns"] <= began + TICK],
               "... what it was, and what passed since")
        t.equal(where(replayed(t, "stuck", "--json", "-i", path, "--min-age", "600"),
                      type="stuck"), [], "none is ten minutes old")
        t.equal(where(replayed(t, "stuck", "--json", "-i", only), type="stuck"), [],
                "who recorded another program has none of them")

        lines = replayed(t, "trace", "--open", "--json", "-i", path)
        # Of their clients timewait sockets are left, in FIN_WAIT2.
        orphans = BEFORE * (lines[-1]["hooks"]["time_wait"] not in (None, "sampling"))
        t.equal(lines[-1]["connections"]["seeded"], BEFORE + orphans + 2 * (LASTING + RESET),
                "a replay knows as seeded what was there")
        here = where(lines, type="connection", role="client", seeded=True)
        t.equal({(line["pid"], line["close"]["outcome"]) for line in here
                 if line["lport"] in {port_of(each) for each in lasting}}, {(os.getpid(), "open")},
                "also clients, with who held them")
        t.equal(len({line["id"] for line in where(lines, type="connection")}),
                len(where(lines, type="connection")), "each has a number of its own")
        whole = where(replayed(t, "trace", "--json", "-i", path), type="failure")
        for rows, name in ((failed.of("failure"), "live"), (whole, "replayed")):
            t.equal([(row["count"], row["role"], row["process"], row["lport"])
                     for row in rows if row["role"] == "server"],
                    [(RESET, "server", "service", port)],
                    f"{name}: failures of older connections are one row of their service")
            t.equal([(row["count"], row["rport"]) for row in rows if row["role"] == "client"],
                    [(RESET, port)], f"{name}: and one of their clients")
            t.equal(len(rows), 2, f"{name}: no row for each port") or t.note(rows)
        t.equal(sorted(line["rport"] for line in named.connections if line["seeded"]),
                sorted(port_of(each) for each in rude), "-c finds older ones by who holds them")
        for each in lasting + rude:
            each.close()


run(story, needs=("seed",), limit=90)
