#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Connects that fail before a SYN: each has one line with its errno, and none is opened."""
import collections
import contextlib
import errno
import os
import select
import socket
import subprocess

from ladder import explained, wait_ended
from namespace import memory_is_hidden
from packet import icmp_unreachable
from traffic import IPPROTO_MPTCP, connect, finish, free_port, listen, pair, port_of
from world import *

COUNT = 3
ROUTES = {"prohibit": ("10.90.0.1", "EACCES"), "unreachable": ("10.91.0.1", "EHOSTUNREACH"),
          "blackhole": ("10.92.0.1", "EINVAL")}
NOWHERE, NOWHERE6 = "203.0.113.9", "3fff::1"
UNREACHABLE, SERVICE, MPTCP_SERVICE, FAST = 7003, 80, 82, 83
IP_BIND_ADDRESS_NO_PORT = 24


def call(address, family=None, blocking=True, kind=socket.SOCK_STREAM):
    """The errno's name that connect() gives, and its socket."""
    sock = socket.socket(family or (socket.AF_INET6 if ":" in address[0] else socket.AF_INET), kind)
    sock.setblocking(blocking)
    number = sock.connect_ex(address)
    return errno.errorcode.get(number), sock


def fail_locally():
    """All that fails without leaving CLOSED, COUNT times each; what was expected, counted."""
    for name, (address, _) in ROUTES.items():
        subprocess.run(["ip", "route", "add", name, address + "/32"], check=True)
    wanted = collections.Counter()
    calls = [(NOWHERE, "ENETUNREACH", None), (NOWHERE6, "ENETUNREACH", None),
             ("::ffff:" + NOWHERE, "ENETUNREACH", socket.AF_INET6)]
    calls += [(address, error, None) for address, error in ROUTES.values()]
    for address, error, family in calls:
        for blocking in (True, False) * COUNT:
            got, sock = call((address, SERVICE), family, blocking)
            sock.close()
            assert got == error, f"{address}: {got}"
            wanted[address.removeprefix("::ffff:"), SERVICE, error] += 1
    again = socket.socket()
    for _ in range(COUNT):
        assert again.connect_ex((NOWHERE, SERVICE + 1)) == errno.ENETUNREACH
        wanted[NOWHERE, SERVICE + 1, "ENETUNREACH"] += 1
    again.close()
    if os.path.exists("/proc/sys/net/mptcp/enabled"):
        sysctl("mptcp.enabled", 1)
        for _ in range(COUNT):
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP) as sock:
                assert sock.connect_ex((NOWHERE, MPTCP_SERVICE)) == errno.ENETUNREACH
            wanted[NOWHERE, MPTCP_SERVICE, "ENETUNREACH"] += 1
    return wanted


def fail_early():
    """Fast opens, whose data would have gone with the SYN; how many."""
    for _ in range(COUNT):
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.sendto(b"early", socket.MSG_FASTOPEN, (NOWHERE, FAST))
    return COUNT


def fail_in_syn_sent(listener):
    """Two that come from the same place: the second finds no port for the four-tuple."""
    first = connect("127.0.0.1", port_of(listener))
    place = first.getsockname()
    second = socket.socket()
    second.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    second.setsockopt(socket.SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    with contextlib.suppress(OSError):
        second.bind(place)
    sysctl("ipv4.ip_local_port_range", f"{place[1]} {place[1]}")
    number = second.connect_ex(("127.0.0.1", port_of(listener)))
    sysctl("ipv4.ip_local_port_range", "32768 60999")
    second.close()
    first.close()
    return errno.errorcode.get(number)


def not_failures(listener, refused):
    """Calls that return an error, and are no failures of their own; the errnos."""
    got = []
    error, sock = call(("127.0.0.1", port_of(listener)), blocking=False)
    got.append(error)
    select.select([], [sock], [])
    for _ in range(3):
        got.append(errno.errorcode.get(sock.connect_ex(("127.0.0.1", port_of(listener)))))
    sock.close()
    for blocking in (True, False):
        error, sock = call(("127.0.0.1", refused), blocking=blocking)
        got.append(error)
        if not blocking:
            select.select([], [sock], [])
            got.append(errno.errorcode.get(sock.connect_ex(("127.0.0.1", refused))))
        sock.close()
    for address, kind in (((NOWHERE, SERVICE), socket.SOCK_DGRAM),
                          ((NOWHERE6, SERVICE), socket.SOCK_DGRAM)):
        error, sock = call(address, kind=kind)
        got.append(error)
        sock.close()
    with socket.socket(socket.AF_UNIX) as sock:
        got.append(errno.errorcode.get(sock.connect_ex("/nowhere")))
    return got


def tell_story(w, t):
    """What `explain` makes of one: it is told, unless another one begins, and that it never did."""
    for how in ("--failed",), (f":{SERVICE}",), ("-D", str(SERVICE)):
        with w.trace("explain", "--json", "-N", "self", *how) as seen:
            call((NOWHERE, SERVICE))[1].close()
            if "--failed" in how:
                t.ok(wait_ended(seen), "the first that fails is over at once")
        line = explained(seen)
        t.equal((line["raddr"], line["rport"], line["close"]["errno"], line["pid"], line["other"],
                 line["segments"], [step["local"] for step in line["steps"]]),
                (NOWHERE, SERVICE, "ENETUNREACH", os.getpid(), None, [], ["CLOSED"]),
                f"explain {how[0]}: what failed, whose it was, and that no segment left")
    listener = listen()
    with w.trace("explain", "--json", "-N", "self") as seen:
        call((NOWHERE, SERVICE))[1].close()
        finish(*pair(listener))
        t.ok(wait_ended(seen), "the next address is called")
    t.equal(explained(seen)["rport"], port_of(listener), "and what begins is told instead")


def tell_hidden(t, local, wanted):
    """Where no program may read who was called, nor by which subflow: that they failed, and how."""
    errors = collections.Counter()
    for (_, port, error), count in wanted.items():
        if port != MPTCP_SERVICE:
            errors[error] += count
    t.equal(collections.Counter(each["close"]["errno"] for each in local), errors,
            "a line for each, with its errno")
    t.equal({(each["raddr"], each["rport"], each["lport"]) for each in local},
            {(None, None, None)}, "who was called is unknown")


def unreachable(flow):
    """Says so as a router would."""
    flow.peer.transmit_raw(icmp_unreachable(flow.expect(SYN)))


def story(w, t):
    sysctl("ipv4.tcp_syn_retries", 1)
    peer, listener = w.peer(), listen()
    refused, moved = free_port(), Deltas()
    peer.serve(UNREACHABLE, unreachable)
    with w.traces(LINES, (*LINES, "--failed", "-c", "unwanted")) as (lines, other):
        wanted = w.fork(fail_locally, comm="caller")
        child, wanted = wanted.pid, wanted.result()
        early = fail_early()
        in_use = fail_in_syn_sent(listener)
        passed = not_failures(listener, refused)
        for blocking in (True, False):
            error, sock = call((PEER[IPV4], UNREACHABLE), blocking=blocking)
            passed.append(error)
            if not blocking:
                select.select([], [sock], [])
                passed.append(errno.errorcode.get(sock.connect_ex((PEER[IPV4], UNREACHABLE))))
            sock.close()
        peer.join()
        opens = moved["ActiveOpens"]

    if memory_is_hidden():
        tell_hidden(t, where(lines.connections, role="client", pid=child), wanted)
        return
    unsent = where(lines.connections, role="client")
    fast = where(unsent, rport=FAST)
    if lines.summary["hooks"]["connect"] == "fentry":
        t.equal([(each["raddr"], each["close"]["cause"], each["close"]["errno"])
                 for each in fast], [(NOWHERE, "connect_failed", "ENETUNREACH")] * early,
                "fast opens among them")
    unsent = [each for each in unsent if each not in fast]
    unsent = [each for each in unsent if each["close"]["cause"] == "connect_failed"]
    local = [each for each in unsent if each["pid"] == child]
    t.equal(collections.Counter((each["raddr"], each["rport"], each["close"]["errno"])
                                for each in local), wanted, "a line for each, with its errno")
    t.equal({(each["process"], each["uid"], each["owner_source"], each["close"]["outcome"],
              each["lport"], each["handshake"]["latency_ns"], each["handshake"]["quality"])
             for each in local},
            {("caller", os.getuid(), "process", "aborted", None, None, "unknown")},
            "whose it is, and that it never shook hands")
    t.equal({each["family"] for each in local if each["raddr"] == NOWHERE}, {"ipv4"},
            "a mapped address is IPv4")
    t.equal((in_use, [(each["close"]["errno"], each["rport"]) for each in unsent
                      if each["pid"] != child]),
            ("EADDRNOTAVAIL", [("EADDRNOTAVAIL", port_of(listener))]),
            "what failed in SYN_SENT is told once")
    t.equal(passed, ["EINPROGRESS", None, "EISCONN", "EISCONN", "ECONNREFUSED", "EINPROGRESS",
                     "ECONNREFUSED", "ENETUNREACH", "ENETUNREACH", "ENOENT", "EHOSTUNREACH",
                     "EINPROGRESS", "EHOSTUNREACH"], "calls that gave an error all the same")
    t.equal(sorted(each["close"]["outcome"] for each in
                   where(lines.connections, rport=refused, role="client")), ["refused"] * 2,
            "refusals are told once")
    t.equal(sorted(each["close"]["outcome"] for each in
                   where(lines.connections, rport=UNREACHABLE)), ["unreachable"] * 2,
            "and so are answers of the network")
    totals = lines.summary["connections"]
    t.equal((totals["unsent"], totals["opened"]),
            (sum(wanted.values()) + 1 + len(fast), opens + moved["PassiveOpens"]),
            "none of them is opened, as the kernel counts")
    t.equal(other.of("connection"), [], "and a filter by owner leaves them out")
    tell_story(w, t)


run(story, needs=("connect",))
