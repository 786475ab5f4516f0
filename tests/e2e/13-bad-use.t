#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Bad use: status 2, one sentence on standard error that names what is wrong, nothing else."""
import tracer
from world import *

# the arguments, and a word that the sentence must contain
BAD = [(["--no-such-option"], "no-such-option"), (["nonsense"], "nonsense"),
       (["trace", "-L", "65536"], "65536"), (["trace", "-L", "http,"], "http"),
       (["trace", "-p", "abc"], "abc"), (["trace", "-p", "-1"], "-1"),
       (["trace", "-a", "10.0.0.0/33"], "10.0.0.0/33"), (["trace", "-a", "10.0.0"], "10.0.0"),
       (["trace", "-a", "fe80::/129"], "fe80::/129"),
       (["trace", "-N", "no-such-namespace"], "no-such-namespace"),
       (["trace", "-N", "/proc/self/status"], "/proc/self/status"),
       (["trace", "-C", "/no/such/cgroup"], "/no/such/cgroup"),
       (["trace", "--sample", "0"], "0"), (["trace", "--sample", "1/0"], "1/0"),
       (["trace", "--attach", "magic"], "magic"), (["trace", "-d", "soon"], "soon"),
       (["trace", "--ring", "lots"], "lots"), (["trace", "--max-connections", "none"], "none"),
       (["hist", "--by", "weather"], "weather"), (["trace", "surplus"], "surplus"),
       (["explain", "lin0", "--json"], "--json"), (["explain", "lin0", "-s"], "--csv"),
       (["top", "--once", "-j"], "--json"), (["fleet", "schema", "--top", "3"], "--top")]


def story(w, t):
    for arguments, word in BAD:
        name = " ".join(arguments)
        done = tracer.run(*arguments)
        said = done.err.decode(errors="replace")
        t.equal(done.status, 2, f"{name}: status 2") or t.note(said)
        t.equal(done.out, b"", f"{name}: nothing on standard output")
        t.ok(1 <= len(said.splitlines()) <= 2 and word in said and "libbpf" not in said,
             f"{name}: one sentence that names it", said)
    for arguments in (["--help"], ["--version"], ["trace", "--help"]):
        done = tracer.run(*arguments)
        t.ok(done.status == 0 and done.out and not done.err, f"{' '.join(arguments)} is no bad use",
             done)
    without_files(t)
    without_rights(t)


def without_files(t):
    """Few files may be open: a trace needs more, a look does not."""
    done = tracer.run("trace", "-d", "1", prefix=("sh", "-c", 'ulimit -n 16; exec "$0" "$@"'))
    t.ok((done.status, done.out, len(done.err.splitlines())) == (2, b"", 1) and
         b"no more than 16 files may be open" in done.err, "16 files at once: one sentence", done)
    done = tracer.run("stuck", "-N", "self",
                      prefix=("sh", "-c", 'ulimit -n 16; exec "$0" "$@"'))
    t.ok(done.status == 0 and b"Nothing is stuck" in done.err, "stuck does with them", done)
    done = tracer.run("stuck", "-N", "self",
                      prefix=("sh", "-c", 'ulimit -f 1; exec "$0" "$@"'))
    t.ok(done.status == 0 and b"Nothing is stuck" in done.err, "and without a file that grows",
         done)


def without_rights(t):
    name = "without rights: status 2 and one sentence"
    done = tracer.run("trace", "-d", "1", user=65534)
    t.ok(done.status == 2 and len(done.err.splitlines()) == 1 and b"libbpf" not in done.err, name,
         done)


run(story)
