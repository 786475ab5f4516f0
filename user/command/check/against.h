/* SPDX-License-Identifier: GPL-2.0-only */
/* Traces for a while, and holds what was counted against the kernel's own counters. */
#ifndef USER_COMMAND_CHECK_AGAINST_H
#define USER_COMMAND_CHECK_AGAINST_H

#include "user/option/options.h"

/* Returns 0: they agree; 1: they differ by more than was lost; 2, after one sentence. */
int check_against(const struct options *options);

#endif
