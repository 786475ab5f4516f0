/* SPDX-License-Identifier: GPL-2.0-only */
/* Addresses of kernel functions, as far as the kernel shows them. */
#ifndef USER_SOURCE_KALLSYMS_H
#define USER_SOURCE_KALLSYMS_H

#include <stdint.h>

#include "user/source/hooks.h"

/* The address of the function; 0 when there is none, or it is hidden. */
uint64_t kallsyms_find(enum hook_symbol symbol);

#endif
