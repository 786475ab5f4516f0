// SPDX-License-Identifier: GPL-2.0-only
/* Walks the descriptors of all processes as /proc shows them. */
#include "user/sockets/proc_fds.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/base/shares.h"
#include "user/base/text.h"

#define PATH_SIZE 80 /* "/proc/4294967295/task/4294967295/fdinfo/4294967295" */

struct walk {
	void (*visit)(void *context, const struct proc_fd *fd);
	void *context;
	uint64_t unreadable;
};

static bool parse_number(const char *name, uint32_t *ret_number)
{
	uint64_t number;

	if (text_parse_u64(name, &number) || number > UINT32_MAX)
		return false;
	*ret_number = number;
	return true;
}

/* Of one thread; returns how many it has, or -errno. */
static int walk_table(struct walk *w, uint32_t pid, uint32_t task)
{
	struct proc_fd fd = { .pid = pid, .task = task };
	char path[PATH_SIZE], target[PROC_TARGET_SIZE];
	struct dirent *entry;
	int count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%u/task/%u/fd", pid, task);
	folder = opendir(path);
	if (!folder)
		return -errno;
	while ((entry = readdir(folder))) {
		ssize_t size;

		if (!parse_number(entry->d_name, &fd.fd))
			continue;
		count++;
		size = readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1);
		if (size < 0)
			continue;
		target[size] = '\0';
		fd.target = target;
		w->visit(w->context, &fd);
	}
	closedir(folder);
	return count;
}

/* One whose first thread has ended shows its descriptors with the others only. */
static void walk_threads(struct walk *w, uint32_t pid)
{
	char path[PATH_SIZE];
	struct dirent *entry;
	DIR *folder;
	uint32_t task;

	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	folder = opendir(path);
	if (!folder)
		return;
	while ((entry = readdir(folder)))
		if (parse_number(entry->d_name, &task) && task != pid &&
		    walk_table(w, pid, task) > 0)
			break;
	closedir(folder);
}

bool proc_fds_is_first(const char *name)
{
	return !strcmp(name, "1");
}

int proc_fds_walk(void (*visit)(void *context, const struct proc_fd *fd), void *context,
		  uint64_t *unreadable)
{
	struct walk w = { .visit = visit, .context = context };
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool has_first = false;
	uint32_t pid;

	if (!proc)
		return -errno;
	while ((entry = readdir(proc))) {
		int found;

		has_first |= proc_fds_is_first(entry->d_name);
		if (!parse_number(entry->d_name, &pid))
			continue;
		found = walk_table(&w, pid, pid);
		if (found == -EACCES || found == -EPERM)
			w.unreadable++;
		else if (!found)
			walk_threads(&w, pid);
	}
	closedir(proc);
	*unreadable += w.unreadable + !has_first;
	return 0;
}

void proc_fds_info(const struct proc_fd *fd,
		   void (*visit)(void *context, const struct proc_fd *fd, const char *line),
		   void *context)
{
	char path[PATH_SIZE], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/task/%u/fdinfo/%u", fd->pid, fd->task, fd->fd);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		visit(context, fd, line);
	}
	fclose(f);
}

uint32_t proc_fds_uid(uint32_t pid)
{
	char path[PATH_SIZE], line[256];
	unsigned int uid = SHARES_NOBODY;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/status", pid);
	f = fopen(path, "re");
	if (!f)
		return SHARES_NOBODY;
	while (fgets(line, sizeof(line), f) && sscanf(line, "Uid: %u", &uid) != 1)
		;
	fclose(f);
	return uid;
}

uint32_t proc_fds_netns(uint32_t pid)
{
	char path[PATH_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	return stat(path, &st) ? 0 : (uint32_t)st.st_ino;
}

static void read_comm(const char *path, char comm[EVENT_COMM_SIZE])
{
	char name[EVENT_COMM_SIZE + 1];
	FILE *f;
	size_t size;

	memset(comm, 0, EVENT_COMM_SIZE);
	f = fopen(path, "re");
	if (!f)
		return;
	size = fread(name, 1, sizeof(name), f);
	fclose(f);
	if (size && name[size - 1] == '\n')
		size--;
	memcpy(comm, name, size < EVENT_COMM_SIZE ? size : EVENT_COMM_SIZE - 1);
}

void proc_fds_comm(uint32_t pid, char comm[EVENT_COMM_SIZE])
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	read_comm(path, comm);
}

void proc_fds_threads(uint32_t pid, bool (*visit)(void *context, const char comm[EVENT_COMM_SIZE]),
		      void *context)
{
	char path[PATH_SIZE], comm[EVENT_COMM_SIZE];
	struct dirent *entry;
	bool goes_on = true;
	uint32_t task;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	folder = opendir(path);
	if (!folder)
		return;
	while (goes_on && (entry = readdir(folder))) {
		if (!parse_number(entry->d_name, &task))
			continue;
		snprintf(path, sizeof(path), "/proc/%u/task/%u/comm", pid, task);
		read_comm(path, comm);
		goes_on = !*comm || visit(context, comm);
	}
	closedir(folder);
}
