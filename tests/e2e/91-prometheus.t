#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A real Prometheus scrapes, plain and with TLS and a password, and answers what the wire knows."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

import namespace
from exporter import ADDRESS, PORT, Exporter
from traffic import connect, wait_for
from world import *

WEB = 19090
SERVER, DELAY, CLIENTS = 7001, 0.08, 23
USER, PASSWORD = "prom", "secret"
HASH = "$2b$10$abcdefghijklmnopqrstuuqflPDzB6gcMhKa1rZqKiun2YGL5sa2u"  # of PASSWORD
CONFIG = """
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: tcpspan
%s
    static_configs: [{targets: ["%s:%d"]}]
"""
NATIVE = "--enable-feature=native-histograms"


@contextlib.contextmanager
def prometheus(folder, how, *flags):
    """A server of its own, with its data in the folder."""
    config = f"{folder}/prometheus.yml"
    with open(config, "w", encoding="ascii") as file:
        file.write(CONFIG % (how, ADDRESS, PORT))
    with open(f"{folder}/log", "w", encoding="ascii") as log:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{WEB}", *flags],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            preexec_fn=namespace.die_with_parent)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(f"{folder}/data", ignore_errors=True)


def ask(expression):
    """The answer to a query, as numbers by their labels' values; {} while there is none."""
    query = urllib.parse.urlencode({"query": expression})
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{WEB}/api/v1/query?{query}",
                                    timeout=10) as answer:
            result = json.load(answer)["data"]["result"]
    except OSError:
        return {}
    return {tuple(value for name, value in sorted(each["metric"].items())
                  if name not in ("__name__", "instance", "job")): float(each["value"][1])
            for each in result}


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
    with Exporter("-D", str(SERVER), patience=w.patience), prometheus(folder, "", NATIVE):
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
        t.equal(ask('tcpspan_connections_opened_total{role="client",family="ipv4"}'),
                {("ipv4", "client"): CLIENTS}, "and so are all others there")
        t.equal(ask('up{job="tcpspan"}'), {(): 1}, "the target is up")


def tell_secure(w, t, folder, peer):
    make_certificate(folder)
    how = f"""    scheme: https
    tls_config: {{ca_file: {folder}/cert.pem}}
    basic_auth: {{username: {USER}, password: {PASSWORD}}}"""
    with Exporter("-D", str(SERVER), "--web-config", f"{folder}/web.yml", patience=w.patience), \
            prometheus(folder, how):
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


def story(w, t):
    if not shutil.which("prometheus"):
        raise Skip("no prometheus here")
    peer = w.peer()
    peer.serve(SERVER, answer_after)
    with tempfile.TemporaryDirectory(prefix="tcpspan-prometheus-") as folder:
        tell_native(w, t, folder, peer)
        tell_secure(w, t, folder, peer)


run(story, limit=150)
