// SPDX-License-Identifier: GPL-2.0-only
/* Opens what tells which code a process runs. It has a say in all of it. */
#include "user/sockets/proc_code.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/base/write.h"

#define TEXT_SIZE 4096
#define PATH_SIZE 96
#define MAPPINGS_MOST (16u << 20)
#define FUSE_MAGIC 0x65735546 /* FUSE_SUPER_MAGIC of linux/magic.h */
#define READING (O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)

/* Returns whether there is such a file; its beginning, with a NUL behind it. */
static bool read_text(uint32_t pid, const char *name, char text[TEXT_SIZE])
{
	char path[PATH_SIZE];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	size = read(fd, text, TEXT_SIZE - 1);
	close(fd);
	text[size > 0 ? size : 0] = '\0';
	return size > 0;
}

/* Of what follows the name in /proc/PID/stat: when it was started, and its program's stack. */
static bool read_stat(uint32_t pid, uint64_t *ret_start_ticks, uint64_t *ret_image)
{
	char text[TEXT_SIZE], *at;
	int field = 2;

	if (!read_text(pid, "stat", text))
		return false;
	at = strrchr(text, ')');
	for (; at && field < 28; field++) {
		at = strchr(at + 1, ' ');
		if (at && field == 21)
			*ret_start_ticks = strtoull(at, NULL, 10);
		if (at && field == 27)
			*ret_image = strtoull(at, NULL, 10);
	}
	return at;
}

static bool is_same(uint32_t pid, uint64_t mono_ns, uint64_t image)
{
	uint64_t ticks = 0, now_image = 0, start_ns, slept = clock_slept_ns();
	long per_second = sysconf(_SC_CLK_TCK);

	if (!read_stat(pid, &ticks, &now_image) || per_second <= 0)
		return false;
	/* To the tick before: it did not start later. */
	start_ns = ticks * (NS_PER_S / (uint64_t)per_second);
	return start_ns <= mono_ns + slept && (!image || image == now_image);
}

int proc_code_cmdline(uint32_t pid)
{
	char path[PATH_SIZE], text[PROC_CMDLINE_MAX];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	size = read(fd, text, sizeof(text));
	if (size < 0)
		size = -errno;
	close(fd);
	return size < 0 ? (int)size : write_memory("cmdline", text, (size_t)size);
}

/* Returns a descriptor of the copy, or -errno. */
static int copy_mappings(int from)
{
	static const char none[1];
	int to = write_memory("maps", none, 0), error = to < 0 ? to : 0;
	char text[TEXT_SIZE];
	size_t all = 0;
	ssize_t size;

	while (!error && (size = read(from, text, sizeof(text)))) {
		all += size > 0 ? (size_t)size : 0;
		if (size < 0)
			error = -errno;
		else
			error = all > MAPPINGS_MOST ? -EFBIG : write_all(to, text, (size_t)size);
	}
	if (!error && lseek(to, 0, SEEK_SET))
		error = -errno;
	if (error && to >= 0)
		close(to);
	return error ? error : to;
}

int proc_code_mappings(uint32_t pid, uint64_t mono_ns, uint64_t image)
{
	char path[PATH_SIZE];
	int fd, copy = -ESRCH;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/maps", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	/* What is open is of the program that ran then: so it has been that one before. */
	if (is_same(pid, mono_ns, image))
		copy = copy_mappings(fd);
	close(fd);
	return copy;
}

/* Opens for reading what `fd`, a place alone, stands for, if it is a regular file; closes that. */
static int open_regular(int fd, bool (*is_fit)(const struct stat *st, uint32_t pid), uint32_t pid)
{
	char path[PATH_SIZE];
	struct statfs system;
	struct stat st;
	int own, error = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || fstatfs(fd, &system))
		error = -errno;
	else if (!S_ISREG(st.st_mode) || (is_fit && !is_fit(&st, pid)))
		error = -EPERM;
	else if (system.f_type == FUSE_MAGIC)
		error = -EOPNOTSUPP;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = error ? error : open(path, READING);
	if (!error && own < 0)
		own = -errno;
	close(fd);
	return own;
}

int proc_code_file(uint32_t pid, uint64_t start, uint64_t end)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/map_files/%" PRIx64 "-%" PRIx64, pid, start,
		 end);
	return open_regular(open(path, O_PATH | O_CLOEXEC), NULL, pid);
}

/* The numbers of a line of /proc/PID/status; returns the one that stands at `which`, or last. */
static bool read_status(uint32_t pid, const char *line, int which, uint32_t *ret)
{
	char text[TEXT_SIZE], *at, *end;
	bool has_any = false;

	if (!read_text(pid, "status", text))
		return false;
	at = strstr(text, line);
	if (!at)
		return false;
	at += strlen(line);
	for (int i = 0; i <= which && *at != '\n' && *at; i++) {
		unsigned long number = strtoul(at, &end, 10);

		if (end == at)
			break;
		*ret = (uint32_t)number;
		has_any = true;
		at = end;
	}
	return has_any;
}

#define LAST 64 /* there are no more namespaces in one another */
#define EFFECTIVE 1

static bool is_own(const struct stat *st, uint32_t pid)
{
	uint32_t uid;

	return read_status(pid, "\nUid:", EFFECTIVE, &uid) && st->st_uid == uid &&
	       st->st_nlink == 1;
}

int proc_code_names(uint32_t pid)
{
	char path[PATH_SIZE];
	int root, folder, fd;
	uint32_t inner;

	if (!read_status(pid, "\nNSpid:", LAST, &inner))
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/root", pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	folder = openat(root, "tmp", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	close(root);
	if (folder < 0)
		return -errno;
	snprintf(path, sizeof(path), "perf-%" PRIu32 ".map", inner);
	fd = openat(folder, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	fd = open_regular(fd, is_own, pid);
	close(folder);
	return fd;
}

#define DEBUG_FOLDER "/usr/lib/debug/.build-id"
#define BUILD_ID_LEAST 4 /* digits: the first two are those of a folder */
#define BUILD_ID_MOST 40

int proc_code_debug(const char *build_id)
{
	size_t size = strnlen(build_id, BUILD_ID_MOST + 1);
	char path[PATH_SIZE];

	if (size < BUILD_ID_LEAST || size > BUILD_ID_MOST ||
	    strspn(build_id, "0123456789abcdef") != size)
		return -EINVAL;
	snprintf(path, sizeof(path), DEBUG_FOLDER "/%.2s/%s.debug", build_id, build_id + 2);
	return open_regular(open(path, O_PATH | O_CLOEXEC), NULL, 0);
}
