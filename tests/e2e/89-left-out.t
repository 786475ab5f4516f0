#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Sockets that a filter leaves out are made where others were: what they do is not theirs."""
import socket

from traffic import abort, connect, listen, pair, port_of
from world import *

COUNT = 61


def take(listener):
    """Accepts in another process."""
    for _ in range(COUNT):
        listener.accept()[0].close()


def reset(wanted, other):
    """Each end of those that are wanted is reset, and so are others in between."""
    client, server = pair(wanted)
    server.sendall(b"never read")
    server.close()
    client.close()  # a reset ends it, of which more word could come
    client, server = pair(other)
    abort(client)
    server.close()
    client, server = pair(wanted)
    client.sendall(b"never read")
    client.close()  # and so does the server's of this one
    server.close()
    client, server = pair(other)
    abort(server)
    client.close()


def reset_and_leave(wanted, others):
    """The peer has closed and resets; then somebody else accepts another."""
    client, server = pair(wanted)
    client.shutdown(socket.SHUT_WR)
    server.recv(1)
    abort(client)
    server.close()
    client = connect("127.0.0.1", port_of(others))
    client.recv(1)
    client.close()


def told(run_, **ends):
    return sorted((line["lport"], str(line["close"]), line["comm"], line["pid"])
                  for line in where(run_.connections, **ends))


def story(w, t):
    wanted, other, others = listen(), listen(), listen()
    taker, port = w.fork(take, others, comm="taker"), port_of(wanted)
    lines = ("trace", "--json", "-N", "self")
    with w.traces(lines, (*lines, "-D", str(port)), (*lines, "-L", str(port))) as runs:
        for _ in range(COUNT):
            reset(wanted, other)
        for _ in range(COUNT):
            reset_and_leave(wanted, others)
        taker.result()

    for run_, end in zip(runs[1:], ("rport", "lport")):
        want = told(runs[0], **{end: port})
        t.equal(len(want), 3 * COUNT, f"{end}: all have a line")
        t.equal(told(run_, **{end: port}), want,
                f"{end}: each ends, and is owned, as where nothing is left out")
        t.equal(len(run_.connections), 3 * COUNT, f"{end}: and nothing else is told of")


run(story)
