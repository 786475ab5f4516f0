#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The formats for people and for spreadsheets tell the same connections as --json does."""
import csv
import io

from traffic import finish, listen, pair, port_of
from world import *

COUNT = 23


def story(w, t):
    listener = listen()
    port = str(port_of(listener))
    formats = [("trace", "-N", "self"), ("trace", "--events", "-N", "self"),
               ("trace", "--csv", "-N", "self"), ("trace", "--events", "--csv", "-N", "self"),
               ("hist", "-N", "self"), ("hist", "--csv", "-N", "self"), EVENTS]
    with w.traces(*formats) as (text, text_events, rows, row_events, hist, hist_rows, events):
        for _ in range(COUNT):
            finish(*pair(listener))

    steps = sum(len(each.steps) for each in events.chains())
    for run_, count in ((text, 2 * COUNT), (text_events, steps)):
        shown = run_.out.decode().splitlines()
        t.equal(len([line for line in shown if port in line]), count, f"{run_.name}: {count} lines")
        t.none([line for line in shown if len(line) > 80], f"{run_.name}: 80 columns")
        t.ok(b"\x1b" not in run_.out, f"{run_.name}: no colour where nobody looks")
        t.ok(len(run_.err.splitlines()) >= 2, f"{run_.name}: a summary on standard error", run_.err)
    for run_, count in ((rows, 2 * COUNT), (row_events, steps)):
        table = list(csv.DictReader(io.StringIO(run_.out.decode())))
        t.equal(len(table), count, f"{run_.name}: {count} rows")
        t.equal(sorted({row["lport"] == port or row["rport"] == port for row in table}), [True],
                f"{run_.name}: with the names of the JSON fields")
    for mark in ("p50", "p90", "p99", "max"):
        t.ok(mark in hist.out.decode(), f"{hist.name}: shows {mark}", hist.out.decode())
    t.none([line for line in hist.out.decode().splitlines() if len(line) > 80],
           f"{hist.name}: 80 columns")
    table = list(csv.DictReader(io.StringIO(hist_rows.out.decode())))
    t.ok({"handshake_client", "handshake_server"} <= {row.get("name") for row in table},
         f"{hist_rows.name}: has both handshakes", hist_rows.out.decode()[:500])


run(story)
