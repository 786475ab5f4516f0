#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The flow of a connection, and its trace: the same at both ends, whoever changes ports between."""
import csv
import io
import json
import os
import socket
import tempfile

import tracer
from traffic import abort, finish, port_of
from translator import HIDDEN, MAPPED, PORT, TwoMachines
from world import *

COUNT = int(os.environ.get("FLOWS", "1009"))
OLD, LIVE = 7, 3
WORD = (1 << 64) - 1


def siphash(value):
    """SipHash-2-4 of eight bytes under a key of zeros, as its authors have it."""
    v = [0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573]

    def turn(word, bits):
        return (word << bits | word >> 64 - bits) & WORD

    def rounds(count):
        for _ in range(count):
            v[0] = v[0] + v[1] & WORD
            v[2] = v[2] + v[3] & WORD
            v[1], v[3] = turn(v[1], 13) ^ v[0], turn(v[3], 16) ^ v[2]
            v[0] = turn(v[0], 32)
            v[2] = v[2] + v[1] & WORD
            v[0] = v[0] + v[3] & WORD
            v[1], v[3] = turn(v[1], 17) ^ v[2], turn(v[3], 21) ^ v[0]
            v[2] = turn(v[2], 32)

    for word in (value, 8 << 56):
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xff
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def flow_of(one, other):
    """What the manual says a flow is, of two initial sequence numbers."""
    return f"{siphash(max(one, other) << 32 | min(one, other)):016x}"


def flows_by(lines, port, hidden=0):
    """{the client's own port: flow} of the lines of one end."""
    return {each[port] ^ hidden: each["flow"] for each in lines}


def story(w, t):
    machines = TwoMachines(w)
    there, translator = machines.there, machines.translator
    old = [machines.open_pair() for _ in range(OLD)]
    old[0][0].shutdown(socket.SHUT_WR)
    old[1][1].shutdown(socket.SHUT_WR)
    trace = ("trace", "--json", "--open")
    commands = [(*trace, "-N", "self"), (*trace, "-N", there), ("trace", "--csv", "-N", "self"),
                EVENTS, (*trace, "--lives", "no", "-N", there),
                ("trace", "--format", "otlp", "-N", "self"),
                ("trace", "--format", "otlp", "-N", there)]
    with tempfile.NamedTemporaryFile(prefix="tcpspan-e2e-") as recording:
        commands.append(("record", "-N", f"self,{there}", "-o", recording.name))
        with w.traces(*commands) as (ours, theirs, rows, events, unbundled, *spans, _):
            for i in range(COUNT):
                client, server = machines.open_pair()
                if i % 7:
                    finish(client, server)
                else:
                    abort(client)
                    server.close()
            alive = [machines.open_pair() for _ in range(LIVE)]
            for client, server in old:
                finish(client, server)
            machines.wait_live([port_of(client) for client, _ in alive], 5 * w.patience)
        translator.stop()
        want = {port: flow_of(seq, translator.synacks[port])
                for port, seq in translator.syns.items()}
        t.equal(len(want), OLD + COUNT + len(alive), "each connection has passed the translator")
        judge_ends(t, want, ours, theirs, unbundled)
        judge_forms(t, dict(list(want.items())[OLD:]), rows, events)
        judge_replays(w, t, want, recording.name)
        judge_traces(t, [flow for port, flow in want.items()
                         if port not in {port_of(client) for client, _ in alive}],
                     *([json.loads(line) for line in each.out.splitlines()] for each in spans))
    machines.close()


def judge_ends(t, want, ours, theirs, unbundled):
    """Each connection's lines, of either end, against its segments."""
    t.equal(len(set(want.values())), len(want), "no two have the same flow")
    here = flows_by(ours.connections, "lport")
    t.equal(here, want, "the client's lines have the flow that their first numbers make")
    t.equal(flows_by(theirs.connections, "rport", HIDDEN), here,
            "the server's, whose ports and addresses are others, have the same")
    t.equal(flows_by(unbundled.connections, "rport", HIDDEN), here,
            "also where each step is told of by itself")
    old = set(list(want.values())[:OLD])
    t.equal({each["flow"] for each in ours.connections if each["seeded"]}, old,
            "those that are older have theirs by the socket's own numbers")


def judge_forms(t, new, rows, events):
    """Transitions and CSV, of the client."""
    steps = events.of("transition")
    t.equal(flows_by(where(steps, to="ESTABLISHED"), "lport"), new,
            "transitions have it from ESTABLISHED on")
    t.equal({each["flow"] for each in where(steps, to="SYN_SENT")}, {None},
            "before, the second number is not known")
    closed = dict(list(new.items())[:COUNT])
    table = {int(row["lport"]): row["flow"]
             for row in csv.DictReader(io.StringIO(rows.out.decode()))}
    t.equal({port: table.get(port) for port in closed}, closed, "CSV has it as well")


def connection_of(line):
    """The first span of a line, with its attributes; the others are its children."""
    first, *rest = line["resourceSpans"][0]["scopeSpans"][0]["spans"]
    first["children"] = [each["name"] for each in rest
                         if each["parentSpanId"] == first["spanId"]
                         and each["traceId"] == first["traceId"]]
    first["strangers"] = len(rest) - len(first["children"])
    first.update({each["key"]: next(iter(each["value"].values())) for each in first["attributes"]})
    return first


def judge_traces(t, flows, here, there):
    """The spans of two tracers that know nothing of each other."""
    clients = {each["tcpspan.flow"]: each for each in map(connection_of, here)}
    servers = {each["tcpspan.flow"]: each for each in map(connection_of, there)}
    t.equal((set(clients), set(servers)), (set(flows), set(flows)),
            "each end has spans of each connection that is over")
    t.equal((len(here), len(there)), (len(flows), len(flows)), "and no others")
    t.none([flow for flow in flows if clients[flow]["traceId"] != servers[flow]["traceId"]],
           "both ends of each connection are one trace")
    t.equal(len({each["traceId"] for each in clients.values()}), len(flows),
            "and of no other connection")
    # Nobody knows of one that is older who called whom, but by the numbers of its socket.
    t.none([flow for flow in flows
            if servers[flow].get("parentSpanId") != clients[flow]["spanId"]
            or "parentSpanId" in clients[flow]], "the server's parent is the client's span")
    new = flows[OLD:]
    t.none([flow for flow in new if clients[flow]["children"][:2] != ["handshake", "established"]
            or servers[flow]["children"][:2] != ["handshake", "established"]
            or clients[flow]["strangers"] + servers[flow]["strangers"]],
           "below each are its handshake and what followed")
    ids = [each["spanId"] for line in here + there
           for each in line["resourceSpans"][0]["scopeSpans"][0]["spans"]]
    t.equal(len(set(ids)), len(ids), "no two spans have one id")
    failed = [flow for flow in new if clients[flow].get("status", {}).get("code") == 2]
    t.equal(len(failed), len([i for i in range(COUNT) if i % 7 == 0]),
            "those that were reset are errors")
    t.equal({servers[flow]["error.type"] for flow in failed}, {"reset_received"},
            "of the cause that each end knows")


def judge_replays(w, t, want, recording):
    """What a recording keeps of it, and what can be asked for by it."""
    def replay(*args):
        return tracer.Replay((*args, "--json"), w.patience).play(recording)

    lines = replay("trace", "--open").connections
    t.equal((flows_by(where(lines, rport=MAPPED), "lport"),
             flows_by(where(lines, lport=PORT), "rport", HIDDEN)), (want, want),
            "a recording tells the same of both ends")
    asked = list(want.values())[OLD + 3]
    found = replay("trace", "--flow", asked.upper()).connections
    t.equal(sorted((each["role"], each["flow"]) for each in found),
            [("client", asked), ("server", asked)], "--flow finds both ends, and no other")
    t.equal(only(replay("explain", "--flow", asked).lines, type="explain")["flow"], asked,
            "explain --flow draws that connection")
    t.equal(replay("trace", "--flow", "00000000000000ff").connections, [],
            "a flow that nothing has finds nothing")


run(story)
