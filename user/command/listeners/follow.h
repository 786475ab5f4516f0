/* SPDX-License-Identifier: GPL-2.0-only */
/* Listeners in the course of time: looks, and the connections that they take. */
#ifndef USER_COMMAND_LISTENERS_FOLLOW_H
#define USER_COMMAND_LISTENERS_FOLLOW_H

#include "user/option/options.h"

/* Follows the kernel or recordings until it is told to stop. Returns the exit status. */
int listeners_follow(const struct options *options);

#endif
