// SPDX-License-Identifier: GPL-2.0-only
/* Writes all of it, however often the kernel stops in the middle. */
#include "user/base/write.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int wait_for_room(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };

	return poll(&wait, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

/* As write_all; tells how many were written all the same. */
static int write_some(int fd, const void *bytes, size_t size, size_t *ret_done)
{
	*ret_done = 0;
	while (*ret_done < size) {
		ssize_t n = write(fd, (const char *)bytes + *ret_done, size - *ret_done);
		int error = 0;

		if (n >= 0)
			*ret_done += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			error = wait_for_room(fd);
		else if (errno != EINTR)
			error = -errno;
		if (error)
			return error;
	}
	return 0;
}

int write_all(int fd, const void *bytes, size_t size)
{
	size_t done;

	return write_some(fd, bytes, size, &done);
}

/* Cuts `part` bytes off a file that ends where was written last. */
static void cut(int fd, size_t part)
{
	off_t at = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	if (at < (off_t)part || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size != at)
		return;
	if (!ftruncate(fd, at - (off_t)part))
		lseek(fd, at - (off_t)part, SEEK_SET);
}

int write_lines(int fd, const char *bytes, size_t size)
{
	size_t done, whole;
	int error = write_some(fd, bytes, size, &done);

	if (!error)
		return 0;
	for (whole = done; whole && bytes[whole - 1] != '\n'; whole--)
		continue;
	if (whole < done)
		cut(fd, done - whole);
	return error;
}

int write_close(int fd)
{
	return close(fd) ? -errno : 0;
}

int write_memory(const char *name, const void *bytes, size_t size)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	int error = fd < 0 ? -errno : write_all(fd, bytes, size);

	if (!error && lseek(fd, 0, SEEK_SET))
		error = -errno;
	if (!error)
		return fd;
	if (fd >= 0)
		close(fd);
	return error;
}
