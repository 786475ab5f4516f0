# SPDX-License-Identifier: GPL-2.0-only
"""The rows that whole green runs of the matrix leave in results.tsv."""

import datetime
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROWS = HERE / "results.tsv"
COLUMNS = ("date", "commit", "passed", "unsteady", "skipped", "minutes")
# What is written after a run, and says nothing of the program.
LATER = ("tests/kernel/results.tsv", "README.md")


class ResultsError(Exception):
    """results.tsv cannot be read."""


def load(path=ROWS):
    """The rows, the last one made last: a list of {column: text}."""
    rows = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        cells = line.split("\t")
        if line.startswith("#") or cells == list(COLUMNS):
            continue
        if len(cells) != len(COLUMNS):
            raise ResultsError(f"{path.name}:{number}: {len(cells)} cells, not {len(COLUMNS)}")
        rows.append(dict(zip(COLUMNS, cells)))
    if not rows:
        raise ResultsError(f"{path.name} has no row")
    return rows


def commit(top=HERE.parent.parent):
    """The commit that is checked out; None when there is more than that, or no way to know."""
    def git(*words):
        return subprocess.run(["git", "-C", str(top), *words], check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.strip()
    try:
        changed = git("status", "--porcelain", "--", ".", *(f":!{name}" for name in LATER))
        return None if changed else git("rev-parse", "--short=7", "HEAD")
    except (OSError, subprocess.CalledProcessError):
        return None


def note(counts, took_s, path=ROWS, name=None):
    """Adds the row of a run that was whole and green; the sentence that says so."""
    name = name or commit()
    if not name:
        return f"Not noted in {path.name}: what ran is no commit."
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    with open(path, "a", encoding="ascii") as rows:
        cells = (today, name, *(str(counts[each]) for each in COLUMNS[2:5]), f"{took_s / 60:.0f}")
        rows.write("\t".join(cells) + "\n")
    return f"Noted in {path.name}; 'make readme' tells the README."


def sentence(row):
    """What a row says, for the README."""
    few = "".join(f", {row[name]} {name}" for name in ("unsteady", "skipped") if row[name] != "0")
    return (f"The whole of it was green last on {row['date']}, of commit `{row['commit']}`: "
            f"{row['passed']} passed, 0 failed{few}, in {row['minutes']} minutes.")
