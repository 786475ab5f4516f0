# SPDX-License-Identifier: GPL-2.0-only
"""A process that lets nobody look at its memory, for as long as it likes: with a file system of its
own (FUSE), one of whose pages never comes. It takes no rights where users may mount those."""
import contextlib
import ctypes
import os
import select
import struct
import subprocess
import tempfile
import threading
import time

from namespace import own_mounts

DEVICE = "/dev/fuse"
MNT_DETACH = 2
SIZE = 65536
# Requests of linux/fuse.h that are answered otherwise than by an error.
LOOKUP, FORGET, GETATTR, OPEN, READ, RELEASE, FLUSH, INIT, OPENDIR, INTERRUPT, BATCH_FORGET = \
    1, 2, 3, 14, 15, 18, 25, 26, 27, 36, 42
ROOT, FILE = 1, 2
# A fault that reads in vain, ahead and then its page, is made again, with the lock of the memory.
IN_VAIN = 2
EIO, ENOSYS = 5, 38

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int,
                       ctypes.c_long)
_libc.memcpy.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def can_hold():
    """Whether there are such file systems here."""
    return os.access(DEVICE, os.R_OK | os.W_OK)


@contextlib.contextmanager
def holder(world, user, function, *args):
    """A child that, as USER, has the lock of its memory held and waited for, and then does it. It
    waits until it is told to go on, and is let go at the end."""
    reader, writer = os.pipe()
    child = world.fork(_hold, (reader, writer), user, function, args, held=True)
    os.close(reader)
    try:
        yield child
    finally:
        # Nothing else ends who waits for that page.
        os.close(writer)
        child.kill()


def _hold(pipe, user, function, args):
    path = _mount(pipe)
    file = os.open(f"{path}/file", os.O_RDONLY)
    _libc.umount2(path.encode(), MNT_DETACH)  # what is open stays
    os.rmdir(path)
    os.setgid(user)
    os.setuid(user)
    page = _libc.mmap(None, SIZE, 1, 2, file, 0)  # PROT_READ, MAP_PRIVATE
    byte = ctypes.create_string_buffer(1)
    # Threads take memory when they begin, so both begin before anything is held.
    for wait, act in ((0.2, lambda: _libc.memcpy(byte, page, 1)),
                      (0.7, lambda: _libc.mprotect(page, SIZE, 3))):
        threading.Thread(target=lambda wait=wait, act=act: (time.sleep(wait), act()),
                         daemon=True).start()
    time.sleep(1.2)
    function(*args)
    while True:
        time.sleep(60)


def is_held(pid, patience):
    """Whether who looks at its memory waits."""
    try:
        subprocess.run(["cat", f"/proc/{pid}/cmdline"], stdout=subprocess.DEVNULL, check=False,
                       timeout=patience)
    except subprocess.TimeoutExpired:
        return True
    return False


def _mount(pipe):
    own_mounts()
    path = tempfile.mkdtemp(prefix="tcpspan-e2e-")
    device = os.open(DEVICE, os.O_RDWR | os.O_CLOEXEC)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other"
    if _libc.mount(b"e2e", path.encode(), b"fuse", 0, options.encode()):
        raise OSError(ctypes.get_errno(), "mount of FUSE")
    os.close(pipe[1])
    if not os.fork():
        _serve(device, pipe[0])
        os._exit(0)
    os.close(device)
    os.close(pipe[0])
    return path


def _serve(device, pipe):
    """Answers until the pipe has an end, but for the one page."""
    in_vain = IN_VAIN
    while True:
        if pipe in select.select((device, pipe), (), ())[0]:
            return
        request = os.read(device, 2 * SIZE)
        kind, number, node = struct.unpack_from("=IQQ", request, 4)
        if kind in (FORGET, BATCH_FORGET, INTERRUPT):
            continue
        error, answer = 0, b""
        if kind == INIT:
            answer = struct.pack("=4I2H2I", 7, 31, SIZE, 0, 12, 9, SIZE, 1).ljust(64, b"\0")
        elif kind == LOOKUP:
            answer = struct.pack("=4Q2I", FILE, 0, 100, 100, 0, 0) + _attributes(FILE)
        elif kind == GETATTR:
            answer = struct.pack("=Q2I", 100, 0, 0) + _attributes(node)
        elif kind in (OPEN, OPENDIR):
            answer = struct.pack("=Q2I", 1, 0, 0)
        elif kind == READ and not in_vain:
            continue
        elif kind == READ:
            in_vain, error = in_vain - 1, EIO
        elif kind not in (RELEASE, FLUSH):
            error = ENOSYS
        os.write(device, struct.pack("=IiQ", 16 + len(answer), -error, number) + answer)


def _attributes(node):
    mode, size = (0o40755, 0) if node == ROOT else (0o100644, SIZE)
    return struct.pack("=6Q10I", node, size, size // 512, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096,
                       0)
