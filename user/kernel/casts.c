// SPDX-License-Identifier: GPL-2.0-only
/* Puts the kernel's function that casts, and the numbers of its types, into an object. */
#include "user/kernel/casts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "bpf/config.h"
#include "user/kernel/btf_cut.h"

#define CAST CONFIG_TYPE_COUNT /* the function's place, behind the types */

static struct kernel_number numbers[] = {
#define X(NAME, type) [CONFIG_TYPE_##NAME] = { #type, false, 0 },
	CONFIG_TYPES(X)
#undef X
		[CAST] = { "bpf_rdonly_cast", true, 0 },
};

int casts_find(const struct btf *object, int fd)
{
	return kernel_types_cut(object, fd, numbers, CAST + 1);
}

static bool is_known(void)
{
	for (size_t i = 0; i <= CAST; i++)
		if (!numbers[i].number)
			return false;
	return true;
}

static bool is_cast(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg &&
	       insn->imm == CONFIG_CAST_CALL;
}

/* The library's copy of a program is its own until it is loaded. */
static int use(struct bpf_program *program)
{
	size_t count = bpf_program__insn_cnt(program), size = count * sizeof(struct bpf_insn);
	struct bpf_insn *insns = malloc(size);
	int error;

	if (!insns)
		return -ENOMEM;
	memcpy(insns, bpf_program__insns(program), size);
	for (size_t i = 0; i < count; i++) {
		if (!is_cast(&insns[i]))
			continue;
		insns[i].src_reg = BPF_PSEUDO_KFUNC_CALL;
		insns[i].imm = (int)numbers[CAST].number;
	}
	error = bpf_program__set_insns(program, insns, count);
	free(insns);
	return error;
}

int casts_use(struct bpf_object *object, uint32_t *ret_types)
{
	struct bpf_program *program;
	int error = 0;

	if (!is_known())
		return 0;
	bpf_object__for_each_program(program, object) {
		if (!error && bpf_program__autoload(program))
			error = use(program);
	}
	for (size_t i = 0; !error && i < CONFIG_TYPE_COUNT; i++)
		ret_types[i] = numbers[i].number;
	return error;
}
