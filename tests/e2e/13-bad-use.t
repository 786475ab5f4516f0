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
    without_memory(t)
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


def without_memory(t):
    """Too little for the types of the kernel, or for the ring: not that the kernel lacks them."""
    for limit, start, least, most in (("v", "ulimit -v", 24, 80), ("d", "ulimit -d", 1, 16)):
        wrong, refused, mib = [], 0, least
        while mib <= most:
            done = tracer.run("trace", "-d", "0.1", "-N", "self", prefix=(
                "sh", "-c", f'ulimit -{limit} {mib * 1024}; exec "$0" "$@"'))
            is_said = (done.status, done.out, len(done.err.splitlines())) == (2, b"", 1) and all(
                words.encode() in done.err for words in (f"than {mib} MiB of memory", start))
            refused += is_said
            # Not ours to say: the program's libraries find no room.
            if not is_said and done.status and b"error while loading" not in done.err:
                wrong.append((mib, done))
            mib += 2
        t.none(wrong, f"{start}, from {least} to {most} MiB: that is said, or it is traced")
        t.ok(refused, f"{start}: some of them are too little", refused)


def without_rights(t):
    name = "without rights: status 2 and one sentence"
    done = tracer.run("trace", "-d", "1", user=65534)
    t.ok(done.status == 2 and len(done.err.splitlines()) == 1 and b"libbpf" not in done.err, name,
         done)


run(story)
