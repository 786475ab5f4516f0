#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""The row that a whole run of the benchmark leaves in results.tsv, and what is made of it.

As a program: --append [PART...] adds a row of the figures that the parts, or those named, have left
in BUILD/bench, and draws the pictures of a whole run; --update writes the last row into the README
and the manual; --check says whether they have it; --budgets prints what was kept of the budgets.
"""

import os
import pathlib
import re
import subprocess
import sys

import part
import pictures
from tracers import SUBJECTS

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
ROWS = HERE / "results.tsv"
README = TOP / "README.md"
MANUAL = TOP / "user" / "docs" / "overhead.h"
BEGIN, END = "<!-- overhead: make readme -->", "<!-- end of overhead -->"
# What a look at many sockets takes, in a sentence of its own.
LOOK = re.compile(r"take [0-9.]+ s of processor time;\n`ss -tanpi` takes [0-9.]+ s ")
PARTS = ("run", "paced", "scale", "producers", "snapshot", "scrape", "frame", "instructions")
UNKNOWN = "-"
QUIET = 0.95  # of the machine's time should be the load's and the tracer's
ENOUGH = 400000  # connections to be sure that none is lost

# figure, at least or at most, limit, in words
BUDGETS = (
	("hist.of_hooks", ">=", 0.96, "rate kept, hist, of what its hooks leave"),
	("record.rate", ">=", 0.94, "connection rate kept, record"),
	("trace.rate", ">=", 0.88, "connection rate kept, trace to a file"),
	("hist.floors", "<=", 0.8, "BPF time of a transition in floors, hist"),
	("record.floors", "<=", 1.25, "BPF time of a transition in floors, record"),
	("trace.floors", "<=", 1.25, "BPF time of a transition in floors, trace"),
	("hist.user_ns", "<=", 50, "user CPU of a transition in ns, hist"),
	("hist.lost", "<=", 0, "lost or skipped, hist"),
	("record.lost", "<=", 0, "lost or skipped, record"),
	("trace.lost", "<=", 0, "lost or skipped, trace"),
	("hist.connections", ">=", ENOUGH, "connections that this was measured on, hist"),
	("stopped.hist_lost", "<=", 0, "lost while the reader stands for 100 ms, hist"),
	("stopped.trace_lost", "<=", 0, "lost while the reader stands for 100 ms, trace"),
	("stopped.record_lost", "<=", 0, "lost while the reader stands for 100 ms, record"),
	("idle.hist_wakes", "<=", 0, "wake-ups in a second without traffic, hist"),
	("idle.hist_us", "<=", 0, "us of CPU in a second without traffic, hist"),
	("scale.bytes", "<=", 256, "bytes of each of a million connections"),
	("scrape.ms", "<=", 2, "ms of a scrape"),
	("scrape.groups_ms", "<=", 10, "ms of a scrape with 100 groups"),
	("frame.ms", "<=", 20, "ms of a frame of a million connections"),
	("frame.filter_ms", "<=", 20, "ms of such a frame with a filter"),
)


class ResultsError(Exception):
	"""results.tsv cannot be read, or a text lacks its marks."""


def shown(value):
	"""A number for people; what is unknown is `?`."""
	return "?" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def show_budgets(figures):
	"""Pass or miss, for those that were measured; nothing is asserted."""
	rows = []
	hist, empty = (figures.get(f"{key}.rate") for key in ("hist", "hooks_empty"))
	if hist and empty:
		figures = {**figures, "hist.of_hooks": round(hist / empty, 3)}
	for name, sign, limit, words in BUDGETS:
		value = figures.get(name)
		if value is None:
			continue
		kept = value >= limit if sign == ">=" else value <= limit
		rows.append([words, shown(value), f"{sign} {limit:g}", "pass" if kept else "MISS"])
	for own in (s for s in SUBJECTS if s.is_main):
		peers = [s for s in SUBJECTS if not s.is_own and s.is_tracer
			and f"{s.key}.rate" in figures]
		if peers and f"{own.key}.rate" in figures:
			rows.append(ahead(own, peers, figures))
	if rows:
		part.table(["budget", "measured", "wanted", ""], rows)


def ahead(own, peers, figures):
	best = max(peers, key=lambda s: figures[f"{s.key}.rate"])
	mine, theirs = figures[f"{own.key}.rate"], figures[f"{best.key}.rate"]
	return [f"rate kept, {own.key}: ahead of every peer, such as {best.key}", shown(mine),
		f"> {theirs:g}", "pass" if mine > theirs else "MISS"]


# ---- rows ------------------------------------------------------------------------------------


def commit():
	"""The commit that was measured; with a + when there is more than is committed."""
	def git(*words):
		return subprocess.run(["git", "-C", TOP, *words], check=True, text=True,
			stdout=subprocess.PIPE).stdout
	try:
		changed = git("status", "--porcelain", "-uno", "--", ".",
				":!tests/bench/results.tsv",
			":!tests/bench/*.svg", ":!README.md", ":!user/docs/overhead.h")
		return git("rev-parse", "--short=10", "HEAD").strip() + ("+" if changed else "")
	except (OSError, subprocess.CalledProcessError):
		return UNKNOWN


def kernel():
	"""The kernel's version, without what its builder has added."""
	return re.match(r"[0-9.]*[0-9]", os.uname().release).group()


def measured(parts=PARTS):
	"""The figures of those parts that were run."""
	figures = {}
	for name in parts:
		figures.update(part.kept(name)[0])
	return figures


def load_rows():
	"""The rows of the file, as dicts of text, and the names of their columns."""
	if not ROWS.exists():
		return [], ["commit", "kernel", "cpus"]
	lines = [line for line in ROWS.read_text().splitlines() if not line.startswith("#")]
	head = lines[0].split("\t")
	rows = [line.split("\t") for line in lines[1:]]
	for number, row in enumerate(rows, 1):
		if len(row) != len(head):
			raise ResultsError(
				f"results.tsv: row {number} has {len(row)} cells, not {len(head)}")
	return [dict(zip(head, row)) for row in rows], head


def append_row(parts=PARTS):
	"""Adds a row; a figure that is new here gets a column, `-` in the rows before."""
	rows, head = load_rows()
	row = {"commit": commit(), "kernel": kernel(), "cpus": str(len(os.sched_getaffinity(0)))}
	row.update({k: UNKNOWN if v is None else str(v) for k, v in measured(parts).items()})
	head += [name for name in row if name not in head]
	lines = ["# One row for each whole run of `make bench`; README.md has the columns.",
		"\t".join(head)]
	lines += ["\t".join(each.get(name, UNKNOWN) for name in head) for each in [*rows, row]]
	ROWS.write_text("\n".join(lines) + "\n")


def last_row():
	"""Of a whole run: those of one part lack the rest."""
	rows = [row for row in load_rows()[0] if row.get("plain.rate", UNKNOWN) != UNKNOWN]
	if not rows:
		raise ResultsError("results.tsv has no row yet: make bench")
	return rows[-1]


# ---- what is made of the last row ------------------------------------------------------------


def table_of(row):
	"""Rows of cells: each tracer that was measured."""
	def get(subject, name, form):
		value = row.get(f"{subject.key}.{name}", UNKNOWN)
		return value if value == UNKNOWN else format(float(value), form)
	columns = (("rate", ".2f"), ("bpf_ns", ".0f"), ("floors", ".2f"), ("cpu_ns", ".0f"),
		("user_ns", ".0f"), ("mib", ".0f"), ("lost", ".0f"))
	return [(subject.name, *(get(subject, name, form) for name, form in columns))
		for subject in SUBJECTS if get(subject, "rate", "") != UNKNOWN]


def about(row):
	"""Where and how the numbers were made, in a sentence."""
	busy = 1 - float(row["quiet"])
	return (f"Measured at saturation on Linux {row['kernel']} with {row['cpus']} CPUs: "
		"connections that open and close on every CPU, "
		f"{int(row['plain.rate']):,} a second without a tracer, ten transitions each." +
		(f" Other work had up to {busy:.0%} of the machine meanwhile, so "
		"these numbers are rough." if busy > 1 - QUIET else ""))


def markdown(row):
	head = ("", "rate kept", "BPF, ns", "in floors", "own CPU, ns", "of it user", "MiB", "lost")
	cells = [head, ("---",) * len(head)]
	cells += [(f"`{name}`" if " " not in name else name, *rest)
		for name, *rest in table_of(row)]
	lines = "\n".join(f"| {' | '.join(each)} |" for each in cells)
	text = wrapped(
			f"{about(row)} Times are for each transition; "
			f"a floor is {row['floor.ns']} ns: "
		"an otherwise empty program that reads the clock and submits 48 bytes.", 105)
	return "\n".join(text) + "\n\n" + lines


def manual(row):
	"""The same for the manual, as a header for docs/manual.c."""
	head = ("", "kept", "BPF", "floors", "CPU", "user", "MiB", "lost")
	cells = [head, *table_of(row)]
	widths = [max(len(each[i]) for each in cells) for i in range(len(head))]
	lines = ["  ".join(c.rjust(w) if i else c.ljust(w) for i, (c, w) in
		enumerate(zip(each, widths))).rstrip() for each in cells]
	text = "".join(f'\t"{line}\\n" \\\n' for line in lines)
	where = " \\\n".join(f'\t"{line}\\n"' for line in wrapped(about(row) + " Without a tracer "
		"the rate is 1. Times are in ns for each transition; "
		f"a floor is {row['floor.ns']} ns."))
	return ("/* SPDX-License-Identifier: GPL-2.0-only */\n"
		"/* The overhead as it was measured last: written by `make readme` from "
		"tests/bench/results.tsv. */\n"
		"#ifndef USER_DOCS_OVERHEAD_H\n#define USER_DOCS_OVERHEAD_H\n\n"
		f"/* clang-format off */\n#define OVERHEAD_ABOUT \\\n{where}\n\n"
		f"#define OVERHEAD_TABLE \\\n{text.rstrip(' ' + chr(92) + chr(10))}\n"
		"/* clang-format on */\n\n#endif\n")


def wrapped(text, columns=76):
	lines = [""]
	for word in text.split():
		if lines[-1] and len(lines[-1]) + 1 + len(word) > columns:
			lines.append("")
		lines[-1] += (" " if lines[-1] else "") + word
	return lines


def with_table(text, row):
	"""A README's text: the table between its two marks, and the look, as the row has them."""
	text, count = LOOK.subn(f"take {float(row['snapshot.list_s']):.1f} s of processor time;\n"
		f"`ss -tanpi` takes {float(row['snapshot.ss_s']):.1f} s ", text)
	if not count:
		raise ResultsError("the README lacks the sentence of a look at many sockets")
	start, end = text.find(BEGIN), text.find(END)
	if not 0 <= start < end:
		raise ResultsError("the README lacks the marks of the table of overhead")
	return f"{text[:start]}{BEGIN}\n{markdown(row)}\n{text[end:]}"


def main():
	try:
		if sys.argv[1:] == ["--append"]:
			append_row()
			pictures.draw_all(HERE)
		elif sys.argv[1:2] == ["--append"]:
			append_row(sys.argv[2:])
		elif sys.argv[1:] == ["--update"]:
			row = last_row()
			README.write_text(with_table(README.read_text(), row))
			MANUAL.write_text(manual(row))
		elif sys.argv[1:] == ["--check"]:
			row = last_row()
			if with_table(README.read_text(), row) != README.read_text() \
					or manual(row) != MANUAL.read_text():
				raise ResultsError(
					"the README or the manual is not current: make readme")
		elif sys.argv[1:] == ["--budgets"]:
			show_budgets(measured())
		else:
			raise ResultsError(
				"one of --append [PART...], --update, --check, --budgets")
	except (ResultsError, OSError) as error:
		print(f"tests/bench/results.py: {error}", file=sys.stderr)
		return 1
	return 0


if __name__ == "__main__":
	sys.exit(main())
