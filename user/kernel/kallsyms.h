/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses of kernel functions, as far as the kernel shows them. */
#ifndef USER_KERNEL_KALLSYMS_H
#define USER_KERNEL_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a function is; 0: there is none, or it is hidden. */
struct kallsyms_range {
	uint64_t address;
	uint64_t size; /* in bytes; 0: not known */
};

/* The range of each function. Ask for many at once. */
void kallsyms_find(const char *const *names, struct kallsyms_range *ret_ranges, size_t count);

/* Whether that takes no time. */
bool kallsyms_is_quick(void);

#endif
