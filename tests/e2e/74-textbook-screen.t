#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""explain --demo on a terminal: the ladder grows and is corrected, --ask asks and is answered."""
import os
import re
import shutil
import signal
import unicodedata

from screen import Screen
from textbook import recorded
from tracer import program
from traffic import wait_for
from world import *

ROWS = 70  # more than the ladder has
NUMBER = re.compile(r"\d+(\.\d+)?(us|ms|s)?")


def columns(text):
    """How wide it is on a terminal."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


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


def fits(w, t, screen):
    """Square characters take two columns: no line is broken by the terminal, and arrows stand
    beneath each other."""
    screen.type("clear; $TCPSPAN explain --demo lost-ack --recorded --pace 0 --lang zh")
    t.ok(screen.wait(r"TIME_WAIT 就是为了能再说一遍。[\s\S]*^ready>"), "a ladder in Chinese",
         screen.text())
    lines = screen.text().splitlines()
    t.none([line for line in lines if columns(line) > 80], "no line is wider than 80 columns")
    arrows = [columns(line[:re.search("<--|---", line).start()]) for line in lines
              if re.search("<--|-->$|--> ", line)]
    t.ok(len(arrows) > 7 and len(set(arrows)) == 1, "all arrows begin in one column", arrows)
    expected = recorded("lost-ack", "--lang", "zh").splitlines()
    t.none([line for line in expected if line.rstrip() not in lines],
           "and each line is one of the terminal's")


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


def is_killed(w, writer):
    """A story that ends in the middle, with a tracer on its screen."""
    screen = Screen("screen-256color", w.patience, TCPSPAN=program())
    screen.type("$TCPSPAN top -N self")
    seen = screen.wait("overview")
    os.write(writer, " ".join(map(str, [bool(seen), *screen.all_processes()])).encode())
    os.kill(os.getpid(), signal.SIGKILL)


def is_there(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def leaves_nothing(w, t):
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        is_killed(w, writer)
    os.close(writer)
    seen, *pids = os.read(reader, 4096).decode().split()
    os.waitpid(pid, 0)
    os.close(reader)
    wait_for(lambda: not any(map(is_there, pids)), 10 * w.patience)
    t.equal((seen, len(pids) > 2, list(filter(is_there, pids))), ("True", True, []),
            "of a story that is killed neither the terminal stays nor what runs in it")


def story(w, t):
    if not shutil.which("tmux"):
        t.skip("a real terminal", "there is no tmux here")
        return
    with Screen("screen-256color", w.patience, rows=ROWS, TCPSPAN=program()) as screen:
        grows(w, t, screen)
        is_corrected(w, t, screen)
        fits(w, t, screen)
        asks(w, t, screen)
    leaves_nothing(w, t)


run(story, limit=60)
