#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""By cgroup: each end of a connection counts for the cgroup that its socket was made in."""
import contextlib
import os

from traffic import listen, serve, visit, wait_state
from world import *

PORT = 5001
VISITS = {"alpha": 5, "beta": 3}
BRIEF = 2  # from a cgroup that is there for a part of the run only
BY_CGROUP = (*HIST, "--by", "cgroup")


def cgroup_mount():
    """Where the hierarchy of version 2 is mounted."""
    with open("/proc/self/mounts", encoding="ascii", errors="replace") as mounts:
        for line in mounts:
            if line.split()[2] == "cgroup2":
                return line.split()[1]
    raise Skip("no control groups of version 2 are mounted")


def move(pid, folder):
    with open(f"{folder}/cgroup.procs", "w", encoding="ascii") as members:
        members.write(str(pid))


@contextlib.contextmanager
def cgroup(mount, name):
    """A control group of its own; its path from the mount on."""
    path = f"/tcpspan-e2e-{os.getpid()}-{name}"
    try:
        os.mkdir(mount + path)
    except OSError as error:
        raise Skip(f"no control group of version 2 can be made here: {error}") from None
    try:
        yield path
    finally:
        with open(f"{mount}{path}/cgroup.procs", encoding="ascii") as members:
            for pid in members.read().split():
                with contextlib.suppress(OSError):
                    move(pid, mount)
        os.rmdir(mount + path)


def listen_and_serve(count):
    serve(listen("127.0.0.1", PORT), count)


def counts(run_, name):
    """How many values the histograms of this name have, by cgroup."""
    return {line["by"]["cgroup"]: line["count"] + line["unknown"] for line in run_.of("histogram")
            if line["name"] == name}


def story(w, t):
    mount = cgroup_mount()
    with contextlib.ExitStack() as ends:
        paths = {name: ends.enter_context(cgroup(mount, name)) for name in (*VISITS, "server")}
        server = w.fork(listen_and_serve, sum(VISITS.values()) + BRIEF, held=True)
        clients = {name: w.fork(visit, "127.0.0.1", PORT, count, held=True)
                   for name, count in VISITS.items()}
        for name, child in (("server", server), *clients.items()):
            move(child.pid, mount + paths[name])
        with w.traces(BY_CGROUP, (*HIST, "-C", mount + paths["alpha"]),
                      (*BY_CGROUP, "-C", paths["beta"])) as (by_cgroup, alpha, beta):
            server.go()
            wait_state(PORT, 0, "LISTEN")
            for child in clients.values():
                child.go().result()
            with cgroup(mount, "brief") as path:
                child = w.fork(visit, "127.0.0.1", PORT, BRIEF, held=True)
                move(child.pid, mount + path)
                child.go().result()
            server.result()
            ends.close()  # removed while the run lasts: what was named before keeps its name

    named = {paths[name]: count for name, count in VISITS.items()}
    for name in ("handshake_client", "state_syn_sent", "state_fin_wait1"):
        found = counts(by_cgroup, name)
        number = [key for key in found if key.isdigit()]
        t.equal([found.pop(key) for key in number], [BRIEF],
                f"{name}: of a cgroup that was gone before it had a name, the number")
        t.equal(found, named, f"{name}: by the cgroup of who connected")
    # Whose a server's connection is, only a hook on accept tells.
    owner = paths["server"] if by_cgroup.summary["hooks"]["accept"] else None
    for name in ("handshake_server", "state_last_ack"):
        t.equal(counts(by_cgroup, name), {owner: sum(VISITS.values()) + BRIEF},
                f"{name}: by the cgroup of the listener, {owner}")
    t.equal(counts(by_cgroup, "accept_queue"),
            {owner: sum(VISITS.values()) + BRIEF} if owner else {}, "accept_queue: the same")
    only_alpha = alpha.histogram("handshake_client")
    t.equal(only_alpha and only_alpha["count"], VISITS["alpha"], "-C: nobody else's connections")
    t.equal((counts(beta, "handshake_client"), counts(beta, "handshake_server")),
            ({paths["beta"]: VISITS["beta"]}, {}), "-C and --by cgroup together")
    t.equal(alpha.histogram("handshake_server")["count"], 0, "nor the other end of theirs")


run(story)
