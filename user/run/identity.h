/* SPDX-License-Identifier: GPL-2.0-only */
/* Who a process of ours is to be, and how it gives up whatever else it could be. */
#ifndef USER_RUN_IDENTITY_H
#define USER_RUN_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

/* All zero: whoever runs this program. */
struct identity {
	char *name, *home;
	uid_t uid;
	gid_t gid;
	bool is_other; /* than it is now */
};

/*
 * Looks a user up by name or number. Returns 0 and `*ret`, to be ended by identity_done; -ENOENT;
 * -EPERM: it is another one, and this process may not become it; or -ENOMEM.
 */
int identity_find(const char *name, struct identity *ret);
void identity_done(struct identity *identity);

/*
 * Becomes it for good, with its groups, without a capability and without a way to any: not by
 * being root, nor by running a file that has some. Returns 0, or -errno: then the process should
 * end.
 */
int identity_drop_rights(const struct identity *identity);

#endif
