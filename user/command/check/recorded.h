/* SPDX-License-Identifier: GPL-2.0-only */
/* The check command on recordings: what they say of themselves, and whether they can be read. */
#ifndef USER_COMMAND_CHECK_RECORDED_H
#define USER_COMMAND_CHECK_RECORDED_H

#include "user/option/options.h"

/* Prints the findings. Returns the exit status: 0 when all of it can be read, else 2. */
int check_recorded(const struct options *options);

#endif
