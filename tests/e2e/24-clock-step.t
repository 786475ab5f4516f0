#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The clock is set while a run goes on: from then on it tells the time of day that it is now."""
import datetime
import os
import shutil
import subprocess
import tempfile
import time

import namespace
import tracer
from traffic import finish, listen, pair
from world import *

AHEAD, NEAR = 86400, 60  # seconds
# Between the program and the C library: the time of day is a day ahead while there is a file.
CLOCK = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile char *ahead;

__attribute__((constructor)) static void begin(void)
{
	int fd = open(PLACE, O_RDONLY | O_CLOEXEC);
	extern void *mmap(void *, unsigned long, int, int, int, long);

	ahead = mmap(0, 1, 1, 1, fd, 0);
	close(fd);
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	long result = syscall(SYS_clock_gettime, id, ts);

	if (id == CLOCK_REALTIME && *ahead == '1')
		ts->tv_sec += AHEAD;
	return (int)result;
}
"""


def compiled(folder, place):
    """The library; where there is nothing to build it with, there is no such story."""
    library = f"{folder}/clock.so"
    if os.environ.get("SAN"):
        raise Skip("sanitizers want to be the first library")
    with open(tracer.program(), "rb") as program:
        if b"libc.so.6" not in program.read():
            raise Skip("a static program asks the kernel for the time by itself")
    if not shutil.which("cc"):
        raise Skip("no cc here")
    subprocess.run(["cc", "-shared", "-fPIC", f"-DAHEAD={AHEAD}", f'-DPLACE="{place}"', "-x", "c",
                    "-", "-o", library], input=CLOCK.encode(), check=True)
    return library


def is_ahead(text, seconds):
    then = datetime.datetime.fromisoformat(text[:26] + "+00:00")
    now = datetime.datetime.now(datetime.timezone.utc)
    return abs((then - now).total_seconds() - seconds) < NEAR


def set_clock(place, ahead):
    with open(place, "r+", encoding="ascii") as file:
        file.write("1" if ahead else "0")


def traced(t, library, place):
    listener = listen()
    set_clock(place, False)
    with subprocess.Popen([tracer.program(), "trace", "--json", "-N", "self"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, "LD_PRELOAD": library},
                          preexec_fn=namespace.die_with_parent) as process:
        while b"Tracing" not in process.stderr.readline():
            pass
        finish(*pair(listener))
        before = [process.stdout.readline() for _ in range(2)]
        set_clock(place, True)
        time.sleep(1.5)
        finish(*pair(listener))
        process.terminate()
        after = [process.stdout.readline() for _ in range(2)]
        process.communicate()
    listener.close()
    for lines, seconds, name in ((before, 0, "before"), (after, AHEAD, "after")):
        lives, flaws = tracer.parse_lines(b"".join(lines))
        t.ok(not flaws and len(where(lives, type="connection")) == 2 and
             all(is_ahead(life["time"], seconds) for life in lives),
             f"{name} it was set: the time of day that it was", (flaws, lives))


def recorded(t, folder, library, place):
    """Times of a recording are by the clock of its beginning: who reads it is told so."""
    listener, said = listen(), {}
    for name, ahead in (("steady", False), ("set", True)):
        set_clock(place, False)
        path = f"{folder}/{name}.tsp"
        with subprocess.Popen([tracer.program(), "record", "-N", "self", "-o", path],
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              env={**os.environ, "LD_PRELOAD": library},
                              preexec_fn=namespace.die_with_parent) as process:
            while b"Recording" not in process.stderr.readline():
                pass
            finish(*pair(listener))
            set_clock(place, ahead)
            time.sleep(1.5)
            finish(*pair(listener))
            process.terminate()
            said[name] = [process.communicate()[1].decode()]
        for words in (("check",), ("trace",), ("report", "-o", f"{folder}/{name}.html")):
            said[name].append(tracer.run(*words, "-i", path).err.decode())
    listener.close()
    t.equal({name: [text.count("the clock was set 1d00h ahead") for text in texts]
             for name, texts in said.items()}, {"steady": [0] * 4, "set": [1] * 4},
            "record, and whoever reads it, say that it was set") or t.note(said)


def story(w, t):
    with tempfile.TemporaryDirectory(prefix="tcpspan-clock-") as folder:
        place = f"{folder}/ahead"
        with open(place, "w", encoding="ascii") as file:
            file.write("0")
        library = compiled(folder, place)
        traced(t, library, place)
        recorded(t, folder, library, place)


run(story)
