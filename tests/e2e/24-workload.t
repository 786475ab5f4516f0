#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Units, containers and pods: each connection is told with those that its socket was made in."""
import contextlib
import os
import time

from cgroups import cgroup, cgroup_mount, move
from traffic import listen, serve, visit, wait_state
from world import *

A = "3f1c0a5be2d94c7786a1fb00c25d9e4471c0de3b5a7f8e9d0c1b2a3948576655"
B = "b7e23ec29af22b0b4e41da31e868d57226121c84ab5f0e9c7d6a53b2f1408e9d"
UID = "8b9c2f4e-1d3a-4b5c-9e7f-0a1b2c3d4e5f"
STATIC = "0123456789abcdef0123456789abcdef"
HEAD = f"/tcpspan-e2e-{os.getpid()}.slice"  # beneath which nobody else's are
POD = f"kubepods-burstable-pod{UID.replace('-', '_')}.slice"

# Where a client lives, how often it connects, and what is to be told of it.
SHAPES = {
    "/app\\x2dx.service": (2, {"unit": "app-x.service", "container": None, "pod": None}),
    f"/docker-{A}.scope": (3, {"unit": f"docker-{A}.scope", "container": A, "runtime": "docker"}),
    f"/{POD}/cri-containerd-{A[::-1]}.scope": (
        5, {"unit": f"cri-containerd-{A[::-1]}.scope",
            "container": A[::-1], "runtime": "containerd", "pod": UID, "qos": "burstable"}),
    f"/kubepods/pod{STATIC}/crio-{B}": (
        7, {"unit": None, "container": B, "runtime": "cri-o", "pod": STATIC, "qos": "guaranteed"}),
    f"/user@1000.service/user.slice/libpod-{B[::-1]}.scope/container": (
        11, {"unit": f"libpod-{B[::-1]}.scope", "unit_user": 1000, "container": B[::-1],
             "runtime": "podman", "slice": "user.slice"}),
}
LISTENER = "/web.socket"
PORT = 5001
SEEN = 0.5 * float(os.environ.get("PATIENCE", "1"))  # seconds: records are looked at every 50 ms
VISITS = sum(count for count, _ in SHAPES.values())
# By what a filter asks for it, and how often it connects.
FILTERS = {("--unit", "app-*.service"): 2, ("--container", A[:12]): 3, ("--pod", UID): 5,
           ("--pod", STATIC, "--container", A): 0, ("--unit", "web.socket"): VISITS}
BY_UNIT, BY_CONTAINER = (*HIST, "--by", "unit"), (*HIST, "--by", "container")


def listen_and_serve(count):
    serve(listen("127.0.0.1", PORT), count)


def wrong(lines, want):
    """What lines tell that is not what is wanted."""
    return [{key: line.get(key) for key in want} for line in lines
            if any(line.get(key) != value for key, value in want.items())]


def groups(run_, key, name):
    """How many values the histograms of this name have, by unit or container."""
    return {line["by"][key]: line["count"] + line["unknown"] for line in run_.of("histogram")
            if line["name"] == name}


def story(w, t):
    mount = cgroup_mount()
    ports = {}
    with contextlib.ExitStack() as ends:
        server = w.fork(listen_and_serve, VISITS, held=True)
        move(server.pid, mount + ends.enter_context(cgroup(mount, HEAD + LISTENER)))
        with w.traces(LINES, EVENTS, BY_UNIT, BY_CONTAINER,
                      *((*EVENTS, *words) for words in FILTERS)) as seen:
            server.go()
            wait_state(PORT, 0, "LISTEN")
            for shape, (count, _) in SHAPES.items():
                with cgroup(mount, HEAD + shape) as path:
                    client = w.fork(visit, "127.0.0.1", PORT, count, held=True)
                    move(client.pid, mount + path)
                    ports[shape] = client.go().result()
                    time.sleep(SEEN)
                # From here on it is gone, and keeps its name.
            server.result()
            ends.close()

    trace, events, units, containers, *filtered = seen
    for shape, (count, want) in SHAPES.items():
        lines = [line for line in trace.of("connection") if line["lport"] in ports[shape]]
        t.equal((len(lines), wrong(lines, want)), (count, []), f"trace: {shape}")
        lines = [line for line in events.of("transition") if line["lport"] in ports[shape]]
        t.equal((len(lines) >= count, wrong(lines, want)), (True, []), f"--events: {shape}")
    want = {"unit": "web.socket", "slice": HEAD[1:], "container": None, "pod": None}
    # Whose a server's connection is, only a hook on accept tells.
    if not trace.summary["hooks"]["accept"]:
        want = {"unit": None}
    lines = [line for line in trace.of("connection") if line["lport"] == PORT]
    t.equal((len(lines), wrong(lines, want)), (VISITS, []), f"the listener's: {want['unit']}")

    by_unit, by_container = {}, {}
    for count, told in SHAPES.values():
        unit, container = told["unit"], told["container"]
        by_unit[unit] = by_unit.get(unit, 0) + count
        by_container[container] = by_container.get(container, 0) + count
    t.equal(groups(units, "unit", "handshake_client"), by_unit, "--by unit")
    t.equal(groups(containers, "container", "handshake_client"), by_container, "--by container")
    t.equal(groups(units, "unit", "handshake_server"), {want["unit"]: VISITS},
            "--by unit: the listener's")
    for (words, count), only in zip(FILTERS.items(), filtered):
        chains = only.chains()
        count = count if "web.socket" not in words or want["unit"] else 0
        t.equal((len(chains), flaws_of(chains)), (count, []),
                f"{' '.join(words)[:40]}: {count} connections, each from its first event on")


run(story)
