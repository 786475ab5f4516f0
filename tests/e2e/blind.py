# SPDX-License-Identifier: GPL-2.0-only
"""What a kernel keeps from every BPF program, as its own tracer saw it.

There are kernels that run no BPF program at all while the current task is one of process 1, and
count nothing, though the trace event itself comes (seen on 6.18 in a Firecracker guest). A timer
that goes off in such a moment is lost to whoever traces with BPF; which one it hits is chance.
"""
import contextlib
import os
import re

ROOT = "/sys/kernel/tracing/instances"
EVENT = "events/timer/timer_expire_entry"
TCP_TIMERS = re.compile(r"\bfunction=(tw_timer_handler|reqsk_timer_handler|tcp_\w+_timer)\b")


class BlindSpot:
    """Watches the TCP timers that go off in tasks of a process, of all network namespaces."""

    def __init__(self, process=1):
        self._process, self._path = process, None

    def __enter__(self):
        with contextlib.suppress(OSError):
            self._clear_up()
            path = os.path.join(ROOT, f"blind-{os.getpid()}-{self._process}")
            os.mkdir(path)
            self._path = path
            tasks = " || ".join(f"common_pid == {task}"
                                for task in os.listdir(f"/proc/{self._process}/task"))
            for name, value in (("buffer_size_kb", "64"), (f"{EVENT}/filter", tasks),
                                (f"{EVENT}/enable", "1")):
                with open(os.path.join(path, name), "w", encoding="ascii") as out:
                    out.write(value)
        return self

    def __exit__(self, *_):
        if self._path:
            with contextlib.suppress(OSError):
                os.rmdir(self._path)

    def timers(self):
        """How many went off so far; 0 where nobody can tell."""
        if not self._path:
            return 0
        try:
            with open(os.path.join(self._path, "trace"), encoding="utf-8") as trace:
                return sum(bool(TCP_TIMERS.search(line)) for line in trace)
        except OSError:
            return 0

    def excuse(self):
        """Why a story that fails now proves nothing, or None."""
        timers = self.timers()
        return f"the kernel ran no program for {timers} TCP timers" if timers else None

    @staticmethod
    def _clear_up():
        """Removes what killed stories left."""
        for name in os.listdir(ROOT):
            kind, _, pids = name.partition("-")
            if kind == "blind" and not os.path.exists(f"/proc/{pids.partition('-')[0]}"):
                with contextlib.suppress(OSError):
                    os.rmdir(os.path.join(ROOT, name))
