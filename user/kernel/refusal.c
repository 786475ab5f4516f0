// SPDX-License-Identifier: GPL-2.0-only
/* Turns a refusal of the kernel into a sentence: which right or feature is missing, what to do. */
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include <linux/capability.h>
#include <sys/param.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "user/base/log.h"
#include "user/kernel/complaints.h"
#include "user/kernel/reason.h"
#include "user/kernel/refusal.h"
#include "user/rights/capabilities.h"

/* The inode of the user namespace that the machine begins with, since Linux 3.8. */
#define FIRST_USER_NAMESPACE 0xeffffffdu

/* Without /proc it is not known, and taken for the first. */
bool refusal_is_in_user_namespace(void)
{
	struct stat st;

	return !stat("/proc/self/ns/user", &st) && st.st_ino != FIRST_USER_NAMESPACE;
}

/* What a user namespace gives is no right over the kernel. */
static uint64_t rights(void)
{
	return refusal_is_in_user_namespace() ? 0 : capabilities_effective();
}

bool refusal_may_load(void)
{
	uint64_t bits = rights();
	uint64_t pair = 1ull << CAP_BPF | 1ull << CAP_PERFMON;

	return bits & 1ull << CAP_SYS_ADMIN || (bits & pair) == pair;
}

bool refusal_has_capability(int capability)
{
	return rights() >> capability & 1;
}

bool refusal_has_btf(void)
{
	return !access("/sys/kernel/btf/vmlinux", R_OK);
}

/* By what is opened with, unlike access(): the rights in effect may be more than the user's. */
bool refusal_has_proc(void)
{
	struct stat st;

	return !stat("/proc/self/ns/net", &st) || errno != ENOENT;
}

/* Of this process, at once. */
static uint64_t files_max(void)
{
	struct rlimit limit = { 0 };

	getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur;
}

/* The least that this process may have of memory, in bytes, and what sets it; else NULL. */
static const char *memory_limit(uint64_t *ret_max)
{
	struct rlimit addresses = { RLIM_INFINITY, 0 }, data = { RLIM_INFINITY, 0 };

	getrlimit(RLIMIT_AS, &addresses);
	getrlimit(RLIMIT_DATA, &data);
	if (addresses.rlim_cur == RLIM_INFINITY && data.rlim_cur == RLIM_INFINITY)
		return NULL;
	*ret_max = MIN(addresses.rlim_cur, data.rlim_cur);
	return addresses.rlim_cur == *ret_max ? "ulimit -v" : "ulimit -d";
}

static const struct log_text complaints[KERNEL_COMPLAINT_COUNT] = {
#define X(NAME, en, zh) { { en, zh } },
	KERNEL_COMPLAINTS(X)
#undef X
};

#define COMPLAIN(NAME, ...) \
	log_say(&complaints[KERNEL_COMPLAINT_##NAME], &(struct sentence_words){ __VA_ARGS__ })

void refusal_complain(int error, const char *reason)
{
	char text[REASON_SIZE];
	uint64_t max = 0;
	const char *limit = memory_limit(&max);

	if (refusal_is_in_user_namespace())
		COMPLAIN(NO_RIGHT_INSIDE);
	else if (!refusal_may_load())
		COMPLAIN(NO_RIGHT);
	else if (!refusal_has_proc())
		COMPLAIN(NO_PROC);
	else if (!refusal_has_btf())
		COMPLAIN(NO_TYPES);
	else if (error == -ENOMEM && limit)
		COMPLAIN(NO_MEMORY, .n = max >> 20, .w = limit);
	else if (error == -ENOMEM)
		COMPLAIN(NO_ROOM);
	else if (error == -EMFILE)
		COMPLAIN(NO_FILES, .n = files_max());
	else
		COMPLAIN(NO_HOOK, .w = reason_fill(text, reason, log_language));
}
