// SPDX-License-Identifier: GPL-2.0-only
/* Holders of sockets: forked, dupped, in threads, by the iterator and from /proc alike. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bpf/tap.h"
#include "user/sockets/holders.h"

#define COMM "hold \033[7m\"er\""
#define FAR_FD 97
#define ATTACKER 65533
#define VICTIM 65534
#define MANY 97
#define FEW 5
#define ROOM 32

static uint64_t inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_ino;
}

/* A thread with a table of its own, in which the first process's socket has a number of its own. */
struct loner {
	int fd;
	pthread_barrier_t at_work, done;
};

static void *run_loner(void *argument)
{
	struct loner *loner = argument;

	unshare(CLONE_FILES);
	dup2(loner->fd, FAR_FD);
	pthread_barrier_wait(&loner->at_work);
	pthread_barrier_wait(&loner->done);
	return NULL;
}

static void *run_sharer(void *argument)
{
	struct loner *loner = argument;

	pthread_barrier_wait(&loner->at_work);
	pthread_barrier_wait(&loner->done);
	return NULL;
}

static bool has(const struct holder_table *table, uint64_t inode, pid_t pid, int fd)
{
	size_t count = 0;
	const struct holder *h = holder_find(table->all, table->count, inode, &count);

	for (size_t i = 0; i < count; i++)
		if (h[i].pid == (uint32_t)pid && h[i].fd == (uint32_t)fd)
			return !strncmp(h[i].comm, COMM, EVENT_COMM_SIZE - 1);
	return false;
}

static size_t count_of(const struct holder_table *table, uint64_t inode)
{
	size_t count = 0;

	holder_find(table->all, table->count, inode, &count);
	return count;
}

/* A process of that user, with so many descriptors of the socket. */
static pid_t hold(uid_t uid, int fd, int many)
{
	int ready[2];
	pid_t pid;
	char byte;

	if (pipe2(ready, O_CLOEXEC))
		return -1;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 1; i < many; i++)
			if (dup(fd) < 0)
				_exit(1);
		if (unshare(CLONE_NEWNET) || setuid(uid))
			_exit(1);
		if (write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		pid = -1;
	close(ready[0]);
	return pid;
}

static size_t count_by(const struct holder_table *table, pid_t pid)
{
	size_t count = 0;

	for (size_t i = 0; i < table->count; i++)
		count += table->all[i].pid == (uint32_t)pid;
	return count;
}

static uint32_t netns_of(pid_t pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	return stat(path, &st) ? 0 : (uint32_t)st.st_ino;
}

/* One user holds a socket more often than there is room: another, who came later, is seen. */
static void check_shares(struct tap *t)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t attacker = hold(ATTACKER, fd, MANY), victim = hold(VICTIM, fd, FEW);
	uint64_t inode = inode_of(fd);

	close(fd);
	for (int way = 0; way < 2; way++) {
		struct holder_question question = { &inode, 1, .most = ROOM };
		struct holders *holders = holders_open(!way, NULL);
		const char *name = way ? "proc" : "iter";
		const struct payer *payer;
		struct holder_table table;

		holders_read(holders, &question, &table);
		payer = payers_at(&table.quota.payers, 0);
		tap_ok(t, count_by(&table, victim) == FEW, "%s: all of who has few (%zu)", name,
		       count_by(&table, victim));
		tap_ok(t, count_by(&table, attacker) == ROOM / 2,
		       "%s: of who has many, as much as is left (%zu)", name,
		       count_by(&table, attacker));
		tap_ok(t, table.dropped == MANY - ROOM / 2, "%s: the others are counted", name);
		tap_ok(t,
		       payer && payer->share.owner == ATTACKER &&
			       payer->share.place == netns_of(attacker) &&
			       payer->paid == table.dropped && !payers_at(&table.quota.payers, 1),
		       "%s: as his", name);
		holders_done(&table);
		holders_close(holders);
	}
	kill(attacker, SIGKILL);
	kill(victim, SIGKILL);
	waitpid(attacker, NULL, 0);
	waitpid(victim, NULL, 0);
}

int main(void)
{
	int first = socket(AF_INET, SOCK_STREAM, 0), second = socket(AF_INET6, SOCK_STREAM, 0);
	int twin = dup(first), by_path, unasked = socket(AF_INET, SOCK_STREAM, 0);
	struct loner loner = { .fd = first };
	pthread_t threads[2];
	uint64_t inodes[2];
	char path[64];
	struct tap t = { .count = 0 };
	pid_t child;

	if (geteuid())
		return tap_skip_all("needs root");
	prctl(PR_SET_NAME, COMM);
	inodes[0] = inode_of(first);
	inodes[1] = inode_of(second);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", first);
	by_path = open(path, O_PATH | O_CLOEXEC);
	child = fork();
	if (!child) {
		close(twin);
		pause();
		_exit(0);
	}
	pthread_barrier_init(&loner.at_work, NULL, 3);
	pthread_barrier_init(&loner.done, NULL, 3);
	pthread_create(&threads[0], NULL, run_loner, &loner);
	pthread_create(&threads[1], NULL, run_sharer, &loner);
	pthread_barrier_wait(&loner.at_work);
	tap_ok(&t, by_path >= 0 && unasked >= 0 && inodes[0] && inodes[1] > inodes[0],
	       "there are sockets to be found");

	for (int way = 0; way < 2; way++) {
		struct holder_question question = { inodes, 2 };
		const char *name = way ? "proc" : "iter";
		struct holder_table table;

		struct holders *holders = holders_open(!way, NULL);

		holders_read(holders, &question, &table);
		tap_ok(&t, table.rung && !strcmp(table.rung, name), "%s is the way", name);
		tap_ok(&t, !table.dropped && !table.unreadable, "%s: nothing was left out", name);
		tap_ok(&t, has(&table, inodes[0], getpid(), first), "%s: the first one", name);
		tap_ok(&t, has(&table, inodes[0], getpid(), twin), "%s: its duplicate", name);
		tap_ok(&t, has(&table, inodes[0], child, first), "%s: in the child", name);
		tap_ok(&t, !has(&table, inodes[0], child, twin), "%s: not what it closed", name);
		tap_ok(&t, has(&table, inodes[1], getpid(), second), "%s: the second", name);
		tap_ok(&t, has(&table, inodes[1], child, second), "%s: in the child", name);
		tap_ok(&t, has(&table, inodes[0], getpid(), FAR_FD) == !way,
		       "%s: in a thread's own table", name);
		tap_ok(&t, count_of(&table, inodes[0]) == 3u + !way,
		       "%s: the first once each, not by its name", name);
		tap_ok(&t, count_of(&table, inodes[1]) == 2, "%s: the second once each", name);
		tap_ok(&t, table.count == 5u + !way, "%s: nobody who was not asked about", name);
		holders_search(holders, &question, &table);
		tap_ok(&t, count_of(&table, inodes[0]) == 3u + !way, "%s: no other place", name);
		holders_done(&table);
		holders_close(holders);
	}
	pthread_barrier_wait(&loner.done);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	check_shares(&t);
	return tap_done(&t);
}
