#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""An MPTCP connection that its peer has closed is stuck, though its subflows are open yet."""
import os
import subprocess
import tempfile
import time

from namespace import memory_is_hidden
from stuck import Look, Puppet
from tracer import run as run_once
from tracer import parse_lines
from traffic import IPPROTO_MPTCP, connect, listen, port_of, wait_for
from world import *

COUNT, SECOND = 3, "127.0.0.2"
LINES_OPEN = ("trace", "--open", "--json", "-N", "self")
TICK = 20_000_000  # ns


class Leaker:
    """Serves MPTCP, and does not close what its peers have closed."""

    def __init__(self):
        self.listener, self.held = listen(protocol=IPPROTO_MPTCP), []

    def port(self):
        return port_of(self.listener)

    def take(self):
        self.held.append(self.listener.accept()[0])
        self.held[-1].sendall(self.held[-1].recv(64))
        return self.held[-1].fileno()

    def close(self):
        for each in self.held:
            each.close()


def leak(leaker, moved, told):
    for at in range(COUNT):
        client = connect("127.0.0.1", leaker.tell("port"), protocol=IPPROTO_MPTCP)
        client.sendall(b"question")
        descriptor = leaker.tell("take")
        client.recv(64)
        wait_for(lambda: moved["MPJoinAckRx"] == at + 1)
        before, port = time.monotonic_ns(), port_of(client)
        client.close()
        told[port] = descriptor, before


def tell_recorded(t, path, seen):
    """Of which MPTCP connection a subflow is, a recording knows as well as a trace."""
    def places(lines, kind):
        return {(line["lport"], line["rport"]): line["mptcp"] for line in lines
                if line["type"] == kind and line["mptcp"] and line["mptcp"]["token"]}

    out = run_once("stuck", "--json", "--state", "established", "--min-age", "0", "-i", path).out
    found = places(parse_lines(out)[0], "stuck")
    wanted = places(seen.of("connection"), "connection")
    t.ok(len(found) >= COUNT, f"{len(found)} subflows are open in the recording")
    t.equal(found, {ends: wanted.get(ends) for ends in found}, "each is as trace tells it")


def tell_hidden(t, look, port):
    """Where no program may read of which connection a subflow is, nor that this one is stuck."""
    stuck = look.summary["stuck"]
    t.equal(where(look.lines, lport=port), [], "none is said to be stuck")
    t.ok(stuck["unreadable_subflows"] >= COUNT, "nor that none is: its subflows are counted", stuck)
    t.equal(look.status, 1 if look.lines else 2, "and the look was incomplete")


def story(w, t):
    if not os.path.exists("/proc/sys/net/mptcp/enabled"):
        raise Skip("this kernel has no MPTCP")
    sysctl("mptcp.enabled", 1)
    for words in (("limits", "set", "subflow", "2", "add_addr_accepted", "0"),
                  ("endpoint", "add", SECOND, "dev", "lo", "subflow")):
        subprocess.run(("ip", "mptcp", *words), check=True)
    leaker, moved, told = Puppet(w, Leaker, comm="leaker"), Deltas(), {}
    with tempfile.TemporaryDirectory(prefix="tcpspan-e2e-") as folder:
        recorded = f"{folder}/recording"
        with w.traces(("record", "-N", "self", "-o", recorded), LINES_OPEN) as (_, seen):
            leak(leaker, moved, told)
        if not memory_is_hidden():
            tell_recorded(t, recorded, seen)
    time.sleep(0.5)
    look = Look()
    if memory_is_hidden():
        tell_hidden(t, look, leaker.tell("port"))
        return
    lines = [line for line in look.lines if line["lport"] == leaker.tell("port")]
    t.equal({line["rport"]: (line["state"], line["pid"], line["comm"], line["role"],
                             [each["fd"] for each in line["holders"]]) for line in lines},
            {port: ("CLOSE_WAIT", leaker.pid, "leaker", "server", [descriptor])
             for port, (descriptor, _) in told.items()}, "one line a connection, and who holds it")
    t.equal(len(lines), COUNT, "and no more")
    t.equal({line["mptcp"]["subflow"] for line in lines}, {None}, "none is that of a subflow")
    t.equal(len({line["mptcp"]["token"] for line in lines}), COUNT, "each has a token of its own")
    t.none([line for line in lines if line["age_quality"] != "at_least" or
            line["mono_ns"] - line["age_ns"] < told[line["rport"]][1] - TICK],
           "no older than its peer's end")
    leaker.tell("close")
    wait_for(lambda: not where(Look().lines, lport=leaker.tell("port")))
    t.equal(where(Look().lines, lport=leaker.tell("port")), [], "once it is closed, it is none")


run(story, needs=("seed",))
