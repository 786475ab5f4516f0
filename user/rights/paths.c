// SPDX-License-Identifier: GPL-2.0-only
/* The Landlock ruleset of a process: which files it may still open. */
#include "user/rights/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if __has_include(<linux/landlock.h>) && defined(SYS_landlock_create_ruleset)

#include <linux/landlock.h>

/* The kernel's struct landlock_ruleset_attr; headers may be older. */
struct ruleset {
	uint64_t files, net, scoped;
};

/* By the version of the interface: rights to files that it knows are the lowest so many bits. */
static const unsigned char file_rights[] = { 0, 13, 14, 15, 15, 16 };
#define NET_VERSION 4	 /* to bind and to connect */
#define SCOPED_VERSION 6 /* to reach other processes by abstract sockets and by signals */
#define NET_BIND 1
#define NET_CONNECT 2
#define SCOPES 3

#define READ_FOLDER (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define TRUNCATE (UINT64_C(1) << 14)
#define WRITE_FOLDER                                                   \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | TRUNCATE)

static struct ruleset ruleset_of(int version, bool reaches)
{
	size_t known = sizeof(file_rights) / sizeof(*file_rights) - 1;

	return (struct ruleset){
		.files = (1u << file_rights[(size_t)version < known ? (size_t)version : known]) - 1,
		.net = version < NET_VERSION ? 0 :
		       reaches		     ? NET_BIND :
					       NET_BIND | NET_CONNECT,
		.scoped = version >= SCOPED_VERSION ? SCOPES : 0,
	};
}

static size_t size_of(int version)
{
	return version >= SCOPED_VERSION ? sizeof(struct ruleset) :
	       version >= NET_VERSION	 ? offsetof(struct ruleset, scoped) :
					   offsetof(struct ruleset, net);
}

static int add_rule(int ruleset, int fd, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights, .parent_fd = fd };

	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) ?
		       -errno :
		       0;
}

/* A pipe is none that a rule could be for, nor one that any forbids. */
static int add_path(int ruleset, const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC), error;
	struct stat st;

	if (fd < 0)
		return 0;
	error = fstat(fd, &st) ?
			-errno :
			add_rule(ruleset, fd,
				 S_ISDIR(st.st_mode) ? READ_FOLDER : LANDLOCK_ACCESS_FS_READ_FILE);
	close(fd);
	return error == -EBADFD ? 0 : error;
}

/* Of rights that the kernel does not know none can be given. */
static int add_rules(int ruleset, uint64_t known, const struct paths_kept *kept)
{
	int error = kept->written < 0 ? 0 : add_rule(ruleset, kept->written, WRITE_FOLDER & known);

	for (size_t i = 0; kept->read && kept->read[i] && !error; i++)
		error = add_path(ruleset, kept->read[i]);
	for (size_t i = 0; i < kept->also_count && !error; i++)
		error = add_path(ruleset, kept->also_read[i]);
	return kept->later && !error ? add_path(ruleset, kept->later) : error;
}

int paths_keep(const struct paths_kept *kept)
{
	int version =
		(int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset ruleset;
	int fd, error;

	/* EOPNOTSUPP: it was not chosen at boot. */
	if (version < 1)
		return errno == EOPNOTSUPP ? -ENOSYS : -errno;
	ruleset = ruleset_of(version, kept->reaches);
	fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, size_of(version), 0);
	if (fd < 0)
		return -errno;
	error = add_rules(fd, ruleset.files, kept);
	if (!error && syscall(SYS_landlock_restrict_self, fd, 0))
		error = -errno;
	close(fd);
	return error;
}

#else

int paths_keep(const struct paths_kept *kept)
{
	(void)kept;
	return -ENOSYS;
}

#endif
