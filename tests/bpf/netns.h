/* SPDX-License-Identifier: GPL-2.0-only */
/* A network namespace of a test's own. */
#ifndef TESTS_BPF_NETNS_H
#define TESTS_BPF_NETNS_H

#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sets `lo` of the namespace up that the calling process is in; 0, or -1 with errno. */
static inline int netns_raise_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int error = ioctl(fd, SIOCSIFFLAGS, &request);

	close(fd);
	return error;
}

/* The calling process goes into a new one with `lo` up; 0, or -1 with errno. */
static inline int netns_enter(void)
{
	return unshare(CLONE_NEWNET) ? -1 : netns_raise_loopback();
}

/* The inode of the one that the calling process is in; 0: unknown. */
static inline uint32_t netns_own(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : (uint32_t)st.st_ino;
}

/* What no other one will have; 0: unknown, before 5.14. */
static inline uint64_t netns_own_cookie(void)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size))
		cookie = 0;
	close(fd);
	return cookie;
}

#endif
