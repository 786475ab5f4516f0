# SPDX-License-Identifier: GPL-2.0-only
"""Keeps the load at work in a virtual machine, beside a tracer or none, and tells what is where.

The subject is WHERE, a key of tracers.py or `none`. Prints lines: `symbol ADDRESS NAME` of the
kernel, `map FROM TO OFFSET` of the tracer's code, `line PROGRAM ADDRESS FILE:LINE` of its BPF
programs; then `ready`, once the load runs. It goes on until the machine is ended.
"""

import ctypes
import errno
import os
import struct
import subprocess
import sys
import tempfile
import time

import part
from inside import FILL_SECONDS, prepare
from tracers import SUBJECTS, TOOLS, Tracer, load, program_ids

SYS_BPF = 321
PROG_GET_FD_BY_ID, OBJ_GET_INFO_BY_FD, BTF_GET_FD_BY_ID = 13, 15, 19
# struct bpf_prog_info, struct bpf_line_info, struct bpf_btf_info of include/uapi/linux/bpf.h
PROG_INFO_BYTES, NAME_AT, BTF_ID_AT, LINES_AT = 232, 64, 128, 148
LINE_BYTES, COLUMN_BITS = 16, 10
BTF_BYTES_MAX = 1 << 22
KNOBS = ("/proc/sys/net/core/bpf_jit_kallsyms", "1"), ("/proc/sys/kernel/kptr_restrict", "0")
LOAD_SECONDS = "3600"
SETTLED_SECONDS = 0.6


def bpf(command, attributes):
	"""bpf(2); what it returns."""
	buffer = ctypes.create_string_buffer(attributes, 128)
	libc = ctypes.CDLL(None, use_errno=True)
	done = libc.syscall(SYS_BPF, command, buffer, len(buffer))
	if done < 0:
		raise OSError(ctypes.get_errno(), errno.errorcode[ctypes.get_errno()])
	return done


def info(fd, buffer):
	"""Asks what a descriptor is; BUFFER may point to places for more."""
	bpf(OBJ_GET_INFO_BY_FD, struct.pack("IIQ", fd, len(buffer), ctypes.addressof(buffer)))
	return buffer.raw


def strings_of(btf_id):
	"""The strings of a BTF object, one after the other."""
	data = ctypes.create_string_buffer(BTF_BYTES_MAX)
	asked = ctypes.create_string_buffer(64)
	struct.pack_into("QI", asked, 0, ctypes.addressof(data), len(data))
	info(bpf(BTF_GET_FD_BY_ID, struct.pack("I", btf_id)), asked)
	head, at = struct.unpack_from("I", data.raw, 4)[0], struct.unpack_from("I", data.raw, 16)[0]
	return data.raw[head + at:]


def until_nul(data, at):
	return data[at:data.index(bytes(1), at)].decode()


def tell_lines(number):
	"""The lines that a BPF program was made of, and where each begins in memory."""
	fd = bpf(PROG_GET_FD_BY_ID, struct.pack("I", number))
	said = info(fd, ctypes.create_string_buffer(PROG_INFO_BYTES))
	count, = struct.unpack_from("I", said, LINES_AT)
	lines = ctypes.create_string_buffer(count * LINE_BYTES)
	places = ctypes.create_string_buffer(count * 8)
	asked = ctypes.create_string_buffer(PROG_INFO_BYTES)
	struct.pack_into("=IQQIII", asked, LINES_AT, count, ctypes.addressof(lines),
		ctypes.addressof(places), count, LINE_BYTES, 8)
	info(fd, asked)
	strings = strings_of(struct.unpack_from("I", said, BTF_ID_AT)[0])
	for i in range(count):
		_, file, _, column = struct.unpack_from("4I", lines.raw, i * LINE_BYTES)
		place, = struct.unpack_from("Q", places.raw, i * 8)
		print("line", until_nul(said, NAME_AT), f"{place:x}",
			f"{until_nul(strings, file).rpartition('/')[2]}:{column >> COLUMN_BITS}")


def tell_symbols():
	for text in part.read("/proc/kallsyms").splitlines():
		address, kind, name, *_ = text.split()
		if kind in "tT":
			print("symbol", address, name)


def tell_maps(pid):
	for text in part.read(f"/proc/{pid}/maps").splitlines():
		span, rights, offset, _, _, *name = text.split()
		if "x" in rights and name and name[0].endswith("tcpspan"):
			print("map", *span.split("-"), offset)


def go_on():
	"""The load until the end, `ready` once its first connections are behind."""
	load(0.1, FILL_SECONDS)
	with subprocess.Popen([TOOLS + "load", "0", LOAD_SECONDS, "0"]) as process:
		time.sleep(SETTLED_SECONDS)
		print("ready", flush=True)
		process.wait()


def main():
	for path, value in KNOBS:
		# Made in the first namespace alone.
		if part.INSIDE not in os.environ and os.path.exists(path):
			with open(path, "w", encoding="ascii") as file:
				file.write(value)
	part.enter_namespaces(__file__)
	prepare()
	key = os.environ["WHERE"]
	if key == "none":
		tell_symbols()
		go_on()
		return
	subject = next(s for s in SUBJECTS if s.key == key)
	with tempfile.TemporaryDirectory() as folder, Tracer(subject, folder) as tracer:
		tell_symbols()
		tell_maps(tracer.process.pid)
		for number in program_ids(tracer.process.pid):
			tell_lines(number)
		go_on()


if __name__ == "__main__":
	sys.exit(main())
