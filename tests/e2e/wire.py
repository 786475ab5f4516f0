# SPDX-License-Identifier: GPL-2.0-only
"""What a run has told of connections, held against what a capture of their packets tells."""

import os
import tempfile

import tracer

MS = 1000000
# What a capture cannot tell: why a process resets, and that it has left before there was an answer.
CAUSES = {"closed_by_local", "closed_by_remote", "closed_by_both", "refused", "reset_received"}


def ends_of(line):
    """What names one end of a connection."""
    return line["laddr"], line["lport"], line["raddr"], line["rport"]


def states_of(line):
    """The states of a life, in their order."""
    return [each["state"] for each in line["timeline"]]


def replay(path, *args):
    """The lines that the program makes of a capture."""
    done = tracer.run("trace", "-i", path, "--full", "--open", "--json", *args)
    lines, flaws = tracer.parse_lines(done.out)
    if done.status or flaws:
        raise AssertionError(f"status {done.status}, {flaws}\n{done.err.decode()}")
    return lines


def lines_of(capture):
    """The same, of a Capture."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "wire.pcap")
        capture.write_pcap(path)
        return replay(path)


def same_handshake(told, seen, slack):
    """What is not the same of two handshakes, within so many nanoseconds."""
    if told["handshake"]["latency_ns"] is not None and told["handshake"]["quality"] == "exact":
        latency = seen["handshake"]["latency_ns"]
        if latency is None or abs(latency - told["handshake"]["latency_ns"]) > slack:
            yield f"handshake {told['handshake']} {seen['handshake']}"


def differences(told, seen, slack=MS):
    """Sentences: what a `connection` line of a run and one of a capture say differently."""
    pairs = [(name, told[name], seen[name]) for name in
             ("family", "role", "bytes_sent", "bytes_received", "retransmits", "flow")
             if told[name] is not None and seen[name] is not None]
    pairs += [(name, told["close"][name], seen["close"][name]) for name in ("outcome", "initiator")]
    if seen["close"]["cause"] in CAUSES:
        pairs += [(name, told["close"][name], seen["close"][name]) for name in ("cause", "errno")]
    pairs += [("states", states_of(told), states_of(seen)),
              ("handshake", told["handshake"]["retransmits"], seen["handshake"]["retransmits"])]
    for name, first, second in pairs:
        if first != second:
            yield f"{ends_of(told)}: {name}: {first!r}, on the wire {second!r}"
    for each in same_handshake(told, seen, slack):
        yield f"{ends_of(told)}: {each}"
