#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""This kernel has every type and field that vmlinux/ declares, and the checker would notice."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TYPES = ROOT / "tests" / "kernel" / "types"
# What is changed in a copy of the headers, and what the checker must say of it.
WRONG = (
    ("u32 total_retrans;", "u32 total_retries;", "tcp_sock.total_retries", "another name"),
    ("u64 bytes_acked;", "u32 bytes_acked;", "tcp_sock.bytes_acked", "another size"),
    ("int sk_err;", "unsigned int sk_err;", "sock.sk_err", "another sign"),
    ("__u16 rst : 1;", "__u16 rst : 2;", "tcphdr.rst", "another number of bits"),
    ("__u16 syn : 1;", "__u16 syn;", "tcphdr.syn", "a field where there are bits"),
    ("struct sock *sk;", "struct socket *sk;", "socket.sk", "a pointer to something else"),
    ("__be32 u6_addr32[4];", "__be32 u6_addr32[2];", "in6_addr.in6_u.u6_addr32", "another length"),
    ("SOCK_DONE,", "SOCK_DONE = 7,", "sock_flags.SOCK_DONE", "another value of an enumerator"),
    ("struct sk_buff {", "struct sk_buffer {", "sk_buffer", "another name of a type"),
    ("int sk_err;", "int sk_err; /* since 5.10 */", "sock.sk_err",
     "an optional field that is read without a question"),
)
OTHER_KIND = ("u64 net_cookie;", "struct ns_common net_cookie;", "net.net_cookie")


def check(header=None, *options):
    """Runs the checker on this kernel, with other headers when HEADER is the text of vmlinux.h."""
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work, "vmlinux")
        shutil.copytree(ROOT / "vmlinux", folder)
        if header is not None:
            (folder / "vmlinux.h").write_text(header)
        return subprocess.run([TYPES, "--vmlinux", folder, *options, "running"], check=False,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def main():
    if not os.access("/sys/kernel/btf/vmlinux", os.R_OK):
        print("1..0 # SKIP this kernel does not tell its types")
        return 0
    header = (ROOT / "vmlinux" / "vmlinux.h").read_text()
    said = check()
    results = [(said.returncode == 0, "this kernel has what vmlinux/ declares", said.stdout)]
    for old, new, field, what in WRONG:
        assert header.count(old) == 1, old
        said = check(header.replace(old, new))
        seen = [line for line in said.stdout.splitlines() if line.split()[:1] == [field]]
        results.append((said.returncode == 1 and seen, f"it would be seen: {what}",
                        said.stdout))
    old, new, field = OTHER_KIND
    assert header.count(old) == 1, old
    said = check(header.replace(old, new))
    seen = [line.split() for line in said.stdout.splitlines() if line.split()[:1] == [field]]
    results.append((said.returncode == 0 and seen and "absent" in seen[0],
                    "what is asked for, and of another kind, is not there", said.stdout))
    for number, (passed, name, notes) in enumerate(results, 1):
        print(f"{'ok' if passed else 'not ok'} {number} - {name}")
        if not passed:
            print("\n".join(f"# {line}" for line in notes.splitlines()))
    print(f"1..{len(results)}")
    return 0 if all(passed for passed, *_ in results) else 1


sys.exit(main())
