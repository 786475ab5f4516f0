# SPDX-License-Identifier: GPL-2.0-only
"""Ways into FIN_WAIT2 and TIME_WAIT, and out of them, that several stories take."""

import time

from packet import ACK, FIN
from traffic import connect, pair, port_of, wait_for
from world import IPV4, KERNEL, PEER, apart

REUSE_AFTER = 1.2  # seconds: the kernel lets a connect reuse a TIME_WAIT after one
REUSED_PORT = 7001  # of the peer, for reused_by_connect
FIRST_SOURCE = 20001  # below the ports that the kernel gives to listeners by itself


def close_first(peer, listener, hold_back=0.0):
    """A connection that the kernel has closed first; returns the peer's flow and its FIN."""
    flow = peer.flow(port_of(listener))
    flow.open()
    listener.accept()[0].close()
    return flow, flow.finish(hold_back)[1]


def close_alone(peer, listener):
    """The peer acknowledges the FIN and never sends its own; returns its port."""
    flow = peer.flow(port_of(listener))
    flow.open()
    listener.accept()[0].close()
    flow.expect(FIN)
    flow.send(ACK)
    return flow.port


def close_over_loopback(listener):
    """The client closes first; its local port."""
    client, server = pair(listener)
    port = port_of(client)
    client.close()
    server.recv(1)
    server.close()
    return port


def reused_by_syn(peer, listener):
    """The peer comes again from the same port; returns it, and how long TIME_WAIT was, in ns."""
    old, fin = close_first(peer, listener)
    time.sleep(0.3)
    peer.forget(old)
    new = peer.flow(old.remote_port, old.port)
    new.clock_shift, new.iss = old.clock_shift, (old.snd_nxt + 100000) & 0xffffffff
    new.snd_nxt = new.iss
    syn, _, _ = new.open()
    listener.accept()[0].close()
    new.finish()
    return old.port, apart(fin, syn)


def reused_by_connect(peer, source):
    """The kernel connects twice from the same port; returns it, and how long TIME_WAIT was."""
    made = []

    def script(flow):
        made.append(flow.answer()[0])
        made.append(flow.finish()[1])
        peer.forget(flow)

    peer.serve(REUSED_PORT, script)
    for turn in range(2):
        connect(PEER[IPV4], REUSED_PORT, bind=(KERNEL[IPV4], source)).close()
        wait_for(lambda: len(made) == 2 * (turn + 1))
        if not turn:
            time.sleep(REUSE_AFTER)
    return source, apart(made[1], made[2])
