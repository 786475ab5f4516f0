// SPDX-License-Identifier: GPL-2.0-only
/* Reads all of it, however often it comes in parts. */
#include "user/base/read.h"

#include <errno.h>
#include <unistd.h>

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
