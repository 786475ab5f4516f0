#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What an MPTCP server has half-open, and what waits for its peers' FINs, is seen as TCP's is."""
import os
import time

from namespace import memory_is_hidden
from stuck import Look
from traffic import IPPROTO_MPTCP, finish, listen, pair, port_of, wait_state
from world import *

COUNT = 5
POLLED = 2.5  # seconds: where timewait sockets are polled, they have been
STATES = "SYN_RECV,FIN_WAIT2,TIME_WAIT"


def reads_any():
    """Whether this kernel believes what type an address is of."""
    with open("/proc/kallsyms", encoding="ascii") as symbols:
        has_cast = any(line.split()[2] == "bpf_rdonly_cast" for line in symbols)
    return has_cast and not memory_is_hidden()


def half_open(peer, listener):
    """One that asks, and says no more."""
    flow = peer.flow(port_of(listener))
    flow.send(SYN)
    flow.expect(SYN | ACK)
    return flow


def leave_minisocks(peer, listener, protocol):
    """Some of each kind: {(port, the peer's): state}, and what must stay open for that."""
    port, kept, want = port_of(listener), [], {}
    for _ in range(COUNT):
        client, server = pair(listener, KERNEL[IPV4], protocol=protocol)
        want[port, port_of(client)] = "TIME_WAIT"
        finish(server, client)
        want[port, half_open(peer, listener).port] = "SYN_RECV"
        if not protocol:  # a subflow's FIN waits until both have closed the connection
            client, server = pair(listener, KERNEL[IPV4])
            want[port, port_of(client)] = "FIN_WAIT2"
            kept.append(client)
            server.close()
    for ends, state in want.items():
        wait_state(*ends, state)
    return want, kept


def story(w, t):
    if not os.path.exists("/proc/sys/net/mptcp/enabled"):
        raise Skip("this kernel has no MPTCP")
    sysctl("mptcp.enabled", 1)
    peer, reads = w.peer(), reads_any()
    for protocol, name in ((0, "TCP"), (IPPROTO_MPTCP, "MPTCP")):
        listener = listen(KERNEL[IPV4], protocol=protocol)
        with w.trace("trace", "--full", "--open", "--json", "-N", "self") as seen:
            want, kept = leave_minisocks(peer, listener, protocol)
            look = Look("--state", STATES)
            time.sleep(POLLED * w.patience)
        lines = {(line["lport"], line["rport"]): line for line in look.lines}
        servers = {ends: lines[ends] for ends in lines if ends[0] == port_of(listener)}
        t.equal(set(servers), set(want), f"{name}: each is there")
        waits = where(seen.connections, lport=port_of(listener))
        waits = [line for line in waits if want[line["lport"], line["rport"]] == "TIME_WAIT"]
        t.equal(len(waits), COUNT, f"{name}: and so is each that has closed")
        if reads or not protocol:
            t.equal({ends: line["state"] for ends, line in servers.items()}, want,
                    f"{name}: in its state")
            t.none([line for ends, line in servers.items() if line["age_ns"] is None
                    and want[ends] != "FIN_WAIT2"], f"{name}: since when is known")
            t.none([line for line in waits if line["close"]["cause"] != "closed_by_local"
                    or line["timeline"][-1]["state"] != "TIME_WAIT"], f"{name}: it waits yet")
        listener.close()
        kept.clear()


run(story, makes=("half_open",))
