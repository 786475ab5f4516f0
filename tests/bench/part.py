# SPDX-License-Identifier: GPL-2.0-only
# What the parts of the benchmark share: where things are, tables, figures on file, pictures.
"""A part is a script of this folder. It prints what it finds and leaves its figures in
BUILD/bench/PART.json, from which `results.py` makes a row and pictures."""

import json
import os
import shutil
import subprocess
import sys

BUILD = os.environ.get("BUILD", "build")
TCPSPAN = os.environ.get("TCPSPAN", BUILD + "/tcpspan")
TOOLS = os.environ.get("BENCH_TOOLS", BUILD + "/tests/bench/")
FIGURES = BUILD + "/bench"
INSIDE = "BENCH_NETNS"  # set in the namespaces that the measuring runs in


def read(path):
	with open(path, encoding="utf-8", errors="replace") as file:
		return file.read()


def demand_tools(*names):
	for name in names:
		if not os.path.exists(TOOLS + name):
			raise SystemExit(f"bench: {TOOLS}{name} is not built; use `make bench`")


def demand_root():
	if os.geteuid():
		raise SystemExit("bench: must be run as root")


def enter_namespaces(script):
	"""Goes on in a network namespace of its own, which vanishes with the last process in it,
	and in mounts of its own, where old tracers find tracefs at its old place."""
	demand_root()
	if not os.environ.get(INSIDE):
		os.environ[INSIDE] = "1"
		os.execvp("unshare", ["unshare", "--net", "--mount", "--", sys.executable,
			os.path.abspath(script)])
	os.environ["PATH"] += ":/usr/sbin:/sbin"
	subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
	for kind, place in (("debugfs", "/sys/kernel/debug"), ("tracefs", "/sys/kernel/tracing")):
		subprocess.run(["mount", "-t", kind, "none", place], check=False,
			stderr=subprocess.DEVNULL)


def table(head, rows):
	"""Prints rows of cells, the first flush left, the others flush right."""
	widths = [max(len(str(row[i])) for row in [head, *rows]) for i in range(len(head))]
	for row in [head, *rows]:
		cells = [str(cell).rjust(w) if i else str(cell).ljust(w)
			for i, (cell, w) in enumerate(zip(row, widths))]
		print("  " + "  ".join(cells).rstrip())
	print(flush=True)


def verdict(value, limit, at_least=False):
	"""In words, whether a budget was kept; nothing where there is none."""
	if limit is None or value is None:
		return ""
	kept = value >= limit if at_least else value <= limit
	return f"{'at least' if at_least else 'at most'} {limit:g}: {'pass' if kept else 'MISS'}"


def keep(part, figures, details=None):
	"""Leaves the figures of a part (name: number) on file, and what pictures need of it."""
	os.makedirs(FIGURES, exist_ok=True)
	with open(f"{FIGURES}/{part}.json", "w", encoding="utf-8") as file:
		json.dump({"figures": figures, "details": details}, file, indent=1)
		file.write("\n")


def kept(part):
	"""(figures, details) of a part that has been run; ({}, None) of one that has not."""
	try:
		with open(f"{FIGURES}/{part}.json", encoding="utf-8") as file:
			found = json.load(file)
	except FileNotFoundError:
		return {}, None
	return found["figures"], found["details"]


def draw(path, size, commands):
	"""Lets gnuplot draw a picture; False where it is not installed."""
	if not shutil.which("gnuplot"):
		print(f"{path} is not drawn: gnuplot is not here; `make bench-deps` installs it")
		return False
	begin = (f"set terminal svg size {size} font 'sans-serif,12' background '#ffffff'\n"
		f"set output '{path}'\n"
		"set border 3 lc rgb '#808080'\nset tics nomirror\nset grid lc rgb '#e0e0e0'\n")
	subprocess.run(["gnuplot"], input=begin + commands, text=True, check=True)
	return True
