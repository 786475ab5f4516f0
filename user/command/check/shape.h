/* SPDX-License-Identifier: GPL-2.0-only */
/* Which of the shapes that a hook has on different kernels tells of this one. */
#ifndef USER_COMMAND_CHECK_SHAPE_H
#define USER_COMMAND_CHECK_SHAPE_H

#include <stddef.h>

#include "user/kernel/planner.h"

/*
 * Rungs of one kind are shapes of the same hook, of which one is to fit: the one in use, or the
 * first that works, or else the one that comes closest. Of those from rung `first` of the family
 * on; `*ret_next` is the first of another kind.
 */
size_t shape_to_show(const struct plan *plan, int family, size_t first, size_t *ret_next);

#endif
