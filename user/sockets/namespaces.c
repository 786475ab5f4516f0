// SPDX-License-Identifier: GPL-2.0-only
/* Finds network namespaces where the kernel shows them: processes, mounts, open files. */
#include "user/sockets/namespaces.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "user/sockets/proc_fds.h"

#define LINK_SIZE 32 /* "net:[4294967295]" */
#define PATH_SIZE 64 /* "/proc/PID/fd/N" */
#define SELF "/proc/self/ns/net"

const struct namespace *namespaces_get(const struct namespaces *namespaces, uint32_t inode)
{
	struct hash_search s;
	uint32_t n;

	if (!namespaces->count)
		return NULL;
	s = hash_search_begin(&namespaces->index, hash_u64(&namespaces->index.key, inode));
	while ((n = hash_search_next(&namespaces->index, &s)))
		if (namespaces->list[n - 1].inode == inode)
			return &namespaces->list[n - 1];
	return NULL;
}

static uint64_t hash_namespace(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct namespaces *namespaces = context;

	return hash_u64(key, namespaces->list[n - 1].inode);
}

static int add(struct namespaces *n, uint32_t inode, const char *path)
{
	if (namespaces_get(n, inode))
		return 0;
	if (n->count == n->room) {
		size_t room = n->room ? n->room * 2 : 16;
		struct namespace *grown = reallocarray(n->list, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		n->list = grown;
		n->room = room;
		if (hash_index_reserve(&n->index, room))
			return -ENOMEM;
	}
	n->list[n->count].path = strdup(path);
	if (!n->list[n->count].path)
		return -ENOMEM;
	n->list[n->count++].inode = inode;
	hash_index_put(&n->index, hash_u64(&n->index.key, inode), (uint32_t)n->count);
	return 0;
}

/* "net:[4026531840]" to its number; 0: something else. */
static uint32_t inode_of_link(const char *link)
{
	unsigned long number;
	char end;

	return sscanf(link, "net:[%lu%c", &number, &end) == 2 && end == ']' ? number : 0;
}

/* Adds what the link at `path` leads to, if that is a network namespace. */
static int add_link(struct namespaces *n, const char *path)
{
	char link[LINK_SIZE];
	ssize_t size = readlink(path, link, sizeof(link) - 1);
	uint32_t inode;

	if (size < 0)
		return -errno;
	link[size] = '\0';
	inode = inode_of_link(link);
	return inode ? add(n, inode, path) : 0;
}

/* What cannot be read has exited, or is not for us; only lack of memory is an error. */
static int add_files(struct namespaces *n, const char *pid)
{
	char path[PATH_SIZE];
	DIR *folder;
	int error = 0;

	if (snprintf(path, sizeof(path), "/proc/%s/fd", pid) >= (int)sizeof(path))
		return 0;
	folder = opendir(path);
	if (!folder)
		return 0;
	for (struct dirent *entry; error != -ENOMEM && (entry = readdir(folder));) {
		if (snprintf(path, sizeof(path), "/proc/%s/fd/%s", pid, entry->d_name) <
		    (int)sizeof(path))
			error = add_link(n, path);
	}
	closedir(folder);
	return error == -ENOMEM ? error : 0;
}

static int add_process(struct namespaces *n, const char *pid)
{
	char path[PATH_SIZE];
	int error;

	if (snprintf(path, sizeof(path), "/proc/%s/ns/net", pid) >= (int)sizeof(path))
		return 0;
	error = add_link(n, path);
	if (error == -EACCES || error == -EPERM)
		n->hidden++;
	return error == -ENOMEM ? error : 0;
}

/* Nothing more needs be looked for. */
static bool has_all(const struct namespaces *n, const struct netns_list *only)
{
	for (size_t i = 0; only && i < only->count; i++)
		if (!namespaces_get(n, only->inodes[i]))
			return false;
	return only;
}

/*
 * Who has no first process there has no /proc, or one that shows others to their owners alone
 * (hidepid): at least that one is hidden.
 */
static int add_processes(struct namespaces *n, bool files, const struct netns_list *only)
{
	DIR *proc = opendir("/proc");
	bool has_first = false;
	int error = 0;

	for (struct dirent *entry; proc && !error && (entry = readdir(proc));) {
		has_first |= proc_fds_is_first(entry->d_name);
		if (isdigit((unsigned char)entry->d_name[0]))
			error = files ? add_files(n, entry->d_name) : add_process(n, entry->d_name);
		if (has_all(n, only))
			break;
	}
	if (proc)
		closedir(proc);
	if (!files && !has_first && !has_all(n, only))
		n->hidden++;
	return error;
}

/* The kernel writes blanks and backslashes in paths as three octal digits. */
static void unescape(char *path)
{
	char *to = path;

	for (const char *from = path; *from; to++) {
		unsigned int byte;

		if (*from == '\\' && sscanf(from + 1, "%3o", &byte) == 1 && strlen(from) >= 4) {
			*to = (char)byte;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* A namespace that has a name, or that a container's runtime keeps, is mounted somewhere. */
static int add_mounts(struct namespaces *n)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t room = 0;
	int error = 0;

	if (!mounts)
		return 0;
	while (!error && getline(&line, &room, mounts) > 0) {
		char *at = line, *field[5];
		uint32_t inode;
		int i;

		for (i = 0; i < 5; i++)
			field[i] = strsep(&at, " ");
		inode = field[4] ? inode_of_link(field[3]) : 0;
		if (!inode)
			continue;
		unescape(field[4]);
		error = add(n, inode, field[4]);
	}
	free(line);
	fclose(mounts);
	return error;
}

int namespaces_find(struct namespaces *n, bool files, const struct netns_list *only)
{
	int error;

	*n = (struct namespaces){ .list = NULL };
	hash_index_init(&n->index, HASH_NUMBER_MAX, hash_namespace, n);
	error = add_link(n, SELF);
	if (error != -ENOMEM && !has_all(n, only))
		error = add_mounts(n);
	if (error != -ENOMEM && !has_all(n, only))
		error = add_processes(n, false, only);
	if (error != -ENOMEM && files && !has_all(n, only))
		error = add_processes(n, true, only);
	if (error == -ENOMEM) {
		namespaces_done(n);
		return error;
	}
	return 0;
}

void namespaces_done(struct namespaces *namespaces)
{
	for (size_t i = 0; i < namespaces->count; i++)
		free(namespaces->list[i].path);
	free(namespaces->list);
	hash_index_done(&namespaces->index);
	*namespaces = (struct namespaces){ .list = NULL };
}

uint32_t namespace_owner(int fd)
{
	int users = ioctl(fd, NS_GET_USERNS);
	uid_t owner = NAMESPACE_NOBODY;

	if (users < 0)
		return NAMESPACE_NOBODY;
	if (ioctl(users, NS_GET_OWNER_UID, &owner))
		owner = NAMESPACE_NOBODY;
	close(users);
	return owner;
}

/* Looked at before it is opened: what else may stand there now is not to be touched. */
int namespace_open(const struct namespace *namespace)
{
	int path_fd = open(namespace->path, O_PATH | O_CLOEXEC);
	char path[PATH_SIZE];
	struct statfs fs;
	struct stat st;
	int fd;

	if (path_fd < 0)
		return -errno;
	if (fstat(path_fd, &st) || fstatfs(path_fd, &fs) || fs.f_type != NSFS_MAGIC ||
	    st.st_ino != namespace->inode) {
		close(path_fd);
		return -ENOENT;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", path_fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	close(path_fd);
	return fd;
}
