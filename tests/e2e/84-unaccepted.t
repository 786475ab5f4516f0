#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What hangs without a FIN: clients that nobody accepts, and a FIN behind a closed window."""
import re
import socket
import tempfile
import time

import tracer
from stuck import Look, Puppet
from traffic import connect, listen, pair, port_of, wait_for
from world import *

CLIENTS, REQUEST = 5, b"GET /"
UNACCEPTED_NS = 500 * MS  # so long may a client wait for its accept before it is told of


class Hung:
    """Listens, accepts one, and then no more."""

    def __init__(self):
        self.listener, self.held = listen(backlog=16), []

    def port(self):
        return port_of(self.listener)

    def fd(self):
        return self.listener.fileno()

    def accept(self):
        self.held.append(self.listener.accept()[0])


def tell_unaccepted(w, t):
    server = Puppet(w, Hung, comm="hungserver")
    port = server.tell("port")
    clients = [connect("127.0.0.1", port)]
    server.tell("accept")
    came = time.monotonic_ns()
    clients += [connect("127.0.0.1", port) for _ in range(CLIENTS)]
    for each in clients:
        each.sendall(REQUEST)
    young = Look()
    wait_for(lambda: time.monotonic_ns() - came > 0.7 * SECOND, 5, 0.02)
    # The look may begin late: it tells of those that were old enough by then.
    t.none([line for line in young.lines if line["age_ns"] < UNACCEPTED_NS],
           "just connected, none is told of")
    for args in ((), ("--state", "all-stuck")):
        look = Look(*args)
        name = " ".join(args) or "by default"
        t.none(look.flaws(), f"{name}: a sound look")
        t.equal(sorted((line["state"], line["lport"], line["rport"]) for line in look.lines),
                sorted(("ESTABLISHED", port, port_of(each)) for each in clients[1:]),
                f"{name}: those that nobody accepted are found while they are ESTABLISHED")
        t.equal({(line["held_by"], line["listener"]["pid"], line["listener"]["fd"], line["pid"],
                  line["comm"], line["owner_source"]) for line in look.lines},
                {("accept_queue", server.pid, server.tell("fd"), server.pid, "hungserver",
                  "listener")}, f"{name}: with who listens, whose they are until then")
        t.equal({(line["rx_queue_bytes"], line["role"], line["age_quality"])
                 for line in look.lines}, {(len(REQUEST), "server", "exact")},
                f"{name}: what waits to be read, and since when is known")
        for line in look.lines:
            t.between(line["mono_ns"] - line["age_ns"], came - 20 * MS,
                      came + 300 * MS * w.patience, f"{name}: since it was connected", "ns")
        t.none([line["reason"] for line in look.lines if "does not call accept"
                not in line["reason"] or f"hungserver[{server.pid}]" not in line["reason"]],
               f"{name}: and a sentence")
    for age, count in (("0.6", CLIENTS), ("1h", 0)):
        t.equal(len(Look("--min-age", age).lines), count, f"--min-age {age} is theirs, too")
    t.equal(len(Look("-c", "hungserver").lines), CLIENTS, "-c finds them by who listens")
    t.equal(Look("-c", "another").lines, [], "and by nobody else")
    t.equal(Look("--state", "CLOSE_WAIT").lines, [], "who names a state has asked for no other")
    server.tell("accept")
    t.equal(len(Look().lines), CLIENTS - 1, "one that is accepted is not told of any more")
    for each in clients:
        each.close()


OLDER = 2  # of those that nobody accepts wait as the tracer comes


def tell_elsewhere(t, path, is_told):
    """The first screen, of now as well, and the verdict of a page accuse nobody else either."""
    live = ("-N", "self", "-d", "1", *tracer.extra_arguments())
    for about, args in (("recorded", ("-i", path)), ("live", live)):
        shown = tracer.run("top", "--once", *args).out.decode()
        count = OLDER if about == "recorded" else OLDER + CLIENTS
        t.equal([int(each) for each in re.findall(r"(\d+) never accepted", shown)],
                [count] if is_told else [], f"{about}: top tells of them") or t.note(shown)
    page = tracer.run("report", "-o", "-", "-i", path).out.decode()
    said = re.findall(r"([\d]+)</\w+> connections wait for somebody to accept them|"
                      r"(\d+) connections wait for somebody to accept them", page)
    t.equal([int(a or b) for a, b in said], [OLDER] if is_told else [], "and report")
    t.equal("ESTABLISHED, never accepted" in page, is_told, "which names them")


def tell_recorded(w, t):
    """Of a recording, those that waited as it began, if the kernel's function told of accepts, not
    the system call. Who slept in it as the hooks came is not seen: of others nobody knows."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/night"
        older = Puppet(w, Hung, comm="hungolder")
        server = Puppet(w, Hung, comm="hungserver")
        ports = older.tell("port"), server.tell("port")
        clients = [connect("127.0.0.1", ports[0]) for _ in range(2)]
        with w.trace("record", "-N", "self", "-o", path):
            clients += [connect("127.0.0.1", ports[1]) for _ in range(CLIENTS + 1)]
            server.tell("accept")
            time.sleep(0.8 * w.patience)
        rung = tracer.parse_lines(
            tracer.run("trace", "--json", "-i", path).out)[0][-1]["hooks"]["accept"]
        is_told = rung in ("fentry", "kprobe")
        for args, told, doubts in (((), OLDER, CLIENTS),
                                   (("--min-age", "0.6"), OLDER, CLIENTS),
                                   (("--min-age", "1h"), 0, 0),
                                   (("--state", "CLOSE_WAIT"), 0, 0)):
            told, doubts = (told, doubts) if is_told else (0, told + doubts)
            done = tracer.run("stuck", "--json", "-i", path, "-L",
                              ",".join(map(str, ports)), *args)
            found = where(tracer.parse_lines(done.out)[0], type="stuck")
            name = " ".join(("recorded", *args))
            t.equal([line["lport"] for line in found], [ports[0]] * told,
                    f"{name}: those that nobody accepted ({rung})")
            t.equal(done.status, 1 if found else 0, f"{name}: the status says so")
            t.none([line for line in found if (line["state"], line["held_by"], line["holders"])
                    != ("ESTABLISHED", "accept_queue", [])
                    or "nobody has accepted" not in line["reason"]], f"{name}: as a look does")
            t.equal(tracer.parse_lines(done.out)[0][-1]["stuck"]["accept_unknown"], doubts,
                    f"{name}: of how many others it is unknown")
            said = " ".join(tracer.run("stuck", "-i", path, "-L", ",".join(map(str, ports)),
                                       *args).err.decode().split())
            t.equal((f"{doubts} connections that nobody was seen to accept" in said,
                     "Nothing is known to be stuck" in said),
                    (doubts > 0, doubts > 0 and not told), f"{name}: in words, too") or t.note(said)
        tell_elsewhere(t, path, is_told)
        for each in clients:
            each.close()


def tell_closed_window(w, t):
    listener = listen()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client, server = pair(listener)
    client.settimeout(0.3)
    try:
        while True:
            client.sendall(b"z" * 65536)
    except TimeoutError:
        pass
    client.shutdown(socket.SHUT_WR)
    shut = time.monotonic()
    found = wait_for(lambda: Look("--state", "all-stuck", "-D", str(port_of(listener))).lines,
                     40 * w.patience, 0.5)
    t.between(time.monotonic() - shut, 2, 30 * w.patience,
              "a FIN behind a closed window is found when it has been closed for long", "s")
    t.equal([(line["state"], line["age_ns"]) for line in found or []], [("FIN_WAIT1", None)],
            "in FIN_WAIT1, since nobody knows when")
    t.ok(found and "closed its window and does not read" in found[0]["reason"]
         and "for at least" in found[0]["reason"], "and the sentence says who does not read",
         found)
    for each in client, server, listener:
        each.close()


def story(w, t):
    tell_unaccepted(w, t)
    tell_recorded(w, t)
    tell_closed_window(w, t)


run(story, limit=90)
