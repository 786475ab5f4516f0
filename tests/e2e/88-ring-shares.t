#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Somebody floods the ring while its reader stands still: what others do is told all the same."""
import os
import signal

from traffic import finish, listen, pair
from world import *

ATTACKER, VICTIM, ROOT = 65533, 65534, 0
FLOOD, QUIET = 1301, 11
ROOM = "512K"


def talk(uid, count):
    """`count` connections of that user, from both ends, over the loopback of wherever this runs."""
    os.setuid(uid)
    listener = listen()
    for _ in range(count):
        finish(*pair(listener))
    return count


def flood(w, name, attackers, victim, lives="yes"):
    """One after the other, while the reader is stopped; `attackers` and `victim` are held."""
    wanted = ("-N", ",".join(str(each.hold_netns()) for each in (*attackers, victim)))
    with w.traces(("trace", "--json", *wanted, "--ring", ROOM, "--rings", "1",
                   "--lives", lives)) as (seen,):
        os.kill(seen.pid, signal.SIGSTOP)
        made = [each.go().result() for each in attackers]
        made.append(victim.go().result())
        os.kill(seen.pid, signal.SIGCONT)
    w.tap.ok(all(made), f"{name}: all connections are made", made)
    return seen


def check(t, name, seen, whose, attackers):
    """`whose`: how the victim's connections are found; `attackers`: {(uid, netns)}."""
    events = seen.summary["events"]
    paid = [each for each in seen.summary["paid_by"] if each["bound"] == "ring"]
    lines = where(seen.connections, **whose)
    t.ok(events["ring_full"] > FLOOD, f"{name}: the flood does not fit", events)
    t.equal(events["seen"], events["filtered"] + events["submitted"] + events["ring_full"],
            f"{name}: every event is accounted for")
    t.equal(sorted((line["role"], line["complete"], line["close"]["outcome"]) for line in lines),
            [("client", True, "closed")] * QUIET + [("server", True, "closed")] * QUIET,
            f"{name}: each of the victim's connections is told whole, from both ends")
    t.ok(paid and {(each["uid"], each["netns"]) for each in paid} <= attackers,
         f"{name}: who has paid is named", paid, attackers)
    t.ok(paid and sum(each["count"] for each in paid) <= events["ring_full"] and
         all(each["count"] <= each["count_at_most"] <= events["ring_full"] for each in paid),
         f"{name}: and for how many, no more than were lost", paid, events)


def two_users(w, t, lives):
    name = f"two users, --lives {lives}"
    attacker = w.fork(talk, ATTACKER, FLOOD, comm="attacker", held=True)
    victim = w.fork(talk, VICTIM, QUIET, comm="victim", held=True)
    seen = flood(w, name, [attacker], victim, lives)
    check(t, name, seen, {"comm": "victim"}, {(ATTACKER, w.netns), (None, w.netns)})


def two_containers(w, t):
    """Whose sockets are all root's."""
    attacker = w.fork(talk, ROOT, FLOOD, comm="attacker", own_namespace=True, held=True)
    victim = w.fork(talk, ROOT, QUIET, comm="victim", own_namespace=True, held=True)
    netns = victim.netns()
    whom = {(ROOT, attacker.netns()), (None, attacker.netns())}
    seen = flood(w, "two containers", [attacker], victim)
    check(t, "two containers", seen, {"netns": netns}, whom)


def many_namespaces(w, t):
    """Of one user, who has no larger share for it."""
    attackers = [w.fork(talk, ATTACKER, FLOOD // 3, comm="attacker", own_namespace=True, held=True)
                 for _ in range(5)]
    victim = w.fork(talk, VICTIM, QUIET, comm="victim", own_namespace=True, held=True)
    netns = victim.netns()
    whom = {(uid, each.netns()) for each in attackers for uid in (ATTACKER, None)}
    seen = flood(w, "many namespaces", attackers, victim)
    check(t, "many namespaces", seen, {"netns": netns}, whom)


def story(w, t):
    two_users(w, t, "yes")
    two_users(w, t, "no")
    two_containers(w, t)
    many_namespaces(w, t)


run(story)
