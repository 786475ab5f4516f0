#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A FIN_WAIT2 that nobody holds ends before the FIN: taken over, reset, killed, answered with a
reset, or with its namespace.

A socket that is more than a timewait socket keeps its namespace alive: it ends by its own timer.
"""
import time

from closing import FIRST_SOURCE, close_alone
from packet import PSH
from peer import Peer
from traffic import abort, connect, destroy, listen, pair, port_of, wait_for, wait_state
from world import *

COUNT = 3
PORT = 7001


def take_over(peer, source):
    """The kernel connects twice from one port; the peer keeps its first FIN."""
    turns = []

    def script(flow):
        flow.answer()
        turns.append(flow)
        if len(turns) == 1:
            flow.expect(FIN)
            flow.send(ACK)
        else:
            flow.finish()
        peer.forget(flow)
        turns.append(None)

    peer.serve(PORT, script)
    for turn in (2, 4):
        connect(PEER[IPV4], PORT, bind=(KERNEL[IPV4], source)).close()
        wait_for(lambda: len(turns) == turn)
        time.sleep(1.2)  # the kernel lets nothing take over a port at once


def wait_and_leave():
    """Orphans in FIN_WAIT2, in a namespace that ends with this process."""
    peer, listener = Peer(), listen(KERNEL[IPV4])
    for _ in range(COUNT):
        flow = peer.flow(port_of(listener))
        flow.open()
        listener.accept()[0].close()
        flow.expect(FIN)
        flow.send(ACK)
    time.sleep(0.3)
    return port_of(listener)


def leave_unanswered():
    """The same in FIN_WAIT1: the peer does not even acknowledge the FIN."""
    sysctl("ipv4.tcp_orphan_retries", 2)
    peer, listener = Peer(), listen(KERNEL[IPV4])
    flow = peer.flow(port_of(listener))
    flow.open()
    listener.accept()[0].close()
    flow.expect(FIN)
    return port_of(listener)


def reset_oneself(listener):
    """The task that has connected resets it from the other end; returns the client's port."""
    client, server = pair(listener)
    port = port_of(client)
    client.close()
    wait_state(port, port_of(listener), "FIN_WAIT2")
    abort(server)
    return port


def kill(peer, listener):
    """Returns the peer's port, or nothing where the kernel leaves such a socket alone."""
    port = close_alone(peer, listener)
    wait_state(port_of(listener), port, "FIN_WAIT2")
    return port if destroy(KERNEL[IPV4], port_of(listener), PEER[IPV4], port) else None


def speak_late(peer, listener):
    """Data after the close, which the kernel answers with a reset; returns the peer's port."""
    flow = peer.flow(port_of(listener))
    flow.open()
    listener.accept()[0].close()
    flow.expect(FIN)
    flow.send(ACK)
    wait_state(port_of(listener), flow.port, "FIN_WAIT2")
    flow.send(PSH | ACK, b"too late")
    flow.expect(RST)
    return flow.port


def closes(lines):
    return [tuple(line["close"][key] for key in ("outcome", "initiator", "errno", "cause"))
            for line in lines]


def story(w, t):
    sysctl("ipv4.tcp_tw_reuse", 1)
    peer = w.peer()
    inner = w.fork(wait_and_leave, own_namespace=True, held=True)
    other = w.fork(leave_unanswered, own_namespace=True, held=True)
    elsewhere = [("trace", "--full", "--json", "-N", str(each.netns())) for each in (inner, other)]
    listener, doomed, deaf = listen(), listen(KERNEL[IPV4]), listen(KERNEL[IPV4])
    with w.traces((*FULL, "--open"), *elsewhere) as (here, there, held):
        port, late = inner.go().result(), other.go().result()
        for at in range(COUNT):
            take_over(peer, FIRST_SOURCE + at)
        reset = [reset_oneself(listener) for _ in range(COUNT)]
        killed = [kill(peer, doomed) for _ in range(COUNT)]
        late_data = [speak_late(peer, deaf) for _ in range(COUNT)]
        there.wait_output(lambda found: len(found) >= COUNT, 20)
        held.wait_output(lambda found: found, 20)

    lives = [where(here.connections, role="client", lport=FIRST_SOURCE + at) for at in range(COUNT)]
    t.equal([closes(each)[:1] for each in lives],
            [[("aborted", "local", None, "taken_over")]] * COUNT,
            "a connect that takes the port over ends it")
    t.equal([len(each) for each in lives], [2] * COUNT, "and is a connection of its own")
    t.equal([closes(where(here.connections, lport=each)) for each in reset],
            [[("reset_received", "local", None, "reset_received")]] * COUNT,
            "a reset ends it, even one of the task that has connected to the same place last")
    dead = [closes(where(here.connections, lport=port_of(doomed), rport=each)) for each in killed]
    if all(killed):
        t.equal(dead, [[("aborted", "local", None, "killed")]] * COUNT, "an administrator ends it")
    t.equal([closes(where(here.connections, lport=port_of(deaf), rport=each))
             for each in late_data],
            [[("reset_sent", "local", None, "data_after_close")]] * COUNT,
            "data after the close is answered with a reset, which is not the peer's")
    # The kernel gives the number of a namespace that is gone to the next one, whoever makes it.
    gone = where(there.connections, role="server", lport=port)
    t.equal(closes(gone), [("aborted", "local", None, "namespace_gone")] * COUNT,
            "a namespace that goes takes them along")
    ends = [line["close"]["cause"] for line in where(held.connections, lport=late)]
    # Its device is gone with the peer, so that some retransmissions find no way.
    t.ok(len(ends) == 1 and ends[0] in ("lost_way", "retransmit_timeout"),
         "one in FIN_WAIT1 holds its namespace until its time is over", ends)
    t.equal([line["time_wait"] for line in gone], [None] * COUNT, "they never were in TIME_WAIT")


run(story, needs=("time_wait",))
