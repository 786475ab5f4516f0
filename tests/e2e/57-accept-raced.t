#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""By the time an accept is seen to return, another thread may have put any file where its socket
was: what is no socket of TCP is accepted by nobody, and what it is disguised as is not looked at.

To win that race each time, a supervisor answers the calls, with a descriptor of its choice. What
is taken for a socket of nowhere is counted as filtered, as all is that others do: it tells where
nobody else does anything.
"""
import ctypes
import os
import select
import socket
import struct
import tempfile

from odd_calls import Ring, answered_accepts
from traffic import connect, listen, port_of
from world import *

BLIND = ("--attach", "tracepoint")
ROUNDS, PORT = 23, 45011
PIPES, MESSAGES, MESSAGE = 307, 11, 144
IPC_NOWAIT, IPC_RMID = 0o4000, 0
LIBC = ctypes.CDLL(None, use_errno=True)


def odd_descriptors(folder):
    """Of files that keep other private data than a socket's, or none; and of no file."""
    plain, epoll = socket.socket(), select.epoll()
    os.mkfifo(os.path.join(folder, "fifo"))
    return [
        *os.pipe(),
        os.open(os.path.join(folder, "fifo"), os.O_RDWR),
        os.eventfd(0),
        os.dup(epoll.fileno()),
        os.memfd_create("odd"),
        os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY),
        os.open("/dev/zero", os.O_RDONLY),
        os.open("/proc/self/maps", os.O_RDONLY),
        os.open("/proc/self/ns/net", os.O_RDONLY),
        os.open("/", os.O_RDONLY),
        os.pidfd_open(os.getpid()),
        os.open(f"/proc/self/fd/{plain.fileno()}", os.O_PATH),  # a socket's name, not its file
        socket.socket(type=socket.SOCK_DGRAM).detach(),
        socket.socket(socket.AF_UNIX).detach(),
        1000, 1 << 20, (1 << 31) - 1, -1 << 31,
    ]


def disguised_pipes():
    """Pipes that what a TCP socket says of itself lies behind, in the kernel's memory.

    A pipe begins with a lock whose list, empty, leads to itself, where a socket has the address of
    its inner half; what follows it there are messages, of 16-bit words each IPPROTO_TCP.
    """
    pipes, queues = [], []
    message = struct.pack("=l", 1) + struct.pack("=H", socket.IPPROTO_TCP) * (MESSAGE // 2)
    for _ in range(PIPES):
        queues.append(LIBC.msgget(0, 0o600))
        for _ in range(MESSAGES):
            LIBC.msgsnd(queues[-1], message, MESSAGE, IPC_NOWAIT)
        pipes += os.pipe()
        for _ in range(MESSAGES):
            LIBC.msgsnd(queues[-1], message, MESSAGE, IPC_NOWAIT)
    return pipes, queues


def swap(port, ready):
    """Takes connections where no hook looks; one is what an answered call returns then, beside what
    is no server's connection."""
    listener, ring = listen(port=port), Ring()
    own = connect("127.0.0.1", port)
    taken = [ring.accept(listener)]
    os.write(ready, b"!")
    taken += [ring.accept(listener) for _ in range(2)]
    with tempfile.TemporaryDirectory(prefix="tcpspan-e2e-") as folder:
        pipes, queues = disguised_pipes()
        odd = odd_descriptors(folder) * ROUNDS + pipes
        odd += [own.fileno(), listener.fileno()]
        wanted = [*odd, taken[1].fileno()]
        got = answered_accepts(wanted)
    for queue in queues:
        LIBC.msgctl(queue, IPC_RMID, None)
    own.close()
    for each in taken:
        each.recv(1)
        each.close()
    return got == wanted


def flaw_of(w, function):
    """Why this kernel has no such call, or None."""
    try:
        w.fork(lambda: function() and None).result()
    except RuntimeError as error:
        return str(error).strip().splitlines()[-1]
    return None


def story(w, t):
    flaw = flaw_of(w, lambda: answered_accepts([1])) or flaw_of(w, Ring)
    if flaw:
        raise Skip(flaw)
    ready = os.pipe()
    with w.trace(*LINES, *BLIND) as lines:
        server = w.fork(swap, PORT, ready[1], comm="swapper")
        os.read(ready[0], 1)
        clients = [connect("127.0.0.1", PORT) for _ in range(2)]
        ports = [port_of(each) for each in clients]
        for each in clients:
            each.close()
        is_raced = server.result()
    t.ok(is_raced, "the calls return what they are told to")
    found = {line["rport"]: (line["owner_source"], line["pid"])
             for line in where(lines.connections, role="server", lport=PORT)}
    t.equal([found.get(port) for port in ports],
            [("process", server.pid), ("listener", server.pid)],
            "a socket of TCP that one returns is accepted, and nothing else is")
    own, = [line for line in where(lines.connections, role="client")
            if line["lport"] not in ports]
    t.equal((own["owner_source"], own["pid"], own["comm"], own["accept_wait_ns"]),
            ("process", server.pid, "swapper", None),
            "who opened a connection stays its owner when an accept returns it")
    t.equal(len(lines.connections), 6, "nor is anything told of it")
    if os.environ.get("UNSHARED"):
        t.equal(lines.summary["events"]["filtered"], 0, "nor was any pipe looked at as a socket")


run(story, needs=("accept",), attach=BLIND)
