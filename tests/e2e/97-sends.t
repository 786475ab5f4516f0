#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The exporter's unit sends nothing; with its drop-in it does, and has a folder for what waits."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

import namespace
import tracer
from collector import Collector
from traffic import finish, listen, pair, port_of, wait_for
from world import *

TOP = pathlib.Path(__file__).resolve().parents[2]
UNIT = TOP / "user/package/systemd/tcpspan-exporter.service"
DROP_IN = TOP / "user/package/systemd/sends.conf"
CONFINE = TOP / "tests/package/confine.py"
COUNT, SECRET = 23, "nobody-is-to-see-this"


@contextlib.contextmanager
def service(program, units, folder, sock, url):
    """The exporter as those start it, and what it says, as a function."""
    args = [word for word in DROP_IN.read_text().partition('ARGS="')[2].partition('"')[0].split()
            if word != "https://db:8443"]
    args[1:1] = [url]
    words = [sys.executable, str(CONFINE), ":".join(map(str, units)), program, "export", "-N",
             str(namespace.inode()), *args, *tracer.extra_arguments()]
    fd = sock.fileno()
    with tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" 3<&{fd} {fd}<&-', "sh", *words], pass_fds=(fd,),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err,
            preexec_fn=namespace.die_with_parent,
            env={**os.environ, "LISTEN_FDS": "1", "CREDENTIALS_DIRECTORY": folder})

        def said():
            err.seek(0)
            return err.read().decode(errors="replace")
        try:
            yield process, said
        finally:
            process.terminate()
            process.wait()


def rows_of(store):
    """Of connections, as they came."""
    return [json.loads(line) for path, body, status, _, _ in store.requests if status == 200 and
            ".connections " in urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)["query"][0]
            for line in body.splitlines()]


def with_drop_in(w, t, program, folder):
    sock, listener, store = listen(), listen(), Collector()
    with service(program, (UNIT, DROP_IN), folder, sock, store.url) as (process, said):
        wait_for(lambda: "Counting" in said() or process.poll() is not None, 30 * w.patience)
        t.ok("Counting" in said(), "with the drop-in it starts", said())
        for _ in range(COUNT):
            finish(*pair(listener))
        with urllib.request.urlopen(f"http://127.0.0.1:{port_of(sock)}/-/healthy", timeout=20) as a:
            t.equal(a.status, 200, "and answers where the socket's unit listens")
        process.terminate()
        t.equal(process.wait(30), 0, "it ends well")
        t.ok("spool" not in said() and "wait" not in said(), "the folder of the unit is its spool",
             said())
    rows = [each for each in rows_of(store) if each["lport"] == port_of(listener)]
    t.equal(len(rows), COUNT, "each connection has come to the store")
    t.equal({(each[3].get("X-ClickHouse-User"), each[3].get("X-ClickHouse-Key"))
             for each in store.requests}, {("sender", SECRET)}, "with the credential of the unit")
    store.close()


def without(w, t, program, folder):
    sock, store = listen(), Collector()
    with service(program, (UNIT,), folder, sock, store.url) as (process, said):
        wait_for(lambda: process.poll() is not None or "cannot" in said(), 30 * w.patience)
        t.ok("cannot" in said(), "without it the unit says that it cannot", said())
    t.equal(len(store.requests), 0, "and nothing is sent")
    store.close()


def story(w, t):
    for name in ("systemd-analyze", "setpriv"):
        if not shutil.which(name):
            raise Skip(f"no {name} here")
    with tracer.reachable("65534") as program, \
            tempfile.TemporaryDirectory(prefix="tcpspan-sends-") as folder:
        os.chmod(folder, 0o755)
        with open(os.path.join(folder, "clickhouse-password"), "w", encoding="ascii") as file:
            file.write(SECRET + "\n")
        with_drop_in(w, t, program, folder)
        without(w, t, program, folder)


run(story, limit=90)
