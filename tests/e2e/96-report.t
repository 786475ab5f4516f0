#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""report: the page of a run and of its recording, whatever a process calls itself.

PLAYWRIGHT=FOLDER, where `npm install playwright-core` was run, has a browser show it as well.
"""
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile

import page
import tracer
from traffic import abort, connect, finish, free_port, listen, pair, port_of, serve, visit, wait_for
from world import *

COUNT, LEAKS, SHARED = 23, 7, 11
OPEN = COUNT + 2 + LEAKS + SHARED  # pairs that were established
HOSTILE = b"</script><img "


def share(port):
    """Listens beside somebody else, and accepts for as long as it lives."""
    with listen("127.0.0.1", port, options=((socket.SOL_SOCKET, socket.SO_REUSEPORT, 1),)) as mine:
        serve(mine, SHARED)


def two_share(w):
    """Connections to a port on which two processes listen."""
    port = free_port()
    for name in ("one", "other"):
        w.fork(share, port, comm=name)
        wait_for(lambda: name in listening(port), 10 * w.patience)
    visit("127.0.0.1", port, SHARED)


def listening(port):
    """Who listens on a port, as ss has it."""
    return subprocess.run(["ss", "-Htlnp", f"sport = {port}"], stdout=subprocess.PIPE, check=True,
                          text=True).stdout


def lives(w, listener):
    two_share(w)
    for _ in range(COUNT):
        finish(*pair(listener))
    client, server = pair(listener)
    abort(client)
    try:
        server.recv(1)
    except ConnectionResetError:
        pass
    server.close()
    for _ in range(2):
        try:
            connect("127.0.0.1", free_port())
        except ConnectionRefusedError:
            pass
    other = listen()
    server = w.fork(serve, other, 1)
    w.fork(visit, "127.0.0.1", port_of(other), 1, comm=HOSTILE).result()
    server.result()
    leaks = [pair(listener) for _ in range(LEAKS)]
    for client, _ in leaks:
        client.close()
    return leaks


def judge(t, name, path):
    with open(path, "rb") as file:
        read = page.read(file.read())
    t.none(page.flaws_of(read), f"{name}: complete, and nothing from elsewhere")
    words = "".join(read.words)
    causes = {row[0]: row[1] for row in read.tables["By cause"][1:]}
    t.equal(causes, {"refused": 2, "reset_received": 1, "linger_zero": 1},
            f"{name}: each failure by its cause")
    machine = {row[0]: row[1:] for row in read.tables["State machine"][1:]}
    t.equal(machine["ESTABLISHED"][0], 2 * OPEN, f"{name}: those that were open")
    t.equal(machine["CLOSE_WAIT"][4], LEAKS, f"{name}: those that leak are in CLOSE_WAIT")
    t.ok("Nothing was lost" in words, f"{name}: nothing was lost")
    t.equal(read.text.count("</script>"), 1, f"{name}: one script")
    t.ok("127.0.0.1" in words, f"{name}: it has ladders")
    hangs = [(row[0], row[1]) for row in read.tables["Who is stuck at the end"][1:]] \
        if "Who is stuck at the end" in read.tables else []
    t.equal(machine["CLOSE_WAIT"][5], sum(row[0] for row in hangs if row[1] == "CLOSE_WAIT"),
            f"{name}: who is stuck is told of")
    course = read.tables["Timeline"][1:]
    t.equal(sum(row[1] for row in course), 2 * OPEN + 2,
            f"{name}: each was opened")
    t.equal(course[-1][4], 2 * LEAKS, f"{name}: and so many are still open")
    ports = [row[2:5:2] for row in read.tables["Ports used for each destination"][1:]]
    t.equal(sum(row[1] for row in ports), OPEN + 2, f"{name}: each client had a port")
    t.ok(LEAKS <= ports[0][0] <= COUNT + 1 + LEAKS, f"{name}: so many at a time", ports)
    listeners = {row[0]: row[2] for row in read.tables["Listeners"][1:]}
    t.equal(sorted(listeners.values()), [1, SHARED, COUNT + 1 + LEAKS],
            f"{name}: accepted by each listener")
    t.equal([sorted(row[1].split(", ")) for row in read.tables["Listeners"][1:]
             if row[2] == SHARED], [["one", "other"]], f"{name}: a shared port is not one's alone")
    return read


def browser_of():
    """A browser without a screen, and the package that drives it; or why there is none."""
    folder = os.environ.get("PLAYWRIGHT")
    browser = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not folder:
        raise LookupError("PLAYWRIGHT names no folder with that package")
    if not browser or not shutil.which("node"):
        raise LookupError("no browser")
    return folder, browser


def numbers_of(tables):
    """The numbers of each table; what is sorted anew is the same."""
    return {table: sorted(cell for row in rows for cell in row if re.fullmatch(r"\d+", cell))
            for table, rows in tables}


def by_browser(t, path, read):
    """No request, no complaint, and the same numbers at any width, in any light."""
    try:
        folder, browser = browser_of()
    except LookupError as why:
        t.skip("a browser shows it", str(why))
        return
    done = subprocess.run(["node", os.path.join(os.path.dirname(__file__), "browser.js"), folder,
                           browser, path], stdout=subprocess.PIPE, check=False, timeout=120)
    t.equal(done.returncode, 0, "a browser shows it")
    seen = json.loads(done.stdout)
    views = seen["views"]
    t.equal(len(views), 12, "at three widths, in light and dark, with script and without")
    t.equal(set(seen["requests"]), {f"file://{path}"}, "it asks for nothing")
    t.equal(seen["complaints"], [], "and the browser has nothing to say")
    wanted = numbers_of((name, [[str(cell) for cell in row] for row in rows[1:]])
                        for name, rows in read.tables.items())
    t.none([name for name, view in views.items() if wanted != numbers_of(
        (table["caption"], table["rows"]) for table in view["tables"])], "the same numbers in each")
    t.equal({len(view["sections"]) for view in views.values()}, {14}, "and the same sections")
    t.none([name for name, view in views.items() if view["overflows"]],
           "none is wider than its screen")
    t.ok(all(view["cut"] for name, view in views.items() if name.startswith("390-")),
         "of a narrow one parts go on beyond its edge")
    t.none([name for name, view in views.items() if view["unseen"]], "and each shows that it does")
    t.equal(len({view["background"] for view in views.values()}), 2, "the dark one is dark")
    t.equal({view["buttons"] for name, view in views.items() if "bare" in name}, {0},
            "without script nothing pretends to do something")
    for each in seen["sort"]:
        keys = [int(value) if value.isdigit() else -1 if value == "-" else value
                for value in each["values"]]
        t.equal(keys, sorted(keys, reverse=each["order"] == "descending",
                             key=lambda key: key if isinstance(key, int) else key.casefold()),
                f"column {each['column']}, {each['order']}")
    found = seen["search"]
    t.ok(found["shown"] and all(found["word"] in row for row in found["shown"]) and
         not found["none"] and found["after"] == found["before"],
         "search finds, and lets go", found)
    boxes = [tuple(float(part) for part in each["box"].split()) for each in seen["zoom"]]
    t.ok(boxes[0] == boxes[-1] and boxes[0][2] == 2 * boxes[1][2] == 4 * boxes[2][2] and
         boxes[3][0] < boxes[2][0] == boxes[4][0], "zoom goes in, along and out", boxes)
    t.equal(seen["zoom"][0]["ticks"][0], "0", "the ticks say where it is")
    t.ok("CLOSED" in seen["tip"], "a part of a figure says what it is", seen["tip"])
    t.ok("BUTTON" in seen["stops"], "keys reach what can be done", seen["stops"])


def story(w, t):
    listener = listen()
    with tempfile.TemporaryDirectory() as folder:
        record, live, replayed = (os.path.join(folder, name)
                                  for name in ("a.tsp", "live.html", "replayed.html"))
        reporter = Tracer(("report", "-o", live, "-N", "self"), w.patience).wait_ready()
        recorder = Tracer(("record", "-o", record, "-N", "self"), w.patience)
        wait_for(lambda: "Recording" in recorder.err, 30 * w.patience)
        leaks = lives(w, listener)
        t.equal((reporter.stop().status, recorder.stop().status), (0, 0), "both end well")
        for client, server in leaks:
            server.close()
        t.equal(tracer.run("report", "-i", record, "--compare", record, "-o", replayed).status, 0,
                "and so is a replay")
        one, other = judge(t, "live", live), judge(t, "recorded", replayed)
        t.equal([row[:2] for row in one.tables["All durations"]],
                [row[:2] for row in other.tables["All durations"]],
                "both have measured the same")
        rows = other.tables["By service and process"][1:]
        t.equal(sum(row[0] for row in rows), 4, "by service: as many as failed")
        t.ok("No change: none of" in "".join(other.words), "which has not changed since itself")
        by_browser(t, replayed, other)
        against_before(w, t, listener, record, live)


def against_before(w, t, listener, before, path):
    """A run and a recording that it is compared with, which is read without the rights of root."""
    reporter = Tracer(("report", "-o", path, "-N", "self", "--compare", before),
                      w.patience).wait_ready()
    finish(*pair(listener))
    t.equal(reporter.stop().status, 0, "a run is compared with a recording")
    with open(path, "rb") as file:
        read = page.read(file.read())
    t.none(page.flaws_of(read), "and its page is complete")
    t.equal([row[1] for row in read.tables["Both runs"][1:]], [2 * OPEN + 2, 2],
            "it tells of both")


run(story)
