# SPDX-License-Identifier: GPL-2.0-only
"""Runs `tcpspan export` inside a story's namespace, and asks it."""

import http.client
import os
import re
import signal
import subprocess
import tempfile
import time

import namespace
import tracer
from tap import Skip

ADDRESS, PORT = "127.0.0.1", 19081
SAMPLE = re.compile(r'^(\w+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
PROTOBUF = ("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
            "encoding=delimited")


class Exporter:
    """One run of it, from the moment that it is ready."""

    def __init__(self, *args, patience=1.0, within=30.0, environment=None):
        self.patience = patience
        self._err = tempfile.TemporaryFile()
        words = [tracer.program(), "export", "-N", "self", "--listen", f"{ADDRESS}:{PORT}", *args,
                 *tracer.extra_arguments()]
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=self._err, preexec_fn=namespace.die_with_parent,
                                        env={**os.environ, **(environment or {})})
        deadline = time.monotonic() + within * patience
        while not ("Counting" in self.err and self.is_ready()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                if "built without" in self.err:
                    raise Skip(self.err.strip())
                raise RuntimeError(f"the exporter is not ready:\n{self.err}")
            time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def is_ready(self):
        """Whether it says so; with TLS, that it listens is all there is to see."""
        try:
            return self.get("/-/ready")[0] in (200, 401)
        except http.client.HTTPException:
            return True
        except OSError:
            return False

    @property
    def err(self):
        """What it has said on standard error so far."""
        self._err.seek(0)
        return self._err.read().decode(errors="replace")

    def get(self, path="/metrics", method="GET", **headers):
        """The status, the headers and the body of an answer."""
        client = http.client.HTTPConnection(ADDRESS, PORT, timeout=10 * self.patience)
        try:
            client.request(method, path, headers={name.replace("_", "-"): value
                                                  for name, value in headers.items()})
            answer = client.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            client.close()

    def scrape(self):
        """All samples: {(name, label, value, ...): number}."""
        return parse(self.get()[2].decode())

    def server_pid(self):
        """The process that answers."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children",
                  encoding="ascii") as children:
            return int(children.read().split()[0])

    def stop(self, number=signal.SIGTERM, within=10.0):
        """Sends a signal and waits for the end; returns the status and how long it took."""
        start = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(within * self.patience), time.monotonic() - start

    def kill(self):
        """Ends it, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def parse(text):
    """The samples of a text: {(name, label, value, ...): number}."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = SAMPLE.match(line).groups()
        key = (name, *(part for pair in LABEL.findall(labels or "") for part in pair))
        if key in found:
            raise ValueError(f"twice: {line}")
        found[key] = float(value)
    return found
