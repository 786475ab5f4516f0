#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""In a chroot, whose root is no mount point, the program attaches what it attaches outside; without
a /proc there it says so, and plays stories."""
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

import namespace  # noqa: E402
import tracer  # noqa: E402
from tap import Tap  # noqa: E402

# Nobody, who could not even enter the folder without these.
RIGHTS = "-all,+bpf,+perfmon,+dac_read_search,+sys_admin,+syslog,+sys_ptrace"
SERVICE = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs",
           f"--bounding-set={RIGHTS}", f"--inh-caps={RIGHTS}", f"--ambient-caps={RIGHTS}")
ALL, NO_PROC, NOTHING = "proc sys", "sys", ""

# What a program needs around it, in a folder that is no mount, without a tracefs or a /dev/null.
SCRIPT = """
folder=$1 root=$1/root program=$2 mounts=$3
shift 3
mount -t tmpfs none "$folder" && mkdir "$root" "$root/proc" "$root/sys" "$root/tmp" &&
	cp "$program" "$root" || exit 1
for name in usr bin sbin lib lib32 lib64 libx32 etc; do
	if [ -h "/$name" ]; then
		cp -P "/$name" "$root/$name"
	elif [ -d "/$name" ]; then
		mkdir "$root/$name" && mount --bind "/$name" "$root/$name"
	fi || exit 1
done
for name in $mounts; do
	mount --rbind "/$name" "$root/$name" || exit 1
done
for old in "$root/sys/kernel/debug/tracing" "$root/sys/kernel/tracing"; do
	umount -l "$old" 2>/dev/null
done
chroot "$root" mount --make-private / 2>/dev/null && echo "its root is a mount point" >&2
chmod 700 "$root" && chroot "$root" "$@"
"""


def run_inside(mounts, *args, by=()):
    """The program there, ended; of /proc and /sys it sees what MOUNTS says."""
    program = tracer.program()
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(["sh", "-c", SCRIPT, "sh", folder, program, mounts, *by,
                               "/" + os.path.basename(program), *args], check=False,
                              preexec_fn=namespace.own_mounts, timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)


def rungs_of(said):
    """{(family, place in its ladder): (rung, whether it works, why not)} of `check --json`."""
    return {(hook["family"], place): (rung["rung"], rung["works"], rung["reason"])
            for hook in json.loads(said.splitlines()[0])["hooks"]
            for place, rung in enumerate(hook["rungs"])}


def without_proc(t):
    checked = json.loads(run_inside(NOTHING, "check", "--json").stdout.splitlines()[0])
    t.equal(checked["capable"], True, "without /proc, rights are what they are", checked)
    reasons = {rung["reason"] for hook in checked["hooks"] for rung in hook["rungs"]}
    t.equal(reasons, {"nothing tells the kernel's types (ESRCH)"},
            "without /sys, it is the types that are missing, not each function")
    for args, last in ((["--recorded"], ""), ([], "/proc/self/ns/net")):
        played = run_inside(NOTHING, "explain", "--demo", "leak", *args)
        out, err = played.stdout.decode(), played.stderr.decode()
        t.ok("CLOSE_WAIT that stays" in out and "numbers    x =" in out,
             f"without /proc, a story is played from its recording {args}", out, err)
        t.ok("STATE" in out and "to port 8080 here" in out and "1 socket is stuck" in err,
             "and stuck looks at it", out, err)
        t.ok(last in err, "what could not be done is said", err)


def is_said(t):
    for command in ("trace", "hist"):
        lost = run_inside(NO_PROC, command, "-d", "1")
        t.ok(lost.returncode == 2 and lost.stderr.count(b"\n") == 1 and
             lost.stderr.startswith(b"tcpspan: /proc is not mounted"),
             f"{command}: without /proc it says so", lost)
    lost = run_inside(NO_PROC, "check")
    t.ok(lost.returncode == 2 and b"  sufficient (root" in lost.stdout and
         b"/proc is not mounted" in lost.stdout, "check does, and tells of the rights", lost)


def main():
    t = Tap()
    if os.geteuid():
        t.skip_all("needs root")
        return 0
    outside = tracer.run("check", "--json", within=120.0)
    inside = run_inside(ALL, "check", "--json")
    t.equal((inside.returncode, inside.stderr), (outside.status, outside.err),
            "it ends and complains as it does outside")
    want, got = rungs_of(outside.out), rungs_of(inside.stdout)
    t.ok(any(rung == "tracepoint" and works for rung, works, _ in want.values()),
         "tracepoints can be attached here", want)
    t.none([(each, got.get(each), want[each]) for each in want if got.get(each) != want[each]],
           "each rung that works outside works there")
    without_proc(t)
    # Sanitizers complain without /proc, and where they may not look into it.
    if not os.environ.get("SAN"):
        is_said(t)
        service = run_inside(ALL, "trace", "-N", "self", "-d", "0.5", by=SERVICE)
        t.equal(service.returncode, 0, "a service traces, its helper without a /dev/null", service)
    t.done()
    return 1 if t.failed else 0


if __name__ == "__main__":
    sys.exit(main())
