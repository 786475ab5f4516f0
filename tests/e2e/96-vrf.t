#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Two connections that differ by their VRF only are two, each with its own, and can be asked for by
it."""
import json
import os
import socket
import tempfile

import links
import namespace
import tracer
from stuck import Puppet
from traffic import wait_for
from world import *

VRFS = {"red": ("left", 10), "blue": ("right", 20)}  # the device in it, and its table
HERE, THERE, PORT, OWN_PORT = "192.0.2.1", "192.0.2.2", 8080, 40001
SO_BINDTODEVICE = 25


def make_vrfs(address):
    """Each has a link of its own, and that the same address."""
    for vrf, (link, table) in VRFS.items():
        links.add_vrf(vrf, table)
        links.enslave(link, vrf)
        namespace.link_up(link)
        namespace.add_ipv4(link, address, "255.255.255.0")


class Server:
    """Listens with one socket in all VRFs of its namespace."""

    def __init__(self):
        self.listener, self.held = None, {}

    def begin(self):
        make_vrfs(THERE)
        sysctl("ipv4.tcp_l3mdev_accept", 1)
        self.listener = socket.create_server(("", PORT))
        return {vrf: links.index_of(vrf) for vrf in VRFS}

    def take(self, vrf):
        sock = self.listener.accept()[0]
        self.held[vrf] = sock
        return sock.getsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, 16).rstrip(b"\0").decode()

    def hear(self, vrf):
        return len(self.held[vrf].recv(64))

    def close(self, vrf):
        self.held.pop(vrf).close()


def connect(vrf):
    """From the same address and port to the same, in whichever VRF."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, vrf.encode())
    sock.bind((HERE, OWN_PORT))
    sock.settimeout(10.0)
    sock.connect((THERE, PORT))
    return sock


def talk(server):
    """Both at once; returns in which VRF the kernel says that each was accepted."""
    socks, found = {}, {}
    for vrf in VRFS:
        socks[vrf] = connect(vrf)
        found[vrf] = server.tell("take", vrf)
    for vrf in reversed(VRFS):
        socks[vrf].sendall(b"question")
        server.tell("hear", vrf)
    for vrf in VRFS:
        socks[vrf].close()
        server.tell("hear", vrf)
        server.tell("close", vrf)
    return found


def named(lines):
    return sorted((line["role"], line["ifname"], line["ifindex"]) for line in lines)


def story(w, t):
    server = Puppet(w, Server, own_namespace=True)
    wait_for(lambda: server.netns() != w.netns)
    for link, _ in VRFS.values():
        links.add_veth(link, link, server.pid)
    try:
        make_vrfs(HERE)
    except OSError as error:
        raise Skip(f"no VRF: {error}") from error
    own, others = {vrf: links.index_of(vrf) for vrf in VRFS}, server.tell("begin")
    both = "-N", f"self,pid:{server.pid}"
    with tempfile.TemporaryDirectory(prefix="tcpspan-e2e-") as folder:
        path = os.path.join(folder, "twins.tsp")
        with w.traces(EVENTS, ("trace", "--json", *both),
                      ("trace", "--json", "--interface", "red", *both),
                      ("record", "-o", path, *both)) as (_, lines, filtered, _recorder):
            t.equal(talk(server), {vrf: vrf for vrf in VRFS}, "each is accepted in its VRF")
        # What interfaces are called, where no program may read it; their numbers are known.
        is_hidden = namespace.memory_is_hidden()
        want = sorted([("client", None if is_hidden else vrf, own[vrf]) for vrf in VRFS] +
                      [("server", None if is_hidden else vrf, others[vrf]) for vrf in VRFS])
        t.equal(named(lines.connections), want, "both ends are of that VRF")
        t.equal(len({(line["laddr"], line["lport"], line["raddr"], line["rport"])
                     for line in lines.connections}), 2, "which alone tells them apart")
        t.equal({(line["complete"], line["close"]["outcome"]) for line in lines.connections},
                {(True, "closed")}, "each is whole")
        t.equal({line["ifname"] for line in filtered.connections}, set() if is_hidden else {"red"},
                "--interface: those of one, by its name")
        again = [json.loads(line) for line in
                 tracer.run("trace", "--json", "-i", path).out.splitlines()]
        t.equal(named(line for line in again if line["type"] == "connection"), want,
                "a recording knows it as well")


run(story)
