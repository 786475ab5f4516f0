// SPDX-License-Identifier: GPL-2.0-only
/* What listeners dropped meanwhile: of one namespace, of all, of those that come and go. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bpf/netns.h"
#include "tests/bpf/tap.h"
#include "user/sockets/overflows.h"

#define MORE 7 /* SYNs for which the queue has no room */

/* A process in a network namespace of its own that does as it is told. */
struct puppet {
	pid_t pid;
	int order, answer; /* pipes, a byte at a time */
};

/* A socket that hears itself. */
static int echo_new(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(address);

	if (!bind(fd, (void *)&address, size) && !getsockname(fd, (void *)&address, &size) &&
	    !connect(fd, (void *)&address, size))
		return fd;
	close(fd);
	return -1;
}

/* What was sent to this machine before has arrived: a busy kernel lets it wait. */
static int settle(int echo)
{
	char byte = 0;

	return send(echo, &byte, 1, 0) != 1 || recv(echo, &byte, 1, 0) != 1;
}

/* One connection fills a queue of backlog 0; each SYN that follows is dropped, and sent once. */
static int overflow(int more)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int first = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int echo = echo_new();
	socklen_t size = sizeof(address);
	int error = bind(listener, (void *)&address, size) || listen(listener, 0) ||
		    getsockname(listener, (void *)&address, &size) ||
		    connect(first, (void *)&address, size) || settle(echo);

	for (int i = 0; i < more && !error; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

		(void)connect(fd, (void *)&address, size);
		error = settle(echo);
		close(fd);
	}
	close(echo);
	close(first);
	close(listener);
	return error ? -1 : 0;
}

static void obey(int order, int answer)
{
	char byte = netns_enter();

	do {
		if (write(answer, &byte, 1) != 1 || read(order, &byte, 1) != 1)
			break;
		byte = overflow(MORE) != 0;
	} while (!byte);
	_exit(byte);
}

/* Returns whether it did. */
static bool wait_for(const struct puppet *puppet)
{
	char byte = 1;

	return read(puppet->answer, &byte, 1) == 1 && !byte;
}

static bool make_puppet(struct puppet *ret)
{
	int order[2], answer[2];

	if (pipe(order) || pipe(answer))
		return false;
	fflush(stdout);
	ret->pid = fork();
	if (!ret->pid) {
		close(order[1]);
		close(answer[0]);
		obey(order[0], answer[1]);
	}
	close(order[0]);
	close(answer[1]);
	ret->order = order[1];
	ret->answer = answer[0];
	return wait_for(ret);
}

static bool command(const struct puppet *puppet)
{
	return write(puppet->order, "", 1) == 1 && wait_for(puppet);
}

static void end(struct puppet *puppet)
{
	close(puppet->order);
	close(puppet->answer);
	waitpid(puppet->pid, NULL, 0);
}

static bool is(const struct overflows *o, uint64_t read, uint64_t overflows, bool at_least)
{
	struct listen_counters now = { 0 };

	overflows_read(o, &now);
	if (now.read == read && now.overflows == overflows && now.drops == overflows &&
	    (now.unread > 0) == at_least)
		return true;
	tap_note("%llu namespaces, %llu overflows, %llu drops, %llu unread",
		 (unsigned long long)now.read, (unsigned long long)now.overflows,
		 (unsigned long long)now.drops, (unsigned long long)now.unread);
	return false;
}

static void check_one(struct tap *t)
{
	const struct netns_list ours = { 1, { netns_own() } }, nowhere = { 1, { 1 } };
	struct overflows *o = overflows_begin(&ours, NULL), *none = overflows_begin(&nowhere, NULL);

	tap_ok(t, is(o, 1, 0, false), "nothing happened: 0 of one namespace");
	tap_ok(t, !overflow(MORE) && is(o, 1, MORE, false), "each SYN without room is counted");
	tap_ok(t, !overflow(MORE) && is(o, 1, 2 * MORE, false), "since the beginning");
	tap_ok(t, is(none, 0, 0, true), "a namespace that is none: nothing is known");
	tap_ok(t, is(NULL, 0, 0, false), "nor of none at all");
	overflows_free(o);
	overflows_free(none);
	overflows_free(NULL);
}

static void check_all(struct tap *t)
{
	struct puppet old = { 0 }, young = { 0 };
	bool made = make_puppet(&old) && command(&old);
	struct overflows *o = overflows_begin(&(struct netns_list){ .count = 0 }, NULL);

	tap_ok(t, made && is(o, 2, 0, false), "two namespaces: what was before does not count");
	tap_ok(t, command(&old) && !overflow(1) && is(o, 2, MORE + 1, false), "their sum");
	made = make_puppet(&young) && command(&young);
	tap_ok(t, made && is(o, 3, 2 * MORE + 1, false), "one that came has counted from 0");
	end(&young);
	tap_ok(t, is(o, 2, MORE + 1, false), "one that came and went has left no trace");
	end(&old);
	tap_ok(t, is(o, 1, 1, true), "one that was there and went: there may have been more");
	overflows_free(o);
}

/*
 * What is mounted from here on nobody else sees. In a chroot / may be no mount: for a moment we go
 * to where all of them begin.
 */
static bool hide_mounts(void)
{
	int root = open("/", O_RDONLY | O_CLOEXEC);
	int mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	bool are_hidden = root >= 0 && mounts >= 0 && !setns(mounts, CLONE_NEWNS) &&
			  !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) && !fchdir(root) &&
			  !chroot(".");

	close(root);
	close(mounts);
	return are_hidden;
}

/* What somebody has given a name is held by a mount, which would be looked through as well. */
static bool leave_named(void)
{
	char line[4096], place[4096];
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	bool are_left = mounts != NULL;

	while (are_left && fgets(line, sizeof(line), mounts))
		if (strstr(line, " - nsfs ") && sscanf(line, "%*s %*s %*s %*s %4095s", place) == 1)
			are_left = !umount2(place, MNT_DETACH);
	if (mounts)
		fclose(mounts);
	return are_left;
}

/* What the machine's other processes do is none of our business, and would be counted. */
static int live_alone(void)
{
	struct tap t = { .count = 0 };

	if (!hide_mounts() || mount("proc", "/proc", "proc", 0, NULL))
		return tap_skip_all("/proc cannot be mounted");
	if (!leave_named())
		return tap_skip_all("namespaces with a name cannot be left");
	if (netns_raise_loopback())
		return tap_skip_all("no network namespace can be made");
	check_one(&t);
	check_all(&t);
	return tap_done(&t);
}

int main(void)
{
	int status = 1;
	pid_t pid;

	if (geteuid())
		return tap_skip_all("needs root");
	if (unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID))
		return tap_skip_all("no namespaces can be made");
	pid = fork();
	if (!pid) {
		status = live_alone();
		fflush(stdout);
		_exit(status);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
