#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Each state that should be short, made long by a silent peer: age, numbers, sentence."""
import os
import socket
import time

import tracer
from stuck import Look, began, holds
from traffic import listen, port_of, wait_for, wait_state
from world import *

STATES = "syn-sent,SYN_RECV,fin_wait_1,FIN-WAIT-2,CLOSE_WAIT,last-ack"
SENSIBLE = {"SYN_SENT": 3, "SYN_RECV": 3, "FIN_WAIT1": 5, "FIN_WAIT2": 60, "CLOSE_WAIT": 10,
            "LAST_ACK": 5}  # seconds
UNSENT, UNREAD = 5003, 103
SILENT = 4711  # a port of the peer where nobody answers


def opened(peer, listener):
    """A connection: the flow of the peer, the kernel's socket."""
    flow = peer.flow(port_of(listener))
    flow.open()
    server = listener.accept()[0]
    server.settimeout(10.0)
    return flow, server


def half_closed(peer, listener):
    """FIN_WAIT2 with a holder; returns the flow, the socket, the segment that began it."""
    flow, server = opened(peer, listener)
    server.shutdown(socket.SHUT_WR)
    flow.expect(FIN)
    return flow, server, flow.send(ACK)


def last_ack(peer, listener):
    """LAST_ACK: nobody acknowledges our FIN."""
    flow, server = opened(peer, listener)
    flow.send(FIN | ACK)
    wait_state(port_of(listener), flow.port, "CLOSE_WAIT")
    server.close()
    return flow, flow.expect(FIN)


def zero_window(peer, listener):
    """FIN_WAIT1 behind a closed window; returns the flow and the socket, which is shut down."""
    flow, server = opened(peer, listener)
    server.sendall(b"x")
    flow.expect(ACK, data=b"x")
    flow.window = 0
    flow.send(ACK)
    time.sleep(0.1)
    server.sendall(b"y" * UNSENT)
    server.shutdown(socket.SHUT_WR)
    return flow, server


def unaccepted(peer, listener):
    """CLOSE_WAIT in the accept queue, with unread bytes; returns the flow and its FIN."""
    flow = peer.flow(port_of(listener))
    flow.open()
    flow.say(b"x" * UNREAD)
    return flow, flow.send(FIN | ACK)


def calling():
    """SYN_SENT: a connect that nobody answers."""
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex((PEER[IPV4], SILENT))
    return client


def sent_again(flow, flags):
    """How often the kernel has sent a segment with these flags again."""
    return sum(not each.sent and each.flags & (SYN | FIN) == flags & (SYN | FIN)
               for each in flow.packets) - 1


def story(w, t):
    peer = w.peer()
    listener, lazy = listen(KERNEL[IPV4]), listen(KERNEL[IPV4])
    peer.serve(SILENT, lambda flow: None)
    client = calling()
    syn = wait_for(lambda: next((each for each in list(peer.packets)
                                 if each.dport == SILENT and each.flags == SYN), None))
    request = peer.flow(port_of(lazy))
    request.send(SYN)
    synack = request.expect(SYN | ACK)
    _, held, acked = half_closed(peer, listener)
    dying, _ = last_ack(peer, listener)
    _, shutter = zero_window(peer, listener)
    _, queued_fin = unaccepted(peer, lazy)
    wait_for(lambda: sent_again(request, SYN | ACK) and sent_again(dying, FIN) > 1
             and len([each for each in peer.packets if each.dport == SILENT]) > 1,
             20 * w.patience, 0.02)
    time.sleep(0.1)
    before = {flow: sent_again(flow, flags) for flow, flags in ((dying, FIN), (request, SYN | ACK))}
    look = Look("--state", STATES)
    t.none(look.flaws(), "the look is sound")
    t.equal(look.status, 1, "something is stuck")
    t.equal(sorted(line["state"] for line in look.lines), sorted(
        ["SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "LAST_ACK", "CLOSE_WAIT"]),
        "one of each, by any spelling")
    line = {each["state"]: each for each in look.lines}
    tell_fin_wait2(w, t, line["FIN_WAIT2"], held, acked)
    tell_last_ack(t, line["LAST_ACK"], before[dying])
    tell_syn_sent(w, t, line["SYN_SENT"], client, syn)
    tell_syn_recv(w, t, line["SYN_RECV"], before[request], synack, lazy)
    tell_fin_wait1(t, line["FIN_WAIT1"], shutter)
    tell_queued(w, t, line["CLOSE_WAIT"], queued_fin, lazy)
    tell_listeners(t)
    tell_selection(t)
    tell_overdue(w, t, dying)
    for each in (client, held, shutter, listener, lazy):
        each.close()


def tell_fin_wait2(w, t, line, held, acked):
    t.equal(holds(line), {(os.getpid(), held.fileno())}, "FIN_WAIT2: its holder")
    t.between(began(line), acked.stamp_ns - 20 * MS, acked.stamp_ns + 100 * MS * w.patience,
              "FIN_WAIT2: since the ACK of our FIN", "ns")
    t.ok(line["age_quality"] == "at_least" and "never closed its own side" in line["reason"]
         and f"fd {held.fileno()}" in line["reason"], "FIN_WAIT2: the sentence", line["reason"])


def tell_last_ack(t, line, resent):
    t.equal((line["holders"], line["held_by"], line["holders_known"], line["pid"]),
            ([], "nobody", True, None), "LAST_ACK: no holder, and that is sure")
    # The kernel does not count its first try, which is a probe for a lost tail.
    t.between(line["resent"], resent - 1, resent + 1, "LAST_ACK: how often its FIN was sent again")
    t.equal(line["tx_queue_bytes"], 1, "LAST_ACK: the FIN alone is not acknowledged")
    t.ok(f"our FIN, sent {line['resent'] + 1} times, is not acknowledged" in line["reason"],
         "LAST_ACK: the sentence", line["reason"])


def tell_syn_sent(w, t, line, client, syn):
    t.equal((line["age_quality"], line["role"]), ("exact", "client"), "SYN_SENT: exact, a client")
    t.near(began(line) / MS, syn.stamp_ns / MS, 20 * w.patience, "SYN_SENT: since its first SYN")
    t.equal(holds(line), {(os.getpid(), client.fileno())}, "SYN_SENT: its holder")
    t.ok(line["resent"] >= 1 and f"{line['resent'] + 1} SYNs in" in line["reason"]
         and f"{PEER[IPV4]}:{SILENT}" in line["reason"], "SYN_SENT: the sentence", line["reason"])


def tell_syn_recv(w, t, line, resent, synack, lazy):
    t.equal((line["age_quality"], line["role"]), ("exact", "server"), "SYN_RECV: exact, a server")
    t.near(began(line) / MS, synack.stamp_ns / MS, 20 * w.patience,
           "SYN_RECV: since its first SYN-ACK")
    t.between(line["resent"], resent, resent + 1, "SYN_RECV: how often the SYN-ACK was sent again")
    t.equal((line["holders"], line["listener"]["pid"], line["listener"]["fd"]),
            ([], os.getpid(), lazy.fileno()), "SYN_RECV: no holder, but a listener")
    t.ok(f"sent {line['resent'] + 1} times" in line["reason"] and "no ACK came" in line["reason"],
         "SYN_RECV: the sentence", line["reason"])


def tell_fin_wait1(t, line, shutter):
    t.equal(holds(line), {(os.getpid(), shutter.fileno())}, "FIN_WAIT1: its holder")
    t.equal(line["tx_queue_bytes"], UNSENT + 1, "FIN_WAIT1: what waits, and the FIN")
    t.ok("closed its window" in line["reason"] and f"{UNSENT} bytes" in line["reason"],
         "FIN_WAIT1: the sentence", line["reason"])


def tell_queued(w, t, line, fin, lazy):
    t.equal((line["holders"], line["held_by"], line["rx_queue_bytes"], line["inode"]),
            ([], "accept_queue", UNREAD, None), "CLOSE_WAIT that nobody accepted: no holder")
    t.equal((line["listener"]["pid"], line["listener"]["fd"]), (os.getpid(), lazy.fileno()),
            "CLOSE_WAIT that nobody accepted: who listens")
    t.between(began(line), fin.stamp_ns - 20 * MS, fin.stamp_ns + 100 * MS * w.patience,
              "CLOSE_WAIT that nobody accepted: since the FIN", "ns")
    t.ok("does not call accept" in line["reason"], "CLOSE_WAIT that nobody accepted: the sentence",
         line["reason"])


def tell_listeners(t):
    """A listener is no connection, but has an end and, if it takes one family only, that."""
    there = {listen(address): family for address, family in (
        ("127.0.0.1", ("ipv4", "127.0.0.1")), ("::1", ("ipv6", "::1")), ("0.0.0.0", ("ipv4", None)),
        ("::", (None, None)))}
    ports = {port_of(each): ends for each, ends in there.items()}
    chosen = ("--state", "listening", "-L", ",".join(map(str, ports)))
    look = Look(*chosen)
    t.none(look.flaws(), "LISTEN: the look is sound")
    t.equal({line["lport"]: (line["family"], line["laddr"]) for line in look.lines}, ports,
            "LISTEN: family and address, as far as it has these")
    t.equal({line[key] for line in look.lines for key in
             ("raddr", "rport", "flow", "rx_queue_bytes", "tx_queue_bytes", "age_ns")}, {None},
            "LISTEN: nobody at the other end, and connections in its queue, not bytes")
    t.equal(sorted(line["lport"] for line in Look("-4", *chosen).lines),
            sorted(port for port, (family, _) in ports.items() if family == "ipv4"),
            "LISTEN: by family")
    rows = tracer.run("stuck", "-N", "self", *chosen).out.decode().splitlines()
    t.equal(sum(row.startswith("LISTEN") for row in rows), 1, "LISTEN: one group") or t.note(rows)
    for each in there:
        each.close()


def tell_selection(t):
    t.equal([line["state"] for line in Look().lines], ["CLOSE_WAIT"], "by default CLOSE_WAIT")
    found = Look("--state", "all-stuck")
    young = [line for line in found.lines
             if line["age_ns"] is not None and line["age_ns"] < SENSIBLE[line["state"]] * SECOND]
    t.equal((young, found.summary["stuck"]["sockets"]), ([], 6),
            "all-stuck: of the six none that is not old enough")
    t.ok(len(found.lines) < 6, "which not all are, however slow the machine is", found.lines)
    t.equal(len(Look("--state", "all-stuck", "--min-age", "0").lines), 6,
            "all-stuck from any age on: all")
    found = Look("--state", "all-stuck", "--min-age", "0.01")
    t.equal((len(found.lines), found.summary["stuck"]["age_unknown"]), (4, 2),
            "from a least age on those whose age is unknown are left out, and counted")
    t.equal(Look("--state", "all", "--min-age", "0", "-D", "1").status, 0, "a filter: none")


def tell_overdue(w, t, dying):
    """Nobody knows since when it is in LAST_ACK; its FIN tells that it is stuck."""
    # One more than counts: the kernel does not count its first try.
    wait_for(lambda: sent_again(dying, FIN) > 5, 30 * w.patience, 0.05)
    found = [line for line in Look("--state", "all-stuck").lines if line["state"] == "LAST_ACK"]
    t.equal(len(found), 1, "all-stuck: LAST_ACK when its FIN was sent again and again")
    t.ok(found and found[0]["resent"] >= 5 and (found[0]["age_ns"], found[0]["age_quality"])
         == (None, None), "all-stuck: and its age is not made up", found)


run(story)
