// SPDX-License-Identifier: GPL-2.0-only
/* Tells the service manager what becomes of the run: the protocol of sd_notify(3). */
#include "user/run/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/run/complaints.h"

#define AGAIN_NS (100 * NS_PER_MS) /* to a manager that was busy */

/* A path, or behind an @ a name of sockets that are nowhere. Returns its size; 0: it is neither. */
static socklen_t address_of(const char *where, struct sockaddr_un *ret)
{
	size_t size = strlen(where);

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if ((where[0] != '/' && where[0] != '@') || size < 2 || size >= sizeof(ret->sun_path))
		return 0;
	memcpy(ret->sun_path, where, size);
	if (where[0] == '@')
		ret->sun_path[0] = '\0';
	/* A name has its length, a path its NUL. */
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (where[0] == '/'));
}

static int open_at(const char *where)
{
	struct sockaddr_un address;
	socklen_t size = address_of(where, &address);
	int fd, error;

	if (!size)
		return -EINVAL;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)&address, size))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

/* Twice in the time after which the manager loses its patience. */
static uint64_t interval_of(void)
{
	const char *every = getenv("WATCHDOG_USEC"), *whose = getenv("WATCHDOG_PID");
	uint64_t us, pid;

	if (!every || text_parse_u64(every, &us) || us > UINT64_MAX / NS_PER_US)
		return 0;
	if (whose && (text_parse_u64(whose, &pid) || pid != (uint64_t)getpid()))
		return 0;
	return us * NS_PER_US / 2;
}

void notify_open(struct notify *n)
{
	const char *where = getenv("NOTIFY_SOCKET");
	int error = 0;

	*n = (struct notify){ .fd = -1, .due_ns = UINT64_MAX };
	if (where)
		error = n->fd = open_at(where);
	if (error < 0) {
		RUN_COMPLAIN(NOTIFY, .w = where, .v = strerror(-error));
		n->fd = -1;
	}
	if (n->fd >= 0)
		n->interval_ns = interval_of();
	if (n->interval_ns)
		n->due_ns = 0;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void notify_close(struct notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

/* write() is a system call that every role keeps, and a connected socket needs no other. */
void notify_send(struct notify *n, const char *lines)
{
	n->unsent = NULL;
	if (n->fd < 0 || write(n->fd, lines, strlen(lines)) >= 0)
		return;
	if (errno != EAGAIN) {
		log_debug("the service manager was not told: %s", strerror(errno));
		return;
	}
	n->unsent = lines;
	n->due_ns = 0;
}

static void send_again(struct notify *n, uint64_t now_ns)
{
	notify_send(n, n->unsent);
	if (n->unsent)
		n->due_ns = now_ns + AGAIN_NS;
	else
		n->due_ns = n->interval_ns ? now_ns : UINT64_MAX;
}

void notify_live(struct notify *n, uint64_t now_ns)
{
	if (now_ns < n->due_ns)
		return;
	if (n->unsent) {
		send_again(n, now_ns);
		return;
	}
	notify_send(n, "WATCHDOG=1");
	n->due_ns = now_ns + (n->unsent ? AGAIN_NS : n->interval_ns);
}
