#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A kernel that counts more connects than were seen: words say so, the status, and a series."""
import csv
import io
import json
import os
import shutil
import subprocess
import tempfile

import namespace
import tracer
from exporter import Exporter
from traffic import finish, listen, pair
from world import *

OPENS, MORE = 23, 7
# Between the program and the C library: each look finds MORE connects than the one before.
LIAR = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int edited(int fd)
{
	static unsigned long more;
	static char text[65536], again[65536];
	ssize_t size = read(fd, text, sizeof(text) - 1);
	char *values = size > 0 ? strstr(text, "\nTcp: 1 ") : NULL;
	int copy = memfd_create("counters", MFD_CLOEXEC), at, size_after;
	unsigned long opens;

	close(fd);
	if (values && sscanf(values, "\nTcp: %*s %*s %*s %*s%n %lu%n", &at, &opens, &size_after)) {
		size = sprintf(again, "%.*s %lu%s", (int)(values - text) + at, text,
			       opens + more, values + size_after);
		more += MORE;
		if (write(copy, again, size) < 0)
			return -1;
	}
	lseek(copy, 0, SEEK_SET);
	return copy;
}

int open(const char *path, int flags, int mode)
{
	int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
	size_t size = strlen(path);
	int fd = real(path, flags, mode);

	return fd >= 0 && size > 9 && !strcmp(path + size - 9, "/net/snmp") ? edited(fd) : fd;
}
int open64(const char *path, int flags, int mode) __attribute__((alias("open")));
"""


def compiled(folder):
    """The liar as a library; where there is nothing to build it with, there is no such story."""
    library = f"{folder}/liar.so"
    if os.environ.get("SAN"):
        raise Skip("sanitizers want to be the first library")
    with open(tracer.program(), "rb") as program:
        if b"libc.so.6" not in program.read():
            raise Skip("a static program looks at the kernel's counters by itself")
    if not shutil.which("cc"):
        raise Skip("no cc here")
    subprocess.run(["cc", "-shared", "-fPIC", f"-DMORE={MORE}", "-x", "c", "-", "-o", library],
                   input=LIAR.encode(), check=True)
    return library


def check(library, seconds, *args):
    """What `check --against` says after so long, while connections come and go."""
    listener = listen()
    words = [tracer.program(), "check", "--against", f"{seconds:g}s", "-N", "self", *args,
             *tracer.extra_arguments()]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env={**os.environ, "LD_PRELOAD": library},
                          preexec_fn=namespace.die_with_parent) as process:
        while b"to be compared" not in process.stderr.readline():
            pass
        for _ in range(OPENS):
            finish(*pair(listener))
        out, _ = process.communicate()
    listener.close()
    return process.returncode, out.decode()


def differences(found):
    return {key[2]: value for key, value in found.items()
            if key[0] == "tcpspan_kernel_counter_difference" and value}


def story(w, t):
    with tempfile.TemporaryDirectory(prefix="tcpspan-differs-") as folder:
        library = compiled(folder)
        status, out = check(library, w.patience, "--json")
        found = json.loads(out.splitlines()[0])
        known = {name: each for name, each in found["counters"].items() if each}
        t.equal((status, found["ok"], found["lost"]), (1, False, 0),
                "nothing was lost, and they differ")
        t.equal({name: each["difference"] for name, each in known.items() if each["difference"]},
                {"ActiveOpens": -MORE}, "by what only the kernel has counted")
        t.equal((known["ActiveOpens"]["here"], known["ActiveOpens"]["kernel"]),
                (OPENS, OPENS + MORE), "beside all that was seen")
        status, out = check(library, 0.2)
        t.ok(status == 1 and "They differ by more than what was lost." in out, "in words, too", out)
        status, out = check(library, 0.2, "--csv")
        rows = {row["counter"]: row for row in csv.DictReader(io.StringIO(out))}
        t.equal((status, *(rows["ActiveOpens"][of] for of in ("kernel", "here", "difference"))),
                (1, str(OPENS + MORE), str(OPENS), str(-MORE)), "and as CSV")
        with Exporter(patience=w.patience, environment={"LD_PRELOAD": library}) as x:
            first = differences(x.scrape())
            second = differences(x.scrape())
        # The connection of a scrape may be opening just then, and is no difference.
        t.ok([*first] == [*second] == ["ActiveOpens"] and
             0 <= first["ActiveOpens"] + MORE <= 1 and 0 <= second["ActiveOpens"] + 2 * MORE <= 1,
             "it is a series to alert on", (first, second))


run(story)
