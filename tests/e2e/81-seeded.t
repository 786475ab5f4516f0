#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Connections older than the tracer: known from its start, marked, and closed as they close."""
import os
import tempfile

import tracer
from traffic import connect, finish, listen, pair, port_of
from world import *

LASTING, ENDING, NEW = 7, 5, 3
OPEN = ("trace", "--open", "--json", "-N", "self")
SAID = b"seventeen bytes.."


def talk(sock, other):
    """Data both ways, some of it not yet read."""
    sock.sendall(SAID)
    other.recv(64)
    other.sendall(SAID * 2)


def is_recorded(w, t, port):
    """A recording has what only a timewait socket is left of, and so has who reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/night"
        with w.trace("record", "-N", "self", "-o", path):
            pass
        lines, _ = tracer.parse_lines(tracer.run("trace", "--json", "--open", "-i", path).out)
        stuck, _ = tracer.parse_lines(
            tracer.run("stuck", "--json", "--state", "FIN_WAIT2", "-i", path).out)
    told = lines[-1]["hooks"]["time_wait"] not in (None, "sampling")
    t.equal([(each["timeline"][-1]["state"], each["close"]["outcome"])
             for each in where(lines, type="connection", lport=port)],
            [("FIN_WAIT2", "open")] * told, "an orphan in FIN_WAIT2 is recorded")
    t.equal([each["held_by"] for each in where(stuck, type="stuck", lport=port)],
            ["nobody"] * told, "and stuck finds it there")


def story(w, t):
    listener, closed, six = listen(), listen(), listen("::1")
    lasting = [pair(listener) for _ in range(LASTING)] + [pair(six, "::1")]
    for client, server in lasting:
        talk(client, server)
    # Their listener is gone: only their own numbers tell who is who.
    ending = [pair(closed) for _ in range(ENDING)]
    port = port_of(closed)
    closed.close()
    for client, server in ending[1:]:
        talk(client, server)
        client.recv(64)
    half = pair(listener)
    half[0].shutdown(1)
    orphan, patient = pair(listener)
    left = port_of(orphan)
    orphan.close()
    is_recorded(w, t, left)
    queued = connect("127.0.0.1", port_of(listener))
    with w.traces(OPEN, HIST, EVENTS) as (lines, hist, events):
        for client, server in ending:
            finish(client, server)
        patient.close()
        taken = listener.accept()[0]
        made = [pair(listener) for _ in range(NEW)]
        finish(*made.pop())

    # Nobody tells how one ends that only a timewait socket is left of, where these are sampled.
    is_told = lines.summary["hooks"]["time_wait"] not in (None, "sampling")
    lines_, count = lines.connections, 2 * (LASTING + 1 + ENDING + 2) + 1 + is_told
    t.equal(lines.summary["connections"]["seeded"], count, "as many are seeded as were there")
    t.equal(lines.summary["connections"]["opened"], 2 * NEW, "no other is taken for old")
    old = where(lines_, seeded=True)
    t.equal(len(old), count, "each has a line")
    t.equal({(each["complete"], each["handshake"]["latency_ns"], each["time"]) for each in old},
            {(False, None, None)}, "incomplete; its handshake and its beginning are unknown")
    ports = {sock.getsockname()[1] for client, _ in lasting for sock in (client,)}
    for name, found, role in (
            ("client", [each for each in old if each["lport"] in ports], "client"),
            ("server", [each for each in old if each["rport"] in ports], "server")):
        t.equal(len(found), LASTING + 1, f"{name}: both families are there")
        t.equal({(each["role"], each["close"]["outcome"], each["timeline"][-1]["state"])
                 for each in found}, {(role, "open", "ESTABLISHED")}, f"{name}: open, and its role")
        t.equal({(each["pid"], each["owner_source"]) for each in found},
                {(os.getpid(), "process")}, f"{name}: who held it when the tracer came")
    ended = [each for each in old if port in (each["lport"], each["rport"])]
    t.equal(sorted((each["role"], *states_of(each)) for each in ended),
            sorted([("client", "ESTABLISHED", *CLOSES_FIRST),
                    ("server", "ESTABLISHED", *CLOSES_SECOND[:-1])] * ENDING),
            "those that ended did so in order, with their roles")
    t.equal({each["close"]["outcome"] for each in ended}, {"closed"}, "closed")
    state = {each["role"]: each["timeline"][-1]["state"] for each in old
             if half[0].getsockname()[1] in (each["lport"], each["rport"])}
    t.equal(state, {"client": "FIN_WAIT2", "server": "CLOSE_WAIT"}, "in the state they are in")
    t.equal(sorted((each["role"], *states_of(each), each["close"]["outcome"],
                    each["timeline"][0]["dwell_ns"]) for each in old
                   if left in (each["lport"], each["rport"])),
            [("server", *CLOSES_SECOND[:-1], "closed", None),
             ("unknown", *CLOSES_FIRST[1:], "closed", None)][:1 + is_told],
            "an orphan in FIN_WAIT2 is one, too, in it since nobody knows when")
    waited = [each for each in old if each["rport"] == port_of(queued)]
    t.equal([(each["role"], bool(taken and each["comm"])) for each in waited],
            [("server", True)], "one that was accepted meanwhile has an owner")
    t.equal(hist.summary["connections"]["seeded"], count, "hist knows them too")
    t.equal(hist.histogram("handshake_client")["count"], NEW, "and adds nothing of them")
    seen, accepts = events.summary["connections"]["seeded"], events.summary["hooks"]["accept"]
    t.equal(seen, 2 * ENDING + 1 + bool(accepts),
            "where nobody asks for them they are heard of when they change, or are accepted")


run(story)
