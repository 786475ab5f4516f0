# SPDX-License-Identifier: GPL-2.0-only
# The tracers that are measured: what each is started with, and one of them at work.

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from typing import NamedTuple

from part import TCPSPAN, TOOLS, read

READY_SECONDS = 20  # at most, for a tracer to attach
END_SECONDS, PEER_END_SECONDS = 10, 40  # at most, to end: what waits is printed first
SETTLE_SECONDS = 0.3  # what is still on its way is the tracer's work, too
CPUCLOCK_SCHED = 2  # with a pid, the clock of a process: clock_getcpuclockid(3)
TRANSITIONS = 10  # that a connection of the load goes through, five on either side
ENDS = 2
POINT = "tracepoint:sock:inet_sock_set_state"


class Subject(NamedTuple):
	"""A tracer: its name in figures and in words, what it is started with (FOLDER is a scratch
	folder), and of a tracer that does not count what it has lost, how many events of each
	connection its output tells."""

	key: str
	name: str
	argv: tuple
	told: int = 0
	is_tracer: bool = True  # it tells of connections, and not only how often something happens
	least_s: float = 0  # it does something once in so long: to be measured no shorter

	@property
	def is_own(self):
		return self.argv[0] == TCPSPAN

	@property
	def is_main(self):
		"""Of those that the budgets are about."""
		return self.is_own and "--attach" not in self.argv


SUBJECTS = [
	Subject("hist", "tcpspan hist", (TCPSPAN, "hist")),
	Subject("export", "tcpspan export --once", (TCPSPAN, "export", "--once")),
	Subject("top", "tcpspan top --once", (TCPSPAN, "top", "--once", "--duration", "1000"),
		least_s=2),
	Subject("trace", "tcpspan trace > file", (TCPSPAN, "trace")),
	Subject("trace_stack", "trace --stack > file", (TCPSPAN, "trace", "--stack")),
	Subject("record", "tcpspan record", (TCPSPAN, "record", "-o", "FOLDER/recording")),
	Subject("hist_fentry", "hist, fentry", (TCPSPAN, "hist", "--attach", "fentry")),
	Subject("hist_kprobe", "hist, kprobe", (TCPSPAN, "hist", "--attach", "kprobe")),
	Subject("hist_sampling", "hist, sampling", (TCPSPAN, "hist", "--attach", "sampling"),
		least_s=2),
	Subject("hist_tracepoint", "hist, tracepoint", (TCPSPAN, "hist", "--attach", "tracepoint")),
	Subject("hist_classic", "hist, classic", (TCPSPAN, "hist", "--attach", "classic")),
	Subject("hooks_empty", "empty, hooks of hist", (TOOLS + "loader", "--bare",
		TOOLS + "hooks.bpf.o"), is_tracer=False),
	Subject("tcplife", "tcplife > file", ("tcplife",), ENDS),
	Subject("tcpstates", "tcpstates > file", ("tcpstates",), TRANSITIONS),
	Subject("bpftrace_count", "bpftrace, counting", ("bpftrace", "-e",
		POINT + " { @[args->oldstate, args->newstate] = count(); }"), TRANSITIONS, False),
	Subject("bpftrace_print", "bpftrace, printing", ("bpftrace", "-e",
		POINT + ' { printf("%d %d %d %d %d\\n", args->sport, args->dport, '
		'args->oldstate, args->newstate, pid); }'), TRANSITIONS),
]


# ---- processes -----------------------------------------------------------------------------------

# A shell has it ignored by what it starts in the background, and so would be the tracers.
signal.signal(signal.SIGINT, signal.default_int_handler)


class RefusedError(Exception):
	"""The tracer says that it cannot do this here."""


def start(argv, **how):
	"""A process that ends when this one does, however that happens."""
	return subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "--", *argv], **how)


def stop(process, subject):
	"""As with Ctrl-C. That ours does not end is a fault; a peer has more time, then no more."""
	if process.poll() is None:
		process.send_signal(signal.SIGINT)
	try:
		process.wait(END_SECONDS if subject.is_own else PEER_END_SECONDS)
	except subprocess.TimeoutExpired:
		process.kill()
		process.wait()
		said = f"bench: {subject.name} did not end on SIGINT"
		if subject.is_own:
			raise SystemExit(said) from None
		print(f"{said}, and was killed", file=sys.stderr)


def program_ids(pid):
	"""The BPF programs that a process holds, by themselves or through links."""
	ids = set()
	for fd in os.listdir(f"/proc/{pid}/fdinfo"):
		with contextlib.suppress(OSError):
			text = read(f"/proc/{pid}/fdinfo/{fd}")
			ids.update(map(int, re.findall(r"^prog_id:\s*(\d+)", text, re.M)))
	return ids


def is_attached(pid):
	"""Whether a process holds a BPF link or an event of perf, through which programs run."""
	for fd in os.listdir(f"/proc/{pid}/fd"):
		with contextlib.suppress(OSError):
			target = os.readlink(f"/proc/{pid}/fd/{fd}")
			if re.search("bpf_link|bpf-raw-tracepoint|perf_event", target):
				return True
	return False


class Tracer:
	"""A subject at work, from the moment its programs are attached."""

	def __init__(self, subject, folder):
		self.subject, self.folder = subject, folder
		self.errors = open(f"{folder}/errors", "w+", encoding="utf-8", errors="replace")
		self.output = open(f"{folder}/output", "w", encoding="utf-8")
		self.said, self.told = "", 0
		argv = [word.replace("FOLDER", folder) for word in subject.argv]
		self.process = start(argv, stdin=subprocess.DEVNULL, stdout=self.output,
			stderr=self.errors)

	def __enter__(self):
		try:
			self.wait()
		except BaseException:
			self.__exit__()
			raise
		return self

	def __exit__(self, *_):
		try:
			stop(self.process, self.subject)
		finally:
			self.errors.seek(0)
			self.said = self.errors.read()
			self.errors.close()
			self.output.close()
			if self.subject.told:
				self.told = self.count_told()

	def wait(self):
		"""Attached, and with no program more than a moment ago."""
		name = self.subject.name
		deadline = time.monotonic() + READY_SECONDS
		held = None
		while time.monotonic() < deadline:
			if self.process.poll() is not None:
				self.errors.seek(0)
				said = " ".join(self.errors.read().split())
				raise RefusedError(said or f"status {self.process.returncode}")
			before, held = held, program_ids(self.process.pid)
			if held and held == before and is_attached(self.process.pid):
				return
			time.sleep(0.25)
		raise SystemExit(f"bench: {name} is not attached after {READY_SECONDS} s")

	def status(self, field):
		"""A number from its status, such as VmHWM in KiB."""
		status = read(f"/proc/{self.process.pid}/status")
		return int(re.search(rf"^{field}:\s*(\d+)", status, re.M).group(1))

	def cpu_ns(self):
		"""Processor time so far, of threads that have ended, too: all of it, and that in
		user mode (by ticks of 10 ms)."""
		pid = self.process.pid
		total = time.clock_gettime_ns(~pid << 3 | CPUCLOCK_SCHED)
		ticks = int(read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()[11])
		return total, ticks * 1e9 / os.sysconf("SC_CLK_TCK")

	def wake_ups(self):
		"""How often it has slept of its own will, and been woken."""
		proc = f"/proc/{self.process.pid}"
		return sum(int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)",
			read(f"{proc}/task/{task}/status"), re.M).group(1))
			for task in os.listdir(proc + "/task"))

	def count_told(self):
		"""The events that its output tells: a line that begins with a number is one, and
		`@[..]: N` of bpftrace are N."""
		count = 0
		with open(f"{self.folder}/output", "rb") as output:
			for line in output:
				if line.startswith(b"@"):
					count += int(line.rsplit(b":", 1)[1])
				elif line[:1] in b"0123456789abcdef":
					count += 1
		return count

	def losses(self, connections):
		"""Events that it has lost of so many connections; None where that is not known, as
		of one that was killed before it had told all."""
		if self.process.returncode == -signal.SIGKILL:
			return None
		if self.subject.told:
			return max(0, connections * self.subject.told - self.told)
		words = " ".join(self.said.split())
		if not re.search(r"\d+ events? in ", words):
			# A screen says it in its head.
			shown = read(f"{self.folder}/output")
			lost = re.search(r"none lost|LOST (\d+)", shown)
			return int(lost.group(1) or 0) if lost else None
		return sum(map(int, re.findall(r"(\d+) (?:LOST|MISSED|NOT UNDERSTOOD)", words)))


def find_usable(subjects, folder):
	"""The subjects that are installed here and that this kernel allows; says of the others
	why."""
	usable = []
	for subject in subjects:
		if not shutil.which(subject.argv[0]):
			print(f"{subject.name}: left out, not installed (`make bench-deps`)")
			continue
		try:
			with Tracer(subject, folder):
				usable.append(subject)
		except RefusedError as error:
			print(f"{subject.name}: left out, {str(error)[:200]}")
	return usable


# ---- the load --------------------------------------------------------------------------------


class Load(NamedTuple):
	"""What the load did: connections and times of the counted part, and all connections."""

	connections: int
	ns: int
	cpu_ns: int
	all: int


def load(seconds, warm_up=0.5, rate=0):
	"""`rate` connections a second; 0: as many as can be."""
	done = subprocess.run([TOOLS + "load", str(warm_up), str(seconds), str(rate)], check=True,
		stdout=subprocess.PIPE, text=True)
	return Load(*map(int, done.stdout.split()))


def prepare_ports():
	"""Few for each pair of addresses, and used again after a second."""
	for name, value in (("ip_local_port_range", "20000 28191"), ("tcp_tw_reuse", "1"),
			("tcp_max_tw_buckets", "1000000")):
		with open("/proc/sys/net/ipv4/" + name, "w", encoding="ascii") as file:
			file.write(value)


# ---- BPF time, by the kernel's statistics ------------------------------------------------------


@contextlib.contextmanager
def statistics():
	"""Keeps statistics on, and the empty program and the floor attached; yields their ids."""
	objects = [TOOLS + name for name in ("empty.bpf.o", "floor.bpf.o")]
	loader = start([TOOLS + "loader", *objects], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
		text=True)
	ids = {}
	try:
		for line in loader.stdout:
			if line == "ready\n":
				break
			name, number = line.split()
			ids[name] = int(number)
		else:
			raise SystemExit("bench: the empty program and the floor do not load here")
		yield ids
		loader.stdin.close()
		records, full = map(int, loader.stdout.read().split())
		if full:
			raise SystemExit(f"bench: the floor lost {full} of {records} records")
	finally:
		loader.stdin.close()
		loader.wait()


def program_stats(ids):
	"""Of each program: its name, and run_time_ns, run_cnt, recursion_misses."""
	shown = subprocess.check_output(["bpftool", "-j", "prog", "show"])
	programs = [p for p in json.loads(shown) if p["id"] in ids]
	fields = ("run_time_ns", "run_cnt", "recursion_misses")
	return {p["id"]: (p["name"], [p.get(f, 0) for f in fields]) for p in programs}


def bpf_round(subject, folder, seconds):
	"""One measurement of so long, in ns per transition: the empty program, the floor, the
	subject."""
	with statistics() as beside, Tracer(subject, folder) as tracer:
		own = program_ids(tracer.process.pid)
		before = program_stats(own | set(beside.values()))
		done = load(seconds)
		after = program_stats(own | set(beside.values()))
		time.sleep(SETTLE_SECONDS)
	spent = {i: [a - b for a, b in zip(after[i][1], before[i][1])] for i in before}
	empty_ns, transitions, _ = spent[beside["empty"]]
	cost_ns = empty_ns / transitions
	floor_ns, floor_runs, _ = spent[beside["floor_record"]]
	programs = {}
	for i in own & set(spent):
		time_ns, runs, skipped = spent[i]
		# Each run of a program carries the statistics' own cost once.
		net_ns = time_ns - runs * cost_ns
		each = (time_ns / transitions, net_ns / transitions, runs / transitions, skipped)
		name = before[i][0]
		programs[name] = [a + b for a, b in zip(each, programs.get(name, [0] * 4))]
	time_ns, net_ns, runs, skipped = map(sum, zip(*programs.values()))
	floor = floor_ns / floor_runs - cost_ns
	return {
		"empty": cost_ns,
		"floor": floor,
		"time": time_ns,
		"net": net_ns,
		"floors": net_ns / floor,
		"runs": runs,
		"skipped": skipped,
		"programs": programs,
		"per_connection": transitions / done.all,
		"connections": done.all,
		"lost": tracer.losses(done.all),
	}
