#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The live view in a real terminal: what it shows, what keys do, and what it leaves behind."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

import tracer
from screen import Screen
from traffic import connect, finish, free_port, listen, pair, port_of, wait_for
from world import *

ALIVE, LEFT, REFUSED = 11, 3, 5


def runs_program(pid):
    try:
        return os.path.samefile(f"/proc/{pid}/exe", tracer.program())
    except OSError:
        return False


def pid_of_top(screen, within):
    """The one that the shell of this screen has started: whatever else runs here is not ours."""
    return wait_for(lambda: next(filter(runs_program, screen.processes()), None), within)


def parent_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        return int(stat.read().rsplit(")", 1)[1].split()[1])


def make_traffic():
    """Connections that stay as they are, so that the screen has numbers to be compared with."""
    listener, nobody = listen(), free_port()
    alive = [pair(listener) for _ in range(ALIVE)]
    left = [pair(listener) for _ in range(LEFT)]
    for client, _ in left:
        client.close()
    for _ in range(REFUSED):
        try:
            connect("127.0.0.1", nobody)
        except ConnectionRefusedError:
            pass
    return listener, nobody, alive, left


def shows(screen, t):
    """What there is, on each of its screens."""
    live = 2 * ALIVE + 2 * LEFT
    t.ok(screen.wait(rf"^live {live}  ESTABLISHED {2 * ALIVE}  FIN_WAIT2 {LEFT}  "
                     rf"CLOSE_WAIT {LEFT}"), "the head has all states", screen.text())
    t.ok(screen.wait(rf"{live} opened, 0 closed, {REFUSED} failed") or
         screen.wait(rf"{live + REFUSED} opened, {REFUSED} closed, {REFUSED} failed"),
         "the overview has the sums", screen.text())
    t.ok(screen.press("2", rf"2 connections 1/{live} "), "a row for each connection", screen.text())
    t.ok(screen.press("3", r"BY PROCESS"), "groups by process", screen.text())
    t.ok(screen.press("b b b b b", rf"BY PORT.*\n.* {live} +{2 * ALIVE} "), "and by port",
         screen.text())
    t.ok(screen.press("4", rf"ESTABLISHED {2 * ALIVE}\b"), "states with their numbers",
         screen.text())
    t.ok(screen.press("6", rf"^> +{REFUSED} .* refused "), "failures with their cause",
         screen.text())
    t.ok(screen.press("7", rf"^ state_syn_sent +{REFUSED + ALIVE + LEFT} "), "histograms",
         screen.text())


def obeys(screen, t, port):
    """Keys do what they say."""
    live = 2 * ALIVE + 2 * LEFT
    screen.press("2", "2 connections")
    t.ok(screen.press("j j", rf"2 connections 3/{live} "), "j goes down", screen.text())
    t.ok(screen.press("G", rf"2 connections {live}/{live} "), "G to the end", screen.text())
    t.ok(screen.press("g", rf"2 connections 1/{live} "), "g to the beginning", screen.text())
    screen.keys("/")
    screen.type(f"lport {port} state close-wait")
    t.ok(screen.wait(rf"2 connections {LEFT}/{live} match .*/lport {port} state c"),
         "a filter in the words of the options", screen.text())
    t.equal(len(re.findall(r"^[> ]CLOSE_WAIT ", screen.text(), re.M)), LEFT, "leaves what matches")
    screen.keys("/", "C-u")
    screen.type("colour red")
    t.ok(screen.wait(r'^no "colour": comm pid '), "what is no filter is told", screen.text())
    t.ok(screen.press("Escape", rf"2 connections 1/{live} "), "Escape takes it away", screen.text())
    t.ok(screen.press("Enter", r"^this end +127\.0\.0\.1:"), "Enter shows the ladder",
         screen.text())
    t.ok(screen.press("Escape", r"^ STATE +FOR"), "Escape goes back", screen.text())
    t.ok(screen.press(">", r"LIFEv"), "> sorts by the next column", screen.text())
    t.ok(screen.press("r", r"LIFE\^"), "r the other way", screen.text())
    t.ok(screen.press("p", r"PAUSED"), "p stands still", screen.text())
    t.ok(screen.press("p", rf"2 connections 1/{live}  live"), "and goes on", screen.text())
    t.ok(screen.press("?", r"^j k, arrows +a row down"), "? has the keys", screen.text())
    screen.press("Escape", r"^ STATE +FOR")
    # ESC [ 4 ~ as PuTTY sends it, and ESC [ 5 ; 9 ~, which no terminal is known to send.
    screen.bytes(b"\033[4~")
    t.ok(screen.wait(rf"2 connections {live}/{live} "), "a key by another terminal's bytes",
         screen.text())
    screen.bytes(b"\033[5;9~\033[8;1R\033[1~")
    t.ok(screen.wait(rf"2 connections 1/{live} "), "and what is no key does nothing", screen.text())


def saves(screen, t, folder):
    """What is saved is a recording of what was seen."""
    live = 2 * ALIVE + 2 * LEFT
    t.ok(screen.press("s", r"^Saved the last .* events\): tcpspan-[\d-]+\.tsp"), "s saves",
         screen.text())
    files = os.listdir(folder)
    t.equal(len(files), 1, "one file")
    path = os.path.join(folder, files[0])
    t.equal(os.stat(path).st_mode & 0o777, 0o600, "for its owner alone")
    lines = [json.loads(line) for line in
             tracer.run("trace", "--json", "--open", "-i", path).out.splitlines()]
    counts = lines[-1]["connections"]
    t.equal((counts["opened"], counts["closed"], counts["live"]),
            (live + REFUSED, REFUSED, live), "which tells the same")
    t.equal(tracer.run("check", "-i", path).status, 0, "and is whole")
    os.unlink(path)


def sifts(screen, t, listener):
    """A filter goes for all lists; histograms begin with those that close from then on."""
    port = port_of(listener)
    screen.press("6", "6 failures")
    screen.keys("/")
    screen.type("comm nobody")
    t.ok(screen.wait(r"6 failures 0/1 match(.*\n)*^ No failure matches"), "failures",
         screen.text())
    t.ok(screen.press("1", "^ No failure matches"), "on the first screen as well", screen.text())
    screen.press("6", "6 failures")
    screen.keys("/", "C-u")
    screen.type(f"pid {os.getpid()}")
    t.ok(screen.wait(rf"6 failures 1/1 match(.*\n)*^> +{REFUSED} "), "by whose they were",
         screen.text())
    screen.keys("/", "C-u")
    screen.type(f"lport {port}")
    t.ok(screen.press("7", r"7 histograms 0/0 match(.*\n)*^ Of those that match the filter"),
         "histograms", screen.text())
    for sock in pair(listener):
        sock.close()
    t.ok(screen.wait(r"7 histograms 1/2 match(.*\n)*^ handshake_server +1 "),
         "of those that close", screen.text())
    t.ok(screen.press("8", rf"8 listeners 1/\d+ match(.*\n)*^>.*:{port} "), "listeners",
         screen.text())
    screen.keys("/", "C-u")
    screen.type("unit nobody.service")
    t.ok(screen.wait(r"8 listeners 0/\d+ match(.*\n)*^ No unit"), "and what nobody knows of them",
         screen.text())
    screen.press("Escape", r"8 listeners 1/")


def stands_still(screen, t, listener):
    """All screens stay as they were, and what happens meanwhile is counted."""
    names = ("overview", "connections", "groups", "states", "stuck", "failures", "histograms",
             "listeners")

    def seen():
        return [screen.press(str(i), rf"{i} {name}.* PAUSED") and screen.text()
                for i, name in enumerate(names, 1)]

    screen.press("1", "1 overview")
    screen.press("p", "PAUSED")
    before, nobody = seen(), free_port()
    try:
        connect("127.0.0.1", nobody)
    except ConnectionRefusedError:
        pass
    more = pair(listener)
    for sock in pair(listener):
        sock.close()
    t.equal(seen(), before, "no screen has changed")
    screen.keys("1", "p")
    t.ok(screen.wait(rf"[ ,]{REFUSED + 1} failed"), "and nothing was missed", screen.text())
    for sock in more:
        sock.close()


def keeps_what_is_older(w, t):
    """A recording that is saved begins with what was alive, in the state that it was in."""
    listener = listen()
    older, idle = pair(listener), pair(listener)
    folder = tempfile.mkdtemp(prefix="tcpspan-saved-")
    with Screen("xterm", w.patience) as screen:
        screen.type(f"cd {folder}; {tracer.program()} top -N self")
        screen.wait(r"^live 4  ESTABLISHED 4", 60)
        older[1].close()
        screen.wait(r"^live 4  ESTABLISHED 2  FIN_WAIT2 1  CLOSE_WAIT 1", 60)
        screen.press("s", r"^Saved the last .* events\): tcpspan-[\d-]+\.tsp")
    path = os.path.join(folder, os.listdir(folder)[0])
    lines = [json.loads(line) for line in
             tracer.run("trace", "--json", "--open", "-i", path).out.splitlines()]
    told = {(line["lport"], line["rport"]): (line["seeded"], line["role"],
                                             [at["state"] for at in line["timeline"]])
            for line in lines if line["type"] == "connection"}
    port = port_of(listener)
    t.equal([told.get(ends) for ends in ((port_of(older[0]), port), (port_of(idle[0]), port),
                                         (port, port_of(idle[0])))],
            [(True, "client", ["ESTABLISHED", "CLOSE_WAIT"]), (True, "client", ["ESTABLISHED"]),
             (True, "server", ["ESTABLISHED"])],
            "what is older than top is in what it saves, from its beginning on")
    t.equal(tracer.run("check", "-i", path).status, 0, "which is whole")
    shown = tracer.run("top", "--once", "-i", path).out.decode()
    t.ok(re.search(r"^live 4 .*CLOSE_WAIT 1$", shown, re.M), "and shows what is alive", shown)
    shutil.rmtree(folder)
    for sock in (*older, *idle, listener):
        sock.close()


def finds_holders(screen, t, left):
    """Stuck: who holds them, and what was not read."""
    screen.press("5", "5 stuck")
    t.ok(screen.wait(rf"5 stuck 1/{LEFT} ", 40), "those that the peer has left", screen.text())
    t.equal(len(re.findall(rf"CLOSE_WAIT .* {os.getpid()} .* \d+$", screen.text(), re.M)), LEFT,
            "with the process that holds them")
    t.ok(screen.wait(r"never called\s+close"), "and a sentence", screen.text())
    t.equal(re.findall(r"^.CLOSE_WAIT +(>?)", screen.text(), re.M), LEFT * [""],
            "which was seen to begin, so that no age is a bound")
    t.equal(len(left), LEFT, "which are ours")


def is_resized(screen, t):
    screen.press("1", "1 overview")
    screen.resize(120, 40)
    t.ok(screen.wait(r"^tcpspan  1 overview .{90,}$"), "a larger terminal is filled",
         screen.text())
    screen.resize(60, 15)
    t.ok(screen.wait(r"\Atcpspan  1 overview .{30,40}$"), "a smaller one, too", screen.text())
    t.equal(max(len(line) for line in screen.text().splitlines()), 60, "and not more than that")
    screen.resize(80, 24)
    screen.wait(r"^tcpspan  1 overview .{55,60}$")


def stops_and_goes_on(screen, t, modes):
    screen.keys("C-z")
    t.ok(screen.wait(r"Stopped|stopped"), "Ctrl-Z stops it", screen.text())
    t.equal(screen.modes(), modes, "the terminal is as before")
    screen.type("fg; echo it ended with $?")
    t.ok(screen.wait(r"\Atcpspan  1 overview"), "fg goes on", screen.text())


def ends_well(w, screen, t, modes, number):
    """However it ends, the terminal is as before."""
    screen.type(f"sh -c '{tracer.program()} top -N self; :'")
    screen.wait(r"\Atcpspan  1 overview", 60)
    top = pid_of_top(screen, 5 * w.patience)
    victim = parent_of(top) if number == signal.SIGKILL else top
    os.kill(victim, number)
    wait_for(lambda: not os.path.exists(f"/proc/{top}"), 10 * w.patience)
    screen.keys("Enter")
    screen.wait(r"^ready> *\Z")
    t.equal(screen.modes(), modes, f"the terminal is as before, after {number.name}")


def colours(w, t):
    """Eight of them, many, and none: what is seen is the same without."""
    recording = make_recording(w)
    found = {}
    for name, term, more in (("8", "xterm", {}), ("256", "xterm-256color", {}),
                             ("none", "xterm-256color", {"NO_COLOR": "1"})):
        with Screen(term, w.patience, **more) as screen:
            screen.type(f"{tracer.program()} top -i {recording} --screen failures")
            for _ in range(9):
                screen.keys("]")
            screen.wait("its end", 60)
            screen.wait(r"^> +\d+ .* refused ")
            screen.press("g", "^q quit ")
            found[name] = screen.styled()
    os.unlink(recording)
    t.ok(re.search(r"\x1b\[[\d;]*3[16]m", found["8"]), "8 colours are those with names")
    t.ok(re.search(r"38;5;(?:110|203)", found["256"]), "256 are others")
    t.none(re.findall(r"\x1b\[(?:[\d;]*;)?(?:3[0-7]|38;[\d;]+)m", found["none"]),
           "NO_COLOR leaves none")
    bare = {re.sub(r"\x1b\[[\d;]*m", "", text).split("\n", 1)[1] for text in found.values()}
    t.equal(len({re.sub(r"[\d.]+m?s", "", text) for text in bare}), 1,
            "the characters are the same")


def make_recording(w):
    handle, path = tempfile.mkstemp(suffix=".tsp")
    os.close(handle)
    with w.trace("record", "-N", "self", "-o", path):
        listener, nobody, alive, left = make_traffic()
        for sock in [each for two in alive + left for each in two] + [listener]:
            sock.close()
        del nobody
    return path


def is_equal_to_trace(w, t):
    """The numbers of the screen are those of `trace --json` of the same recording."""
    path = make_recording(w)
    lines = [json.loads(line) for line in
             tracer.run("trace", "--json", "-i", path).out.splitlines()]
    counts = lines[-1]["connections"]
    failed = [line for line in lines if line.get("type") == "connection" and
              line["close"]["outcome"] not in ("open", "closed", None)]
    with Screen("xterm", w.patience) as screen:
        screen.type(f"{tracer.program()} top -i {path}")
        screen.wait(r"\Atcpspan  1 overview  recording", 60)
        screen.press("p", "recording  PAUSED")
        t.ok(screen.press("]", "at 2 x"), "its speed is told", screen.text())
        screen.keys("p", *8 * "]")
        screen.wait("its end", 60)
        t.ok(screen.wait(rf" {counts['opened']} opened, {counts['closed']} closed, "
                         rf"{len(failed)} failed"), "opened, closed and failed are the same",
             (counts, len(failed), screen.text()))
        t.ok(screen.wait(rf"^live {counts['live']}\b"), "those alive are the same", screen.text())
        hist = [json.loads(line) for line in
                tracer.run("hist", "--json", "-i", path).out.splitlines()]
        for line in hist:
            if line["type"] == "histogram" and line["name"].startswith("handshake_"):
                t.ok(screen.press("7", rf"^.{line['name']} +{line['count']} "),
                     f"{line['name']} has the same count", screen.text())
        screen.keys("q")
        t.ok(screen.wait(rf"{counts['opened']} opened, {counts['closed']} closed"),
             "and so has the sentence at its end", screen.text())
    os.unlink(path)


def is_refused(t):
    """Where there is no screen to paint on, one sentence names what there is instead."""
    for about, args in (("no terminal", {}), ("a dumb one", {"TERM": "dumb"})):
        done = subprocess.run([tracer.program(), "top", "-N", "self"], check=False,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env={**os.environ, **args})
        t.equal((done.returncode, done.stdout, done.stderr.count("\n")), (2, "", 1),
                f"{about}: one sentence")
        t.ok("--once" in done.stderr, "that names --once", done.stderr)


def counts_time_waits(t):
    """Each screen that is printed has them in its head, also where they have to be looked for."""
    listener = listen()
    tops = {name: subprocess.Popen([tracer.program(), "top", "-N", "self", "--attach", "sampling",
                                    "--once", "-d", "4", "--screen", name],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for name in ("overview", "groups", "stuck", "listeners")}
    while any(top.poll() is None for top in tops.values()):
        finish(*pair(listener))
        time.sleep(0.1)
    for name, top in tops.items():
        out, err = top.communicate()
        t.ok(re.search(r"^live .* TIME_WAIT [1-9]", out, re.M),
             f"{name}: TIME_WAITs are counted", out, err)


def is_refused_there(screen, t):
    """So it is at a terminal that can do less, or without a keyboard."""
    for about, words, said in (
            ("one that can only print", "TERM=dumb {}", r"this terminal \(TERM\) can do"),
            ("one of no known kind", "TERM=tcpspan-none {}", "nothing is known of a terminal"),
            ("one without a keyboard", "{} </dev/null", "there is no keyboard")):
        screen.type(words.format(f"{tracer.program()} top -N self") + "; echo status $?")
        t.ok(screen.wait(rf"top needs a terminal, and\s(.*\s)*{said}(.*\n)*status 2$"),
             f"{about}: one sentence", screen.text())
        screen.type("clear")
        screen.wait(r"\Aready> *\Z")


def whole_of_it(w, t, screen):
    """Everything that a person does, in a terminal of eight colours."""
    modes = screen.modes()
    is_refused_there(screen, t)
    t.equal(screen.modes(), modes, "and the terminal is as before")
    folder = tempfile.mkdtemp(prefix="tcpspan-saved-")
    screen.type(f"cd {folder}; {tracer.program()} top -N self; echo it ended with $?")
    t.ok(screen.wait(r"\Atcpspan  1 overview  live", 60), "it begins", screen.text())
    listener, nobody, alive, left = make_traffic()
    shows(screen, t)
    saves(screen, t, folder)
    obeys(screen, t, port_of(listener))
    sifts(screen, t, listener)
    stands_still(screen, t, listener)
    is_resized(screen, t)
    stops_and_goes_on(screen, t, modes)
    finds_holders(screen, t, left)
    screen.keys("q")
    t.ok(screen.wait(r"^it ended with 0$"), "q ends it, with status 0", screen.text())
    t.equal(screen.modes(), modes, "and the terminal is as before")
    os.rmdir(folder)
    for sock in [each for two in alive + left for each in two] + [listener]:
        sock.close()
    del nobody
    # A sanitizer has its own to say after a crash, and takes its time.
    crash = () if os.environ.get("SAN") else (signal.SIGSEGV,)
    for number in (signal.SIGTERM, *crash, signal.SIGKILL):
        ends_well(w, screen, t, modes, number)


def hides(w, t):
    """With --redact, nothing that is seen has a name, and nothing can be saved that has."""
    with Screen("xterm", w.patience) as screen:
        screen.type(f"{tracer.program()} top -N self --redact --screen connections")
        screen.wait(r"\Atcpspan  2 connections", 60)
        listener, nobody, alive, left = make_traffic()
        with open("/proc/self/comm", encoding="ascii") as file:
            name = file.read().strip()
        t.ok(screen.wait(r"^[> ]ESTABLISHED .* comm-1 .* 127\.0\.0\.1:"), "a process has another",
             screen.text())
        t.ok(screen.press("Enter", r"^this end +127\.0\.0\.1:\d+, \w+, comm-1 "),
             "so it has in a ladder", screen.text())
        screen.press("Escape", "^ STATE +FOR")
        t.ok(screen.press("5", r"^> ?CLOSE_WAIT .* comm-1 "), "and where it holds what is stuck",
             screen.text())
        t.ok(screen.wait(r"; comm-1\[\d+\] "), "in words, too", screen.text())
        t.ok(screen.press("8", r"^>127\.0\.0\.1:.* comm-1$"), "and what listens", screen.text())
        t.ok(screen.press("3", r"^>comm-1 "), "it is a group by it", screen.text())
        # What was seen of listeners is not what there is any more.
        many = [listen() for _ in range(300)]
        time.sleep(2)
        t.ok(screen.press("Enter", "^No filter can name this group"), "of which no filter can be",
             screen.text())
        t.ok(screen.press("s", "^It would have what is hidden here"), "no recording is saved",
             screen.text())
        t.ok(name not in screen.text(), "the true one is nowhere", (name, screen.text()))
        screen.keys("q")
        for sock in [each for two in alive + left for each in two] + [listener, *many]:
            sock.close()
        del nobody


def story(w, t):
    if not shutil.which("tmux"):
        t.skip("a real terminal", "there is no tmux here")
        return
    is_refused(t)
    counts_time_waits(t)
    keeps_what_is_older(w, t)
    with Screen("xterm", w.patience) as screen:
        whole_of_it(w, t, screen)
    is_equal_to_trace(w, t)
    colours(w, t)
    hides(w, t)


run(story, limit=240)
