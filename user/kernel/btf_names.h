/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the kernel's own description of itself has a name. */
#ifndef USER_KERNEL_BTF_NAMES_H
#define USER_KERNEL_BTF_NAMES_H

#include <stdbool.h>

/* All names of its types, fields and functions, in no order. */
struct kernel_names;

/* The caller frees them. NULL: the kernel describes nothing, or there is no memory. */
struct kernel_names *kernel_names_read(void);

bool kernel_names_have(const struct kernel_names *names, const char *name);

void kernel_names_free(struct kernel_names *names);

#endif
