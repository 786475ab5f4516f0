/* SPDX-License-Identifier: GPL-2.0-only */
/* The check command: what this kernel allows, tried out. */
#ifndef USER_COMMAND_CHECK_CHECK_H
#define USER_COMMAND_CHECK_CHECK_H

#include "user/option/options.h"

/* Prints the findings. Returns the exit status: 0 when tracing works here, else 2. */
int check_run(const struct options *options);

#endif
