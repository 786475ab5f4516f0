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

#include "user/base/clock.h"
#include "user/base/hash.h"
#include "user/base/quota.h"
#include "user/names/host.h"

static bool is_hosts_file(const char *path)
{
	size_t size = strlen(host_root());

	while (size && host_root()[size - 1] == '/')
		size--;
	return !strncmp(path, host_root(), size) && (path[size] == '/' || !path[size]);
}

/*
 * The first mount of type cgroup2: the only one, or /sys/fs/cgroup/unified on a hybrid system. One
 * below the host's files goes before it.
 */
static int find_mount(char path[PATH_MAX])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent entry;
	char line[2 * PATH_MAX];
	bool is_found = false, is_hosts = false;

	if (!mounts)
		return -errno;
	while (!is_hosts && getmntent_r(mounts, &entry, line, sizeof(line))) {
		if (strcmp(entry.mnt_type, "cgroup2"))
			continue;
		is_hosts = is_hosts_file(entry.mnt_dir);
		if (is_hosts || !is_found)
			snprintf(path, PATH_MAX, "%s", entry.mnt_dir);
		is_found = true;
	}
	endmntent(mounts);
	return is_found ? 0 : -ENODEV;
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

/* Who has made it, or was given it. */
static uint32_t owner_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? SHARES_NOBODY : st.st_uid;
}

static int id_of_path(const char *path, uint64_t *ret_id, uint32_t *ret_uid)
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
	*ret_uid = owner_of(fd);
	close(fd);
	return error;
}

int cgroup_resolve(const char *path, uint64_t *ret_id)
{
	char mount[PATH_MAX], below[2 * PATH_MAX];
	int error, other = -ENOENT, length;
	uint32_t uid;

	if (!*path)
		return -EINVAL;
	error = find_mount(mount);
	if (error)
		return error;
	if (*path == '/') {
		other = id_of_path(path, ret_id, &uid);
		if (other != -ENOENT && other != -EINVAL)
			return other;
	}
	length = snprintf(below, sizeof(below), "%s/%s", mount, path);
	if (length < 0 || (size_t)length >= sizeof(below))
		return -ENAMETOOLONG;
	error = id_of_path(below, ret_id, &uid);
	return error == -ENOENT ? other : error;
}

/* Each level takes a descriptor while it is read; deeper ones have no name here. */
#define DEPTH_MAX 64

/* Looking for new ones takes no more than one part in so many of the time. */
#define WALK_SHARE 20
#define MISSED_MAX 256

struct cgroup_name {
	uint64_t id;
	uint64_t first; /* the least id with the same path; its own before they are compared */
	char *path;
};

struct cgroup_names {
	struct cgroup_name *names; /* in the order in which they were added */
	size_t count, room;
	size_t bytes;		     /* of the paths that were ever added */
	struct hash_index index;     /* of the names, counted from 1, by their ids */
	struct quota quota;	     /* of parts of the room that is not root's alone */
	uint64_t walk_ns;	     /* not before then */
	uint64_t missed[MISSED_MAX]; /* ids that a walk did not find, at a place by the id */
};

static uint64_t hash_name(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct cgroup_names *names = context;

	return hash_u64(key, names->names[n - 1].id);
}

struct cgroup_names *cgroup_names_new(void)
{
	struct cgroup_names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	hash_index_init(&names->index, CGROUP_NAMES_MAX, hash_name, names);
	names->quota.max = CGROUP_NAMES_MAX / 2;
	return names;
}

void cgroup_names_free(struct cgroup_names *names)
{
	if (!names)
		return;
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i].path);
	free(names->names);
	hash_index_done(&names->index);
	quota_done(&names->quota);
	free(names);
}

static struct cgroup_name *find(const struct cgroup_names *names, uint64_t id)
{
	struct hash_search search;
	uint32_t n;

	if (!names->count)
		return NULL;
	search = hash_search_begin(&names->index, hash_u64(&names->index.key, id));
	do
		n = hash_search_next(&names->index, &search);
	while (n && names->names[n - 1].id != id);
	return n ? &names->names[n - 1] : NULL;
}

const char *cgroup_names_find(const struct cgroup_names *names, uint64_t id)
{
	const struct cgroup_name *found = find(names, id);

	return found ? found->path : NULL;
}

size_t cgroup_names_number(const struct cgroup_names *names, uint64_t id)
{
	const struct cgroup_name *found = find(names, id);

	return found ? (size_t)(found - names->names) + 1 : 0;
}

bool cgroup_names_is_below(const struct cgroup_names *names, uint64_t id, const char *path)
{
	size_t size = strcmp(path, "/") ? strlen(path) : 0;
	const char *own = cgroup_names_find(names, id);

	return own && !strncmp(path, own, size) && (own[size] == '/' || (size && !own[size]));
}

bool cgroup_names_is_within(const struct cgroup_names *names, uint64_t id, uint64_t ancestor)
{
	const char *above;

	if (id == ancestor)
		return true;
	above = cgroup_names_find(names, ancestor);
	return above && cgroup_names_is_below(names, id, above);
}

int cgroup_path_from_mount(const char *path, char *ret, size_t room)
{
	static const char *const mounts[] = { "/sys/fs/cgroup/unified", "/sys/fs/cgroup" };
	size_t used = 0;

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		size_t size = strlen(mounts[i]);

		if (!strncmp(path, mounts[i], size) && (path[size] == '/' || !path[size])) {
			path += size;
			break;
		}
	}
	while (*path) {
		size_t size;

		path += strspn(path, "/");
		size = strcspn(path, "/");
		if (size && !(size == 1 && *path == '.')) {
			if (room - used < size + 2)
				return -ENAMETOOLONG;
			ret[used++] = '/';
			memcpy(ret + used, path, size);
			used += size;
		}
		path += size;
	}
	if (!used)
		ret[used++] = '/';
	ret[used] = '\0';
	return 0;
}

static int compare_paths(const void *a, const void *b)
{
	const struct cgroup_name *const *first = a, *const *second = b;
	int order = strcmp((*first)->path, (*second)->path);

	return order ? order : ((*first)->id > (*second)->id) - ((*first)->id < (*second)->id);
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

/* Makes room for one more. */
static int reserve(struct cgroup_names *names)
{
	size_t room = names->room ? names->room * 2 : 64;
	struct cgroup_name *grown;

	if (names->count < names->room)
		return 0;
	grown = reallocarray(names->names, room, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	names->names = grown;
	if (hash_index_reserve(&names->index, room))
		return -ENOMEM;
	names->room = room;
	return 0;
}

int cgroup_names_add(struct cgroup_names *names, uint64_t id, const char *path, size_t size)
{
	char *copy;

	if (cgroup_names_find(names, id))
		return 0;
	if (names->count == CGROUP_NAMES_MAX || size >= CGROUP_NAMES_BYTES - names->bytes)
		return -ENOSPC;
	if (reserve(names))
		return -ENOMEM;
	copy = strndup(path, size);
	if (!copy)
		return -ENOMEM;
	names->bytes += size + 1;
	names->names[names->count++] = (struct cgroup_name){ id, id, copy };
	hash_index_put(&names->index, hash_u64(&names->index.key, id), (uint32_t)names->count);
	return 0;
}

/* So many bytes of a path are a part of the room. */
#define PART_BYTES (CGROUP_NAMES_BYTES / CGROUP_NAMES_MAX)

int cgroup_names_add_of(struct cgroup_names *names, uint32_t uid, uint64_t id, const char *path,
			size_t size)
{
	const struct share whose = { .owner = uid };

	if (cgroup_names_find(names, id))
		return 0;
	if (uid && !quota_take_many(&names->quota, &whose, (uint32_t)(size / PART_BYTES + 1)))
		return -EDQUOT;
	return cgroup_names_add(names, id, path, size);
}

void cgroup_names_each(const struct cgroup_names *names,
		       void (*visit)(void *context, uint64_t id, const char *path), void *context)
{
	for (size_t i = 0; i < names->count; i++)
		visit(context, names->names[i].id, names->names[i].path);
}

/* There is room for as many as anybody has; beyond, they have no names. */
static int add_name(struct cgroup_names *names, uint32_t uid, uint64_t id, const char *path)
{
	int error = cgroup_names_add_of(names, uid, id, path, strlen(path));

	return error == -ENOSPC || error == -EDQUOT ? 0 : error;
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
		error = add_name(names, owner_of(fd), id, *path ? path : "/");
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
	return learn_below(names, fd, path, 0);
}

/* ---- one that was met ----------------------------------------------------------------------- */

/* Whether a folder of the cgroup2 mount is this one; then it is added. */
static bool learn_path(struct cgroup_names *names, uint64_t id, const char *path, size_t size)
{
	char mount[PATH_MAX], folder[2 * PATH_MAX];
	uint64_t own = 0;
	uint32_t uid = SHARES_NOBODY;
	int length;

	if (find_mount(mount))
		return false;
	length = snprintf(folder, sizeof(folder), "%s%.*s", mount, (int)size, path);
	return length > 0 && (size_t)length < sizeof(folder) && !id_of_path(folder, &own, &uid) &&
	       own == id && !cgroup_names_add_of(names, uid, id, path, size);
}

size_t cgroup_read_process(uint32_t pid, char *text, size_t room)
{
	char path[64];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/cgroup", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	size = read(fd, text, room);
	close(fd);
	return size > 0 ? (size_t)size : 0;
}

bool cgroup_has_version_1(void)
{
	char text[CGROUP_TEXT_SIZE];
	size_t size = cgroup_read_process((uint32_t)getpid(), text, sizeof(text));

	return size && (strncmp(text, "0::", size < 3 ? size : 3) ||
			memchr(text, '\n', size) != text + size - 1);
}

bool cgroup_may_have_name(void)
{
	char path[PATH_MAX];

	return find_mount(path) != -ENODEV || cgroup_has_version_1();
}

/* By its owner, who may be gone, or be in another one by now. */
static bool learn_of_process(struct cgroup_names *names, uint64_t id, uint32_t pid)
{
	char text[CGROUP_TEXT_SIZE], *path, *end;
	size_t size = cgroup_read_process(pid, text, sizeof(text) - 1);

	text[size] = '\0';
	path = !strncmp(text, "0::/", 4) ? text : strstr(text, "\n0::/");
	if (!path)
		return false;
	path = strchr(path, '/');
	/* Outside of what this process can see. */
	if (!strncmp(path, "/..", 3))
		return false;
	end = path + strcspn(path, "\n");
	return *end && learn_path(names, id, path, (size_t)(end - path));
}

bool cgroup_names_meet(struct cgroup_names *names, uint64_t id, uint32_t pid)
{
	uint64_t *missed = &names->missed[id % MISSED_MAX], begin_ns;

	if (cgroup_names_find(names, id))
		return false;
	if (pid && learn_of_process(names, id, pid))
		return true;
	begin_ns = clock_now();
	if (*missed == id || begin_ns < names->walk_ns)
		return false;
	cgroup_names_learn(names);
	names->walk_ns = clock_now();
	names->walk_ns += WALK_SHARE * (names->walk_ns - begin_ns);
	if (!cgroup_names_find(names, id))
		*missed = id;
	return true;
}
