/* SPDX-License-Identifier: GPL-2.0-only */
/* Leaves this thread the files that it is to have, and no other, where the kernel has Landlock. */
#ifndef USER_RIGHTS_PATHS_H
#define USER_RIGHTS_PATHS_H

#include <stdbool.h>
#include <stddef.h>

struct paths_kept {
	const char *const
		*read; /* folders and files, ended by NULL; those that are not there are left out */
	const char *const *also_read; /* more of them */
	size_t also_count;
	bool reaches;	   /* it may connect by TCP */
	const char *later; /* one more of them; NULL: none */
	int written; /* an open folder, in which files are made, written and removed; -1: none */
};

/*
 * What is open stays so. The process must have given up to gain rights. Returns 0, -ENOSYS (the
 * kernel has no Landlock), or another -errno.
 */
int paths_keep(const struct paths_kept *kept);

#endif
