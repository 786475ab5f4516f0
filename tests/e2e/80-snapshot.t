#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A snapshot of every state, by the iterator and by netlink, against what `ss` says."""
import json
import os
import re
import socket
import subprocess
import time

from traffic import finish, listen, pair, port_of, wait_for, wait_state
from world import *

HERE = os.path.dirname(os.path.abspath(__file__))
# Where it is built, or in a virtual machine beside the stories.
DRIVER = next(filter(os.path.exists, (
    os.path.join(os.environ.get("BUILD", "build"), "tests", "bpf", "test_sockets"),
    os.path.join(HERE, "..", "bpf", "test_sockets"))), "test_sockets")
TICK = 11 * MS  # the kernel's, at most, and a millisecond
FULL_SOCKET, REQUEST, TIMEWAIT = range(3)
ORPHAN, UNACCEPTED, EXACT = 1, 2, 4
STATES = {"LISTEN": "LISTEN", "SYN-SENT": "SYN_SENT", "SYN-RECV": "SYN_RECV",
          "ESTAB": "ESTABLISHED", "FIN-WAIT-1": "FIN_WAIT1", "FIN-WAIT-2": "FIN_WAIT2",
          "CLOSE-WAIT": "CLOSE_WAIT", "CLOSING": "CLOSING", "LAST-ACK": "LAST_ACK",
          "TIME-WAIT": "TIME_WAIT"}
TIMERS = {None: 0, "on": 1, "keepalive": 2, "timewait": 3, "persist": 4}
UNREAD = 103


def end(text):
    """The address and port of one end as ss writes it."""
    address, port = text.rsplit(":", 1)
    address = address.strip("[]").partition("%")[0]
    if address == "*":
        address = "::"
    return address.removeprefix("::ffff:"), 0 if port == "*" else int(port)


def seconds(text):
    """'1min2sec', '200ms' and, as ss calls one and a half seconds, '1.500ms', in nanoseconds."""
    units = {"min": 60, "sec": 1, "ms": 0.001}
    return int(sum(float(number) * (1 if "." in number else units[unit])
                   for number, unit in re.findall(r"([0-9.]+?)(min|sec|ms)", text)) * SECOND)


def ss():
    """Sockets by their two ends, as ss tells of them."""
    text = subprocess.run(["ss", "-tanoieOH"], check=True, stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for line in text.splitlines():
        words = line.split()
        timer = re.search(r"timer:\((\w+),([^,]*),", line)
        inode = re.search(r" ino:(\d+)", line)
        uid = re.search(r" uid:(\d+)", line)
        row = {"state": STATES[words[0]], "rx": int(words[1]), "tx": int(words[2]),
               "timer": timer.group(1) if timer else None,
               "left": seconds(timer.group(2)) if timer else None,
               "inode": int(inode.group(1)) if inode else 0, "uid": int(uid.group(1)) if uid else 0}
        for name in ("lastsnd", "lastrcv", "lastack", "bytes_acked", "bytes_received", "segs_out"):
            number = re.search(rf" {name}:(\d+)", line)
            row[name] = int(number.group(1)) if number else None
        found[end(words[3]) + end(words[4])] = row
    return found


def snapshot(way):
    """The same as the program tells of them, and how often it told of one again."""
    text = subprocess.run([DRIVER, way], check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = [json.loads(line) for line in text.splitlines()]
    return {(each["laddr"], each["lport"], each["raddr"], each["rport"]): each
            for each in lines}, len(lines)


def close_to(got, want_ms, within):
    """Whether a time in nanoseconds is that of ss, which was asked a moment earlier or later."""
    return got is None if want_ms is None else got is not None and \
        abs(got - want_ms * MS) <= within


def differences(seen, told, moment):
    """What a row of ours has else than that of ss; MOMENT is how long both took."""
    def differ(name, got, want):
        return [] if got == want else [f"{name} {got}, not {want}"]

    fin = told["state"] in ("CLOSE_WAIT", "LAST_ACK", "CLOSING")
    found = differ("state", seen["state"], told["state"])
    found += differ("unread", seen["rx_queue"], max(0, told["rx"] - fin))
    found += differ("unacknowledged", seen["tx_queue"], told["tx"])
    found += differ("inode", seen["inode"], told["inode"])
    found += differ("timer", seen["timer"], TIMERS[told["timer"]])
    if told["left"] is not None and not close_to(seen["timer_ns"], told["left"] / MS,
                                                 moment + TICK + (SECOND if told["left"] >= 10 *
                                                                  SECOND else 0)):
        found.append(f"{seen['timer_ns']} ns left, not {told['left']}")
    if seen["state"] in ("LISTEN", "TIME_WAIT") or seen["object"] != FULL_SOCKET:
        return found
    for ours, theirs in (("ack_age_ns", "lastack"), ("receive_age_ns", "lastrcv"),
                         ("send_age_ns", "lastsnd")):
        # What never happened is unknown to us; to ss it is as old as the kernel's tick counter,
        # which is five minutes younger than the machine.
        want = told[theirs]
        uptime = time.monotonic_ns()
        if want is not None and (off_ms(want * MS, uptime - 300 * SECOND) < 2000 or
                                 want * MS > uptime):
            want = None
        if seen[ours] is None and want is None:
            continue
        if want is None or not close_to(seen[ours], want, moment + TICK):
            found.append(f"{ours} {seen[ours]}, not {want} ms")
    found += differ("bytes received", seen["bytes_received"],
                    max(0, (told["bytes_received"] or 0) - fin))
    return found


def check(t, way):
    """The witness before and after; returns what we told."""
    for _ in range(5):
        begin = time.monotonic_ns()
        before = ss()
        seen, count = snapshot(way)
        after = ss()
        moment = time.monotonic_ns() - begin
        # A timer that went off in between is as one of the two saw it.
        wrong = [f"{key}: {each}" for key in seen.keys() & before.keys() & after.keys()
                 for each in min((differences(seen[key], each[key], moment)
                                  for each in (before, after)), key=len)]
        if before.keys() == after.keys() and not wrong:
            break
    t.equal(sorted(seen), sorted(before), f"{way}: the sockets that ss shows, and no other")
    t.equal(count, len(seen), f"{way}: each once")
    t.none(wrong, f"{way}: each as ss tells of it")
    return seen


def avoid_the_turn():
    """A stamp of the moment at which the kernel's tick counter passes 0, five minutes after the
    start, is taken for one that was never set; and what never happened is as old as what did."""
    uptime = time.monotonic()
    if 270 < uptime < 310:
        time.sleep(310 - uptime)


def silent(flow):
    """Hears SYNs and says nothing."""


def story(w, t):
    avoid_the_turn()
    peer = w.peer()
    listener, other, six = listen(KERNEL[IPV4]), listen(), listen("::1")
    port, made, kept = port_of(listener), {}, []

    def accepted(name):
        flow = peer.flow(port)
        flow.open()
        made[name] = flow.port
        kept.append(listener.accept()[0])
        return flow, kept[-1]

    flow, sock = accepted("FIN_WAIT1")
    sock.sendall(b"x" * 7)
    sock.shutdown(socket.SHUT_WR)
    flow, sock = accepted("FIN_WAIT2")
    sock.shutdown(socket.SHUT_WR)
    flow.send(ACK, ack=flow.expect(FIN).end)
    flow, sock = accepted("orphan")
    sock.close()
    flow.send(ACK, ack=flow.expect(FIN).end)
    flow, sock = accepted("TIME_WAIT")
    sock.close()
    flow.finish()
    time_wait = time.monotonic_ns()
    flow, sock = accepted("CLOSING")
    sock.close()
    flow.send(FIN | ACK, ack=flow.expect(FIN).seq)
    flow, sock = accepted("LAST_ACK")
    flow.send(FIN | ACK)
    wait_state(port, flow.port, "CLOSE_WAIT")
    sock.close()
    flow, sock = accepted("CLOSE_WAIT")
    sock.sendall(b"y" * 11)
    flow.send(ACK, ack=flow.expect(ACK, data=b"y" * 11).end)
    flow.say(b"z" * UNREAD)
    flow.send(FIN | ACK)
    fin = time.monotonic_ns()
    flow = peer.flow(port)
    flow.send(SYN)
    synack = flow.expect(SYN | ACK)
    made["SYN_RECV"] = flow.port
    flow = peer.flow(port)
    flow.open()
    made["queued"] = flow.port
    peer.serve(7001, silent)
    client = socket.socket()
    client.setblocking(False)
    syn = time.monotonic_ns()
    client.connect_ex((PEER[IPV4], 7001))
    kept += [*pair(other), *pair(six, "::1"), client]
    kept[-2].sendall(b"w" * 13)
    finish(*pair(other))
    for name in ("FIN_WAIT1", "FIN_WAIT2", "CLOSING", "LAST_ACK", "CLOSE_WAIT", "SYN_RECV"):
        t.ok(wait_state(port, made[name], name), f"there is one in {name}")
    wait_for(lambda: time.monotonic_ns() - syn > 1.2 * SECOND)

    for way in ("iter", "diag"):
        seen = check(t, way)
        by_port = {key[3]: each for key, each in seen.items() if key[1] == port}
        states = sorted({each["state"] for each in seen.values()})
        t.equal(states, sorted(set(STATES.values())), f"{way}: every state there is")
        row = by_port[made["CLOSE_WAIT"]]
        t.equal((row["rx_queue"], row["bytes_received"], row["bytes_sent"]), (UNREAD, UNREAD, 11),
                f"{way}: unread bytes without the FIN, bytes both ways")
        age = row["mono_ns"] - fin
        t.ok(off_ms(row["ack_age_ns"], age) <= 50 * w.patience,
             f"{way}: the last ACK is as old as the FIN", row)
        row = by_port[made["TIME_WAIT"]]
        t.equal((row["object"], row["marks"] & ORPHAN), (TIMEWAIT, ORPHAN),
                f"{way}: TIME_WAIT is a timewait socket, and nobody's")
        t.ok(off_ms(row["since_ns"], time_wait) <= 50 * w.patience, f"{way}: since when", row)
        t.equal((by_port[made["orphan"]]["object"], by_port[made["orphan"]]["state"]),
                (TIMEWAIT, "FIN_WAIT2"), f"{way}: a FIN_WAIT2 that nobody holds is one, too")
        t.equal([by_port[made[name]]["marks"] & (ORPHAN | UNACCEPTED)
                 for name in ("CLOSING", "LAST_ACK", "FIN_WAIT1", "FIN_WAIT2", "queued")],
                [ORPHAN, ORPHAN, 0, 0, UNACCEPTED], f"{way}: who is held, by nobody, not yet")
        row = by_port[made["SYN_RECV"]]
        t.equal(row["object"], REQUEST, f"{way}: SYN_RECV is a request")
        first = next(each for key, each in seen.items() if key[3] == 7001)
        t.ok(first["attempts"] >= 1 and first["timer"] == 1, f"{way}: a SYN was sent again")
        if way == "iter":
            t.ok(off_ms(row["since_ns"], synack.stamp_ns) <= 10 * w.patience,
                 "since its SYN-ACK", row)
            t.ok(off_ms(first["since_ns"], syn) <= 10 * w.patience, "SYN_SENT: since its first SYN",
                 first)
            t.equal(first["marks"] & EXACT, EXACT, "which is exact")


run(story)
