# SPDX-License-Identifier: GPL-2.0-only
"""Reads matrix.txt: which kernels the stories run on, and what must work there.

As a program it prints the table of the README; --update writes it there, --check says whether
the README has it.
"""

import dataclasses
import fnmatch
import pathlib
import sys

import results

HERE = pathlib.Path(__file__).resolve().parent
RUNGS = ("fentry", "kprobe", "tracepoint", "auto")
ALL, CORE = "*", "+"  # of the stories gate a change on the rung before it
COLUMNS = 7
README = HERE.parent.parent / "README.md"
BEGIN, END = "<!-- kernels: make readme -->", "<!-- end of kernels -->"


class MatrixError(Exception):
    """matrix.txt cannot be read as a matrix, or has no such line."""


@dataclasses.dataclass(frozen=True)
class Line:
    """One kernel of the matrix."""

    name: str
    series: str
    suites: tuple
    package: str
    live: tuple
    parameters: str
    skips: tuple  # of (pattern, reason)
    gated: tuple = ()  # rungs on which all stories gate a change
    core: tuple = ()  # and those on which the core does

    def skip_reason(self, *names):
        """Why one of NAMES (a rung, a story, STORY@RUNG) is skipped here; None when it is not."""
        for pattern, reason in self.skips:
            if any(fnmatch.fnmatchcase(name, pattern) for name in names):
                return reason
        return None

    def is_only_live(self, rung):
        """Whether a rung must be live here, and no story runs on it."""
        return any(pattern == f"*@{rung}" for pattern, _ in self.skips)


def parse_skips(text, where):
    """'kprobe: why; story@auto: why' as ((pattern, reason), ...)."""
    skips = []
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        what, colon, reason = (part.strip() for part in entry.partition(":"))
        if not (what and colon and reason):
            raise MatrixError(f"{where}: a skip needs a reason, 'WHAT: reason': {entry!r}")
        skips.append((what, reason))
    return tuple(skips)


def parse_line(text, where):
    """One line of the file as a Line."""
    cells = [cell.strip() for cell in text.split("|")]
    if len(cells) != COLUMNS:
        raise MatrixError(f"{where}: {len(cells)} columns, {COLUMNS} are needed")
    name, series, suites, package, live, parameters, skips = cells
    marked = [(rung[:-1] if rung.endswith((ALL, CORE)) else rung, rung) for rung in live.split()]
    line = Line(name, series, tuple(suites.split()), package, tuple(rung for rung, _ in marked),
                parameters, parse_skips(skips, where),
                *(tuple(rung for rung, text in marked if text == rung + mark)
                  for mark in (ALL, CORE)))
    for rung in line.live:
        if rung not in RUNGS:
            raise MatrixError(f"{where}: no such rung: {rung} (there are {' '.join(RUNGS)})")
    for rung in RUNGS:
        if (rung in line.live) == bool(line.skip_reason(rung)):
            raise MatrixError(f"{where}: rung {rung} must be either live or skipped with a reason")
    return line


def load(path=HERE / "matrix.txt"):
    """All lines of the matrix, in the file's order."""
    lines = []
    for number, text in enumerate(path.read_text().splitlines(), 1):
        if not text.strip() or text.startswith("#"):
            continue
        lines.append(parse_line(text, f"{path.name}:{number}"))
    names = [line.name for line in lines]
    for name in names:
        if names.count(name) > 1:
            raise MatrixError(f"{path.name}: two lines are named {name}")
    return lines


def find(name):
    """The line called NAME."""
    lines = load() + load(HERE / "arm64.txt")
    for line in lines:
        if line.name == name:
            return line
    raise MatrixError(f"no kernel {name} in the matrix (there are "
                      f"{' '.join(line.name for line in lines)})")


def markdown(lines):
    """The matrix as a table for a README, and below it what is not told where, why, and when all
    of it was green last."""
    rows = [("kernel", *RUNGS), ("---",) * (1 + len(RUNGS))]
    notes = []
    for line in lines:
        name = f"{line.series} `{line.parameters}`" if line.parameters else line.series
        rows.append((name, *("no" if rung not in line.live else
                             "live" if line.is_only_live(rung) else "works" for rung in RUNGS)))
        reasons = {}
        for pattern, reason in line.skips:
            reasons.setdefault(reason, []).append(f"`{pattern}`")
        notes += [f"* {name}: {', '.join(patterns)}: {reason}"
                  for reason, patterns in reasons.items()]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    if notes:
        table += "\n\nNot on every one of them:\n\n" + "\n".join(notes)
    return f"{table}\n\n{results.sentence(results.load()[-1])}"


def with_table(text):
    """A README's text with the table between its two marks as the matrix has it."""
    start, end = text.find(BEGIN), text.find(END)
    if not 0 <= start < end:
        raise MatrixError("the README lacks the marks of the table of kernels")
    return f"{text[:start]}{BEGIN}\n{markdown(load())}\n{text[end:]}"


def main():
    try:
        text = README.read_text()
        if sys.argv[1:] == ["--update"]:
            README.write_text(with_table(text))
        elif sys.argv[1:] == ["--check"]:
            if with_table(text) != text:
                raise MatrixError("the README's table of kernels is not current: make readme")
        else:
            print(markdown(load()))
    except (MatrixError, results.ResultsError, OSError) as error:
        print(f"tests/kernel/matrix.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
