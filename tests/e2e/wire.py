# SPDX-License-Identifier: GPL-2.0-only
"""What a run has told of connections, held against what a capture of their packets tells."""

import os
import tempfile

import tracer
from tap import Skip

MS = 1000000
# What a capture cannot tell: why a process resets, and that it has left before there was an answer.
CAUSES = {"closed_by_local", "closed_by_remote", "closed_by_both", "refused", "reset_received"}


# Nothing, or no more than a reset, passes a wire at these ends.
SILENT = {"killed", "fin_timeout", "namespace_gone", "taken_over", "syn_timeout", "timed_out",
          "retransmit_timeout", "keepalive_timeout", "probe_timeout", "user_timeout",
          "linger_dropped", "unreachable", "refused_by_icmp", "connect_abandoned", "connect_shut",
          "connect_disconnected", "repaired", "aborted", "lost_way", None}
# Those that no segment was ever of.
UNSENT = {"connect_failed", "connect_unsent", "synack_timeout"}


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
    if b"without libpcap" in done.err:
        raise Skip("this program reads no captures")
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
    if told["close"]["cause"] in SILENT or (told["time_wait"] or {}).get("end") == "killed":
        # A TIME_WAIT that somebody ends is over without a segment as well.
        begins = states_of(seen)[:len(states_of(told))]
        pairs = [("states", states_of(told)[:len(begins)], begins)]
    else:
        pairs += [(name, told["close"][name], seen["close"][name])
                  for name in ("outcome", "initiator")]
        pairs += [("states", states_of(told), states_of(seen))]
    if told["close"]["cause"] not in SILENT and seen["close"]["cause"] in CAUSES:
        pairs.append(("cause", told["close"]["cause"], seen["close"]["cause"]))
        # A socket that the kernel waits in alone has no errno any more.
        if told["close"]["errno"]:
            pairs.append(("errno", told["close"]["errno"], seen["close"]["errno"]))
    if "queue_full" not in told["handshake"]["flags"] and seen["close"]["outcome"] != "open":
        pairs += [("handshake", told["handshake"]["retransmits"],
                   seen["handshake"]["retransmits"])]
    for name, first, second in pairs:
        if first != second:
            yield f"{ends_of(told)}: {name}: {first!r}, on the wire {second!r}"
    for each in same_handshake(told, seen, slack):
        yield f"{ends_of(told)}: {each}"


def compare(told, seen, slack=MS):
    """The same of all lines: each of the run against the one of the capture with the same ends."""
    wired, found = {}, []
    for line in seen:
        if line["type"] == "connection":
            wired.setdefault(ends_of(line), []).append(line)
    for line in sorted(told, key=lambda line: line["timeline"][0]["mono_ns"] or 0):
        queue = wired.get(ends_of(line))
        if line["close"]["cause"] in UNSENT:
            continue
        if queue:
            found += differences(line, queue.pop(0), slack)
        else:
            found.append(f"{ends_of(line)}: the wire has none of {line['close']}")
    return found
