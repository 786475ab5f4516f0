# SPDX-License-Identifier: GPL-2.0-only
"""A random mixture of connections of all kinds, most of them at once, and the truth about each."""
import collections
import contextlib
import errno
import os
import random
import socket
import struct
import time

from namespace import die_with_parent, set_comm
from traffic import (IPPROTO_MPTCP, LINGER_ZERO, TCP_DEFER_ACCEPT, TCP_FASTOPEN,
                     bind_to_device, destroy, disconnect, wait_state)

IP_FREEBIND, IP_TRANSPARENT, TCP_LINGER2, MSG_FASTOPEN = 15, 19, 8, 0x20000000
CLOSED = ("closed_by_local", "closed_by_remote")
STEP_S = 0.0002
LO = 1  # its number in each namespace

# One end of a connection: how it must have ended (one cause, or any of several; None: it is open),
# what it has sent and received (None: unknown), what it is bound to (None: nothing; -1: unknown).
End = collections.namedtuple("End", "ends role pid causes sent received began kind device",
                             defaults=(-1,))


class Give(Exception):
    """This kernel cannot do it."""


def ends_of(sock, peer=None):
    """(address, port, address, port) of a connected socket, as tcpspan prints addresses."""
    name, peer = sock.getsockname(), peer or sock.getpeername()
    return (plain(name[0]), name[1], plain(peer[0]), peer[1])


def plain(address):
    """As it is on the wire."""
    return address.removeprefix("::ffff:")


def turned(ends):
    return ends[2:] + ends[:2]


def device_of(sock):
    raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16)
    return raw.rstrip(b"\0").decode() or None


def close_after(sock):
    """Closes an end when the other's reset has come."""
    with contextlib.suppress(OSError):
        sock.recv(1)
    sock.close()


class Taker:
    """Another process, which accepts what it is asked to, and hands it over."""

    def __init__(self):
        self.end, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.pid = os.fork()
        if self.pid == 0:
            die_with_parent()
            set_comm("taker")
            os.closerange(3, theirs.fileno())
            os.closerange(theirs.fileno() + 1, 1024)
            self.live(theirs)
            os._exit(0)
        theirs.close()

    @staticmethod
    def live(end):
        held = None
        while True:
            order, fds, _, _ = socket.recv_fds(end, 16, 1)
            if order in (b"accept", b"keep"):
                listener = socket.socket(fileno=fds[0])
                held = listener.accept()[0]
                listener.close()
                socket.send_fds(end, [b"done"], [held.fileno()])
                if order == b"accept":
                    held.close()
            elif order == b"close":
                held.close()
                end.send(b"done")
            else:
                return

    def accept(self, listener, keeps=False):
        socket.send_fds(self.end, [b"keep" if keeps else b"accept"], [listener.fileno()])
        _, fds, _, _ = socket.recv_fds(self.end, 16, 1)
        return socket.socket(fileno=fds[0])

    def close(self):
        self.end.send(b"close")
        self.end.recv(16)


class Mixture:
    """`count` scripts by chance, `width` at once; a script is a method that begins with do_."""

    def __init__(self, seed, count, kinds=None, width=12):
        self.rng, self.count, self.width = random.Random(seed), count, width
        self.truth, self.kept, self.listeners, self.skipped = [], [], {}, collections.Counter()
        self.devices, self.taker, self.alive = {}, None, []
        names = [name for name in dir(self) if name.startswith("do_")]
        self.kinds = [name for name in names if not kinds or name[3:] in kinds]
        self.deaf = socket.socket(socket.AF_INET6)  # nobody else can have its port
        self.deaf.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.deaf.bind(("::", 0))
        self.closed = self.deaf.getsockname()[1]

    # -- the run

    def play(self):
        """Does it all; returns the truth."""
        running, begun = [], 0
        deadline = time.monotonic() + 60
        while running or begun < self.count:
            if time.monotonic() > deadline:
                raise TimeoutError([getattr(each, "__name__", None) for each in running])
            while len(running) < self.width and begun < self.count:
                name = self.rng.choice(self.kinds)
                script = getattr(self, name)()
                running.append((name, script))
                begun += 1
            if self.alive and self.maybe(0.1):
                sock = self.rng.choice(self.alive)
                if sock.fileno() < 0:
                    self.alive.remove(sock)
                else:
                    with contextlib.suppress(OSError):
                        bind_to_device(sock, self.rng.choice(("lo", "")))
            at = self.rng.randrange(len(running))
            try:
                next(running[at][1])
            except StopIteration:
                running.pop(at)
            except Give as reason:
                self.skipped[str(reason)] += 1
                running.pop(at)
            except Exception as error:
                raise RuntimeError(f"{running[at][0]}: {error!r}") from error
            if self.rng.random() < 0.05:
                time.sleep(STEP_S)
        for each in self.listeners.values():
            each.close()
        return self.truth

    # -- the dice

    def maybe(self, chance):
        return self.rng.random() < chance

    def either(self, client, server, causes):
        """Who acts first, the other, and the causes of both ends, which are given the client's
        first."""
        if self.maybe(0.5):
            return server, client, causes[::-1]
        return client, server, causes

    def family(self):
        """(family of the socket, address of the listener to call, its family)"""
        any_ = f"127.0.{self.rng.randrange(4)}.{self.rng.randrange(1, 5)}"
        return self.rng.choice((
            (socket.AF_INET, "127.0.0.1", "127.0.0.1"),
            (socket.AF_INET, "127.0.0.1", "0.0.0.0"), (socket.AF_INET, any_, "0.0.0.0"),
            (socket.AF_INET6, "::1", "::1"), (socket.AF_INET6, "::1", "::"),
            (socket.AF_INET6, "::ffff:127.0.0.1", "::"), (socket.AF_INET, "127.0.0.1", "::"),
            (socket.AF_INET6, "::ffff:127.0.0.1", "127.0.0.1")))

    def make_listener(self, address, backlog=512, device=False, protocol=0, options=(), port=0):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        if device:
            bind_to_device(listener, "lo")
        for each in options:
            listener.setsockopt(*each)
        listener.bind((address, port))
        listener.listen(backlog)
        listener.settimeout(10)
        return listener

    def listener_with(self, home, option):
        """The one that has this option."""
        key = home, option
        if key not in self.listeners:
            self.listeners[key] = self.make_listener(home, options=(option,))
        return self.listeners[key]

    def listener_on(self, address, device=False, protocol=0):
        key = address, device, protocol
        if key not in self.listeners:
            self.listeners[key] = self.make_listener(address, device=device, protocol=protocol)
        return self.listeners[key]

    def make_client(self, family, protocol=0):
        client = socket.socket(family, socket.SOCK_STREAM, protocol)
        client.settimeout(10)
        return client

    def dress(self, client):
        """What a client may do before it connects."""
        if self.maybe(0.25):
            bind_to_device(client, "lo")
        if self.maybe(0.2) and client.family == socket.AF_INET:
            option = self.rng.choice((IP_FREEBIND, IP_TRANSPARENT))
            client.setsockopt(socket.IPPROTO_IP, option, 1)
            client.bind((f"127.1.{self.rng.randrange(4)}.{self.rng.randrange(1, 250)}", 0))
        elif self.maybe(0.25):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            client.bind(("" if client.family == socket.AF_INET else "::", 0))

    def pair(self, protocol=0, listener=None, **how):
        """A connection: (client, server, ends, began)"""
        family, address, home = self.family()
        listener = listener or self.listener_on(home, self.maybe(0.2), protocol)
        client = self.make_client(family, protocol if self.maybe(0.8) else 0)
        self.dress(client)
        began = time.monotonic_ns()
        client.connect((address, listener.getsockname()[1]))
        yield
        ends = ends_of(client)
        self.devices[ends] = device_of(client)
        self.devices[turned(ends)] = device_of(listener)
        # Whose turn it is in the queue is not known: look for it.
        server = None
        while server is None:
            server = self.take(listener, ends)
            yield
        if self.maybe(0.3):
            self.alive += [client, server]
        return client, server, ends, began

    def take(self, listener, ends):
        """Accepts until it is the one with these ends; others that came are kept for their own."""
        waiting = self.__dict__.setdefault("waiting", {})
        if turned(ends) in waiting:
            return waiting.pop(turned(ends))
        listener.setblocking(False)
        try:
            server = listener.accept()[0]
        except BlockingIOError:
            return None
        server.settimeout(10)
        mine = ends_of(server)
        if mine == turned(ends):
            return server
        waiting[mine] = server
        return None

    def tell(self, kind, ends, began, causes, sent=None, received=None, server=True, taker=None):
        """The truth about both ends; `causes` of the client and of the server."""
        pid = os.getpid()
        self.truth.append(End(ends, "client", pid, causes[0], sent, received, began, kind,
                              self.devices.get(ends, -1)))
        if server:
            self.truth.append(End(turned(ends), "server", taker or pid, causes[1], received, sent,
                                  began, kind, self.devices.get(turned(ends), -1)))

    def talk(self, client, server):
        """Data both ways, all of it read: bytes that the client has sent, and received."""
        sent = self.rng.choice((0, 0, 1, 100, 5000, 70000))
        received = self.rng.choice((0, 0, 1, 100, 5000, 70000))
        for who, whom, size in ((client, server, sent), (server, client, received)):
            left, todo = size, size
            whom.setblocking(False)
            who.setblocking(False)
            while left or todo:
                if todo:
                    with contextlib.suppress(BlockingIOError):
                        todo -= who.send(b"x" * min(todo, 20000))
                with contextlib.suppress(BlockingIOError):
                    got = len(whom.recv(20000))
                    assert got, "no end was expected"
                    left -= got
                if self.maybe(0.3):
                    yield
            whom.settimeout(10)
            who.settimeout(10)
        return sent, received

    def redress(self, *socks):
        """What may be changed while it lives."""
        for sock in socks:
            if self.maybe(0.15):
                bind_to_device(sock, self.rng.choice(("lo", "")))

    def close(self, sock):
        """One of the ways to close in order."""
        how = self.rng.randrange(6)
        if how == 0:
            other = socket.socket(fileno=os.dup(sock.fileno()))
            sock.close()
            other.close()
        elif how == 1:
            sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        elif how == 2:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 5))
            sock.close()
        elif how == 3:
            pid = os.fork()
            if pid == 0:
                os._exit(0)
            sock.close()
            os.waitpid(pid, 0)
        else:
            sock.close()

    def read_to_end(self, sock):
        sock.setblocking(False)
        while True:
            try:
                if not sock.recv(65536):
                    return
            except BlockingIOError:
                yield

    # -- the scripts

    def do_orderly(self):
        client, server, ends, began = yield from self.pair()
        self.redress(client, server)
        sent, received = yield from self.talk(client, server)
        self.redress(client, server)
        first, second, causes = self.either(client, server, CLOSED)
        if self.maybe(0.3):
            first.shutdown(socket.SHUT_WR)
            yield
            if self.maybe(0.5):  # says more behind the other's FIN
                second.sendall(b"y" * 100)
                first.recv(100)
                if first is client:
                    received += 100
                else:
                    sent += 100
            yield from self.read_to_end(second)
            yield
            self.close(second)
            yield
            yield from self.read_to_end(first)
            first.close()
        else:
            self.close(first)
            yield
            yield from self.read_to_end(second)
            yield
            self.close(second)
        self.tell("orderly", ends, began, causes, sent, received)

    def do_abort(self):
        client, server, ends, began = yield from self.pair()
        sent, received = yield from self.talk(client, server)
        self.redress(client, server)
        first, second, causes = self.either(client, server, ("linger_zero", "reset_received"))
        first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
        first.close()
        yield
        second.settimeout(5)
        close_after(second)
        self.tell("abort", ends, began, causes, sent, received)

    def do_unread(self):
        client, server, ends, began = yield from self.pair()
        yield from self.talk(client, server)
        first, second, causes = self.either(client, server, ("unread_data", "reset_received"))
        second.sendall(b"never read")
        fin = self.maybe(0.3)
        yield
        if fin:
            second.close()
            yield
        first.close()
        yield
        if not fin:
            close_after(second)
        self.tell("unread", ends, began, causes)

    def do_late(self):
        """Data for an end that was closed."""
        client, server, ends, began = yield from self.pair()
        first, second, causes = self.either(client, server, ("data_after_close", "reset_received"))
        first.close()
        yield
        second.sendall(b"too late")
        yield
        close_after(second)
        self.tell("late", ends, began, causes)

    def do_linger2(self):
        client, server, ends, began = yield from self.pair()
        first, second, causes = self.either(client, server, ("linger_negative", "reset_received"))
        first.setsockopt(socket.IPPROTO_TCP, TCP_LINGER2, -1)
        shut = self.maybe(0.5)
        if shut:
            first.shutdown(socket.SHUT_WR)
            yield
        first.close()
        yield
        close_after(second)
        self.tell("linger2", ends, began, causes)

    def do_kill(self):
        client, server, ends, began = yield from self.pair()
        yield from self.talk(client, server)
        first, second, causes = self.either(client, server, ("killed", "reset_received"))
        if not destroy(*self.raw(first), LO):
            raise Give("SOCK_DESTROY")
        yield
        second.close()
        first.close()
        self.tell("kill", ends, began, causes)

    @staticmethod
    def raw(sock):
        name, peer = sock.getsockname(), sock.getpeername()
        return name[0], name[1], peer[0], peer[1]

    def do_again(self):
        """The same socket, several connections."""
        family, address, home = self.family()
        listener = self.listener_on(home)
        client = self.make_client(family)
        self.dress(client)
        local = client.getsockname()[1] != 0
        rounds = self.rng.randrange(2, 5)
        for turn in range(rounds):
            if self.maybe(0.3):
                self.refuse(client, address, "again-refused")
                yield
            began = time.monotonic_ns()
            client.setblocking(True)
            code = client.connect_ex((address, listener.getsockname()[1]))
            if code == errno.ECONNABORTED:
                code = client.connect_ex((address, listener.getsockname()[1]))
            if code == errno.EADDRNOTAVAIL and local:
                break
            assert not code, errno.errorcode[code]
            ends, server = ends_of(client), None
            while server is None:
                yield
                server = self.take(listener, ends)
            self.redress(client, server)
            if turn == rounds - 1:
                client.close()
                yield
                yield from self.read_to_end(server)
                server.close()
                self.tell("again", ends, began, CLOSED)
                return
            if self.maybe(0.7):
                disconnect(client)
                yield
                server.close()
                self.tell("again-left", ends, began, ("disconnect", "reset_received"))
            else:
                server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
                server.close()
                yield
                with contextlib.suppress(OSError):
                    client.recv(1)
                disconnect(client)
                self.tell("again-reset", ends, began, ("reset_received", "linger_zero"))
            if self.maybe(0.3):
                yield from self.turn_listener(client)
        client.close()

    def turn_listener(self, client):
        """The socket listens for a while, and then connects again."""
        with contextlib.suppress(OSError):
            client.listen(3)
            yield
            disconnect(client)

    def refuse(self, client, address, kind):
        began = time.monotonic_ns()
        code = client.connect_ex((address, self.closed))
        if code == errno.ECONNABORTED:  # of a connect before that did not wait
            code = client.connect_ex((address, self.closed))
        assert code == errno.ECONNREFUSED, errno.errorcode[code]
        self.truth.append(End((None, None, plain(address), self.closed), "client", os.getpid(),
                              "refused", 0, 0, began, kind))

    def do_refused(self):
        family, address, _ = self.family()
        client = self.make_client(family)
        self.dress(client)
        for _ in range(self.rng.randrange(1, 4)):
            self.refuse(client, address, "refused")
            yield
        client.close()

    def do_unaccepted(self):
        """The listener goes before anybody accepts."""
        family, address, home = self.family()
        listener = self.make_listener(home, backlog=16)
        made = []
        for _ in range(self.rng.randrange(1, 6)):
            client = self.make_client(family)
            self.dress(client)
            began = time.monotonic_ns()
            client.connect((address, listener.getsockname()[1]))
            made.append((client, ends_of(client), began, self.maybe(0.3)))
            yield
        for client, _, _, early in made:
            if early:
                client.close()
            yield
        listener.close()
        yield
        for client, ends, began, early in made:
            if not early:
                with contextlib.suppress(OSError):
                    client.recv(1)
                client.close()
            self.tell("unaccepted", ends, began, (
                "reset_received", "listener_closed"))

    def do_full(self):
        """No room in the queue: what does not get in is given up, in several ways."""
        family, address, home = self.family()
        listener = self.make_listener(home, backlog=0)
        first = self.make_client(family)
        began = time.monotonic_ns()
        first.connect((address, listener.getsockname()[1]))
        ends = ends_of(first)
        yield
        second = self.make_client(family)
        second.setblocking(False)
        before = time.monotonic_ns()
        code = second.connect_ex((address, listener.getsockname()[1]))
        assert code == errno.EINPROGRESS, code
        yield
        name = second.getsockname()
        ways = (plain(name[0]), name[1], plain(address), listener.getsockname()[1])
        how = self.rng.choice(("connect_abandoned", "connect_disconnected", "connect_shut",
                               "killed"))
        if how == "connect_abandoned":
            second.close()
        elif how == "connect_disconnected":
            disconnect(second)
        elif how == "connect_shut":
            second.shutdown(socket.SHUT_RDWR)
        elif not destroy(name[0], name[1], address, listener.getsockname()[1], LO):
            raise Give("SOCK_DESTROY")
        yield
        self.tell(f"full-{how}", ways, before, (how, None), server=False)
        server = listener.accept()[0]
        self.close(first)
        yield
        yield from self.read_to_end(server)
        listener.close()
        server.close()
        self.tell("full", ends, began, CLOSED)
        second.close()

    def do_self(self):
        """A socket that calls itself."""
        client = self.make_client(socket.AF_INET)
        if self.maybe(0.3):
            bind_to_device(client, "lo")
        client.bind(("127.0.0.1", 0))
        began = time.monotonic_ns()
        client.connect(client.getsockname())
        ends = ends_of(client)
        yield
        size = self.rng.choice((0, 10, 1000))
        client.sendall(b"x" * size)
        if size:
            assert client.recv(size, socket.MSG_WAITALL)
        yield
        client.close()
        self.tell("self", ends, began, ("closed_by_both", None), size, size, server=False)

    def do_early(self):
        """Fast open, without cookies: data in the SYN."""
        family, address, home = self.family()
        listener = self.listener_with(home, (socket.IPPROTO_TCP, TCP_FASTOPEN, 64))
        client = self.make_client(family)
        self.dress(client)
        began = time.monotonic_ns()
        size = self.rng.choice((1, 100, 1000))
        client.sendto(b"x" * size, MSG_FASTOPEN, (address, listener.getsockname()[1]))
        ends, server = ends_of(client, (address, listener.getsockname()[1])), None
        while server is None:
            yield
            server = self.take(listener, ends)
        assert server.recv(size, socket.MSG_WAITALL) == b"x" * size
        first, second, causes = self.either(client, server, CLOSED)
        self.close(first)
        yield
        yield from self.read_to_end(second)
        self.close(second)
        self.tell("early", ends, began, causes, size, 0)

    def do_deferred(self):
        """The server's child is made by data, not by the handshake."""
        family, address, home = self.family()
        listener = self.listener_with(home, (socket.IPPROTO_TCP, TCP_DEFER_ACCEPT, 30))
        client = self.make_client(family)
        self.dress(client)
        began = time.monotonic_ns()
        client.connect((address, listener.getsockname()[1]))
        ends, server = ends_of(client), None
        yield
        client.sendall(b"x" * 10)
        while server is None:
            yield
            server = self.take(listener, ends)
        assert server.recv(10) == b"x" * 10
        first, second, causes = self.either(client, server, CLOSED)
        first.close()
        yield
        yield from self.read_to_end(second)
        second.close()
        self.tell("deferred", ends, began, causes, 10, 0)

    def do_unavailable(self):
        """Two sockets from one address to the same: the second connect fails by itself."""
        listener = self.listener_on("127.0.0.1")
        home = listener.getsockname()
        socks = [self.make_client(socket.AF_INET) for _ in range(2)]
        device = self.maybe(0.3)
        for sock in socks:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if device:
                bind_to_device(sock, "lo")
        socks[0].bind(("127.0.0.1", 0))
        socks[1].bind(socks[0].getsockname())
        began = time.monotonic_ns()
        socks[0].connect(home)
        ends, server = ends_of(socks[0]), None
        while server is None:
            yield
            server = self.take(listener, ends)
        before = time.monotonic_ns()
        for _ in range(self.rng.randrange(1, 3)):
            code = socks[1].connect_ex(home)
            assert code == errno.EADDRNOTAVAIL, code
            self.truth.append(End(ends, "client", os.getpid(), "connect_failed", 0, 0, before,
                                  "unavailable"))
        yield
        socks[0].close()
        yield
        yield from self.read_to_end(server)
        server.close()
        self.tell("unavailable-first", ends, began, CLOSED)
        if self.maybe(0.5):
            socks[1].close()
        else:
            self.kept.append(socks[1])

    def do_open(self):
        """It stays."""
        client, server, ends, began = yield from self.pair()
        sent, received = yield from self.talk(client, server)
        self.redress(client, server)
        self.kept += [client, server]
        self.tell("open", ends, began, (None, None), sent, received)

    def do_orphan(self):
        """Closed by one side, and the other does not care: FIN_WAIT2 without anybody."""
        client, server, ends, began = yield from self.pair()
        first, second = (client, server) if self.maybe(0.5) else (server, client)
        first.close()
        yield
        self.kept.append(second)
        self.tell("orphan", ends, began, (None, None))

    def do_taken(self):
        """Another process accepts, and perhaps closes."""
        if not self.taker:
            self.taker = Taker()
        family, address, home = self.family()
        listener = self.make_listener(home, device=self.maybe(0.2))
        client = self.make_client(family)
        self.dress(client)
        began = time.monotonic_ns()
        client.connect((address, listener.getsockname()[1]))
        ends = ends_of(client)
        self.devices[ends] = device_of(client)
        self.devices[turned(ends)] = device_of(listener)
        yield
        listener.settimeout(None)  # or accept could find nothing yet
        way = self.rng.randrange(3)
        server = self.taker.accept(listener, keeps=way == 1)
        listener.close()
        yield
        first, second, causes = self.either(client, server, CLOSED)
        for each in first, second:
            if each is second:
                yield from self.read_to_end(second)
            each.close()
            if way == 1 and each is server:
                self.taker.close()
            yield
        self.tell("taken", ends, began, causes, taker=self.taker.pid)

    def do_reuse(self):
        """The same four-tuple again, in spite of its TIME_WAIT."""
        listener = self.listener_on("127.0.0.1")
        home, name = listener.getsockname(), None
        for turn in range(self.rng.randrange(2, 4)):
            client = self.make_client(socket.AF_INET)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if self.maybe(0.2):
                bind_to_device(client, "lo")
            client.bind(name or ("127.0.0.1", 0))
            name = client.getsockname()
            began = time.monotonic_ns()
            client.connect(home)
            ends, server = ends_of(client), None
            while server is None:
                yield
                server = self.take(listener, ends)
            by_client = self.maybe(0.5)
            first, second, causes = (client, server, CLOSED) if by_client else \
                (server, client, CLOSED[::-1])
            first.close()
            yield
            yield from self.read_to_end(second)
            second.close()
            self.tell("reuse", ends, began, causes)
            yield
            if by_client or self.maybe(0.5):
                way = ends if by_client else turned(ends)
                if not wait_state(way[1], way[3], "TIME_WAIT") or not destroy(*way, LO):
                    return
            # else its SYN takes the TIME_WAIT over, if its numbers and times allow

    def do_states(self):
        """Killed in each state."""
        client, server, ends, began = yield from self.pair()
        first, second = (client, server) if self.maybe(0.5) else (server, client)
        what = self.rng.choice(("fin_wait2", "close_wait", "fin_wait2_full"))
        causes = {"fin_wait2": ("killed", "closed_by_remote"),
                  "fin_wait2_full": ("killed", "reset_received"),
                  "close_wait": (None, "killed")}[what]
        if what == "fin_wait2_full":
            first.shutdown(socket.SHUT_WR)
        else:
            way = self.raw(first)
            first.close()
        yield
        if what == "fin_wait2_full":
            assert destroy(*self.raw(first), LO)
            yield
            second.close()
            first.close()
        elif what == "fin_wait2":
            assert destroy(*way, LO)
            yield
            # Its FIN is answered with a reset.
            second.close()
            causes = ("killed", ("closed_by_remote", "reset_received"))
        else:
            assert destroy(*self.raw(second), LO)
            yield
            second.close()
            causes = (("reset_received",), "killed")
        if first is server:
            causes = causes[::-1]
        self.tell(f"states-{what}", ends, began, causes)

    def do_early_rude(self):
        """Fast open that ends before, or as soon as, the handshake is over."""
        family, address, home = self.family()
        listener = self.make_listener(home, options=((socket.IPPROTO_TCP, TCP_FASTOPEN, 64),))
        client = self.make_client(family)
        self.dress(client)
        what = self.rng.choice(("unsent", "unsent-left", "abort", "listener"))
        began = time.monotonic_ns()
        if what.startswith("unsent"):
            client.setsockopt(socket.IPPROTO_TCP, 30, 1)  # TCP_FASTOPEN_CONNECT
            client.connect((address, listener.getsockname()[1]))
            ends = ends_of(client, (address, listener.getsockname()[1]))
            yield
            if what == "unsent":
                client.close()
            else:
                disconnect(client)
                client.close()
            self.tell(what, ends, began, ("connect_unsent", None), server=False)
            listener.close()
            return
        client.sendto(b"x" * 10, MSG_FASTOPEN, (address, listener.getsockname()[1]))
        ends = ends_of(client, (address, listener.getsockname()[1]))
        yield
        if what == "abort":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
            client.close()
            causes = ("linger_zero", "reset_received")
            yield
            listener.close()
        else:
            listener.close()
            causes = ("reset_received", "listener_closed")
            yield
            client.close()
        self.tell(f"early-{what}", ends, began, causes)

    def do_mptcp_rude(self):
        client, server, ends, began = yield from self.pair(IPPROTO_MPTCP)
        first, second = (client, server) if self.maybe(0.5) else (server, client)
        first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
        first.close()
        yield
        close_after(second)
        causes = ("linger_zero", ("reset_received",))
        if first is server:
            causes = causes[::-1]
        self.tell("mptcp-rude", ends, began, causes)

    def do_mptcp_alone(self):
        """The peer does not speak it: it goes on as TCP, and is closed as that."""
        family, address, home = self.family()
        listener = self.listener_on(home)
        client = self.make_client(family, IPPROTO_MPTCP)
        self.dress(client)
        began = time.monotonic_ns()
        client.connect((address, listener.getsockname()[1]))
        ends, server = ends_of(client), None
        while server is None:
            yield
            server = self.take(listener, ends)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
        client.close()
        yield
        close_after(server)
        self.tell("mptcp-alone", ends, began, ("linger_zero", "reset_received"))

    def do_mptcp(self):
        client, server, ends, began = yield from self.pair(IPPROTO_MPTCP)
        sent, received = yield from self.talk(client, server)
        first, second, causes = self.either(client, server, CLOSED)
        first.close()
        yield
        yield from self.read_to_end(second)
        yield
        second.close()
        self.tell("mptcp", ends, began, (CLOSED, CLOSED))


def key_of(line):
    return line["laddr"], line["lport"], line["raddr"], line["rport"]


def began_ns(line):
    return line["timeline"][0]["mono_ns"] or 0


def flaws_of_line(end, line):
    """Where what is told of one end is not what it was."""
    close = line["close"]
    causes = end.causes if isinstance(end.causes, tuple) else (end.causes,)
    want = {"role": end.role, "gaps": 0, "seeded": False, "complete": True}
    if end.role == "client" or line["owner_source"] == "process":
        want["pid"] = end.pid
    if end.device != -1:
        want["ifname"] = end.device
    if close["outcome"] != "open":
        want |= {name: value for name, value in (("bytes_sent", end.sent),
                                                 ("bytes_received", end.received))
                 if value is not None}
    found = [f"{name}: {line[name]}, not {value}" for name, value in want.items()
             if line[name] != value]
    if (None if close["outcome"] == "open" else close["cause"]) not in causes:
        found.append(f"{close['cause']}, not {end.causes}")
    if began_ns(line) < end.began:
        found.append("it began too early")
    return [f"{end.kind} {end.ends}: {each}" for each in found]


def flaws(truth, lines):
    """Where what is told of all is not what was: each end has one line, and no other has."""
    told, found = collections.defaultdict(list), []
    for line in sorted(lines, key=began_ns):
        told[key_of(line)].append(line)
    by_ends = collections.defaultdict(list)
    for end in sorted(truth, key=lambda end: end.began):
        by_ends[end.ends].append(end)
    anywhere = [ends for ends in by_ends if ends[0] is None]
    for ends in set(by_ends) - set(anywhere):
        known = told.pop(ends, [])
        if len(known) != len(by_ends[ends]):
            found.append(f"{ends}: {len(known)} lines of {len(by_ends[ends])} lives")
        for end, line in zip(by_ends[ends], known):
            found += flaws_of_line(end, line)
    for ends in anywhere:  # those whose own port was the kernel's choice
        known = [line for key in list(told) if key[2:] == ends[2:] for line in told.pop(key)]
        if len(known) != len(by_ends[ends]):
            found.append(f"{ends}: {len(known)} lines of {len(by_ends[ends])} lives")
        found += [f"{ends}: {line['close']}" for line in known if line["close"]["cause"] !=
                  by_ends[ends][0].causes]
    return found + [f"{key}: told of, and never was" for key in told]
