// SPDX-License-Identifier: GPL-2.0-only
/* One user makes namespace after namespace: the time for them is that user's, and nobody else's. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/sockets/broker.h"
#include "user/sockets/namespace_walk.h"

#define ATTACKER 65533
#define MADE 5

struct made {
	pid_t pid;
	uint32_t netns;
};

/* A process in a namespace that it has made itself, as root or as a user. False: it may not. */
static bool make(struct made *made, uid_t uid)
{
	int ready[2];
	struct stat st;
	char path[32], byte = 0;

	assert_int_equal(pipe(ready), 0);
	made->pid = fork();
	assert_true(made->pid >= 0);
	if (!made->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (uid && (setgid(uid) || setuid(uid)))
			_exit(1);
		if (unshare(uid ? CLONE_NEWUSER | CLONE_NEWNET : CLONE_NEWNET) ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		byte = 0;
	close(ready[0]);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", made->pid);
	if (!byte || stat(path, &st))
		return false;
	made->netns = (uint32_t)st.st_ino;
	return true;
}

static void end(const struct made *made)
{
	kill(made->pid, SIGKILL);
	waitpid(made->pid, NULL, 0);
}

struct seen {
	const struct made *made;
	size_t count;
	unsigned int visited[MADE + 1], missed[MADE + 1];
};

static void note(const struct seen *s, unsigned int *counts, uint32_t netns)
{
	for (size_t i = 0; i < s->count; i++)
		counts[i] += s->made[i].netns == netns;
}

static int visit(void *context, const struct namespace_sight *sight)
{
	struct seen *s = context;

	note(s, s->visited, sight->netns);
	return 0;
}

static void miss(void *context, uint32_t netns)
{
	struct seen *s = context;

	note(s, s->missed, netns);
}

/* What is made of an attacker's namespaces and, the last one, of a victim's. */
static void walk(struct seen *s, struct broker *broker, uint64_t user_ns)
{
	const struct namespace_walk walk = { .view = NAMESPACE_COUNTERS,
					     .link = -1,
					     .broker = broker,
					     .visit = visit,
					     .miss = miss,
					     .user_ns = user_ns,
					     .context = s };
	struct namespace_walk_result result;

	memset(s->visited, 0, sizeof(s->visited));
	memset(s->missed, 0, sizeof(s->missed));
	assert_int_equal(namespace_walk(&walk, &result), 0);
	assert_int_equal(s->visited[MADE], 1);
	assert_int_equal(s->missed[MADE], 0);
	assert_true(!user_ns == !result.crowded);
	for (size_t i = 0; i < MADE; i++)
		assert_int_equal(s->visited[i] + s->missed[i], 1);
}

static unsigned int sum(const unsigned int *counts)
{
	unsigned int all = 0;

	for (size_t i = 0; i < MADE; i++)
		all += counts[i];
	return all;
}

/* By a thread of ours, or by the broker. */
static void judge(struct seen *s, struct broker *broker)
{
	walk(s, broker, 0);
	assert_int_equal(sum(s->visited), MADE);
	/* The first one takes all the time that there is. */
	walk(s, broker, 1);
	assert_int_equal(sum(s->visited), 1);
	assert_int_equal(sum(s->missed), MADE - 1);
}

static void who_has_many_namespaces_pays_with_his_own(void **state)
{
	struct made made[MADE + 1];
	struct seen s = { .made = made, .count = MADE + 1 };
	struct broker *broker;
	size_t count = 0;
	bool may = !getuid();

	(void)state;
	while (may && count < MADE)
		may = make(&made[count++], ATTACKER);
	if (may)
		may = make(&made[count++], 0);
	if (may) {
		judge(&s, NULL);
		assert_int_equal(broker_start(&broker), 0);
		judge(&s, broker);
		broker_stop(broker);
	}
	while (count)
		end(&made[--count]);
	if (!may)
		skip(); /* without root, or where users may make none */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_many_namespaces_pays_with_his_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
