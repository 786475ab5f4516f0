#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""explain --demo: the segments on the wire are the ladder's, and what is built in is as if live."""
import concurrent.futures
import os
import signal
import time
import unicodedata

from textbook import (ENDS, SIGNIFICANT, Player, lines_of, masked, recorded, stories, unmatched)
from tracer import run as run_program
from traffic import wait_for
from world import *

ALL = ["open-close", "half-close", "lost-syn", "lost-synack", "lost-ack", "old-syn", "both-open",
       "both-close", "refused", "reset", "unread", "late-data", "full-queue", "cookies", "leak",
       "reuse"]
SERVERS = {"lost-synack", "old-syn", "full-queue", "cookies", "leak", "reuse"}  # on the left
# Significant segments that are on no rung: the SYN that comes again where its answer was lost.
BESIDE = {"lost-synack": 1}
# States of this end that a ladder must have, in this order.
THROUGH = {
    "open-close": "SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT",
    "both-open": "SYN_SENT SYN_RECV ESTABLISHED",
    "both-close": "FIN_WAIT1 CLOSING TIME_WAIT",
    "leak": "SYN_RECV ESTABLISHED CLOSE_WAIT",
    "reuse": "FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSED",
    "late-data": "FIN_WAIT1 FIN_WAIT2 CLOSED",
    "refused": "SYN_SENT CLOSED",
}
SERVER_PORT = 8080
AT_ONCE = 4


def columns(text):
    """How wide it is on a terminal."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def play(w, story):
    player = Player(story, "--json", patience=w.patience)
    return story, player, player.end(within=60 * w.patience)


def is_in_order(wanted, states):
    left = iter(states)
    return all(state in left for state in wanted)


def on_the_wire(t, story, player, ladders):
    left = ENDS[story in SERVERS]
    flaws, packets = [], {address: player.packets(address) for address in ENDS}
    for line in ladders:
        flaws += unmatched(line, packets[line["laddr"]])
    t.none(flaws, f"{story}: each rung is a segment on the wire, with its numbers")
    over = [each for each in packets[left] if each.flags & SIGNIFICANT]
    if story == "leak":
        # With the player its sockets end, when nobody looks any more.
        over = [each for each in over if not (each.flags & FIN and each.sport == SERVER_PORT)]
    t.equal(len(over), BESIDE.get(story, 0), f"{story}: and each SYN, FIN and RST is on a rung")


def compare(t, story, player, result):
    status, out, err = result
    t.equal((status, err), (0, ""), f"{story}: it is played to its end")
    ladders = lines_of(out)
    on_the_wire(t, story, player, ladders)
    states = [step["local"] for step in ladders[0]["steps"]]
    t.ok(is_in_order(THROUGH.get(story, "").split(), states), f"{story}: its states", states)
    t.equal([masked(line) for line in ladders],
            [masked(line) for line in lines_of(recorded(story, "--json"))],
            f"{story}: the recording that is built in is the same but for times and numbers")


def for_people(t, story):
    for language in ("en", "zh"):
        text = recorded(story, "--lang", language)
        t.none([line for line in text.splitlines() if columns(line) > 80],
               f"{story}: no line is wider than 80 columns ({language})")


def interrupted(w, t):
    """Ctrl-C in the middle: whoever played is gone, and his namespaces with him."""
    player = Player("lost-syn", patience=w.patience)
    wait_for(player.captures[ENDS[0]].packets, 20 * w.patience, 0.01)
    time.sleep(0.1)
    player.process.send_signal(signal.SIGINT)
    status, out, err = player.end()
    t.equal((status, err), (0, ""), "Ctrl-C ends it quietly")
    t.ok("SYN_SENT" in out, "with what was there to be seen", out)
    t.ok(not os.path.exists(f"/proc/{player.pid}"), "and nobody is left")


def without_rights(t):
    done = run_program("explain", "--demo", "refused", user=65534)
    t.equal((done.status, done.out.decode()), (0, recorded("refused")),
            "without rights it is the recording")
    t.equal(len(done.err.splitlines()), 1, "which one sentence says")


def story(w, t):
    t.equal(stories(), ALL, "the list has all stories")
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for each in pool.map(lambda name: play(w, name), ALL):
            compare(t, *each)
    for name in ALL:
        for_people(t, name)
    interrupted(w, t)
    without_rights(t)


run(story, limit=90)
