# SPDX-License-Identifier: GPL-2.0-only
"""What a kernel keeps from every BPF program, as its own tracer saw it.

There are kernels that run no BPF program at all while the current task is one of process 1, and
count nothing, though the trace event itself comes (seen on 6.18 in a Firecracker guest). A timer
that goes off in such a moment is lost to whoever traces with BPF; which one it hits is chance.
"""
import contextlib
import ctypes
import os
import re

SYS_FSOPEN, SYS_FSCONFIG, SYS_FSMOUNT = 430, 431, 432
CLOEXEC, FSCONFIG_CMD_CREATE = 1, 6  # FSOPEN_CLOEXEC is 1, and so is FSMOUNT_CLOEXEC
EVENT = "events/timer/timer_expire_entry"
TCP_TIMERS = re.compile(r"\bfunction=(tw_timer_handler|reqsk_timer_handler|tcp_\w+_timer)\b")


_libc = ctypes.CDLL(None, use_errno=True)


def _call(number, *arguments):
    """A system call that libc has no name for; raises OSError."""
    done = _libc.syscall(number, *arguments)
    if done < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return done


def _open_tracefs():
    """A descriptor of tracefs, mounted nowhere: whoever traces is not to find it for this."""
    context = _call(SYS_FSOPEN, b"tracefs", CLOEXEC)
    try:
        _call(SYS_FSCONFIG, context, FSCONFIG_CMD_CREATE, None, None, 0)
        return _call(SYS_FSMOUNT, context, CLOEXEC, 0)
    finally:
        os.close(context)


class BlindSpot:
    """Watches the TCP timers that go off in tasks of a process, of all network namespaces."""

    def __init__(self, process=1):
        self._process, self._tracefs, self._path = process, -1, None

    def __enter__(self):
        with contextlib.suppress(OSError):
            self._tracefs = _open_tracefs()
            instances = f"/proc/self/fd/{self._tracefs}/instances"
            self._clear_up(instances)
            path = os.path.join(instances, f"blind-{os.getpid()}-{self._process}")
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
        if self._tracefs >= 0:
            os.close(self._tracefs)

    def can_look(self):
        """Whether anything would be seen: not where the kernel is locked down, for one."""
        return bool(self._path)

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
    def _clear_up(instances):
        """Removes what killed stories left."""
        for name in os.listdir(instances):
            kind, _, pids = name.partition("-")
            if kind == "blind" and not os.path.exists(f"/proc/{pids.partition('-')[0]}"):
                with contextlib.suppress(OSError):
                    os.rmdir(os.path.join(instances, name))
