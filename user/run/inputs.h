/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether a file that is to be written is one of those that are read. */
#ifndef USER_RUN_INPUTS_H
#define USER_RUN_INPUTS_H

#include <stdbool.h>

#include "user/option/options.h"

/* By whatever name. What is not there yet, or is no plain file, is none of them. */
bool inputs_have(const struct options *options, const char *path);

#endif
