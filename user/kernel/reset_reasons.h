/* SPDX-License-Identifier: GPL-2.0-only */
/* The running kernel's reasons to send a reset, from its types. */
#ifndef USER_KERNEL_RESET_REASONS_H
#define USER_KERNEL_RESET_REASONS_H

#include "user/event/reset_reason.h"

/* Fills an empty table. Returns 0, or -ENOENT: it names none (before 6.10), or -errno. */
int kernel_reasons_read(struct reset_reasons *r);

#endif
