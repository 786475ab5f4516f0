// SPDX-License-Identifier: GPL-2.0-only
/* A socket that the service manager has opened for this process: sd_listen_fds(3). */
#include "user/run/passed.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "user/base/text.h"
#include "user/run/complaints.h"

#define FIRST 3 /* the first descriptor that is passed */

/* How many were passed to this process. */
static uint64_t count_passed(void)
{
	const char *whose = getenv("LISTEN_PID"), *text = getenv("LISTEN_FDS");
	uint64_t pid, count = 0;

	if (!whose || text_parse_u64(whose, &pid) || pid != (uint64_t)getpid() || !text ||
	    text_parse_u64(text, &count))
		count = 0;
	return count;
}

bool passed_socket_is_there(void)
{
	return count_passed();
}

static int option_of(int fd, int option)
{
	socklen_t size = sizeof(int);
	int value;

	return getsockopt(fd, SOL_SOCKET, option, &value, &size) ? -1 : value;
}

static bool does_listen(int fd)
{
	return option_of(fd, SO_ACCEPTCONN) == 1 && option_of(fd, SO_PROTOCOL) == IPPROTO_TCP;
}

int passed_socket_take(void)
{
	uint64_t count = count_passed();
	int flags;

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (!count)
		return -ENOENT;
	flags = fcntl(FIRST, F_GETFL);
	if (count != 1 || flags < 0 || !does_listen(FIRST)) {
		RUN_COMPLAIN(PASSED_ELSE);
		return -EINVAL;
	}
	fcntl(FIRST, F_SETFD, FD_CLOEXEC);
	fcntl(FIRST, F_SETFL, flags | O_NONBLOCK);
	return FIRST;
}
