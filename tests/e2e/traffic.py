# SPDX-License-Identifier: GPL-2.0-only
"""Real sockets: listeners, connections, orderly and rude ends, and what the kernel says of them."""

import collections
import contextlib
import errno
import os
import socket
import struct
import time

SO_BINDTODEVICE = 25
TCP_INFO, TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_DEFER_ACCEPT = 11, 23, 30, 9
TCP_SYNCNT, TCP_USER_TIMEOUT = 7, 18
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
IPPROTO_MPTCP = 262
NETLINK_SOCK_DIAG, SOCK_DESTROY, NLM_F_REQUEST, NLM_F_ACK = 4, 21, 1, 4
LINGER_ZERO = struct.pack("ii", 1, 0)

STATES = {1: "ESTABLISHED", 2: "SYN_SENT", 3: "SYN_RECV", 4: "FIN_WAIT1", 5: "FIN_WAIT2",
          6: "TIME_WAIT", 7: "CLOSED", 8: "CLOSE_WAIT", 9: "LAST_ACK", 10: "LISTEN",
          11: "CLOSING", 12: "SYN_RECV"}

POLL_S = 0.002 * float(os.environ.get("PATIENCE", "1"))  # slow machines have better to do

Info = collections.namedtuple("Info", "state retransmits rtt_us total_retrans")


def family_of(address):
    """AF_INET or AF_INET6, from the text of an address."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def listen(address="127.0.0.1", port=0, backlog=128, protocol=0, dual=False, options=()):
    """A listening socket; `dual` lets an IPv6 one take IPv4; `options` are setsockopt triples."""
    listener = socket.socket(family_of(address), socket.SOCK_STREAM, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if listener.family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not dual)
    for each in options:
        listener.setsockopt(*each)
    listener.bind((address, port))
    listener.listen(backlog)
    return listener


def port_of(sock):
    """The local port of a socket."""
    return sock.getsockname()[1]


def free_port(address="127.0.0.1"):
    """A port on which nobody listens."""
    with socket.socket(family_of(address), socket.SOCK_STREAM) as probe:
        probe.bind((address, 0))
        return port_of(probe)


def bind_to_device(sock, device):
    """To an interface by its name, "": to none."""
    sock.setsockopt(socket.SOL_SOCKET, SO_BINDTODEVICE, device.encode())


def connect(address, port, protocol=0, family=None, bind=None, device=None, timeout=10.0):
    """A connected socket; `bind`: from this local (address, port), `device`: by this interface."""
    sock = socket.socket(family or family_of(address), socket.SOCK_STREAM, protocol)
    if device:
        bind_to_device(sock, device)
    if bind:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(bind)
    sock.settimeout(timeout)
    try:
        sock.connect((address, port))
    except OSError:
        sock.close()
        raise
    return sock


def pair(listener, address="127.0.0.1", **how):
    """One connection to `listener`: the client's socket and the server's."""
    client = connect(address, port_of(listener), **how)
    server = listener.accept()[0]
    server.settimeout(10.0)
    return client, server


def finish(first, second):
    """An orderly end: `first` closes first, `second` when it has seen the end."""
    first.close()
    while second.recv(65536):
        pass
    second.close()


def end_each(listener, count, end):
    """Connections that `end(client, server)` ends; what it left open is closed behind it."""
    for _ in range(count):
        client, server = pair(listener)
        end(client, server)
        with contextlib.suppress(OSError):
            client.recv(1)  # the reset is to come before this end is closed
        client.close()
        server.close()


def leave_unread(client, server):
    """The server is closed with data that it has not read."""
    client.sendall(b"never read")
    time.sleep(0.01)
    server.close()


def abort(sock):
    """Closes with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    sock.close()


def disconnect(sock):
    """connect(AF_UNSPEC): the socket leaves its connection and may begin another."""
    import ctypes  # the socket module has no way to say it
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.connect(sock.fileno(), struct.pack("H14x", socket.AF_UNSPEC), 16):
        raise OSError(ctypes.get_errno(), "connect(AF_UNSPEC)")


def kill(sock):
    """What `ss -K` does: ends an IPv4 connection from outside. False when this kernel cannot."""
    return destroy(*sock.getsockname(), *sock.getpeername())


def destroy(address, port, remote, rport, ifindex=0):
    """The same by the ends of a socket of any kind: a request, or one in TIME_WAIT. One that is
    bound to an interface is found by that alone."""
    family = family_of(address)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG) as link:
        body = struct.pack("=BBBBI", family, socket.IPPROTO_TCP, 0, 0, 0xffffffff)
        body += struct.pack("!HH", port, rport)
        body += socket.inet_pton(family, address).ljust(16, b"\0")
        body += socket.inet_pton(family, remote).ljust(16, b"\0")
        body += struct.pack("=III", ifindex, 0xffffffff, 0xffffffff)
        link.send(struct.pack("=IHHII", 16 + len(body), SOCK_DESTROY, NLM_F_REQUEST | NLM_F_ACK, 1,
                              0) + body)
        error = -struct.unpack_from("=i", link.recv(4096), 16)[0]
    if error in (0, errno.EOPNOTSUPP):
        return not error
    raise OSError(error, "SOCK_DESTROY")


def serve(listener, count, after_accept=0.0):
    """Accepts `count` connections, reads each to its end, closes it; waits before each accept."""
    for _ in range(count):
        time.sleep(after_accept)
        server = listener.accept()[0]
        while server.recv(65536):
            pass
        server.close()


def visit(address, port, count, data=b""):
    """Makes `count` connections one after the other, closes each first; returns the local ports.

    Waits after each until the server has closed too.
    """
    ports = []
    for _ in range(count):
        client = connect(address, port)
        ports.append(port_of(client))
        if data:
            client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass
        client.close()
    return ports


def tcp_info(sock):
    """What TCP_INFO says of a socket."""
    raw = sock.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 192)
    rtt, total = struct.unpack_from("=I", raw, 68)[0], struct.unpack_from("=I", raw, 100)[0]
    return Info(STATES[raw[0]], raw[2], rtt, total)


def kernel_states(family=socket.AF_INET):
    """The kernel's own list of this namespace's TCP sockets: {(lport, rport): (state, timer_s)}.

    `timer_s` is what is left of the timer that runs, in seconds: of TIME_WAIT for example.
    """
    found = {}
    name = "tcp6" if family == socket.AF_INET6 else "tcp"
    with open(f"/proc/self/net/{name}", encoding="ascii") as table:
        next(table)
        for line in table:
            words = line.split()
            lport, rport = (int(each.rsplit(":", 1)[1], 16) for each in words[1:3])
            found[lport, rport] = (STATES[int(words[3], 16)], int(words[5].split(":")[1], 16) / 100)
    return found


def wait_for(condition, within=5.0, every=POLL_S):
    """Polls until `condition()` is true; returns its last value."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value or time.monotonic() > deadline:
            return value
        time.sleep(every)


def wait_state(lport, rport, state, within=5.0, family=socket.AF_INET):
    """Waits until the kernel lists a connection in `state`, None: not at all; True when it does."""
    return bool(wait_for(lambda: kernel_states(family).get((lport, rport), (None,))[0] == state,
                         within))
