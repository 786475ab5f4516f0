#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""CAP_BPF and CAP_PERFMON are enough to trace; `check` says what else takes which right."""
import contextlib
import json
import resource
import shutil
import subprocess
import sys
import time

import tracer
from namespace import name_namespace
from traffic import finish, listen, pair
from world import *

COUNT = 7
HOLD = 1.5  # seconds the peer holds its FIN back
PAIR = ("CAP_BPF", "CAP_PERFMON")
NOBODY = "65534"


def with_rights(names, program):
    """The command that runs the program as nobody with just these capabilities."""
    rights = ",".join(["-all", *("+" + name.removeprefix("CAP_").lower() for name in names)])
    return ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups",
            *(f"--{kind}={rights}" for kind in ("inh-caps", "ambient-caps", "bounding-set")),
            program]


def run_as(command, *args):
    """Runs it to its end; status, standard output, standard error."""
    done = subprocess.run([*command, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False, text=True)
    return tracer.Run(done.returncode, done.stdout, done.stderr)


def first_line(said):
    """What `check --json` found; the summary follows it."""
    return json.loads(said.out.partition("\n")[0])


def rungs_of(said):
    """{(family, place on its ladder): rung} from what `check --json` said."""
    return {(hook["family"], place): rung for hook in first_line(said)["hooks"]
            for place, rung in enumerate(hook["rungs"])}


def story(w, t):
    if not shutil.which("setpriv"):
        raise Skip("there is no setpriv (util-linux)")
    # Before 5.11 what BPF takes is locked memory, which a right or this limit allows.
    with contextlib.suppress(ValueError):  # to raise it takes a right that a root may lack
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY,) * 2)
    with tracer.reachable(NOBODY) as program:
        tell_traces(w, t, program)
        tell_stacks(w, t, program)
        tell_refusals(t, program)
        tell_needs(t, program)
        tell_elsewhere(w, t, program)
        tell_threads(t, program)


def tell_traces(w, t, program):
    seen = Tracer(EVENTS, w.patience, command=with_rights(PAIR, program))
    try:
        seen.wait_ready()
        listener = listen()
        for _ in range(COUNT):
            finish(*pair(listener))
        client, server = pair(listener)
        client.close()
        time.sleep(HOLD)
        server.close()
        time.sleep(1.5 * w.patience)
        w.judge(seen.stop())
    finally:
        seen.kill()
    t.equal(len(seen.chains()), 2 * COUNT + 2, f"with both rights: {COUNT + 1} are seen")
    t.none(flaws_of(seen.chains()), "each is whole")
    t.ok(seen.summary["hooks"]["time_wait"], "there is a way to know of timewait sockets")
    held = [(each.dwell("FIN_WAIT2") or 0) / SECOND for each in seen.chains()
            if each.path[-1] == "TIME_WAIT"]
    t.equal(len(held), COUNT + 1, "each client comes to TIME_WAIT")
    t.between(max(held, default=0), HOLD - 0.1, HOLD + 2 * w.patience,
              "one of them when the peer's FIN came at last", "s")


def tell_stacks(w, t, program):
    """Code of another user's process is not read without a right, which is said; it was in time."""
    seen = Tracer(("trace", "--stack", "-N", "self"), w.patience,
                  command=with_rights(PAIR, program))
    try:
        seen.wait_ready()
        finish(*pair(listen()))
        seen.wait_output(lambda lines: len(lines) > 2)
        seen.stop()
    finally:
        seen.kill()
    t.ok(seen.status == 0 and "looked at: who opened" in seen.err.replace("\n  ", " ") and
         "CAP_SYS_PTRACE" in seen.err, "with both rights: why no stack is told", seen.err, seen.out)


def tell_refusals(t, program):
    for rights in ((), PAIR[:1], PAIR[1:]):
        done = run_as(with_rights(rights, program), "trace", "-d", "1")
        t.ok(done.status == 2 and not done.out and len(done.err.splitlines()) == 1
             and all(right in done.err for right in PAIR) and "libbpf" not in done.err,
             f"with {' '.join(rights) or 'neither'}: status 2, one sentence that names both", done)


def tell_elsewhere(w, t, program):
    """To look into another network namespace takes one right more, which is named."""
    elsewhere = w.fork(time.sleep, 600, own_namespace=True, held=True)
    name_namespace(elsewhere.pid, "elsewhere")
    for command in ("stuck", "listeners"):
        few, more = (run_as(with_rights(rights, program), command, "-N", "elsewhere")
                     for rights in (PAIR, (*PAIR, "CAP_SYS_ADMIN")))
        t.ok((few.status, few.out, len(few.err.splitlines())) == (2, "", 1) and
             "CAP_SYS_ADMIN" in few.err, f"{command} -N: one sentence names the right", few)
        t.equal(more.status, 0, f"{command} -N: with it, it works") or t.note(more)
    elsewhere.kill()


def tell_threads(t, program):
    """Where its user may have no more processes: not that something is unavailable for a while."""
    alone = ("import os, resource, sys; resource.setrlimit(resource.RLIMIT_NPROC, (0, 0)); "
             "os.execv(sys.argv[1], sys.argv[1:])")
    done = run_as([*with_rights(PAIR, sys.executable), "-c", alone, program],
                  "listeners", "-N", "self")
    t.ok((done.status, done.out, len(done.err.splitlines())) == (2, "", 1) and
         "no thread can be made" in done.err, "listeners: one sentence, for want of a thread", done)


def tell_needs(t, program):
    root = run_as([program], "check", "--json")
    few = run_as(with_rights(PAIR, program), "check", "--json")
    t.equal((root.status, few.status), (0, 0), "tracing works for root and with both rights") or \
        t.note(root, few)
    best, got = rungs_of(root), rungs_of(few)
    t.none([(key, rung) for key, rung in got.items() if not rung["needs"]
            and rung["works"] != best[key]["works"]],
           "what needs no more works as well as for root")
    t.none([(key, rung) for key, rung in got.items() if "CAP_SYSLOG" in rung["needs"]
            and not rung["works"] and "/proc/kallsyms" not in rung["reason"]],
           "a rung whose address is hidden is refused for that reason")
    waits = next(hook for hook in first_line(few)["hooks"] if hook["family"] == "time_wait")
    t.equal(waits["rung"], next(rung["rung"] for rung in waits["rungs"] if rung["works"]),
            "where no address is shown, TIME_WAIT is told by what is left")
    t.equal((waits["rungs"][-1]["rung"], waits["rungs"][-1]["works"]), ("sampling", True),
            "at the least, by samples")
    needs = sorted({right for rung in got.values() for right in rung["needs"]})
    all_of_them = rungs_of(run_as(with_rights((*PAIR, *needs), program), "check", "--json"))
    t.none([(key, rung) for key, rung in all_of_them.items()
            if rung["works"] != best[key]["works"]],
           f"with {' '.join(needs)} all works that works for root")
    said = run_as(with_rights(PAIR, program), "check").out
    t.none([right for right in needs if f"{right} " not in said], "check says what each is for")
    t.ok("CAP_SYS_ADMIN" not in run_as([program], "check").out, "and not to root")


run(story)
