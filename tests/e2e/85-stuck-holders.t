#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Who holds a stuck socket, however it came by it; and what is said when nobody can be seen."""
import array
import ctypes
import os
import socket
import time

import namespace
import tracer
from namespace import set_comm
from stuck import Look, Puppet, fork_silently, holds
from traffic import listen, pair, port_of, wait_state
from world import *

NOBODY = 65534
IO_URING_SETUP, IO_URING_REGISTER, REGISTER_FILES = 425, 427, 2
EVIL = b"\x1b[2J\"e\\vil\n"


def left(listener):
    """A server's socket in CLOSE_WAIT, with its ports."""
    client, server = pair(listener)
    ports = port_of(server), port_of(client)
    client.close()
    wait_state(*ports, "CLOSE_WAIT")
    return server, ports


def io_uring(fd):
    """The descriptor of a new io_uring that has a file registered."""
    libc = ctypes.CDLL(None, use_errno=True)
    ring = libc.syscall(IO_URING_SETUP, 1, ctypes.create_string_buffer(120))
    if ring < 0:
        raise OSError(ctypes.get_errno(), "io_uring_setup")
    if libc.syscall(IO_URING_REGISTER, ring, REGISTER_FILES, (ctypes.c_int * 1)(fd), 1) < 0:
        raise OSError(ctypes.get_errno(), "io_uring_register")
    return ring


class Courier:
    """Passes a socket on and forgets it."""

    def __init__(self, end=None):
        self.end, self.held = end, None

    def hold(self):
        """Makes a socket in CLOSE_WAIT; returns its ports and descriptor."""
        self.held, ports = left(listen())
        return ports, self.held.fileno()

    def post(self):
        """Puts its descriptor into the UNIX socket and closes it."""
        self.end.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                                   array.array("i", [self.held.fileno()]))])
        self.held.close()

    def fetch(self):
        """Takes a descriptor out of the UNIX socket; returns its number."""
        raw = self.end.recvmsg(1, 1000)[1][0][2]
        return array.array("i", raw)[0]

    def put_in_ring(self):
        """Registers it with an io_uring and closes it; returns the ring's descriptor."""
        self.ring = io_uring(self.held.fileno())
        self.held.close()
        return self.ring

    def open_again(self):
        """A descriptor that holds the name of the socket only; closes the one that held it."""
        self.path = os.open(f"/proc/self/fd/{self.held.fileno()}", os.O_PATH)

    def name(self, comm):
        """Calls itself something else."""
        set_comm(comm)

    def close(self):
        """Closes what it holds."""
        self.held.close()


def one_line(t, look, name):
    """The only line of a look, or an empty one after a failed check."""
    t.none(look.flaws(), f"{name}: the look is sound")
    if not t.equal(len(look.lines), 1, f"{name}: one line"):
        t.note(look.err)
    return look.lines[0] if look.lines else {"holders": None, "reason": ""}


def tell_passed(w, t):
    ours, theirs = socket.socketpair()
    sender = Puppet(w, Courier, ours, comm="sender")
    receiver = Puppet(w, Courier, theirs, comm="receiver")
    ours.close()
    theirs.close()
    _, fd = sender.tell("hold")
    line = one_line(t, Look(), "before it is passed on")
    t.equal(holds(line), {(sender.pid, fd)}, "before it is passed on: the sender holds it")
    sender.tell("post")
    look = Look()
    line = one_line(t, look, "on its way")
    t.equal((line["holders"], line.get("held_by")), ([], "transit"), "on its way: nobody holds it")
    t.ok("UNIX socket" in line["reason"], "on its way: the sentence", line["reason"])
    t.ok(look.summary["stuck"]["in_flight"] >= 1, "on its way: the summary counts it",
         look.summary["stuck"])
    fd = receiver.tell("fetch")
    line = one_line(t, Look(), "received")
    t.equal((holds(line), line.get("comm")), ({(receiver.pid, fd)}, "receiver"),
            "received: the receiver holds it")
    receiver.end()
    sender.end()
    t.equal(Look().status, 0, "released with its holder")


def tell_path(w, t):
    holder = Puppet(w, Courier, comm="holder")
    _, fd = holder.tell("hold")
    holder.tell("open_again")
    line = one_line(t, Look(), "a descriptor of the name alone")
    t.equal(holds(line), {(holder.pid, fd)}, "a descriptor of the name alone does not hold it")
    holder.end()


def tell_ring(w, t):
    holder = Puppet(w, Courier, comm="holder")
    holder.tell("hold")
    try:
        fd = holder.tell("put_in_ring")
    except RuntimeError as error:
        t.skip("in an io_uring only: the ring holds it", error)
        return
    with open(f"/proc/{holder.pid}/fdinfo/{fd}", encoding="ascii") as info:
        is_told = "socket:[" in info.read()
    line = one_line(t, Look(), "in an io_uring only")
    if not is_told:  # older kernels call each of its sockets "TCP"
        t.equal((line["holders"], line["held_by"]), ([], "transit"),
                "in an io_uring that keeps it secret: no holder is made up")
        t.ok("may be in an io_uring" in line["reason"], "and the sentence leaves it open",
             line["reason"])
        holder.end()
        return
    t.equal([(each["pid"], each["fd"], each["way"]) for each in line["holders"] or ()],
            [(holder.pid, fd, "io_uring")], "in an io_uring only: the ring holds it")
    t.ok(f"in the io_uring of fd {fd}" in line["reason"], "in an io_uring only: the sentence",
         line["reason"])
    holder.end()


def tell_comm(w, t):
    holder = Puppet(w, Courier)
    holder.tell("hold")
    holder.tell("name", EVIL)
    line = one_line(t, Look(), "a hostile name")
    t.equal(line.get("comm"), EVIL.decode(), "a hostile name: JSON has it as it is")
    for form in ([], ["--list"], ["--list", "--wide"], ["--csv"], ["--by", "comm"]):
        said = tracer.run("stuck", "-N", "self", *form)
        t.ok(said.status == 1 and b"\x1b" not in said.out + said.err
             and said.out.count(b"\n") == (4 if not form else 5 if "--by" in form else 2),
             f"{' '.join(form) or 'groups'}: no escape sequence, no line of its own",
             said.out, said.err)
    holder.end()


def tell_unprivileged(w, t):
    holder = Puppet(w, Courier, comm="holder")
    holder.tell("hold")
    look = Look(netns=None, user=NOBODY)
    if look.status == tracer.EXIT_BAD_USE:
        holder.end()
        t.ok(len(look.err.splitlines()) == 1 and
             not any(word in look.err for word in ("libbpf", "system call")),
             "without rights: one sentence about what this kernel lacks", look.err)
        return
    found = where(look.lines, netns=w.netns)
    t.equal([(line["holders"], line["holders_known"], line["pid"], line["held_by"])
             for line in found], [(None, False, None, None)],
            "without rights: the socket, and null for what cannot be read")
    counts = look.summary["stuck"]
    t.ok(counts["holders_unknown"] >= 1 and counts["unreadable_processes"] >= 1,
         "without rights: what could not be read is counted", counts)
    holder.end()
    look = Look(netns=None, user=NOBODY)
    t.equal(where(look.lines, netns=w.netns), [], "without rights, nothing left: no line")
    hidden = look.summary["stuck"]["hidden_processes"]
    t.equal(look.status, 2 if hidden else 0,
            "without rights, nothing left: status 2 where not everywhere could be looked")
    if SLACK == 1:
        t.ok(hidden >= 1, "without rights, nothing left: processes hide their namespace", hidden)
    t.equal(Look().status, 0, "with rights: nothing is stuck, and that is known")


def tell_hidden(w, t):
    """Who is not shown a process cannot say that nobody holds a socket, nor that none is stuck."""
    holder = Puppet(w, Courier, comm="holder")
    holder.tell("hold")
    with namespace.hidden_processes():
        look = Look(netns=None, user=NOBODY)
        if look.status == tracer.EXIT_BAD_USE:
            holder.end()
            return
        t.equal([(line["holders"], line["holders_known"], line["held_by"])
                 for line in where(look.lines, netns=w.netns)], [(None, False, None)],
                "hidden processes: nobody knows who holds it")
        holder.end()
        look = Look(netns=None, user=NOBODY)
        t.equal((look.status, look.summary["stuck"]["hidden_processes"] >= 1), (2, True),
                "hidden processes, nothing found: status 2, and it is counted")
        t.equal(tracer.run("listeners", "-j", user=NOBODY).status, 2,
                "hidden processes: listeners have status 2 as well")


def tell_sharing(w, t):
    server, ports = left(listen())
    twins = [fork_silently() for _ in range(3)]
    line = one_line(t, Look(), "four processes")
    t.equal(holds(line), {(pid, server.fileno()) for pid in (os.getpid(), *twins)},
            "four processes: all of them")
    t.ok("and 3 other processes still hold it" in line["reason"], "four processes: the sentence",
         line["reason"])
    server.close()
    line = one_line(t, Look(), "one has closed it")
    t.equal(holds(line), {(pid, server_fd) for pid in twins
                          for server_fd in {fd for _, fd in holds(line)}},
            "one has closed it: the others hold it still")
    for pid in twins:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    time.sleep(0.05)
    t.equal(Look().status, 0, "with the last one it is gone")


def tell_vanished(w, t):
    other = Puppet(w, Courier, own_namespace=True, comm="other")
    other.tell("hold")
    number = other.netns()
    t.equal(len(Look(netns=number).lines), 1, "another namespace, by its number")
    other.end()
    gone = tracer.run("stuck", "-N", str(number))
    t.ok(gone.status == 2 and len(gone.err.splitlines()) == 1,
         "a namespace that is gone: status 2, one sentence", gone)


def story(w, t):
    tell_passed(w, t)
    tell_path(w, t)
    tell_ring(w, t)
    tell_comm(w, t)
    tell_unprivileged(w, t)
    tell_hidden(w, t)
    tell_sharing(w, t)
    tell_vanished(w, t)


run(story)
