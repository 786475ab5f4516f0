# SPDX-License-Identifier: GPL-2.0-only
"""Processes that open connections in a way that is known, and what is told of the code that did."""
import ctypes
import mmap
import os
import platform
import signal
import socket
import struct

# push rbp; mov rbp, rsp; mov eax, 42 (connect); syscall; pop rbp; ret
CODE = bytes.fromhex("55 4889e5 b82a000000 0f05 5d c3")
HAS_CODE = platform.machine() == "x86_64"


def functions_of(line):
    """The names of the functions that opened it, from within outwards; None: unknown."""
    frames = line["opened_by"]
    return None if frames is None else [frame["function"] for frame in frames]


def connect_once(address, port):
    """As a program does; whether it was refused is no matter."""
    with socket.socket() as client:
        return client.connect_ex((address, port))


def stays(function, *args):
    """Does it and stays until it is told to go on: who is gone cannot be looked at."""
    answer = function(*args)
    os.kill(os.getpid(), signal.SIGSTOP)
    return answer


def make_code():
    """A function that was not there when the process began, at a page of its own."""
    page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS,
                     prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(CODE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    made = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_int)(address)
    return page, address, made


def connect_by_code(port, map_text, link=None):
    """Connects by a function that it has made, and says of that what MAP_TEXT says, in which
    ADDRESS is where it lies. LINK: where the file is instead, with a link to it."""
    page, address, made = make_code()
    path = f"/tmp/perf-{os.getpid()}.map"
    with open(link or path, "w", encoding="ascii") as file:
        file.write(map_text.replace("ADDRESS", f"{address:x}"))
    if link:
        os.symlink(link, path)
    try:
        with socket.socket() as client:
            target = struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + \
                socket.inet_aton("127.0.0.1") + bytes(8)
            made(client.fileno(), target, len(target))
            yield client
    finally:
        os.unlink(path)
        if link:
            os.unlink(link)
        del made, page
