#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""How a request died, by whoever ended it: the peer, the network, an administrator, or we."""
import socket
import time

from namespace import add_ipv4
from packet import icmp_unreachable
from traffic import destroy, listen, port_of, wait_for
from witness import counters
from world import *

RETRIES = 2  # SYN-ACKs sent again: the request dies 7 s after the first one
COUNT = 3
AGAIN = 1.1  # seconds: by then the SYN comes again, and its SYN-ACK with it


def requests():
    """The remote ports of the requests that the kernel has, with their families."""
    found = []
    for family, table in ((IPV4, "tcp"), (IPV6, "tcp6")):
        with open(f"/proc/self/net/{table}", encoding="ascii") as lines:
            rows = [line.split() for line in lines][1:]
        found += [(family, int(row[2].split(":")[1], 16)) for row in rows if row[3] == "03"]
    return found


def end_of(flow):
    return (flow.address, flow.port)


def remote(line):
    return (line["raddr"], line["rport"])


def ask(peer, port, family=IPV4):
    """A flow whose SYN has been answered."""
    flow = peer.flow(port, family=family)
    flow.send(SYN)
    flow.synack = flow.expect(SYN | ACK)
    return flow


def gone(flow):
    wait_for(lambda: (flow.family, flow.port) not in requests(), 10)
    return end_of(flow)


def ask_again(peer, port):
    """The SYN-ACK is lost four times, so the SYN comes five times; then it is a connection."""
    flow = ask(peer, port)
    for _ in range(4):
        time.sleep(AGAIN)
        flow.send(SYN, seq=flow.iss)
        flow.expect(SYN | ACK)
    flow.send(ACK)
    return flow


def be_reset(peer, port, family):
    flow = ask(peer, port, family)
    flow.send(RST)
    return gone(flow)


def send_other_syn(peer, port, family):
    """A SYN behind the one that was answered."""
    flow = ask(peer, port, family)
    flow.send(SYN, seq=flow.iss + 100)
    flow.expect(RST)
    return gone(flow)


def send_bad_ack(peer, port, then):
    """An ACK of what was never sent is answered with a reset, and ends nothing."""
    flow = ask(peer, port)
    flow.send(ACK, ack=flow.rcv_nxt + 1000)
    if then == RST:
        flow.send(RST)
        flow.expect(RST)
        return gone(flow)
    flow.expect(RST)
    flow.send(ACK)
    return flow


def close_listener(peer, family, answer):
    """The listener is closed after the SYN-ACK; with `answer` the ACK comes, else nothing does."""
    listener = listen(KERNEL[family])
    flow = ask(peer, port_of(listener), family)
    listener.close()
    if answer:
        flow.send(ACK)
        flow.expect(RST)
        gone(flow)
    return end_of(flow)


def be_killed(peer, port, family):
    flow = ask(peer, port, family)
    destroy(KERNEL[family], port, PEER[family], flow.port)
    return gone(flow)


def be_unreachable(peer, port):
    flow = ask(peer, port)
    peer.transmit_raw(icmp_unreachable(flow.synack))
    return gone(flow)


def crowd(peer, listener):
    """Four handshakes end where the queue has room for three, and the fourth is to be reset."""
    port = port_of(listener)
    for _ in range(2):
        peer.flow(port).open()
    third, fourth = (ask(peer, port) for _ in range(2))
    third.send(ACK)
    fourth.send(ACK)
    fourth.expect(RST)
    return gone(fourth)


def move(peer):
    """Its listener is closed, and another one of the group has it when its timer runs; its port."""
    option = [(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)]
    old = listen(KERNEL[IPV4], options=option)
    flow = ask(peer, port_of(old))
    new = listen(KERNEL[IPV4], port_of(old), options=option)
    old.close()
    flow.expect(SYN | ACK)
    flow.send(ACK)
    return flow, new


def story(w, t):
    sysctl("ipv4.tcp_synack_retries", RETRIES)
    sysctl("ipv4.tcp_syncookies", 0)
    sysctl("ipv4.tcp_abort_on_overflow", 1)
    can_move = "TCPMigrateReqSuccess" in counters()  # since 5.14
    if can_move:
        sysctl("ipv4.tcp_migrate_req", 1)
    peer, moved = w.peer(), Deltas()
    listeners = {family: listen(KERNEL[family]) for family in (IPV4, IPV6)}
    ports = {family: port_of(each) for family, each in listeners.items()}
    full = listen(KERNEL[IPV4], backlog=2)
    with w.traces((*LINES, "--open"), ("trace", "--events", "-N", "self")) as (lines, text):
        late = peer.start(ask_again, peer, ports[IPV4])
        dead = {"reset_received": [], "bad_syn": [], "listener_closed": [], "killed": []}
        for family in (IPV4, IPV6):
            for _ in range(COUNT):
                dead["reset_received"].append(be_reset(peer, ports[family], family))
                dead["bad_syn"].append(send_other_syn(peer, ports[family], family))
                dead["killed"].append(be_killed(peer, ports[family], family))
                dead["listener_closed"].append(close_listener(peer, family, True))
            dead["listener_closed"].append(close_listener(peer, family, False))
        dead["reset_received"].append(send_bad_ack(peer, ports[IPV4], RST))
        dead["unreachable"] = [be_unreachable(peer, ports[IPV4]) for _ in range(COUNT)]
        dead["accept_queue_full"] = [crowd(peer, full)]
        living = [send_bad_ack(peer, ports[IPV4], ACK)]
        if can_move:
            flow, new = move(peer)
            living.append(flow)
        dead["handshake_abandoned"] = [end_of(ask(peer, ports[IPV4])) for _ in range(COUNT)]
        living += peer.join()
        wait_for(lambda: not requests(), 10)
        flow = ask(peer, ports[IPV4])
        add_ipv4("peer0", "203.0.113.1", "255.255.255.0")
        unsent = gone(flow)
        time.sleep(0.2)
        counted = {name: moved[name] for name in
                   ("AttemptFails", "EmbryonicRsts", "PassiveOpens", "TCPReqQFullDrop")}

    told = lines.of("half_open")
    t.equal(sorted(map(remote, told)), sorted(sum(dead.values(), [unsent])),
            "each request that died has one half_open line, no other has")
    rows = [row.split() for row in text.out.decode().splitlines()]
    t.equal(sorted(remote({"raddr": row[2], "rport": int(row[3])}) for row in rows
                   if row[4:7] == ["SYN_RECV", "->", "CLOSED"]), sorted(map(remote, told)),
            "for people they are transitions among the others")
    outcomes = {"bad_syn": "reset_sent", "accept_queue_full": "reset_sent"}
    causes = {"reset_received": "request_reset"}
    for name, gone_ones in dead.items():
        found = [(line["outcome"], line["cause"]) for line in told if remote(line) in gone_ones]
        t.equal(found, [(outcomes.get(name, name), causes.get(name, name))] * len(gone_ones),
                f"{name}: told as that")
    t.equal([(line["outcome"], line["cause"]) for line in told if remote(line) == unsent],
            [("unknown", None)], "one whose SYN-ACK could not be sent again: nobody knows")
    again = [line["synack_retransmits"] for line in told
             if remote(line) in dead["handshake_abandoned"]]
    t.equal(again, [RETRIES] * COUNT, "who abandons it has had each SYN-ACK")
    sums = lines.summary["half_open"]
    t.equal({name: count for name, count in sums.items() if count},
            {"reset_received": 2 * COUNT + 1, "reset_sent": 2 * COUNT + 1, "killed": 2 * COUNT,
             "listener_closed": 2 * COUNT + 2, "unreachable": COUNT, "unknown": 1,
             "handshake_abandoned": COUNT}, "the summary counts them so")
    t.equal(counted["AttemptFails"], sums["reset_received"] + len(dead["bad_syn"]),
            "AttemptFails: those that a segment ended, but for want of room")
    t.equal(counted["EmbryonicRsts"], sums["reset_received"] + sums["reset_sent"],
            "EmbryonicRsts: with those for want of room")
    t.equal(counted["TCPReqQFullDrop"], 0, "no SYN was dropped before it was a request")
    connected = set(map(remote, lines.connections))
    t.equal(sorted(set(map(end_of, living)) - connected), [],
            "what went on is a connection: a SYN that came again, a bad ACK, another listener")
    t.equal(counted["PassiveOpens"], len(lines.connections), "and there are no more of those")
    reasons = {line["reset_reason"] for line in told if line["outcome"] == "reset_sent"}
    t.ok(len(reasons) == 1, "the kernel has one reason for its resets, or gives none", reasons)


run(story, limit=90, needs=("passive",), makes=("half_open",))
