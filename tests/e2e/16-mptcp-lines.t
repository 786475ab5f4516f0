#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""With --mptcp an MPTCP connection is one line, which has all that its subflows had each."""
import os
import subprocess

from namespace import memory_is_hidden
from traffic import IPPROTO_MPTCP, connect, finish, listen, pair, port_of, wait_for
from world import *

JOINS, ALONE, PLAIN, SIZE, SECOND_ADDRESS = 3, 5, 2, 1009, "127.0.0.2"
WHOLE = (*LINES, "--mptcp")
TEXT = ("trace", "-N", "self", "--mptcp")
# What two runs tell of one subflow alike: not when it was, to the nanosecond.
SAME = ("netns", "family", "laddr", "lport", "raddr", "rport", "role", "pid", "comm", "process",
        "uid", "owner_source", "mptcp", "close", "bytes_sent", "bytes_received", "retransmits",
        "segments_sent", "segments_received", "complete", "gaps", "seeded")


def talk(client, server):
    """So many bytes each way, and an orderly end."""
    client.sendall(b"q" * SIZE)
    while SIZE > len(server.recv(SIZE, 2)):  # MSG_PEEK
        pass
    server.recv(SIZE)
    server.sendall(b"a" * SIZE)
    client.recv(SIZE)
    finish(client, server)


def ends(line):
    """The ends of a connection, as the kernel tells them apart."""
    return line["laddr"], line["lport"], line["raddr"], line["rport"]


def same(line):
    """What is to be compared, in a form that has an order."""
    return repr([states_of(line), *(line[name] for name in SAME)])


def rows_of(text):
    """The words of each line below the header."""
    return [line.split() for line in text.decode().splitlines()[1:]]


def join(listener, moved, times):
    """Connections of which each has a second subflow before it ends."""
    for words in (("limits", "set", "subflow", "2", "add_addr_accepted", "0"),
                  ("endpoint", "add", SECOND_ADDRESS, "dev", "lo", "subflow")):
        subprocess.run(("ip", "mptcp", *words), check=True)
    for at in range(times):
        client = connect("127.0.0.1", port_of(listener), protocol=IPPROTO_MPTCP)
        server = listener.accept()[0]
        client.sendall(b"!")
        server.recv(1)
        server.sendall(b"!")
        client.recv(1)
        wait_for(lambda at=at: moved["MPJoinAckRx"] == at + 1)
        talk(client, server)


def tell_hidden(t, lines, whole, rows):
    """Where no program may read whose a subflow is, each has its line as ever."""
    subflows = [line for line in lines if line["mptcp"]]
    t.equal(whole.of("mptcp"), [], "none is said to be a part of another")
    t.equal(sorted(map(same, whole.connections)), sorted(map(same, lines)),
            "each has its line as ever")
    t.equal(len(rows), len(lines), "for people as well")
    t.ok(len(subflows) >= 2 * (ALONE + 2 * JOINS), "all subflows are said to be some", lines)
    t.none([line for line in subflows if any(each is not None for each in line["mptcp"].values())],
           "of what is unknown")
    t.none([line for line in subflows if (line["comm"] or "").startswith("kworker")],
           "and those that the kernel joined are nobody's")


def story(w, t):
    if not os.path.exists("/proc/sys/net/mptcp/enabled"):
        raise Skip("this kernel has no MPTCP")
    sysctl("mptcp.enabled", 1)
    listener, plain, moved = listen(protocol=IPPROTO_MPTCP), listen(), Deltas()
    with w.traces(LINES, WHOLE, TEXT) as (apart_, whole, text):
        for _ in range(ALONE):
            talk(*pair(listener, protocol=IPPROTO_MPTCP))
        for _ in range(PLAIN):
            talk(*pair(plain))
        join(listener, moved, JOINS)
        # The last segment of each is in TIME_WAIT, or closed.
        wait_for(lambda: moved["MPCurrEstab"] == 0)

    if memory_is_hidden():
        tell_hidden(t, apart_.connections, whole, rows_of(text.out))
        return
    of = {}
    for line in apart_.connections:
        if line["mptcp"]:
            of.setdefault(line["mptcp"]["token"], []).append(line)
    found = {line["mptcp"]["token"]: line for line in whole.of("mptcp")}
    t.equal(len(whole.of("mptcp")), 2 * (ALONE + JOINS), "one line for each end of each connection")
    t.equal(set(found), set(of), "which has its token")
    t.equal(sorted(ends(line) for line in whole.connections), sorted(
        ends(line) for line in apart_.connections if not line["mptcp"]),
            "what is no MPTCP has its line as ever")
    t.none([line for token, line in found.items()
            if sorted(map(same, line["subflows"])) != sorted(map(same, of[token]))],
           "its subflows are what their lines were")
    t.none([line for line in found.values()
            if not line["complete"] or line["subflows_open"] or
            line["subflow_count"] != len(line["subflows"])],
           "each is told of when the last of them has ended")
    t.equal(sorted(line["subflow_count"] > 1 for line in found.values()),
            [False] * 2 * ALONE + [True] * 2 * JOINS, "those that had more than one have more")
    for name in ("bytes_sent", "bytes_received", "retransmits"):
        t.none([line for line in found.values()
                if line[name] != sum(each[name] for each in line["subflows"])],
               f"{name} is that of all")
    t.none([line for line in found.values()
            if line["bytes_sent"] < SIZE or line["bytes_received"] < SIZE],
           "no less than was said")
    firsts = [(line, [each for each in line["subflows"] if not each["mptcp"]["joined"]])
              for line in found.values()]
    t.none([line for line, first in firsts if len(first) != 1], "one made the connection")
    t.none([line for line, first in firsts if ends(line) != ends(first[0]) or any(
        line[name] != first[0][name] for name in ("id", "role", "pid", "comm", "time",
                                                   "handshake"))],
           "whose ends, owner and handshake are the connection's")
    t.none([each["handshake"] for line in found.values() for each in line["subflows"]
            if each["mptcp"]["joined"] and (each["handshake"]["latency_ns"] or 1) % MS == 0],
           "no handshake is that of a clock of milliseconds")
    t.none([line for line in found.values()
            if line["end_time"] != max(each["end_time"] for each in line["subflows"])],
           "it ends with its last one")
    t.equal({line["duration_ns"] is None for line in found.values()}, {False}, "and lasts so long")

    rows, at = rows_of(text.out), 0
    heads = [row for row in rows if row[-1].startswith("mp")]
    t.equal(sorted(row[-1] for row in heads),
            sorted(f"mp{line['subflow_count']}" for line in found.values()),
            "people see how many follow")
    while at < len(rows) and rows[at][-1].startswith("mp"):
        at += 1 + int(rows[at][-1][2:])
    t.equal([row[:2] for row in rows if row[0] == "+" and row[1] not in ("first", "joined")], [],
            "and which each is")
    t.equal(sum(row[0] == "+" for row in rows), sum(int(row[-1][2:]) for row in heads),
            "all of them")
    t.equal(len(rows), len(heads) + sum(row[0] == "+" for row in rows) + 2 * PLAIN,
            "beside those of no MPTCP")


run(story)
