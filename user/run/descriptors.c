// SPDX-License-Identifier: GPL-2.0-only
/* Sees to it that descriptors 0 to 2 are open before anything else is. */
#include "user/run/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "user/base/log.h"

int descriptors_open(void)
{
	bool is_deaf = false;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		is_deaf |= fd == STDOUT_FILENO;
		/* The lowest that is free is this one. */
		if (open("/dev/null", O_RDWR) < 0) {
			int error = -errno;

			log_error("/dev/null cannot be opened for a closed descriptor: %s",
				  strerror(-error));
			return error;
		}
	}
	if (!is_deaf)
		return 0;
	log_error("standard output is closed: nobody would see what is found");
	return -EBADF;
}
