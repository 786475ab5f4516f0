# SPDX-License-Identifier: GPL-2.0-only
"""Plays a story of `explain --demo` with a capture at each of its two ends."""

import json
import os
import re
import subprocess
import time

import namespace
from packet import ACK, FIN, RST, SYN
from tracer import extra_arguments, program
from witness import Capture

EXTRAS = 50000  # ports from here on are of nobody whom a ladder is about
ENDS = ("192.0.2.1", "192.0.2.2")
SIGNIFICANT = SYN | FIN | RST
MASKED = re.compile(r"\b\d+(\.\d+)?(ns|us|ms|s|m|h)\b")  # durations


def stories():
    """The names of all, as the program lists them."""
    listed = subprocess.run([program(), "explain", "--demo"], stdout=subprocess.PIPE, check=True,
                            stderr=subprocess.DEVNULL)
    return [line.split()[0] for line in listed.stdout.decode().splitlines()]


def recorded(story, *args):
    """What the recording that is built in prints, as text."""
    done = subprocess.run([program(), "explain", "--demo", story, "--recorded", *args],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    return done.stdout.decode()


def lines_of(text):
    """The ladders among lines of JSON."""
    return [line for line in map(json.loads, text.splitlines()) if line["type"] == "explain"]


class Player:
    """One run of a story, from the moment its namespaces are there."""

    def __init__(self, story, *args, patience=1.0):
        self.process = subprocess.Popen(
            [program(), "explain", "--demo", story, "--pace", "0", *args, *extra_arguments()],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.pid, found = None, []
        deadline = time.monotonic() + 20 * patience
        # Its namespaces are descriptors of the player, which begins when all hooks are attached.
        while len(found) < len(ENDS) and time.monotonic() < deadline:
            self.pid = self._child()
            found = self._namespaces() if self.pid else []
            time.sleep(0.002)
        self.captures = {}
        for address, path in zip(ENDS, found):
            with namespace.entered(path):
                self.captures[address] = Capture()

    def _child(self):
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children",
                      encoding="ascii") as text:
                return next(iter(text.read().split()), None)
        except OSError:
            return None

    def _namespaces(self):
        folder = f"/proc/{self.pid}/fd"
        try:
            return [f"{folder}/{fd}" for fd in sorted(os.listdir(folder), key=int)
                    if os.readlink(f"{folder}/{fd}").startswith("net:")]
        except OSError:
            return []

    def end(self, within=60.0):
        """Waits for the end; returns (status, standard output, standard error)."""
        out, err = self.process.communicate(timeout=within)
        return self.process.returncode, out.decode(), err.decode()

    def packets(self, address):
        """What one end has sent and was sent, but for those who are extras."""
        return [each for each in self.captures[address].packets()
                if max(each.sport, each.dport) < EXTRAS]


def _is(packet, step, lport):
    flags = {name for name, bit in (("SYN", SYN), ("FIN", FIN), ("RST", RST), ("ACK", ACK))
             if packet.flags & bit}
    told, may = set(step["flags"]), set(step["flags_guessed"])
    if "RST" in told:
        may.add("ACK")  # no state tells whether a reset has one
    return (told <= flags <= told | may and (packet.sport == lport) == (step["direction"] == "out")
            and step["seq"] in (None, packet.seq)
            and (step["ack"] is None or step["ack"] == packet.ack))


def unmatched(line, packets):
    """Takes the packets of each rung away, in their order; returns the rungs that have none."""
    flaws, at = [], 0
    for step in (each for each in line["steps"] if each["kind"] == "segment"):
        for _ in range(step["times"]):
            found = next((i for i in range(at, len(packets))
                          if _is(packets[i], step, line["lport"])), None)
            if found is None:
                flaws.append({key: step[key] for key in ("direction", "flags", "seq", "ack")})
                continue
            del packets[found]
            # An ACK of data may look like the one before it.
            at = found if step["flags"] != ["ACK"] else at
    return flaws


def masked(line):
    """A ladder without what differs from run to run: times and absolute numbers."""
    keys = ("kind", "number", "direction", "flags", "flags_guessed", "times", "arrived", "seq_name",
            "ack_name", "bytes_out", "bytes_in", "local", "local_measured", "remote",
            "remote_measured")
    return [{**{key: step[key] for key in keys},
             "text": [MASKED.sub("T", text) for text in step["text"]]} for step in line["steps"]]
