// SPDX-License-Identifier: GPL-2.0-only
/* Which processes are children of others, and of their children, by /proc. */
#include "user/names/descendants.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "user/names/process.h"

#define FIRST_ROOM 1024
#define PROCESSES_MAX 4194304 /* PID_MAX_LIMIT */
#define STAT_SIZE 1024

/* What is known of a process. */
enum { UNKNOWN, ON_THE_WAY, DESCENDS, DESCENDS_NOT };

static int compare(const void *a, const void *b)
{
	const struct descent *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

static bool is_root(uint32_t pid, const uint32_t *roots, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (roots[i] == pid)
			return true;
	return false;
}

/* Where the parent is; `count`: nowhere. */
static size_t parent_of(const struct descent *all, size_t count, size_t i)
{
	const struct descent parent = { .pid = all[i].parent };
	const struct descent *found = bsearch(&parent, all, count, sizeof(*all), compare);

	return found ? (size_t)(found - all) : count;
}

/*
 * Upwards, until one is known to descend or not; all on the way are known then. What is read while
 * processes come and go may lead in a circle.
 */
static void find_out(const struct descent *all, size_t count, size_t one, uint8_t *known,
		     const uint32_t *roots, size_t root_count)
{
	uint8_t fate = DESCENDS_NOT;
	size_t i;

	for (i = one; i < count && known[i] == UNKNOWN; i = parent_of(all, count, i)) {
		known[i] = ON_THE_WAY;
		if (is_root(all[i].parent, roots, root_count)) {
			fate = DESCENDS;
			break;
		}
	}
	if (i < count && known[i] == DESCENDS)
		fate = DESCENDS;
	for (i = one; i < count && known[i] == ON_THE_WAY; i = parent_of(all, count, i))
		known[i] = fate;
}

size_t descendants_choose(struct descent *all, size_t count, const uint32_t *roots,
			  size_t root_count)
{
	uint8_t *known = calloc(count + 1, sizeof(*known));
	size_t kept = 0;

	if (!known)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (!is_root(all[i].pid, roots, root_count))
			find_out(all, count, i, known, roots, root_count);
	for (size_t i = 0; i < count; i++)
		if (known[i] == DESCENDS)
			all[kept++] = all[i];
	free(known);
	return kept;
}

/* The parent; 0: it is gone, or has none. */
static uint32_t read_parent(int proc, const char *pid)
{
	char path[32], text[STAT_SIZE + 1];
	uint64_t ticks;
	uint32_t parent;
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "%.20s/stat", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	size = read(fd, text, STAT_SIZE);
	close(fd);
	text[size > 0 ? size : 0] = '\0';
	return process_read_stat(text, &parent, &ticks) ? parent : 0;
}

static int add(struct descent **all, size_t *count, size_t *room, struct descent one)
{
	size_t wanted = *room ? *room * 2 : FIRST_ROOM;
	struct descent *grown;

	if (*count == *room) {
		grown = *count < PROCESSES_MAX ? reallocarray(*all, wanted, sizeof(**all)) : NULL;
		if (!grown)
			return -ENOMEM;
		*all = grown;
		*room = wanted;
	}
	(*all)[(*count)++] = one;
	return 0;
}

int descendants_read(const uint32_t *roots, size_t root_count, struct descent **ret_all,
		     size_t *ret_count)
{
	DIR *proc = opendir("/proc");
	struct descent *all = NULL;
	size_t count = 0, room = 0;
	struct dirent *entry;
	int error = 0;

	if (!proc)
		return -errno;
	while (!error && (entry = readdir(proc))) {
		unsigned long pid = strtoul(entry->d_name, NULL, 10);
		uint32_t parent = pid ? read_parent(dirfd(proc), entry->d_name) : 0;

		if (parent)
			error = add(&all, &count, &room, (struct descent){ (uint32_t)pid, parent });
	}
	closedir(proc);
	if (error) {
		free(all);
		return error;
	}
	if (count)
		qsort(all, count, sizeof(*all), compare);
	*ret_count = descendants_choose(all, count, roots, root_count);
	*ret_all = all;
	return 0;
}
