#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A subflow belongs to its MPTCP connection: its token, its owner, and why it ended."""
import os
import subprocess
import time

from namespace import memory_is_hidden
from stuck import Puppet
from traffic import (IPPROTO_MPTCP, abort, connect, kernel_states, listen, port_of, wait_for,
                     wait_state)
from world import *

JOINS, SECOND = 3, "127.0.0.2"
# Where both have closed their MPTCP connection, the kernel says whose FIN is sent first.
IN_ORDER = {"closed_by_local", "closed_by_remote"}


class Server:
    """Serves MPTCP, and has several ways to end."""

    def __init__(self):
        self.listener, self.held = listen(protocol=IPPROTO_MPTCP), None

    def port(self):
        return port_of(self.listener)

    def take(self):
        self.held = self.listener.accept()[0]

    def answer(self):
        self.held.sendall(self.held.recv(64))

    def close(self, read, rude=False):
        if read:
            self.held.recv(64)
        if rude:
            abort(self.held)
        else:
            self.held.close()

    def leave(self):
        """The listener goes, with what it has not accepted."""
        self.listener.close()


class Client:
    """Asks for MPTCP."""

    def __init__(self):
        self.sock = None

    def connect(self, port):
        self.sock = connect("127.0.0.1", port, protocol=IPPROTO_MPTCP)
        return port_of(self.sock)

    def ask(self):
        self.sock.sendall(b"question")

    def hear(self):
        return len(self.sock.recv(64))

    def close(self):
        self.sock.close()


def joined(client, server, moved):
    """Connections of two subflows each; returns the ports of their first ones."""
    ports = []
    for _ in range(JOINS):
        ports.append(client.tell("connect", server.tell("port")))
        server.tell("take")
        client.tell("ask")
        server.tell("answer")
        client.tell("hear")
        wait_for(lambda: moved["MPJoinAckRx"] == len(ports))
        client.tell("close")
        server.tell("close", True)
    return ports


def ended(client, server):
    """One connection for each way to end; returns {port of the client: what the server did}."""
    ends = {}
    for end, read, rude in ((IN_ORDER, True, False), ("unread_data", False, False),
                            ("linger_zero", True, True)):
        ends[client.tell("connect", server.tell("port"))] = end
        server.tell("take")
        client.tell("ask")
        time.sleep(0.05)
        if end == IN_ORDER:
            client.tell("close")
            server.tell("close", read)
        else:
            server.tell("close", read, rude)
            time.sleep(0.05)
            client.tell("close")
    return ends


def are_over(port):
    """The kernel ends subflows in its own time, after those who used them."""
    return all(state in ("LISTEN", "TIME_WAIT") for ports, (state, _) in kernel_states().items()
               if port in ports)


def tell_hidden(t, lines):
    """Where no program may read whose a subflow is, nor whether the peer has agreed to MPTCP."""
    t.equal({tuple(line["mptcp"].values()) for line in lines}, {(None,) * 3},
            "which connection each belongs to is unknown")
    t.none([line for line in lines if line["role"] == "client" and line["comm"] not in
            ("asker", None)], "and those that the kernel joined are nobody's")


def story(w, t):
    if not os.path.exists("/proc/sys/net/mptcp/enabled"):
        raise Skip("this kernel has no MPTCP")
    sysctl("mptcp.enabled", 1)
    client, server = Puppet(w, Client, comm="asker"), Puppet(w, Server, comm="answerer")
    plain, moved = listen(), Deltas()
    with w.traces(LINES, (*LINES, "-c", "asker"), (*LINES, "-c", "answerer")) as traces:
        lines, asker, answerer = traces
        ends = ended(client, server)
        port = server.tell("port")
        fallback = client.tell("connect", port_of(plain))
        client.tell("close")
        plain.accept()[0].close()
        for words in (("limits", "set", "subflow", "2", "add_addr_accepted", "0"),
                      ("endpoint", "add", SECOND, "dev", "lo", "subflow")):
            subprocess.run(("ip", "mptcp", *words), check=True)
        firsts = joined(client, server, moved)
        unaccepted = client.tell("connect", port)
        wait_state(port, unaccepted, "ESTABLISHED")
        server.tell("leave")
        client.tell("close")
        wait_for(lambda: are_over(port))
        wait_for(lambda: all(run_.so_far() for run_ in traces))

    found = [line for line in lines.connections if line["close"]["outcome"] != "refused"]
    ours, theirs = where(found, rport=port), where(found, lport=port)
    t.equal(len(theirs), len(ends) + 2 * JOINS + 1, "the server has all subflows") or t.note(found)
    causes = {line["rport"]: line["close"]["cause"] for line in theirs if line["rport"] in ends}
    is_hidden = memory_is_hidden()
    if is_hidden:  # nor what becomes of the data that the kernel has put into its connection
        ends = {port: end if end == IN_ORDER else None for port, end in ends.items()}
    t.equal({port: IN_ORDER if cause in IN_ORDER else cause for port, cause in causes.items()},
            ends, "each end of one that was accepted is what it was")
    t.equal([line["close"]["cause"] for line in theirs if line["rport"] == unaccepted],
            ["listener_closed"], "one that nobody accepted went with its listener") or t.note(
                where(theirs, rport=unaccepted))
    if is_hidden:
        tell_hidden(t, ours + theirs + where(found, lport=fallback))
        return
    t.none([line for line in ours + theirs if not line["mptcp"] or not line["mptcp"]["token"]],
           "each knows its connection")
    t.equal([line["mptcp"] for line in where(found, lport=fallback)], [None],
            "whose peer knows no MPTCP is none")

    for name, lines_, first, owner in (("client", ours, "lport", client),
                                       ("server", theirs, "rport", server)):
        of = {}
        for line in lines_:
            of.setdefault(line["mptcp"]["token"], []).append(line)
        pairs = [each for each in of.values() if len(each) > 1]
        t.equal(len(pairs), JOINS, f"{name}: {JOINS} have more than one subflow")
        # The server tries to join in the other direction first, and is refused.
        t.none([each for each in pairs
                if min(line["mptcp"]["subflow"] for line in each) != 1 or
                len({line["mptcp"]["subflow"] for line in each}) != len(each)],
               f"{name}: numbered in their order")
        t.equal(sorted(line[first] for each in pairs for line in each
                       if line["mptcp"]["subflow"] == 1), sorted(firsts),
                f"{name}: the first is who connected")
        t.equal({(line["role"], line["pid"], line["comm"], line["owner_source"])
                 for each in pairs for line in each},
                {(name, owner.pid, "asker" if name == "client" else "answerer",
                  "process" if name == "client" or lines.summary["hooks"]["accept"] else
                  "listener")},
                f"{name}: all are its process's")
    t.equal(len(where(asker.connections, rport=port)), len(ours), "-c finds those that joined")
    if lines.summary["hooks"]["accept"]:
        t.equal(len(where(answerer.connections, lport=port)), len(theirs) - 1,
                "of a server as well")


run(story, needs=("reset",))
