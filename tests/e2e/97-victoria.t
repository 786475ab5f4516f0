#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""A real VictoriaMetrics takes the figures, under the names that a scrape gives them.

VICTORIA=FILE is the server, which `tests/e2e/victoria` fetches.
"""
import json
import os
import subprocess
import tempfile
import urllib.parse
import urllib.request

import namespace
from exporter import Exporter
from traffic import finish, listen, pair, port_of, wait_for
from world import *

WEB, COUNT = 18428, 23


def ask(path, **query):
    """What it answers to a GET; None as long as it does not."""
    url = f"http://127.0.0.1:{WEB}{path}?{urllib.parse.urlencode(query)}"
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read()
    except OSError:
        return None


def value(expression):
    """The sum of the last values of a series; None without any."""
    lines = ask("/api/v1/export", **{"match[]": expression}).splitlines()
    return sum(json.loads(line)["values"][-1] for line in lines) if lines else None


def story(w, t):
    server = os.environ.get("VICTORIA")
    if not server:
        raise Skip("VICTORIA names no server")
    listener = listen()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen([server, f"-storageDataPath={folder}",
                                    f"-httpListenAddr=127.0.0.1:{WEB}"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL,
                                   preexec_fn=namespace.die_with_parent)
        try:
            t.ok(wait_for(lambda: ask("/health") == b"OK", 20 * w.patience), "it is there")
            judge(w, t, listener)
        finally:
            process.terminate()
            process.wait(20 * w.patience)


def judge(w, t, listener):
    with Exporter("-D", str(port_of(listener)), "--otlp",
                  f"http://127.0.0.1:{WEB}/opentelemetry", "--spans", "none", patience=w.patience,
                  environment={"OTEL_METRIC_EXPORT_INTERVAL": "300"}) as x:
        for _ in range(COUNT):
            finish(*pair(listener))

        def has_all():
            ask("/internal/force_flush")
            return value('tcpspan_connections_opened_total{role="client"}') == COUNT

        t.ok(wait_for(has_all, 20 * w.patience), "it has counted each connection", x.err)
        names = {name for name, *_ in x.scrape()}
    t.equal(value('tcpspan_handshake_duration_seconds_count{role="client"}'), COUNT,
            "and each handshake, in a histogram")
    t.ok(value('tcpspan_otlp_sent_total{signal="metrics"}') > 0, "what it has taken is told")
    known = set(json.loads(ask("/api/v1/label/__name__/values"))["data"])
    # Of a histogram without a value it keeps no buckets.
    t.none({name for name in names - known if not name.endswith("_bucket")
            and "exporter_scrape" not in name}, "each series has the name that a scrape gives it")
    t.none(known - names - {"tcpspan_otlp_sent_total"}, "and there is no other")


run(story)
