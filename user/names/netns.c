// SPDX-License-Identifier: GPL-2.0-only
/* Network namespaces: from what a person calls one to the inode number that the kernel knows. */
#include "user/names/netns.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "user/base/hash.h"
#include "user/base/text.h"
#include "user/names/host.h"

const char *const netns_folders[] = { "/run/netns", "/var/run/netns" };
const size_t netns_folder_count = sizeof(netns_folders) / sizeof(*netns_folders);

#define LINK_BEFORE "net:["
#define LINK_SIZE 32 /* "net:[4294967295]" */

static int parse_u32(const char *text, uint32_t *ret_number)
{
	uint64_t number;

	if (text_parse_u64(text, &number) || !number || number > UINT32_MAX)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

static int inode_of_path(const char *path, uint32_t *ret_inode)
{
	struct statfs fs;
	struct stat st;
	int fd, type, error = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ENOTDIR ? -ENOENT : -errno;
	type = fstatfs(fd, &fs) || fs.f_type != NSFS_MAGIC ? -1 : ioctl(fd, NS_GET_NSTYPE);
	if (type != CLONE_NEWNET)
		error = -EINVAL;
	else if (fstat(fd, &st))
		error = -errno;
	else
		*ret_inode = st.st_ino;
	close(fd);
	return error;
}

static int inode_of_pid(uint32_t pid, uint32_t *ret_inode)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	return inode_of_path(path, ret_inode);
}

static int inode_of_name(const char *name, uint32_t *ret_inode)
{
	char path[4096];
	int error = -ENOENT;

	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EINVAL;
	for (size_t i = 0; i < netns_folder_count && error == -ENOENT; i++) {
		int length = snprintf(path, sizeof(path), "%s/%s", netns_folders[i], name);

		if (length < 0 || (size_t)length >= sizeof(path))
			return -ENOENT;
		error = inode_of_path(path, ret_inode);
	}
	return error;
}

static bool is_link(const char *link, const void *context)
{
	return !strcmp(link, context);
}

/* Of a process whose namespace satisfies. */
static bool some_process_is_in(bool (*satisfies)(const char *link, const void *context),
			       const void *context)
{
	DIR *proc = opendir("/proc");
	bool found = false;

	if (!proc)
		return false;
	for (struct dirent *entry; !found && (entry = readdir(proc));) {
		char path[sizeof("/proc//ns/net") + sizeof(entry->d_name)], target[LINK_SIZE];
		ssize_t size;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/ns/net", entry->d_name);
		size = readlink(path, target, sizeof(target) - 1);
		if (size < 0)
			continue;
		target[size] = '\0';
		found = satisfies(target, context);
	}
	closedir(proc);
	return found;
}

/* A namespace that has a name, or one that a container's runtime keeps, is mounted somewhere. */
static bool some_mount_is(const char *link)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	size_t room = 0;
	char *line = NULL;
	bool found = false;

	if (!mounts)
		return false;
	while (!found && getline(&line, &room, mounts) > 0) {
		char root[LINK_SIZE];

		found = sscanf(line, "%*s %*s %*s %31s", root) == 1 && !strcmp(root, link);
	}
	free(line);
	fclose(mounts);
	return found;
}

static int inode_that_exists(uint32_t inode, uint32_t *ret_inode)
{
	char link[LINK_SIZE];

	snprintf(link, sizeof(link), "net:[%u]", inode);
	if (!some_process_is_in(is_link, link) && !some_mount_is(link))
		return -ENOENT;
	*ret_inode = inode;
	return 0;
}

/* "net:[4026531840]", as the kernel writes it. */
static int parse_link(const char *text, uint32_t *ret_inode)
{
	char number[LINK_SIZE];
	size_t size;

	text += strlen(LINK_BEFORE);
	size = strcspn(text, "]");
	if (size >= sizeof(number) || strcmp(text + size, "]"))
		return -EINVAL;
	snprintf(number, sizeof(number), "%.*s", (int)size, text);
	return parse_u32(number, ret_inode);
}

static bool has_prefix(const char *text, const char *prefix)
{
	return !strncmp(text, prefix, strlen(prefix));
}

/* Since Linux 6.18 the first namespaces have numbers of their own, below all others. */
#define FIRST_MADE 0xf0000000u

static bool is_first(const char *link, const void *context)
{
	uint32_t inode;

	(void)context;
	return has_prefix(link, LINK_BEFORE) && !parse_link(link, &inode) && inode < FIRST_MADE;
}

int netns_of_machine(uint32_t *ret_inode)
{
	int error = host_shows_processes() ? inode_of_pid(1, ret_inode) : -ENOENT;

	if (!error || !some_process_is_in(is_first, NULL))
		return error;
	*ret_inode = NETNS_FIRST;
	return 0;
}

int netns_resolve(const char *text, uint32_t *ret_inode)
{
	uint32_t number;
	int error;

	if (!strcmp(text, "self"))
		return inode_of_path("/proc/self/ns/net", ret_inode);
	if (has_prefix(text, "pid:")) {
		error = parse_u32(text + strlen("pid:"), &number);
		return error ? error : inode_of_pid(number, ret_inode);
	}
	if (has_prefix(text, "inode:")) {
		error = parse_u32(text + strlen("inode:"), &number);
		return error ? error : inode_that_exists(number, ret_inode);
	}
	if (has_prefix(text, LINK_BEFORE)) {
		error = parse_link(text, &number);
		return error ? error : inode_that_exists(number, ret_inode);
	}
	if (strchr(text, '/'))
		return inode_of_path(text, ret_inode);

	error = inode_of_name(text, ret_inode);
	if (error != -ENOENT || parse_u32(text, &number))
		return error;
	error = inode_of_pid(number, ret_inode);
	return error == -ENOENT ? inode_that_exists(number, ret_inode) : error;
}

bool netns_is_name(const char *text)
{
	uint64_t number;

	return *text && strcmp(text, ".") && strcmp(text, "..") && strcmp(text, "self") &&
	       !strchr(text, '/') && !has_prefix(text, "pid:") && !has_prefix(text, "inode:") &&
	       !has_prefix(text, LINK_BEFORE) && text_parse_u64(text, &number);
}

struct netns_name {
	uint32_t inode;
	char *name; /* NULL: it has none (any more) */
};

struct netns_names {
	struct netns_name *names; /* number n is names[n - 1] */
	size_t count, room;
	struct hash_index index;
};

static uint64_t hash_name(const void *context, const struct hash_key *key, uint32_t n)
{
	return hash_u64(key, ((const struct netns_names *)context)->names[n - 1].inode);
}

static struct netns_name *find_name(const struct netns_names *names, uint32_t inode)
{
	struct hash_search search;
	uint32_t n;

	if (!names->count)
		return NULL;
	search = hash_search_begin(&names->index, hash_u64(&names->index.key, inode));
	while ((n = hash_search_next(&names->index, &search)))
		if (names->names[n - 1].inode == inode)
			return &names->names[n - 1];
	return NULL;
}

static struct netns_name *add_name(struct netns_names *names, uint32_t inode)
{
	size_t room = names->room ? names->room * 2 : 16;
	struct netns_name *grown;

	if (names->count == NETNS_NAMES_MAX)
		return NULL;
	if (names->count == names->room) {
		grown = reallocarray(names->names, room, sizeof(*grown));
		if (!grown)
			return NULL;
		names->names = grown;
		if (hash_index_reserve(&names->index, room))
			return NULL;
		names->room = room;
	}
	names->names[names->count++] = (struct netns_name){ inode, NULL };
	hash_index_put(&names->index, hash_u64(&names->index.key, inode), (uint32_t)names->count);
	return &names->names[names->count - 1];
}

void netns_names_set(struct netns_names *names, uint32_t inode, const char *name, size_t size)
{
	struct netns_name *found = find_name(names, inode);

	if (!found)
		found = add_name(names, inode);
	if (!found)
		return;
	free(found->name);
	found->name = name ? strndup(name, size) : NULL;
}

static void learn_folder(struct netns_names *names, const char *folder)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;

	if (!entries)
		return;
	while ((entry = readdir(entries))) {
		char path[PATH_MAX];
		uint32_t inode = 0;
		int length = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);

		if (entry->d_name[0] == '.' || length < 0 || (size_t)length >= sizeof(path))
			continue;
		if (!inode_of_path(path, &inode) && !netns_names_find(names, inode))
			netns_names_set(names, inode, entry->d_name, strlen(entry->d_name));
	}
	closedir(entries);
}

struct netns_names *netns_names_new(void)
{
	struct netns_names *names = calloc(1, sizeof(*names));

	if (names)
		hash_index_init(&names->index, NETNS_NAMES_MAX, hash_name, names);
	return names;
}

struct netns_names *netns_names_learn(void)
{
	struct netns_names *names = netns_names_new();

	for (size_t i = 0; names && i < netns_folder_count; i++)
		learn_folder(names, netns_folders[i]);
	return names;
}

void netns_names_free(struct netns_names *names)
{
	if (!names)
		return;
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i].name);
	free(names->names);
	hash_index_done(&names->index);
	free(names);
}

const char *netns_names_find(const struct netns_names *names, uint32_t inode)
{
	const struct netns_name *found = find_name(names, inode);

	return found ? found->name : NULL;
}

void netns_names_each(const struct netns_names *names,
		      void (*visit)(void *context, uint32_t inode, const char *name), void *context)
{
	for (size_t i = 0; i < names->count; i++)
		if (names->names[i].name)
			visit(context, names->names[i].inode, names->names[i].name);
}

int netns_parse_inode(const char *text, uint32_t *ret_inode)
{
	if (has_prefix(text, LINK_BEFORE))
		return parse_link(text, ret_inode);
	if (has_prefix(text, "inode:"))
		text += strlen("inode:");
	return parse_u32(text, ret_inode);
}
