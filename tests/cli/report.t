#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The page of `tcpspan report`: complete in itself, equal to `hist`, and written with care."""
import json
import os
import pty
import re
import shutil
import stat
import subprocess
import sys
import tempfile

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import page
import tsp
from tap import Tap

TCPSPAN = os.environ.get("TCPSPAN", "build/tcpspan")
HOSTILE = b"</script><img "
CONNECTIONS = 1009
# From a microsecond on.
POWERS = ["1.00us", "10.0us", "100us", "1.00ms", "10.0ms", "100ms", "1.00s", "10.0s", "1m40s",
          "16m40s"]

# Whose closing tells that what was written is not there: as of a network's file system, or a quota.
LATE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

static int made = -1;

int openat(int folder, const char *path, int flags, ...)
{
	int (*real)(int, const char *, int, ...) = dlsym(RTLD_NEXT, "openat");
	va_list more;
	int fd;

	va_start(more, flags);
	fd = real(folder, path, flags, va_arg(more, int));
	va_end(more);
	made = flags & O_EXCL ? fd : made;
	return fd;
}
int openat64(int, const char *, int, ...) __attribute__((alias("openat")));

int close(int fd)
{
	int (*real)(int) = dlsym(RTLD_NEXT, "close");
	int result = real(fd);

	if (fd < 0 || fd != made)
		return result;
	made = -1;
	errno = EDQUOT;
	return -1;
}
"""

T = Tap()


def run(*args, **more):
    """The program, ended: status, standard output, standard error."""
    done = subprocess.run([TCPSPAN, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, timeout=60, **{"stdin": subprocess.DEVNULL, **more})
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def save(folder, name, raw):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(raw)
    return path


def report(*inputs, args=(), status=0):
    """The page of these recordings; what is wrong with any page is told."""
    got, out, err = run("report", "-o", "-", *args, "-i", *inputs)
    name = " ".join([*(os.path.basename(each) for each in inputs), *args])
    T.equal(got, status, f"{name}: its status", err)
    read = page.read(out)
    flaws = list(page.flaws_of(read))
    T.ok(not flaws, f"{name}: complete, and nothing from elsewhere", *flaws)
    return read


def lines_of(*inputs):
    return [json.loads(line) for line in run("hist", "--json", "-i", *inputs)[1].splitlines()]


def equals_hist(*inputs, **more):
    """Every number of the tables is that of hist."""
    read, lines = report(*inputs, **more), lines_of(*inputs)
    name = os.path.basename(inputs[0])
    rows = {row[0]: row[1:] for row in read.tables["All durations"][1:]}
    for line in lines:
        if line["type"] != "histogram" or not line["count"] + line["unknown"]:
            continue
        wanted = [line["count"], line["unknown"],
                  *(line[key] if line["count"] else "-"
                    for key in ("min", "p50", "p90", "p99", "p999", "max")),
                  int(line["mean"]) if line["count"] else "-"]
        T.equal(rows.pop(line["name"], None), wanted, f"{name}: {line['name']} as hist has it")
    T.equal(rows, {}, f"{name}: and no other")
    causes = {}
    for line in lines:
        if line["type"] == "failure":
            causes[line["cause"] or "unknown"] = causes.get(line["cause"] or "unknown", 0) + \
                line["count"]
    if not any(line.get("other") for line in lines):
        told = {row[0]: row[1] for row in read.tables.get("By cause", [[]])[1:]}
        T.equal(told, causes, f"{name}: failures by cause as hist has them")
    return read, lines[-1]


def states(read, summary):
    """The state machine adds up."""
    moves = {(row[0], row[1]): row[2] for row in read.tables["Transitions"][1:]}
    into = {row[0]: row[1] for row in read.tables["State machine"][1:]}
    left = {row[0]: row[5] for row in read.tables["State machine"][1:]}
    begun = sum(each for (source, _), each in moves.items() if source == "CLOSED")
    T.equal(begun, summary["connections"]["opened"], "as many begin as were opened")
    for state, came in into.items():
        went = sum(each for (source, _), each in moves.items() if source == state)
        T.equal(came - went, left[state], f"{state}: who came and did not go is there")


def edge(ns, is_end):
    """Where the row of a map begins, or ends, that a duration is in."""
    half = 1 << (ns.bit_length() - 2)
    return (ns // half + is_end) * half


def heat(read, lines):
    """The maps of handshakes span what there is, to powers of ten, and have room for each row."""
    rows = [line for line in lines if line.get("count") and
            line.get("name") in ("handshake_client", "handshake_server")]
    first = len(str(edge(min(row["min"] for row in rows), False))) - 1
    last = len(str(edge(max(row["max"] for row in rows), True) - 1))
    section = read.text.partition('<section id="heat"')[2].partition("</section>")[0]
    for figure in section.split("<figure")[1:]:
        T.equal(re.findall(r'small right">([^<]*)<', figure), POWERS[first - 3:last - 2],
                "a map spans what there is")
        places = [float(y) for y in re.findall(r'class="grid" d="M64 ([0-9.]+)H', figure)]
        cells = [(float(low), float(high))
                 for low, high in re.findall(r"M[0-9]+ ([0-9.]+)h1V([0-9.]+)h-1z", figure)]
        T.ok(cells and all(max(places) >= low > high >= min(places) and low - high > 4
                           for low, high in cells), "each cell is in it, and high enough", places)


def of_recordings(folder):
    one = save(folder, "one", tsp.generate(connections=CONNECTIONS, seed=5, rate=100))
    read, summary = equals_hist(one)
    states(read, summary)
    heat(read, lines_of(one))
    few = save(folder, "few", tsp.generate(connections=3, seed=3))
    heat(report(few), lines_of(few))
    text = "".join(read.words)
    T.ok("Nothing was lost" in text, "that nothing was lost is said")
    T.ok("synthetic" in text, "where it was recorded is said")
    made_room = lines_of(one, "--max-connections", "9")[-1]["connections"]["time_waits_evicted"]
    told = re.search(r"forgotten in TIME_WAIT, for lack of room\s*([0-9,]+)",
                     " ".join(report(one, args=("--max-connections", "9")).words))
    T.ok(made_room and told and int(told[1].replace(",", "")) == made_room,
         "how many made room in TIME_WAIT is said", made_room, told)
    T.equal(read.lang, "en", "it is in English")

    column = read.tables["Listeners"][0].index("never accepted")
    mine = report(one, args=("-c", "nginx"))
    T.equal([{type(row[column]) for row in each.tables["Listeners"][1:]} for each in (read, mine)],
            [{int}, {str}], "who filters by owner is not told that all were accepted")

    lossy, lost = equals_hist(save(folder, "lossy", tsp.generate(connections=CONNECTIONS, seed=5,
                                                                 lose=7)))
    count_lost = lost["events"]["ring_full"]
    T.ok(f"{count_lost:,} events were lost" in "".join(lossy.words), "what was lost is said",
         count_lost)

    both = [save(folder, f"host{n}", tsp.generate(connections=17, seed=n, late=n))
            for n in (6, 7)]
    equals_hist(*both)
    zh = report(one, args=("--lang", "zh"))
    T.ok(zh.lang == "zh-Hans" and "没有丢失" in "".join(zh.words), "in Chinese as well")
    numbers = [[cell for row in table for cell in row if isinstance(cell, int)]
               for table in zh.tables.values()]
    T.equal(numbers, [[cell for row in table for cell in row if isinstance(cell, int)]
                      for table in read.tables.values()], "with the same numbers")


def odd_recordings(folder):
    raw = tsp.generate(connections=0, seed=5)
    read = report(save(folder, "empty", raw))
    T.ok("No connection was seen" in "".join(read.words), "that there is nothing is said")
    raw = tsp.generate(connections=CONNECTIONS, seed=5, block=4096)
    cut = report(save(folder, "cut", raw[:len(raw) * 2 // 3]), status=2)
    T.ok("Not all of the recording could be read" in "".join(cut.words),
         "that it was cut short is said")
    T.ok("events were lost is not known" in "".join(cut.words) and
         "Nothing was lost" not in "".join(cut.words), "and not that nothing was lost")
    parts = [save(folder, f"part.{n}", tsp.generate(connections=CONNECTIONS, seed=5, part=n))
             for n in (2, 3)]
    words = " ".join(report(*parts).words)
    T.ok("Some parts of the recording are not here" in words and "could be read" not in words,
         "that parts are gone is said, and not that they could not be read")
    timewaits_untold(folder)


def timewaits_untold(folder):
    """Where nothing tells of timewait sockets, how many there are is no number."""
    for told in (1, 0):
        path = save(folder, f"timewaits{told}", tsp.generate(connections=97, seed=5,
                                                             timewaits=told))
        read = report(path)
        states_now = {row[0]: row[5] for row in read.tables["State machine"][1:]}
        T.equal([states_now[name] for name in ("ESTABLISHED", "FIN_WAIT2", "TIME_WAIT")],
                [states_now["ESTABLISHED"], *([0, 0] if told else ["-", "-"])],
                "who is in which state at the end")
        T.equal({row[6] for row in read.tables["By process"][1:]}, {0 if told else "-"},
                "and whose they are")
        waits = re.findall(r"((?:FIN_WAIT2|TIME_WAIT|2 MSL) (?:-|[0-9]+\b))",
                           screen(path, "states"))
        T.equal(waits,
                ["FIN_WAIT2 0", "TIME_WAIT 0", "2 MSL 0"] if told else
                ["FIN_WAIT2 -", "TIME_WAIT -", "2 MSL -"], "on the screen as well")
        column = screen(path, "groups").partition("TIMEW")[0].rpartition("\n")[2]
        rows = screen(path, "groups").partition(" BY PROCESS")[2].splitlines()[1:]
        T.equal({row[:len(column) + 5].split()[-1] for row in rows if row.strip()},
                {"0" if told else "-"}, "and in its groups")


def screen(path, name):
    """One of those of top, when the recording is over."""
    return subprocess.run([TCPSPAN, "top", "--once", "--screen", name, "-i", path], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def hostile(folder):
    """A process may call itself anything, and so may a host."""
    recording = tsp.Recording(tsp.generate(connections=97, seed=5))
    changed = 0
    for block in recording.of_kind(tsp.RECORDS):
        bare = block.raw()
        changed += bare.count(b"curl".ljust(16, b"\0"))
        block.stored = bare.replace(b"curl".ljust(16, b"\0"), HOSTILE.ljust(16, b"\0"))
        block["compression"] = 0
    T.ok(changed, "some are called otherwise")
    read = report(save(folder, "hostile", recording.pack()))
    T.ok(HOSTILE.decode() in "".join(read.words), "the name is text")
    T.equal([tag for tag, _, _ in read.attributes if tag == "img"], [], "and no more than that")
    T.equal(read.text.count("</script>"), 1, "one script")


def redacted(folder):
    """What is to be given to others names nobody, and has the same numbers."""
    path = save(folder, "night", tsp.generate(connections=97, seed=5))
    true, read = report(path), report(path, args=("--redact",))
    told = [word for word in ("198.51.100.", "192.0.2.", "curl", "postgres", "web.service",
                              "synthetic") if word in read.text]
    T.equal(told, [], "no address and no name is told")
    T.ok("240.0.0." in read.text and "comm-" in read.text, "others stand for them")
    for table in ("All durations", "Transitions", "By cause", "Timeline"):
        T.equal(read.tables[table], true.tables[table], f"{table}: the same")
    ladders = [each.text.count('class="ladder" role') for each in (true, read)]
    T.equal(ladders[0], ladders[1], "and as many ladders")
    T.equal(read.text.count("seq=?"), true.text.count("seq=?"), "of which as much is known")


def compared(folder):
    """What changed is what diff says; without an old run that can be read there still is a page."""
    runs = [save(folder, f"run{n}", tsp.generate(connections=n, seed=n, rate=100))
            for n in (307, 1009)]
    read = report(runs[1], args=("--compare", runs[0]))
    lines = [json.loads(line) for line in run("diff", "--json", *runs)[1].splitlines()]
    lines = [line for line in lines if line["type"] == "diff"]
    changed = [line["name"] for line in lines if line["verdict"] in ("more", "less")]
    T.ok(changed, "something has changed")
    T.equal([row[0] for row in read.tables["What has changed"][1:]], changed,
            "what has changed is what diff says, in its order")
    told = {row[0]: row[1:3] for name in ("What has changed", "What has not changed, or cannot be "
            "told") for row in read.tables[name][1:]}
    T.equal(sorted(told), sorted(line["name"] for line in lines), "and so is what has not")
    T.equal([line["name"] for line in lines if line["unit"] == "ns" and
             told[line["name"]] != ["-" if line[side] is None else int(line[side])
                                    for side in ("old", "new")]], [], "with the same durations")
    figure = read.text.partition('id="changes"')[2].partition("<table")[2].partition("<svg")[2]
    figure = figure.partition("</svg>")[0]
    T.equal([figure.count("<circle"), [name for name in changed if name not in figure]],
            [min(len(changed), 20), []], "and each of them is drawn")
    T.ok(f"most of all {changed[0]}" in "".join(read.words), "the verdict names the largest")
    T.equal([row[1] for row in read.tables["Both runs"][1:]],
            [line["connections"]["opened"] for each in runs for line in lines_of(each)[-1:]],
            "how many both had")
    T.ok("Compared with" not in report(runs[1]).text, "without it there is no such section")

    same = report(runs[0], args=("--compare", runs[0]))
    T.ok("No change: none of" in "".join(same.words) and "What has changed" not in same.tables,
         "a recording with itself has no change")
    T.ok("By which factor" not in "".join(same.words), "and nothing is drawn")
    hostile = save(folder, "<img src=x>", tsp.generate(connections=17, seed=5))
    read = report(hostile, args=("--compare", hostile))
    T.ok("<img src=x>" in "".join(read.words), "a name of a file is text")
    read = report(hostile, args=("--compare", hostile, "--redact"))
    T.ok("img" not in "".join(read.words), "and nothing that is told to others")

    raw = tsp.generate(connections=CONNECTIONS, seed=5, block=4096)
    cut = save(folder, "old-cut", raw[:len(raw) * 2 // 3])
    T.ok("numbers" in "".join(report(runs[1], args=("--compare", cut), status=2).words),
         "what could be read of one that was cut short is compared")
    T.ok("nothing is compared" in "".join(report(runs[1], args=(
       "--compare", save(folder, "no-recording", b"none")), status=2).words),
         "without one to read the page says so")
    path = os.path.join(folder, "compared.html")
    status, _, err = run("report", "-i", runs[0], "--compare", os.path.join(folder, "none"), "-o",
                         path)
    T.ok(status == 2 and "none cannot be read" in err and not os.path.exists(path),
         "one that is not there is found before the run", status, err)


def files(folder):
    """It is written as recordings are."""
    one = save(folder, "some", tsp.generate(connections=17, seed=5))
    path = os.path.join(folder, "night.html")
    os.umask(0)
    T.equal(run("report", "-i", one, "-o", path)[:2], (0, b""), "a file, and nothing on stdout")
    T.equal(stat.S_IMODE(os.stat(path).st_mode), 0o600, "which is for its owner alone")
    before = os.stat(path).st_ino
    T.equal(run("report", "-i", one, "-o", path)[0], 0, "another in its place")
    T.ok(os.stat(path).st_ino != before, "which is a new one")
    with open(path, "rb") as file:
        page_bytes = file.read()
    status, _, err = run("report", "-i", os.path.join(folder, "none"), "-o", path)
    with open(path, "rb") as file:
        T.ok(status == 2 and file.read() == page_bytes, "without a recording the old one stays",
             status, err)
    link = os.path.join(folder, "link")
    os.symlink(path, link)
    status, _, err = run("report", "-i", one, "-o", link)
    T.ok(status == 2 and "symbolic link" in err and os.path.islink(link), "no link is followed",
         status, err)
    with open(one, "rb") as file:
        recorded = file.read()
    other = os.path.join(folder, "other-name")
    os.link(one, other)
    for args in (("report", "-i", one, "-o", one), ("report", "-i", one, "-o", other),
                 ("report", "-i", path, one, "-o", other), ("export", "-i", one, "--textfile", one),
                 ("report", "-i", save(folder, "more", tsp.generate(connections=7, seed=6)),
                  "--compare", one, "-o", one)):
        status, out, err = run(*args)
        with open(one, "rb") as file:
            T.ok((status, out, len(err.splitlines())) == (2, b"", 1) and file.read() == recorded,
                 f"{args[0]} writes over no recording that it reads", status, err)
    new = os.path.join(folder, "new.html")
    T.equal((run("report", "-i", os.path.join(folder, "none"), "-o", new)[0], os.path.exists(new)),
            (2, False), "without a recording there is none")
    pipe = os.path.join(folder, "pipe")
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    T.equal((run("report", "-i", os.path.join(folder, "none"), "-o", pipe)[0],
             stat.S_ISFIFO(os.stat(pipe).st_mode)), (2, True), "a pipe is not removed")
    os.close(reader)
    T.equal([name for name in os.listdir(folder) if name.startswith(".")], [],
            "nothing is left over")
    status, _, err = run("report", "-i", one)
    T.ok(status == 2 and "--output" in err, "it has to be said where", err)
    status, out, err = run("report", "--json", "-i", one, "-o", path)
    T.equal((status, [json.loads(line)["type"] for line in out.splitlines()], err),
            (0, ["summary"], ""), "in JSON the summary is on standard output")
    ours, theirs = pty.openpty()
    status, _, err = 0, 0, subprocess.run([TCPSPAN, "report", "-i", one, "-o", "-"], stdout=theirs,
                                          stderr=subprocess.PIPE, check=False, timeout=60)
    T.ok(err.returncode == 2 and b"terminal" in err.stderr, "no terminal gets a page", err)
    os.close(ours)
    os.close(theirs)


def late(folder):
    """A page that was not written to its end is none."""
    with open(TCPSPAN, "rb") as program:
        is_static = b"libc.so.6" not in program.read()
    if os.environ.get("SAN") or is_static or not shutil.which("cc"):
        T.skip("a page that closing tells of", "no library can be put before this program here")
        return
    library = os.path.join(folder, "late.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", library], input=LATE.encode(),
                   check=True)
    one = save(folder, "recorded", tsp.generate(connections=17, seed=5))
    path = os.path.join(folder, "late.html")
    for what in ("a new page", "one in another's place"):
        before = os.path.exists(path) and os.stat(path).st_ino
        status, out, err = run("report", "-i", one, "-o", path,
                               env={**os.environ, "LD_PRELOAD": library})
        T.ok((status, out) == (2, b"") and "cannot be written: Disk quota exceeded" in err,
             f"{what} whose end is not written is told of", status, err)
        T.equal(os.path.exists(path) and os.stat(path).st_ino, before, f"{what}: all is as it was")
        run("report", "-i", one, "-o", path)


def main():
    with tempfile.TemporaryDirectory() as folder:
        of_recordings(folder)
        odd_recordings(folder)
        hostile(folder)
        redacted(folder)
        compared(folder)
        files(folder)
        late(folder)
    T.done()
    return 1 if T.failed else 0


sys.exit(main())
