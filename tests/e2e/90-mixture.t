#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A mixture by chance: each connection is told of once, and as it was, however it is told."""
import os

from mixture import Mixture, flaws
from world import *

SEEDS, COUNT = (1, 2, 3), 211
OPEN = ("trace", "--open", "--json", "-N", "self")
ALL_WAYS = 0x607  # both sides of a fast open, without cookies


def story(w, t):
    sysctl("ipv4.tcp_fastopen", ALL_WAYS)
    if os.path.exists("/proc/sys/net/ipv4/tcp_fastopen_blackhole_timeout_sec"):
        sysctl("ipv4.tcp_fastopen_blackhole_timeout_sec", 0)
    if not os.path.exists("/proc/sys/net/mptcp/enabled"):
        raise Skip("this kernel has no MPTCP")
    sysctl("mptcp.enabled", 1)
    for seed in SEEDS:
        mixture = Mixture(seed, COUNT)
        with w.traces((*OPEN, "--lives", "yes"), (*OPEN, "--lives", "no"), live=True) as runs:
            truth = mixture.play()
        for name, seen in zip(("lives", "steps"), runs):
            t.ok(len(truth) > COUNT, f"seed {seed}: {len(truth)} ends")
            t.none(flaws(truth, seen.connections), f"seed {seed}, {name}: each as it was")
        mixture.kept.clear()


run(story, needs=("reset", "time_wait", "passive"))
