#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A real Prometheus scrapes, plain and with TLS and a password, and answers what the wire knows."""
import http.server
import os
import shutil
import subprocess
import tempfile
import threading
import urllib.request

import tracer
from exporter import ADDRESS, PORT, Exporter
from prometheus import CONFIG, JOB, ask, prometheus
from traffic import connect, listen, port_of, wait_for
from world import *

BETWEEN = 19082
SERVER, DELAY, CLIENTS = 7001, 0.08, 23
EDGES = (.01, .025, .05, .1, .25, .5)  # of handshakes, in seconds
USER, PASSWORD = "prom", "secret"
HASH = "$2b$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u"  # of PASSWORD
NATIVE = "--enable-feature=native-histograms"


class Between:
    """Stands between the two, and knows which types of answers have passed; `accept`: what it asks
    for, whatever it is asked."""

    def __init__(self, port, accept=None):
        self.types = types = set()

        class Handler(http.server.BaseHTTPRequestHandler):
            """Of one request."""

            def do_GET(self):
                """As http.server calls it."""
                asked = urllib.request.Request(f"http://{ADDRESS}:{PORT}{self.path}",
                                               headers={**self.headers, "Connection": "close"})
                if accept:
                    asked.add_header("Accept", accept)
                with urllib.request.urlopen(asked, timeout=10) as answer:
                    body = answer.read()
                    types.add(answer.headers["Content-Type"])
                    self.send_response(answer.status)
                    for name in ("Content-Type", "Content-Encoding"):
                        if answer.headers[name]:
                            self.send_header(name, answer.headers[name])
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_):
                """Nothing is said of it."""

        self._server = http.server.ThreadingHTTPServer((ADDRESS, port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


def by_job(expression):
    """{job: number}"""
    return {key[0]: value for key, value in ask(expression, labels=()).items()}


def answer_after(flow):
    first, synack, _ = flow.answer(DELAY)
    flow.finish()
    return apart(first, synack)


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-subj",
                    "/CN=localhost", "-addext", f"subjectAltName=IP:{ADDRESS}"],
                   check=True, stderr=subprocess.DEVNULL)
    os.chmod(f"{folder}/key.pem", 0o600)
    with open(f"{folder}/web.yml", "w", encoding="ascii") as file:
        file.write("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n"
                   f"basic_auth_users: {{{USER}: {HASH}}}\n")


def tell_native(w, t, folder, peer):
    with Exporter("-D", str(SERVER), patience=w.patience), Between(BETWEEN) as between, \
            prometheus(folder, CONFIG + JOB % ("tcpspan", "", ADDRESS, BETWEEN), NATIVE):
        several([lambda: connect(PEER[IPV4], SERVER).close()] * CLIENTS)
        delays = peer.join()
        name = "tcpspan_handshake_duration_seconds"
        wait_for(lambda: ask(f'histogram_count({name}{{role="client"}})') == {("client",): CLIENTS},
                 30 * w.patience)
        t.equal(ask(f'histogram_count({name}{{role="client"}})'), {("client",): CLIENTS},
                "each handshake is in the native histogram")
        median_s = ask(f'histogram_quantile(0.5, {name}{{role="client"}})').get(("client",), 0)
        t.near(median_s * 1000, median(delays) / MS, median(delays) / MS * 0.1,
               "its median is the one of the wire, within a bucket")
        t.equal(ask("histogram_count(tcpspan_accept_queue_duration_seconds)"), {(): 0},
                "one without any value is native as well")
        t.equal(ask('tcpspan_connections_opened_total{role="client",family="ipv4"}'),
                {("ipv4", "client"): CLIENTS}, "and so are all others there")
        t.equal(ask('up{job="tcpspan"}'), {(): 1}, "the target is up")
        t.equal({each.split(";")[0] for each in between.types}, {"application/vnd.google.protobuf"},
                "what has passed was protobuf")


def tell_text(w, t, folder, peer):
    """OpenMetrics, as it asks for where it takes no native histograms, and what old ones take."""
    jobs = CONFIG + JOB % ("openmetrics", "", ADDRESS, BETWEEN) + \
        JOB % ("text", "", ADDRESS, BETWEEN + 1)
    with Exporter("-D", str(SERVER), patience=w.patience), Between(BETWEEN) as first, \
            Between(BETWEEN + 1, "text/plain;version=0.0.4;q=0.5,*/*;q=0.1") as second, \
            prometheus(folder, jobs):
        several([lambda: connect(PEER[IPV4], SERVER).close()] * CLIENTS)
        peer.join()
        name = 'sum by (job) (tcpspan_handshake_duration_seconds_count{role="client"})'
        each = {"openmetrics": CLIENTS, "text": CLIENTS}
        wait_for(lambda: by_job(name) == each, 30 * w.patience)
        t.equal(by_job(name), each, "either way each handshake is there")
        t.equal(by_job("sum by (job) (up)"), {"openmetrics": 1, "text": 1}, "both targets are up")
    t.equal((first.types, second.types),
            ({"application/openmetrics-text; version=1.0.0; charset=utf-8"},
             {"text/plain; version=0.0.4; charset=utf-8"}), "and each was what it says")


def tell_secure(w, t, folder, peer):
    make_certificate(folder)
    how = f"""    scheme: https
    tls_config: {{ca_file: {folder}/cert.pem}}
    basic_auth: {{username: {USER}, password: {PASSWORD}}}"""
    with Exporter("-D", str(SERVER), "--web-config", f"{folder}/web.yml", patience=w.patience), \
            prometheus(folder, CONFIG + JOB % ("tcpspan", how, ADDRESS, PORT)):
        several([lambda: connect(PEER[IPV4], SERVER).close()] * CLIENTS)
        delays = peer.join()[-CLIENTS:]
        name = "tcpspan_handshake_duration_seconds"
        count = f'{name}_count{{role="client"}}'
        wait_for(lambda: ask(count) == {("client",): CLIENTS}, 30 * w.patience)
        t.equal(ask(count), {("client",): CLIENTS}, "with TLS and a password as well")
        p99 = ask(f'histogram_quantile(0.99, {name}_bucket{{role="client"}})').get(("client",), 0)
        t.between(p99, max(d for d in (0.05,) if d <= max(delays) / SECOND), 0.25,
                  "p99 of the classic buckets lies where the wire's does", "s")
        t.equal(ask('up{job="tcpspan"}'), {(): 1}, "the target is up")


def of_readme():
    """Its lines of configuration, and its query."""
    with open(f"{tracer.ROOT}/README.md", encoding="utf-8") as file:
        text = file.read()
    lines = text.split("```yaml\nscrape_configs:\n")[1].split("```")[0]
    query = next(line for line in text.splitlines() if line.startswith("histogram_quantile("))
    return "scrape_configs:\n" + lines, query


def tell_readme(w, t, folder, peer):
    """Word by word, but for the port, and that nobody waits for a quarter of a minute here."""
    lines, query = of_readme()
    t.equal((lines.count("\n"), lines.count("localhost:10081"), lines.count("15s")), (6, 1, 1),
            "there are six lines of configuration in the README")
    t.ok(b"127.0.0.1:10081" in tracer.run("export", "--help").out, "of the port that is meant")
    listener = listen(KERNEL[IPV4])
    config = lines.replace("10081", str(PORT)).replace("15s", "1s")
    with Exporter(patience=w.patience), prometheus(folder, config):
        wait_for(lambda: ask("up") == {(): 1}, 30 * w.patience)
        delays = several([lambda: call(peer, listener)] * CLIENTS)
        low, high = next((low, high) for low, high in zip(EDGES, EDGES[1:])
                         if low < median(delays) / SECOND <= high)
        wait_for(lambda: ask(query).get(("server",), 0) > low, 30 * w.patience)
        t.between(ask(query).get(("server",), 0), low, high,
                  "its query has the p99 of a server's handshakes that was on the wire", "s")


def call(peer, listener):
    """From the first SYN-ACK to its ACK, as the client on the wire sees it."""
    flow = peer.flow(port_of(listener))
    _, synack, third = flow.open(DELAY)
    listener.accept()[0].close()
    flow.finish()
    return apart(synack, third)


def story(w, t):
    if not shutil.which("prometheus"):
        raise Skip("no prometheus here")
    peer = w.peer()
    peer.serve(SERVER, answer_after)
    with tempfile.TemporaryDirectory(prefix="tcpspan-prometheus-") as folder:
        tell_native(w, t, folder, peer)
        tell_text(w, t, folder, peer)
        tell_secure(w, t, folder, peer)
        tell_readme(w, t, folder, peer)


run(story, limit=150)
