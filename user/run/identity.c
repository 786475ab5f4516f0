// SPDX-License-Identifier: GPL-2.0-only
/* Who a process of ours is to be, and how it gives up whatever else it could be. */
#include "user/run/identity.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/base/text.h"

#define SECURE_BITS                                                           \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | \
	 SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

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
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	if (identity->is_other &&
	    (initgroups(identity->name, identity->gid) || setgid(identity->gid)))
		return -errno;
	/* Where these are refused there is nothing to be given up: see no_new_privs below. */
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	prctl(PR_SET_SECUREBITS, SECURE_BITS, 0, 0, 0);
	if (identity->is_other && setuid(identity->uid))
		return -errno;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &head, none) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return 0;
}
