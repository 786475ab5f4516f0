# SPDX-License-Identifier: GPL-2.0-only
"""Control groups of version 2 that a story makes, and what is moved into them."""

import contextlib
import os

from tap import Skip


def cgroup_mount():
    """Where the hierarchy of version 2 is mounted."""
    with open("/proc/self/mounts", encoding="ascii", errors="replace") as mounts:
        for line in mounts:
            if line.split()[2] == "cgroup2":
                return line.split()[1]
    raise Skip("no control groups of version 2 are mounted")


def move(pid, folder):
    """Makes a process a member of the group whose folder this is."""
    with open(f"{folder}/cgroup.procs", "w", encoding="ascii") as members:
        members.write(str(pid))


@contextlib.contextmanager
def cgroup(mount, path):
    """The group at `path`, from the mount on, with those above it that are not there yet."""
    made = []
    try:
        for end in [i for i, c in enumerate(path + "/") if c == "/" and i]:
            if not os.path.isdir(mount + path[:end]):
                os.mkdir(mount + path[:end])
                made.append(mount + path[:end])
    except OSError as error:
        _remove(made, mount)
        raise Skip(f"no control group of version 2 can be made here: {error}") from None
    try:
        yield path
    finally:
        _remove(made, mount)


def _remove(folders, mount):
    for folder in reversed(folders):
        with open(f"{folder}/cgroup.procs", encoding="ascii") as members:
            for pid in members.read().split():
                with contextlib.suppress(OSError):
                    move(pid, mount)
        os.rmdir(folder)
