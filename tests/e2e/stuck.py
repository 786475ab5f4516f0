# SPDX-License-Identifier: GPL-2.0-only
"""Runs `tcpspan stuck`, and puppets: processes that do with sockets what a story tells them to."""

import os
import pickle
import socket
import struct

import tracer
from namespace import Child

STATUS_NONE, STATUS_STUCK = 0, 1
FIELDS = ("id", "netns", "family", "laddr", "lport", "raddr", "rport", "role", "pid", "comm", "uid",
          "state", "age_ns", "age_quality", "holders", "rx_queue_bytes", "tx_queue_bytes", "inode",
          "reason")

_ends = []  # of all puppets that live: a new one closes what it inherits of the others


class Puppet:
    """A forked process with an object of its own, whose methods it calls when it is told to.

        puppet = Puppet(w, Leaker, own_namespace=True)
        puppet.tell("open", 7)      # calls Leaker().open(7) there, returns what it returned
    """

    def __init__(self, world, made_of, *args, **how):
        ours, theirs = socket.socketpair()
        _ends.append(ours)
        self._end = ours
        self.child = world.fork(_live, theirs, made_of, args, **how)
        theirs.close()
        self.pid = self.child.pid

    def tell(self, name, *args):
        """Calls a method there; returns its answer, raises RuntimeError with its error."""
        _send(self._end, (name, args))
        worked, answer = _receive(self._end)
        if not worked:
            raise RuntimeError(f"{name} in puppet {self.pid}: {answer}")
        return answer

    def netns(self):
        """The inode of its namespace."""
        return self.child.netns()

    def end(self):
        """Ends it, with all its descriptors; waits until it is gone."""
        self._end.close()
        _ends.remove(self._end)
        self.child.result()


def _live(end, made_of, args):
    for other in _ends:
        other.close()
    actor = made_of(*args)
    while True:
        order = _receive(end)
        if order is None:
            return
        try:
            answer = True, getattr(actor, order[0])(*order[1])
        except Exception as error:  # told to the story
            answer = False, repr(error)
        _send(end, answer)


def _send(end, value):
    raw = pickle.dumps(value)
    end.sendall(struct.pack("I", len(raw)) + raw)


def _receive(end):
    head = end.recv(4, socket.MSG_WAITALL)
    if len(head) < 4:
        return None
    return pickle.loads(end.recv(struct.unpack("I", head)[0], socket.MSG_WAITALL))


class Look:
    """One run of `tcpspan stuck --json`: its lines, its summary, what is wrong with its form."""

    def __init__(self, *args, netns="self", user=None, prefix=()):
        command = ["stuck", "--json", *args]
        if netns is not None:
            command += ["-N", str(netns)]
        self.run = tracer.run(*command, user=user, prefix=prefix)
        self.status, self.err = self.run.status, self.run.err.decode(errors="replace")
        self.all, self._flaws = tracer.parse_lines(self.run.out)
        self.lines = [line for line in self.all if line["type"] == "stuck"]

    @property
    def summary(self):
        """The last line."""
        return self.all[-1]

    def flaws(self):
        """What is wrong: the form of the lines, the summary, the status."""
        found = self._flaws + tracer.summary_flaws(self.all)
        for line in self.lines:
            found += [f"no {each} in {line}" for each in FIELDS if each not in line]
            if not str(line.get("reason")).endswith("."):
                found.append(f"no sentence: {line.get('reason')}")
        if self.status != (STATUS_STUCK if self.lines else STATUS_NONE):
            found.append(f"status {self.status} with {len(self.lines)} lines: {self.err}")
        return found


def holds(line):
    """{(pid, fd)} of the holders of a line."""
    return {(each["pid"], each["fd"]) for each in line["holders"] or ()}


def began(line):
    """The monotonic time at which the state began, in nanoseconds, or None."""
    return None if line["age_ns"] is None else line["mono_ns"] - line["age_ns"]


def fork_silently():
    """A second process with the same descriptors, which does nothing; returns its pid."""
    pid = os.fork()
    if not pid:
        import signal
        import namespace
        namespace.die_with_parent()
        signal.pause()
        os._exit(0)
    return pid


__all__ = ["Child", "Look", "Puppet", "began", "fork_silently", "holds"]
