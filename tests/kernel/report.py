# SPDX-License-Identifier: GPL-2.0-only
"""Says what came of a run of stories: sentences, the table, the closing line."""

import collections

import kernels
import matrix
from stories import FAILED, PASSED, SKIPPED, UNSTEADY

UNSTEADY_MAX = 2  # in a whole run; more is a failure
REASONS_MAX = 10  # told of one story at the end


def sentence(outcome):
    """One line about one outcome."""
    text = f"{outcome.result:7} {outcome.kernel} {outcome.rung} {outcome.story or '(the rung)'}"
    if outcome.story and outcome.seconds:
        text += f" ({outcome.seconds:.1f} s, {outcome.busy:.1f} s busy)"
    if outcome.reasons:
        more = len(outcome.reasons) - 1
        text += f": {outcome.reasons[0]}" + (f" (and {more} more)" if more else "")
    return text


def counts(outcomes):
    """How often each result came."""
    return collections.Counter(outcome.result for outcome in outcomes)


def cell(outcomes):
    """Passed of all, for one kernel and rung; a rung that is skipped as a whole says so."""
    if not outcomes:
        return "-"
    whole = [outcome for outcome in outcomes if outcome.story is None]
    if whole and whole[0].result == SKIPPED:
        return "skipped"
    if len(outcomes) == 1 and whole and whole[0].result == PASSED:
        return "live"
    played = [outcome for outcome in outcomes if outcome.story is not None]
    number = counts(played)
    text = f"{number[PASSED]}/{len(played)}"
    for result in (UNSTEADY, SKIPPED):
        if number[result]:
            text += f" ({number[result]} {result})"
    if whole and whole[0].result == FAILED:
        text += " not live"
    return text


def table(outcomes):
    """Kernel x rung x stories passed, and why anything was skipped."""
    rows = [("kernel", "version", *matrix.RUNGS)]
    for name in dict.fromkeys(outcome.kernel for outcome in outcomes):
        version = kernels.version(matrix.find(name).series)
        rows.append((name, version, *(
            cell([each for each in outcomes if each.kernel == name and each.rung == rung])
            for rung in matrix.RUNGS)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
             for row in rows]
    lines += [sentence(outcome) for outcome in outcomes if outcome.result == SKIPPED]
    return "\n".join(lines)


def closing_line(outcomes):
    """'N passed, N failed' over stories and live rungs."""
    number = counts(outcomes)
    return f"{number[PASSED]} passed, {number[FAILED]} failed"


def other_line(outcomes):
    """The other results, 'N unsteady, N skipped'; empty when there are none."""
    number = counts(outcomes)
    return ", ".join(f"{number[result]} {result}" for result in (UNSTEADY, SKIPPED)
                     if number[result])


def all_counts(outcomes):
    """Both in one line."""
    return ", ".join(filter(None, (closing_line(outcomes), other_line(outcomes))))


def trouble(outcomes):
    """What was unsteady, then what failed, with all that it found wrong: where a log is cut, its
    end is what is left."""
    lines = []
    for result in (UNSTEADY, FAILED):
        for outcome in outcomes:
            if outcome.result == result:
                lines.append(sentence(outcome))
                lines += [f"  {why}" for why in outcome.reasons[1:REASONS_MAX]]
    return "\n".join(lines)


def closing_lines(outcomes):
    """The end of a run: the last line has but what passed and failed."""
    return "\n\n".join(filter(None, (trouble(outcomes), other_line(outcomes),
                                     closing_line(outcomes))))


def is_green(outcomes):
    """Whether something ran and nothing failed; of many stories a few may have been unsteady."""
    number = counts(outcomes)
    return number[PASSED] > 0 and number[FAILED] == 0 and number[UNSTEADY] <= UNSTEADY_MAX
