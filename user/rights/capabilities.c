// SPDX-License-Identifier: GPL-2.0-only
/* Reads, uses and gives up the capabilities of this thread. */
#include "user/rights/capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECURE_BITS                                                           \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | \
	 SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

struct sets {
	uint64_t effective, permitted, inheritable;
};

static int read_sets(struct sets *ret)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, words))
		return -errno;
	*ret = (struct sets){
		.effective = words[0].effective | (uint64_t)words[1].effective << 32,
		.permitted = words[0].permitted | (uint64_t)words[1].permitted << 32,
		.inheritable = words[0].inheritable | (uint64_t)words[1].inheritable << 32,
	};
	return 0;
}

static int write_sets(const struct sets *sets)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3];

	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		words[i] = (struct __user_cap_data_struct){
			.effective = (uint32_t)(sets->effective >> 32 * i),
			.permitted = (uint32_t)(sets->permitted >> 32 * i),
			.inheritable = (uint32_t)(sets->inheritable >> 32 * i),
		};
	return syscall(SYS_capset, &head, words) ? -errno : 0;
}

uint64_t capabilities_effective(void)
{
	struct sets sets = { 0 };

	return read_sets(&sets) ? 0 : sets.effective;
}

int capabilities_use(uint64_t wanted)
{
	struct sets sets = { 0 };
	int error = read_sets(&sets);

	if (error)
		return error;
	sets.effective = sets.permitted & wanted;
	return write_sets(&sets);
}

int capabilities_keep(uint64_t kept)
{
	struct sets sets = { 0 };
	int error = read_sets(&sets);

	if (error)
		return error;
	/* To give up these takes a right, too; without it there are none, and no_new_privs. */
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	prctl(PR_SET_SECUREBITS, SECURE_BITS, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	sets.permitted &= kept;
	sets.effective = sets.permitted;
	sets.inheritable = 0;
	return write_sets(&sets);
}
