#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""By cgroup: each end of a connection counts for the cgroup that its socket was made in."""
import contextlib
import os
import tempfile
import time

from cgroups import cgroup, cgroup_mount, move
from tracer import Replay
from traffic import listen, serve, visit, wait_state
from world import *

PORT = 5001
VISITS = {"alpha": 5, "beta": 3}
BRIEF = 2  # from a cgroup that is there for a part of the run only ...
SEEN = 0.5 * float(os.environ.get("PATIENCE", "1"))  # ... s: records are looked at every 50 ms
BY_CGROUP = (*HIST, "--by", "cgroup")


def own(mount, name):
    """A control group of its own; its path from the mount on."""
    return cgroup(mount, f"/tcpspan-e2e-{os.getpid()}-{name}")


def listen_and_serve(count):
    serve(listen("127.0.0.1", PORT), count)


def counts(run_, name):
    """How many values the histograms of this name have, by cgroup."""
    return {line["by"]["cgroup"]: line["count"] + line["unknown"] for line in run_.of("histogram")
            if line["name"] == name}


def check_replay(t, recording, paths, owner):
    """Who reads a recording asks for its cgroups by their paths: they are gone here."""
    every = sum(VISITS.values()) + BRIEF
    asked = {paths["alpha"]: (VISITS["alpha"], 0), paths["beta"][1:] + "/": (VISITS["beta"], 0),
             "/sys/fs/cgroup" + paths["server"]: (0, every if owner else 0),
             paths["alpha"][:-1]: (0, 0), "/no/such/cgroup": (0, 0)}
    for path, want in asked.items():
        told = Replay((*HIST, "-C", path)).play(recording)
        found = tuple(told.histogram(f"handshake_{role}")["count"] for role in ("client", "server"))
        t.equal(found, want, f"recorded, -C {path}")


def story(w, t):
    mount = cgroup_mount()
    with contextlib.ExitStack() as ends:
        recording = ends.enter_context(tempfile.TemporaryDirectory(prefix="tcpspan-e2e-")) + "/tcps"
        tell(w, t, mount, recording)


def tell(w, t, mount, recording):
    with contextlib.ExitStack() as ends:
        paths = {name: ends.enter_context(own(mount, name)) for name in (*VISITS, "server")}
        server = w.fork(listen_and_serve, sum(VISITS.values()) + BRIEF, held=True)
        clients = {name: w.fork(visit, "127.0.0.1", PORT, count, held=True)
                   for name, count in VISITS.items()}
        for name, child in (("server", server), *clients.items()):
            move(child.pid, mount + paths[name])
        with w.traces(BY_CGROUP, (*HIST, "-C", mount + paths["alpha"]),
                      (*BY_CGROUP, "-C", paths["beta"]),
                      ("record", "-N", "self", "-o", recording)) as (by_cgroup, alpha, beta, _):
            server.go()
            wait_state(PORT, 0, "LISTEN")
            for child in clients.values():
                child.go().result()
            with own(mount, "brief") as path:
                paths["brief"] = path
                child = w.fork(visit, "127.0.0.1", PORT, BRIEF, held=True)
                move(child.pid, mount + path)
                child.go().result()
                time.sleep(SEEN)
            server.result()
            ends.close()  # removed while the run lasts: what was named before keeps its name

    named = {paths[name]: count for name, count in {**VISITS, "brief": BRIEF}.items()}
    for name in ("handshake_client", "state_syn_sent", "state_fin_wait1"):
        found = counts(by_cgroup, name)
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
    check_replay(t, recording, paths, owner)


run(story)
