#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A range of 64 ports is used up: how full it is for each destination, by whom, and until when."""
import errno
import socket

from stuck import Puppet
from tracer import guesses_of_a_look, parse_lines, run as once, summary_flaws
from traffic import finish, listen, pair, port_of
from world import *

LOW, HIGH = 40000, 40063
CLOSED, FEW, RESERVED = 41, 7, 3


class Client:
    """Connects as often as it is told to, and keeps what it gets."""

    def __init__(self):
        self.held = []

    def connect(self, port, count):
        """Returns how many succeeded, and the error of the first that did not."""
        for done in range(count):
            client = socket.socket()
            try:
                client.connect(("127.0.0.1", port))
            except OSError as error:
                return done, errno.errorcode[error.errno]
            self.held.append(client)
        return count, None


def look(*args):
    seen = once("stuck", "--ports", "--json", "-N", "self", *args)
    lines, flaws = parse_lines(seen.out)
    return [line for line in lines if line["type"] == "ports"], \
        flaws + summary_flaws(lines) + guesses_of_a_look(lines[-1]), seen.status


def told(line, *names):
    return tuple(line[name] for name in names)


def story(w, t):
    sysctl("ipv4.ip_local_port_range", f"{LOW} {HIGH}")
    sysctl("ipv4.ip_local_reserved_ports", f"{LOW}-{LOW + RESERVED - 1}")
    sysctl("ipv4.tcp_tw_reuse", 0)
    usable = HIGH - LOW + 1 - RESERVED
    client = Puppet(w, Client, comm="client")
    server, other = listen(port=443), listen(port=444)
    for _ in range(CLOSED):
        finish(*pair(server))  # the client closes first
    few = [pair(other) for _ in range(FEW)]
    lines, flaws, status = look()
    t.none(flaws, "sound lines")
    t.equal((status, [told(line, "rport", "used", "reason") for line in lines]),
            (0, [(443, CLOSED, None), (444, FEW, None)]), "the fullest first, and none is full")

    commands = (("trace", "--json", "-N", "self"), ("trace", "-N", "self"))
    with w.traces(*commands) as (traced, for_people):
        done, error = client.tell("connect", port_of(server), usable)
    failed = [line for line in traced.connections if line["close"]["errno"] == "EADDRNOTAVAIL"]
    if failed:
        t.equal([told(line, "rport", "used", "time_wait") for line in traced.of("ports")],
                [(443, usable, CLOSED)], "the failure says how many ports are taken")
        t.ok(f"All {usable} ports are taken" in for_people.out.decode(), "for people, too",
             for_people.out.decode())
    t.equal((done, error), (usable - CLOSED, "EADDRNOTAVAIL"), "then there is no port more")
    lines, flaws, status = look()
    full = lines[0]
    t.equal((flaws, status), ([], 1), "which is status 1")
    t.equal(told(full, "laddr", "raddr", "rport", "range_low", "range_high", "range_usable", "used",
                 "connecting", "open", "time_wait"),
            ("127.0.0.1", "127.0.0.1", 443, LOW, HIGH, usable, usable, 0, usable - CLOSED, CLOSED),
            "all of the range but what is reserved")
    t.equal([told(user, "pid", "comm", "count") for user in full["users"]],
            [(client.pid, "client", usable - CLOSED)], "who has them")
    t.between(full["next_free_ns"], SECOND, 60 * SECOND, "when the next one is free", "ns")
    t.ok(full["reason"].startswith(f"All {usable} ports are taken, and a connect fails with "
                                   f"EADDRNOTAVAIL: 0 connecting, {usable - CLOSED} open, "
                                   f"{CLOSED} in TIME_WAIT; the next one is free in "),
         "and a sentence", full["reason"])
    t.equal(told(lines[1], "rport", "used"), (444, FEW), "another port has room")
    t.equal([line["rport"] for line in look("-D", "444")[0]], [444], "-D")
    t.equal([line["rport"] for line in look("-c", "client")[0]], [443], "-c")
    text = once("stuck", "--ports", "-N", "self")
    t.none([line for line in text.out.decode().splitlines() if len(line) > 80], "80 columns")
    t.ok(f"100%     {usable}" in text.out.decode(), "for people, too", text.out.decode())
    sysctl("ipv4.tcp_tw_reuse", 1)
    t.ok("may be used again" in look()[0][0]["reason"]
         or look()[0][0]["next_free_ns"] <= SECOND, "with tcp_tw_reuse they are free sooner")
    for ends in few:
        finish(*ends)


run(story, limit=60)
