#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""explain --demo on a terminal: the ladder grows and is corrected, --ask asks and is answered."""
import re
import shutil

from screen import Screen
from textbook import recorded
from tracer import program
from world import *

ROWS = 70  # more than the ladder has
NUMBER = re.compile(r"\d+(\.\d+)?(us|ms|s)?")


def plain(text):
    """Without what differs from run to run, and from one width of a number to another."""
    return [" ".join(NUMBER.sub("N", line).split()) for line in text.splitlines() if line.strip()]


def grows(w, t, screen):
    """Longer than the story takes, so that the end is drawn behind what it was drawn from."""
    screen.type("clear; $TCPSPAN explain --demo both-close --pace 100ms")
    t.ok(screen.wait("ESTABLISHED"), "the ladder begins while the story is played", screen.text())
    halfway = screen.text()
    t.ok(screen.wait(r"handshake [\s\S]*^ready>"), "and ends with it", screen.text())
    t.ok("both closed at once" not in halfway, "which it was not when it began", halfway)
    t.equal(plain(screen.text())[:-1], plain(recorded("both-close")),
            "what grew is what is printed at once")


def is_corrected(w, t, screen):
    """A SYN of which nobody knows whether it arrives: until it is answered."""
    screen.type("clear; $TCPSPAN explain --demo refused --pace 400ms --lang zh")
    t.ok(screen.wait("SYN_SENT .* SYN seq=x -+> "), "the arrow has its end", screen.text())
    t.ok(screen.wait(r"ECONNREFUSED\)[\s\S]*^ready>"), "and the story its own", screen.text())
    t.equal(plain(screen.text())[:-1], plain(recorded("refused", "--lang", "zh")),
            "nothing is left of what was corrected")


def asks(w, t, screen):
    screen.type("clear; $TCPSPAN explain --demo refused --recorded --ask")
    t.ok(screen.wait(r"state of this end\? *$"), "it asks before it tells", screen.text())
    t.ok("SYN_SENT" not in screen.text(), "the states are not to be seen yet", screen.text())
    screen.type("syn-sent")
    t.ok(screen.wait(r"right\n.*state of the other end\? *$"), "the right one is right")
    screen.type("listen")
    t.ok(screen.wait(r"no, it is CLOSED$"), "the wrong one is corrected", screen.text())
    screen.type("whatever")
    t.ok(screen.wait(r"no state of TCP"), "what is none is asked again", screen.text())
    screen.type("closed")
    screen.type("")
    t.ok(screen.wait(r"^right: 2 of 4$"), "and counted", screen.text())
    screen.type("clear; $TCPSPAN explain --demo open-close --recorded --ask --lang zh")
    screen.wait("本端的状态？")
    screen.keys("C-c")
    t.ok(screen.wait(r"^ready> *\Z"), "Ctrl-C ends it where it asks", screen.text())


def story(w, t):
    if not shutil.which("tmux"):
        t.skip("a real terminal", "there is no tmux here")
        return
    with Screen("screen-256color", w.patience, rows=ROWS, TCPSPAN=program()) as screen:
        grows(w, t, screen)
        is_corrected(w, t, screen)
        asks(w, t, screen)


run(story, limit=60)
