// SPDX-License-Identifier: GPL-2.0-only
/* Makes the stage: a process with two network namespaces, and a device for a wire in each. */
#include "user/demo/stage.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/demo/address.h"
#include "user/demo/play.h"

#define TUN "/dev/net/tun"
#define OWN_NAMESPACE "/proc/self/ns/net"
#define DEVICE "wire"
#define ARGUMENTS 16

/* What the player says: that it is ready, that the play is over, that the program has ended. */
struct word {
	int32_t error;
	uint32_t netns[WIRE_ENDS];
	char reason[STAGE_REASON_SIZE];
};

struct stage {
	pid_t player;
	int to, from; /* its pipes; closing the first one ends it */
	uint32_t netns[WIRE_ENDS];
	bool is_over;
	int error;
};

/* Of the player. */
struct player {
	int orders, words;
	struct play play;
	int tuns[WIRE_ENDS];
	struct word word;
};

static int explain(struct word *word, const char *what)
{
	word->error = -errno;
	snprintf(word->reason, sizeof(word->reason), "%s: %s", what, strerror(errno));
	return word->error;
}

static struct ifreq request(const char *address)
{
	struct ifreq r = { .ifr_name = DEVICE };
	struct sockaddr_in in = { .sin_family = AF_INET };

	if (address) {
		inet_pton(AF_INET, address, &in.sin_addr);
		memcpy(&r.ifr_addr, &in, sizeof(in));
	}
	return r;
}

/* In the namespace that the caller is in. Returns 0, or -errno. */
static int set_up(const char *address)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq own = request(address), mask = request("255.255.255.0");
	struct ifreq flags = request(NULL);
	int error = 0;

	flags.ifr_flags = IFF_UP;
	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCSIFADDR, &own) || ioctl(fd, SIOCSIFNETMASK, &mask) ||
	    ioctl(fd, SIOCSIFFLAGS, &flags))
		error = -errno;
	close(fd);
	return error;
}

/* Returns 0, or -errno with the reason. */
static int make_end(struct player *p, enum wire_end end)
{
	static const char *const addresses[] = { DEMO_ADDRESS_A, DEMO_ADDRESS_B };
	struct ifreq device = { .ifr_name = DEVICE };
	struct stat about;

	device.ifr_flags = IFF_TUN | IFF_NO_PI;
	if (unshare(CLONE_NEWNET))
		return explain(&p->word, "no network namespace can be made");
	p->play.namespaces[end] = open(OWN_NAMESPACE, O_RDONLY | O_CLOEXEC);
	if (p->play.namespaces[end] < 0 || fstat(p->play.namespaces[end], &about))
		return explain(&p->word, OWN_NAMESPACE);
	p->word.netns[end] = (uint32_t)about.st_ino;
	p->tuns[end] = open(TUN, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (p->tuns[end] < 0)
		return explain(&p->word, TUN);
	if (ioctl(p->tuns[end], TUNSETIFF, &device))
		return explain(&p->word, "no TUN device can be made");
	errno = -set_up(addresses[end]);
	return errno ? explain(&p->word, "the TUN device has no address") : 0;
}

/* Whoever gave orders is gone, or wants no more. */
static void *watch_orders(void *context)
{
	struct pollfd fd = { .fd = *(const int *)context };

	for (;;)
		if (poll(&fd, 1, -1) > 0 && fd.revents & (POLLHUP | POLLERR))
			_exit(0);
	return NULL;
}

static void say(const struct player *p)
{
	if (write(p->words, &p->word, sizeof(p->word)) != (ssize_t)sizeof(p->word))
		_exit(1);
}

/* Waits for one, which is a byte. */
static void await_order(const struct player *p)
{
	char order;

	if (read(p->orders, &order, 1) != 1)
		_exit(0);
}

void stage_run_self(char *const *arguments)
{
	const char *path = (const char *)getauxval(AT_EXECFN);

	execv("/proc/self/exe", arguments);
	/* Without /proc it is there under the name that it was run by, if that holds still. */
	if (path && errno == ENOENT)
		execv(path, arguments);
}

/* An order that comes with arguments, each ended by NUL. Returns 0, or -errno. */
static int run_program(struct player *p)
{
	char text[256] = "";
	char *arguments[ARGUMENTS + 1] = { NULL };
	ssize_t size = read(p->orders, text, sizeof(text) - 1);
	size_t count = 0;
	pid_t child;
	int status;

	if (size <= 0)
		_exit(0);
	for (char *at = text; at < text + size && count < ARGUMENTS; at += strlen(at) + 1)
		arguments[count++] = at;
	if (setns(p->play.namespaces[WIRE_B], CLONE_NEWNET))
		return -errno;
	child = fork();
	if (child < 0)
		return -errno;
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		stage_run_self(arguments);
		_exit(2);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

/* Never returns. */
static void play(struct player *p, stage_script script, unsigned int delay_ms)
{
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!make_end(p, WIRE_A) && !make_end(p, WIRE_B)) {
		errno = -wire_new(p->tuns, delay_ms, &p->play.wire);
		if (!errno)
			errno = pthread_create(&thread, NULL, watch_orders, &p->orders);
		if (errno)
			explain(&p->word, "no thread can be made");
	}
	say(p);
	if (p->word.error)
		_exit(1);
	await_order(p);
	p->word.error = script(&p->play);
	say(p);
	p->word.error = run_program(p);
	say(p);
	for (;;)
		pause();
}

/* Returns 0, or -errno with the reason. */
static int await_ready(struct stage *stage, char reason[STAGE_REASON_SIZE])
{
	struct word word = { 0 };

	if (read(stage->from, &word, sizeof(word)) != (ssize_t)sizeof(word)) {
		snprintf(reason, STAGE_REASON_SIZE, "the player has ended");
		return -ECHILD;
	}
	memcpy(stage->netns, word.netns, sizeof(stage->netns));
	memcpy(reason, word.reason, STAGE_REASON_SIZE);
	reason[STAGE_REASON_SIZE - 1] = '\0';
	return word.error;
}

int stage_open(stage_script script, unsigned int delay_ms, struct stage **ret_stage,
	       char reason[STAGE_REASON_SIZE])
{
	struct stage *stage = calloc(1, sizeof(*stage));
	int orders[2] = { -1, -1 }, words[2] = { -1, -1 };
	int error;

	if (!stage || pipe2(orders, O_CLOEXEC) || pipe2(words, O_CLOEXEC))
		goto out;
	fflush(NULL);
	stage->player = fork();
	if (stage->player < 0)
		goto out;
	if (!stage->player) {
		struct player player = { .orders = orders[0], .words = words[1] };

		close(orders[1]);
		close(words[0]);
		play(&player, script, delay_ms);
	}
	close(orders[0]);
	close(words[1]);
	stage->to = orders[1];
	stage->from = words[0];
	error = await_ready(stage, reason);
	if (error)
		stage_close(stage);
	else
		*ret_stage = stage;
	return error;
out:
	error = stage ? -errno : -ENOMEM;
	snprintf(reason, STAGE_REASON_SIZE, "no process can be made: %s", strerror(-error));
	for (size_t i = 0; i < 2; i++) {
		if (orders[i] >= 0)
			close(orders[i]);
		if (words[i] >= 0)
			close(words[i]);
	}
	free(stage);
	return error;
}

void stage_close(struct stage *stage)
{
	if (!stage)
		return;
	close(stage->to);
	close(stage->from);
	while (waitpid(stage->player, NULL, 0) < 0 && errno == EINTR)
		continue;
	free(stage);
}

uint32_t stage_netns(const struct stage *stage, enum wire_end end)
{
	return stage->netns[end];
}

/* Who cannot take it has ended, which is seen by its silence. */
static int order(const struct stage *stage, const void *bytes, size_t size)
{
	ssize_t written;

	do
		written = write(stage->to, bytes, size);
	while (written < 0 && errno == EINTR);
	return written < 0 ? -errno : 0;
}

void stage_begin(struct stage *stage)
{
	order(stage, "", 1);
}

int stage_fd(const struct stage *stage)
{
	return stage->from;
}

/* Waits for the next word, or for its end. */
static int hear(const struct stage *stage)
{
	struct word word;
	ssize_t size;

	do
		size = read(stage->from, &word, sizeof(word));
	while (size < 0 && errno == EINTR);
	return size == (ssize_t)sizeof(word) ? word.error : -ECHILD;
}

bool stage_is_over(struct stage *stage, int *ret_error)
{
	struct pollfd fd = { .fd = stage->from, .events = POLLIN };

	if (!stage->is_over && poll(&fd, 1, 0) > 0) {
		stage->is_over = true;
		stage->error = hear(stage);
	}
	*ret_error = stage->error;
	return stage->is_over;
}

int stage_run(struct stage *stage, const char *const arguments[])
{
	char text[256];
	size_t used = 0;
	int error;

	for (size_t i = 0; arguments[i]; i++) {
		size_t size = strlen(arguments[i]) + 1;

		if (i == ARGUMENTS || used + size > sizeof(text) - 1)
			return -E2BIG;
		memcpy(text + used, arguments[i], size);
		used += size;
	}
	error = order(stage, text, used);
	return error ? error : hear(stage);
}
