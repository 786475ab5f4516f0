# SPDX-License-Identifier: GPL-2.0-only
"""Boots one kernel of the cache in qemu and brings back what it said."""

import ctypes
import dataclasses
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading

import arm64
import initramfs
import kernels

QEMU = "qemu-system-x86_64"
# Without what is slow to emulate: byte by byte for one, where these two make the kernel copy and
# clear memory with instructions that repeat.
CPU = "max,-erms,-fsrm,-la57,-smap"
MEMORY_MIB = 768
SPARE_MIB = 256  # what qemu itself takes, and the rest of the host must keep
# Time is what the processor has done: a nanosecond for each instruction, and none while it has
# nothing to do, for then the next timer is due at once. A busy host is not noticed, and waiting
# costs nothing. It takes a machine with one processor. Who sits before one wants the real time.
REAL_CLOCK = ("-smp", "2")
CLOCK = ("-smp", "1", "-icount", "shift=0,sleep=off", "-rtc", "clock=vm")
TIMERS = "tsc=reliable no_timer_check"
# Detours around what real processors leak; each takes an emulated one two jumps more.
DETOURS = "mitigations=off"
MEMINFO = pathlib.Path("/proc/meminfo")
PR_SET_PDEATHSIG = 1


class MachineError(Exception):
    """The machine cannot be started; the message is one sentence."""


@dataclasses.dataclass
class Result:
    """How a run ended: STATUS is None when the machine never reported one."""

    status: int
    timed_out: bool
    console: pathlib.Path


def command(line, initrd, console_args, clock=CLOCK):
    """The qemu command for one line of the matrix."""
    if kernels.arch_of(line.series) == kernels.ARM64:
        return arm64.command(line, initrd, console_args, MEMORY_MIB)
    parameters = f"console=ttyS0 quiet panic=-1 rdinit=/init {TIMERS} {DETOURS} {line.parameters}"
    return [QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-machine", "pc,usb=off", "-cpu", CPU, "-accel", "tcg,thread=single",
            *clock, "-m", str(MEMORY_MIB),
            "-kernel", str(kernels.series_dir(line.series) / "vmlinux"), "-initrd", str(initrd),
            "-append", parameters.strip(), *console_args]


def check_host(line, machines=1):
    """Raises the sentence that says why no machine can run here."""
    qemu = QEMU if kernels.arch_of(line.series) != kernels.ARM64 else arm64.QEMU
    if not shutil.which(qemu):
        raise MachineError(f"no {qemu} here: tests/kernel/deps installs it")
    if not kernels.is_cached(line.series):
        raise MachineError(f"kernel {line.series} is not in the cache: run tests/kernel/fetch")
    need_mib = machines * (MEMORY_MIB + SPARE_MIB)
    with open(MEMINFO) as meminfo:
        fields = dict(row.split(":") for row in meminfo)
    have_mib = int(fields["MemAvailable"].split()[0]) // 1024
    if have_mib < need_mib:
        raise MachineError(f"not enough memory: {have_mib} MiB available, {need_mib} MiB needed")


def interactive(line, **what):
    """A shell on the terminal; returns when the machine is off."""
    check_host(line)
    with tempfile.TemporaryDirectory(prefix="tcpspan-vm-") as work:
        initrd = pathlib.Path(work, "initrd")
        initramfs.write(initrd, line.series, **what)
        qemu = command(line, initrd, ["-serial", "mon:stdio"], REAL_CLOCK)
        return subprocess.run(qemu, check=False).returncode


def die_with_parent():
    """Asks the kernel to end this process when the one that started it is gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def copy_stream(path, sink):
    """Reads the pipe PATH to its end and hands every piece to SINK."""
    with open(path, "rb", buffering=0) as pipe:
        while piece := pipe.read(65536):
            sink(piece)


def run(line, script, console, timeout_s, on_stdout, on_stderr, out_dir=None, monitor=None,
        **what):
    """Runs SCRIPT in the machine as /job; see initramfs.job for WHAT.

    ON_STDOUT and ON_STDERR get bytes as they come. What the script left in /out is unpacked into
    OUT_DIR. CONSOLE is the file for the console's log, MONITOR a socket to tell the emulator by.
    """
    check_host(line)
    console.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tcpspan-vm-") as work:
        work = pathlib.Path(work)
        initrd, report = work / "initrd", work / "report"
        texts = [("job", script), *what.pop("texts", ())]
        initramfs.write(initrd, line.series, texts=texts, **what)
        serials, threads = ["-serial", f"file:{console}"], []
        for number, sink in enumerate((on_stdout, on_stderr)):
            os.mkfifo(work / f"s{number}.out")
            os.mkfifo(work / f"s{number}.in")
            serials += ["-chardev", f"pipe,id=s{number},path={work}/s{number}",
                        "-serial", f"chardev:s{number}"]
            threads.append(threading.Thread(target=copy_stream, daemon=True,
                                            args=(work / f"s{number}.out", sink)))
        serials += ["-serial", f"file:{report}"]
        if monitor:
            serials += ["-monitor", f"unix:{monitor},server,nowait"]
        # A pipe opens when both ends are there: hold the writing ends while qemu starts.
        holders = [os.open(pipe, os.O_RDWR) for pipe in work.glob("s?.*")]
        for thread in threads:
            thread.start()
        qemu = subprocess.Popen(command(line, initrd, serials), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                preexec_fn=die_with_parent)
        timed_out = False
        try:
            said, _ = qemu.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            timed_out = True
            qemu.kill()
            said, _ = qemu.communicate()
        except BaseException:
            qemu.kill()
            qemu.wait()
            raise
        for holder in holders:
            os.close(holder)
        for thread in threads:
            thread.join(5)
        if qemu.returncode and not timed_out:
            lines = said.decode(errors="replace").strip().splitlines()
            raise MachineError(lines[-1] if lines else f"{QEMU} ended with {qemu.returncode}")
        return Result(read_report(report, out_dir), timed_out, console)


def read_report(report, out_dir):
    """The status in the report, None when there is none; unpacks the files that follow it."""
    data = report.read_bytes() if report.exists() else b""
    head, newline, rest = data.partition(b"\n")
    if not newline or not head.startswith(b"status "):
        return None
    if rest and out_dir:
        out_dir.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "-C", str(out_dir), "-x", "-f", "-", "--no-same-owner"], input=rest,
                       check=False)
    return int(head.split()[1])

