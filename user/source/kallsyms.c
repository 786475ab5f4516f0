// SPDX-License-Identifier: GPL-2.0-only
/* Finds the addresses of kernel functions. */
#include "user/source/kallsyms.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "user/source/hooks.h"

#define READ_BYTES 65536 /* the kernel gives a page at a time, the library asks for less */

static uint64_t addresses[HOOK_SYMBOL_COUNT];
static bool known[HOOK_SYMBOL_COUNT];

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
	strcpy(question.name, name);
	fd = bpf_prog_load(BPF_PROG_TYPE_SYSCALL, NULL, "GPL", ask, sizeof(ask) / sizeof(*ask),
			   &load);
	if (fd < 0)
		return false;
	error = bpf_prog_test_run_opts(fd, &run);
	close(fd);
	*ret_address = question.address;
	return !error;
}

/* Lines are "address type name", and "[module]" for some. */
static void note_line(const char *line)
{
	unsigned long long address;
	char name[128];
	char type;

	if (sscanf(line, "%llx %c %127s", &address, &type, name) != 3)
		return;
	for (int i = HOOK_SYMBOL_NONE + 1; i < HOOK_SYMBOL_COUNT; i++)
		if (!strcmp(name, hook_symbol_name(i)))
			addresses[i] = address;
}

static bool has_all(void)
{
	for (int i = HOOK_SYMBOL_NONE + 1; i < HOOK_SYMBOL_COUNT; i++)
		if (!addresses[i])
			return false;
	return true;
}

/* Once for all names. */
static void read_all(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512];

	for (int i = HOOK_SYMBOL_NONE + 1; i < HOOK_SYMBOL_COUNT; i++)
		known[i] = true;
	if (!f)
		return;
	setvbuf(f, NULL, _IOFBF, READ_BYTES);
	while (!has_all() && fgets(line, sizeof(line), f))
		if (strstr(line, "timer_handler"))
			note_line(line);
	fclose(f);
}

uint64_t kallsyms_find(enum hook_symbol symbol)
{
	if (!known[symbol]) {
		known[symbol] = ask_kernel(hook_symbol_name(symbol), &addresses[symbol]);
		if (!known[symbol])
			read_all();
	}
	return addresses[symbol];
}
