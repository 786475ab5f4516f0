#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What failed, to whom and how often: --failed, the table of failures, groups by outcome."""
import contextlib

from traffic import abort, connect, end_each, finish, free_port, leave_unread, listen, port_of
from world import *

ORDERLY, REFUSED, LINGER, UNREAD, LATE = 13, 7, 5, 3, 7301
DELAY = 0.2  # seconds after the second SYN


def comm():
    """What this process is called."""
    with open("/proc/self/comm", encoding="ascii") as name:
        return name.read().strip()


def rows_of(run):
    """{(cause, role, port of the service): count} of the table of failures."""
    return {(row["cause"], row["role"], row["rport"] or row["lport"]): row["count"]
            for row in run.of("failure")}


def story(w, t):
    peer, good, rude, careless = w.peer(), listen(), listen(), listen()
    closed = free_port()
    peer.serve(LATE, lambda flow: flow.answer(DELAY, nth=2) and flow.finish())
    with w.traces(LINES, ("trace", "--json", "--failed", "-N", "self"),
                  ("hist", "--json", "--by", "outcome", "-N", "self"), HIST,
                  ("trace", "--failed", "-N", "self"), ("hist", "-N", "self"),
                  ("trace", "-N", "self")) as runs:
        end_each(good, ORDERLY, finish)
        end_each(rude, LINGER, lambda client, server: abort(server))
        end_each(careless, UNREAD, leave_unread)
        for _ in range(REFUSED):
            with contextlib.suppress(ConnectionRefusedError):
                connect("127.0.0.1", closed)
        connect(PEER[IPV4], LATE).close()

    lines, failed, by_outcome, hist, words, tables, text = runs
    if lines.summary["hooks"]["reset"] is None:
        raise Skip("resets cannot be watched on this rung")
    want = {("refused", "client", closed): REFUSED,
            ("linger_zero", "server", port_of(rude)): LINGER,
            ("reset_received", "client", port_of(rude)): LINGER,
            ("unread_data", "server", port_of(careless)): UNREAD,
            ("reset_received", "client", port_of(careless)): UNREAD}
    for run_ in (lines, failed, hist):
        t.equal(rows_of(run_), want, f"{run_.name}: each failure has its row and its count")
    counts = [row["count"] for row in lines.of("failure")]
    t.equal(counts, sorted(counts, reverse=True), "the largest comes first")
    t.equal({row["comm"] for row in lines.of("failure") if row["role"] == "client"},
            {comm()}, "and says whose it is")
    t.equal({line["close"]["outcome"] for line in failed.connections},
            {"refused", "reset_sent", "reset_received"}, "--failed prints nothing that ended well")
    t.equal(len(failed.connections), sum(want.values()), "and all that did not")
    t.equal(len(lines.connections), sum(want.values()) + 2 * ORDERLY + 1, "of all that there were")

    groups = {row["by"]["outcome"]: row["count"] + row["unknown"]
              for row in by_outcome.of("histogram") if row["name"] == "state_established"}
    t.equal(groups, {"closed": 2 * ORDERLY + 1, "reset_sent": LINGER + UNREAD,
                     "reset_received": LINGER + UNREAD},
            "hist --by outcome parts them by their end")

    table = words.err[words.err.index("failures\n"):].splitlines()
    t.ok(table[1].split() == ["COUNT", "CAUSE", "COMM", "SERVICE"], "the table has a head", table)
    t.equal(table[2].split(), [str(REFUSED), "refused", comm(), f"127.0.0.1:{closed}"],
            "its first row is the refused")
    t.ok(f"own port {port_of(rude)}" in words.err, "a server's service is its port", table)
    t.equal([len(line) for line in table if len(line) > 80], [], "within 80 columns")
    t.ok("failures\n" in tables.so_far().decode(), "hist prints it beside its histograms")
    t.none([line for line in words.so_far().decode().splitlines()[1:] if line.endswith(" fin")],
           "text: --failed prints nothing that ended well")
    codes = {line.split()[-1] for line in words.so_far().decode().splitlines()[1:]}
    t.equal(codes, {"rfsd", ">rst", "lin0", "unrd"}, "text: END tells the causes apart")
    late = [line for line in text.so_far().decode().splitlines() if f" {LATE} " in line]
    t.ok(len(late) == 1 and "s*" in late[0].split()[-3], "a SYN that was sent again is marked",
         late)


run(story)
