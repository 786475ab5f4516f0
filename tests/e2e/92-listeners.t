#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Who listens, and keeps up: a queue that nobody serves, one that is served, a shared port."""
import json
import socket
import tempfile
import time

from peer import Peer
from stuck import Puppet
from tracer import guesses_of_a_look, parse_lines, run as once, summary_flaws
from traffic import connect, finish, listen, pair, port_of, visit, wait_for
from world import *

BACKLOG, MORE, LATER, NOBODY = 4, 7, 3, 65534
SERVED, SHARED, NEVER = 23, 11, 2
WATCH = ("listeners", "--watch", "--json", "-N", "self")


class Server:
    """Listens, and accepts what it is told to."""

    def __init__(self, port=0, shared=False):
        self.listener = socket.socket()
        if shared:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(64)

    def port(self):
        return port_of(self.listener)

    def serve(self, count):
        """Accepts so many, reads each to its end, closes it."""
        for _ in range(count):
            server = self.listener.accept()[0]
            while server.recv(65536):
                pass
            server.close()

    def take(self):
        """Accepts all that wait; returns how many."""
        self.listener.settimeout(0)
        count = 0
        try:
            while True:
                self.listener.accept()[0].close()
                count += 1
        except BlockingIOError:
            return count


class Listeners:
    """One look: its lines by port, its summary, what is wrong with its form."""

    def __init__(self, *args, netns="self", user=None):
        self.run = once("listeners", "--json", "-N", str(netns), *args, user=user)
        lines, self.flaws = parse_lines(self.run.out)
        self.flaws += summary_flaws(lines) + guesses_of_a_look(lines[-1]) if lines else ["no line"]
        self.summary = lines[-1] if lines else {}
        self.totals = self.summary.get("listeners")
        self.lines = [line for line in lines if line["type"] == "listener"]
        self.status, self.err = self.run.status, self.run.err.decode(errors="replace")

    def at(self, port):
        return [line for line in self.lines if line["lport"] == port]


def told(line, *names):
    return tuple(line[name] for name in names)


def finish_each(listener, count):
    for _ in range(count):
        finish(*pair(listener))


def fill(peer, port):
    for _ in range(BACKLOG + 1):
        peer.flow(port).open()


def knock(peer, port, count):
    """SYNs that are sent once; returns when the kernel has counted them."""
    moved = Deltas()
    for _ in range(count):
        peer.flow(port).send(SYN)
    wait_for(lambda: moved["ListenDrops"] >= count, 10)


def look(t, port, came, server, shared):
    seen = Listeners()
    t.none(seen.flaws, "one look: sound lines")
    t.equal((seen.status, {line["lport"] for line in seen.lines}),
            (0, {port, server.tell("port"), shared[0].tell("port")}), "all who listen, and 0")
    totals = seen.summary["listeners"]
    t.equal((totals["in_trouble"], totals["in_trouble_quality"]),
            (len([line for line in seen.lines if line["verdict"]]), "exact"),
            "how many are in trouble, of whom all is known")
    full = seen.at(port)[0]
    t.equal(told(full, "queue", "queue_max", "half_open", "drops", "overflows", "verdict"),
            (BACKLOG + 1, BACKLOG, 0, MORE, MORE, "full"), "the full queue")
    t.between(full["mono_ns"] - full["oldest_ns"], came[0] - 20 * MS, came[1] + 500 * MS * SLACK,
              "since when the first one waits", "ns")
    t.equal(told(full, "accepted", "never_accepted", "rate", "new_drops", "idle_ns"), (None,) * 5,
            "what a look cannot know is null")
    t.ok(full["reason"].startswith(f"Accept queue full: {BACKLOG + 1} wait to be accepted, the "
                                   "oldest for ")
         and full["reason"].endswith(f"; {MORE} dropped since it listens; backlog {BACKLOG}."),
         "and a sentence", full["reason"])
    served = seen.at(server.tell("port"))
    t.equal([told(line, "queue", "drops", "overflows", "verdict", "reason", "reuseport", "pid",
                  "comm", "holders_known") for line in served],
            [(0, 0, 0, None, None, None, server.pid, "served", True)], "one that is served")
    group = seen.at(shared[0].tell("port"))
    t.equal(sorted((line["pid"], line["reuseport"]["sockets"]) for line in group),
            sorted((each.pid, 2) for each in shared), "two sockets of one port")
    for args, want in ((("-c", "served"), [server.pid]), (("-L", str(port)), [full["pid"]]),
                       (("-p", str(shared[1].pid)), [shared[1].pid]), (("-c", "another"), [])):
        t.equal([line["pid"] for line in Listeners(*args).lines], want, f"with {args}")


def hidden(t, port, server, shared):
    """Addresses and names have others in their place; what they are about stays."""
    seen = Listeners("--redact")
    t.none(seen.flaws, "--redact: sound lines")
    t.ok(all(word not in seen.run.out for word in (b"served", KERNEL[IPV4].encode())),
         "nothing has a name or an address", seen.run.out)
    full, served = seen.at(port)[0], seen.at(server.tell("port"))[0]
    t.ok(full["laddr"].startswith("240.") and served["laddr"] == "127.0.0.1",
         "but one that stands for it", (full["laddr"], served["laddr"]))
    t.equal(told(full, "queue", "verdict"), (BACKLOG + 1, "full"), "how it is is told")
    t.ok(served["comm"].startswith("comm-") and
         [each["comm"] for each in served["holders"]] == [served["comm"]],
         "whoever holds it has one name", served["holders"])
    t.equal((served["pid"], len(seen.at(shared[0].tell("port")))), (server.pid, 2), "and numbers")
    t.equal([line["pid"] for line in Listeners("--redact", "-c", "served").lines], [server.pid],
            "a filter sees the true ones")


def people_see(t, port):
    text = once("listeners", "-N", "self")
    lines = text.out.decode().splitlines()
    t.none([line for line in lines if len(line) > 80], "text fits 80 columns")
    t.ok(any(f":{port} " in line and f" {BACKLOG + 1}/{BACKLOG} " in line for line in lines),
         "the queue and its backlog", lines)
    t.ok("in trouble" in text.err.decode(), "and a summary", text.err)


def changes_of(seen, port):
    return [line["verdict"] for line in map(json.loads, seen.so_far().splitlines())
            if line["type"] == "listener" and line.get("change") and line["lport"] == port]


def watch(w, t, peer, port, server, shared):
    port_served, port_shared = server.tell("port"), shared[0].tell("port")
    never = listen(backlog=16)
    never_port = port_of(never)
    seen = Tracer(WATCH, w.patience).wait_ready()
    masked = Tracer((*WATCH, "--redact"), w.patience).wait_ready()
    try:
        knock(peer, port, LATER)
        visits = w.fork(visit, "127.0.0.1", port_served, SERVED)
        server.tell("serve", SERVED)
        visits.result()
        clients = [connect("127.0.0.1", port_shared) for _ in range(SHARED)]
        taken = {each.pid: each.tell("take") for each in shared}
        gone = [connect("127.0.0.1", never_port) for _ in range(NEVER)]
        t.ok(wait_for(lambda: changes_of(seen, port), 20 * w.patience), "a line tells of trouble")
        time_ns = time.monotonic_ns()
        # A second later the same ones wait.
        wait_for(lambda: time.monotonic_ns() - time_ns > 2.2 * SECOND, 5, 0.05)
        never.close()
        for each in clients + gone:
            each.close()
    finally:
        seen.stop()
        masked.stop()
    t.none(seen.flaws() + masked.flaws(), "--watch: sound lines")
    t.equal({line["comm"] for line in masked.of("listener") if line["lport"] == port_served},
            {line["comm"] for line in masked.of("listener") if line["pid"] == server.pid},
            "--watch --redact: each time the same name")
    t.none([line["comm"] for line in masked.of("listener")
            if line["comm"] and not line["comm"].startswith("comm-")], "which is none of theirs")
    t.equal({line["laddr"] for line in masked.of("listener")} - {"127.0.0.1"}, {"240.0.0.1"},
            "and the same address")
    last = {}
    for line in seen.of("listener"):
        if not line.get("change"):
            last.setdefault(line["lport"], []).append(line)
    full = last[port][0]
    t.equal(told(full, "queue", "queue_most", "drops", "new_drops", "new_overflows", "accepted",
                 "verdict"),
            (BACKLOG + 1, BACKLOG + 1, MORE + LATER, LATER, LATER,
             0 if full["accepted"] is not None else None, "full"), "what came meanwhile is apart")
    t.between(full["idle_ns"], SECOND, 120 * SECOND, "nobody has accepted for some seconds", "ns")
    t.ok(f"; {LATER} dropped in " in full["reason"]
         and "; nobody has called accept for " in full["reason"], "the sentence says so",
         full["reason"])
    served = last[port_served][0]
    if served["accepted"] is None:
        raise Skip("no hook here tells who accepts")
    t.equal(told(served, "accepted", "never_accepted", "idle_ns", "verdict"),
            (SERVED, 0, None, None), "who is served is counted")
    t.equal(served["accept_wait"]["count"], SERVED, "with how long each waited")
    t.ok(served["accept_wait"]["p50_ns"] <= served["accept_wait"]["p99_ns"]
         <= served["accept_wait"]["max_ns"], "in order", served["accept_wait"])
    t.equal({line["pid"]: line["accepted"] for line in last[port_shared]}, taken,
            "of a shared port, who has accepted how many")
    t.equal({told(line["reuseport"], "sockets", "accepted", "unassigned")
             for line in last[port_shared]}, {(2, SHARED, 0)}, "and in sum")
    t.equal([told(line, "accepted", "never_accepted") for line in last.get(never_port, [])],
            [(0, NEVER)], "whom nobody has accepted until its listener closed")


def listens_on():
    kept = listen()
    time.sleep(60)
    kept.close()


def goes_away(w, t):
    """A namespace that goes away while it is watched takes along what was there."""
    for command in (("listeners",), ("stuck", "--state", "fin-wait-2")):
        inner = w.fork(listens_on, own_namespace=True, held=True)
        seen = Tracer((*command, "--watch", "--json", "-N", str(inner.netns())), w.patience)
        seen.wait_ready()
        inner.go()
        time.sleep(1.5 * w.patience)
        inner.kill()
        time.sleep(6 * w.patience)  # a look that takes long has a longer pause behind it
        running = seen.process.poll() is None
        seen.stop()
        said = [line for line in seen.err.splitlines() if line.startswith("tcpspan:")]
        t.equal((running, seen.status, said), (True, 0, []),
                f"{command[0]}: a namespace that goes away ends no watch, and is no lack of rights")


def recorded(w, t):
    """Who was left out of a recording was accepted all the same: how many is not known."""
    listener = listen()
    port = str(port_of(listener))
    ways = {"": SERVED, f"-L {port}": SERVED, f"-D {port}": None, "-a 192.0.2.0/24": None,
            "--sample 1/2": None}
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/{at}" for at in range(len(ways))]
        with w.traces(*(("record", "-N", "self", "-o", path, *way.split())
                        for path, way in zip(paths, ways))):
            finish_each(listener, SERVED)
        for path, (way, count) in zip(paths, ways.items()):
            line, = Listeners("-i", path).at(int(port))
            t.equal((*told(line, "accepted", "never_accepted", "requests_overflowed"),
                     line["rate"] is None), (count, *2 * (count and 0,), count is None),
                    f"a recording with '{way}': {count} accepted")


def story(w, t):
    sysctl("ipv4.tcp_syncookies", 0)
    recorded(w, t)
    server = Puppet(w, Server, comm="served")
    shared = [Puppet(w, Server, 0, True)]
    shared.append(Puppet(w, Server, shared[0].tell("port"), True))
    peer, listener = Peer(), listen(KERNEL[IPV4], backlog=BACKLOG)
    port = port_of(listener)
    other = Listeners(netns=w.fork(time.sleep, 60, own_namespace=True, held=True).netns())
    t.equal((other.lines, other.totals["uncounted_namespaces"]), ([], 0),
            "in another namespace nobody listens, and all was seen")
    began = time.monotonic_ns()
    fill(peer, port)
    came = began, time.monotonic_ns()
    knock(peer, port, MORE)
    look(t, port, came, server, shared)
    people_see(t, port)
    hidden(t, port, server, shared)
    watch(w, t, peer, port, server, shared)
    goes_away(w, t)
    alien = Listeners(user=NOBODY)
    t.equal((alien.status, [told(line, "queue", "drops", "half_open", "holders", "holders_known")
                            for line in alien.at(port)]),
            (2, [(BACKLOG + 1, MORE + LATER, None, None, False)]),
            "without rights: what anybody may see, and that it is not all")
    t.equal(alien.summary["listeners"]["in_trouble_quality"], "at_least", "of trouble neither")


run(story, limit=90)
