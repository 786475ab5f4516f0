/* SPDX-License-Identifier: GPL-2.0-only */
/* A file of code (ELF), which anybody may have made: its build id, functions, lines, frames. */
#ifndef USER_STACKS_MODULE_H
#define USER_STACKS_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/stacks/unwind.h"

#define MODULE_BUILD_ID_SIZE 41 /* hexadecimal digits of 20 bytes */

struct module;

/* Whether this build knows lines and frames, and not only functions. */
bool module_knows_frames(void);

/* Of an open file, which is the module's from then on. NULL: it is none, or there is no memory. */
struct module *module_open(int fd);
void module_close(struct module *m);

/* "": it has none, or one that is no such. */
const char *module_build_id(const struct module *m);

/* Whether it was stripped: what it lacks may be in another file, with the same build id. */
bool module_lacks_names(struct module *m);

/* That file, open, which is the module's from then on. Returns whether it is that one. */
bool module_add_debug(struct module *m, int fd);

/* Where what lies at an offset in the file is said to lie in memory. Returns whether it is code. */
bool module_address(const struct module *m, uint64_t offset, uint64_t *ret_address);

/* The function at an address, untrusted, which is the module's; NULL: nothing covers it. */
const char *module_function(struct module *m, uint64_t address, uint64_t *ret_offset);

/* The line of an address; NULL: unknown. */
const char *module_line(struct module *m, uint64_t address, uint32_t *ret_line);

/* What its function says of its frame there. */
void module_rule(struct module *m, uint64_t address, struct unwind_rule *ret);

#endif
