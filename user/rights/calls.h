/* SPDX-License-Identifier: GPL-2.0-only */
/* Leaves a process the system calls that it is to have, and no other. */
#ifndef USER_RIGHTS_CALLS_H
#define USER_RIGHTS_CALLS_H

#include <stdbool.h>

/*
 * From now on all threads have the calls of these groups alone (bits of enum rights_calls). Those
 * that a C library can do without fail; any other ends the process with a sentence and status 2.
 * Returns 0, -ENOSYS (the kernel or this program knows no such filters), or another -errno.
 */
int calls_keep(unsigned int groups, bool is_given_all);

#endif
