# SPDX-License-Identifier: GPL-2.0-only
"""What a run tells, summed up as the kernel counts it: both must agree, for each whole namespace.

COUNTERS has what equals each counter that the manual names, OTHERS the ones that it names to say
what they are. A run that saw all of a namespace and lost nothing of it is held against what moved
meanwhile; UNCOUNTED says of which stories there is none.
"""

import collections
import functools

from witness import counters

# Words that leave nothing of the namespace out.
WHOLE = {"trace", "hist", "--events", "--full", "--open", "--json", "-j", "--by", "comm", "thread",
         "raddr", "rport", "lport", "netns", "cgroup", "outcome", "-N", "self", "--sample", "1/1",
         "--attach", "auto", "fentry", "kprobe", "tracepoint", "classic", "tp_btf", "sampling",
         "--lives", "yes", "no", "--stack", "--stacks", "1", "--rings", "2"}

RECORDS = "its runs are recorders, which print nothing of it"
EXPLAINS = "its runs follow one connection"
LOOKS = "it looks at sockets, not at what happens to them"
UNCOUNTED = {
    "99-tshark": "its runs read captures that nobody has captured",
    "00-world": "it tells of stories, not of the program",
    "09-filters": "its runs are of parts of the namespace",
    "13-bad-use": "none of its runs begins",
    "21-check-told": "it looks at what is said before anything happens",
    "24-rights": "it looks at the rights of a run",
    "31-record-limits": RECORDS,
    "32-record-private": RECORDS,
    "56-deferred-shares": "its run is of one port",
    "64-time-wait-purged": "the namespace is gone, with its counters",
    "65-time-wait-elsewhere": "its run looks at several namespaces",
    "24-clock-step": "its run is told another time of day",
    "33-still-going": "its runs end while connections do",
    "24-time-namespace": "its runs come and go while traffic never pauses",
    "24-netns-users": "its run looks at several namespaces",
    "74-explain": EXPLAINS,
    "74-textbook": EXPLAINS,
    "74-textbook-screen": EXPLAINS,
    "75-ladders": EXPLAINS,
    "76-perfetto": RECORDS,
    "78-two-machines": RECORDS,
    "96-report": "its runs write pages, and are recorders",
    "97-alone": "each of its runs leaves something out",
    "96-diff": "its runs are recorders, or compare",
    "94-ports": LOOKS,
    "92-listeners": "its run tells of listeners, not of connections",
    "88-ring-shares": "all of its runs lose events, which is what it is about",
    "90-export": "it compares figures itself, of some ports alone",
    "93-export-names": "it compares figures itself, of some ports alone",
    "92-against": "the program compares by itself",
    "92-differs": "the program compares by itself, and is lied to",
    "96-otlp": "it compares figures itself, of some ports alone",
    "96-rows": "it compares rows itself, of some ports alone",
    "98-fleet-readme": "it compares rows itself, of namespaces of its own",
    "98-fleet-alone": "it compares rows itself, of namespaces of its own",
    "98-fleet": "it compares rows itself, of namespaces of its own",
    "99-fleet-shards": "it compares rows itself, of namespaces of its own",
    "97-victoria": "it compares figures itself, of some ports alone",
    "91-serving": "it is about those who ask, not about what they are told",
    "91-prometheus": "it compares figures itself, of some ports alone",
    "97-sends": "it compares rows itself, of some ports alone",
    "97-service": "it compares figures itself",
    "93-top": "its runs paint, or are recorders",
    "93-top-numbers": "its run paints",
    "77-other-end": EXPLAINS,
    "80-snapshot": LOOKS,
    "82-resync": "its rings are too small for all, on purpose",
    "83-stuck": LOOKS,
    "84-half-closed": LOOKS,
    "84-stuck-states": LOOKS,
    "84-unaccepted": LOOKS,
    "85-stuck-holders": LOOKS,
    "86-stuck-watch": LOOKS,
    "87-stuck-before": RECORDS,
    "87-stuck-replay": RECORDS,
    "87-stack-leak": LOOKS,
    "terminal": "its runs are told to look as people see them",
    "89-unseen": "events are lost in it, on purpose",
}

# How a connect ends that is no failed attempt for the kernel: whoever gives up has not failed. Nor
# has a fast open whose child this side resets before the handshake is over.
GIVEN_UP = {"connect_abandoned", "connect_disconnected", "connect_shut", "connect_unsent",
            "connect_failed"}
# Of a socket in SYN_SENT; with SO_LINGER of 0 seconds the kernel counts some of them.
PERHAPS_LINGERED = {"connect_abandoned"}


class Window:
    """The counters around a run: before and after it began to look, before and after its end.

    What moved while it began or ended it may have seen or not.
    """

    def __init__(self):
        self._before = self._looks = counters()
        self._leaves = self._after = None

    def looks(self):
        """From now on it sees everything."""
        self._looks = counters()

    def leaves(self):
        """It is about to be told to end, if not before."""
        self._leaves = self._leaves or counters()

    def over(self):
        """It has ended, if not before."""
        self._after = self._after or counters()

    def moved(self, *names, less=None):
        """How far they moved together, but for another that has no part: (at least, at most)."""
        def inside(*which):
            return sum(self._leaves.get(name, 0) - self._looks.get(name, 0) for name in which)

        def around(*which):
            return sum(self._after.get(name, 0) - self._before.get(name, 0) for name in which)

        if not less:
            return inside(*names), around(*names)
        return inside(*names) - around(less), around(*names) - inside(less)


class Told:
    """The sums of one run's lines and summary."""

    def __init__(self, run):
        self.run, self.summary = run, run.summary
        # A recording names the families that it has records of.
        self.hooks = collections.defaultdict(lambda: None, self.summary["hooks"])
        self.is_by_line = "trace" in run.args and "--events" not in run.args
        self.lines = run.connections if self.is_by_line else []
        self.causes = [line["close"]["cause"] for line in self.lines]

    def count(self, *causes):
        """The connections that ended for one of these."""
        return sum(cause in causes for cause in self.causes)

    def count_tcp(self, *causes):
        """Those that TCP ended by itself: how MPTCP ends a subflow is in its own counters."""
        return sum(line["close"]["cause"] in causes and not line["mptcp"] for line in self.lines)

    def closed(self):
        """The lines of connections that came to CLOSED, with a TIME_WAIT or without."""
        return [line for line in self.lines if line["close"]["outcome"] != "open"
                and line["timeline"] and line["timeline"][-1]["state"] == "CLOSED"]

    def last_states(self):
        """The state that each was in before it was CLOSED."""
        if self.is_by_line:
            return [states_before(line) for line in self.closed()]
        return [line["from"] for line in self.run.of("transition") if line["to"] == "CLOSED"]

    def half_open(self):
        """The causes of half-open requests, or None where not all of them are printed."""
        found = [line["cause"] for line in self.run.of("half_open")]
        return found if len(found) == sum(count or 0 for count
                                          in self.summary["half_open"].values()) else None


def states_before(line):
    """The last state but CLOSED."""
    return next((each["state"] for each in reversed(line["timeline"])
                 if each["state"] != "CLOSED"), None)


@functools.cache
def sees_strays():
    """Before 6.10 the kernel does not tell of a reset that no socket sends."""
    with open("/sys/kernel/btf/vmlinux", "rb") as types:
        return b"SK_RST_REASON_NO_SOCKET" in types.read()


def _opens(told):
    connections = told.summary["connections"]
    return connections["opened"] + connections["children_lost"]


def _attempt_fails(told):
    requests = told.half_open()
    if not told.is_by_line or requests is None or told.hooks["passive"] is None:
        return None
    failed = [line for line in told.closed() if states_before(line) in ("SYN_SENT", "SYN_RECV")
              and line["close"]["cause"] not in GIVEN_UP
              and line["close"]["outcome"] != "reset_sent"]
    # The request of a fast open is counted, and the child that there is already as well.
    twice = [line for line in failed if line["role"] == "server"
             and line["close"]["cause"] == "reset_received"]
    return len(failed) + len(twice) + sum(cause in ("request_reset", "bad_syn")
                                          for cause in requests)


def _estab_resets(told):
    if "trace" not in told.run.args:
        return None
    return sum(state in ("ESTABLISHED", "CLOSE_WAIT") for state in told.last_states())


def _embryonic_resets(told):
    by = told.summary["half_open"]
    if told.hooks["passive"] is None or None in (by["reset_received"], by["reset_sent"]):
        return None
    return by["reset_received"] + by["reset_sent"]


def _resets(told):
    resets = told.summary["resets"]
    if told.hooks["reset"] is None or not sees_strays():
        return None
    return resets["sent"] + resets["stray"]


def _sent_again(told):
    again = told.summary["retransmits"]
    return None if told.hooks["retransmit"] is None else sum(again.values())


def _syns_again(told):
    again = told.summary["retransmits"]
    return None if told.hooks["retransmit"] is None else again["syn"] + again["synack"]


def _by_causes(*causes):
    return lambda told: (told.count_tcp(*causes) if told.is_by_line and told.hooks["reset"]
                         else None)


def _aborts(reason, always=(), perhaps=()):
    """Those of some causes, and of others with the kernel's reason, which it gives since 6.10."""
    def sum_up(told):
        if not told.is_by_line or told.hooks["reset"] is None:
            return None
        ends = [line["close"] for line in told.lines]
        by_reason = [end["reset_reason"] for end in ends
                     if end["cause"] in ("data_after_close", "linger_negative", "reset_sent")]
        sure = told.count_tcp(*always) + by_reason.count(reason)
        return sure, sure + told.count(*perhaps) + by_reason.count(None)
    return sum_up


def _timeouts(told):
    if not told.is_by_line:
        return None
    return sum(line["close"]["outcome"] == "timed_out" and line["close"]["cause"] != "fin_timeout"
               for line in told.lines) + told.count("lost_way")


def _overflows(told):
    if not told.is_by_line or told.hooks["time_wait"] is None:
        return None
    return sum((line["time_wait"] or {}).get("end") == "overflow" for line in told.lines)


def _of_listeners(name):
    return lambda told: told.summary[name] if told.summary["listen_quality"] == "exact" else None


# What equals them: a number, (at least, at most), or None where the run does not tell.
COUNTERS = {
    ("ActiveOpens", "PassiveOpens"): _opens,
    ("AttemptFails",): _attempt_fails,
    ("EstabResets",): _estab_resets,
    ("EmbryonicRsts",): _embryonic_resets,
    ("OutRsts",): _resets,
    ("RetransSegs",): _sent_again,
    ("TCPSynRetrans",): _syns_again,
    ("TCPAbortOnClose",): _by_causes("unread_data"),
    ("TCPAbortOnData",): _aborts("TCP_ABORT_ON_DATA", ("linger_zero", "linger_dropped"),
                                 PERHAPS_LINGERED),
    ("TCPAbortOnLinger",): _aborts("TCP_ABORT_ON_LINGER"),
    ("TCPAbortOnMemory",): _by_causes("no_memory"),
    ("TCPAbortOnTimeout",): _timeouts,
    ("TCPTimeWaitOverflow",): _overflows,
    ("ListenOverflows",): _of_listeners("listen_overflows"),
    ("ListenDrops",): _of_listeners("listen_drops"),
}


# What is counted in one as well, and in no line.
PART_OF = {"RetransSegs": "TCPRetransFail"}
# Of these it says what they are; a part of others, or nothing that is counted here.
OTHERS = {"TCPReqQFullDrop", "TCPTimeouts", "TW"}


def is_of_all(run):
    """Whether nothing of the namespace was left out of what it told."""
    return {"--json", "-N", "self"} <= set(run.args) and set(run.args) <= WHOLE and \
        run.status == 0 and bool(run.lines) and run.lines[-1]["type"] == "summary"


def has_lost(run):
    """Whether it has missed some of it."""
    summary = run.summary
    return any((summary["gaps"], summary["unseen"], summary["connections"]["evicted"],
                *(summary["events"][name] for name in ("ring_full", "missed", "dropped",
                                                       "unread"))))


def flaws(run):
    """Where what a run told and what the kernel counted differ."""
    told, found = Told(run), []
    for names, sum_up in COUNTERS.items():
        value = sum_up(told)
        if value is None:
            continue
        least, most = value if isinstance(value, tuple) else (value, value)
        low, high = run.window.moved(*names, less=PART_OF.get(names[0]))
        if most < low or least > high:
            found.append(f"{' and '.join(names)}: told {value}, the kernel counted "
                         f"{low if low == high else (low, high)}: {run.name}")
    return found
