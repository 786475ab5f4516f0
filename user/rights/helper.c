// SPDX-License-Identifier: GPL-2.0-only
/* Starts helpers, and carries messages and descriptors to them and back. */
#include "user/rights/helper.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HELPER_FD (STDERR_FILENO + 1)
#define STATUS_FAILED 2
#define END_TURN_NS 1000000
#define END_TURNS 1000

/* Room for the descriptor of a message. */
union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

void helper_close_from(int first)
{
	long most = sysconf(_SC_OPEN_MAX);

	if (!syscall(SYS_close_range, (unsigned int)first, ~0u, 0))
		return;
	/* Before 5.9. */
	for (int fd = first; fd < most; fd++)
		close(fd);
}

/*
 * Standard error stays: it is where a helper complains. Its input is the end of a pipe where
 * nothing can be read, its output the one where nothing can be written: not every root has a
 * /dev/null.
 */
static int leave_descriptors(int fd)
{
	int ends[2];

	if (dup2(fd, HELPER_FD) < 0)
		return -errno;
	/* Where few descriptors may be open there is room now. */
	helper_close_from(HELPER_FD + 1);
	if (pipe(ends) || dup2(ends[1], STDIN_FILENO) < 0 || dup2(ends[0], STDOUT_FILENO) < 0)
		return -errno;
	helper_close_from(HELPER_FD + 1);
	return 0;
}

/* A signal of the terminal is for the process that it helps, which then ends it. */
static void block_signals(void)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGQUIT);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void help(const struct helper_settings *settings, pid_t parent, int fd)
{
	struct rights_bars bars;

	block_signals();
	prctl(PR_SET_NAME, settings->name, 0, 0, 0);
	if (leave_descriptors(fd) || (settings->prepare && settings->prepare(settings->context)))
		_exit(STATUS_FAILED);
	/* Whoever became somebody else has lost what it asked for. */
	if (!settings->ends_by_itself)
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(STATUS_FAILED);
	rights_keep(&settings->needs, &bars);
	_exit(settings->serve(settings->context, HELPER_FD));
}

int helper_start(const struct helper_settings *settings, struct helper *ret)
{
	pid_t parent = getpid(), pid;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	pid = fork();
	if (!pid)
		help(settings, parent, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		int error = -errno;

		close(ends[0]);
		return error;
	}
	*ret = (struct helper){ .pid = pid, .fd = ends[0] };
	return 0;
}

void helper_end(struct helper *helper)
{
	int status;

	close(helper->fd);
	while (helper->pid && waitpid(helper->pid, &status, 0) < 0 && errno == EINTR)
		continue;
}

void helper_end_soon(struct helper *helper)
{
	const struct timespec turn = { .tv_nsec = END_TURN_NS };
	int status;

	close(helper->fd);
	for (int i = 0; helper->pid && i < END_TURNS; i++) {
		pid_t ended = waitpid(helper->pid, &status, WNOHANG);

		if (ended > 0 || (ended < 0 && errno != EINTR))
			return;
		nanosleep(&turn, NULL);
	}
}

void helper_silence(const struct helper *helper)
{
	shutdown(helper->fd, SHUT_RDWR);
}

bool helper_has_ended(const struct helper *helper)
{
	char byte;
	ssize_t size = recv(helper->fd, &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT);

	return !size || (size < 0 && errno != EAGAIN && errno != EINTR);
}

int helper_send(int fd, const void *bytes, size_t size, int passed, int flags)
{
	struct iovec part = { .iov_base = (void *)bytes, .iov_len = size };
	union control control = { .bytes = { 0 } };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t sent;

	if (passed >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &passed, sizeof(passed));
	}
	do
		sent = sendmsg(fd, &message, MSG_NOSIGNAL | flags);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? errno == ECONNRESET ? -EPIPE : -errno : 0;
}

/* -1: there is none. */
static int passed_with(struct msghdr *message)
{
	const struct cmsghdr *head = CMSG_FIRSTHDR(message);
	int fd;

	if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS ||
	    head->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

ssize_t helper_receive(int fd, void *bytes, size_t room, int *ret_passed)
{
	struct iovec part = { .iov_base = bytes, .iov_len = room };
	union control control;
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  /* One, and no more. */
				  .msg_controllen = CMSG_LEN(sizeof(int)) };
	ssize_t size;
	int passed;

	do
		size = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (size < 0 && errno == EINTR);
	if (size < 0)
		return errno == ECONNRESET ? 0 : -errno;
	passed = passed_with(&message);
	/* Of two, one would have come. */
	if (message.msg_flags & MSG_CTRUNC && passed < 0)
		return -EMFILE;
	if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || (passed >= 0 && !ret_passed)) {
		if (passed >= 0)
			close(passed);
		return -EMSGSIZE;
	}
	if (ret_passed)
		*ret_passed = passed;
	return size;
}
