# SPDX-License-Identifier: GPL-2.0-only
"""Measures inside a virtual machine whose clock counts instructions; prints one JSON line a figure.

The plan is BENCH_PLAN, JSON: {"subjects": [keys], "seconds": each measurement, "programs": whether
to part the cost by program, too}. What is printed is in instructions for each connection.
"""

import json
import os
import re
import sys
import tempfile
import time

import part
from tracers import (SETTLE_SECONDS, SUBJECTS, TRANSITIONS, RefusedError, Tracer, bpf_round, load,
	prepare_ports)

NS_PER_S = 1e9  # and instructions: the clock of the machine goes on by one for each
# All pairs of addresses and ports are used once within so long, and each is free again before
# its turn comes.
FILL_SECONDS = 3.5
FEW_PORTS = "20000 22559"
SAID = re.compile(r"(\d+) events? in ")


def say(**fields):
	print(json.dumps(fields), flush=True)


def prepare():
	"""Fewer ports than a real machine's load needs: this one is slower by its clock."""
	prepare_ports()
	with open("/proc/sys/net/ipv4/ip_local_port_range", "w", encoding="ascii") as file:
		file.write(FEW_PORTS)


def plain(seconds):
	done = load(seconds)
	return done.ns / done.connections


def traced(subject, folder, seconds):
	"""The load beside a tracer: all that a connection takes, and of it the tracer's process."""
	with Tracer(subject, folder) as tracer:
		before = tracer.cpu_ns()[0]
		done = load(seconds)
		time.sleep(SETTLE_SECONDS)
		own_ns = tracer.cpu_ns()[0] - before
		peak_kib = tracer.status("VmHWM")
	said = SAID.search(" ".join(tracer.said.split()))
	return {
		"all": done.ns / done.connections,
		"own": own_ns / done.all,
		"records": int(said.group(1)) / done.all if said else None,
		"lost": tracer.losses(done.all),
		"connections": done.all,
		"mib": peak_kib / 1024,
	}


def programs(subject, folder, seconds):
	"""What each of the subject's programs takes of a connection, by the kernel's statistics."""
	found = bpf_round(subject, folder, seconds)
	each = {name: (net * TRANSITIONS, runs * TRANSITIONS)
		for name, (_, net, runs, _) in found["programs"].items()}
	return {"programs": each, "floor": found["floor"]}


def main():
	plan = json.loads(os.environ["BENCH_PLAN"])
	part.enter_namespaces(__file__)
	prepare()
	seconds = plan["seconds"]
	load(0.1, FILL_SECONDS)
	say(plain=plain(seconds))
	with tempfile.TemporaryDirectory() as folder:
		for key in plan["subjects"]:
			subject = next(s for s in SUBJECTS if s.key == key)
			span = max(seconds, subject.least_s)
			try:
				figures = traced(subject, folder, span)
				if plan["programs"]:
					figures |= programs(subject, folder, seconds)
			except RefusedError as error:
				say(subject=key, refused=str(error)[:200])
				continue
			say(subject=key, **figures)
	say(plain=plain(seconds))


if __name__ == "__main__":
	sys.exit(main())
