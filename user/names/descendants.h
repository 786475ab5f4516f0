/* SPDX-License-Identifier: GPL-2.0-only */
/* Which processes are children of others, and of their children, by /proc. */
#ifndef USER_NAMES_DESCENDANTS_H
#define USER_NAMES_DESCENDANTS_H

#include <stddef.h>
#include <stdint.h>

struct descent {
	uint32_t pid, parent;
};

/*
 * Those of `all`, sorted by pid, that descend from one of these processes, which are none
 * themselves: moved to the front. Returns how many.
 */
size_t descendants_choose(struct descent *all, size_t count, const uint32_t *roots,
			  size_t root_count);

/* Reads /proc. Returns 0 with what is to be freed, or -errno. */
int descendants_read(const uint32_t *roots, size_t root_count, struct descent **ret_all,
		     size_t *ret_count);

#endif
