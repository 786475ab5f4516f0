#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""--interface goes by what a socket is bound to when it begins, and then stays with it."""
import itertools

from traffic import abort, bind_to_device, connect, finish, kill, listen, pair, port_of
from world import *

BOUND = (*LINES, "--interface", "lo,if1")  # a name may be hidden, and then is its number


def close(client, server):
    finish(client, server)


def reset(client, server):
    abort(client)
    server.close()


def end(client, server):
    """An administrator does, who finds no socket that is bound."""
    kill(client)
    client.close()
    server.close()


def told(lines, ports):
    return sorted((line["lport"], line["role"], line["ifname"], line["gaps"], str(line["close"]),
                   str([step["state"] for step in line["timeline"]]))
                  for line in lines if line["lport"] in ports)


def story(w, t):
    listener, bound = listen(), set()
    with w.traces(LINES, BOUND, (*BOUND, "--lives", "no")) as (every, *filtered):
        for how, first, then in itertools.product((close, reset, end), ("lo", ""), ("lo", "")):
            client, server = pair(listener, device=first)
            for each in client, server:
                bind_to_device(each, then if how is not end else "")
            if first:
                bound.add(port_of(client))
            how(client, server)
    for run_, name in zip(filtered, ("lives", "steps")):
        t.equal(told(run_.connections, bound), told(every.connections, bound),
                f"{name}: each that began there is told as where all are told of")
        t.equal(len(run_.connections), len(bound), f"{name}: and no other")


run(story)
