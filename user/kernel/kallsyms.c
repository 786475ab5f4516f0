// SPDX-License-Identifier: GPL-2.0-only
/* Finds the addresses of kernel functions. */
#include "user/kernel/kallsyms.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define READ_BYTES 65536 /* the kernel gives a page at a time, the library asks for less */

/* What the program below is given, and gives back; the name comes first. */
struct question {
	char name[32];
	uint64_t address;
};

#define STACK_NAME (-40)
#define STACK_ADDRESS (-8)
#define INSN(CODE, DST, SRC, OFF, IMM)                                                         \
	{                                                                                      \
		.code = (CODE), .dst_reg = (DST), .src_reg = (SRC), .off = (OFF), .imm = (IMM) \
	}
#define LOAD(DST, SRC, OFF) INSN(BPF_LDX | BPF_MEM | BPF_DW, DST, SRC, OFF, 0)
#define STORE(DST, SRC, OFF) INSN(BPF_STX | BPF_MEM | BPF_DW, DST, SRC, OFF, 0)
#define COPY(DST, SRC) INSN(BPF_ALU64 | BPF_MOV | BPF_X, DST, SRC, 0, 0)
#define SET(DST, IMM) INSN(BPF_ALU64 | BPF_MOV | BPF_K, DST, 0, 0, IMM)
#define ADD(DST, IMM) INSN(BPF_ALU64 | BPF_ADD | BPF_K, DST, 0, 0, IMM)
#define COPY_WORD(AT) LOAD(2, 6, AT), STORE(10, 2, STACK_NAME + (AT))

/* Register 1 is the question, 10 the end of the stack, where the helper wants name and answer. */
static const struct bpf_insn ask[] = {
	COPY(6, 1),
	COPY_WORD(0),
	COPY_WORD(8),
	COPY_WORD(16),
	COPY_WORD(24),
	SET(2, 0),
	STORE(10, 2, STACK_ADDRESS),
	COPY(1, 10),
	ADD(1, STACK_NAME),
	SET(2, sizeof(((struct question *)0)->name)),
	SET(3, 0),
	COPY(4, 10),
	ADD(4, STACK_ADDRESS),
	INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_kallsyms_lookup_name),
	LOAD(1, 10, STACK_ADDRESS),
	STORE(6, 1, offsetof(struct question, address)),
	SET(0, 0),
	INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
};

/*
 * Since 5.16 a program may ask, which takes no time: to print all names takes the kernel longer
 * than the rest of our start. False: this kernel, or our rights, do not allow that.
 */
static bool ask_kernel(const char *name, uint64_t *ret_address)
{
	LIBBPF_OPTS(bpf_prog_load_opts, load, .prog_flags = BPF_F_SLEEPABLE);
	struct question question = {};
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &question, .ctx_size_in = sizeof(question));
	int fd, error;

	if (strlen(name) >= sizeof(question.name))
		return false;
	memcpy(question.name, name, strlen(name));
	fd = bpf_prog_load(BPF_PROG_TYPE_SYSCALL, NULL, "GPL", ask, sizeof(ask) / sizeof(*ask),
			   &load);
	if (fd < 0)
		return false;
	error = bpf_prog_test_run_opts(fd, &run);
	close(fd);
	*ret_address = question.address;
	return !error;
}

/* The address in a line, "address type name" and "[module]" for some, and its name alone; or 0. */
static uint64_t split_line(char *line, const char **ret_name)
{
	char *end, *name;
	uint64_t address = strtoull(line, &end, 16);

	if (!address || end[0] != ' ' || !end[1] || end[2] != ' ')
		return 0;
	name = end + 3;
	name[strcspn(name, "\t\n")] = 0;
	*ret_name = name;
	return address;
}

static void read_all(const char *const *names, uint64_t *addresses, size_t count)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	size_t missing = count;
	const char *name;
	char line[512];

	if (!f)
		return;
	setvbuf(f, NULL, _IOFBF, READ_BYTES);
	while (missing && fgets(line, sizeof(line), f)) {
		uint64_t address = split_line(line, &name);

		for (size_t i = 0; address && i < count; i++)
			if (!addresses[i] && !strcmp(name, names[i])) {
				addresses[i] = address;
				missing--;
			}
	}
	fclose(f);
}

void kallsyms_find(const char *const *names, uint64_t *ret_addresses, size_t count)
{
	memset(ret_addresses, 0, count * sizeof(*ret_addresses));
	for (size_t i = 0; i < count; i++)
		if (!ask_kernel(names[i], &ret_addresses[i])) {
			read_all(names, ret_addresses, count);
			return;
		}
}

bool kallsyms_is_quick(void)
{
	uint64_t address;

	return ask_kernel("_text", &address);
}
