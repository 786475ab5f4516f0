// SPDX-License-Identifier: GPL-2.0-only
/* Puts the bars of a role into force, one after the other. */
#include "user/rights/rights.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/rights/calls.h"
#include "user/rights/capabilities.h"
#include "user/rights/paths.h"

/* Looking for leaks at the end takes calls and files of its own. */
#if defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_SANITIZED true
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED false
#endif

void rights_keep(const struct rights_needs *needs, struct rights_bars *ret)
{
	const struct rights_kept *kept = &rights_kept[needs->role];
	const struct paths_kept paths = {
		.read = kept->paths,
		.also_read = needs->also_read,
		.also_count = needs->also_count,
		.reaches = kept->reaches,
		.later = needs->later,
		.written = needs->written,
	};

	*ret = (struct rights_bars){ .no_new_privs = 0 };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		ret->no_new_privs = -errno;
	if (kept->is_in_paths)
		ret->landlock = IS_SANITIZED ? -ENOTSUP : paths_keep(&paths);
	ret->capabilities = capabilities_keep(kept->capabilities | needs->capabilities);
	if (needs->is_thread)
		return;
	if (IS_SANITIZED) {
		ret->not_dumpable = ret->seccomp = -ENOTSUP;
		return;
	}
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		ret->not_dumpable = -errno;
	if (kept->calls)
		ret->seccomp = calls_keep(kept->calls, kept->is_given_all);
}

/* Returns whether the child told. */
static bool hear(int fd, pid_t child, struct rights_bars *ret)
{
	bool is_told = read(fd, ret, sizeof(*ret)) == (ssize_t)sizeof(*ret);
	int status;

	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	return is_told && WIFEXITED(status) && !WEXITSTATUS(status);
}

static void try_and_tell(int fd)
{
	const struct rights_needs needs = { .role = RIGHTS_FOLLOW, .written = -1 };
	struct rights_bars bars;

	rights_keep(&needs, &bars);
	_exit(write(fd, &bars, sizeof(bars)) != (ssize_t)sizeof(bars));
}

void rights_try(struct rights_bars *ret)
{
	struct rights_bars unknown = {
#define X(field, name) .field = -ECHILD,
		RIGHTS_BARS(X)
#undef X
	};
	int ends[2];
	pid_t child;

	*ret = unknown;
	if (pipe2(ends, O_CLOEXEC))
		return;
	child = fork();
	if (!child)
		try_and_tell(ends[1]);
	close(ends[1]);
	if (child > 0 && !hear(ends[0], child, ret))
		*ret = unknown;
	close(ends[0]);
}
