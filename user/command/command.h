/* SPDX-License-Identifier: GPL-2.0-only */
/* The commands, as main runs them: one for each name in the list of user/option/options.h. */
#ifndef USER_COMMAND_COMMAND_H
#define USER_COMMAND_COMMAND_H

#include "user/option/options.h"

struct command {
	/*
	 * Returns the exit status: 0, what 1 means for this command, or 2 when it failed, after one
	 * sentence on standard error.
	 */
	int (*run)(const struct options *options);
};

#define X(NAME, name, question, about) extern const struct command command_##name;
COMMANDS(X)
#undef X

#endif
