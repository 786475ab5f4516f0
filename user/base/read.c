// SPDX-License-Identifier: GPL-2.0-only
/* Reads all of it, however often it comes in parts. */
#include "user/base/read.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/units.h"

ssize_t read_all(int fd, void *bytes, size_t room)
{
	size_t done = 0;

	while (done < room) {
		ssize_t n = read(fd, (char *)bytes + done, room - done);

		if (n > 0)
			done += (size_t)n;
		else if (!n)
			break;
		else if (errno != EINTR)
			return -errno;
	}
	return (ssize_t)done;
}

/* Returns 0 when something, or the end, has come. A pipe that nobody has opened yet has neither. */
static int wait_for_more(int fd, uint64_t until_ns)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	for (uint64_t now_ns; (now_ns = clock_now()) < until_ns;) {
		int ready = poll(&wait, 1, (int)((until_ns - now_ns) / NS_PER_MS) + 1);

		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return -errno;
	}
	return -ETIMEDOUT;
}

static ssize_t read_until(int fd, char *bytes, size_t room, uint64_t until_ns)
{
	size_t done = 0;

	while (done < room) {
		int error = wait_for_more(fd, until_ns);
		ssize_t n = error ? error : read(fd, bytes + done, room - done);

		if (error)
			return error;
		if (!n)
			break;
		if (n > 0)
			done += (size_t)n;
		else if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
	return (ssize_t)done;
}

ssize_t read_path(const char *path, void *bytes, size_t room, uint64_t patience_ns)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t size = fd < 0 ? -errno : read_until(fd, bytes, room, clock_now() + patience_ns);

	if (fd >= 0)
		close(fd);
	return size;
}
