# SPDX-License-Identifier: GPL-2.0-only
"""Namespaces that play hosts, each with a name and a tracer, and a way between them."""
import json
import os
import signal
import socket
import subprocess
import time

import links
import namespace
import tracer
from traffic import finish, listen, pair, port_of

NAMES = ("alpha", "beta", "gamma", "delta")


def address_of(at):
    """Where a host is."""
    return f"10.77.{at}.2"


class Host:
    """A namespace with one device, and whoever sends its rows."""

    def __init__(self, at):
        self.at, self.name, self.exporter = at, NAMES[at], None
        self.child = namespace.Child(time.sleep, 1000, own_namespace=True, held=True)
        links.add_veth(f"h{at}", "eth0", self.child.pid)
        namespace.add_ipv4(f"h{at}", f"10.77.{at}.1", "255.255.255.0")
        namespace.link_up(f"h{at}")
        with self.entered():
            namespace.add_ipv4("eth0", address_of(at), "255.255.255.0")
            namespace.link_up("eth0")
            subprocess.run(["ip", "route", "add", "default", "via", f"10.77.{at}.1"], check=True)
            self.listener = listen(address_of(at))
        self.port = port_of(self.listener)

    def entered(self):
        """This thread is there."""
        return namespace.entered(f"/proc/{self.child.pid}/ns/net")

    def connect(self, other):
        """A connection to another host: both ends."""
        with self.entered():
            return pair(other.listener, address_of(other.at))

    def refuse(self, other, port):
        """A connect to a port where nobody listens."""
        with self.entered(), socket.socket() as client:
            return client.connect_ex((address_of(other.at), port))

    def export(self, url, *args, spool=None):
        """Starts its exporter, under the name of the host; it need not be ready yet."""
        words = [tracer.program(), "export", "-N", str(self.child.netns()), "--clickhouse", url,
                 *args, *(("--spool", spool) if spool else ()), *tracer.extra_arguments()]
        self.exporter = tracer.Tracer(words, command=[
            "unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name],
            with_extra=False)

    def wait_ready(self, within=30.0):
        """Waits until all is counted."""
        deadline = time.monotonic() + within * self.exporter.patience
        while "Counting" not in self.exporter.err:
            if self.exporter.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} is not ready:\n{self.exporter.err}")
            time.sleep(0.02)

    def stop(self, number=signal.SIGTERM):
        """Ends its exporter: the status, and what it said."""
        process = self.exporter.process
        process.send_signal(number)
        return process.wait(30), self.exporter.err

    def close(self):
        """All of it is gone."""
        if self.exporter and self.exporter.process.poll() is None:
            self.exporter.process.kill()
            self.exporter.process.wait()
        self.listener.close()
        self.child.kill()


def hosts_of(count):
    """So many hosts, that reach each other."""
    namespace.sysctl("ipv4/ip_forward", 1)
    return [Host(at) for at in range(count)]


def load(hosts, times):
    """Each host connects to each other one. Returns how many connections there were."""
    count = 0
    for one in hosts:
        for other in hosts:
            for _ in range(times if one is not other else 0):
                finish(*one.connect(other))
                count += 1
    return count


def fleet(*args, within=60.0):
    """`tcpspan fleet`: the status, what it printed, what it said."""
    done = subprocess.run([tracer.program(), "fleet", *args], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          timeout=within)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def lines_of(*args):
    """The lines of `tcpspan fleet --json`."""
    status, out, err = fleet(*args, "--json")
    if status:
        raise RuntimeError(err)
    return [json.loads(line) for line in out.splitlines()]


def export(recording, url, *args, environment=None):
    """`export -i`: the status, and what it said."""
    done = subprocess.run([tracer.program(), "export", "-i", recording, "--clickhouse", url, *args],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, timeout=100, env={**os.environ, **(environment or {})})
    return done.returncode, done.stderr.decode()
