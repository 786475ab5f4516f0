// SPDX-License-Identifier: GPL-2.0-only
/* The files that a recording is written to: made anew, in a folder where others may play tricks. */
#include "user/record/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0600
#define OTHERS_MAY_WRITE 0022
#define PART_FORMAT "%s.%06u"

int target_init(struct target *t, const char *path, bool has_parts)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char folder[PATH_MAX] = ".";

	*t = (struct target){ .folder = -1, .has_parts = has_parts };
	if (!*name)
		return *path ? -EISDIR : -ENOENT;
	if (strlen(name) >= sizeof(t->name) || (slash && slash - path >= PATH_MAX))
		return -ENAMETOOLONG;
	if (slash)
		snprintf(folder, sizeof(folder), "%.*s/", (int)(slash - path), path);
	snprintf(t->name, sizeof(t->name), "%s", name);
	t->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return t->folder < 0 ? -errno : 0;
}

void target_done(struct target *t)
{
	if (t->folder >= 0)
		close(t->folder);
	t->folder = -1;
}

static int make(const struct target *t, const char *name)
{
	int fd =
		openat(t->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);

	return fd < 0 ? -errno : fd;
}

static int make_part(const struct target *t, uint32_t part, const char **ret_why)
{
	char name[NAME_MAX + 1];
	int fd;

	snprintf(name, sizeof(name), PART_FORMAT, t->name, part);
	fd = make(t, name);
	if (fd == -EEXIST)
		*ret_why = "a part of that name is there already, and none is written over";
	return fd;
}

/* A name that nobody can foresee, and so hold. */
static int make_beside(struct target *t)
{
	uint64_t number;
	int fd;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return -EIO;
	snprintf(t->beside, sizeof(t->beside), ".%s.%016llx", t->name, (unsigned long long)number);
	fd = make(t, t->beside);
	if (fd < 0)
		t->beside[0] = '\0';
	return fd;
}

/* What speaks against the file that is there; NULL: nothing. */
static const char *judge(const struct stat *st)
{
	bool is_mine = st->st_uid == geteuid();

	if (S_ISLNK(st->st_mode))
		return "it is a symbolic link, and none is followed: name what it points to, or "
		       "let "
		       "--output be \"-\"";
	if (!S_ISREG(st->st_mode) && !S_ISFIFO(st->st_mode) && !S_ISCHR(st->st_mode))
		return "it is neither a file nor a pipe";
	if (!is_mine && (S_ISREG(st->st_mode) || st->st_uid))
		return "it belongs to somebody else";
	if (st->st_nlink > 1)
		return "it has other names, too";
	if (S_ISREG(st->st_mode) && st->st_mode & OTHERS_MAY_WRITE)
		return "others may write to it";
	return NULL;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* A pipe or a device, which was looked at before: opening may do something to what it is. */
static int open_special(const struct target *t, const struct stat *before, const char **ret_why)
{
	int fd = openat(t->folder, t->name,
			O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0) {
		if (errno == ENXIO && S_ISFIFO(before->st_mode))
			*ret_why = "nobody reads from it";
		return -errno;
	}
	if (!fstat(fd, &st) && is_same(&st, before))
		return fd;
	close(fd);
	*ret_why = "it has changed meanwhile";
	return -EPERM;
}

/* As target_open. Whether it is one that is made here is set when it is opened. */
static int open_one(struct target *t, uint32_t part, const char **ret_why)
{
	struct stat st;

	t->is_made = true;
	if (t->has_parts)
		return make_part(t, part, ret_why);
	if (fstatat(t->folder, t->name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? make(t, t->name) : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	*ret_why = judge(&st);
	if (*ret_why)
		return -EPERM;
	t->is_made = S_ISREG(st.st_mode);
	return t->is_made ? make_beside(t) : open_special(t, &st, ret_why);
}

int target_open(struct target *t, uint32_t part, const char **ret_why)
{
	int fd;

	*ret_why = NULL;
	fd = open_one(t, part, ret_why);
	t->is_made &= fd >= 0;
	return fd;
}

int target_settle(struct target *t)
{
	if (!t->beside[0])
		return 0;
	if (renameat(t->folder, t->beside, t->folder, t->name))
		return -errno;
	t->beside[0] = '\0';
	return 0;
}

bool target_is_made(const struct target *t)
{
	return t->is_made;
}

void target_remove(const struct target *t, uint32_t part)
{
	char name[NAME_MAX + 1];

	if (!t->has_parts && !t->is_made)
		return;
	if (t->has_parts)
		snprintf(name, sizeof(name), PART_FORMAT, t->name, part);
	unlinkat(t->folder, t->beside[0] ? t->beside : t->has_parts ? name : t->name, 0);
}
