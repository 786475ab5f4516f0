// SPDX-License-Identifier: GPL-2.0-only
/* Who a process of ours is to be, and how it gives up whatever else it could be. */
#include "user/run/identity.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "user/base/text.h"
#include "user/rights/capabilities.h"

int identity_find(const char *name, struct identity *ret)
{
	struct passwd *entry = getpwnam(name);
	struct identity found;
	uint64_t number;

	if (!entry && !text_parse_u64(name, &number) && number < (uid_t)-1)
		entry = getpwuid((uid_t)number);
	if (!entry)
		return -ENOENT;
	if (geteuid() && geteuid() != entry->pw_uid)
		return -EPERM;
	found = (struct identity){
		.name = strdup(entry->pw_name),
		.home = strdup(entry->pw_dir),
		.uid = entry->pw_uid,
		.gid = entry->pw_gid,
		.is_other = geteuid() != entry->pw_uid,
	};
	if (!found.name || !found.home) {
		identity_done(&found);
		return -ENOMEM;
	}
	*ret = found;
	return 0;
}

void identity_done(struct identity *identity)
{
	free(identity->name);
	free(identity->home);
	*identity = (struct identity){ 0 };
}

int identity_drop_rights(const struct identity *identity)
{
	int error;

	if (identity->is_other &&
	    (initgroups(identity->name, identity->gid) || setgid(identity->gid)))
		return -errno;
	error = capabilities_keep(1u << CAP_SETUID);
	if (!error && identity->is_other && setuid(identity->uid))
		error = -errno;
	if (!error)
		error = capabilities_keep(0);
	if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		error = -errno;
	return error;
}
