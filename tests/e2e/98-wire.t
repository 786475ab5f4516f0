#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A capture beside a run: what both can know of the same connections, they tell alike."""
import copy
import json
import os
import socket
import tempfile
import time

import tracer
import wire
from traffic import (abort, connect, finish, free_port, leave_unread, listen, pair, port_of,
                     wait_state)
from world import *

ORDERLY, REFUSED, RESETS = 7, 5, 3


def half_closes(listener):
    client, server = pair(listener)
    client.shutdown(socket.SHUT_WR)
    server.recv(1)
    server.sendall(b"x" * 70001)
    server.close()
    while client.recv(65536):
        pass
    client.close()


def traffic(peer, listener):
    for first in (0, 1):
        for _ in range(ORDERLY):
            ends = pair(listener)
            ends[first].sendall(b"y" * 1009)
            ends[1 - first].recv(1009)
            finish(ends[first], ends[1 - first])
    half_closes(listener)
    for _ in range(RESETS):
        client, server = pair(listener)
        abort(server)
        time.sleep(0.01)
        client.close()
        client, server = pair(listener)
        leave_unread(client, server)
        time.sleep(0.01)
        client.close()
    for _ in range(REFUSED):
        try:
            connect("127.0.0.1", free_port())
        except ConnectionRefusedError:
            pass
    # With a far end that answers late, and one whose FIN crosses ours.
    late = peer.flow(port_of(listener))
    late.open(0.03)
    listener.accept()[0].close()
    late.finish()


def crossing(peer, listener):
    flow = peer.flow(port_of(listener))
    flow.open()
    server = listener.accept()[0]
    server.close()
    theirs = flow.expect(FIN)
    flow.send(FIN | ACK, ack=theirs.seq)
    wait_state(flow.remote_port, flow.port, "CLOSING")
    flow.send(ACK)
    wait_state(flow.remote_port, flow.port, "TIME_WAIT")


def join(t, told, recording, capture):
    """One ladder of what the machine knew of its end, and the wire of the other one."""
    flow = [line["flow"] for line in told if line["raddr"] == PEER[IPV4]][0]
    done = tracer.run("explain", "-i", recording, "-i", capture, "--flow", flow, "--json")
    line = json.loads(done.out.splitlines()[0])
    ends = sorted((each["role"], each["laddr"], each["pid"] is not None)
                  for each in (line, line["other"]))
    t.equal(ends, [("client", PEER[IPV4], False), ("server", KERNEL[IPV4], True)],
            "both ends are in one ladder")
    done = tracer.run("explain", "-i", recording, "-i", capture, "--flow", flow)
    text = " ".join(done.out.decode().split())
    t.ok("of the other one a capture saw the segments" in text, "which says whose is whose", text)


LIES = {  # what a line says otherwise, and under which name the difference is told
    "role": lambda line: line.update(role="server"),
    "flow": lambda line: line.update(flow="0" * 16),
    "bytes_sent": lambda line: line.update(bytes_sent=line["bytes_sent"] + 1),
    "bytes_received": lambda line: line.update(bytes_received=line["bytes_received"] + 1),
    "retransmits": lambda line: line.update(retransmits=1),
    "states": lambda line: line["timeline"].pop(2),
    "outcome": lambda line: line["close"].update(outcome="reset_sent"),
    "initiator": lambda line: line["close"].update(initiator="both"),
    "cause": lambda line: line["close"].update(cause="closed_by_both"),
    "handshake": lambda line: line["handshake"].update(retransmits=1),
    "handshake of": lambda line: line["handshake"].update(
        latency_ns=line["handshake"]["latency_ns"] + (1 + SLACK) * MS),
    "wait": lambda line: line["time_wait"].update(end="reset"),
}


def find_lies(t, told, seen):
    """The twin: what is not the same is found, whichever field it is in."""
    first = [line for line in told if line["role"] == "client"
             and line["close"]["cause"] == "closed_by_local" and line["time_wait"]][0]
    for name, lie in LIES.items():
        other = copy.deepcopy(first)
        lie(other)
        found = wire.compare([other], seen, SLACK * MS)
        t.ok(any(f": {name}" in each for each in found), f"another {name} is found", found)
    t.equal(len(wire.compare([first] * 2, seen, SLACK * MS)), 1, "so is one that no wire has seen")


def story(w, t):
    peer, listener, capture = w.peer(), listen("0.0.0.0"), Capture()
    with tempfile.TemporaryDirectory() as folder:
        recording, path = (os.path.join(folder, name) for name in ("host.tsp", "wire.pcap"))
        with w.traces(LINES, ("record", "-N", "self", "-o", recording)) as (lines, _):
            traffic(peer, listener)
            crossing(peer, listener)
        told = lines.connections
        t.equal(len(told), 4 * ORDERLY + 2 + 4 * RESETS + REFUSED + 2, "the run has them all")
        capture.write_pcap(path)
        seen = wire.replay(path)
        t.none(wire.compare(told, seen, SLACK * MS),
               "what both know of each connection is the same")
        find_lies(t, told, seen)
        ours = [line for line in seen if line["type"] == "connection"]
        t.equal({line["origin"] for line in ours}, {"wire"}, "it says where it has it from")
        t.equal({line[name] for line in ours for name in ("pid", "comm", "uid", "netns")}, {None},
                "and nothing that no wire has")
        join(t, told, recording, path)
    capture.close()


run(story)
