#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every filter lets through what it names, whole from the first event on, and nothing else."""
import contextlib
import os

import tracer
from traffic import listen, port_of, serve, visit
from world import *

# who connects, to which listener at which address, how often
VISITS = [("alpha", "one", "127.0.0.1", 3), ("alpha", "two", "127.0.0.2", 2),
          ("beta", "one", "127.0.0.1", 5), ("beta", "six", "::1", 2)]
EPHEMERAL = range(40000, 40032)
RUNGS = ("fentry", "kprobe", "tracepoint")


def visits_of(who, ports):
    """What one client process does; returns the ends of its connections, clients' and servers'."""
    ends = []
    for name, target, address, count in VISITS:
        if name == who:
            source = "::1" if address == "::1" else "127.0.0.1"
            for port in visit(address, ports[target], count):
                end = {"role": "client", "who": who, "laddr": source, "lport": port,
                       "raddr": address, "rport": ports[target]}
                ends += [end, {"role": "server", "who": None, "laddr": address, "raddr": source,
                               "lport": ports[target], "rport": port}]
    return ends


def rows(ports, alpha, beta, cgroup):
    """The filters: arguments, and which ends of connections they let through."""
    one, two, six = ports["one"], ports["two"], ports["six"]
    yield [], lambda end: True
    yield ["-L", one], lambda end: end["lport"] == one
    yield ["-D", one], lambda end: end["rport"] == one
    yield ["-L", ",".join(map(str, EPHEMERAL))], lambda end: end["role"] == "client"
    yield ["-D", ",".join(map(str, EPHEMERAL))], lambda end: end["role"] == "server"
    yield ["--rport", f"{two},{six}"], lambda end: end["rport"] in (two, six)
    yield ["-L", one, "-D", one], lambda end: False
    yield ["-p", alpha], lambda end: end["who"] == "alpha"
    yield ["--pid", f"{alpha},{beta}"], lambda end: end["who"]
    yield ["-c", "beta"], lambda end: end["who"] == "beta"
    yield ["-p", alpha, "-D", two], lambda end: end["who"] == "alpha" and end["rport"] == two
    yield ["-a", "127.0.0.2"], lambda end: end["raddr"] == "127.0.0.2"
    yield ["-a", "127.0.0.0/31"], lambda end: end["raddr"] == "127.0.0.1"
    yield ["-a", "::1/128"], lambda end: end["raddr"] == "::1"
    yield ["-4"], lambda end: end["raddr"] != "::1"
    yield ["-6"], lambda end: end["raddr"] == "::1"
    if cgroup:
        yield ["-C", cgroup], lambda end: end["who"] == "alpha"


def share_of(table):
    """Where a tracer takes long to start, each forced rung has another third of the rows."""
    forced = [RUNGS.index(each) for each in tracer.extra_arguments() if each in RUNGS]
    return table[forced[0]::len(RUNGS)] if forced and os.environ.get("SHARED") == "1" else table


@contextlib.contextmanager
def own_cgroup(pid):
    """A control group with one process in it; its path, or None where none can be made."""
    path = None
    with contextlib.suppress(OSError, StopIteration):
        with open("/proc/mounts", encoding="ascii", errors="replace") as mounts:
            root = next(line.split()[1] for line in mounts if line.split()[2] == "cgroup2")
        path = f"{root}/tcpspan-e2e-{pid}"
        os.mkdir(path)
        with open(f"{path}/cgroup.procs", "w", encoding="ascii") as members:
            members.write(str(pid))
    try:
        yield path
    finally:
        if path and os.path.isdir(path):
            with contextlib.suppress(OSError), \
                    open(f"{root}/cgroup.procs", "w", encoding="ascii") as members:
                members.write(str(pid))
            os.rmdir(path)


def story(w, t):
    sysctl("ipv4.ip_local_port_range", f"{EPHEMERAL[0]} {EPHEMERAL[-1]}")
    listeners = {"one": listen("0.0.0.0", 5001), "two": listen("0.0.0.0", 5002),
                 "six": listen("::1", 5003)}
    ports = {name: port_of(listener) for name, listener in listeners.items()}
    clients = {who: w.fork(visits_of, who, ports, comm=who, held=True) for who in ("alpha", "beta")}
    with own_cgroup(clients["alpha"].pid) as cgroup:
        if not cgroup:
            t.skip("-C", "no control group of version 2 can be made here")
        table = share_of(list(rows(ports, clients["alpha"].pid, clients["beta"].pid, cgroup)))
        commands = [(*EVENTS, *map(str, arguments)) for arguments, _ in table]
        with w.traces(*commands) as runs:
            for name, listener in listeners.items():
                w.fork(serve, listener, sum(each[3] for each in VISITS if each[1] == name))
            ends = clients["alpha"].go().result() + clients["beta"].go().result()

    for (arguments, lets_through), run_ in zip(table, runs):
        name = " ".join(map(str, arguments)) or "no filter"
        want = [(end["role"], end["laddr"], end["lport"], end["raddr"], end["rport"])
                for end in ends if lets_through(end)]
        found = run_.chains()
        got = [tuple(each.last[key] for key in ("role", "laddr", "lport", "raddr", "rport"))
               for each in found]
        t.equal(sorted(got, key=repr), sorted(want, key=repr),
                f"{name[:40]}: {len(want)} chains")
        t.none(flaws_of(found), f"{name[:40]}: whole from the first event on")


run(story)
