#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""What may be wrong with a file or a terminal is said in each language: no text is forgotten."""
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "e2e"))
from tap import Tap

USER = os.path.join(HERE, "..", "..", "user")
# Who opens files and terminals, and says in English what is wrong with them. What may be wrong with
# a kernel is looked up elsewhere.
ROOMS, ELSEWHERE = ("record", "source", "curses"), re.compile(r"(live(_\w+)?|ring)\.c")
TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
NO_FAULT = re.compile(r"(?:_Static_assert|static_assert)\s*\([^;]*;|^\s*#[^\n]*$|/\*.*?\*/",
                      re.M | re.S)


def joined(code):
    """Parts of a text that stand one after the other are one text."""
    return re.sub(r'"\s*\\?\s*\n\s*"', "", code)


def known():
    """The texts that have another language."""
    with open(os.path.join(USER, "run", "faults.h"), encoding="utf-8") as file:
        return set(re.findall(r'X\(\s*"((?:[^"\\]|\\.)*)",', joined(file.read())))


def told(code):
    """The sentences of a file; of a format it is said elsewhere what it is filled with."""
    found = TEXT.findall(joined(NO_FAULT.sub("", code)))
    return [text for text in found if re.match(r"[a-z]+ [a-z]", text) and "%" not in text]


def main():
    t, faults, count = Tap(), known(), 0
    for room in ROOMS:
        for path in sorted(glob.glob(os.path.join(USER, room, "*.c"))):
            if ELSEWHERE.fullmatch(os.path.basename(path)):
                continue
            with open(path, encoding="utf-8") as file:
                texts = told(file.read())
            count += len(texts)
            t.none([text for text in texts if text not in faults],
                   f"{room}/{os.path.basename(path)}: {len(texts)} in each language")
    t.ok(count >= len(faults) > 40, "as many as there are words for", count, len(faults))
    t.equal(told('say("it is odd");\nsay("it is"\n    " torn"); f("%s is b");\n'
                 '_Static_assert(1, "a b");'),
            ["it is odd", "it is torn"], "they are found, in parts, too")
    t.done()
    return 1 if t.failed else 0


sys.exit(main())
