#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's counters of resets agree with the causes, and each of them is accounted for."""
import contextlib

from packet import PSH
from traffic import (abort, connect, disconnect, end_each, free_port, kill, leave_unread, listen,
                     port_of)
from world import *

UNREAD, LINGER, DISCONNECT, KILL, REFUSE, LATE = 5, 7, 3, 2, 11, 3
NAMES = ("OutRsts", "EstabResets", "AttemptFails", "TCPAbortOnClose", "TCPAbortOnData")


def speak_late(peer, listener):
    """Data for a socket that nobody holds any more."""
    flow = peer.flow(port_of(listener))
    flow.open()
    listener.accept()[0].close()
    fin = flow.expect(FIN)
    flow.send(PSH | ACK, b"too late", ack=fin.seq)
    flow.expect(RST)


def refuse(port):
    with contextlib.suppress(ConnectionRefusedError):
        connect("127.0.0.1", port)


def sees_strays():
    """Before 6.10 the kernel does not tell of a reset that no socket sends."""
    with open("/sys/kernel/btf/vmlinux", "rb") as types:
        return b"SK_RST_REASON_NO_SOCKET" in types.read()


def story(w, t):
    peer, listener, wire, moved = w.peer(), listen(), listen(KERNEL[IPV4]), Deltas()
    closed = free_port()
    with w.trace(*LINES) as seen:
        end_each(listener, UNREAD, leave_unread)
        end_each(listener, LINGER, lambda client, server: abort(server))
        end_each(listener, DISCONNECT, lambda client, server: disconnect(server))
        end_each(listener, KILL, lambda client, server: kill(client) or abort(client))
        for _ in range(REFUSE):
            refuse(closed)
        for _ in range(LATE):
            speak_late(peer, wire)
        counted = {name: moved[name] for name in NAMES}

    if seen.summary["hooks"]["reset"] is None:
        raise Skip("resets cannot be watched on this rung")
    lines, resets = seen.connections, seen.summary["resets"]
    causes = [line["close"]["cause"] for line in lines]
    last = [states_of(line)[-1] for line in lines if line["close"]["outcome"] != "closed"]
    t.equal(counted["TCPAbortOnClose"], causes.count("unread_data"), "TCPAbortOnClose: unread data")
    t.equal(counted["TCPAbortOnData"],
            causes.count("linger_zero") + causes.count("data_after_close"),
            "TCPAbortOnData: closed without linger, or data after the end")
    t.equal(counted["EstabResets"], last.count("ESTABLISHED") + last.count("CLOSE_WAIT"),
            "EstabResets: whatever left ESTABLISHED or CLOSE_WAIT for CLOSED")
    t.equal(counted["AttemptFails"], causes.count("refused"), "AttemptFails: the refused")
    t.equal(resets["received"], UNREAD + LINGER + DISCONNECT + KILL + REFUSE + LATE,
            "a reset is received for each, and the kernel calls late data one, too")
    t.equal(resets["sent"], UNREAD + LINGER + DISCONNECT + KILL + LATE,
            "one is sent for each that has a socket")
    if sees_strays():
        t.equal(counted["OutRsts"], resets["sent"] + resets["stray"],
                "OutRsts: resets of connections, and those for nobody")
        t.equal(resets["stray"], REFUSE, "nobody is who refuses")
    t.equal((causes.count("unread_data"), causes.count("linger_zero"), causes.count("refused"),
             causes.count("disconnect")), (UNREAD, LINGER, REFUSE, DISCONNECT),
            "and all is what was done")


run(story)
