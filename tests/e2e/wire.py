# SPDX-License-Identifier: GPL-2.0-only
"""What a run has told of connections, held against what a capture of their packets tells."""

import os
import tempfile

import tracer
from tap import Skip

MS = 1000000
# Causes that a capture can tell; at other ends its own is a coarser one, such as reset_sent.
CAUSES = {"closed_by_local", "closed_by_remote", "closed_by_both", "refused", "reset_received"}
# Nothing, or no more than a reset, passes a wire at these ends.
SILENT = {"killed", "fin_timeout", "namespace_gone", "taken_over", "syn_timeout", "timed_out",
          "retransmit_timeout", "keepalive_timeout", "probe_timeout", "user_timeout",
          "linger_dropped", "unreachable", "refused_by_icmp", "connect_abandoned", "connect_shut",
          "connect_disconnected", "repaired", "aborted", "no_time_wait", "lost_way", None}
# Those that no segment was ever of, or none of the connection itself.
UNSENT = {"connect_failed", "connect_unsent", "synack_timeout"}
# How a TIME_WAIT ends that others see as well.
SEEN_WAITS = {"reused", "reset"}

# What a capture cannot know of some connections: of which ones, what of them, why.
UNKNOWABLE = [
    (lambda told: told["close"]["cause"] in SILENT, {"end"},
     "a timer, a process or the machine ended it, and at most a reset says so, as of other ends"),
    (lambda told: wait_of(told) == "killed", {"end"},
     "the same of its TIME_WAIT"),
    (lambda told: told["seeded"] and states_of(told)[0] != "ESTABLISHED", {"states", "end"},
     "half of its end had passed before the capture began"),
    (lambda told: "restored" in told["handshake"]["flags"], {"opening", "handshake"},
     "TCP_REPAIR has made it, and nobody has shaken hands"),
    (lambda told: wait_of(told) == "overflow", {"wait"},
     "whether there was room for its TIME_WAIT shows in no segment"),
    (lambda told: wait_of(told) not in SEEN_WAITS, {"over"},
     "nor when that was over"),
    (lambda told: "queue_full" in told["handshake"]["flags"], {"handshake", "latency"},
     "a full queue drops the ACK behind the capture, as a network that loses it does"),
    (lambda told: told["role"] == "client" and "fastopen" in told["handshake"]["flags"], {"early"},
     "an ACK that is put off, as there is data to send with it, passes when that end is long open"),
]
# The same of single stories.
STORIES = {
    "37-counted-again": ({"bytes_sent"}, "while there is no way the kernel's counter, the one that "
                         "there is, has each attempt as sent"),
    "55-fast-open": ({"early"}, "who waits to send data holds back the ACK until he is awake, also "
                     "where a cookie was missing and nothing says so"),
}


def wait_of(told):
    """How its TIME_WAIT ended; None: it has not, or there was none."""
    return (told["time_wait"] or {}).get("end")


def unknowable(told, story):
    """What a capture cannot know of a connection."""
    found = set(STORIES.get(story, (set(),))[0])
    for holds, what, _ in UNKNOWABLE:
        found |= what if holds(told) else set()
    return found


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


def paths(told, seen, unknown):
    """The states of both, as far as both can know them."""
    paths = [states_of(told), states_of(seen)]
    if "opening" in unknown:
        paths = [path[path.index("ESTABLISHED"):] for path in paths]
    if "wait" in unknown:
        paths = [[state for state in path if state not in ("TIME_WAIT", "CLOSED")]
                 for path in paths]
    if "over" in unknown:
        paths = [path[:path.index("TIME_WAIT") + 1] if "TIME_WAIT" in path else path
                 for path in paths]
    if "end" in unknown:
        least = min(map(len, paths))
        paths = [path[:least] for path in paths]
    return paths


def pairs_of(told, seen, unknown):
    """(name, of the run, of the capture): what is to be the same where both know it."""
    for name in ("family", "role", "bytes_sent", "bytes_received", "retransmits", "flow"):
        if not {told[name], seen[name]} & {None, "unknown"}:
            yield name, told[name], seen[name]
    yield "states", *paths(told, seen, unknown)
    # What is sent again in a handshake is told when that is over.
    if seen["close"]["outcome"] != "open" or states_of(seen)[-1] not in ("SYN_SENT", "SYN_RECV"):
        yield "handshake", *(line["handshake"]["retransmits"] for line in (told, seen))
    if wait_of(told) in SEEN_WAITS:
        yield "wait", wait_of(told), wait_of(seen)
    if "end" in unknown:
        return
    for name in ("outcome", "initiator"):
        yield name, told["close"][name], seen["close"][name]
    if seen["close"]["cause"] in CAUSES:
        yield "cause", told["close"]["cause"], seen["close"]["cause"]
        # A socket that the kernel waits in alone has no errno any more.
        if told["close"]["errno"]:
            yield "errno", told["close"]["errno"], seen["close"]["errno"]


def differences(told, seen, slack=MS, story=None):
    """Sentences: what a `connection` line of a run and one of a capture say differently."""
    unknown = unknowable(told, story)
    for name, first, second in pairs_of(told, seen, unknown):
        if name not in unknown and first != second:
            yield f"{ends_of(told)}: {name}: {first!r}, on the wire {second!r}"
    took, passed = (line["handshake"]["latency_ns"] for line in (told, seen))
    if took is None or told["handshake"]["quality"] != "exact" or "latency" in unknown:
        return
    if passed is None or took - passed > slack or \
            (passed - took > slack and "early" not in unknown):
        yield f"{ends_of(told)}: handshake of {took} ns, on the wire {passed}"


def compare(told, seen, slack=MS, story=None):
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
            found += differences(line, queue.pop(0), slack, story)
        elif not line["seeded"] or line["close"]["outcome"] != "open":
            # Who is older than the capture and lives on may have been silent meanwhile.
            found.append(f"{ends_of(line)}: the wire has none of {line['close']}")
    return found
