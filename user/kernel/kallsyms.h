/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses of kernel functions, as far as the kernel shows them. */
#ifndef USER_KERNEL_KALLSYMS_H
#define USER_KERNEL_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The address of each function; 0 where there is none, or it is hidden. Ask for many at once. */
void kallsyms_find(const char *const *names, uint64_t *ret_addresses, size_t count);

/* Whether that takes no time. */
bool kallsyms_is_quick(void);

#endif
