#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Each command line that the README and the manual show is one that the program takes."""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/e2e"))

import tracer  # noqa: E402
from tap import Tap  # noqa: E402

# What is said of options that make no sense, as user/option/complaints.h has it.
COMPLAINTS = re.compile(r" needs (--|an argument|to be told|OLD)| is no story| is of fleet "
                        r"|is not (an option|a command|expected)|exclude each other"
                        r"| does not go with | does nothing |cannot be '|takes no argument"
                        r"|is short for ")
# Words that stand for something.
STANDS_FOR = {"FLOW": "5f3a09c1d2e4b678"}
WITHIN = 2.0  # seconds; whatever is taken may go on for ever
# As nobody who may trace, in a network where nobody is.
ALONE = ["unshare", "--net", "setpriv", "--bounding-set=-all", "--inh-caps=-all"]


def lines_of_readme(text):
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.S | re.M)
    for line in "".join(blocks).splitlines():
        yield re.sub(r"^\w*# +", "", line)
    for code in re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M)):
        yield code


def lines_of_manual(text):
    """What its examples are, and what it advises where an alert fires."""
    text = "".join(re.findall(r"^\.SH (?:ALERTS|EXAMPLES)$.*?(?=^\.SH )", text, re.S | re.M))
    text = text.replace("\\-", "-").replace("\\(dq", '"').replace("\\(aq", "'")
    return (found.strip('"') for found in re.findall(r"^\.B (\"?tcpspan .*)$", text, re.M))


def words_of(line):
    """The words behind each `tcpspan` of a line of the shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.wordchars += ":@%,[]{}+^!"
    words = None
    for word in [*lexer, "|"]:
        if words is None:
            words = [] if word == "tcpspan" else None
        elif word[0] in "|<>;&()":
            yield words
            words = None
        else:
            words.append(STANDS_FOR.get(word, word))


def commands():
    lines = [*lines_of_readme((TOP / "README.md").read_text()),
             *lines_of_manual(pathlib.Path(os.environ["BUILD"], "tcpspan.8").read_text())]
    seen = set()
    for line in lines:
        # A line of its screen is no command.
        if not re.search(r"(^|sudo )tcpspan( [^ ]|$)", re.sub(r"  +#.*", "", line)):
            continue
        for words in words_of(line):
            if tuple(words) not in seen:
                seen.add(tuple(words))
                yield words


def told(words, folder):
    """What it says on standard error, until it ends or has gone on for long enough."""
    alone = [] if os.geteuid() else ALONE
    try:
        return subprocess.run([*alone, tracer.program(), *words], cwd=folder, timeout=WITHIN,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, check=False).stderr
    except subprocess.TimeoutExpired as error:
        return (error.stderr or b"").decode()


def main():
    t = Tap()
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        for words in commands():
            said = told(words, folder)
            count += 1
            t.ok(not COMPLAINTS.search(said), shlex.join(["tcpspan", *words]), said)
    t.ok(count > 80, "there are many", count)
    t.done()
    return 1 if t.failed else 0


if __name__ == "__main__":
    sys.exit(main())
