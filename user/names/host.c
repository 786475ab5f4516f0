// SPDX-License-Identifier: GPL-2.0-only
/* Files of the machine, which may be mounted below a folder of the container that this runs in. */
#include "user/names/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/base/clock.h"

static const char *root = "";

void host_set_root(const char *folder)
{
	root = folder ? folder : "";
}

const char *host_root(void)
{
	return root;
}

#define FIRST_PID_NAMESPACE "pid:[4026531836]" /* PROC_PID_INIT_INO */

bool host_shows_processes(void)
{
	char space[64];
	ssize_t size = readlink("/proc/self/ns/pid", space, sizeof(space) - 1);

	space[size > 0 ? size : 0] = '\0';
	return !strcmp(space, FIRST_PID_NAMESPACE);
}

static int open_below(const char *path, int flags)
{
	char whole[PATH_MAX];
	int length = snprintf(whole, sizeof(whole), "%s%s", root, path), fd;

	if (length < 0 || (size_t)length >= sizeof(whole))
		return -ENAMETOOLONG;
	fd = open(whole, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags);
	return fd < 0 ? -errno : fd;
}

/* As much as it had when it was looked at. */
static char *read_whole(int fd, size_t size, size_t *ret_size)
{
	char *bytes = malloc(size + 1);
	size_t used = 0;

	while (bytes && used < size) {
		ssize_t count = read(fd, bytes + used, size - used);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			break;
		used += (size_t)count;
	}
	if (bytes)
		bytes[used] = '\0';
	*ret_size = used;
	return bytes;
}

char *host_read(const char *path, size_t most, size_t *ret_size)
{
	int fd = open_below(path, O_NOFOLLOW);
	char *bytes = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    (uint64_t)st.st_size <= most)
		bytes = read_whole(fd, (size_t)st.st_size, ret_size);
	close(fd);
	return bytes;
}

int host_list(const char *path, size_t most, uint64_t deadline_ns,
	      void (*visit)(void *context, const char *name, unsigned char type), void *context)
{
	int fd = open_below(path, O_DIRECTORY);
	struct dirent *entry;
	DIR *folder;

	if (fd < 0)
		return fd;
	folder = fdopendir(fd);
	if (!folder) {
		close(fd);
		return -ENOMEM;
	}
	while (most-- && clock_now() < deadline_ns && (entry = readdir(folder)))
		visit(context, entry->d_name, entry->d_type);
	closedir(folder);
	return 0;
}
