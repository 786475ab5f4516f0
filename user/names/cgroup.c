// SPDX-License-Identifier: GPL-2.0-only
/* Control groups of version 2: from a path to the id that the kernel knows, and back. */
#include "user/names/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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
	int error, other = -ENOENT, length;

	if (!*path)
		return -EINVAL;
	error = find_mount(mount);
	if (error)
		return error;
	if (*path == '/') {
		other = id_of_path(path, ret_id);
		if (other != -ENOENT && other != -EINVAL)
			return other;
	}
	length = snprintf(below, sizeof(below), "%s/%s", mount, path);
	if (length < 0 || (size_t)length >= sizeof(below))
		return -ENAMETOOLONG;
	error = id_of_path(below, ret_id);
	return error == -ENOENT ? other : error;
}

/* Each level takes a descriptor while it is read; deeper ones have no name here. */
#define DEPTH_MAX 64

struct cgroup_name {
	uint64_t id;
	uint64_t first; /* the least id with the same path; its own before they are compared */
	size_t age;	/* the first ones are the oldest */
	char *path;
};

struct cgroup_names {
	struct cgroup_name *names;
	size_t count, room;
	size_t bytes;  /* of the paths that were ever added */
	size_t sorted; /* so many at the start are in the order of their ids */
};

struct cgroup_names *cgroup_names_new(void)
{
	return calloc(1, sizeof(struct cgroup_names));
}

void cgroup_names_free(struct cgroup_names *names)
{
	if (!names)
		return;
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i].path);
	free(names->names);
	free(names);
}

static int compare_names(const void *a, const void *b)
{
	uint64_t first = ((const struct cgroup_name *)a)->id;
	uint64_t second = ((const struct cgroup_name *)b)->id;

	return (first > second) - (first < second);
}

static int compare_names_and_age(const void *a, const void *b)
{
	size_t first = ((const struct cgroup_name *)a)->age;
	size_t second = ((const struct cgroup_name *)b)->age;
	int order = compare_names(a, b);

	return order ? order : (first > second) - (first < second);
}

static const struct cgroup_name *find(const struct cgroup_names *names, uint64_t id)
{
	const struct cgroup_name key = { .id = id };

	if (!names->sorted)
		return NULL;
	return bsearch(&key, names->names, names->sorted, sizeof(key), compare_names);
}

const char *cgroup_names_find(const struct cgroup_names *names, uint64_t id)
{
	const struct cgroup_name *found = find(names, id);

	return found ? found->path : NULL;
}

bool cgroup_names_is_within(const struct cgroup_names *names, uint64_t id, uint64_t ancestor)
{
	const char *above, *own;
	size_t size;

	if (id == ancestor)
		return true;
	above = cgroup_names_find(names, ancestor);
	own = cgroup_names_find(names, id);
	if (!above || !own)
		return false;
	size = strcmp(above, "/") ? strlen(above) : 0;
	return !strncmp(above, own, size) && own[size] == '/';
}

static int compare_paths(const void *a, const void *b)
{
	const struct cgroup_name *const *first = a, *const *second = b;
	int order = strcmp((*first)->path, (*second)->path);

	return order ? order : compare_names(*first, *second);
}

int cgroup_names_compare(struct cgroup_names *names)
{
	struct cgroup_name **by_path = calloc(names->count + 1, sizeof(*by_path));

	if (!by_path)
		return -ENOMEM;
	for (size_t i = 0; i < names->count; i++)
		by_path[i] = &names->names[i];
	qsort(by_path, names->count, sizeof(*by_path), compare_paths);
	for (size_t i = 0; i < names->count; i++) {
		bool is_same = i && !strcmp(by_path[i]->path, by_path[i - 1]->path);

		by_path[i]->first = is_same ? by_path[i - 1]->first : by_path[i]->id;
	}
	free(by_path);
	return 0;
}

uint64_t cgroup_names_first(const struct cgroup_names *names, uint64_t id)
{
	const struct cgroup_name *found = find(names, id);

	return found ? found->first : id;
}

int cgroup_names_add(struct cgroup_names *names, uint64_t id, const char *path, size_t size)
{
	char *copy;

	if (cgroup_names_find(names, id))
		return 0;
	if (names->count == CGROUP_NAMES_MAX || size >= CGROUP_NAMES_BYTES - names->bytes)
		return -ENOSPC;
	if (names->count == names->room) {
		size_t room = names->room ? names->room * 2 : 64;
		struct cgroup_name *grown = reallocarray(names->names, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		names->names = grown;
		names->room = room;
	}
	copy = strndup(path, size);
	if (!copy)
		return -ENOMEM;
	names->bytes += size + 1;
	names->names[names->count] = (struct cgroup_name){ id, id, names->count, copy };
	names->count++;
	return 0;
}

/* What was added twice meanwhile is kept once. */
void cgroup_names_sort(struct cgroup_names *names)
{
	size_t kept = 0;

	if (names->sorted == names->count)
		return;
	qsort(names->names, names->count, sizeof(*names->names), compare_names_and_age);
	for (size_t i = 0; i < names->count; i++) {
		if (kept && names->names[kept - 1].id == names->names[i].id)
			free(names->names[i].path);
		else
			names->names[kept++] = names->names[i];
	}
	for (size_t i = 0; i < kept; i++)
		names->names[i].age = i;
	names->count = names->sorted = kept;
}

void cgroup_names_each(const struct cgroup_names *names,
		       void (*visit)(void *context, uint64_t id, const char *path), void *context)
{
	for (size_t i = 0; i < names->count; i++)
		visit(context, names->names[i].id, names->names[i].path);
}

/* There is room for as many as anybody has; beyond, they have no names. */
static int add_name(struct cgroup_names *names, uint64_t id, const char *path)
{
	int error = cgroup_names_add(names, id, path, strlen(path));

	return error == -ENOSPC ? 0 : error;
}

static int learn_below(struct cgroup_names *names, int fd, char path[PATH_MAX], unsigned int depth);

/* One that vanishes meanwhile is no error. */
static int learn_one(struct cgroup_names *names, int parent, const char *name, char path[PATH_MAX],
		     unsigned int depth)
{
	size_t used = strlen(path);
	int fd, error;

	if (used + 1 + strlen(name) >= PATH_MAX)
		return 0;
	fd = openat(parent, name, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);
	if (fd < 0)
		return 0;
	snprintf(path + used, PATH_MAX - used, "/%s", name);
	error = learn_below(names, fd, path, depth);
	path[used] = '\0';
	return error;
}

/* Takes over `fd`, the folder of the cgroup `path`, which is empty for the topmost. */
static int learn_below(struct cgroup_names *names, int fd, char path[PATH_MAX], unsigned int depth)
{
	struct dirent *entry;
	uint64_t id = 0;
	DIR *folder;
	int error = 0;

	if (!id_of_folder(fd, &id))
		error = add_name(names, id, *path ? path : "/");
	folder = fdopendir(fd);
	if (!folder) {
		close(fd);
		return error ? error : -ENOMEM;
	}
	while (!error && depth < DEPTH_MAX && (entry = readdir(folder)))
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") &&
		    strcmp(entry->d_name, ".."))
			error = learn_one(names, fd, entry->d_name, path, depth + 1);
	closedir(folder);
	return error;
}

int cgroup_names_learn(struct cgroup_names *names)
{
	char path[PATH_MAX];
	int error = find_mount(path);
	int fd;

	if (error)
		return error;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	if (fd < 0)
		return -errno;
	path[0] = '\0';
	error = learn_below(names, fd, path, 0);
	cgroup_names_sort(names);
	return error;
}
