# SPDX-License-Identifier: GPL-2.0-only
"""A scripted peer and sockets that do what they like by chance, legal or not, and what of all that
is told cannot be: every segment and every call is known."""
import collections
import contextlib
import errno
import os
import random
import socket
import struct
import time

import packet
from packet import ACK, FIN, PSH, RST, SYN
from peer import IPV4, IPV6, KERNEL, PEER, SIGNIFICANT
from traffic import (LINGER_ZERO, TCP_FASTOPEN, TCP_REPAIR, destroy, disconnect, listen, port_of,
                     tcp_info)

TCP_LINGER2 = 8
FAR = 1000000000  # out of each window
STEP_S = 0.0003
GRACE_NS = 5 * 1000 * 1000

# What the socket's owner does, and how often.
CALLS = {"send": 8, "recv": 10, "shut_write": 2, "close": 3, "linger_zero": 1, "linger_negative": 1,
         "disconnect": 0.7, "shut_read": 0.7, "shut_both": 0.7, "kill": 0.7, "repair": 0.4}
# What the peer sends, and how often.
SEGMENTS = {"ack": 12, "data": 8, "data_again": 2, "data_beyond": 1, "fin": 3, "fin_with_data": 1,
            "fin_again": 1, "fin_beyond": 0.5, "fin_and_old_ack": 0.7, "data_behind_fin": 3,
            "rst": 1, "rst_with_data": 0.3, "rst_in_window": 1, "rst_out_of_window": 1,
            "rst_before": 0.5, "syn_in_window": 0.7, "syn_out_of_window": 0.7, "synack": 0.7,
            "ack_of_unsent": 0.7, "ack_of_old": 0.7, "window_shut": 1, "window_open": 1,
            "paws": 0.7, "ack_thrice": 1, "keepalive": 0.5, "no_flags": 0.3}
CLIENT_OPENINGS = ("answer", "answer", "answer", "refuse", "refuse_badly", "cross",
                   "cross_and_reset", "bad_ack", "answer_twice", "answer_and_fin", "give_up")
SERVER_OPENINGS = ("plain",) * 6 + ("reset", "reset_badly", "syn_twice", "other_syn", "bad_ack",
                                    "with_data", "with_fin", "reset_at_once", "listener_closed",
                                    "child_left", "out_of_window", "early")
# Who ends it so has sent a reset.
SENDS = {"unread_data", "linger_zero", "linger_negative", "disconnect", "listener_closed",
         "data_after_close", "no_memory", "reset_sent"}
RECEIVES = {"reset_received", "refused"}
# What the owner must have called for it.
CALLED = {"linger_zero": {"linger_zero"}, "linger_dropped": {"linger_zero"}, "killed": {"kill"},
          "repaired": {"repair"}, "disconnect": {"disconnect"},
          "linger_negative": {"linger_negative"}, "listener_closed": {"listener_closed"},
          "connect_abandoned": {"close", "linger_zero", "linger_negative"},
          "connect_disconnected": {"disconnect"}, "connect_shut": {"shut_both"}}
# How a request ends that never becomes a connection.
HALF_OPEN = {"reset": "reset_received", "other_syn": "reset_sent",
             "listener_closed": "listener_closed"}


class Case:
    """One four-tuple: what was done, and by whom."""

    def __init__(self, role, opening, flow, rng):
        self.role, self.opening, self.flow, self.rng = role, opening, flow, rng
        self.sock, self.done, self.is_made = None, [], role == "client"
        flow.use_timestamps = rng.random() < 0.7

    def ends(self):
        """As a line has them."""
        return (self.flow.remote_address, self.flow.remote_port, self.flow.address,
                self.flow.port)

    def wire(self, sent, flags=packet.Flag(0)):
        """The segments of the peer, or those of the kernel, that have these flags."""
        return sorted((each for each in list(self.flow.packets)
                       if each.sent == sent and each.flags & flags == flags),
                      key=lambda each: each.stamp_ns)

    def is_once(self):
        """Whether it can be one connection at most."""
        return len([each for each in self.wire(True, SYN) if not each.flags & ACK]) == \
            (self.role == "server")

    def __str__(self):
        return f"{self.role} {self.opening} {self.ends()}: {' '.join(self.done)}"


class Rough:
    """`count` connections by chance, `width` at once."""

    def __init__(self, seed, count, peer, width=10):
        self.rng, self.count, self.peer, self.width = random.Random(seed), count, peer, width
        self.cases, self.kept, self.waiting = [], [], {}
        self.listeners = {family: self.listener(family) for family in (IPV4, IPV6)}
        self.limit_s = 50 * peer.patience

    def play(self):
        """Does it all; returns the cases."""
        running, begun, end = [], 0, time.monotonic() + self.limit_s
        while running or begun < self.count:
            if time.monotonic() > end:
                raise TimeoutError([str(each) for each in self.cases[-self.width:]])
            while len(running) < self.width and begun < self.count:
                running.append(self.live(random.Random(self.rng.random())))
                begun += 1
            at = self.rng.randrange(len(running))
            try:
                next(running[at])
            except StopIteration:
                running.pop(at)
            if self.rng.random() < 0.2:
                time.sleep(STEP_S)
        for each in self.listeners.values():
            each.close()
        # What came once more to a port that still listened waits in the queue for nobody.
        for each in self.cases:
            if each.role == "server" and not each.is_once():
                each.done.append("listener_closed")
        return self.cases

    def close(self):
        """Lets go of what was left open."""
        for each in self.kept:
            each.close()
        self.kept.clear()

    def live(self, rng):
        """A connection from its beginning to its end."""
        family = rng.choice((IPV4, IPV4, IPV6))
        case = yield from (self.be_called if rng.random() < 0.3 else self.call)(family, rng)
        if not case.sock:
            return
        for _ in range(rng.choice((0, 2, 5, 8, 12))):
            if rng.random() < 0.4:
                self.do(case, pick(rng, CALLS))
            else:
                self.say(case, pick(rng, SEGMENTS))
            yield
        if rng.random() < 0.1:
            self.kept += [case.sock] if case.sock else []
            return
        self.do(case, rng.choice(("close", "close", "close", "linger_zero", "linger_negative")))
        yield from self.pause(20)
        case.flow.window = 65535
        for what in rng.choice((("fin", "ack"), ("ack", "fin", "fin_again"), ("rst",), ("data",),
                                ())):
            self.say(case, what)
            yield from self.pause(3)

    # -- openings

    @staticmethod
    def listener(family, options=()):
        """One that does not wait."""
        made = listen(KERNEL[family], options=options)
        made.setblocking(False)
        return made

    def be_called(self, family, rng):
        """The kernel's socket connects."""
        sock = socket.socket(family)
        sock.bind((KERNEL[family], 0))
        sock.setblocking(False)
        flow = self.peer.flow(port_of(sock), family=family)
        case = Case("client", rng.choice(CLIENT_OPENINGS), flow, rng)
        case.sock = sock
        self.cases.append(case)
        sock.connect_ex((PEER[family], flow.port))
        yield from self.hear(case, SYN)
        yield from getattr(self, f"answer_by_{case.opening}")(case, flow)
        yield from self.pause(2)
        return case

    def answer_by_answer(self, case, flow):
        flow.send(SYN | ACK)
        yield from self.wait(lambda: tcp_info(case.sock).state == "ESTABLISHED")

    def answer_by_answer_twice(self, case, flow):
        answer = flow.send(SYN | ACK)
        yield from self.hear(case, ACK)
        flow.send(SYN | ACK, seq=answer.seq)

    def answer_by_answer_and_fin(self, case, flow):
        flow.send(SYN | ACK | FIN)
        yield

    def answer_by_refuse(self, case, flow):
        flow.send(RST | ACK, seq=0)
        yield

    def answer_by_refuse_badly(self, case, flow):
        """Neither is acceptable."""
        flow.send(RST | ACK, seq=0, ack=flow.rcv_nxt + 7)
        flow.send(RST, seq=5)
        yield
        flow.send(SYN | ACK)

    def answer_by_cross(self, case, flow):
        flow.send(SYN)
        yield from self.hear(case, SYN | ACK)
        flow.send(ACK)

    def answer_by_cross_and_reset(self, case, flow):
        flow.send(SYN)
        yield from self.hear(case, SYN | ACK)
        flow.send(RST | ACK)

    def answer_by_bad_ack(self, case, flow):
        flow.send(SYN | ACK, seq=flow.iss, ack=flow.rcv_nxt + 99)
        yield from self.hear(case, RST)
        flow.send(SYN | ACK)

    def answer_by_give_up(self, case, flow):
        self.do(case, case.rng.choice(("close", "linger_zero", "disconnect", "shut_both", "kill")))
        yield
        flow.send(SYN | ACK)

    def call(self, family, rng):
        """The peer connects."""
        opening, listener = rng.choice(SERVER_OPENINGS), self.listeners[family]
        if opening in ("listener_closed", "child_left", "early"):
            early = ((socket.IPPROTO_TCP, TCP_FASTOPEN, 16),) if opening == "early" else ()
            listener = self.listener(family, early)
        case = Case("server", opening, self.peer.flow(port_of(listener), family=family), rng)
        self.cases.append(case)
        flow = case.flow
        if opening == "early":
            syn = flow.send(SYN, b"early", options=packet.cookie())
        else:
            syn = flow.send(SYN)
        yield from self.hear(case, SYN | ACK)
        yield from getattr(self, f"go_on_{opening}")(case, flow, syn, listener)
        if opening in ("listener_closed", "child_left") or opening in HALF_OPEN:
            return case
        yield from self.take(case, listener)
        if opening == "early":
            listener.close()
        return case

    def go_on_plain(self, case, flow, syn, listener):
        flow.send(ACK)
        case.is_made = True
        yield

    go_on_early = go_on_plain

    def go_on_reset(self, case, flow, syn, listener):
        flow.send(case.rng.choice((RST, RST | ACK)))
        yield

    def go_on_reset_badly(self, case, flow, syn, listener):
        flow.send(RST, seq=flow.snd_nxt + FAR)
        yield from self.go_on_plain(case, flow, syn, listener)

    def go_on_out_of_window(self, case, flow, syn, listener):
        flow.send(ACK, seq=flow.snd_nxt + FAR)
        yield from self.go_on_plain(case, flow, syn, listener)

    def go_on_syn_twice(self, case, flow, syn, listener):
        flow.send(SYN, seq=syn.seq)
        yield from self.hear(case, SYN | ACK)
        yield from self.go_on_plain(case, flow, syn, listener)

    def go_on_other_syn(self, case, flow, syn, listener):
        flow.send(SYN, seq=flow.snd_nxt + 100)
        yield

    def go_on_bad_ack(self, case, flow, syn, listener):
        flow.send(ACK, ack=flow.rcv_nxt + 1000)
        yield from self.hear(case, RST)
        yield from self.go_on_plain(case, flow, syn, listener)

    def go_on_with_data(self, case, flow, syn, listener):
        flow.send(ACK | PSH, b"hello")
        case.is_made = True
        yield

    def go_on_with_fin(self, case, flow, syn, listener):
        flow.send(ACK | FIN, case.rng.choice((b"", b"bye")))
        case.is_made = True
        yield

    def go_on_reset_at_once(self, case, flow, syn, listener):
        yield from self.go_on_plain(case, flow, syn, listener)
        flow.send(RST | ACK)

    def go_on_listener_closed(self, case, flow, syn, listener):
        case.done.append("listener_closed")
        listener.close()
        yield
        flow.send(ACK)

    def go_on_child_left(self, case, flow, syn, listener):
        """Nobody accepts it before the listener goes."""
        flow.send(ACK)
        case.is_made = True
        yield from self.wait(lambda: struct.unpack_from("=I", listener.getsockopt(
            socket.IPPROTO_TCP, 11, 192), 24)[0])
        case.done.append("listener_closed")
        listener.close()

    def take(self, case, listener):
        """Accepts until it is the one; others that came are kept for their own."""
        key = case.flow.remote_port, case.flow.port

        def look():
            with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
                sock, name = listener.accept()
                sock.setblocking(False)
                self.waiting[port_of(sock), name[1]] = sock
            return self.waiting.pop(key, None)
        case.sock = yield from self.wait(look)

    # -- waiting

    @staticmethod
    def pause(steps):
        for _ in range(steps):
            yield

    @staticmethod
    def wait(ready, steps=2000):
        """Until a condition holds; returns its value, or None."""
        for _ in range(steps):
            value = ready()
            if value:
                return value
            yield
            time.sleep(STEP_S)
        return None

    def hear(self, case, flags):
        """Until a segment has these flags, and of SYN, FIN and RST no others."""
        def look():
            return next((each for each in case.flow.take_all()
                         if each.flags & SIGNIFICANT == flags & SIGNIFICANT
                         and each.flags & flags == flags), None)
        return (yield from self.wait(look))

    # -- what either side does

    @staticmethod
    def do(case, call):
        """Something that the owner of the socket calls."""
        sock = case.sock
        if not sock:
            return
        case.done.append(call)
        try:
            if call == "send":
                sock.send(b"z" * case.rng.choice((1, 100, 3000)))
            elif call == "recv":
                sock.recv(65536)
            elif call.startswith("shut_"):
                sock.shutdown({"read": socket.SHUT_RD, "write": socket.SHUT_WR,
                               "both": socket.SHUT_RDWR}[call[5:]])
            elif call == "disconnect":
                disconnect(sock)
            elif call == "kill":
                # Of a socket that is closed it would find the listener.
                if tcp_info(sock).state != "CLOSED":
                    destroy(*case.ends())
            elif call == "repair":
                sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
            elif call == "linger_zero":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
            elif call == "linger_negative":
                sock.setsockopt(socket.IPPROTO_TCP, TCP_LINGER2, -1)
        except OSError as error:
            case.done.append(errno.errorcode[error.errno])
        if call in ("close", "linger_zero", "linger_negative", "repair", "disconnect"):
            sock.close()
            case.sock = None

    @staticmethod
    def say(case, what):
        """A segment of the peer's."""
        flow, rng = case.flow, case.rng
        flow.take_all()
        case.done.append(f"<{what}>")
        here, there = flow.snd_nxt, flow.rcv_nxt
        if what.startswith("window_"):
            flow.window = 0 if what == "window_shut" else 65535
        simple = {
            "ack": (ACK,), "window_shut": (ACK,), "window_open": (ACK,), "fin": (FIN | ACK,),
            "data": (PSH | ACK, b"d" * rng.choice((1, 50, 1000))),
            "data_again": (PSH | ACK, b"d" * 5, here - 5),
            "data_beyond": (PSH | ACK, b"o" * 5, here + 10),
            "data_behind_fin": (PSH | ACK, b"more", here - 1),
            "fin_with_data": (FIN | ACK, b"last"), "fin_again": (FIN | ACK, b"", here - 1),
            "fin_beyond": (FIN | ACK, b"", here + 10),
            "fin_and_old_ack": (FIN | ACK, b"", None, there - 1),
            "rst": (rng.choice((RST, RST | ACK)), b"", here),
            "rst_with_data": (RST | ACK, b"why", here), "rst_in_window": (RST, b"", here + 10),
            "rst_out_of_window": (RST, b"", here + FAR), "rst_before": (RST, b"", here - 1),
            "syn_in_window": (SYN, b"", here + 10), "syn_out_of_window": (SYN, b"", here + FAR),
            "synack": (SYN | ACK, b"", flow.iss), "ack_of_unsent": (ACK, b"", here, there + 10000),
            "ack_of_old": (ACK, b"", here, there - 100000), "keepalive": (ACK, b"", here - 1),
            "no_flags": (packet.Flag(0), b"n", here)}
        if what == "paws":
            shift, flow.clock_shift = flow.clock_shift, flow.clock_shift - 100000000
            flow.send(PSH | ACK, b"old", here)
            flow.clock_shift = shift
            return
        for _ in range(3 if what == "ack_thrice" else 1):
            flow.send(*simple.get(what, (ACK,)))


def pick(rng, chances):
    return rng.choices(list(chances), list(chances.values()))[0]


# -- what cannot be

def flaws_of_line(case, line):
    """Of one connection: who is said to have done what he has not."""
    close, cause = line["close"], line["close"]["cause"]
    resets, fins = ([case.wire(sent, flag) for sent in (True, False)] for flag in (RST, FIN))
    if (line["role"], line["gaps"], line["seeded"]) != (case.role, 0, False):
        yield f"{line['role']}, {line['gaps']} gaps, seeded: {line['seeded']}"
    if cause in RECEIVES and not resets[0]:
        yield f"{cause}, and the peer has sent no reset"
    if cause in SENDS and not resets[1]:
        yield f"{cause}, and the kernel has sent no reset"
    if close["outcome"] == "closed" and not (fins[0] and fins[1]):
        yield f"{cause} without a FIN of each side"
    if cause in CALLED and not CALLED[cause] & set(case.done):
        yield f"{cause}, and nobody has called for it"
    if line["owner_source"] == "process" and line["pid"] != os.getpid():
        yield f"of {line['pid']}"
    if case.is_once():
        yield from flaws_of_numbers(case, line)


def flaws_of_numbers(case, line):
    """What is measured, where there was but one connection."""
    flags, took = line["handshake"]["flags"], line["handshake"]["latency_ns"]
    if ("fastopen" in flags) != (case.opening == "early"):
        yield f"flags {flags}"
    if ("simultaneous" in flags) != case.opening.startswith("cross"):
        yield f"flags {flags}"
    sent = {each.seq + i & 0xffffffff for each in case.wire(False) for i in range(len(each.data))}
    if line["close"]["outcome"] == "closed":
        ends = [each.ack - case.flow.iss & 0xffffffff for each in case.wire(False, ACK)
                if not each.flags & RST]
        if (line["bytes_sent"], line["bytes_received"]) != (len(sent), max(ends) - 2):
            yield (f"{line['bytes_sent']} bytes sent and {line['bytes_received']} received, "
                   f"not {len(sent)} and {max(ends) - 2}")
    passed = handshake_ns(case)
    if None not in (took, passed) and line["handshake"]["quality"] == "exact" and \
            took < passed - GRACE_NS:
        yield f"a handshake of {took} ns, on the wire {passed}"


def handshake_ns(case):
    """From the kernel's SYN or SYN-ACK to the first segment of the peer's that answers it."""
    first = next(iter(case.wire(False, SYN)), None)
    if not first or case.opening.startswith("cross"):
        return None
    wanted = ACK if case.role == "server" else SYN | ACK
    answers = [each for each in case.wire(True, wanted) if not each.flags & RST
               and each.ack == first.seq + 1 & 0xffffffff
               and (case.role == "client" or each.seq - case.flow.iss & 0xffffffff < FAR)]
    return answers[0].stamp_ns - first.stamp_ns if answers else None


def flaws(cases, lines, half_open, before=()):
    """What cannot be of all that is told, and what is not told. Of cases before, some may go on."""
    told, requests, found = (collections.defaultdict(list) for _ in range(3))
    for line, by_ends in [(each, told) for each in lines if not each["seeded"]] + \
            [(each, requests) for each in half_open]:
        by_ends[line["laddr"], line["lport"], line["raddr"], line["rport"]].append(line)
    for case in cases:
        known, left = told.pop(case.ends(), []), requests.pop(case.ends(), [])
        if case.is_made and not known or case.is_once() and len(known) > 1:
            found[case].append(f"{len(known)} lines")
        want = [HALF_OPEN[case.opening]] if case.opening in HALF_OPEN else []
        if case.is_once() and [each["outcome"] for each in left] != want:
            found[case].append(f"half-open: {[each['outcome'] for each in left]}, not {want}")
        for line in known:
            found[case] += flaws_of_line(case, line)
    return [f"{case}: {each}" for case, some in found.items() for each in some] + \
        [f"{key}: told of, and never was" for key in (*told, *requests)
         if key not in {case.ends() for case in before}]
