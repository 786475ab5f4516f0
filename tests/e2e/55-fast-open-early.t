#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Fast open away from its straight path: a SYN that waits for data, and children that end early.

With TCP_FASTOPEN_CONNECT connect() sends nothing once there is a cookie: the handshake begins with
the SYN, and without data there is none. A server's child is there before the ACK: what is done to
it meanwhile is told as of any other.
"""
import errno
import socket
import time

from namespace import refuse_way
from packet import OPTION_COOKIE, cookie
from traffic import (LINGER_ZERO, TCP_FASTOPEN, TCP_FASTOPEN_CONNECT, TCP_USER_TIMEOUT, disconnect,
                     listen, port_of, tcp_info, wait_for)
from world import *

COUNT = 3
DELAY, THINKING = 0.08, 0.3  # seconds
PROMPT, SLOW, LOST, UNSENT, FINAL, NO_WAY = range(7701, 7707)
COOKIE = cookie(b"12345678")


# -- the kernel as client

def answer(flow):
    """Returns (the kernel's port, SYN, SYN-ACK)."""
    syn = flow.expect(SYN)
    sleep_until(syn.stamp_ns, DELAY)
    synack = flow.send(SYN | ACK, options=COOKIE)
    flow.finish()
    return flow.remote_port, syn, synack


def lose_early_data(flow):
    """The SYN with data is not heard."""
    flow.expect(SYN)
    flow.expect(SYN)
    flow.send(SYN | ACK, options=COOKIE)
    flow.finish()


def say_all_at_once(flow):
    """Data and FIN in the SYN-ACK."""
    flow.expect(SYN)
    flow.send(SYN | FIN | ACK, b"all I have", options=COOKIE)
    fin = flow.expect(FIN)
    flow.send(ACK, ack=fin.end)


def connect_later(port, thinking, data=b"early"):
    """connect(), and some time later the first data; returns the socket."""
    sock = socket.socket()
    sock.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    sock.connect((PEER[IPV4], port))
    time.sleep(thinking)
    sock.sendall(data)
    return sock


def read_and_close(sock):
    sock.settimeout(10)
    sock.shutdown(socket.SHUT_WR)
    while sock.recv(100):
        pass
    sock.close()


def connect_without_data(end):
    sock = socket.socket()
    sock.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
    sock.connect((PEER[IPV4], UNSENT))
    end(sock)
    sock.close()


def lose_the_way():
    """No way leads there any more when the first data come; returns what is wrong."""
    with socket.socket() as sock:
        sock.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1)
        sock.connect((PEER[IPV4], NO_WAY))
        refuse_way(PEER[IPV4])
        try:
            sock.send(b"early")
        except OSError as error:
            return error.errno
        finally:
            refuse_way(PEER[IPV4], False)
    return 0


# -- the kernel as server; each returns the flow

def come(peer, listener, value):
    flow = peer.flow(port_of(listener))
    flow.send(SYN, b"early", options=cookie(value))
    return flow, flow.expect(SYN | ACK)


def leave_unread(peer, listener, value):
    flow, _ = come(peer, listener, value)
    listener.accept()[0].close()
    flow.expect(RST)
    return flow


def close_rudely(peer, listener, value):
    flow, _ = come(peer, listener, value)
    server = listener.accept()[0]
    server.recv(10)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
    server.close()
    flow.expect(RST)
    return flow


def be_reset(peer, listener, value):
    flow, _ = come(peer, listener, value)
    server = listener.accept()[0]
    flow.reset()
    wait_for(lambda: tcp_info(server).state == "CLOSED")
    server.close()
    return flow


def say_no_more(peer, listener, value):
    flow, _ = come(peer, listener, value)
    server = listener.accept()[0]
    server.recv(10)
    wait_for(lambda: tcp_info(server).state == "CLOSED", 60)
    server.close()
    return flow


# what ends early: its close, and how often its SYN-ACK is sent again
ENDS = {leave_unread: ("reset_sent", "local", None, "unread_data", 0),
        close_rudely: ("reset_sent", "local", None, "linger_zero", 0),
        be_reset: ("reset_received", "remote", "ECONNRESET", "reset_received", 0),
        say_no_more: ("timed_out", None, "ETIMEDOUT", "synack_timeout", 2)}


def finish(flow, server):
    server.close()
    flow.finish()


def speak_first(peer, listener, value):
    """The server has sent data when the ACK of both comes; returns (port, SYN-ACK, third)."""
    flow, synack = come(peer, listener, value)
    server = listener.accept()[0]
    server.recv(10)
    sleep_until(synack.stamp_ns, DELAY / 2)
    server.sendall(b"sooner than you think")
    flow.expect(ACK, data=b"sooner than you think")
    sleep_until(synack.stamp_ns, DELAY)
    third = flow.send(ACK)
    finish(flow, server)
    return flow.port, synack, third, 0


def knock_again(peer, listener, value):
    """The SYN comes twice."""
    flow, synack = come(peer, listener, value)
    server = listener.accept()[0]
    server.recv(10)
    sleep_until(synack.stamp_ns, DELAY / 2)
    flow.send(SYN, seq=flow.iss)
    flow.expect(SYN | ACK)
    sleep_until(synack.stamp_ns, DELAY)
    third = flow.send(ACK)
    finish(flow, server)
    return flow.port, synack, third, 1


def hear_late(peer, listener, value):
    """The SYN-ACK comes three times."""
    flow, synack = come(peer, listener, value)
    server = listener.accept()[0]
    server.recv(10)
    flow.expect(SYN | ACK)
    flow.expect(SYN | ACK)
    third = flow.send(ACK)
    finish(flow, server)
    return flow.port, synack, third, 2


def ask_for_cookie(peer, listener):
    flow = peer.flow(port_of(listener))
    _, synack, _ = flow.open(options=cookie())
    listener.accept()[0].close()
    flow.finish()
    return synack.options[OPTION_COOKIE]


def early_listener(*options):
    return listen(KERNEL[IPV4], options=[(socket.IPPROTO_TCP, TCP_FASTOPEN, 16), *options])


def close_before_accept(peer):
    listener = early_listener()
    value = ask_for_cookie(peer, listener)
    flow, _ = come(peer, listener, value)
    listener.close()
    flow.expect(RST)
    return flow


def close_of(line):
    return tuple(line["close"][key] for key in ("outcome", "initiator", "errno", "cause"))


def check_client(t, seen, called):
    for port in (PROMPT, SLOW):
        answers = [(each[0], apart(*each[1:])) for each in called if each[1].dport == port]
        lines = [only(seen.connections, rport=port, lport=lport) for lport, _ in answers]
        off = [off_ms(line["handshake"]["latency_ns"], ns)
               for line, (_, ns) in zip(lines, answers)]
        t.slight(median(off), 1, f"client, {port}: the latency begins when the SYN leaves")
        t.equal({line["handshake"]["quality"] for line in lines}, {"exact"}, "and is exact")
    t.equal([(line["handshake"]["latency_ns"], line["handshake"]["quality"],
              line["handshake"]["retransmits"])
             for line in where(seen.connections, rport=LOST)], [(None, "unknown", 1)] * COUNT,
            "a SYN that was put off and lost: nobody knows since when")
    t.equal([close_of(line) for line in where(seen.connections, rport=UNSENT)],
            [("aborted", "local", None, "connect_unsent")] * 3 * COUNT, "without data, no SYN")
    t.equal([line["bytes_received"] for line in where(seen.connections, rport=FINAL)],
            [10] * COUNT, "data that came with SYN and FIN is counted in full")


def check_handshakes(t, seen, name, made):
    lines = [only(seen.connections, rport=each[0]) for each in made]
    shown = [line["handshake"] for line in lines]
    off = [off_ms(each["latency_ns"], apart(synack, third))
           for each, (_, synack, third, _) in zip(shown, made)]
    t.slight(median(off), 2, f"server, {name}: from the first SYN-ACK to the ACK")
    t.equal([(each["flags"], each["retransmits"]) for each in shown],
            [(["fastopen"], again) for *_, again in made], f"{name}: marked, and counted")
    t.none([line for line in lines if sum((line["retransmits_by"] or {}).values())
            != (line["retransmits_by"] and line["retransmits"] or 0)], f"{name}: the sums agree")


def story(w, t):
    sysctl("ipv4.tcp_fastopen", 3)
    sysctl("ipv4.tcp_fastopen_blackhole_timeout_sec", 0)
    sysctl("ipv4.tcp_synack_retries", 1)  # and once more for fast open
    peer = w.peer()
    listeners = {end: early_listener((socket.IPPROTO_TCP, TCP_USER_TIMEOUT, 500)) for end in ENDS}
    late = early_listener()
    for port in (PROMPT, SLOW):
        peer.serve(port, answer)
    peer.serve(LOST, lose_early_data)
    peer.serve(FINAL, say_all_at_once)
    with w.traces(LINES, HIST) as (seen, hist):
        moved = Deltas()
        for port, thinking in ((PROMPT, 0), (SLOW, THINKING)):
            for _ in range(1 + COUNT):  # the first one gets the cookie, which is the host's
                read_and_close(connect_later(port, thinking))
        for _ in range(COUNT):
            read_and_close(connect_later(LOST, 0.05))
        for end in (lambda sock: None, lambda sock: sock.shutdown(socket.SHUT_RDWR), disconnect):
            for _ in range(COUNT):
                connect_without_data(end)
        wrong = [lose_the_way() for _ in range(COUNT)]
        for _ in range(COUNT):
            read_and_close(connect_later(FINAL, 0))
        called = [each for each in peer.join() if each]
        flows = {end: several([lambda end=end, value=ask_for_cookie(peer, listeners[end]):
                               end(peer, listeners[end], value)] * COUNT) for end in ENDS}
        unaccepted = [close_before_accept(peer) for _ in range(COUNT)]
        value = ask_for_cookie(peer, late)
        made = {way: [way(peer, late, value) for _ in range(COUNT)]
                for way in (speak_first, knock_again, hear_late)}
        counted = {name: moved[name] for name in ("ActiveOpens", "PassiveOpens", "OutRsts",
                                                  "TCPAbortOnClose", "TCPAbortOnData")}

    if seen.summary["hooks"]["reset"] is None:
        raise Skip("resets cannot be watched on this rung")
    check_client(t, seen, called)
    t.equal([(each, close_of(line)) for each, line in
             zip(wrong, where(seen.connections, rport=NO_WAY), strict=True)],
            [(errno.ECONNABORTED, ("aborted", "local", None, "connect_failed"))] * COUNT,
            "a SYN that was put off, and cannot be sent any more: it failed")
    for end, want in ENDS.items():
        lines = [only(seen.connections, rport=flow.port) for flow in flows[end]]
        t.equal([(*close_of(line), line["handshake"]["retransmits"]) for line in lines],
                [want] * COUNT, f"server, {end.__name__}: {want[3]}")
        t.equal([(line["handshake"]["flags"], line["bytes_received"]) for line in lines],
                [(["fastopen"], 5)] * COUNT, f"{end.__name__}: marked, with its data")
    t.equal([close_of(only(seen.connections, rport=flow.port)) for flow in unaccepted],
            [("reset_sent", "local", None, "listener_closed")] * COUNT,
            "server: what the listener had not accepted when it was closed")
    for way, each in made.items():
        check_handshakes(t, seen, way.__name__, each)
    totals, resets = seen.summary["connections"], seen.summary["resets"]
    t.equal((totals["opened"], totals["unsent"]),
            (counted["ActiveOpens"] + counted["PassiveOpens"], 4 * COUNT),
            "opened: what the kernel counts as that, and not who never sent a SYN")
    causes = [line["close"]["cause"] for line in seen.connections]
    t.equal((counted["TCPAbortOnClose"], counted["TCPAbortOnData"], counted["OutRsts"]),
            (causes.count("unread_data"), causes.count("linger_zero"), sum(resets.values())
             - resets["received"]), "the kernel's counters of resets agree")
    clients = hist.histogram("handshake_client")
    t.between(clients["max"] / MS, 0, 1.5 * DELAY * 1000 * SLACK, "the thinking is no handshake",
              "ms")


run(story)
