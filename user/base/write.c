// SPDX-License-Identifier: GPL-2.0-only
/* Writes all of it, however often the kernel stops in the middle. */
#include "user/base/write.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

static int wait_for_room(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };

	return poll(&wait, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

int write_all(int fd, const void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = write(fd, (const char *)bytes + done, size - done);
		int error = 0;

		if (n >= 0)
			done += (size_t)n;
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			error = wait_for_room(fd);
		else if (errno != EINTR)
			error = -errno;
		if (error)
			return error;
	}
	return 0;
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
