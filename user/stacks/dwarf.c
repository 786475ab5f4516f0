// SPDX-License-Identifier: GPL-2.0-only
/* Reads DWARF by libdw, which is elfutils'. */
#include "user/stacks/dwarf.h"

#include <stddef.h>

#ifdef TCPSPAN_HAS_DW

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <stdlib.h>

/* To look for a line takes as long as there is much to look at. */
#define LINES_MAX (256u << 20)

#if defined(__x86_64__)
#define FRAME_POINTER 6
#define STACK_POINTER 7
#define RETURN_ADDRESS 16
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define FRAME_POINTER 29
#define STACK_POINTER 31
#define RETURN_ADDRESS 30
#define MACHINE EM_AARCH64
#else /* of others nothing is said */
#define FRAME_POINTER 0
#define STACK_POINTER 0
#define RETURN_ADDRESS 0
#define MACHINE EM_NONE
#endif

struct dwarf {
	Dwarf *debug;	   /* NULL: it has no lines, or too many */
	Dwarf_CFI *frames; /* of .eh_frame; NULL: it has none */
	Dwarf_CFI *others; /* of .debug_frame, which is the debug's; NULL: it has none */
};

bool dwarf_is_there(void)
{
	return true;
}

static uint64_t size_of(Elf *elf)
{
	Elf_Scn *at = NULL;
	uint64_t size = 0;
	GElf_Shdr section;

	while ((at = elf_nextscn(elf, at)))
		if (gelf_getshdr(at, &section) && !(section.sh_flags & SHF_ALLOC))
			size += section.sh_size;
	return size;
}

struct dwarf *dwarf_open(Elf *elf)
{
	struct dwarf *d = calloc(1, sizeof(*d));
	GElf_Ehdr head;

	if (!d || !gelf_getehdr(elf, &head) || head.e_machine != MACHINE) {
		free(d);
		return NULL;
	}
	d->frames = dwarf_getcfi_elf(elf);
	if (size_of(elf) <= LINES_MAX)
		d->debug = dwarf_begin_elf(elf, DWARF_C_READ, NULL);
	d->others = d->debug ? dwarf_getcfi(d->debug) : NULL;
	return d;
}

bool dwarf_has_lines(const struct dwarf *d)
{
	Dwarf_Off next;
	size_t head;

	return d && d->debug && !dwarf_nextcu(d->debug, 0, &next, &head, NULL, NULL, NULL);
}

void dwarf_close(struct dwarf *d)
{
	if (!d)
		return;
	if (d->frames)
		dwarf_cfi_end(d->frames);
	if (d->debug)
		dwarf_end(d->debug);
	free(d);
}

const char *dwarf_line(struct dwarf *d, uint64_t address, uint32_t *ret_line)
{
	Dwarf_Die unit;
	Dwarf_Line *line;
	const char *file;
	int number;

	if (!d || !d->debug || !dwarf_addrdie(d->debug, address, &unit))
		return NULL;
	line = dwarf_getsrc_die(&unit, address);
	if (!line || dwarf_lineno(line, &number) || number <= 0)
		return NULL;
	file = dwarf_linesrc(line, NULL, NULL);
	if (file)
		*ret_line = (uint32_t)number;
	return file;
}

/* "Register and offset" of the frame's address. */
static bool read_base(Dwarf_Frame *frame, struct unwind_rule *rule)
{
	Dwarf_Op *ops;
	size_t count;
	int reg;

	if (dwarf_frame_cfa(frame, &ops, &count) || count != 1)
		return false;
	if (ops[0].atom >= DW_OP_breg0 && ops[0].atom <= DW_OP_breg31) {
		reg = ops[0].atom - DW_OP_breg0;
		rule->offset = (int64_t)ops[0].number;
	} else if (ops[0].atom == DW_OP_bregx) {
		reg = (int)ops[0].number;
		rule->offset = (int64_t)ops[0].number2;
	} else {
		return false;
	}
	rule->is_from_fp = reg == FRAME_POINTER;
	return reg == FRAME_POINTER || reg == STACK_POINTER;
}

enum saved { SAVED, SAME, LOST, ODD };

/* Where a register of the caller is. */
static enum saved read_register(Dwarf_Frame *frame, int reg, int64_t *ret_offset)
{
	Dwarf_Op room[3], *ops;
	size_t count;

	if (dwarf_frame_register(frame, reg, room, &ops, &count))
		return ODD;
	if (!count)
		return ops ? LOST : SAME;
	if (ops[0].atom != DW_OP_call_frame_cfa || count > 2 ||
	    (count == 2 && ops[1].atom != DW_OP_plus_uconst))
		return ODD;
	*ret_offset = count == 2 ? (int64_t)ops[1].number : 0;
	return SAVED;
}

static void read_rule(Dwarf_Frame *frame, struct unwind_rule *rule)
{
	enum saved back = read_register(frame, RETURN_ADDRESS, &rule->return_offset);
	enum saved fp = read_register(frame, FRAME_POINTER, &rule->fp_offset);

	if (back == LOST) {
		rule->kind = UNWIND_OUTERMOST;
		return;
	}
	rule->is_linked = back == SAME;
	rule->has_saved_fp = fp == SAVED;
	rule->has_lost_fp = fp == LOST || fp == ODD;
	if (read_base(frame, rule) && back != ODD)
		rule->kind = UNWIND_KNOWN;
}

void dwarf_rule(struct dwarf *d, uint64_t address, struct unwind_rule *ret)
{
	Dwarf_Frame *frame;

	*ret = (struct unwind_rule){ .kind = UNWIND_UNKNOWN };
	if (!d)
		return;
	if ((!d->frames || dwarf_cfi_addrframe(d->frames, address, &frame)) &&
	    (!d->others || dwarf_cfi_addrframe(d->others, address, &frame)))
		return;
	read_rule(frame, ret);
	free(frame);
}

#else

bool dwarf_is_there(void)
{
	return false;
}

struct dwarf *dwarf_open(Elf *elf)
{
	(void)elf;
	return NULL;
}

bool dwarf_has_lines(const struct dwarf *d)
{
	(void)d;
	return false;
}

void dwarf_close(struct dwarf *d)
{
	(void)d;
}

const char *dwarf_line(struct dwarf *d, uint64_t address, uint32_t *ret_line)
{
	(void)d;
	(void)address;
	*ret_line = 0;
	return NULL;
}

void dwarf_rule(struct dwarf *d, uint64_t address, struct unwind_rule *ret)
{
	(void)d;
	(void)address;
	*ret = (struct unwind_rule){ .kind = UNWIND_UNKNOWN };
}

#endif
