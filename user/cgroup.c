// SPDX-License-Identifier: GPL-2.0-only
/* Control groups of version 2: from a path to the id that the kernel knows. */
#include "user/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The first mount of type cgroup2: the only one, or /sys/fs/cgroup/unified on a hybrid system. */
static int find_mount(char path[PATH_MAX])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent entry, *found;
	char line[2 * PATH_MAX];

	if (!mounts)
		return -errno;
	while ((found = getmntent_r(mounts, &entry, line, sizeof(line))))
		if (!strcmp(entry.mnt_type, "cgroup2"))
			break;
	if (found)
		snprintf(path, PATH_MAX, "%s", entry.mnt_dir);
	endmntent(mounts);
	return found ? 0 : -ENODEV;
}

/* The id is the file handle; it is the inode number as well where that has 64 bits. */
static int id_of_folder(int fd, uint64_t *ret_id)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(uint64_t)];
	} u = { .handle.handle_bytes = sizeof(uint64_t) };
	struct stat st;
	int mount;

	if (!name_to_handle_at(fd, "", &u.handle, &mount, AT_EMPTY_PATH) &&
	    u.handle.handle_bytes == sizeof(uint64_t)) {
		memcpy(ret_id, u.handle.f_handle, sizeof(uint64_t));
		return 0;
	}
	if (fstat(fd, &st))
		return -errno;
	*ret_id = st.st_ino;
	return 0;
}

static int id_of_path(const char *path, uint64_t *ret_id)
{
	struct statfs fs;
	int fd, error;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	if (fd < 0)
		return errno == ENOTDIR ? -EINVAL : -errno;
	if (fstatfs(fd, &fs))
		error = -errno;
	else
		error = fs.f_type == CGROUP2_SUPER_MAGIC ? id_of_folder(fd, ret_id) : -EINVAL;
	close(fd);
	return error;
}

int cgroup_resolve(const char *path, uint64_t *ret_id)
{
	char mount[PATH_MAX], below[2 * PATH_MAX];
	int error, length;

	if (!*path)
		return -EINVAL;
	error = find_mount(mount);
	if (error)
		return error;
	if (*path == '/') {
		error = id_of_path(path, ret_id);
		if (error != -ENOENT)
			return error;
	}
	length = snprintf(below, sizeof(below), "%s/%s", mount, path);
	if (length < 0 || (size_t)length >= sizeof(below))
		return -ENAMETOOLONG;
	return id_of_path(below, ret_id);
}
