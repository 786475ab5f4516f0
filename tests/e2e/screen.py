# SPDX-License-Identifier: GPL-2.0-only
"""A real terminal by tmux: keys are typed, screens are read."""
import contextlib
import os
import re
import shutil
import subprocess
import tempfile

from traffic import wait_for

TMUX = ("tmux", "-u", "-f", "/dev/null", "-L", "story")
SHELL = "PS1='ready> ' exec sh -i"


class Screen:
    """A tmux of its own with one window, in which a shell waits."""

    def __init__(self, term, patience=1.0, columns=80, rows=24, **environment):
        self.patience, self.term = patience, term
        self._folder = tempfile.mkdtemp(prefix="tcpspan-screen-")
        self._keep()
        names = {"LC_ALL": "C.UTF-8", "TERM": term, **environment}
        told = " ".join(f"{name}={value}" for name, value in names.items())
        self._tmux("new-session", "-d", "-x", str(columns), "-y", str(rows),
                   f"env -u COLUMNS -u LINES -u TMUX {told} sh -c \"{SHELL}\"")
        self.wait("ready>")

    def _surroundings(self):
        found = {**os.environ, "LC_ALL": "C.UTF-8", "TMUX_TMPDIR": self._folder}
        found.pop("TMUX", None)
        return found

    def _tmux(self, *args):
        return subprocess.run([*TMUX, *args], check=False, capture_output=True, text=True,
                              env=self._surroundings()).stdout

    def _keep(self):
        """A tmux is nobody's child: whatever ends the story, who reads this pipe ends that, too."""
        reader, self._held = os.pipe()
        self._keeper = subprocess.Popen(
            ["sh", "-c", 'read -r _; "$@" kill-server; rm -rf "$0"', self._folder, *TMUX],
            stdin=reader, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, env=self._surroundings())
        os.close(reader)

    def close(self):
        self._tmux("kill-server")
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._held is not None:
            os.close(self._held)
            self._held = None
            self._keeper.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def text(self):
        """What is seen, as lines."""
        return self._tmux("capture-pane", "-p").rstrip("\n")

    def styled(self):
        """The same with its colours and attributes."""
        return self._tmux("capture-pane", "-p", "-e")

    def keys(self, *keys):
        self._tmux("send-keys", *keys)

    def type(self, text):
        """Characters as they are, and Enter."""
        self._tmux("send-keys", "-l", text)
        self._tmux("send-keys", "Enter")

    def bytes(self, raw):
        """Bytes as a terminal would send them."""
        self._tmux("send-keys", "-H", *(f"{byte:02x}" for byte in raw))

    def resize(self, columns, rows):
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def wait(self, pattern, within=20.0):
        """Waits until the screen has it; returns the match, or None."""
        found = []

        def has():
            found[:] = [re.search(pattern, self.text(), re.M)]
            return found[0]

        wait_for(has, within * self.patience)
        return found[0]

    def press(self, keys, pattern, within=20.0):
        """A key, and what is to be seen for it."""
        self.keys(*keys.split())
        return self.wait(pattern, within)

    def processes(self):
        """Those that its shell has started, each before the ones that it has started itself."""
        found, children = [int(self._tmux("display-message", "-p", "#{pane_pid}"))], {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="ascii",
                                                    errors="replace") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(pid))
        for pid in found:
            found += children.get(pid, [])
        return found[1:]

    def all_processes(self):
        """These, and before them the server and its shell."""
        told = self._tmux("display-message", "-p", "#{pid} #{pane_pid}")
        return [*map(int, told.split()), *self.processes()]

    def modes(self):
        """What the terminal does with characters, as the shell finds it."""
        self.type("clear; stty -a; echo done$((1))")
        self.wait("^done1$")
        text = self.text()
        self.type("clear")
        self.wait(r"\Aready> *\Z")
        return sorted(re.findall(r"-?\b(?:icanon|echo|isig|opost|onlcr|icrnl|ixon|iexten)\b", text))
