#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""After a loss the table is as the kernel's sockets: what was missed is closed or put right."""
import json
import os
import signal
import time

from traffic import finish, listen, pair, port_of, serve, visit
from world import *

LASTING, ENDING, HALF, NEW, NOISE, STRANGERS = 7, 5, 3, 11, 101, 200
RING = "4096"  # bytes: some 80 records


def lines_so_far(lines):
    """The connection lines among raw ones that are whole."""
    found = [json.loads(line) for line in lines if line.startswith(b"{") and line.endswith(b"}")]
    return [line for line in found if line["type"] == "connection"]


def is_of(line, server_port, client_ports):
    """Whether it is about one of these connections: others may have one of the ports."""
    ends = {line["lport"], line["rport"]}
    return server_port in ends and ends & client_ports


def pairs(listener, count):
    """So many connections: [(client, server)] and the ports of the clients."""
    made = [pair(listener) for _ in range(count)]
    return made, {port_of(client) for client, _ in made}


def crowd():
    """Sockets that nobody asked for, at the addresses of those that have just ended."""
    made, _ = pairs(listen(), STRANGERS)
    for each in made:
        finish(*each)


def lose(w, t, lives):
    listener, noise = listen(), listen()
    server_port = port_of(listener)
    with w.trace("trace", "--open", "--json", "--ring", RING, "--rings", "1", "-N", "self",
                 "--lives", lives) as seen:
        lasting, lasting_ports = pairs(listener, LASTING)
        time.sleep(0.1)
        ending, ending_ports = pairs(listener, ENDING)
        time.sleep(0.1)
        half, half_ports = pairs(listener, HALF)
        time.sleep(0.3)
        os.kill(seen.pid, signal.SIGSTOP)
        server = w.fork(serve, noise, NOISE)
        visit("127.0.0.1", port_of(noise), NOISE)
        server.result()
        # Before the others end, for the kernel gives away their addresses at once.
        made, made_ports = pairs(listener, NEW)
        for client, peer in ending:
            finish(client, peer)
        for client, _ in half:
            client.shutdown(1)
        w.fork(crowd, own_namespace=True).result()
        time.sleep(0.3)
        os.kill(seen.pid, signal.SIGCONT)
        t.ok(seen.wait_output(lambda lines: sum(
            bool(is_of(each, server_port, ending_ports)) for each in lines_so_far(lines))
            >= 2 * ENDING, within=3), "those that ended unseen are closed while it still runs")
        later, later_ports = pairs(listener, 2)
        finish(*later[0])

    events, found = seen.summary["events"], seen.connections
    t.ok(events["ring_full"] > NOISE, "most of what happened was lost", events)
    t.ok(seen.summary["connections"]["resyncs"] >= 1, "the table was compared with the kernel")

    def both(ports):
        return [each for each in found if is_of(each, server_port, ports)]

    t.equal({(each["close"]["outcome"], each["complete"]) for each in both(ending_ports)},
            {(None, False)}, "how they ended is unknown")
    t.equal(len(both(ending_ports)), 2 * ENDING, "each has one line")
    alive = [each for each in found if each["close"]["outcome"] == "open"]
    kept = lasting + half + made + later[1:]
    t.equal({(each["lport"], each["rport"]) for each in alive},
            {ends for client, peer in kept for ends in ((port_of(client), client.getpeername()[1]),
                                                        (client.getpeername()[1], port_of(client)))
             if peer}, "open are those that the kernel has, and no other")
    t.equal(len(alive), 2 * (LASTING + HALF + NEW + 1), "each once")
    t.equal({each["complete"] for each in both(lasting_ports)}, {True},
            "who was not touched is whole")
    t.equal(sorted(each["timeline"][-1]["state"] for each in both(half_ports)),
            ["CLOSE_WAIT"] * HALF + ["FIN_WAIT2"] * HALF, "a state that was missed is put right")
    # What is collected waits for room in the ring.
    is_kept = lives == "yes"
    t.equal({(each["complete"], each["gaps"] > 0, each["timeline"][-1]["mono_ns"] is None)
             for each in both(half_ports)}, {(is_kept, not is_kept, not is_kept)},
            "as a gap, without a time, unless it was kept")
    t.equal({each["seeded"] for each in both(made_ports)}, {False},
            "those whose birth was missed are known, and not taken for old ones")
    t.equal(any(each["complete"] for each in both(made_ports)), is_kept,
            "some of which were kept, if any were: others had been at their addresses before")
    t.equal({each["complete"] for each in both(later_ports)}, {True}, "what comes later is whole")
    counts = seen.summary["connections"]
    t.equal(counts["opened"] + counts["seeded"], counts["live"] + counts["closed"] +
            counts["evicted"], "the counts add up")
    t.equal(events["seen"], events["filtered"] + events["submitted"] + events["ring_full"],
            "and every event is accounted for")


def story(w, t):
    for lives in ("no", "yes"):
        lose(w, t, lives)


run(story)
