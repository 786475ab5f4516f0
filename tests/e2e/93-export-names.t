#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Figures by container, by pod and by unit, each by the name that the machine's files tell."""
import json
import os
import signal
import tempfile

from cgroups import cgroup, cgroup_mount, move
from exporter import Exporter
from traffic import listen, pair, port_of, serve, visit, wait_for
from world import *

ID = "5d3b9f0e7c1a48d2b6e4f8a09c3d7e15a2b4c6d8e0f1a3b5c7d9e1f3a5b7c9d1"
UID = "0b9c2f4e-1d3a-4b5c-9e7f-0a1b2c3d4e50"
HEAD = f"/tcpspan-e2e-{os.getpid()}.slice"  # beneath which nobody else's are
SCOPE = f"kubepods-pod{UID.replace('-', '_')}.slice/cri-containerd-{ID}.scope"
CONFIG = f"run/containerd/io.containerd.runtime.v2.task/k8s.io/{ID}/config.json"
NAMES = {"annotations": {"io.kubernetes.cri.container-name": "ng\"inx",
                         "io.kubernetes.cri.sandbox-name": "cart-7d4b",
                         "io.kubernetes.cri.sandbox-namespace": "shop",
                         "io.kubernetes.cri.sandbox-uid": UID}}
INSIDE, OUTSIDE = 7, 3
WANT = {"container": ('ng\\"inx', "none"), "pod": ("shop/cart-7d4b", "none"),
        "unit": (f"cri-containerd-{ID}.scope"[:64], None)}


def groups(x, key):
    return {name[2]: value for name, value in x.scrape().items()
            if name[:2] == ("tcpspan_group_opened_total", key) and value}


def tell(w, t, mount, root, key):
    listener = listen()
    port = port_of(listener)
    with Exporter("--by", key, "-D", str(port), "--host-root", root, patience=w.patience) as x:
        with cgroup(mount, f"{HEAD}/{SCOPE}") as path:
            client = w.fork(visit, "127.0.0.1", port, INSIDE, held=True)
            move(client.pid, mount + path)
            server = w.fork(serve, listener, INSIDE)
            client.go().result()
            server.result()
            outside = [pair(listener) for _ in range(OUTSIDE)]
            wait_for(lambda: sum(groups(x, key).values()) == INSIDE + OUTSIDE, 10 * w.patience)
        found = groups(x, key)
        for each in outside:
            each[0].close()
            each[1].close()
    inside, none = WANT[key]
    t.equal(found.pop(inside, None), INSIDE, f"by {key}: those of the container")
    t.equal(list(found.values()), [OUTSIDE], f"by {key}: the others")
    if none:
        t.equal(list(found), [none], f"which are in no {key}")


def tell_hidden(w, t):
    """Others see how many there are of each, and not whose they are."""
    listener = listen()
    port = port_of(listener)
    with Exporter("--by", "comm", "-L", str(port), "--redact", patience=w.patience) as x:
        clients = w.fork(visit, "127.0.0.1", port, INSIDE)
        w.fork(serve, listener, INSIDE, comm="secret").result()
        clients.result()
        wait_for(lambda: sum(groups(x, "comm").values()) == INSIDE, 10 * w.patience)
        found, page = groups(x, "comm"), x.get()[2]
    t.ok(list(found.values()) == [INSIDE] and list(found)[0].startswith("comm-"),
         "--redact: another name stands for each", found)
    t.ok(b"secret" not in page, "and the true one nowhere")


def tell_hidden_before(w, t):
    """The same of those that were there before, of whom nobody is told until they are looked at."""
    listener = listen()
    port = port_of(listener)

    def hold():
        kept = [pair(listener) for _ in range(OUTSIDE)]
        os.kill(os.getpid(), signal.SIGSTOP)
        return len(kept)

    holder = w.fork(hold, comm="secret")
    wait_for(lambda: sockets_of(port) >= 2 * OUTSIDE, 10 * w.patience)
    with Exporter("--by", "comm", "-L", str(port), "--redact", patience=w.patience) as x:
        def alive():
            return {name[2]: value for name, value in x.scrape().items()
                    if name[:2] == ("tcpspan_group_connections", "comm") and value}
        wait_for(lambda: sum(alive().values()) == OUTSIDE, 10 * w.patience)
        found, page = alive(), x.get()[2]
    holder.go().result()
    t.ok(list(found.values()) == [OUTSIDE] and list(found)[0].startswith("comm-"),
         "--redact: and for those that were there before", found)
    t.ok(b"secret" not in page, "whose true name is nowhere")


def sockets_of(port):
    """How many established sockets have that port at one end."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        return sum(f":{port:04X}" in line and " 01 " in line for line in file)


def story(w, t):
    tell_hidden(w, t)
    tell_hidden_before(w, t)
    mount = cgroup_mount()
    with tempfile.TemporaryDirectory(prefix="tcpspan-e2e-") as root:
        os.makedirs(os.path.dirname(f"{root}/{CONFIG}"))
        with open(f"{root}/{CONFIG}", "w", encoding="utf-8") as file:
            json.dump(NAMES, file)
        for key in WANT:
            tell(w, t, mount, root, key)


run(story)
