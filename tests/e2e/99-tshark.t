#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Another one's analysis of the same captures, made up and real: what is sent again, resets,
first round trips, and when the first FIN passes."""
import collections
import os
import shutil
import subprocess
import tempfile
import time

import taper
import wire
from taper import ACK, FIN, PSH, RST, SYN, Tape
from traffic import abort, finish, listen, pair, port_of
from world import IPV4, KERNEL, SECOND, Capture, Skip, run

FIELDS = ["tcp.stream", "tcp.srcport", "tcp.dstport", "tcp.analysis.retransmission",
          "tcp.analysis.fast_retransmission", "tcp.analysis.spurious_retransmission",
          "tcp.flags.reset", "tcp.flags.fin", "tcp.analysis.initial_rtt", "tcp.time_relative"]
LIVES, REAL = 23, 7

Analysis = collections.namedtuple("Analysis", "again resets round_trips fins")


def tape(lport=40000):
    """Lives with losses: SYNs, data and FINs that come again, and resets."""
    made = Tape()
    for at in range(LIVES):
        made.lport = lport + at
        if at % 5 == 0:
            made.client(SYN, 0).wait(1000)
        made.client(SYN, 0).wait(at).server(SYN | ACK, 0, 1).wait(2 * at).client(ACK, 1, 1)
        made.client(PSH | ACK, 1, 1, 100)
        for _ in range(at % 3):
            made.wait(250).client(PSH | ACK, 1, 1, 100)
        made.server(ACK, 1, 101)
        sent = 100
        if at % 6 == 5:  # a window that is closed for a while
            made.server(ACK, 1, 101, window=0)
            for _ in range(3):
                made.wait(300).client(ACK, 101, 1, 1).server(ACK, 1, 101, window=0)
            made.wait(300).client(ACK, 101, 1, 1).server(ACK, 1, 102)
            sent += 1
        if at % 4 == 3:
            made.server(RST | ACK, 1, 1 + sent)
        else:
            made.closes(sent)
    return made


def traffic(peer):
    """Real ones: late, orderly, reset, and with data that is acknowledged after a while."""
    listener = listen()
    for _ in range(REAL):
        finish(*pair(listener))
        client, server = pair(listener)
        abort(server)
        client.close()
    far = listen(KERNEL[IPV4])
    for at in range(REAL):
        flow = peer.flow(port_of(far))
        flow.open(0.01 * at)
        server = far.accept()[0]
        server.sendall(b"x" * 100)
        flow.expect(ACK, data=b"x" * 100)
        if at % 2:
            flow.expect(ACK, data=b"x" * 100)
        flow.send(ACK)
        server.close()
        flow.finish()


def is_set(cell):
    """tshark says 1, True, or nothing."""
    return cell in ("1", "True")


def analysis(path):
    """What tshark finds, by the ports of each connection, the higher one first."""
    command = ["tshark", "-r", path, "-T", "fields", "-E", "separator=,", "-E", "occurrence=f"]
    for each in FIELDS:
        command += ["-e", each]
    done = subprocess.run(command, capture_output=True, check=True, timeout=50,
                          env={**os.environ, "HOME": os.path.dirname(path)})
    found = Analysis(collections.Counter(), set(), {}, {})
    for line in done.stdout.decode().splitlines():
        stream, *ports, first, second, third, reset, fin, took, when = line.split(",")
        if not stream:
            continue
        ports = tuple(sorted(map(int, ports), reverse=True))
        found.again[ports] += bool(first or second or third)
        if is_set(reset):
            found.resets.add(ports)
        if is_set(fin):
            found.fins.setdefault(ports, round(float(when) * SECOND))
        if took:
            found.round_trips[ports] = round(float(took) * SECOND)
    return found


def compare(t, what, path):
    """All of it against what the program finds."""
    theirs, ends = analysis(path), {}
    for line in wire.replay(path):
        if line["type"] == "connection":
            ports = tuple(sorted((line["lport"], line["rport"]), reverse=True))
            ends.setdefault(ports, []).append(line)
    t.equal({len(both) for both in ends.values()}, {2}, f"{what}: each connection has two ends")
    told = {ports: sum(end["retransmits"] for end in both) for ports, both in ends.items()}
    t.equal(told, {ports: theirs.again[ports] for ports in ends},
            f"{what}: as many segments are sent again")
    told = {ports for ports, both in ends.items()
            if any(end["close"]["outcome"] == "reset_sent" for end in both)}
    t.equal(told, theirs.resets, f"{what}: the same are reset")
    told = {ports: both[0]["handshake"]["latency_ns"] for ports, both in ends.items()}
    t.none([f"{ports}: {got} and {theirs.round_trips.get(ports)}" for ports, got in told.items()
            if None in (got, theirs.round_trips.get(ports))
            or abs(got - theirs.round_trips[ports]) > 1000],
           f"{what}: first round trips are as long")
    told = {}
    for ports, both in ends.items():
        began = [end["timeline"][0]["mono_ns"] for end in both if end["role"] == "client"]
        closed = [step["mono_ns"] for end in both for step in end["timeline"]
                  if step["state"] == "FIN_WAIT1"]
        if closed:
            told[ports] = min(closed) - began[0]
    t.equal(sorted(told), sorted(theirs.fins), f"{what}: the same have a FIN")
    t.none([f"{ports}: {got} and {theirs.fins.get(ports)}" for ports, got in told.items()
            if abs(got - theirs.fins.get(ports, 0)) > 1000], f"{what}: which passes when they say")
    return told, theirs


def story(w, t):
    if not shutil.which("tshark"):
        raise Skip("there is no tshark")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tape.pcap")
        with open(path, "wb") as out:
            out.write(taper.pcap(tape().packets, taper.ETHERNET))
        _, theirs = compare(t, "made up", path)
        t.equal(len(theirs.resets), LIVES // 4, "some were reset")
        t.ok(sum(theirs.again.values()) >= LIVES, "and much was sent again", theirs.again)
        parts = [os.path.join(folder, name) for name in ("ethernet.pcap", "raw.pcap")]
        for part, lport, link in zip(parts, (41000, 42000), (taper.ETHERNET, taper.RAW)):
            with open(part, "wb") as out:
                out.write(taper.pcap(tape(lport).packets, link))
        path = os.path.join(folder, "merged.pcapng")
        subprocess.run(["mergecap", "-w", path, *parts], check=True, timeout=50)
        _, theirs = compare(t, "merged, of two link layers", path)
        t.equal(len(theirs.round_trips), 2 * LIVES, "all of both are there")
        capture, peer = Capture(), w.peer()
        traffic(peer)
        time.sleep(0.05)  # the last segment passes
        path = os.path.join(folder, "real.pcap")
        capture.write_pcap(path)
        capture.close()
        _, theirs = compare(t, "real", path)
        t.equal((len(theirs.resets), len(theirs.round_trips)), (REAL, 3 * REAL),
                "those that were made are there")
        t.ok(sum(theirs.again.values()) >= REAL // 2, "with what was sent again", theirs.again)


run(story)
