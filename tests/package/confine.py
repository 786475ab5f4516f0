#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
# Runs a command under the restrictions of a unit.
"""usage: confine.py UNIT[:DROP-IN]... COMMAND...

Runs a command as a unit of systemd would, where systemd does not run: as its user, with its rights,
its mounts, its network and its filter of system calls. Its state is thrown away. Takes root.
"""
import ctypes
import errno
import functools
import os
import re
import subprocess
import sys

NOBODY = 65534  # for a user that only the package makes
STATE = "/var/lib"
MAY_CHANGE = ("/dev", "/proc", "/sys")
CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
NAMESPACES = 0x7E020080 & ~CLONE_NEWNET  # all flags of clone that make or enter another kind
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
PROT_WRITE, PROT_EXEC = 2, 4
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
NOT_EQUAL, EQUAL, MASKED = 1, 4, 7  # enum scmp_compare


def read_unit(paths):
    """{name: [values]} of [Service], in order, with what drop-ins add."""
    found = {}
    for path in str(paths).split(":"):
        with open(path, encoding="utf-8") as file:
            for line in file:
                name, is_set, value = line.strip().partition("=")
                if is_set and not name.startswith("#"):
                    found.setdefault(name, []).append(value)
    return found


def is_on(unit, name):
    return unit.get(name, ["no"])[-1] in ("yes", "true", "strict")


# ---- mounts and network ----------------------------------------------------------------------


def confine_mounts():
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        points = [line.split()[4] for line in file]
    for point in points:
        if not point.startswith(MAY_CHANGE) or point.startswith("/sys/fs/cgroup"):
            subprocess.run(["mount", "-o", "remount,bind,ro", point], check=False,
                           stderr=subprocess.DEVNULL)


def make_state(unit):
    """What is left of /var/lib where all else may not be written to."""
    for name in unit.get("StateDirectory", []):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", STATE], check=True)
        os.mkdir(f"{STATE}/{name}", int(unit["StateDirectoryMode"][-1], 8))
        os.chown(f"{STATE}/{name}", NOBODY, NOBODY)


# ---- system calls ----------------------------------------------------------------------------


class Argument(ctypes.Structure):
    """struct scmp_arg_cmp"""

    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64),
                ("b", ctypes.c_uint64)]


class Filter:
    """One of libseccomp."""

    def __init__(self, default):
        self.lib = ctypes.CDLL("libseccomp.so.2", use_errno=True)
        self.lib.seccomp_init.restype = ctypes.c_void_p
        self.own = ctypes.c_void_p(self.lib.seccomp_init(default))

    def add(self, action, name, *arguments):
        number = self.lib.seccomp_syscall_resolve_name(name.encode())
        if number == -1:
            return  # of another architecture, or newer than the library
        array = (Argument * len(arguments))(*(Argument(*each) for each in arguments))
        done = self.lib.seccomp_rule_add_array(self.own, action, number, len(arguments), array)
        if done:
            raise OSError(-done, f"seccomp: {name}")

    def load(self):
        done = self.lib.seccomp_load(self.own)
        if done:
            raise OSError(-done, "seccomp_load")


@functools.lru_cache
def calls_of(group):
    said = subprocess.run(["systemd-analyze", "syscall-filter", group], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    found = set()
    for line in said.splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            found |= calls_of(word)
        elif re.fullmatch(r"\w+", word):
            found.add(word)
    return found


def allowed_calls(lines):
    found = set()
    for line in lines:
        drops = line.startswith("~")
        words = line.lstrip("~").split()
        calls = set().union(*(calls_of(word) if word.startswith("@") else {word}
                              for word in words))
        found = found - calls if drops else found | calls
    # What systemd allows to whatever it starts.
    return found | calls_of("@default") | {"execve", "exit", "exit_group"}


def confine_calls(unit):
    calls = allowed_calls(unit["SystemCallFilter"])
    denied = ERRNO | errno.EPERM
    by_arguments = Filter(ALLOW)
    families = [FAMILIES[name] for name in " ".join(unit["RestrictAddressFamilies"]).split()]
    for family in range(64):
        if family not in families:
            by_arguments.add(denied, "socket", (0, EQUAL, family, 0))
    if unit.get("RestrictNamespaces", [""])[-1] == "net":
        by_arguments.add(denied, "setns", (1, NOT_EQUAL, CLONE_NEWNET, 0))
        for bit in range(32):
            if NAMESPACES >> bit & 1:
                by_arguments.add(denied, "unshare", (0, MASKED, 1 << bit, 1 << bit))
                by_arguments.add(denied, "clone", (0, MASKED, 1 << bit, 1 << bit))
    if is_on(unit, "MemoryDenyWriteExecute"):
        both = PROT_WRITE | PROT_EXEC
        by_arguments.add(denied, "mmap", (2, MASKED, both, both))
        by_arguments.add(denied, "mprotect", (2, MASKED, PROT_EXEC, PROT_EXEC))
    by_name = Filter(denied)
    for call in sorted(calls | {"seccomp", "prctl"}):
        by_name.add(ALLOW, call)
    by_arguments.load()
    by_name.load()


# ---- the command -----------------------------------------------------------------------------


def main():
    paths, *command = sys.argv[1:]
    unit = read_unit(paths)
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        flags = CLONE_NEWNS | (CLONE_NEWNET if is_on(unit, "PrivateNetwork") else 0)
        if libc.unshare(flags):
            raise OSError(ctypes.get_errno(), "unshare")
        if is_on(unit, "ProtectSystem"):
            confine_mounts()
            make_state(unit)
        rights = ",".join("+" + name.removeprefix("CAP_").lower()
                          for name in " ".join(unit["CapabilityBoundingSet"]).split())
        os.umask(int(unit["UMask"][-1], 8))
        os.execvp("setpriv", ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
                              "--clear-groups", "--no-new-privs",
                              *(f"--{kind}=-all,{rights}" for kind in
                                ("bounding-set", "inh-caps", "ambient-caps")),
                              sys.executable, __file__, paths, *command])
    confine_calls(unit)
    if "LISTEN_FDS" in os.environ:
        os.environ["LISTEN_PID"] = str(os.getpid())
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
