// SPDX-License-Identifier: GPL-2.0-only
/* Finds the addresses of kernel functions, and where they end. */
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
	char place[64]; /* "tcp_abort+0x0/0x2f0": the size comes last */
	uint64_t address;
};

#define STACK_NAME (-40)
#define STACK_ADDRESS (-8)
#define STACK_PLACE (-104)
#define INSN(CODE, DST, SRC, OFF, IMM)                                                         \
	{                                                                                      \
		.code = (CODE), .dst_reg = (DST), .src_reg = (SRC), .off = (OFF), .imm = (IMM) \
	}
#define LOAD(DST, SRC, OFF) INSN(BPF_LDX | BPF_MEM | BPF_DW, DST, SRC, OFF, 0)
#define STORE(DST, SRC, OFF) INSN(BPF_STX | BPF_MEM | BPF_DW, DST, SRC, OFF, 0)
#define COPY(DST, SRC) INSN(BPF_ALU64 | BPF_MOV | BPF_X, DST, SRC, 0, 0)
#define SET(DST, IMM) INSN(BPF_ALU64 | BPF_MOV | BPF_K, DST, 0, 0, IMM)
#define ADD(DST, IMM) INSN(BPF_ALU64 | BPF_ADD | BPF_K, DST, 0, 0, IMM)
#define CALL(FUNCTION) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, FUNCTION)
#define COPY_WORD(AT) LOAD(2, 6, AT), STORE(10, 2, STACK_NAME + (AT))
#define CLEAR_WORD(AT) STORE(10, 2, STACK_PLACE + (AT))
#define RETURN_WORD(AT) \
	LOAD(1, 10, STACK_PLACE + (AT)), STORE(6, 1, offsetof(struct question, place) + (AT))
#define LOAD_FORMAT \
	INSN(BPF_LD | BPF_IMM | BPF_DW, 3, BPF_PSEUDO_MAP_VALUE, 0, 0), INSN(0, 0, 0, 0, 0)
#define WORDS_OF_PLACE(X) X(0), X(8), X(16), X(24), X(32), X(40), X(48), X(56)

/*
 * Register 1 is the question, 10 the end of the stack, where the helpers want name and answers. The
 * kernel prints of an address where the function is that it lies in, and how long that is.
 */
static const struct bpf_insn ask[] = {
	COPY(6, 1),
	COPY_WORD(0),
	COPY_WORD(8),
	COPY_WORD(16),
	COPY_WORD(24),
	SET(2, 0),
	STORE(10, 2, STACK_ADDRESS),
	WORDS_OF_PLACE(CLEAR_WORD),
	COPY(1, 10),
	ADD(1, STACK_NAME),
	SET(2, sizeof(((struct question *)0)->name)),
	SET(3, 0),
	COPY(4, 10),
	ADD(4, STACK_ADDRESS),
	CALL(BPF_FUNC_kallsyms_lookup_name),
	LOAD(1, 10, STACK_ADDRESS),
	STORE(6, 1, offsetof(struct question, address)),
	COPY(1, 10),
	ADD(1, STACK_PLACE),
	SET(2, sizeof(((struct question *)0)->place)),
	LOAD_FORMAT,
	COPY(4, 10),
	ADD(4, STACK_ADDRESS),
	SET(5, sizeof(uint64_t)),
	CALL(BPF_FUNC_snprintf),
	WORDS_OF_PLACE(RETURN_WORD),
	SET(0, 0),
	INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
};

/* A map with the format, which the verifier trusts once nobody can write it any more. */
static int make_format(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_RDONLY_PROG);
	const char format[8] = "%pS";
	uint32_t zero = 0;
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "format", sizeof(zero), sizeof(format), 1,
				&options);

	if (fd < 0)
		return fd;
	if (bpf_map_update_elem(fd, &zero, format, BPF_ANY) || bpf_map_freeze(fd)) {
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * Since 5.16 a program may ask, which takes no time: to print all names takes the kernel longer
 * than the rest of our start. Returns its descriptor; negative: this kernel, or our rights, do not
 * allow that.
 */
static int load_asker(void)
{
	LIBBPF_OPTS(bpf_prog_load_opts, load, .prog_flags = BPF_F_SLEEPABLE);
	struct bpf_insn program[sizeof(ask) / sizeof(*ask)];
	int format = make_format(), fd;

	if (format < 0)
		return format;
	memcpy(program, ask, sizeof(ask));
	for (size_t i = 0; i < sizeof(program) / sizeof(*program); i++)
		if (program[i].code == (BPF_LD | BPF_IMM | BPF_DW))
			program[i].imm = format;
	fd = bpf_prog_load(BPF_PROG_TYPE_SYSCALL, NULL, "GPL", program,
			   sizeof(program) / sizeof(*program), &load);
	/* The program holds it. */
	close(format);
	return fd;
}

/* The number behind the last slash: how long the function is; 0: it does not say. */
static uint64_t size_in(const char *place)
{
	const char *slash = strrchr(place, '/');

	return slash ? strtoull(slash + 1, NULL, 16) : 0;
}

static bool ask_kernel(int asker, const char *name, struct kallsyms_range *ret_range)
{
	struct question question = {};
	LIBBPF_OPTS(bpf_test_run_opts, run, .ctx_in = &question, .ctx_size_in = sizeof(question));

	if (strlen(name) >= sizeof(question.name))
		return false;
	memcpy(question.name, name, strlen(name));
	if (bpf_prog_test_run_opts(asker, &run))
		return false;
	question.place[sizeof(question.place) - 1] = 0;
	*ret_range = (struct kallsyms_range){ .address = question.address };
	if (question.address)
		ret_range->size = size_in(question.place);
	return true;
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

/* The names stand in the order of their addresses: a function ends where the next one begins. */
static void read_all(const char *const *names, struct kallsyms_range *ranges, size_t count)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	struct kallsyms_range *last = NULL;
	size_t missing = count;
	const char *name;
	char line[512];

	if (!f)
		return;
	setvbuf(f, NULL, _IOFBF, READ_BYTES);
	while ((missing || last) && fgets(line, sizeof(line), f)) {
		uint64_t address = split_line(line, &name);

		if (last && address > last->address) {
			last->size = address - last->address;
			last = NULL;
		}
		for (size_t i = 0; address && i < count; i++)
			if (!ranges[i].address && !strcmp(name, names[i])) {
				ranges[i].address = address;
				last = &ranges[i];
				missing--;
			}
	}
	fclose(f);
}

void kallsyms_find(const char *const *names, struct kallsyms_range *ret_ranges, size_t count)
{
	int asker = load_asker();
	bool is_told = asker >= 0;

	memset(ret_ranges, 0, count * sizeof(*ret_ranges));
	for (size_t i = 0; is_told && i < count; i++)
		is_told = ask_kernel(asker, names[i], &ret_ranges[i]);
	if (asker >= 0)
		close(asker);
	if (is_told)
		return;
	memset(ret_ranges, 0, count * sizeof(*ret_ranges));
	read_all(names, ret_ranges, count);
}

bool kallsyms_is_quick(void)
{
	struct kallsyms_range range;
	int asker = load_asker();
	bool is_told;

	if (asker < 0)
		return false;
	is_told = ask_kernel(asker, "_text", &range);
	close(asker);
	return is_told;
}
