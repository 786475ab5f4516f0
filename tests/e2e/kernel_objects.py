# SPDX-License-Identifier: GPL-2.0-only
"""BPF programs, maps and links of other processes, through bpf(2)."""
import ctypes
import errno
import os
import platform
import re

SYS_BPF = {"x86_64": 321, "aarch64": 280}
GET_FD_BY_ID = {"prog": 13, "map": 14, "link": 30}
HASH, MAP_CREATE, MAP_LOOKUP = 1, 0, 1
MAP_UPDATE, MAP_DELETE, MAP_NEXT_KEY, INFO_BY_FD = 2, 3, 4, 15
INFO_SIZE, INFO_NAME, NAME_SIZE = 88, 24, 16  # struct bpf_map_info: of a map, its name

_libc = ctypes.CDLL(None, use_errno=True)


def is_known():
    """Whether this module knows the system call of this machine."""
    return platform.machine() in SYS_BPF


def _bpf(command, *words):
    """With an attribute of so many 64-bit words; returns what the call does, -1 with errno."""
    attributes = (ctypes.c_uint64 * 16)(*words)
    return _libc.syscall(SYS_BPF[platform.machine()], command, attributes, 64)


def _failed(what):
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")


def held_by(pid):
    """The kernel's objects that a process holds: {(kind, id)}."""
    found = set()
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as info:
                text = info.read()
        except FileNotFoundError:
            continue
        for kind in GET_FD_BY_ID:
            found |= {(kind, int(number))
                      for number in re.findall(rf"^{kind}_id:\s*(\d+)", text, re.M)}
    return found


def exists(kind, number):
    """Whether the kernel still has an object."""
    fd = _bpf(GET_FD_BY_ID[kind], number)
    if fd >= 0:
        os.close(fd)
        return True
    if ctypes.get_errno() != errno.ENOENT:
        raise _failed(f"{kind} {number}")
    return False


class Map:
    """A hash map of a process, by its name: 64-bit keys, values of a byte."""

    def __init__(self, pid, name):
        for kind, number in held_by(pid):
            if kind != "map":
                continue
            self.fd = _bpf(GET_FD_BY_ID[kind], number)
            if self.fd < 0:
                raise _failed(f"map {number}")
            if self._name() == name:
                return
            os.close(self.fd)
        raise LookupError(f"process {pid} has no map {name}")

    def _name(self):
        info = ctypes.create_string_buffer(INFO_SIZE)
        if _bpf(INFO_BY_FD, self.fd | INFO_SIZE << 32, ctypes.addressof(info)):
            raise _failed("what a map is called")
        return info.raw[INFO_NAME:INFO_NAME + NAME_SIZE].rstrip(b"\0").decode()

    def keys(self):
        """All of them, while nobody changes it."""
        found, key, following = set(), None, ctypes.c_uint64()
        while not _bpf(MAP_NEXT_KEY, self.fd, key and ctypes.addressof(key) or 0,
                       ctypes.addressof(following)):
            found.add(following.value)
            key = ctypes.c_uint64(following.value)
        return found

    def add(self, keys):
        """With values of 1."""
        value = ctypes.c_uint8(1)
        for each in keys:
            key = ctypes.c_uint64(each)
            if _bpf(MAP_UPDATE, self.fd, ctypes.addressof(key), ctypes.addressof(value), 0):
                raise _failed("a new key")

    def remove(self, keys):
        """Those must be there."""
        for each in keys:
            key = ctypes.c_uint64(each)
            if _bpf(MAP_DELETE, self.fd, ctypes.addressof(key)):
                raise _failed("a key less")


class Heavy:
    """A map of this process with one value of a MiB: the kernel takes its time to hand it out."""

    KEY, SIZE = 4, 1 << 20

    def __init__(self):
        self.fd = _bpf(MAP_CREATE, HASH | self.KEY << 32, self.SIZE | 1 << 32)
        if self.fd < 0:
            raise _failed("a map")
        self._key, self._value = ctypes.c_uint32(1), ctypes.create_string_buffer(self.SIZE)
        if self._do(MAP_UPDATE) < 0:
            raise _failed("its value")

    def _do(self, command):
        return _bpf(command, self.fd, ctypes.addressof(self._key),
                    ctypes.addressof(self._value), 0)

    def ask(self):
        """Has it handed out once."""
        if self._do(MAP_LOOKUP) < 0:
            raise _failed("its value")
