#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The test world itself: the scripted peer against the real kernel, the readers against lies.

Needs no tracer. What the kernel reports of each connection (TCP_INFO, /proc/net/tcp, SNMP) must be
what the script made it do.
"""
import fcntl
import os
import socket
import struct
import tempfile
import termios
import time

import blind
import counted
import tracer
from packet import OPTION_COOKIE, cookie, icmp_unreachable, is_intact
from tap import EXCUSED
from traffic import (TCP_FASTOPEN, abort, connect, finish, free_port, kernel_states, listen, pair,
                     port_of, tcp_info, wait_for, wait_state)
from world import *

COUNT = 5
LATE = 0.08  # seconds the peer lets the kernel wait


def transition(number, old, new, **fields):
    """A line as the tracer prints it, `number` milliseconds from the start."""
    line = {"v": 1, "type": "transition", "id": "1", "netns": 1, "family": "ipv4", "role": "client",
            "laddr": "127.0.0.1", "lport": 1, "raddr": "127.0.0.1", "rport": 2, "from": old,
            "to": new, "mono_ns": number * MS, "dwell_ns": MS if number else None,
            "origin": "kernel", "pid": 3, "comm": "x", "uid": 0}
    return {**line, **fields}


def readers_tell_lies_from_truth(t):
    good = [transition(0, "CLOSED", "SYN_SENT", lport=None),
            transition(1, "SYN_SENT", "ESTABLISHED")]
    t.equal(Chain(good).flaw(), None, "a whole chain has no flaw")
    lies = {"no first event": good[1:],
            "a hole": good + [transition(2, "FIN_WAIT1", "FIN_WAIT2")],
            "a step to itself": good + [transition(2, "ESTABLISHED", "ESTABLISHED")],
            "a LISTEN": good + [transition(2, "ESTABLISHED", "LISTEN")],
            "time that runs back": good + [transition(0, "ESTABLISHED", "CLOSED", dwell_ns=MS)],
            "a false dwell": good + [transition(2, "ESTABLISHED", "CLOSED", dwell_ns=7)],
            "a time that is unknown but told": good + [transition(
                2, "ESTABLISHED", "CLOSED", mono_ns=None, dwell_ns=None)],
            "a dwell up to an unknown time": good + [transition(
                2, "ESTABLISHED", "CLOSED", mono_ns=None, origin="inferred")],
            "a port that changes": good + [transition(2, "ESTABLISHED", "CLOSED", lport=3)],
            "another owner": good + [transition(2, "ESTABLISHED", "CLOSED", pid=4)],
            "port 0 for unknown": [transition(0, "CLOSED", "SYN_SENT", lport=0), good[1]]}
    t.none([name for name, chain in lies.items() if not Chain(chain).flaw()],
           "every broken chain is found out")
    events = dict.fromkeys(tracer.EVENT_COUNTS, 0)
    summary = {"v": 1, "type": "summary", "events": events, "gaps": 0, "hooks": {},
               "connections": dict.fromkeys(tracer.CONNECTION_COUNTS, 0)}
    t.equal(tracer.summary_flaws(good + [summary]), [], "a sound summary has no flaw")
    t.none([name for name in ("seen", "received", "filtered") if not tracer.summary_flaws(
        [{**summary, "events": {**events, name: 1}}])], "sums that do not add up are found out")
    t.ok(tracer.summary_flaws([summary, summary]) and tracer.summary_flaws(good),
         "a second or missing summary is found out")
    wrong = [b'{"v":1,"type":"x"', b'{"v":2,"type":"x"}', b'{"v":1,"type":"x","n":NaN}', b'{"v":1}',
             b'{"v":1,"type":"x","comm":"\xff"}', b"Tracing"]
    t.none([line for line in wrong if not tracer.parse_lines(line + b"\n")[1]],
           "every line that is not one of ours is found out")


def surprises_are_found(t):
    seen = tracer.Replay(LINES)
    counts = {"type": "summary", "half_open": {"overflow": 0, "reset_received": None}}
    over = {"type": "connection", "time_wait": {"end": "overflow"}}
    lasts = {"type": "connection", "time_wait": None}

    def number(lines, counted=0, args=LINES, makes=()):
        seen.args, seen.lines, seen.overflows = args, lines, counted
        return len(seen.surprises(makes))

    t.equal((number([lasts, counts]), number([over, counts], 1)), (0, 0), "what was made is told")
    for name, lines, counted in (
            ("a half-open request", [{"type": "half_open"}], 0),
            ("one that is counted", [{"type": "summary", "half_open": {"overflow": 1}}], 0),
            ("a TIME_WAIT that was had", [over], 0), ("one that was not", [lasts], 1)):
        t.equal((number(lines, counted), number(lines, counted, makes=("half_open", "overflow"))),
                (1, 0), f"{name}: a surprise, but to who makes it")
    t.equal((number([lasts], 1, (*LINES, "-D", "80")), number([over], 0, (*LINES, "-D", "80"))),
            (0, 1), "with a filter no more than the kernel has counted")
    t.equal(number([over], 0, LINES[:2]), 0, "other namespaces are not judged")


def differences_are_found(t):
    zero = {name: 0 for name in ("handshake_abandoned", "reset_received", "reset_sent")}
    summary = {"type": "summary", "gaps": 0, "unseen": 0, "half_open": zero, "hooks": dict.fromkeys(
        ("passive", "reset", "retransmit", "time_wait"), "fentry"),
        "events": dict.fromkeys(("ring_full", "missed", "dropped", "unread"), 0),
        "connections": {"opened": 0, "children_lost": 0, "evicted": 0},
        "resets": {"sent": 0, "received": 0, "stray": 0}, "retransmits": {"syn": 0, "synack": 0},
        "listen_overflows": 0, "listen_drops": 0, "listen_quality": "exact"}
    seen = tracer.Replay(LINES)
    seen.lines, seen.status = [summary], 0
    t.ok(counted.is_of_all(seen) and not counted.has_lost(seen), "a run that saw everything")
    for names in counted.COUNTERS:
        for moved, want in (((0, 0), 0), ((0, 1), 0), ((1, 1), 1)):
            seen.window.moved = lambda *which, moved=moved, less=None, names=names: \
                moved if which == names else (0, 0)
            found = counted.flaws(seen)
            if not counted.sees_strays() and names == ("OutRsts",):
                want = 0
            t.equal(len(found), want, f"{' and '.join(names)}: told 0, counted {moved}")
    summary["events"]["missed"] = 1
    t.ok(counted.has_lost(seen), "one that lost something is not compared")
    seen.args = [*LINES, "-L", "80"]
    t.ok(not counted.is_of_all(seen), "nor is one with a filter")


def tell(timers, failures):
    """A story that fails so often while so many timers are hidden: (exit status, what it says)."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as out:
        def inner(_, tap):
            tap.ok(True, "good")
            with open(os.path.join(folder, "told"), "a+b") as told:
                told.write(b".")
                tap.ok(told.tell() > failures, "good at last")

        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
        os.environ["ATTEMPTS"] = "3"
        blind.BlindSpot.timers = lambda _: timers
        try:
            run(inner)
        except SystemExit as status:
            out.seek(0)
            return status.code, [line for line in out.read().splitlines() if line[0] != "#"]


def stories_are_told_again(w, t):
    why = "the kernel ran no program for 7 TCP timers"
    first = ["ok 1 - good", f"not ok 2 - good at last # {EXCUSED} {why}"]
    for timers, failures, want in (
            (7, 0, (0, ["ok 1 - good", "ok 2 - good at last", "1..2"])),
            (7, 1, (0, [*first, "ok 3 - good", "ok 4 - good at last", "1..4"])),
            (0, 1, (1, ["ok 1 - good", "not ok 2 - good at last", "1..2"]))):
        t.equal(w.fork(tell, timers, failures).result(), want,
                f"{failures} failures with {timers} hidden timers")
    status, said = w.fork(tell, 7, 9).result()
    t.equal((status, said[-2:]), (1, ["not ok 6 - good at last", "1..6"]), "it ends in failure")


def spin(cpu):
    os.sched_setaffinity(0, {cpu})
    while True:
        pass


def start_timers(cpu):
    """FIN_WAIT2s that nobody holds, whose timers go off on that processor one after the other."""
    sysctl("ipv4.tcp_fin_timeout", 1)
    os.sched_setaffinity(0, {cpu})
    ends = [pair(listen()) for _ in range(11)]
    for client, _ in ends:
        client.close()
        time.sleep(0.05)
    return ends


def hidden_timers_are_seen(w, t):
    """Those of process 1 are a matter of chance; here they go off in one that is always busy."""
    cpus = os.sched_getaffinity(0)
    busy = w.fork(spin, min(cpus))
    with blind.BlindSpot(busy.pid) as spot:
        t.equal(spot.timers(), 0, "no timer is hidden before there is one")
        if spot.can_look():
            # Each may go off while another process is the one that runs there.
            for _ in range(5):
                ends = start_timers(min(cpus))
                os.sched_setaffinity(0, cpus)
                if wait_for(spot.timers, 3.0):
                    break
            t.ok(spot.timers(), "timers that went off in another process are seen", ends)
    busy.kill()


def namespace_is_our_own(w, t):
    t.ok(w.netns != os.stat(f"/proc/{os.getppid()}/ns/net").st_ino, "the namespace is a new one")
    t.equal([name for _, name in socket.if_nameindex()], ["lo"], "with nothing but lo in it")
    inner = w.fork(lambda: (os.stat("/proc/self/ns/net").st_ino, len(kernel_states())),
                   own_namespace=True)
    listener = listen()
    number, sockets = inner.result()
    t.ok(number != w.netns and sockets == 0, "a child can have a namespace of its own, empty")
    sysctl("ipv4.tcp_fin_timeout", 7)
    t.equal(sysctl("ipv4.tcp_fin_timeout"), "7", "its settings can be set")
    moved = Deltas()
    for _ in range(3):
        finish(*pair(listener))
    t.equal((moved["ActiveOpens"], moved["PassiveOpens"]), (3, 3), "its counters count our own")
    try:
        w.fork(lambda: 1 // 0).result()
    except RuntimeError as error:
        t.ok("ZeroDivisionError" in str(error), "what fails in a child fails here", error)
    else:
        t.ok(False, "what fails in a child fails here")


def peer_serves(t, peer, family):
    peer.serve(7001, lambda flow: (flow.answer(LATE), flow.finish()), family)

    def connect_once():
        start = time.monotonic()
        client = connect(PEER[family], 7001)
        took = (time.monotonic() - start) * 1000
        answer = port_of(client), took, tcp_info(client).rtt_us / 1000
        client.close()
        return answer

    made = several([connect_once] * COUNT)
    scripts = [answer for answer in peer.join() if answer][-COUNT:]
    peer.settle()
    ports = [port for port, _, _ in made]
    clock = {opening[0].sport: apart(*opening[:2]) / MS
             for opening, _ in scripts}
    t.between(min(clock.values()), LATE * 1000, 5000, "the peer takes its time", "ms")
    t.slight(median(abs(rtt - clock[port]) for port, _, rtt in made), 1,
             "TCP_INFO shows the delay of the scripted SYN-ACK")
    t.none([each for each in made if each[1] < clock[each[0]]], "and connect waits for it")
    t.none([script for script in scripts if script[0][2].ack != script[0][1].end
            or script[1][2].ack != script[1][1].end or script[1][0].sport not in ports],
           "sequence numbers fit from the first segment to the last")
    t.none([port for port in ports if not wait_state(port, 7001, "TIME_WAIT", family=family)],
           "the kernel is in TIME_WAIT then")


def peer_calls(t, peer, family):
    listener = listen(KERNEL[family], 7002)
    off = []
    for _ in range(COUNT):
        flow = peer.flow(7002, family=family)
        _, synack, third = flow.open(LATE)
        server = listener.accept()[0]
        peer.settle()
        off.append(abs(tcp_info(server).rtt_us / 1000 - apart(synack, third) / MS))
        server.close()
        flow.finish()
    t.slight(median(off), 1, "TCP_INFO of a server: the time from SYN-ACK to third segment")

    flow = peer.flow(7002, family=family)
    syn = flow.send(SYN)
    flow.expect(SYN | ACK)
    t.ok(wait_state(7002, flow.port, "SYN_RECV", family=family),
         "the kernel is in SYN_RECV while the third segment is held back")
    flow.send(ACK)
    server = listener.accept()[0]
    flow.say(b"hello")
    t.equal(server.recv(10), b"hello", "data arrives")
    server.sendall(b"world")
    answer = flow.expect(ACK, data=b"world")
    t.ok(is_intact(answer) and is_intact(syn), "the kernel's checksums and ours are right")
    flow.send(ACK, ack=answer.seq + 2)
    t.ok(wait_for(lambda: _unacknowledged(server) == 3), "two of five bytes acknowledged: 3 left")
    flow.send(ACK)
    t.ok(wait_for(lambda: _unacknowledged(server) == 0), "and all of them in the end")
    server.close()
    flow.expect(FIN)
    flow.send(ACK)
    t.ok(wait_state(7002, flow.port, "FIN_WAIT2", family=family),
         "the kernel is in FIN_WAIT2 while the FIN is held back")
    flow.send(FIN | ACK)
    t.ok(wait_state(7002, flow.port, "TIME_WAIT", family=family), "and in TIME_WAIT after it")
    listener.close()


def _unacknowledged(sock):
    return struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0" * 4))[0]


def peer_is_deaf(t, peer):
    peer.serve(7003, lambda flow: flow.answer(nth=2))
    client = connect(PEER[IPV4], 7003)
    info = tcp_info(client)
    t.equal(info.total_retrans, 1, "one SYN unanswered: TCP_INFO counts one retransmission")
    syns = [each for each in peer.packets if each.dport == 7003 and each.flags & SYN]
    t.equal(len(syns), 2, "and the peer saw two SYNs")
    t.between(apart(*syns) / MS, 850, 1000 + 150 * peer.patience, "a second apart", "ms")
    client.close()


def peer_does_as_it_is_told(t, peer):
    listener = listen(KERNEL[IPV4], 7004)
    sockets = {}

    def both_close_at_once():
        sockets["both"].close()
        fin = flow.expect(FIN)
        flow.send(FIN | ACK, ack=fin.seq)
        answer = wait_state(7004, flow.port, "CLOSING")
        flow.send(ACK, ack=fin.end)
        return answer and wait_state(7004, flow.port, "TIME_WAIT")

    flow = peer.flow(7004)
    flow.open()
    sockets["both"] = listener.accept()[0]
    t.ok(both_close_at_once(), "FINs that cross: CLOSING, then TIME_WAIT")

    before = kernel_states()[7004, flow.port][1]
    time.sleep(0.2)
    middle = kernel_states()[7004, flow.port][1]
    flow.send(FIN | ACK, seq=flow.snd_nxt - 1)
    after = wait_for(lambda: kernel_states()[7004, flow.port][1])
    t.ok(middle < before <= after + 0.05 and after > middle, "a FIN sent again winds TIME_WAIT up",
         before, middle, after)

    flow = peer.flow(7004)
    flow.open()
    server = listener.accept()[0]
    flow.reset()
    try:
        server.recv(1)
        t.ok(False, "a reset is a reset")
    except ConnectionResetError:
        t.ok(True, "a reset is a reset")

    def opens_at_once(flow):
        syn = flow.expect(SYN)
        flow.send(SYN)
        half = wait_state(syn.sport, 7005, "SYN_RECV")
        flow.expect(SYN | ACK)
        flow.send(ACK)
        return half, syn.sport

    peer.serve(7005, opens_at_once)
    client = connect(PEER[IPV4], 7005)
    half, _ = peer.join()[-1]
    t.ok(half and tcp_info(client).state == "ESTABLISHED", "SYNs that cross: SYN_RECV in between")
    abort(client)

    peer.serve(7006, lambda flow: peer.transmit_raw(icmp_unreachable(flow.expect(SYN))))
    try:
        connect(PEER[IPV4], 7006)
        t.ok(False, "an ICMP answer ends connect")
    except OSError as error:
        t.equal(error.errno, 113, "an ICMP answer ends connect with EHOSTUNREACH")
    listener.close()


def peer_has_cookies(t, peer):
    sysctl("ipv4.tcp_fastopen", 3)
    listener = listen(KERNEL[IPV4], 7007, options=[(socket.IPPROTO_TCP, TCP_FASTOPEN, 16)])
    flow = peer.flow(7007)
    _, synack, _ = flow.open(options=cookie())
    value = synack.options.get(OPTION_COOKIE)
    t.ok(value and len(value) >= 4, "a cookie is given to who asks for one")
    listener.accept()[0].close()
    flow = peer.flow(7007)
    flow.send(SYN, b"early", options=cookie(value))
    server = listener.accept()[0]
    t.equal((server.recv(10), tcp_info(server).state), (b"early", "SYN_RECV"),
            "with it, data is read before the handshake ends")
    listener.close()


def capture_agrees(t, peer, capture):
    def missing():
        seen = {each.raw for each in capture.packets()}
        return [each for each in list(peer.packets) if each.raw not in seen]
    wait_for(lambda: not missing())
    t.none(missing(), "a capture of the whole namespace has every packet of the peer")
    with tempfile.NamedTemporaryFile() as file:
        capture.write_pcap(file.name)
        magic, *_, link = struct.unpack_from("=IHHiIII", file.read(24))
        t.equal((magic, link), (0xa1b23c4d, 101), "it can be written as a pcap file")


def loopback_is_as_usual(t):
    moved = Deltas()
    try:
        connect("127.0.0.1", free_port())
        t.ok(False, "a closed port refuses")
    except ConnectionRefusedError:
        t.equal(moved["AttemptFails"], 1, "a closed port refuses")


def story(w, t):
    readers_tell_lies_from_truth(t)
    surprises_are_found(t)
    differences_are_found(t)
    stories_are_told_again(w, t)
    hidden_timers_are_seen(w, t)
    namespace_is_our_own(w, t)
    loopback_is_as_usual(t)
    peer, capture = w.peer(), Capture()
    for family in (IPV4, IPV6):
        peer_serves(t, peer, family)
        peer_calls(t, peer, family)
    peer_is_deaf(t, peer)
    peer_does_as_it_is_told(t, peer)
    peer_has_cookies(t, peer)
    capture_agrees(t, peer, capture)


run(story)
