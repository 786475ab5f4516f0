#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Figures for who keeps watch: counts of real traffic, hostile requests, rights kept."""
import contextlib
import gzip
import os
import signal
import socket
import subprocess
import tempfile
import time

import exporter
import namespace
import tracer
from exporter import ADDRESS, PORT, Exporter, parse
from traffic import connect, end_each, finish, free_port, leave_unread, listen, pair, port_of
from traffic import wait_for, wait_state
from witness import counters
from world import *

CLIENTS, REFUSED, LEAKED = 23, 7, 3
LOOKS = 50  # at most
NAMES, GROUPS = 43, 5
ROOM = 17  # of a listener's queue
PORTS_FROM, PORTS_TAKEN = 40000, 50
MORE_BYTES, SCRAPES = 8 << 20, 11
TAKEN = 64  # connections at a time
SLOW = (b"GET /metr", b"GET /metrics HTTP/1.1\r\nHost: x\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\nabc")
CAP_NET_ADMIN, CAP_SYS_ADMIN = 12, 21


def refuse(port):
    for _ in range(REFUSED):
        try:
            connect("127.0.0.1", port)
        except ConnectionRefusedError:
            pass


def counts(found, name, *labels):
    return found.get((f"tcpspan_{name}", *labels))


def tell_counts(w, t):
    """Of client ends alone, by their remote ports: the scrapes themselves are connections, too."""
    listener, nobody = listen(), free_port()
    port = port_of(listener)
    with Exporter("-D", f"{port},{nobody}", "--by", "rport", patience=w.patience) as x:
        for _ in range(CLIENTS):
            client, server = pair(listener)
            client.close()
            server.close()
        refuse(nobody)
        leaked = [pair(listener) for _ in range(LEAKED)]
        for _, server in leaked:
            server.close()
        wait_for(lambda: counts(x.scrape(), "connections", "state", "close_wait") == LEAKED,
                 5 * w.patience)
        found = x.scrape()
        t.equal(counts(found, "connections_opened_total", "role", "client", "family", "ipv4"),
                CLIENTS + REFUSED + LEAKED, "each connect was opened")
        t.equal(counts(found, "connections_established_total", "role", "client", "family", "ipv4"),
                CLIENTS + LEAKED, "those that were answered are established")
        t.equal(counts(found, "connection_failures_total", "role", "client", "cause", "refused"),
                REFUSED, "7 were refused")
        t.equal(counts(found, "handshake_duration_seconds_count", "role", "client"),
                CLIENTS + LEAKED, "each has a handshake")
        t.ok(all((counts(found, f"segments_{way}_total") or 0) >= 2 * CLIENTS
                 for way in ("sent", "received")), "segments went each way")
        t.equal(counts(found, "close_wait_connections", "age", "lt_1m"), LEAKED,
                "3 are in CLOSE_WAIT, not for long")
        oldest = counts(found, "close_wait_oldest_timestamp_seconds")
        t.between(oldest or 0, time.time() - 60 * w.patience, time.time(), "since a moment ago")
        t.equal([counts(found, f"group_{name}", "rport", str(port))
                 for name in ("opened_total", "connections", "close_wait_connections")],
                [CLIENTS + LEAKED, LEAKED, LEAKED], "by port: all of them, those alive, the leak")
        t.equal(counts(found, "group_failures_total", "rport", str(nobody)), REFUSED,
                "by port: the refused")
        t.equal(counts(found, "tracer_events_seen_total"),
                sum(counts(found, f"tracer_events_{name}_total")
                    for name in ("filtered", "submitted", "ring_full")),
                "what was seen was filtered, submitted, or did not fit")
        again = x.scrape()
        t.none([key for key, value in found.items()
                if ("_total" in key[0] or "_count" in key[0]) and again.get(key, -1) < value],
               "nothing that counts falls")
        for client, _ in leaked:
            client.close()
        wait_for(lambda: counts(x.scrape(), "connections", "state", "close_wait") == 0,
                 5 * w.patience)
        found = x.scrape()
        t.ok(("tcpspan_close_wait_oldest_timestamp_seconds",) not in found,
             "when none is left there is no oldest one")
        tell_ring(t, x, listener)
        tell_formats(t, x)
        tell_rights(t, x)
        status, seconds = x.stop()
        t.equal(status, 0, "told to end, it ends in order")
        t.between(seconds, 0, 1 * w.patience, "within a second", "s")


def tell_ring(t, x, listener):
    """A look that follows at once on a connection's end finds its records."""
    waited = []
    while not any(waited) and len(waited) < LOOKS:
        for end in pair(listener):
            end.close()
        found = x.scrape()
        waited.append(counts(found, "tracer_ring_bytes"))
    t.ok(any(waited), "what waits in the ring is told", waited)
    t.between(waited[-1], 0, counts(found, "tracer_ring_capacity_bytes"), "no more than fits",
              "bytes")


def tell_formats(t, x):
    status, headers, body = x.get(Accept_Encoding="gzip")
    t.equal((status, headers["Content-Encoding"]), (200, "gzip"), "short for who takes it so")
    t.ok(len(parse(gzip.decompress(body).decode())) > 300, "and all is in it")
    _, headers, body = x.get(Accept="application/openmetrics-text;version=1.0.0")
    t.ok(headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0") and
         body.endswith(b"# EOF\n"), "OpenMetrics for who likes it best", headers)
    _, headers, body = x.get(Accept=exporter.PROTOBUF)
    t.ok(headers["Content-Type"].startswith("application/vnd.google.protobuf") and
         b"tcpspan_handshake_duration_seconds" in body, "protobuf, too", headers)
    t.equal([x.get(path)[0] for path in ("/", "/-/healthy", "/-/ready", "/nowhere")],
            [200, 200, 200, 404], "the other paths")
    page = x.get("/")[2].decode()
    t.none([word for word in ("<h1>tcpspan ", "<li>state: ", " events was lost",
                              'href="/metrics"') if word not in page] +
           [word for word in ("<script", "<img", "<link") if word in page],
           "the page has the version, hooks, losses and a link, and nothing from elsewhere")
    t.equal([x.get(method=method)[0] for method in ("POST", "PUT", "DELETE", "HEAD")],
            [405, 405, 405, 200], "nothing but asking is known")
    checked = subprocess.run(["promtool", "check", "metrics"], input=x.get()[2], check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    t.equal((checked.returncode, checked.stdout), (0, b""), "promtool has nothing to say")


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


def tell_rights(t, x):
    status = status_of(x.server_pid())
    t.equal([int(status[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")], [0, 0, 0],
            "what answers has no capability, and no way to one")
    t.equal(status["Uid"].split(), ["65534"] * 4, "and is nobody")
    t.equal(status["NoNewPrivs"], "1", "for good")
    tracing = status_of(x.process.pid)
    t.equal((int(tracing["CapEff"], 16) & (1 << CAP_NET_ADMIN | 1 << CAP_SYS_ADMIN),
             int(tracing["CapBnd"], 16), tracing["NoNewPrivs"]), (0, 0, "1"),
            "what reads the ring has given up what it needed to attach")
    if not os.environ.get("SAN"):
        t.equal((status["Seccomp"], tracing["Seccomp"]), ("2", "2"),
                "each with system calls of its own")


def send(data, wait=0.0):
    """What comes back for these bytes; b"" when the connection is closed without a word."""
    with socket.create_connection((ADDRESS, PORT), timeout=20) as s:
        s.sendall(data)
        time.sleep(wait)
        got = b""
        try:
            while more := s.recv(65536):
                got += more
        except (ConnectionResetError, socket.timeout):
            pass
        return got


def begin(request, answer=b""):
    """A connection with the beginning of a request, or one and the end of its answer."""
    s = socket.create_connection((ADDRESS, PORT), timeout=10)
    s.sendall(request)
    got = b""
    while not got.endswith(answer):
        more = s.recv(65536)
        if not more:
            raise RuntimeError(f"no answer but {got!r}")
        got += more
    s.setblocking(False)
    return s


def rest_of(s):
    """What has come until its end."""
    s.settimeout(20)
    got = b""
    with s, contextlib.suppress(OSError):
        while more := s.recv(65536):
            got += more
    return got


def is_left(s):
    try:
        s.send(b"G")
        return not s.recv(65536)
    except BlockingIOError:
        return False
    except OSError:
        return True


def left_after(sockets, within):
    """Seconds after which each was closed to whom a byte is sent now and then; None: it was not."""
    start = time.monotonic()
    left = [None] * len(sockets)
    while None in left and time.monotonic() - start < within:
        time.sleep(0.5)
        for i, s in enumerate(sockets):
            if left[i] is None and is_left(s):
                left[i] = time.monotonic() - start
    for s in sockets:
        s.close()
    return left


def tell_hostile(w, t):
    with Exporter(patience=w.patience) as x:
        long = send(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20000 + b"\r\n\r\n")
        t.ok(long == b"" or long.split()[1] in (b"431", b"413", b"400"), "too long", long[:80])
        t.ok(send(b"\x16\x03\x01\x00\xa5 nonsense\r\n\r\n")[:12] in
             (b"", b"HTTP/1.1 400", b"HTTP/1.0 400"), "no request at all")
        both = send(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n"
                    b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        t.equal(both.count(b"tcpspan is healthy."), 2, "two at once are answered both")
        slow = [begin(request) for request in SLOW]
        left = left_after([begin(b"GET /metrics HTTP/1.1\r\nX: "),
                           begin(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n", b"healthy.\n"),
                           begin(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n")],
                          30 * w.patience)
        for seconds, when in zip(left, ("at once", "behind a request", "in its body")):
            if t.ok(seconds is not None, f"who sends a byte now and then is left: {when}"):
                t.between(seconds, 8, 15 * w.patience, "after ten seconds", "s")
        t.equal([rest_of(s)[:24] for s in slow], [b"HTTP/1.1 408 Request Tim"] * len(SLOW),
                "who is too slow with a request has a status, wherever it stands")
        crowd = [socket.create_connection((ADDRESS, PORT)) for _ in range(100)]
        # More than it takes at a time; those go at once, as far as it can see.
        server = x.server_pid()
        wait_for(lambda: len(os.listdir(f"/proc/{server}/fd")) > TAKEN, 10 * w.patience)
        start = time.monotonic()
        t.equal(x.get("/-/healthy")[0], 200, "who asks in a crowd is answered")
        t.between(time.monotonic() - start, 0, 3 * w.patience, "and need not wait for it", "s")
        t.equal(rest_of(crowd[0])[:20], b"HTTP/1.1 503 Service", "who waits for longest makes room")
        os.kill(server, signal.SIGSTOP)
        for each in crowd:
            each.close()
        os.kill(server, signal.SIGCONT)
        wait_for(x.is_ready, 10 * w.patience)
        t.equal(x.get("/-/healthy")[0], 200, "a crowd comes and goes")
        t.ok(x.err.count("refused") <= 2, "and little is said of it", x.err)
        os.kill(x.server_pid(), signal.SIGKILL)
        t.equal(x.process.wait(10 * w.patience), 2, "when what answers dies, the tracer ends")
        t.ok("the process that answers requests has ended" in x.err, "and says why", x.err)
    with Exporter(patience=w.patience) as x:
        server = x.server_pid()
        x.process.kill()
        x.process.wait()
        wait_for(lambda: not os.path.exists(f"/proc/{server}"), 10 * w.patience)
        t.ok(not os.path.exists(f"/proc/{server}"), "and the other way round")


def tell_crowd_of_names(w, t):
    """More names than places: first come, the rest is `other`, and nothing is lost."""
    ports = [free_port() for _ in range(NAMES)]
    with Exporter("--by", "rport", "--max-groups", str(GROUPS), "-D", ",".join(map(str, ports)),
                  patience=w.patience) as x:
        for port in ports:
            try:
                connect("127.0.0.1", port)
            except ConnectionRefusedError:
                pass
        wait_for(lambda: sum(value for key, value in x.scrape().items()
                             if key[0] == "tcpspan_group_failures_total") >= len(set(ports)),
                 5 * w.patience)
        groups = {key[2]: value for key, value in x.scrape().items()
                  if key[0] == "tcpspan_group_failures_total"}
        t.equal(len(groups), GROUPS + 1, "so many groups, and the others")
        t.equal(sum(groups.values()), NAMES, "none is lost")
        t.equal(x.scrape()[("tcpspan_exporter_groups",)], GROUPS, "it says how many have a place")


@contextlib.contextmanager
def manager_of(w):
    """A service manager, and what whoever it starts finds in the environment."""
    name = f"tcpspan-manager-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        manager.settimeout(30 * w.patience)
        yield manager, {"NOTIFY_SOCKET": f"@{name}"}


def tell_manager(w, t):
    """A service manager hears when it is ready, that it lives, and that it ends."""
    with manager_of(w) as (manager, environment):
        environment["WATCHDOG_USEC"] = str(int(400000 * w.patience))
        with Exporter(patience=w.patience, environment=environment) as x:
            first = manager.recv(4096).decode()
            t.ok(first.startswith("READY=1\nSTATUS=") and x.is_ready(), "ready, it says", first)
            said = [manager.recv(4096) for _ in range(3)]
            t.equal(said, [b"WATCHDOG=1"] * 3, "and that it lives, though nothing happens")
            x.process.send_signal(signal.SIGTERM)
            while (last := manager.recv(4096)) == b"WATCHDOG=1":
                pass
            t.equal(last, b"STOPPING=1", "that it is about to end")
            t.equal(x.process.wait(10 * w.patience), 0, "and so it does")


def resident(*pids):
    """Bytes that the processes have: those of the program's file, which they share, once."""
    said = [status_of(pid) for pid in pids]
    own = sum(int(s[key].split()[0]) for s in said for key in ("RssAnon", "RssShmem"))
    return (own + max(int(s["RssFile"].split()[0]) for s in said)) * 1024


def tell_memory(w, t):
    """Beside what one program takes that counts the same for people; with all groups in use."""
    words = [tracer.program(), "hist", "-N", "self", *tracer.extra_arguments()]
    with tempfile.TemporaryFile() as said, \
            subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=said, preexec_fn=namespace.die_with_parent) as hist, \
            Exporter("--by", "rport", patience=w.patience) as x:
        wait_for(lambda: os.pread(said.fileno(), 4096, 0), 30 * w.patience)
        for _ in range(2 * NAMES):
            with contextlib.suppress(OSError):
                connect("127.0.0.1", free_port())
        found = [x.scrape() for _ in range(SCRAPES)][-1]
        own, other = resident(x.process.pid, x.server_pid()), resident(hist.pid)
        t.note(f"{(own - other) / (1 << 20):.1f} MiB more than hist")
        t.ok(own <= other + MORE_BYTES, "both processes take 8 MiB more than hist, at most",
             (own, other))
        t.between(found[("process_resident_memory_bytes",)], own / 2, own * 2,
                  "which they tell as well")
        hist.terminate()


def tell_textfile(w, t):
    with tempfile.TemporaryDirectory(prefix="tcpspan-textfile-") as folder:
        path = f"{folder}/tcpspan.prom"
        done = tracer.run("export", "-N", "self", "--textfile", path, "-d", "0.5",
                          *tracer.extra_arguments(), within=30 * w.patience)
        t.equal(done.status, 0, "the figures are written to a file, without rights")
        with open(path, encoding="utf-8") as file:
            t.ok(len(parse(file.read())) > 300, "all of them")
        t.equal((os.listdir(folder), os.stat(path).st_mode & 0o777), (["tcpspan.prom"], 0o644),
                "nothing else is there, and everybody may read it")


def tell_once(w, t):
    """What one tells who answers nobody is as of the end, and compared since the start."""
    words = [tracer.program(), "export", "--once", "-N", "self", *tracer.extra_arguments()]
    listener = listen(backlog=ROOM)
    with manager_of(w) as (manager, environment), tempfile.TemporaryFile() as out, \
            subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out,
                             stderr=subprocess.DEVNULL, env={**os.environ, **environment},
                             preexec_fn=namespace.die_with_parent) as process:
        manager.recv(4096)
        for _ in range(CLIENTS):
            finish(*pair(listener))
        waiting = [connect("127.0.0.1", port_of(listener)) for _ in range(LEAKED)]
        process.send_signal(signal.SIGINT)
        t.equal(process.wait(10 * w.patience), 0, "asked once, it tells at its end")
        found = parse(os.pread(out.fileno(), 1 << 20, 0).decode())
    t.equal((off(found), {"ActiveOpens", "PassiveOpens"} <= compared(found)), ([], True),
            "that it has counted what the kernel has")
    t.equal(counts(found, "listener_accept_queue", "lport", str(port_of(listener))), LEAKED,
            "who waits to be accepted")
    t.ok(counts(found, "ephemeral_ports_used_ratio") is not None, "how full the ports are")
    for each in waiting:
        each.close()


def tell_differences(w, t):
    """Of all connections, those of the scrapes among them."""
    listener, nobody = listen(), free_port()
    with Exporter(patience=w.patience) as x:
        first, before = counters(), x.scrape()
        for _ in range(CLIENTS):
            finish(*pair(listener))
        refuse(nobody)
        end_each(listener, LEAKED, leave_unread)
        wait_for(lambda: not off(x.scrape()), 5 * w.patience)
        found = x.scrape()
        moved = counters()["ActiveOpens"] - first["ActiveOpens"]
        t.none(off(found), "what was counted is what the kernel has counted")
        t.ok(moved >= CLIENTS + REFUSED + LEAKED, "and that has moved", moved)
        t.ok({"ActiveOpens", "PassiveOpens", "EstabResets"} <= compared(before),
             "it is compared from the first request on", compared(before))
    with Exporter("-D", str(nobody), patience=w.patience) as x:
        t.equal(compared(x.scrape()), set(), "with a filter there is nothing to compare")


def tell_listeners(w, t):
    """Who waits to be accepted, where there is room for so many."""
    listener = listen(backlog=ROOM)
    port = str(port_of(listener))
    with Exporter(patience=w.patience) as x:
        waiting = [connect("127.0.0.1", int(port)) for _ in range(LEAKED)]
        wait_for(lambda: counts(x.scrape(), "listener_accept_queue", "lport", port) == LEAKED,
                 10 * w.patience)
        found = x.scrape()
        t.equal([counts(found, f"listener_{name}", "lport", port)
                 for name in ("accept_queue", "accept_queue_max", "overflows_total")],
                [LEAKED, ROOM, 0], "by port: who waits to be accepted, and how many may")
        once = parse(tracer.run("export", "-N", "self", "--once", "-d", "0.5",
                                *tracer.extra_arguments(), within=30 * w.patience).out.decode())
        t.equal(counts(once, "listener_accept_queue", "lport", port), LEAKED,
                "who tells it once looks at it at last")
        t.ok(counts(found, "listener_accept_queue_max", "lport", str(PORT)) is not None,
             "the exporter's own port is one of them")
        for each in waiting:
            listener.accept()[0].close()
            each.close()
        wait_for(lambda: counts(x.scrape(), "listener_accept_queue", "lport", port) == 0,
                 10 * w.patience)
        t.equal(counts(x.scrape(), "listener_accept_queue", "lport", port), 0, "and then nobody")


def tell_ports(w, t):
    """How much of the range is taken by who connects to one listener."""
    before = sysctl("ipv4.ip_local_port_range")
    sysctl("ipv4.ip_local_port_range", f"{PORTS_FROM} {PORTS_FROM + 2 * PORTS_TAKEN - 1}")
    listener = listen(port=PORTS_FROM - 1)
    taken = [pair(listener) for _ in range(PORTS_TAKEN)]
    with Exporter(patience=w.patience) as x:
        t.equal(counts(x.scrape(), "ephemeral_ports_used_ratio"), 0.5,
                "half of the ports are taken for the fullest destination")
    for each in taken:
        finish(*each)
    sysctl("ipv4.ip_local_port_range", before)


def compared(found):
    return {key[2] for key in found if key[0] == "tcpspan_kernel_counter_difference"}


def off(found):
    """The counters that differ."""
    return [f"{key[2]}: {value}" for key, value in found.items()
            if key[0] == "tcpspan_kernel_counter_difference" and value]


def tell_older(w, t):
    """What leaked before it was started is as old as it is, and not as the exporter."""
    listener = listen()
    client, server = pair(listener)
    client.close()
    wait_state(port_of(server), server.getpeername()[1], "CLOSE_WAIT")
    left = time.time()
    time.sleep(2)
    with Exporter("-L", str(port_of(listener)), patience=w.patience) as x:
        found = x.scrape()
    t.equal(counts(found, "connections", "state", "close_wait"), 1, "one leaked before")
    t.between(counts(found, "close_wait_oldest_timestamp_seconds") - left, -1, 0.5,
              "and is not the younger for it", "s")
    server.close()
    listener.close()


def story(w, t):
    tell_older(w, t)
    tell_differences(w, t)
    tell_listeners(w, t)
    tell_ports(w, t)
    tell_counts(w, t)
    tell_manager(w, t)
    if not os.environ.get("SAN"):
        tell_memory(w, t)
    tell_textfile(w, t)
    tell_once(w, t)
    tell_crowd_of_names(w, t)
    tell_hostile(w, t)


run(story, limit=120)
