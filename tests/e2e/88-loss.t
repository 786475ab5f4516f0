#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The smallest ring and a reader that stands still: what is lost is counted to the last record."""
import contextlib
import os
import signal
import time

from traffic import finish, kernel_states, listen, pair, port_of, serve, visit
from world import *

STAYING, PASSING, LATER = 41, 503, 7
TRIES = 3
TRANSITIONS = 10  # of a connection from its birth to its end, five on either side
RING = "4096"     # bytes: some 80 records
REPEATED = 2 if SLACK > 1 else 0  # what a witness may say again, for it was interrupted there


def total(seen):
    """The records that a tracer made of what it wanted, whether there was room for them or not."""
    events = seen.summary["events"]
    return events["submitted"] + events["ring_full"]


def is_alive(connection):
    return connection["close"]["outcome"] == "open"


def hears_of_ends(pid):
    """Whether a tracer is told of the end of every socket."""
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        with contextlib.suppress(FileNotFoundError), \
                open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as info:
            if "tcp_destroy_sock" in info.read():
                return True
    return False


def learn(w, pid):
    """Lets the reader, which stands still, learn of the loss; whether it did."""
    os.kill(pid, signal.SIGCONT)
    until = time.monotonic() + 5 * w.patience
    while not hears_of_ends(pid) and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(pid, signal.SIGSTOP)
    return hears_of_ends(pid)


def lose(w):
    """Traces with a small ring and a large one; returns both, the ports of what stays open as the
    story knows them and as the kernel does, how long it took to end, and whether the one heard of
    the ends of sockets before its loss, and behind it."""
    listener, passing = listen(backlog=1024), listen()
    # What is collected waits for room; here it is to be lost.
    small = ("trace", "--open", "--json", "--ring", RING, "--rings", "1", "-N", "self",
             "--lives", "no")
    with w.traces(small, EVENTS) as (short, ample):
        heard = [hears_of_ends(short.pid)]
        os.kill(short.pid, signal.SIGSTOP)
        # These alone are more than the ring holds. Once the reader knows, the end of every socket
        # is worth a record, too.
        staying = [pair(listener) for _ in range(STAYING)]
        heard.append(learn(w, short.pid))
        server = w.fork(serve, passing, PASSING)
        visit("127.0.0.1", port_of(passing), PASSING)
        server.result()
        os.kill(short.pid, signal.SIGCONT)
        time.sleep(0.5 * w.patience)
        for _ in range(LATER):
            finish(*pair(listener))
            time.sleep(0.1 * w.patience)
        # Clients of two listeners may have the same port.
        ends = {(port_of(client), port_of(listener)) for client, _ in staying}
        began = time.monotonic()
    took = time.monotonic() - began
    alive = {both for both, (state, _) in kernel_states().items() if state == "ESTABLISHED"}
    return short, ample, ends, alive, took, heard


def story(w, t):
    for _ in range(TRIES):
        short, ample, ends, alive, took, heard = lose(w)
        # For what has reached no program of the twin, there would be nothing to compare with; and
        # once the kernel has skipped a run of one, the twin tells of the ends of sockets, too.
        if not ample.summary["unseen"] and not ample.summary["events"]["missed"]:
            break
    events, counts = short.summary["events"], short.summary["connections"]
    chains = [chain for chain in ample.chains() if not {chain.ports, chain.ports[::-1]} & ends]
    steps = sum(len(chain.steps) for chain in chains)
    t.equal(len(chains), 2 * (PASSING + LATER), "the twin with room sees what the load has made")
    t.none(flaws_of(chains), "each from its birth to its end")
    t.equal(steps, TRANSITIONS * (PASSING + LATER), "each step of it")
    t.equal(ample.summary["events"]["ring_full"], 0, "and loses nothing")
    t.equal(ample.summary["gaps"], 0, "so that nothing is healed")
    t.ok(events["ring_full"] > TRANSITIONS * PASSING, "with the small ring most is lost", events)
    # On a busy machine the kernel may skip runs of either's programs, and counts them.
    skipped = events["missed"] + ample.summary["events"]["missed"]
    ends_told = total(short) - total(ample)
    t.ok(abs(ends_told - 2 * (PASSING + LATER)) <= skipped + REPEATED,
         "it counts what the twin has told and the end of each socket, to the last record",
         ends_told, skipped, events, ample.summary["events"])
    if short.summary["hooks"]["end"] == "tp_btf" and not events["missed"]:
        t.equal(heard, [False, True], "of these it hears from the first loss on, and not before")
    t.ok(took < 10 * w.patience, "and it ends when it is told to", f"{took} s")

    lines = short.connections
    whole = [line for line in lines if line["complete"]]
    t.none([line for line in lines if not line["complete"] and not line["seeded"]
            and not line["gaps"]], "who lacks something says so")
    t.ok(len(whole) < len(lines), "there are such", len(lines))
    t.ok(sum(not is_alive(line) for line in whole) >= 2 * LATER, "what comes later is whole")
    t.equal({(line["lport"], line["rport"]) for line in lines if is_alive(line)},
            alive, "open are those that the kernel has, and no other")
    t.equal(counts["live"], 2 * STAYING, "each once")
    t.equal(counts["opened"] + counts["seeded"],
            counts["live"] + counts["closed"] + counts["evicted"], "the counts add up")
    t.ok(counts["resyncs"] >= 1, "the table was compared with the kernel", counts)


run(story, needs=("end",))
