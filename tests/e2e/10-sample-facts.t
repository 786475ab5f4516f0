#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a filter leaves out leaves nothing behind: sockets are made where others were."""
import collections
import selectors
import socket

from traffic import connect, listen, port_of
from world import *

COUNT = 101
SAMPLE = 3


def serve(listener):
    """Until so many clients have come and gone, whoever else seems to be there."""
    gone = 0
    with selectors.DefaultSelector() as waiting:
        waiting.register(listener, selectors.EVENT_READ)
        while gone < 2 * COUNT:
            for key, _ in waiting.select():
                if key.fileobj is listener:
                    waiting.register(listener.accept()[0], selectors.EVENT_READ)
                elif not key.fileobj.recv(64):
                    waiting.unregister(key.fileobj)
                    key.fileobj.close()
                    gone += 1


def talk(ports):
    """Connections to each server in turn, one after the other."""
    for at in range(COUNT * len(ports)):
        client = connect("127.0.0.1", ports[at % len(ports)], timeout=30.0)
        client.shutdown(socket.SHUT_WR)
        client.recv(1)
        client.close()


def ends(line):
    return (line["lport"], line["rport"])


def story(w, t):
    listeners = [listen() for _ in range(2)]
    ports = [port_of(each) for each in listeners]
    owners = {port: w.fork(serve, each, comm=f"serves-{port}")
              for port, each in zip(ports, listeners)}
    with w.traces((*LINES, "--sample", f"1/{SAMPLE}"), LINES) as (part, whole):
        # With a cookie each child has something to be told of its request, without one none has.
        sysctl("ipv4.tcp_syncookies", 2)
        talk(ports)
        sysctl("ipv4.tcp_syncookies", 0)
        talk(ports)
        for each in owners.values():
            each.result()

    servers = {ends(line): line for line in whole.connections if line["role"] == "server"}
    t.equal(len(servers), 4 * COUNT, "each server's connection is told of without a filter")
    # An ACK of the server's FIN that comes twice fits the cookie, too, and makes a second child of
    # the same ends: which of the two a line is about is not known then.
    times = collections.Counter(ends(line) for line in whole.connections
                                if line["role"] == "server")
    twice = {each for each, count in times.items() if count > 1}
    t.ok(len(twice) < COUNT // 10, "hardly one has a double", twice)
    sampled = [line for line in part.connections
               if line["role"] == "server" and ends(line) not in twice]
    want = 4 * COUNT / SAMPLE
    t.between(len(sampled), want - 6 * want ** 0.5, want + 6 * want ** 0.5, "a part of them with")
    for what, fact in (
            ("owner", lambda line: (line["pid"], line["comm"])),
            ("flags of the handshake", lambda line: line["handshake"]["flags"]),
            ("quality", lambda line: line["handshake"]["quality"]),
            ("latency", lambda line: line["handshake"]["latency_ns"])):
        t.equal([(*ends(line), fact(line)) for line in sampled
                 if fact(line) != fact(servers[ends(line)])], [],
                f"{what}: what the whole says of each of them, the part says, too")
    t.equal({line["pid"] for line in sampled if line["owner_source"] == "process"} -
            {each.pid for each in owners.values()}, set(), "nobody else accepted one")
    kinds = collections.Counter(tuple(line["handshake"]["flags"]) for line in sampled)
    t.ok(len(kinds) == 2, "both kinds are in the part", kinds)


run(story, needs=("passive",))
