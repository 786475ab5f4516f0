#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A SYN without its MD5 signature is dropped without a word: what the kernel counts is a hint."""
import errno
import socket
import struct

from traffic import finish, listen, pair, port_of, wait_for
from world import *

TCP_MD5SIG = 14
AGAIN = 1  # SYNs that are sent again, so that it takes three seconds


def ask_signature(listener, address):
    """Segments from there need a signature, which nobody makes."""
    peer = struct.pack("=HH4s", socket.AF_INET, 0, socket.inet_aton(address)) + bytes(120)
    try:
        listener.setsockopt(socket.IPPROTO_TCP, TCP_MD5SIG,
                            peer + struct.pack("=BBHi80s", 0, 0, 6, 0, b"secret"))
    except OSError as error:
        raise Skip(f"no TCP_MD5SIG here: {error}") from error


def fails(port):
    """Connects; returns how that failed."""
    with socket.socket() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_SYNCNT, AGAIN)
        try:
            client.connect(("127.0.0.1", port))
        except OSError as error:
            return errno.errorcode[error.errno]
    return None


def story(w, t):
    signed, plain = listen(), listen()
    ask_signature(signed, "127.0.0.1")
    moved = Deltas()
    commands = (("trace", "--json", "-N", "self"), ("trace", "-N", "self"),
                ("hist", "--json", "-N", "self"))
    with w.traces(*commands) as (lines, text, hist):
        t.equal(fails(port_of(signed)), "ETIMEDOUT", "a connect without a signature")
    syns = moved["TCPMD5NotFound"]
    want = {"TCPMD5NotFound": syns}
    t.ok(syns > AGAIN, "the kernel has counted its SYNs", syns)
    t.equal((lines.summary.get("hints"), hist.summary.get("hints")), (want, want), "so do we")
    t.equal([line["close"]["cause"] for line in lines.connections], ["syn_timeout"],
            "which is no cause")
    t.ok(f"hint: while handshakes got no answer, the kernel has counted TCPMD5NotFound {syns} "
         in " ".join(text.err.split()) and "Whether that is why is not known." in
         " ".join(text.err.split()), "for people, a hint", text.err)

    waiting = socket.socket()
    waiting.setblocking(False)
    moved = Deltas()
    with w.traces(("trace", "--json", "-N", "self")) as (quiet,):
        finish(*pair(plain))
        waiting.connect_ex(("127.0.0.1", port_of(signed)))
        wait_for(lambda: moved["TCPMD5NotFound"])
    t.equal((moved["TCPMD5NotFound"] > 0, quiet.summary.get("hints")), (True, None),
            "where none has failed so far, there is no hint")
    waiting.close()


run(story, limit=60)
