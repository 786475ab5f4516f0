#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Under the restrictions of its units all is seen that root sees, and the dashboard has no hole."""
import contextlib
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import exporter
import namespace
import tracer
from prometheus import CONFIG, JOB, prometheus, query
from traffic import connect, finish, free_port, listen, pair, port_of, wait_for
from world import *

TOP = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = TOP / "user/package"
CONFINE = TOP / "tests/package/confine.py"
BATCH, CAUSES = 10, 3
PERIOD = "15s"


def unit(name):
    return str(PACKAGE / f"systemd/tcpspan-{name}.service")


def rungs(command):
    """{family: the rung that is used} as `check` finds them."""
    done = subprocess.run([*command, "check", "--json"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False,
                          timeout=120)
    hooks = json.loads(done.stdout.partition("\n")[0])["hooks"]
    return {hook["family"]: hook["rung"] for hook in hooks}


@contextlib.contextmanager
def service(program, sock, patience):
    """The exporter as its unit starts it, with a socket that is open already."""
    words = [sys.executable, str(CONFINE), unit("exporter"), program, "export", "-N",
             str(namespace.inode()), "--by", "comm", *tracer.extra_arguments()]
    fd = sock.fileno()
    with tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" 3<&{fd} {fd}<&-', "sh", *words], pass_fds=(fd,),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err,
            preexec_fn=namespace.die_with_parent, env={**os.environ, "LISTEN_FDS": "1"})

        def said():
            err.seek(0)
            return err.read().decode(errors="replace")
        try:
            wait_for(lambda: "Counting" in said() or process.poll() is not None, 30 * patience)
            if process.poll() is not None:
                raise RuntimeError(f"the service has ended:\n{said()}")
            yield process.pid
        finally:
            process.terminate()
            process.wait()


def work(listener, nobody):
    for _ in range(BATCH):
        finish(*pair(listener))
    for _ in range(CAUSES):
        with contextlib.suppress(OSError):
            connect("127.0.0.1", nobody)


def expressions():
    """What the dashboard asks, of all machines."""
    with open(PACKAGE / "grafana/tcpspan.json", encoding="utf-8") as file:
        dashboard = json.load(file)
    return [(panel["title"], target["expr"].replace("$job", ".*").replace("$instance", ".*")
             .replace("$__rate_interval", PERIOD))
            for panel in dashboard["panels"] for target in panel["targets"]]


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def tell_service(w, t, program):
    sock, listener, nobody = listen(port=exporter.PORT), listen(), free_port()
    config = CONFIG + JOB % ("tcpspan", "", "127.0.0.1", port_of(sock))
    with tempfile.TemporaryDirectory(prefix="tcpspan-service-") as folder, \
            service(program, sock, w.patience) as pid, prometheus(folder, config):
        sock.close()
        status = status_of(pid)
        t.equal((int(status["CapEff"], 16), status["Seccomp"], status["NoNewPrivs"]),
                (0, "2", "1"), "what reads the ring has no rights any more")
        name = "tcpspan_handshake_duration_seconds_count"
        start = time.monotonic()

        def has_all():
            work(listener, nobody)
            return all(math.isfinite(number) for _, number in query(f"rate({name}[{PERIOD}])")) \
                and query(f"rate({name}[{PERIOD}])") and time.monotonic() - start > 4
        wait_for(has_all, 40 * w.patience, 0.5)
        t.ok(query(f'{name}{{role="server"}}')[0][1] >= BATCH,
             "connections of another network namespace are counted")
        answers = [(title, each, [number for _, number in query(each)])
                   for title, each in expressions()]
        t.none([(title, each) for title, each, numbers in answers if not numbers],
               f"each of the dashboard's {len(answers)} questions has an answer")
        of_traffic = {title for title, _, numbers in answers if any(n > 0 for n in numbers)}
        t.ok(of_traffic >= {"Connections opened and ended", "Failures by cause",
                            "Handshake, client", "Handshake, server", "Time in states, p99"},
             "and those that are about the traffic have numbers", of_traffic)


def story(w, t):
    for name in ("systemd-analyze", "prometheus", "setpriv"):
        if not shutil.which(name):
            raise Skip(f"no {name} here")
    namespace.show_tracefs()
    with tracer.reachable("65534") as program:
        best = rungs([program])
        for name in ("exporter", "recorder"):
            confined = [sys.executable, str(CONFINE), unit(name), program]
            t.equal(rungs(confined), best, f"the {name} takes the rungs that root takes")
        tell_service(w, t, program)


run(story, limit=150)
