#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""explain over loopback: a packet capture confirms x, x+1, y, y+1, u, u+1, v, w and w+1."""
import os
import socket
import tempfile
import time

from ladder import EXPLAIN, compare, explained, told, wait_ended
from tracer import parse_lines, run as run_program
from traffic import free_port, listen, pair, port_of, wait_for
from world import *

ALL = {1: ("x", None), 2: ("y", "x+1"), 3: ("x+1", "y+1"), 4: ("u", "v"), 5: ("v", "u+1"),
       6: ("w", "u+1"), 7: ("u+1", "w+1")}


def names(line):
    """{number of the step: (name of seq, name of ack)}"""
    return {number: (step["seq_name"], step["ack_name"]) for number, step in told(line).items()}


def talk(listener):
    """One connection with data both ways, closed half by half; the client's port."""
    client, server = pair(listener)
    client.sendall(b"hello")
    server.recv(5)
    server.sendall(b"w" * 1000)
    client.recv(2000)
    client.shutdown(socket.SHUT_WR)
    server.recv(1)
    # Longer than an ACK may be delayed: it leaves by itself.
    time.sleep(0.3)
    server.sendall(b"late")
    server.close()
    while client.recv(100):
        pass
    client.close()
    return port_of(listener)


def both_ends(w, t):
    listener, capture = listen(), Capture()
    port = port_of(listener)
    with w.traces(EXPLAIN, (*EXPLAIN, "-L", str(port))) as (client, server):
        talk(listener)
        t.ok(wait_ended(client) and wait_ended(server), "each ends when its connection is closed")
        packets = capture.packets()
    seen = explained(client)
    t.equal((seen["role"], seen["other"]["role"]), ("client", "server"), "client and other end")
    t.equal(seen["this"], {name: seen[name] for name in seen["other"]}, "this end has its fields")
    t.equal([step["number"] for step in seen["segments"]], sorted(ALL), "segments are all seven")
    compare(t, "client", seen, packets, True)
    t.equal(names(seen), ALL, "x, y, u, v, w are where the textbook has them")
    t.none([step["number"] for step in told(seen).values()
            if not (step["local_measured"] and step["remote_measured"])],
           "both states of each step are measured")
    data = [(step["bytes_out"], step["bytes_in"]) for step in seen["steps"]
            if step["kind"] == "data"]
    t.equal(data, [(5, 1000), (0, 4)], "bytes before and after the first FIN")
    slow = [step for step in seen["steps"] if any("took" in text for text in step["text"])]
    t.equal([step["number"] for step in slow], [6], "the slow application is said to be one")
    seen = explained(server)
    t.equal(seen["lport"], port, "the server's end, chosen by its port")
    compare(t, "server", seen, packets, False)
    t.equal(names(seen), ALL, "the same names from the other side")


def at_once(w, t):
    """Closed second at once: the ACK of the FIN goes with the other FIN, as in the capture."""
    listener, capture = listen(), Capture()
    with w.trace(*EXPLAIN) as seen:
        client, server = pair(listener)
        client.shutdown(socket.SHUT_WR)
        server.recv(1)
        server.close()
        client.recv(1)
        client.close()
        wait_ended(seen)
    compare(t, "at once", explained(seen), capture.packets(), True)


def in_vain(w, t):
    """The twin: a connection comes, and it is not the one that was asked for."""
    seen = Tracer((*EXPLAIN, f":{free_port()}"), w.patience).wait_ready()
    talk(listen())
    t.ok(not wait_ended(seen, 0.5), "one that was not met goes on")
    t.equal(seen.stop().status, 0, "until it is told to end, which is no failure")
    t.ok("no connection to explain" in seen.err, "and says that it met none", seen.err)
    t.equal([line["type"] for line in seen.lines], ["summary"], "and explains none")
    seen = Tracer((*EXPLAIN, "-d", "0.3"), w.patience).wait()
    t.equal(seen.status, 1, "the status is 1 when it met none and its time is over")


def recorded(w, t):
    """The same from a recording, twice, byte for byte, and by the number that trace tells."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "one.rec")
        capture = Capture()
        recorder = Tracer(("record", "-o", path, "-N", "self"), w.patience)
        wait_for(lambda: "Recording" in recorder.err, 30 * w.patience)
        talk(listen())
        recorder.stop()
        lines, flaws = parse_lines(run_program("trace", "--json", "-i", path).out)
        t.none(flaws, "the recording can be read")
        server = only(lines, type="connection", role="server")
        first, again = (run_program("explain", "--json", "-i", path, "--id", server["id"])
                        for _ in range(2))
        t.equal(first, again, "a recording is explained twice in the same bytes")
        line = only(parse_lines(first.out)[0], type="explain")
        compare(t, "recorded", line, capture.packets(), False)
        longest = run_program("explain", "-i", path, "--longest", "close_wait", "--lang", "zh")
        t.ok("本端的应用程序过了".encode() in longest.out, "the longest CLOSE_WAIT, in Chinese")


def story(w, t):
    both_ends(w, t)
    at_once(w, t)
    in_vain(w, t)
    recorded(w, t)


run(story)
