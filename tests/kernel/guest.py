# SPDX-License-Identifier: GPL-2.0-only
"""Runs inside the machine: tries the rungs, runs the stories, prints one JSON line for each.

The plan is /plan, JSON: {"rungs": [...], "tasks": [{"rung", "path", "place", "environment"}, ...],
"jobs": N, "story_timeout_s": N, "environment": {...}}. Those whose place is "aside" run one after
the other beside the rest, those whose place is "alone" while no other runs. At the end the first
failures run a second time, with a packet capture and a recording that go to /out.

Stories are forked from here with the standard library and their own modules already imported:
under emulation a start of python3 takes longer than most of them.
"""

import collections
import gc
import json
import os
import pathlib
import select
import signal
import subprocess
import sys
import threading
import time
import traceback

STORIES = "/tests/e2e"
RERUNS = 5  # at most, for all failures of one boot
READY_S = 180  # an emulated processor of arm64 takes 40
IMPORTS = ("argparse", "contextlib", "csv", "ctypes", "fcntl", "io", "random", "re", "resource",
           "shlex", "socket", "statistics", "struct", "tempfile")


def say(**fields):
    """One line for the host."""
    print(json.dumps(fields), flush=True)


def end(pid):
    """Ends a process with all that it started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def try_rung(rung):
    """Starts and stops a trace on RUNG; tells, and returns, the hooks of its summary."""
    program = subprocess.Popen(
        [os.environ["TCPSPAN"], "trace", "--json", "--attach", rung],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True)
    said, timer = [], threading.Timer(READY_S, end, [program.pid])
    timer.start()
    for line in program.stderr:
        said.append(line.decode(errors="replace"))
        if line.startswith(b"Tracing"):
            program.send_signal(signal.SIGINT)
            break
    out, rest = program.communicate()
    timer.cancel()
    timer.join()
    said.append(rest.decode(errors="replace"))
    hooks = None
    for line in out.splitlines():
        try:
            value = json.loads(line)
            hooks = value["hooks"] if value["type"] == "summary" else hooks
        except (ValueError, KeyError, TypeError):
            said.append(f"no line of the contract: {line!r}\n")
    say(type="rung", rung=rung, status=program.returncode, hooks=hooks, said="".join(said))
    return hooks


def warm_up():
    """Imports what stories import."""
    sys.path.insert(0, STORIES)
    for name in (*IMPORTS, *sorted(path.stem for path in pathlib.Path(STORIES).glob("*.py"))):
        __import__(name)
    gc.freeze()


def become(path, environment, out):
    """Turns this process, a fork, into the story; never returns."""
    status = 1
    try:
        os.setsid()
        for number, file in ((0, os.open(os.devnull, os.O_RDONLY)), (1, out), (2, out)):
            os.dup2(file, number)
        os.closerange(3, 256)
        os.environ.update(environment)
        os.chdir(os.path.dirname(path))
        if not path.endswith(".t"):
            os.execv(path, [path])
        sys.argv = [path]
        with open(path, "rb") as source:
            code = compile(source.read(), path, "exec")
        exec(code, {"__name__": "__main__", "__file__": path, "__builtins__": __builtins__})
        status = 0
    except SystemExit as asked:
        status = asked.code if isinstance(asked.code, int) else int(asked.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status & 0xFF)


class Story:
    """A task that runs."""

    def __init__(self, task, timeout_s, **extra):
        self.task, self.start = task, time.monotonic()
        self.deadline, self.output, self.timed_out = self.start + timeout_s, b"", False
        # Without a rung the program chooses, and a story may still ask for one of its own.
        forced = "" if task["rung"] == "auto" else f"--attach {task['rung']}"
        environment = {**task["environment"], **extra, "TCPSPAN_ARGS": forced}
        self.pipe, out = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            become(task["path"], environment, out)
        os.close(out)

    def read(self):
        """Takes what is there; whether the story is over, then with its STATUS and SECONDS."""
        piece = os.read(self.pipe, 65536)
        self.output += piece
        if piece:
            return False
        os.close(self.pipe)
        _, status, usage = os.wait4(self.pid, 0)
        status = os.waitstatus_to_exitcode(status)
        end(self.pid)
        self.busy = usage.ru_utime + usage.ru_stime
        self.status = None if self.timed_out else status
        self.seconds = time.monotonic() - self.start
        return True

    def check_time(self):
        """Ends the story when it takes too long."""
        if time.monotonic() > self.deadline and not self.timed_out:
            self.timed_out = True
            end(self.pid)

    def tell(self, kind="story"):
        """Tells the host; whether it failed."""
        text = self.output.decode(errors="replace")
        say(type=kind, rung=self.task["rung"], story=self.task["path"], status=self.status,
            seconds=round(self.seconds, 1), busy=round(self.busy, 1), tap=text)
        return self.status != 0 or any(line.startswith("not ok") for line in text.splitlines())


def may_start(task, running, jobs):
    """Whether a task may start beside the stories that run."""
    places = [story.task["place"] for story in running]
    if task["place"] == "alone" or "alone" in places:
        return not places
    if task["place"] == "aside":
        return "aside" not in places
    return len(places) - places.count("aside") < jobs


def run_all(tasks, jobs, timeout_s):
    """Runs the tasks, JOBS at a time; those that failed."""
    waiting = [collections.deque(task for task in tasks if (task["place"] == "aside") == aside)
               for aside in (True, False)]
    running, failed = [], []
    while running or any(waiting):
        for queue in waiting:
            while queue and may_start(queue[0], running, jobs):
                running.append(Story(queue.popleft(), timeout_s))
        ready = select.select([story.pipe for story in running], [], [], 1.0)[0]
        for story in list(running):
            story.check_time()
            if story.pipe in ready and story.read():
                running.remove(story)
                if story.tell():
                    failed.append(story.task)
    return failed


def keep_evidence(task, timeout_s):
    """Runs a failed story again beside a recorder, with its packets captured."""
    name = pathlib.Path(task["path"]).stem
    folder = pathlib.Path("/out", task["rung"])
    folder.mkdir(parents=True, exist_ok=True)
    recorder = subprocess.Popen(
        [os.environ["TCPSPAN"], "record", "-o", str(folder / f"{name}.record"),
         "--attach", task["rung"]],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    story = Story(task, timeout_s, PCAP=str(folder / f"{name}.pcap"))
    while not (select.select([story.pipe], [], [], 1.0)[0] and story.read()):
        story.check_time()
    recorder.send_signal(signal.SIGINT)
    try:
        recorder.wait(READY_S)
    except subprocess.TimeoutExpired:
        recorder.kill()
    (folder / f"{name}.again").write_bytes(story.output)
    story.tell("again")


def main():
    plan = json.loads(pathlib.Path("/plan").read_text())
    os.environ.update(plan["environment"])
    hooks = {rung: try_rung(rung) for rung in plan["rungs"]}
    for task in plan["tasks"]:
        task["environment"]["HOOKS"] = json.dumps(hooks[task["rung"]])
    warm_up()
    timeout_s = plan["story_timeout_s"]
    failed = run_all(plan["tasks"], plan["jobs"], timeout_s)
    say(type="end")
    for task in failed[:RERUNS]:
        keep_evidence(task, timeout_s)


if __name__ == "__main__":
    sys.exit(main())
