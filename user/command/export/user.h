/* SPDX-License-Identifier: GPL-2.0-only */
/* Who the processes are to be that answer and send. */
#ifndef USER_COMMAND_EXPORT_USER_H
#define USER_COMMAND_EXPORT_USER_H

#include "user/run/identity.h"

/*
 * Looks --user up; `*ret` is to be ended by identity_done. Returns 0, or -errno after one sentence.
 */
int export_find_user(const char *name, struct identity *ret);

#endif
