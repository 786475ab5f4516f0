#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A process may call itself anything: every format stays valid and harmless."""
import csv
import io
import re

from traffic import listen, port_of, serve, visit
from world import *

COMMS = [b'quo"te', b"back\\slash", b"'; rm -rf *", b"a,b;c\"\"d", b"%s%n%d{}[]", b"  padded  ",
         b"null", "gr\u00fc\u00df\u4e16".encode(),
         b"\x1b[31mred\x1b[0m", b"\x1b]0;title\x07", b"line\nbreak\r\t", b"\x7f\x08\x08",
         b"\xc2\x9b31m", "\u202eevil".encode(),
         b"\xff\xfe\x80bad", b"cut \xe2\x82", b"\xc0\xaf\xed\xa0\x80"]
PLAIN = COMMS[:8]
COMMA = COMMS[3].decode()
BY_COMM = ("hist", "--json", "-N", "self", "--by", "comm")
CONTROLS = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def text_of(out):
    """Standard output as text, or None when it is not UTF-8."""
    try:
        return out.decode()
    except UnicodeDecodeError:
        return None


def story(w, t):
    listener = listen()
    port = port_of(listener)
    formats = {"json": EVENTS, "lines": LINES, "hist": BY_COMM, "text": ("trace", "-N", "self"),
               "csv": ("trace", "--csv", "-N", "self"), "wide": ("trace", "--wide", "-N", "self"),
               "one": (*EVENTS, "-c", COMMA), "list": (*EVENTS, "-c", f"null,{COMMA},no")}
    with w.traces(*formats.values()) as runs:
        server = w.fork(serve, listener, len(COMMS))
        for comm in COMMS:
            w.fork(visit, "127.0.0.1", port, 1, comm=comm).result()
        server.result()
    runs = dict(zip(formats, runs))

    for name, run_ in runs.items():
        text = text_of(run_.out)
        t.ok(text is not None and not CONTROLS.search(text),
             f"{name}: UTF-8 without a control code", run_.out[:2000])
        t.ok(not CONTROLS.search(run_.err), f"{name}: standard error too", repr(run_.err[:500]))
    names = [each.last["comm"] for each in runs["json"].chains() if each.last["role"] == "client"]
    t.equal(len(names), len(COMMS), "every process has its chain")
    t.equal([name for name in names[:len(PLAIN)]], [comm.decode() for comm in PLAIN],
            "a name that is printable is told as it is")
    t.none([name for name in names if not name], "no name is lost")
    t.equal([line["comm"] for line in where(runs["lines"].connections, role="client")], names,
            "trace without --events says the same")
    t.equal([[each.last["comm"] for each in runs[name].chains()] for name in ("one", "list")],
            [[COMMA], ["null"]], "a name with a comma is found by itself, but not within a list")
    rows = list(csv.reader(io.StringIO(text_of(runs["csv"].out) or "")))
    t.equal({len(row) for row in rows}, {len(rows[0])} if rows else None, "csv: rows of one width")
    t.equal(len(rows), 1 + 2 * len(COMMS), "csv: a header and a row for each end")
    t.none([comm for comm in PLAIN if b"\\" not in comm
            and not any(comm.decode() in row for row in rows)],
           "csv: printable names as they are, but for the backslash, which marks the others")
    t.equal(runs["text"].out.count(b"\n"), runs["wide"].out.count(b"\n"),
            "text: as many lines narrow as wide")


run(story)
