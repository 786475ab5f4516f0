// SPDX-License-Identifier: GPL-2.0-only
/* The broker: what it does for who asks, and that no request makes it do anything else. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/rights/helper.h"
#include "user/sockets/broker.h"
#include "user/sockets/broker_wire.h"
#include "user/sockets/netstat.h"

#define TRIES 1000000
#define PATIENCE_S 60 /* then a test that waits for ever has failed */

static struct broker *begin(void)
{
	struct broker *broker;

	assert_int_equal(broker_start(&broker), 0);
	return broker;
}

static uint32_t own_netns(void)
{
	struct stat st;

	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	return (uint32_t)st.st_ino;
}

struct seen {
	uint32_t netns;
	unsigned int count;
	struct kernel_counters counters;
	bool is_wanted;
};

static int visit(void *context, const struct namespace_sight *sight)
{
	struct seen *seen = context;

	seen->netns = sight->netns;
	seen->count++;
	return netstat_read(sight->fd, &seen->counters);
}

static bool wants(void *context, uint32_t netns)
{
	(void)netns;
	return ((const struct seen *)context)->is_wanted;
}

static int walk(struct broker *broker, const struct netns_list *only, struct seen *seen)
{
	const struct namespace_walk asked = {
		.only = only,
		.view = NAMESPACE_COUNTERS,
		.link = -1,
		.visit = visit,
		.wants = wants,
		.context = seen,
	};
	struct namespace_walk_result result;

	return broker_walk(broker, &asked, &result);
}

static void it_opens_in_namespaces(void **state)
{
	const struct netns_list own = { .count = 1, .inodes = { own_netns() } };
	const struct netns_list none = { .count = 1, .inodes = { 1 } };
	struct seen seen = { .is_wanted = true };
	struct broker *broker = begin();

	(void)state;
	assert_int_equal(walk(broker, &own, &seen), 0);
	assert_int_equal(seen.netns, own.inodes[0]);
	assert_int_equal(seen.count, 1);
	assert_true(kernel_counters_know(&seen.counters, KERNEL_ListenDrops));
	assert_true(kernel_counters_know(&seen.counters, KERNEL_ActiveOpens));
	assert_int_equal(walk(broker, &none, &seen), -ENOENT);
	assert_int_equal(seen.count, 1);
	seen.is_wanted = false;
	assert_int_equal(walk(broker, NULL, &seen), 0);
	assert_int_equal(seen.count, 1);
	broker_stop(broker);
}

/* The only child of this process. */
static pid_t find_child(void)
{
	char path[64];
	FILE *list;
	int child;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	list = fopen(path, "r");
	assert_non_null(list);
	assert_int_equal(fscanf(list, "%d", &child), 1);
	fclose(list);
	return child;
}

struct waiting {
	struct seen seen; /* the first: it is what visits are told */
	pid_t broker;
	unsigned int turns;
};

static void wait_a_turn(void *context)
{
	struct waiting *w = context;

	if (++w->turns == 3)
		kill(w->broker, SIGCONT);
}

static void whoever_waits_for_it_is_let_do_something(void **state)
{
	struct broker *broker = begin();
	struct waiting waiting = { .seen.is_wanted = true, .broker = find_child() };
	const struct netns_list own = { .count = 1, .inodes = { own_netns() } };
	const struct namespace_walk asked = {
		.only = &own,
		.view = NAMESPACE_COUNTERS,
		.link = -1,
		.visit = visit,
		.between = wait_a_turn,
		.context = &waiting,
	};
	struct namespace_walk_result result;

	(void)state;
	alarm(PATIENCE_S);
	assert_int_equal(kill(waiting.broker, SIGSTOP), 0);
	assert_int_equal(broker_walk(broker, &asked, &result), 0);
	alarm(0);
	assert_true(waiting.turns >= 3);
	assert_int_equal(waiting.seen.count, 1);
	broker_stop(broker);
}

static bool is_ours(void *context, const char comm[EVENT_COMM_SIZE])
{
	bool *is_seen = context;

	*is_seen = *is_seen || !strncmp(comm, "test_broker", EVENT_COMM_SIZE);
	return true;
}

static void it_knows_processes(void **state)
{
	int ends[2];
	struct stat st;
	struct holder_table table = { .all = NULL };
	struct holder_question question = { .count = 1 };
	struct broker *broker = begin();
	uint64_t inode;
	bool is_seen = false;

	(void)state;
	prctl(PR_SET_NAME, "test_broker");
	broker_threads(broker, (uint32_t)getpid(), is_ours, &is_seen);
	assert_true(is_seen);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(fstat(ends[0], &st), 0);
	inode = st.st_ino;
	question.inodes = &inode;
	assert_int_equal(broker_find_holders(broker, &question, false, &table), 0);
	assert_int_equal(table.count, 1);
	assert_int_equal(table.all[0].inode, inode);
	assert_int_equal(table.all[0].pid, getpid());
	assert_int_equal(table.all[0].fd, ends[0]);
	holders_done(&table);
	broker_stop(broker);
	close(ends[0]);
	close(ends[1]);
}

/* The error that the answer to a request ends with. */
static int error_of(struct broker *broker, const struct broker_request *request, int passed)
{
	struct broker_answer answer;
	ssize_t size;

	assert_int_equal(helper_send(broker_fd(broker), request, sizeof(*request), passed, 0), 0);
	size = helper_receive(broker_fd(broker), &answer, sizeof(answer), NULL);
	assert_int_equal(size, BROKER_ANSWER_SIZE(0));
	assert_int_equal(answer.word, BROKER_END);
	return answer.error;
}

static void what_makes_no_sense_is_refused(void **state)
{
	const struct broker_request unknown = { .wish = 77 }, iterate = { .wish = BROKER_ITERATE };
	const struct broker_request many = { .wish = BROKER_WALK,
					     .view = NAMESPACE_COUNTERS,
					     .number = NETNS_LIST_MAX + 1 };
	const struct broker_request odd = { .wish = BROKER_WALK, .view = NAMESPACE_VIEW_COUNT };
	const struct broker_request no_link = { .wish = BROKER_WALK, .view = NAMESPACE_ITERATOR };
	const struct broker_request holders = { .wish = BROKER_HOLDERS, .number = 3 };
	const struct broker_request all = { .wish = BROKER_HOLDERS, .number = UINT32_MAX };
	struct broker *broker = begin();
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(error_of(broker, &unknown, -1), -EINVAL);
	assert_int_equal(error_of(broker, &many, -1), -EINVAL);
	assert_int_equal(error_of(broker, &odd, -1), -EINVAL);
	assert_int_equal(error_of(broker, &no_link, -1), -EINVAL);
	assert_true(error_of(broker, &iterate, -1) < 0);
	assert_true(error_of(broker, &iterate, ends[0]) < 0);
	assert_int_equal(error_of(broker, &holders, -1), -EBADMSG);
	assert_int_equal(error_of(broker, &holders, ends[0]), -EBADMSG);
	assert_int_equal(error_of(broker, &all, ends[0]), -E2BIG);
	assert_false(broker_has_ended(broker));
	broker_stop(broker);
	close(ends[0]);
	close(ends[1]);
}

static void what_has_no_size_ends_it(void **state)
{
	struct broker *broker = begin();
	struct seen seen = { .is_wanted = true };
	int tries = 0;

	(void)state;
	assert_int_equal(helper_send(broker_fd(broker), "rubbish", 7, -1, 0), 0);
	while (!broker_has_ended(broker) && tries++ < TRIES)
		usleep(10);
	assert_true(broker_has_ended(broker));
	assert_int_equal(walk(broker, NULL, &seen), -EPIPE);
	broker_stop(broker);
}

/* What it has opened it cannot pass, then. */
static void where_no_file_has_room_that_is_the_reason(void **state)
{
	const struct netns_list own = { .count = 1, .inodes = { own_netns() } };
	struct seen seen = { .is_wanted = true };
	struct broker *broker = begin();
	struct rlimit before, none;
	int next = dup(0);

	(void)state;
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(walk(broker, &own, &seen), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(seen.count, 0);
	assert_int_equal(walk(broker, &own, &seen), -EMFILE);
	broker_stop(broker);
}

/* As one is that waits for what nobody can end. */
static void one_that_does_not_end_is_left(void **state)
{
	struct broker *broker = begin();
	pid_t pid = find_child();

	(void)state;
	assert_int_equal(kill(pid, SIGSTOP), 0);
	alarm(PATIENCE_S);
	broker_stop(broker);
	alarm(0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_opens_in_namespaces),
		cmocka_unit_test(whoever_waits_for_it_is_let_do_something),
		cmocka_unit_test(it_knows_processes),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(what_has_no_size_ends_it),
		cmocka_unit_test(where_no_file_has_room_that_is_the_reason),
		cmocka_unit_test(one_that_does_not_end_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
