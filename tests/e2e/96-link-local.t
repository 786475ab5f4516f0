#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Two connections that differ by their link only are two, each with its interface, and can be asked
for by it."""
import csv
import io
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

LINKS = "left", "right"
HERE, THERE, PORT, OWN_PORT = "fe80::1", "fe80::2", 8080, 40001


class Server:
    """Listens with one socket on all links of its namespace, where their other ends are."""

    def __init__(self):
        self.listener, self.held = None, {}

    def begin(self):
        for name in LINKS:
            links.give_link_local(name, THERE)
        self.listener = socket.create_server(("::", PORT), family=socket.AF_INET6)
        return {name: links.index_of(name) for name in LINKS}

    def take(self):
        sock, peer = self.listener.accept()
        self.held[socket.if_indextoname(peer[3])] = sock

    def hear(self, name):
        return len(self.held[name].recv(64))

    def close(self, name):
        self.held.pop(name).close()


def connect(name, port):
    """From the same address and port to the same, on whichever link."""
    sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((HERE, port, 0, links.index_of(name)))
    sock.settimeout(10.0)
    sock.connect((THERE, PORT, 0, links.index_of(name)))
    return sock


def tangle(server, port=OWN_PORT):
    """Both at once, step by step: whoever takes one for the other is wrong at the next."""
    socks = {}
    for name in LINKS:
        socks[name] = connect(name, port)
        server.tell("take")
    for name in reversed(LINKS):
        socks[name].sendall(b"question")
        server.tell("hear", name)
    return socks


def finish(server, socks):
    for name in reversed(LINKS):
        socks[name].close()
        server.tell("hear", name)
    for name in LINKS:
        server.tell("close", name)


def story(w, t):
    if namespace.memory_is_hidden():
        raise Skip("no program may read what interfaces are called")
    server = Puppet(w, Server, own_namespace=True)
    wait_for(lambda: server.netns() != w.netns)
    for name in LINKS:
        links.add_veth(name, name, server.pid)
        links.give_link_local(name, HERE)
    own, others = {name: links.index_of(name) for name in LINKS}, server.tell("begin")
    both = "-N", f"self,pid:{server.pid}"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "twins.tsp")
        with w.traces(EVENTS, ("trace", "--events", "--json", *both), ("trace", "--json", *both),
                      ("trace", "--wide", *both), ("trace", "--csv", *both),
                      ("trace", "--json", "--interface", "le*", *both),
                      ("trace", "--json", "--interface", "lo", *both),
                      ("trace", "--json", "--redact", *both),
                      ("record", "--redact", "-o", f"{path}.hidden", *both),
                      ("record", "-o", path, *both)) as \
                (_, events, lines, text, table, filtered, nobodys, hidden, *_recorders):
            finish(server, tangle(server))
        tell_lives(t, events, {w.netns: own, server.netns(): others})
        tell_lines(t, lines)
        tell_text(t, text, table)
        t.equal([line["ifname"] for line in filtered.connections], ["left", "left"],
                "--interface le*: both ends of one of them")
        t.equal(nobodys.connections, [], "--interface lo: none")
        tell_replay(t, path, lines)
        tell_hidden(t, f"{path}.hidden", lines, hidden)
        tell_groups(t, path, own, others)
    tell_stuck(w, t, server)
    tell_older(w, t, server, own)


def tell_lives(t, seen, indexes):
    """Each end of each is a chain of its own that has one interface."""
    chains = seen.chains()
    t.equal(len(chains), 4, "two connections are four chains")
    t.none(flaws_of(chains), "each is whole")
    t.equal(len({(chain.last["role"], chain.ports, chain.last["laddr"], chain.last["raddr"])
                 for chain in chains}), 2, "which only their interfaces tell apart")
    t.equal(sorted((c.last["netns"], c.last["ifname"], c.last["ifindex"]) for c in chains),
            sorted((netns, name, index) for netns, names in indexes.items()
                   for name, index in names.items()), "each knows its own")
    t.equal({(step["ifname"], step["ifindex"]) for chain in chains for step in chain.steps
             if step["role"] == "client"},
            {(name, index) for name, index in next(iter(indexes.values())).items()},
            "from the first step on, of a client")


def tell_lines(t, seen):
    """A flow tells which ends are of one connection: those are of links of the same name here."""
    by_flow = {}
    for line in seen.connections:
        by_flow.setdefault(line["flow"], []).append(line)
    t.equal(sorted(sorted(line["ifname"] for line in lines) for lines in by_flow.values()),
            [["left", "left"], ["right", "right"]], "both ends of a connection are on its link")
    t.equal({line["close"]["outcome"] for line in seen.connections}, {"closed"},
            "all are closed in order")
    t.equal({(line["role"], line["bytes_sent"], line["bytes_received"])
             for line in seen.connections}, {("client", 8, 0), ("server", 0, 8)},
            "each has its own bytes")


def tell_text(t, text, table):
    words = text.out.decode().split()
    t.equal(sorted(word for word in words if word.startswith("fe80::")),
            sorted(f"{address}%{name}" for address in (HERE, THERE) for name in LINKS
                   for _ in range(2)), "text: each address with its link")
    rows = list(csv.DictReader(io.StringIO(table.out.decode())))
    t.equal(sorted((row["laddr"], row["ifname"]) for row in rows),
            sorted((address, name) for address in (HERE, THERE) for name in LINKS),
            "csv: the address and, in a column of its own, the link")


def tell_replay(t, path, live):
    replayed = tracer.run("trace", "--json", "-i", path)
    names = [(line["role"], line["ifname"], line["ifindex"]) for line in connections(replayed)]
    t.equal(sorted(names), sorted((line["role"], line["ifname"], line["ifindex"])
                          for line in live.connections), "a recording knows them")
    one = tracer.run("trace", "--json", "-i", path, "--interface", "right")
    t.equal([line["ifname"] for line in connections(one)], ["right", "right"],
            "and can be asked for them")
    told = tracer.run("explain", "-i", path, f"[{HERE}%right]:{OWN_PORT}-[{THERE}%right]:{PORT}")
    t.ok(f"[{THERE}%right]:{PORT}".encode() in told.out and b"%left" not in told.out,
         "explain finds the one that is named", told.out.decode() + told.err.decode())
    t.equal(told.status, 0, "which it tells of")


def tell_groups(t, path, own, others):
    """What has one address on two links is two places."""
    ends = {(address, name, links_of[name]) for address, links_of in ((THERE, own), (HERE, others))
            for name in LINKS}
    lines = map(json.loads, tracer.run("hist", "--json", "--by", "raddr", "-i", path)
                .out.splitlines())
    groups = {tuple(line["by"].get(key) for key in ("raddr", "ifname", "ifindex"))
              for line in lines if line["type"] == "histogram" and not line["by"].get("other")}
    t.equal(groups, ends, "hist --by raddr: each address with its link")
    rows = csv.DictReader(io.StringIO(
        tracer.run("hist", "--csv", "--by", "raddr", "-i", path).out.decode()))
    t.equal({row["raddr"] for row in rows if row["other"] != "true"},
            {f"{address}%{name}" for address, name, _ in ends}, "csv: in one column")
    text = tracer.run("hist", "--by", "raddr", "-i", path, "--wide").out.decode()
    t.none([f"{address}%{name}" for address, name, _ in ends if f"{address}%{name}" not in text],
           "and text")
    page = tracer.run("report", "-i", path, "-o", "-").out.decode()
    t.none([f"{address}%{name}" for address, name, _ in ends if f"{address}%{name}" not in page],
           "report: who is at the other end")


def tell_hidden(t, path, lines, hidden):
    """What an interface is called is a name as well; its number stays."""
    names = {line["ifindex"]: line["ifname"] for line in lines.connections}
    for found, what in ((hidden.connections, "live"),
                        (connections(tracer.run("trace", "--json", "-i", path)), "recorded")):
        masked = {line["ifindex"]: line["ifname"] for line in found}
        t.equal((len(found), set(masked), {name[:5] for name in masked.values()}),
                (4, set(names), {"link-"}), f"--redact, {what}: others stand for them")
        t.equal(len(set(masked.values())), 2, "the same for the same")


def connections(run):
    return [line for line in map(json.loads, run.out.splitlines()) if line["type"] == "connection"]


def tell_stuck(w, t, server):
    """A snapshot tells them apart as well."""
    socks = tangle(server, OWN_PORT + 1)
    for name in LINKS:
        socks[name].close()
        server.tell("hear", name)

    def look(*args):
        return [line for line in map(json.loads, tracer.run(
            "stuck", "--json", "--list", "--min-age", "0", "-N", f"pid:{server.pid}",
            *args).out.splitlines()) if line["type"] == "stuck"]

    wait_for(lambda: len(look()) == 2)
    found = look()
    t.equal(sorted(line["ifname"] for line in found), sorted(LINKS), "stuck: each with its link")
    t.equal(len({line["inode"] for line in found}), 2, "as two sockets")
    t.equal([line["ifname"] for line in look("--interface", "right")], ["right"],
            "stuck --interface: one of them")
    text = tracer.run("stuck", "--by", "raddr", "--min-age", "0", "-N",
                      f"pid:{server.pid}").out.decode()
    t.none([name for name in LINKS if f"raddr={HERE}%{name}" not in text],
           "stuck --by raddr: two groups")
    for name in LINKS:
        server.tell("close", name)


def tell_older(w, t, server, own):
    """Of those that are older than the tracing a snapshot tells the link."""
    socks = tangle(server, OWN_PORT + 2)
    with w.trace("trace", "--json", "-N", "self", "--interface", "left") as seen:
        finish(server, socks)
    t.equal([(line["ifname"], line["ifindex"], line["seeded"]) for line in seen.connections],
            [("left", own["left"], True)], "an older one is found by its link")


run(story)
