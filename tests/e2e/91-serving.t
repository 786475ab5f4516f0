#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What answers scrapes: refused at the start, before it is ready, told to read again, held up."""
import base64
import contextlib
import http.client
import os
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import namespace
import tracer
from exporter import ADDRESS, PORT, Exporter, parse
from traffic import finish, listen, pair, port_of, wait_for
from world import *

USER, PASSWORD, OTHER = "prom", "secret", "another"
HASH = "$2b$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u"  # of PASSWORD
OTHER_HASH = "$2b$04$abcdefghijklmnopqrstuuW839tY81OgYwy4gFNdslinRlf6MvQ8m"  # of OTHER
CLIENTS, NOISE = 23, 151
PATIENCE_S = 10  # with what came by a config that holds no more
LOSSES = ("events_ring_full", "resyncs", "evicted")


def refused(*args):
    """The status, and what it says to that."""
    done = tracer.run("export", "-N", "self", *args)
    return done.status, done.err.decode().strip()


def write(path, text, mode=0o600):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, mode)


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-subj",
                    "/CN=localhost"], check=True, stderr=subprocess.DEVNULL)


def tell_refusals(t, folder):
    """Each before anything is attached, in one sentence."""
    taken = listen(port=PORT)
    config = f"{folder}/web.yml"
    with taken:
        said = [refused("--listen", f"{ADDRESS}:{PORT}")]
    write(config, "tls_server_config: {cert_file: none.pem, key_file: key.pem}\n")
    said.append(refused("--web-config", config))
    make_certificate(folder)
    write(config, "tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n")
    os.chmod(f"{folder}/key.pem", 0o644)
    said.append(refused("--web-config", config))
    said.append(refused("--user", "no-such-user"))
    wanted = ["Address already in use", "none.pem", "key.pem", "there is no such user"]
    for where in ("10081", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:1e3", "localhost:80",
                  "fe80::1:80", "::1"):
        said.append(refused("--listen", where))
        wanted.append("--listen takes an address and a port")
    for path in (f"{folder}/none.yml", folder):
        said.append(refused("--web-config", path))
        wanted.append(f"{path}: it cannot be read: ")
    t.equal([status for status, _ in said], [2] * len(wanted),
            "what cannot be is refused with status 2")
    t.none([(have, want) for (_, have), want in zip(said, wanted)
            if want not in have or "\n" in have], "in one sentence each")


def place_of(w, *args):
    """Where it says that it answers: scheme, address and port; and whether it does."""
    said = re.compile(r"^Answering requests at (https?)://(\S+):(\d+)/metrics\.$", re.M)
    words = [tracer.program(), "export", "-N", "self", *args, *tracer.extra_arguments()]
    with tempfile.TemporaryFile() as err, subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stderr=err,
            preexec_fn=namespace.die_with_parent) as process:

        def find():
            err.seek(0)
            return said.search(err.read().decode())
        wait_for(lambda: find() or process.poll() is not None, 30 * w.patience)
        found = find()
        scheme, address, port = found.groups() if found else ("", "", 0)
        with contextlib.suppress(OSError), \
                socket.create_connection((address.strip("[]"), int(port)), timeout=10) as s:
            port = "its port" if s.getpeername()[1] == int(port) > 0 else None
        process.terminate()
    return scheme, address, port


def tell_place(w, t, folder):
    """Also which port the kernel has chosen."""
    write(f"{folder}/place.yml", "tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n")
    os.chmod(f"{folder}/key.pem", 0o600)
    t.equal([place_of(w, "--listen", "127.0.0.1:0"), place_of(w, "--listen", "[::1]:0"),
             place_of(w, "--listen", ":0", "--web-config", f"{folder}/place.yml"),
             place_of(w, "-d", "0.2", "--textfile", f"{folder}/figures.prom")],
            [("http", "127.0.0.1", "its port"), ("http", "[::1]", "its port"),
             ("https", "0.0.0.0", "its port"), ("", "", 0)], "it says where it answers, if it does")


def statuses(process):
    """Of each path until it is ready, as it begins: {path: statuses in order}."""
    found = {path: [] for path in ("/-/ready", "/metrics", "/-/healthy")}
    while process.poll() is None and found["/-/ready"][-1:] != [200]:
        for path, each in found.items():
            client = http.client.HTTPConnection(ADDRESS, PORT, timeout=10)
            with contextlib.suppress(OSError), contextlib.closing(client):
                client.request("GET", path)
                each.append(client.getresponse().status)
        time.sleep(0.01)
    return found


def tell_readiness(w, t):
    words = [tracer.program(), "export", "-N", "self", "--listen", f"{ADDRESS}:{PORT}",
             *tracer.extra_arguments()]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          preexec_fn=namespace.die_with_parent) as process:
        found = statuses(process)
        process.terminate()
        t.equal(process.wait(10 * w.patience), 0, "it ends")
    t.equal((set(found["/-/ready"][:-1]), found["/-/ready"][-1:]), ({503}, [200]),
            "ready when all is attached, and who was there is known")
    t.ok(503 in found["/metrics"] and set(found["/metrics"]) <= {200, 503},
         "no figures before", found["/metrics"])
    t.equal(set(found["/-/healthy"]), {200}, "healthy all the while")


def get(x, password=None, user=USER):
    """The status; 0 for who is in the middle of it while the config changes."""
    word = base64.b64encode(f"{user}:{password}".encode()).decode()
    try:
        return x.get(**({"Authorization": f"Basic {word}"} if password else {}))[0]
    except (OSError, http.client.HTTPException):
        return 0


def is_read(s):
    """Whether the other end has taken all that was sent."""
    port = s.getsockname()[1]
    with open("/proc/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in file][1:]
    return any(int(row[2].split(":")[1], 16) == port and int(row[4].split(":")[1], 16) == 0
               for row in rows)


def ask_slowly(user, between, behind=lambda s: None):
    """The answer to a request that is in the middle during `between`, and waits for its answer
    during `behind`; empty: it was cut."""
    word = base64.b64encode(user.encode())
    with socket.create_connection((ADDRESS, PORT), timeout=20) as s:
        s.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthor")
        between()
        found = b""
        with contextlib.suppress(ConnectionError):
            s.sendall(b"ization: Basic " + word + b"\r\n\r\n")
            behind(s)
            while True:
                more = s.recv(65536)
                found += more
                if not more:
                    break
    return found


def let_in(x, config, name):
    """Has it read that somebody of that name may ask, too."""
    write(config, f"basic_auth_users: {{{USER}: {OTHER_HASH}, {name}: {OTHER_HASH}}}\n")
    x.process.send_signal(signal.SIGHUP)


def tell_in_flight(t, x, config):
    """What has begun is answered, whatever is read meanwhile; then its connection ends."""
    def hang_up(names):
        for name in names:
            let_in(x, config, name)
            wait_for(lambda user=name: get(x, OTHER, user) == 200, 10)

    answer = ask_slowly(f"{USER}:{OTHER}", lambda: hang_up("ab"))
    t.ok(answer.startswith(b"HTTP/1.1 200") and b"\r\nConnection: close\r\n" in answer
         and b"tcpspan_connections_opened_total" in answer, "a request in flight is answered",
         answer[:200])
    answer = ask_slowly(f"{USER}:{OTHER}", lambda: hang_up("abcdef"))
    t.equal(answer, b"", "but not for ever: a fifth config cuts what the first one let in")

    def stop():
        """The answer will wait for figures when the fifth comes."""
        hang_up("ghij")
        x.process.send_signal(signal.SIGSTOP)
        let_in(x, config, "k")

    def go_on(s):
        wait_for(lambda: is_read(s), 10)
        x.process.send_signal(signal.SIGCONT)

    server, begun = x.server_pid(), time.monotonic()
    answer = ask_slowly(f"{USER}:{OTHER}", stop, go_on)
    t.ok(answer.startswith(b"HTTP/1.1 200") or time.monotonic() - begun > PATIENCE_S,
         "what is being answered then is", answer[:200])
    wait_for(lambda: get(x, OTHER, "k") == 200 or x.process.poll() is not None, 10)
    t.equal(x.process.poll() is None and x.server_pid(), server, "by who answers still")


def sign(folder, name, usage, authority="ca", called="IP:127.0.0.1"):
    """A certificate for NAME that is good for USAGE, which may be empty: for anything."""
    def openssl(*args):
        subprocess.run(["openssl", *args], check=True, stderr=subprocess.DEVNULL, cwd=folder)
    write(f"{folder}/{name}.ext", "basicConstraints=CA:FALSE\n" +
          (f"subjectAltName={called}\n" if called else "") +
          (f"extendedKeyUsage={usage}\n" if usage else ""))
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out",
            f"{name}.csr", "-subj", f"/CN={name}")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey",
            f"{authority}.key", "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext",
            "-out", f"{name}.pem")
    os.chmod(f"{folder}/{name}.key", 0o600)


def ask_as(folder, name, patience):
    """The status of an answer to who shows that certificate; None: no certificate."""
    context = ssl.create_default_context(cafile=f"{folder}/ca.pem")
    if name:
        context.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
    client = http.client.HTTPSConnection(ADDRESS, PORT, timeout=10 * patience, context=context)
    with contextlib.closing(client):
        client.request("GET", "/-/healthy")
        return client.getresponse().status


def tell_certified(w, t, folder):
    """Who has to show a certificate shows a client's: those of servers and of code are none."""
    names = {"client": "clientAuth", "any": "", "server": "serverAuth", "code": "codeSigning"}
    for authority in ("ca", "other"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-keyout", f"{authority}.key", "-out", f"{authority}.pem", "-subj",
                        f"/CN={authority}"], check=True, stderr=subprocess.DEVNULL, cwd=folder)
    for name, usage in names.items():
        sign(folder, name, usage)
    sign(folder, "stranger", "clientAuth", "other")
    config = f"{folder}/clients.yml"
    who = (*names, "stranger", None)
    known, anybody = "client_ca_file: ca.pem, ", ""
    for auth, ca, wanted in (
            ("RequireAndVerifyClientCert", known, (200, 200, 403, 403, 403, 403)),
            ("VerifyClientCertIfGiven", known, (200, 200, 403, 403, 403, 200)),
            ("RequireAnyClientCert", known, (200, 200, 200, 200, 200, 403)),
            ("RequireAnyClientCert", anybody, (200, 200, 200, 200, 200, 403)),
            ("RequestClientCert", anybody, (200, 200, 200, 200, 200, 200))):
        write(config, "tls_server_config: {cert_file: server.pem, key_file: server.key, "
              f"{ca}client_auth_type: {auth}}}\n")
        with Exporter("--web-config", config, patience=w.patience):
            t.equal(dict(zip(who, (ask_as(folder, each, w.patience) for each in who))),
                    dict(zip(who, wanted)), f"{auth} {ca}: who is let in")


def tell_allowed(w, t, folder):
    """Of those that an authority vouches for, whoever has one of the names that are listed."""
    names = {"dns": "DNS:scraper.example", "ip": "IP:192.0.2.7,DNS:x", "six": "IP:2001:db8::7",
             "uri": "URI:spiffe://example/scraper", "mail": "email:ops@example.org",
             "longer": "DNS:scraper.example.org", "nameless": ""}
    for name, called in names.items():
        sign(folder, name, "clientAuth", called=called)
    sign(folder, "copy", "clientAuth", "other", names["dns"])
    write(f"{folder}/allowed.yml", "tls_server_config:\n  cert_file: server.pem\n"
          "  key_file: server.key\n  client_ca_file: ca.pem\n"
          "  client_auth_type: VerifyClientCertIfGiven\n  client_allowed_sans:\n"
          "  - scraper.example\n  - 192.0.2.7\n  - 2001:DB8::7\n"
          "  - spiffe://example/scraper\n  - ops@example.org\n")
    with Exporter("--web-config", f"{folder}/allowed.yml", patience=w.patience):
        t.equal({name: ask_as(folder, name, w.patience) for name in (*names, "copy", None)},
                {"dns": 200, "ip": 200, "six": 200, "uri": 200, "mail": 200, "longer": 403,
                 "nameless": 403, "copy": 403, None: 200}, "names of certificates: who is let in")


def tell_rate(w, t, folder):
    """A burst is answered, the rest is put off until an interval has passed."""
    write(f"{folder}/rate.yml", "rate_limit: {interval: 1h, burst: 100}\n")
    with Exporter("--web-config", f"{folder}/rate.yml", patience=w.patience) as x:
        found = [get(x) for _ in range(101)]
        write(f"{folder}/rate.yml", "")
        x.process.send_signal(signal.SIGHUP)
        again = wait_for(lambda: get(x) == 200, 10 * w.patience)
    # Whoever waited for it to be ready has asked as well.
    t.ok(set(found) == {200, 429} and found == sorted(found),
         "more requests than the rate allows are put off", found)
    t.ok(again, "without a limit in the file, read again, all are answered")


def tell_hangup(w, t, folder):
    """Another password is taken, and a file that is none leaves all as it was."""
    config = f"{folder}/users.yml"
    write(config, f"basic_auth_users: {{{USER}: {HASH}}}\n")
    with Exporter("--web-config", config, patience=w.patience) as x:
        t.equal([get(x), get(x, OTHER), get(x, PASSWORD)], [401, 401, 200], "one password is right")
        write(config, f"basic_auth_users: {{{USER}: {OTHER_HASH}}}\n")
        x.process.send_signal(signal.SIGHUP)
        wait_for(lambda: get(x, OTHER) == 200, 10 * w.patience)
        t.equal([get(x, PASSWORD), get(x, OTHER)], [401, 200], "after SIGHUP, another")
        tell_in_flight(t, x, config)
        write(config, "basic_auth_users: [\n")
        x.process.send_signal(signal.SIGHUP)
        wait_for(lambda: config in x.err, 10 * w.patience)
        wait_for(lambda: get(x, OTHER), 10 * w.patience)
        t.equal([get(x, PASSWORD), get(x, OTHER)], [401, 200], "what is no config changes nothing")
        t.ok(config in x.err, "and is named", x.err)


def send_in_pieces(pieces, pause):
    with socket.create_connection((ADDRESS, PORT), timeout=20) as s:
        for piece in pieces:
            s.sendall(piece)
            time.sleep(pause)
        return s.recv(65536)


def tell_held_up(w, t):
    """Neither process waits for the other."""
    listener = listen()
    port = port_of(listener)
    name = ("tcpspan_connections_opened_total", "role", "client", "family", "ipv4")
    with Exporter("-D", str(port), patience=w.patience) as x:
        answer = send_in_pieces([b"GET /-/healthy HT", b"TP/1.1\r\nHo", b"st: x\r\n\r\n"], 0.2)
        t.ok(answer.startswith(b"HTTP/1.1 200"), "a request in pieces is answered", answer)
        for _ in range(CLIENTS):
            finish(*pair(listener))
        wait_for(lambda: x.scrape()[name] == CLIENTS, 5 * w.patience)
        x.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        status, _, body = x.get()
        took = time.monotonic() - began
        x.process.send_signal(signal.SIGCONT)
        t.equal((status, parse(body.decode())[name]), (200, CLIENTS),
                "while the tracer is held up, figures of before are told")
        t.between(took, 0, 2 * w.patience, "soon", "s")
        os.kill(x.server_pid(), signal.SIGSTOP)
        for _ in range(CLIENTS):
            finish(*pair(listener))
        time.sleep(0.2)
        os.kill(x.server_pid(), signal.SIGCONT)
        wait_for(lambda: x.scrape()[name] == 2 * CLIENTS, 5 * w.patience)
        found = x.scrape()
        t.equal((found[name], found[("tcpspan_tracer_events_ring_full_total",)]),
                (2 * CLIENTS, 0), "while what answers is, the tracer goes on")


def wake_ups(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status
                    if line.startswith("voluntary_ctxt_switches"))


def tell_losses(w, t):
    """What did not fit is a figure as soon as somebody asks, and so is who was forgotten."""
    noise = listen()
    with Exporter("--ring", "4096", "--rings", "1", "--max-connections", "16",
                  patience=w.patience) as x:
        before = x.scrape()
        t.none([name for name in LOSSES if before[(f"tcpspan_tracer_{name}_total",)]],
               "nothing is lost so far")
        x.process.send_signal(signal.SIGSTOP)
        for _ in range(NOISE):
            finish(*pair(noise))
        x.process.send_signal(signal.SIGCONT)
        wait_for(lambda: x.scrape()[("tcpspan_tracer_resyncs_total",)], 10 * w.patience)
        held = [pair(noise) for _ in range(NOISE)]
        found = x.scrape()
        t.equal([name for name in LOSSES if not found[(f"tcpspan_tracer_{name}_total",)]], [],
                "what the ring had no room for, looks after that, and who was forgotten")
        for each in held:
            finish(*each)


def tell_idle(w, t):
    """Who asks has figures made; nobody else has."""
    with Exporter("-D", "1", patience=w.patience) as x:
        x.scrape()
        time.sleep(0.5 * w.patience)  # until it waits without a timer
        before = wake_ups(x.process.pid)
        time.sleep(1)
        t.equal(wake_ups(x.process.pid) - before, 0, "between scrapes the tracer sleeps")


def story(w, t):
    with tempfile.TemporaryDirectory(prefix="tcpspan-serving-") as folder:
        tell_refusals(t, folder)
        tell_place(w, t, folder)
        tell_held_up(w, t)
        tell_readiness(w, t)
        tell_hangup(w, t, folder)
        tell_certified(w, t, folder)
        tell_allowed(w, t, folder)
        tell_rate(w, t, folder)
    tell_losses(w, t)
    tell_idle(w, t)


run(story)
