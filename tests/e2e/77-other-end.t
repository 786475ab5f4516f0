#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Who is the other end: the same endpoints twice at a time, and a connection to itself."""
import socket
import tempfile
import time

from ladder import EXPLAIN, explained, wait_ended
from tracer import parse_lines, run as run_program
from traffic import free_port
from world import *

PORTS = 19700, 19701  # the same in both namespaces, each of which has all ports for itself
BYTES = 111, 22


def listener_and_client():
    listener, client = socket.socket(), socket.socket()
    for each, port in zip((listener, client), PORTS):
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        each.bind(("127.0.0.1", port))
    listener.listen()
    return listener, client


def talk(count):
    """One connection over the loopback of wherever this runs, with `count` bytes to the server."""
    listener, client = listener_and_client()
    client.connect(("127.0.0.1", PORTS[0]))
    server, _ = listener.accept()
    client.sendall(b"x" * count)
    server.recv(1000)
    time.sleep(0.5)  # while the other one lives as well
    client.close()
    server.recv(1)
    server.close()


def lines(kind, *command):
    """The lines of that type which the program prints."""
    found, flaws = parse_lines(run_program(*command).out)
    if flaws:
        raise AssertionError(flaws)
    return where(found, type=kind)


def twins(w, t):
    inner = [w.fork(talk, count, own_namespace=True, held=True) for count in BYTES]
    numbers = [each.hold_netns() for each in inner]
    with tempfile.NamedTemporaryFile(prefix="tcpspan-e2e-") as recording:
        with w.traces(("record", "-L", ",".join(map(str, PORTS)), "-o", recording.name),
                      live=True):
            for each in inner:
                each.go()
            for each in inner:
                each.result()
        found = lines("connection", "trace", "--json", "-i", recording.name)
        ours = [each for each in found if each["netns"] in numbers]
        t.equal(len(ours), 4, "two ends in each namespace, all with the same two endpoints")
        t.ok(ours[0]["time"] < max(each["time"] for each in ours) <
             min(each["end_time"] for each in ours), "they lived at the same time")
        for each in ours:
            line, = lines("explain", "explain", "--json", "-i", recording.name, "--id", each["id"])
            other = line["other"]
            name = f"the {each['role']} of namespace {numbers.index(each['netns'])}"
            t.equal((other["netns"], other["role"]),
                    (each["netns"], "server" if each["role"] == "client" else "client"),
                    f"{name}: its other end is in the same one")


def itself(w, t):
    port = free_port()
    with w.traces((*EXPLAIN, "-D", str(port)), live=True) as (tracer,):
        with socket.socket() as both:
            both.bind(("127.0.0.1", port))
            both.connect(("127.0.0.1", port))
            both.sendall(b"to myself")
            t.equal(both.recv(100), b"to myself", "it reads what it wrote")
        t.ok(wait_ended(tracer), "explain ends with it")
    line = explained(tracer)
    t.equal(line["other"]["id"], line["id"], "it is its own other end")
    t.equal(line["numbers"]["x"], line["numbers"]["y"], "there is one first number")
    t.none([step for step in line["steps"] if not step["remote_measured"]],
           "what it is in, the other end is in as well")
    guessed = [step["flags_guessed"] for step in line["steps"] if step["flags_guessed"]]
    t.equal(guessed, [["SYN"]], "the flag that no state tells is said to be a guess")


def story(w, t):
    twins(w, t)
    itself(w, t)


run(story)
