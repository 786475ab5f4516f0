# SPDX-License-Identifier: GPL-2.0-only
"""Calls that pass the usual entries by: through io_uring, and as a 32-bit program makes them; and
calls that return what somebody else answers."""

import ctypes
import fcntl
import mmap
import os
import platform
import socket
import struct
import threading

SETUP, ENTER = 425, 426
SQ_RING, SQES = 0, 0x10000000  # offsets to map
ACCEPT, CONNECT = 13, 16
ASYNC = 1 << 4  # in a thread of io_uring's own, at once
GETEVENTS = 1
ACCEPT4_32 = 364
ACCEPT_CALL = {"x86_64": 43, "aarch64": 202}
SECCOMP_CALL = {"x86_64": 317, "aarch64": 277}
SET_MODE_FILTER, NEW_LISTENER = 1, 8
RET_USER_NOTIF, RET_ALLOW = 0x7fc00000, 0x7fff0000
NOTIF_RECV, NOTIF_SEND = 0xc0502100, 0xc0182101

_libc = ctypes.CDLL(None, use_errno=True)


class Ring:
    """An io_uring of a few entries, for one operation at a time."""

    def __init__(self):
        raw = ctypes.create_string_buffer(120)
        self.fd = _libc.syscall(SETUP, 4, raw)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "io_uring_setup")
        parameters = struct.unpack("30I", raw.raw)
        submit, complete = parameters[10:20], parameters[20:30]
        self._tail, self._array = submit[1], submit[6]
        self._head_c, self._mask_c, self._cqes = complete[0], complete[2], complete[5]
        size = max(self._array + parameters[0] * 4, self._cqes + parameters[1] * 16)
        self._ring = mmap.mmap(self.fd, size, mmap.MAP_SHARED | mmap.MAP_POPULATE,
                               mmap.PROT_READ | mmap.PROT_WRITE, offset=SQ_RING)
        self._entries = mmap.mmap(self.fd, parameters[0] * 64, mmap.MAP_SHARED | mmap.MAP_POPULATE,
                                  mmap.PROT_READ | mmap.PROT_WRITE, offset=SQES)

    def _number(self, at, value=None):
        if value is not None:
            struct.pack_into("I", self._ring, at, value)
        return struct.unpack_from("I", self._ring, at)[0]

    def _do(self, operation, fd, address=0, address2=0):
        tail = self._number(self._tail)
        struct.pack_into("BBHiQQII32x", self._entries, 0, operation, ASYNC, 0, fd, address2,
                         address, 0, 0)
        self._number(self._array + 4 * (tail & 3), 0)
        self._number(self._tail, tail + 1)
        if _libc.syscall(ENTER, self.fd, 1, 1, GETEVENTS, None, 0) != 1:
            raise OSError(ctypes.get_errno(), "io_uring_enter")
        head = self._number(self._head_c)
        result = struct.unpack_from("Qi", self._ring,
                                    self._cqes + 16 * (head & self._number(self._mask_c)))[1]
        self._number(self._head_c, head + 1)
        if result < 0:
            raise OSError(-result, os.strerror(-result))
        return result

    def accept(self, listener):
        """Waits for a connection; returns its socket."""
        return socket.socket(fileno=self._do(ACCEPT, listener.fileno()))

    def connect(self, sock, address, port):
        """Connects an IPv4 socket."""
        target = ctypes.create_string_buffer(
            struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", port,
                                                            socket.inet_aton(address)))
        self._do(CONNECT, sock.fileno(), ctypes.addressof(target), 16)


def accept_32bit(listener):
    """accept4() by the entry of 32-bit programs; NotImplementedError where there is none."""
    if platform.machine() != "x86_64":
        raise NotImplementedError("this machine has no such entry that a story could take")
    # push %rbx; mov %edi, %ebx; xor %ecx, %ecx; xor %edx, %edx; xor %esi, %esi;
    # mov $ACCEPT4_32, %eax; int $0x80; pop %rbx; ret
    code = bytes.fromhex("53 89fb 31c9 31d2 31f6 b8") + struct.pack("<I", ACCEPT4_32) + \
        bytes.fromhex("cd80 5b c3")
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    call = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(
        ctypes.addressof(ctypes.c_char.from_buffer(page)))
    fd = call(listener.fileno())
    if fd < 0:
        raise OSError(-fd, os.strerror(-fd))
    return socket.socket(fileno=fd)


def answered_accepts(descriptors):
    """Has a thread call accept() once for each; it returns that descriptor, whatever that is.

    A supervisor answers for the kernel (seccomp), which sees the calls begin and end. Gives what
    they returned; OSError: the kernel has none of it.
    """
    accept, seccomp = ACCEPT_CALL[platform.machine()], SECCOMP_CALL[platform.machine()]
    listening, found = threading.Event(), []

    def call():
        code = ctypes.create_string_buffer(
            struct.pack("<HBBI", 0x20, 0, 0, 0) +  # the number of the call
            struct.pack("<HBBI", 0x15, 0, 1, accept) +
            struct.pack("<HBBI", 0x06, 0, 0, RET_USER_NOTIF) +
            struct.pack("<HBBI", 0x06, 0, 0, RET_ALLOW))
        program = ctypes.create_string_buffer(struct.pack("@HP", 4, ctypes.addressof(code)))
        found.append(_libc.syscall(seccomp, SET_MODE_FILTER, NEW_LISTENER, program))
        error = ctypes.get_errno()
        listening.set()
        if found[0] < 0:
            found.append(error)
            return
        for fd in descriptors:
            found.append(_libc.syscall(accept, ctypes.c_long(fd), None, None))

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    listening.wait()
    if found[0] < 0:
        thread.join()
        raise OSError(found[1], "seccomp")
    for _ in descriptors:
        asked = bytearray(80)
        fcntl.ioctl(found[0], NOTIF_RECV, asked)
        wanted, = struct.unpack_from("q", asked, 32)
        fcntl.ioctl(found[0], NOTIF_SEND, asked[:8] + struct.pack("qiI", wanted, 0, 0))
    thread.join()
    os.close(found[0])
    return found[1:]
