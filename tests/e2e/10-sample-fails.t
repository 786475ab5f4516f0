#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A connect that fails is in the sample or it is not, though two hooks may tell of it."""
import errno
import socket

from traffic import listen, pair
from world import *

COUNT, PART = 211, 2
NOWHERE = ("203.0.113.9", 80)
# How it looks where a transition tells as well, and where the call alone does.
TWICE = (["SYN_SENT", "CLOSED"], "EADDRNOTAVAIL", "connect_failed")
ONCE = (["CLOSED"], "ENETUNREACH", "connect_failed")


def fail(home, there, want):
    """From an address, whose four-tuple is taken if the kernel looks so far."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(home)
        code = sock.connect_ex(there)
        assert code == want, errno.errorcode.get(code, code)


def story(w, t):
    listener = listen()
    client, server = pair(listener, bind=("127.0.0.1", 0))
    home, there = client.getsockname(), listener.getsockname()
    sample = (*LINES, "--sample", f"1/{PART}")
    with w.traces(LINES, sample, (*sample, "--lives", "no")) as (whole, *parts):
        for _ in range(COUNT):
            fail(home, there, errno.EADDRNOTAVAIL)
            fail(("0.0.0.0", 0), NOWHERE, errno.ENETUNREACH)
    for run_, part in ((whole, 1), *((each, PART) for each in parts)):
        for taken, want in ((True, TWICE), (False, ONCE)):
            # Of some machines nobody can say who was to be called.
            told = [([step["state"] for step in line["timeline"]], line["close"]["errno"],
                     line["close"]["cause"]) for line in run_.connections
                    if (line["lport"] == home[1]) is taken]
            t.none([each for each in told if each != want], f"1/{part}, {want[1]}: each is whole")
            most, slack = COUNT / part, 0 if part == 1 else 6 * (COUNT / 4) ** 0.5
            t.between(len(told), most - slack, most + slack,
                      f"1/{part}, {want[1]}: about as many as it says")
    client.close()
    server.close()


run(story, needs=("connect",))
