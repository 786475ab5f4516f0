#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A network namespace without a name is called as the one container or pod that is in it, and one
that gets a name by that."""
import contextlib
import json
import os
import signal
import tempfile
import time

from cgroups import cgroup, cgroup_mount, move
from namespace import name_another
from tracer import Replay
from tracer import run as run_once
from traffic import finish, listen, pair
from world import *

A = "4e1c0a5be2d94c7786a1fb00c25d9e4471c0de3b5a7f8e9d0c1b2a3948576655"
B = "c7e23ec29af22b0b4e41da31e868d57226121c84ab5f0e9c7d6a53b2f1408e9d"
UID = "9b9c2f4e-1d3a-4b5c-9e7f-0a1b2c3d4e5f"
HEAD = f"/tcpspan-e2e-{os.getpid()}.slice"
POD = f"kubepods-burstable-pod{UID.replace('-', '_')}.slice"
WEB, DB = f"/docker-{A}.scope", f"/docker-{B}.scope"
FRONT, BACK = f"/{POD}/cri-containerd-{A[::-1]}.scope", f"/{POD}/cri-containerd-{B[::-1]}.scope"
PLAIN = "/ssh.service"
FILES = {
    f"var/lib/docker/containers/{A}/config.v2.json": {"ID": A, "Name": "/web"},
    f"var/log/pods/shop_cart-7d4b_{UID}/front/0.log": {},
}
# From where connections are made in one namespace, and what it is called in the end.
SPACES = {(WEB, WEB): "web", (FRONT, BACK): "shop/cart-7d4b", (DB,): B, (WEB, DB): None,
          (FRONT, WEB): None, (WEB, PLAIN): None, (PLAIN, WEB): None}
STAYS = (PLAIN, WEB)
IDS = {A: "web", UID: "shop/cart-7d4b"}
NAME, LATE = "e2e-users", "e2e-late"
READ_AGAIN = 1.0  # seconds between two looks at names


def talk(groups):
    """A connection to itself from each of them."""
    for path in groups:
        move(os.getpid(), path)
        listener = listen()
        finish(*pair(listener))


def talk_and_stay(groups):
    talk(groups)
    os.kill(os.getpid(), signal.SIGSTOP)


def fill(root):
    for name, content in FILES.items():
        os.makedirs(os.path.dirname(f"{root}/{name}"), exist_ok=True)
        with open(f"{root}/{name}", "w", encoding="utf-8") as file:
            json.dump(content, file)


def serve_in(path):
    """Listens there, for as long as anybody looks."""
    move(os.getpid(), path)
    listener = listen()
    yield listener


def story(w, t):
    mount = cgroup_mount()
    with contextlib.ExitStack() as ends:
        root = ends.enter_context(tempfile.TemporaryDirectory(prefix="tcpspan-e2e-"))
        fill(root)
        for shape in (WEB, DB, FRONT, BACK, PLAIN):
            ends.enter_context(cgroup(mount, HEAD + shape))
        spaces = {shapes: w.fork(talk_and_stay if shapes == STAYS else talk,
                                 [mount + HEAD + shape for shape in shapes],
                                 own_namespace=True, held=True) for shapes in SPACES}
        named, late = (w.fork(talk, [mount + HEAD + WEB], own_namespace=True, held=True)
                       for _ in range(2))
        name_namespace(named.pid, NAME)
        everywhere = ",".join(str(child.pid) for child in (*spaces.values(), named, late))
        recorded = f"{root}/recording"
        with w.traces(("trace", "--json", "-N", everywhere, "--host-root", root),
                      ("record", "-N", everywhere, "--host-root", root, "-o", recorded)) as tracers:
            seen = tracers[0]
            numbers = {shapes: child.hold_netns() for shapes, child in spaces.items()}
            number = named.hold_netns()
            for shapes, child in (*spaces.items(), (None, named)):
                if shapes != STAYS:
                    child.go().result()
            # Who is looked at late is in another group by then than when it made its first socket.
            for tracer in tracers:
                os.kill(tracer.pid, signal.SIGSTOP)
            spaces[STAYS].go()
            os.waitid(os.P_PID, spaces[STAYS].pid, os.WSTOPPED | os.WNOWAIT)
            for tracer in tracers:
                os.kill(tracer.pid, signal.SIGCONT)
            name_another(late.pid, LATE)
            late_number = late.hold_netns()
            time.sleep(1.2 * READ_AGAIN)
            late.go().result()
            os.kill(spaces[STAYS].pid, signal.SIGCONT)
            spaces[STAYS].result()
        replay = Replay(("trace", "--json")).play(recorded)
        for run_, how in ((seen, "live"), (replay, "recorded")):
            for shapes, want in SPACES.items():
                lines = where(run_.of("connection"), netns=numbers[shapes], role="client")
                name = lines[-1]["netns_name"] if lines else "nothing"
                # Files are looked at as far as there is time: until then an id stands for a name.
                t.equal((len(lines), IDS.get(name, name)), (len(shapes), want),
                        f"{how}, {' '.join(shapes)[:70]}: {want}")
            t.equal({line["netns_name"] for line in where(run_.of("connection"), netns=number)},
                    {NAME}, f"{how}: what a person has called it goes first")
            t.equal({line["netns_name"] for line in where(run_.of("connection"),
                                                          netns=late_number)},
                    {LATE}, f"{how}: also since the tracing has begun")
        # Now another one is called so.
        name_namespace(os.getpid(), NAME)
        chosen = Replay(("trace", "--json", "-N", NAME)).play(recorded)
        t.equal({line["netns"] for line in chosen.of("connection")}, {number},
                "-N: who reads a recording names what was called so then")
        tell_listener(w, t, mount + HEAD + WEB, root)


def tell_listener(w, t, path, root):
    def wait():
        for _ in serve_in(path):
            os.kill(os.getpid(), 19)

    child = w.fork(wait, own_namespace=True, held=True)
    number = child.netns()
    child.go()
    os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
    out = run_once("listeners", "--json", "-N", str(number), "--host-root", root).out
    child.kill()
    lines = [json.loads(line) for line in out.splitlines()]
    t.equal([line["netns_name"] for line in lines if line["type"] == "listener"], ["web"],
            "listeners tells the same")


run(story)
