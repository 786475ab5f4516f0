#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Units, containers and pods: each connection is told with those that its socket was made in."""
import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

import namespace
from cgroups import cgroup, cgroup_mount, move
from exporter import parse
from tracer import Replay, program
from tracer import run as run_once
from traffic import listen, pair, port_of, serve, visit, wait_state
from world import *

A = "3f1c0a5be2d94c7786a1fb00c25d9e4471c0de3b5a7f8e9d0c1b2a3948576655"
B = "b7e23ec29af22b0b4e41da31e868d57226121c84ab5f0e9c7d6a53b2f1408e9d"
C = A[:8] + B[8:]
UID = "8b9c2f4e-1d3a-4b5c-9e7f-0a1b2c3d4e5f"
STATIC = "0123456789abcdef0123456789abcdef"
HEAD = f"/tcpspan-e2e-{os.getpid()}.slice"  # beneath which nobody else's are
POD = f"kubepods-burstable-pod{UID.replace('-', '_')}.slice"

# Where a client lives, how often it connects, and what is to be told of it.
SHAPES = {
    "/app\\x2dx.service": (2, {"unit": "app-x.service", "unit_user": None, "container": None,
                               "pod": None}),
    f"/docker-{A}.scope": (3, {"unit": f"docker-{A}.scope", "container": A, "runtime": "docker"}),
    f"/{POD}/cri-containerd-{A[::-1]}.scope": (
        5, {"unit": f"cri-containerd-{A[::-1]}.scope",
            "container": A[::-1], "runtime": "containerd", "pod": UID, "qos": "burstable"}),
    f"/kubepods/pod{STATIC}/crio-{B}": (
        7, {"unit": None, "container": B, "runtime": "cri-o", "pod": STATIC, "qos": "guaranteed"}),
    f"/machine.slice/libpod-{B[::-1]}.scope/container": (
        11, {"unit": f"libpod-{B[::-1]}.scope", "unit_user": None, "container": B[::-1],
             "runtime": "podman", "slice": "machine.slice"}),
    # Its user has called it as a container of the machine is called.
    f"/user@1000.service/app.slice/docker-{C}.scope": (
        13, {"unit": f"docker-{C}.scope", "unit_user": 1000, "container": C,
             "runtime": "docker", "slice": "app.slice"}),
    "/user@1000.service/app.slice/app\\x2dx.service": (
        17, {"unit": "app-x.service", "unit_user": 1000, "container": None, "pod": None}),
}
LISTENER = "/web.socket"
PORT = 5001
SEEN = 0.5 * float(os.environ.get("PATIENCE", "1"))  # seconds: records are looked at every 50 ms
VISITS = sum(count for count, _ in SHAPES.values())
# What runtimes and a kubelet leave in files of the machine, and the names that follow from it.
FILES = {
    f"var/lib/docker/containers/{A}/config.v2.json": {"ID": A, "Name": "/web"},
    f"var/lib/docker/containers/{C}/config.v2.json": {"ID": C, "Name": "/payments"},
    f"run/containerd/io.containerd.runtime.v2.task/k8s.io/{A[::-1]}/config.json": {
        "annotations": {"io.kubernetes.cri.container-name": "nginx",
                        "io.kubernetes.cri.sandbox-name": "cart-7d4b",
                        "io.kubernetes.cri.sandbox-namespace": "shop",
                        "io.kubernetes.cri.sandbox-uid": UID}},
    f"var/lib/containers/storage/overlay-containers/{B}/userdata/config.json": {
        "annotations": {"io.kubernetes.container.name": "etcd"}},
    "var/lib/containers/storage/overlay-containers/containers.json": [
        {"id": B[::-1], "names": ["db", "alias"]}],
    f"var/log/pods/kube-system_etcd-node_{STATIC}/etcd/0.log": "",
}
NAMES = {None: (None, None), A: ("web", None), A[::-1]: ("nginx", "shop/cart-7d4b"),
         B: ("etcd", "kube-system/etcd-node"), B[::-1]: ("db", None),
         C: (C, None)}
# By what a filter asks for it, and how often it connects.
FILTERS = {("--unit", "app-*.service"): 19, ("--unit", "1000/app-x"): 17,
           ("--container", A[:12]): 3, ("--container", "web"): 3,
           ("--container", "payments"): 0,
           ("--pod", UID): 5, ("--pod", "cart-*"): 5, ("--pod", "kube-system/*"): 7,
           ("--pod", STATIC, "--container", A): 0, ("--unit", "web.socket"): VISITS}
BY_UNIT, BY_CONTAINER = (*HIST, "--by", "unit"), (*HIST, "--by", "container")


def fill(root):
    """Makes the files of a machine."""
    for name, content in FILES.items():
        os.makedirs(os.path.dirname(f"{root}/{name}"), exist_ok=True)
        with open(f"{root}/{name}", "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content))


def named(want):
    """The same with the names that the files tell."""
    container, pod = NAMES[want["container"]]
    return {**want, "container": container, "container_id": want["container"], "pod": pod,
            "pod_uid": want.get("pod")}


def listen_and_serve(count):
    serve(listen("127.0.0.1", PORT), count)


def wrong(lines, want):
    """What lines tell that is not what is wanted."""
    return [{key: line.get(key) for key in want} for line in lines
            if any(line.get(key) != value for key, value in want.items())]


def groups(run_, key, name):
    """How many values the histograms of this name have, by unit and user, or container."""
    return {(line["by"][key], line["by"].get("unit_user")): line["count"] + line["unknown"]
            for line in run_.of("histogram") if line["name"] == name}


def check_users(t, recording):
    """A user's unit is none of the machine's that is called alike, wherever units are grouped."""
    said = [run_once(*words, "-i", recording).out.decode()
            for words in (("hist", "--by", "unit", "--only", "handshake_client"),
                          ("hist", "--by", "unit", "--csv", "--only", "handshake_client"),
                          ("top", "--once", "--screen", "groups", "--by", "unit"))]
    t.none([text for text in said if not re.search(r"^(.*,)?\s*app-x\.service\b", text, re.M) or
            not re.search(r"^(.*,)?\s*1000/app-x\.service\b", text, re.M)],
           "text, CSV, top: apart from the machine's")
    figures = parse(run_once("export", "--once", "--by", "unit", "-i", recording).out.decode())
    opened = {key[2]: value for key, value in figures.items()
              if key[0] == "tcpspan_group_opened_total"}
    t.equal([opened.get(name) for name in ("app-x.service", "1000/app-x.service")], [2, 17],
            "and in figures") or t.note(opened)
    rows = [json.loads(line) for line in
            run_once("trace", "--format", "rows", "-i", recording).out.splitlines()]
    units = [row.get("unit") for row in rows]
    t.equal([units.count(name) for name in ("app-x.service", "1000/app-x.service")], [2, 17],
            "and in rows of a store")


def visit_from_each(w, mount):
    """Each client connects in its own group, which is removed then; the ports of each."""
    ports = {}
    for shape, (count, _) in SHAPES.items():
        with cgroup(mount, HEAD + shape) as path:
            client = w.fork(visit, "127.0.0.1", PORT, count, held=True)
            move(client.pid, mount + path)
            ports[shape] = client.go().result()
            time.sleep(SEEN)
    return ports


def check_lines(t, lines, ports, wants, name):
    """Whether each client's lines tell what is wanted of it."""
    for shape, want in wants.items():
        own = [line for line in lines if line["lport"] in ports[shape]]
        t.equal((len(own) >= len(ports[shape]), wrong(own, want)), (True, []), f"{name}: {shape}")


def check_ladder(t, recording, words, wanted):
    """One of those that are asked for is explained, with its other end, whoever's that is."""
    done = run_once("explain", "--json", "-i", recording, *words)
    told = [line for line in map(json.loads, done.out.splitlines()) if line["type"] == "explain"]
    t.equal((done.status, [(line["id"] in wanted, line["other"] is not None) for line in told]),
            (0, [(True, True)]) if wanted else (1, []), f"explain {' '.join(words)[:40]}")


def check_stuck(t, mount, here):
    """A leak in a container: stuck tells it by its name, and finds it by that."""
    with cgroup(mount, HEAD + f"/docker-{A}.scope") as path:
        move(os.getpid(), mount + path)
        listener = listen()
        client, server = pair(listener)
        move(os.getpid(), mount)
        ports = port_of(server), port_of(client)
        client.close()
        wait_state(*ports, "CLOSE_WAIT")
        lines = [json.loads(line) for name in ("web", "db")
                 for line in run_once("stuck", "--json", "-N", "self", *here,
                                      "--container", name).out.splitlines()]
        grouped = run_once("stuck", "-N", "self", "--by", "container", *here).out.decode()
        server.close()
        listener.close()
    t.equal([line["container"] for line in lines if line["type"] == "stuck"], ["web"],
            "stuck --container")
    t.ok("container=web" in grouped, "stuck --by container", grouped)


def check_untold(t, root):
    """Without a hierarchy no name is known: that nobody has it is not what is said."""
    for command in (("trace", "-d", "1"), ("stuck",), ("listeners",), ("top", "--once", "-d", "1")):
        done = subprocess.run([program(), *command, "-N", "self", "--unit", "web.socket"],
                              stdin=subprocess.DEVNULL, capture_output=True, check=False,
                              preexec_fn=lambda: namespace.hide_cgroups(f"{root}/cgroup"))
        t.ok((done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1) and
             b"no hierarchy of cgroups is mounted" in done.stderr,
             f"{command[0]} --unit, without a hierarchy: one sentence", done)


def story(w, t):
    mount = cgroup_mount()
    with contextlib.ExitStack() as ends:
        root = ends.enter_context(tempfile.TemporaryDirectory(prefix="tcpspan-e2e-"))
        recording = f"{root}/recording"
        here = ("--host-root", root)
        fill(root)
        check_stuck(t, mount, here)
        check_untold(t, root)
        server = w.fork(listen_and_serve, VISITS, held=True)
        group = ends.enter_context(contextlib.ExitStack())
        move(server.pid, mount + group.enter_context(cgroup(mount, HEAD + LISTENER)))
        lines, units = Replay(LINES), Replay(BY_UNIT)
        with w.traces((*LINES, "--host-root", "/nonexistent"), (*EVENTS, *here, "--pod", "cart-*"),
                      (*BY_CONTAINER, *here),
                      ("record", "-N", "self", *here, "-o", recording)) as seen:
            server.go()
            wait_state(PORT, 0, "LISTEN")
            ports = visit_from_each(w, mount)
            server.result()
            group.close()
        trace, cart, hist, _ = seen

        wants = {shape: want for shape, (_, want) in SHAPES.items()}
        check_lines(t, trace.of("connection"), ports, wants, "ids alone")
        t.equal((len(cart.chains()), flaws_of(cart.chains())), (5, []),
                "a filter by the name of a pod costs no first event")
        wants = {shape: named(want) for shape, want in wants.items()}
        check_lines(t, cart.of("transition"),
                    {shape: ports[shape] for shape in ports if POD in shape},
                    {shape: want for shape, want in wants.items() if POD in shape}, "--events")
        shutil.rmtree(f"{root}/var")  # whoever replays has not the files of the machine
        shutil.rmtree(f"{root}/run")
        lines.play(recording)
        check_lines(t, lines.of("connection"), ports, wants, "recorded")

        server = {"unit": "web.socket", "slice": HEAD[1:], "container": None, "pod": None}
        # Whose a server's connection is, only a hook on accept tells.
        if not trace.summary["hooks"]["accept"]:
            server = {"unit": None}
        own = [line for line in lines.of("connection") if line["lport"] == PORT]
        t.equal((len(own), wrong(own, server)), (VISITS, []), f"the listener's: {server['unit']}")

        by_unit, by_container = {}, {}
        for count, told in SHAPES.values():
            unit, container = told["unit"], NAMES[told["container"]][0]
            unit, container = (unit, told.get("unit_user")), (container, None)
            by_unit[unit] = by_unit.get(unit, 0) + count
            by_container[container] = by_container.get(container, 0) + count
        units.play(recording)
        for name, want in (("handshake_client", by_unit),
                           ("handshake_server", {(server["unit"], None): VISITS})):
            t.equal(groups(units, "unit", name), want, f"--by unit: {name}")
        t.equal(groups(hist, "container", "handshake_client"), by_container, "--by container")
        check_users(t, recording)
        for words, count in FILTERS.items():
            chains = Replay((*EVENTS, *words)).play(recording).chains()
            count = count if "web.socket" not in words or server["unit"] else 0
            t.equal((len(chains), flaws_of(chains)), (count, []),
                    f"recorded, {' '.join(words)[:40]}: {count} connections, each whole")
            check_ladder(t, recording, words, {chain.last["id"] for chain in chains})


run(story)
