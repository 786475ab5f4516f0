# SPDX-License-Identifier: GPL-2.0-only
"""The Test Anything Protocol on standard output, as `prove` reads it."""

import os
import statistics
import sys

# How much further off a measured time may be: 1, but for machines that are slow by nature.
SLACK = float(os.environ.get("SLACK", "1"))

EXCUSED = "TO" "DO"  # the protocol's word for a failure that does not count


class Skip(Exception):
    """Raised where a story cannot run on this kernel; the message says what is missing."""


class Tap:
    """Counts the checks of one story and prints each as it is made.

    `excuse` says why a check that fails now proves nothing, if so: such a check is printed with the
    directive EXCUSED and counted in `excused`, not in `failed`.
    """

    def __init__(self, out=sys.stdout, err=sys.stderr, count=0, excuse=lambda: None):
        self.out, self.err, self.count, self.excuse = out, err, count, excuse
        self.failed = self.excused = 0
        self.story = os.path.splitext(os.path.basename(sys.argv[0]))[0]

    def ok(self, passed, name, *notes):
        """One check; `notes` are printed as diagnostics when it fails."""
        self.count += 1
        line = f"{'ok' if passed else 'not ok'} {self.count} - {one_line(name)}"
        if passed:
            self._print(line)
            return True
        why = self.excuse()
        self.excused += bool(why)
        self.failed += not why
        self._print(f"{line} # {EXCUSED} {one_line(why)}" if why else line)
        self._warn(f"{os.path.basename(sys.argv[0])}: check {self.count} failed: {name}",
                   *([why] if why else []), *notes)
        return False

    def equal(self, got, want, name, *notes):
        """Passes when both are equal."""
        return self.ok(got == want, name, f"got  {shorten(got)}", f"want {shorten(want)}", *notes)

    def none(self, flaws, name):
        """Passes when the list of flaws is empty; prints the first ones."""
        flaws = list(flaws)
        return self.ok(not flaws, name, f"{len(flaws)} flaws, the first:",
                       *(f"  {shorten(each)}" for each in flaws[:8]))

    def few(self, flaws, most, name):
        """Passes when there are no more than `most` flaws; prints the first ones."""
        flaws = list(flaws)
        return self.ok(len(flaws) <= most, name, f"{len(flaws)} flaws, {most} allowed, the first:",
                       *(f"  {shorten(each)}" for each in flaws[:8]))

    def near(self, got, want, off, name):
        """Passes when the time `got` is at most `off` times SLACK from `want`; in ms."""
        most = off * SLACK
        return self.ok(is_number(got) and abs(got - want) <= most, name,
                       f"got  {got} ms", f"want {want} ms, give or take {most}")

    def slight(self, off, most, name):
        """Passes when a time is `off` by at most `most` times SLACK, both in milliseconds."""
        return self.between(off, 0, most * SLACK, name, "ms off")

    def between(self, got, low, high, name, unit=""):
        """Passes when `got` is a number from `low` to `high`."""
        return self.ok(is_number(got) and low <= got <= high, name,
                       f"got  {got} {unit}", f"want {low} to {high} {unit}")

    def skip(self, name, reason):
        """One check that this kernel does not allow."""
        self.count += 1
        self._print(f"ok {self.count} - {one_line(name)} # SKIP {one_line(reason)}")

    def skip_all(self, reason):
        """The whole story cannot run on this kernel."""
        if self.count:
            self.skip("the rest of the story", reason)
            self.done()
        else:
            self._print(f"1..0 # SKIP {one_line(reason)}")

    def note(self, *lines):
        """Diagnostics: `prove -v` shows them."""
        for line in lines:
            for part in str(line).splitlines() or [""]:
                self._print(f"# {part}")

    def _warn(self, *lines):
        """Diagnostics that `prove` always shows, in one piece."""
        text = "\n".join(str(each) for each in lines)
        print("\n".join(f"# {part}" for part in text.splitlines()), file=self.err, flush=True)

    def done(self):
        """The plan, which comes last."""
        self._print(f"1..{self.count}")

    def _print(self, line):
        print(line, file=self.out, flush=True)


def is_number(value):
    """True for an int or a float, not for None or a bool."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def one_line(text):
    """`text` as TAP allows it in a description."""
    return " ".join(str(text).split()).replace("#", "number ")


def shorten(value, limit=600):
    """A printable form of `value` of at most `limit` characters."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[:limit] + "..."


def median(values):
    """The median of the numbers in `values`, or None when a value is missing or there are none."""
    values = list(values)
    if not values or not all(is_number(each) for each in values):
        return None
    return statistics.median(values)
