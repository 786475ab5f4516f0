#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""fleet: the three commands of the README, from nothing to both ends of the slowest connection."""
import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
import time

import namespace
import tracer
from clickhouse import ClickHouse
from fleet import address_of, hosts_of
from traffic import connect, finish, wait_for
from world import *

PORT, COUNT, SLOW_S = 8123, 11, 0.04
NAMES = ("db", "web")


def commands():
    """[(on which machines, command)] as they stand there."""
    with open(f"{tracer.ROOT}/README.md", encoding="utf-8") as file:
        block = re.search(r"Three commands from nothing .*?```\n(.*?)```", file.read(), re.S)[1]
    return [(words[0].rstrip("#$").split(", "), words[1]) for words in
            (re.split(r"(?<=[#$])\s+", line, maxsplit=1) for line in block.splitlines())]


def on(host, command, **how):
    """Starts it there; a machine has a name, a spool and, here, one network namespace."""
    if " export " in command:
        command += f" -N {host.child.netns()} " + " ".join(tracer.extra_arguments())
    with host.entered():
        return subprocess.Popen(
            ["unshare", "--uts", "--mount", "sh", "-c",
             f"hostname {host.name} && mount -t tmpfs tmpfs /var/spool && exec {command}"],
            stdin=subprocess.DEVNULL, preexec_fn=namespace.die_with_parent, text=True,
            env={**os.environ, "PATH": f"{os.path.dirname(tracer.program())}:{os.environ['PATH']}"},
            **how)


def answer(host, command):
    process = on(host, command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@contextlib.contextmanager
def exporting(w, hosts, where, command):
    """It runs on these machines, until all that they have is told."""
    with contextlib.ExitStack() as stack:
        running = []
        for host in (each for each in hosts if each.name in where):
            err = stack.enter_context(tempfile.TemporaryFile("w+"))
            process = on(host, command, stderr=err)
            stack.callback(process.wait)
            stack.callback(process.kill)
            running.append((process, err))

        def said(err):
            err.seek(0)
            return err.read()
        wait_for(lambda: all("Counting" in said(err) for _, err in running), 30 * w.patience)
        yield
        for process, _ in running:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(30) for process, _ in running] == [0, 0], [said(e) for _, e in running]


def slow(client_host, server_host):
    """One that waits to be accepted."""
    with client_host.entered():
        client = connect(address_of(server_host.at), server_host.port)
    time.sleep(SLOW_S)
    finish(client, server_host.listener.accept()[0])


def story(w, t):
    (init_on, init), (export_on, export), (ask_on, ask) = commands()
    t.equal((init_on, export_on, ask_on), (["db"], ["db", "web"], ["web"]), "three commands")
    with tempfile.TemporaryDirectory(prefix="tcpspan-e2e-") as folder:
        hosts = hosts_of(2)
        db, web = hosts
        for host, name in zip(hosts, NAMES):
            host.name = name
        with open(f"{folder}/hosts", "w", encoding="ascii") as file:
            file.write(f"127.0.0.1 localhost\n{address_of(db.at)} db\n{address_of(web.at)} web\n")
        namespace.own_mounts()
        subprocess.run(["mount", "--bind", f"{folder}/hosts", "/etc/hosts"], check=True)
        try:
            with db.entered():
                namespace.link_up("lo")
                server = ClickHouse(folder, patience=w.patience, port=PORT)
            with server:
                status, _, err = answer(db, init)
                t.equal((status, err), (0, ""), init)
                with exporting(w, hosts, export_on, export):
                    for _ in range(COUNT):
                        finish(*web.connect(db))
                    slow(web, db)
                status, out, err = answer(web, ask)
                t.equal((status, err), (0, ""), ask)
                told = out.splitlines()[1].split()
                t.equal(told[1:3], ["web", "db"], "both ends")
                status, out, err = answer(web, ask + " --json")
                t.equal(json.loads(out.splitlines()[0])["server"],
                        f"{address_of(db.at)}:{db.port}", "where they met")
                t.ok("server" in told, "of the one that waited to be accepted", out)
                t.note(out)
        finally:
            for host in hosts:
                host.close()


run(story, limit=90)
