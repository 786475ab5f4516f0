#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The ladder of the live view has the sequence numbers of connections that live: those on the wire.

Nothing is traced for that: the socket is looked at when somebody looks at the ladder.
"""
import re
import shutil
import threading
import time

import tracer
from packet import ACK, FIN, SYN
from screen import Screen
from traffic import connect, listen, pair, port_of, wait_state
from world import *

WRAPS = 2**32
SAID, HEARD = 1009, 5003  # bytes of this end, and of the peer


class Scripted:
    """A server of the peer's that says what it is told to, and closes when it is told to."""

    def __init__(self, peer, port, iss):
        self.port, self.iss, self.flow = port, iss % WRAPS, None
        self._close, self._closed = threading.Event(), threading.Event()
        peer.serve(port, self._play)
        self.client = connect(PEER[IPV4], port)
        self.lport = port_of(self.client)

    def _play(self, flow):
        self.flow = flow
        flow.iss = flow.snd_nxt = self.iss
        flow.answer()
        if self.iss % 2:
            flow.expect(ACK, data=b"q" * SAID)
            flow.send(ACK)
            for at in range(0, HEARD, 1000):
                flow.say(b"a" * min(1000, HEARD - at))
                flow.expect(ACK)
        self._close.wait(120)
        flow.send(FIN | ACK)
        flow.expect(ACK)
        self._closed.set()
        flow.expect(FIN, within=120)
        flow.send(ACK)

    def talk(self):
        self.client.sendall(b"q" * SAID)
        left = HEARD
        while left:
            left -= len(self.client.recv(left))

    def close(self):
        self._close.set()
        self._closed.wait(20)

    @property
    def ours(self):
        """The number of this end's SYN."""
        return next(each.seq for each in self.flow.packets if each.flags & (SYN | ACK) == SYN)


def find(screen, lport, rport):
    """Its ladder, from the list of connections."""
    screen.press("Escape", r"^ STATE +FOR")
    screen.keys("/", "C-u")
    screen.type(f"lport {lport} rport {rport}")
    screen.wait(rf"2 connections 1/\d+ match .*/lport {lport} ")
    return screen.press("Enter", rf"^this end .*:{lport}\b")


def has(t, screen, what, *patterns):
    """All of it is seen, within a few looks."""
    for pattern in patterns:
        t.ok(screen.wait(pattern, 10), f"{what}: {pattern}", screen.text())


def handshake(x, y):
    """As a client's ladder has it."""
    return (rf"SYN_SENT .*\n +seq {x}$", rf"SYN,ACK .*\n +seq {y} ack {(x + 1) % WRAPS}$",
            rf"ACK seq=x\+1 .*\n +seq {(x + 1) % WRAPS} ack {(y + 1) % WRAPS}$",
            rf"^numbers +x = {x}, y = {y}\b")


def of_clients(t, screen, older, newer):
    """Also where the numbers begin anew behind 2^32, with and without data."""
    x, y = older.ours, older.iss
    find(screen, older.lport, older.port)
    has(t, screen, "older than top", rf"^numbers +x = {x}, y = {y}$")
    for server in newer:
        find(screen, server.lport, server.port)
        has(t, screen, f"{server.iss:#x}", *handshake(server.ours, server.iss))
        t.equal(f"ESTABLISHED   <== {HEARD} bytes   {SAID} bytes ==>" in screen.text(),
                server.iss % 2 == 1, f"{server.iss:#x}: what it has carried until now")


def closes_meanwhile(t, screen, server):
    """The ladder goes on while it is looked at: the peer closes, then this end."""
    x, y = server.ours, server.iss
    find(screen, server.lport, server.port)
    has(t, screen, "open", rf"^numbers +x = {x}, y = {y}$")
    u = (y + 1 + HEARD) % WRAPS
    server.client.sendall(b"q")
    has(t, screen, "open", rf"\(?ESTABLISHED\)? +<== {HEARD} bytes   {SAID + 1} bytes ==>")
    server.flow.expect(ACK, data=b"q")
    server.flow.send(ACK)
    time.sleep(0.1)  # longer than stamps in ticks of the kernel are off by
    server.close()
    has(t, screen, "the peer's FIN", r"CLOSE_WAIT +<-- FIN,ACK seq=u ",
        rf"^ +seq {u}$", rf"u = {u} \(y\+{HEARD + 1}\)")
    # Nothing was sent since: what acknowledged the FIN had the number that is next.
    v = (x + 2 + SAID) % WRAPS
    has(t, screen, "its ACK", rf"--- ACK seq=v ack=u\+1 .*\n +seq {v} ack {(u + 1) % WRAPS}$")
    server.client.close()
    has(t, screen, "closed", r"LAST_ACK +--- FIN,ACK ", rf"u = {u} ")


def closes_first(t, screen, server):
    """FIN_WAIT2, and TIME_WAIT: the socket that waits has both last numbers."""
    x, y = server.ours, server.iss
    find(screen, server.lport, server.port)
    has(t, screen, "open", rf"^numbers +x = {x}, y = {y}$")
    u, w = (x + 1 + SAID) % WRAPS, (y + 1 + HEARD) % WRAPS
    server.client.shutdown(2)
    server.client.close()
    server.flow.expect(FIN)
    server.flow.send(ACK)
    has(t, screen, "FIN_WAIT2", r"FIN_WAIT2 +<-- ACK seq=", rf"u = {u} \(x\+{SAID + 1}\)")
    server.close()
    has(t, screen, "TIME_WAIT", r"TIME_WAIT +<-- FIN,ACK seq=w ack=u\+1 ",
        rf"w = {w} \(y\+{HEARD + 1}\)")


def of_servers(w, t, screen, peer):
    """A child of a listener, whose peer's SYN brought the first number."""
    with listen("0.0.0.0") as listener:
        flow = peer.flow(port_of(listener))
        flow.iss = flow.snd_nxt = WRAPS - 1
        _, synack, _ = flow.open()
        server, _ = listener.accept()
        flow.say(b"a" * SAID)
        server.recv(SAID, 256)
        find(screen, port_of(listener), flow.port)
        x, y = flow.iss, synack.seq
        has(t, screen, "server", rf"SYN seq=x -.*\n +seq {x}$",
            rf"SYN,ACK .*\n +seq {y} ack 0$", rf"^numbers +x = {x}, y = {y}$")
        server.close()


def of_both_ends(t, screen):
    """Both on this machine: each is known by the other's numbers."""
    with listen() as listener:
        client, server = pair(listener)
        find(screen, port_of(client), port_of(listener))
        # What the two ends measure may seem to go back by some microseconds: that took 0.
        has(t, screen, "both ends", "Both ends are on this machine",
            r"^ +\d\S* ESTABLISHED +--- ACK seq=x\+1 ack=y\+1 -+> ESTABLISHED")
        client.close()
        has(t, screen, "both ends", r"FIN_WAIT1 +--- FIN,ACK seq=u .*> CLOSE_WAIT")
        server.close()
        wait_state(port_of(listener), port_of(client) if client.fileno() >= 0 else 0, "CLOSED", 0.2)
        has(t, screen, "both ends", r"TIME_WAIT +<-- FIN,ACK seq=w ack=u\+1 .* LAST_ACK")


def story(w, t):
    if not shutil.which("tmux"):
        t.skip("a real terminal", "there is no tmux here")
        return
    peer = w.peer()
    older = Scripted(peer, 7000, 2**31 + 1)
    older.talk()
    with Screen("xterm", w.patience, 100, 70) as screen:
        screen.type(f"{tracer.program()} top -N self --screen connections")
        screen.wait(r"\Atcpspan  2 connections", 60)
        newer = [Scripted(peer, 7001 + i, iss) for i, iss in
                 enumerate((0, WRAPS - 1, WRAPS - 2, 2**31, WRAPS - HEARD - 2))]
        for server in newer:
            if server.iss % 2:
                server.talk()
        of_clients(t, screen, older, newer)
        closes_meanwhile(t, screen, older)
        closes_first(t, screen, newer[1])
        of_servers(w, t, screen, peer)
        of_both_ends(t, screen)
        screen.keys("q")
        screen.wait("ready> *$")
    for server in newer:
        server.close()
        server.client.close()


run(story, limit=240)
