/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines and frames of a file of code, where libdw is there to read them. */
#ifndef USER_STACKS_DWARF_H
#define USER_STACKS_DWARF_H

#include <libelf.h>
#include <stdbool.h>
#include <stdint.h>

#include "user/stacks/unwind.h"

struct dwarf;

bool dwarf_is_there(void);

/* NULL: it has none of both, or nobody can read them; the same may be given to all below. */
struct dwarf *dwarf_open(Elf *elf);
void dwarf_close(struct dwarf *d);

/* Whether any source is told of. */
bool dwarf_has_lines(const struct dwarf *d);

/* The name of the source file, the dwarf's, and the line in it; NULL: unknown. */
const char *dwarf_line(struct dwarf *d, uint64_t address, uint32_t *ret_line);

/* What is said of the frame; UNWIND_UNKNOWN where it is said in more than two words. */
void dwarf_rule(struct dwarf *d, uint64_t address, struct unwind_rule *ret);

#endif
