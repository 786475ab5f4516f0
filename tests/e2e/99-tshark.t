#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Another one's analysis of the same capture: what is sent again, resets, first round trips."""
import collections
import os
import shutil
import subprocess
import tempfile

import taper
import wire
from taper import ACK, FIN, PSH, RST, SYN, Tape
from world import Skip, run

FIELDS = ["tcp.stream", "tcp.analysis.retransmission", "tcp.analysis.fast_retransmission",
          "tcp.analysis.spurious_retransmission", "tcp.flags.reset", "tcp.analysis.initial_rtt"]
LIVES = 23


def tape():
    """Lives with losses: SYNs, data and FINs that come again, and resets."""
    made = Tape()
    for at in range(LIVES):
        made.lport = 40000 + at
        if at % 5 == 0:
            made.client(SYN, 0).wait(1000)
        made.client(SYN, 0).wait(at).server(SYN | ACK, 0, 1).wait(2 * at).client(ACK, 1, 1)
        made.client(PSH | ACK, 1, 1, 100)
        for _ in range(at % 3):
            made.wait(250).client(PSH | ACK, 1, 1, 100)
        made.server(ACK, 1, 101)
        if at % 4 == 3:
            made.server(RST | ACK, 1, 101)
        else:
            made.closes(100)
    return made


def analysis(path):
    """By tshark's number of each connection: segments sent again, resets, the first round trip."""
    command = ["tshark", "-r", path, "-T", "fields", "-E", "separator=,"]
    for each in FIELDS:
        command += ["-e", each]
    done = subprocess.run(command, capture_output=True, check=True, timeout=50,
                          env={**os.environ, "HOME": os.path.dirname(path)})
    again, resets, round_trips = collections.Counter(), set(), {}
    for line in done.stdout.decode().splitlines():
        stream, first, second, third, reset, took = line.split(",")
        again[int(stream)] += bool(first or second or third)
        if reset in ("1", "True"):
            resets.add(int(stream))
        if took:
            round_trips[int(stream)] = round(float(took) * 10**9)
    return again, resets, round_trips


def story(_, t):
    if not shutil.which("tshark"):
        raise Skip("there is no tshark")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tape.pcap")
        with open(path, "wb") as out:
            out.write(taper.pcap(tape().packets, taper.ETHERNET))
        again, resets, round_trips = analysis(path)
        by_port = {"client": {}, "server": {}}
        for line in wire.replay(path):
            if line["type"] == "connection":
                by_port[line["role"]][max(line["lport"], line["rport"])] = line
    t.equal([len(by_port[role]) for role in ("client", "server")], [LIVES] * 2,
            "each connection has two ends")
    told = [sum(by_port[role][40000 + at]["retransmits"] for role in by_port)
            for at in range(LIVES)]
    t.equal(told, [again[at] for at in range(LIVES)], "as many segments are sent again")
    told = {at for at in range(LIVES)
            if by_port["server"][40000 + at]["close"]["outcome"] == "reset_sent"}
    t.equal(told, resets, "the same are reset")
    told = [by_port["server"][40000 + at]["handshake"]["latency_ns"] for at in range(LIVES)]
    t.none([f"{at}: {got} and {round_trips.get(at)}" for at, got in enumerate(told)
            if round_trips.get(at) is None or abs(got - round_trips[at]) > 1000],
           "first round trips are as long")


run(story)
