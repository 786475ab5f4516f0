#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A flood of forged SYNs costs bounded memory and output, and hides no real connection.

FLOOD=N in the environment sets their number.
"""
import os
import random
import time

import packet
from peer import Tun
from traffic import finish, listen, pair, port_of
from world import *

COUNT = 23
FLOOD = int(os.environ.get("FLOOD", "100003"))
MEMORY_KB, MOST_LINES = 400000, 20000


def forge(tun, port, number):
    """Sends SYNs from addresses and ports that nobody has."""
    options = packet.mss()
    for _ in range(number):
        os.write(tun.fd, packet.build(
            IPV4, f"192.0.2.{random.randrange(2, 255)}", KERNEL[IPV4],
            random.randrange(1024, 65536), port, random.getrandbits(32), 0, SYN, options=options))


def peak_memory_kb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def story(w, t):
    sysctl("core.somaxconn", 65535)
    sysctl("ipv4.tcp_max_syn_backlog", 65535)
    sysctl("ipv4.tcp_syncookies", 0)
    sysctl("ipv4.tcp_synack_retries", 0)
    tun, real, moved = Tun("flood0"), listen(), Deltas()
    target, quiet = listen(KERNEL[IPV4], backlog=65535), listen(KERNEL[IPV4])
    with w.traces(EVENTS, LINES, live=True) as (events, lines):
        forging = w.fork(forge, tun, port_of(target), FLOOD)
        for _ in range(COUNT):
            finish(*pair(real))
            forge(tun, port_of(quiet), 1)
            time.sleep(0.05)
        forging.result()
        time.sleep(3)
        memory = [peak_memory_kb(each.pid) for each in (events, lines)]

    t.equal(len(events.chains()), 2 * COUNT, "46 chains, the real ones")
    t.none(flaws_of(events.chains()), "each is whole")
    t.equal(len(lines.connections), 2 * COUNT, "46 lines, the real ones")
    t.equal(moved["PassiveOpens"], COUNT, "the kernel opened no other")
    t.between(max(memory), 1, MEMORY_KB, "memory stays bounded", "KiB")
    dead = lines.of("half_open")
    t.between(len(dead), 1, MOST_LINES, "half-open requests are told, but not all of them")
    t.equal({line["lport"] for line in dead} - {port_of(target), port_of(quiet)}, set(),
            "and only of the targets")
    t.equal(len(where(dead, lport=port_of(quiet))), COUNT,
            "the few of another port each have their line")
    paid = [each for each in lines.summary["paid_by"] if each["bound"] == "half_open_lines"]
    t.equal([(each["lport"], each["netns"]) for each in paid], [(port_of(target), w.netns)],
            "those that have none were of the flood")
    t.equal(paid and paid[0]["count"], lines.summary["half_open_unprinted"], "each of them")


run(story, limit=120, needs=("passive",), makes=("half_open",))
