// SPDX-License-Identifier: GPL-2.0-only
/* The broker: opens what it is asked for in network namespaces, and reads /proc. */
#include "user/sockets/broker_serve.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "user/base/units.h"
#include "user/rights/helper.h"
#include "user/sockets/aside.h"
#include "user/sockets/broker_wire.h"
#include "user/sockets/holders_proc.h"
#include "user/sockets/namespace_walk.h"
#include "user/sockets/proc_code.h"
#include "user/sockets/proc_fds.h"

#define STATUS_FAILED 2

/* A request that is being answered. */
struct service {
	int fd;
	struct broker_request request;
	int passed; /* with it; -1: nothing was */
	struct aside aside;
	struct broker_answer answer;
};

/* Nobody is there any more: neither is there anything to do. */
static void say(struct service *s, int passed)
{
	if (helper_send(s->fd, &s->answer, BROKER_ANSWER_SIZE(s->answer.rows), passed, 0))
		_exit(0);
	s->answer.rows = 0;
}

static void clear(struct service *s)
{
	memset(&s->answer, 0, offsetof(struct broker_answer, row));
}

static uint64_t used_ns(void)
{
	struct timespec used = { .tv_nsec = 0 };

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

/* ---- namespaces ------------------------------------------------------------------------------ */

/* What the other end says to the last word: -errno, or whether. */
static int hear(const struct service *s)
{
	struct broker_reply reply;

	if (helper_receive(s->fd, &reply, sizeof(reply), NULL) != (ssize_t)sizeof(reply))
		_exit(0);
	return reply.number;
}

static int show(void *context, const struct namespace_sight *sight)
{
	struct service *s = context;
	int error;

	clear(s);
	s->answer.word = sight->is_empty ? BROKER_EMPTY : BROKER_SIGHT;
	s->answer.netns = sight->netns;
	s->answer.cookie = sight->cookie;
	say(s, sight->fd);
	error = hear(s);
	return error < 0 && error >= -BROKER_ERRNO_MAX ? error : 0;
}

static void miss(void *context, uint32_t netns)
{
	struct service *s = context;

	clear(s);
	s->answer.word = BROKER_MISS;
	s->answer.netns = netns;
	say(s, -1);
}

static bool ask(void *context, uint32_t netns)
{
	struct service *s = context;

	clear(s);
	s->answer.word = BROKER_ASK;
	s->answer.netns = netns;
	say(s, -1);
	return hear(s) > 0;
}

static int walk(struct service *s)
{
	const struct broker_request *request = &s->request;
	struct netns_list only = { .count = 0 };
	const struct namespace_walk walk = {
		.only = &only,
		.search_files = request->flags & BROKER_FILES,
		.view = (enum namespace_view)request->view,
		.link = s->passed,
		.visit = show,
		.miss = miss,
		.wants = request->flags & BROKER_ASKS ? ask : NULL,
		.user_ns = request->user_ns,
		.context = s,
	};
	struct namespace_walk_result result;
	uint64_t begin_ns = used_ns();
	int error;

	if (request->view >= NAMESPACE_VIEW_COUNT || request->number > NETNS_LIST_MAX ||
	    (request->view == NAMESPACE_ITERATOR) != (s->passed >= 0))
		return -EINVAL;
	for (uint32_t i = 0; i < request->number; i++)
		netns_list_add(&only, request->netns[i]);
	error = namespace_walk(&walk, &result);
	clear(s);
	s->answer.visited = result.visited;
	s->answer.vanished = result.vanished;
	s->answer.unreadable = result.unreadable;
	s->answer.hidden = result.hidden;
	s->answer.crowded = result.crowded;
	s->answer.used_ns = used_ns() - begin_ns;
	return error;
}

/* Hands over what was opened; or -errno, which is returned then. */
static int pass(struct service *s, int fd)
{
	if (fd < 0)
		return fd;
	clear(s);
	s->answer.word = BROKER_SIGHT;
	say(s, fd);
	close(fd);
	clear(s);
	return 0;
}

/* ---- processes ------------------------------------------------------------------------------- */

static void add_row(struct service *s, const struct holder *row)
{
	s->answer.word = BROKER_ROWS;
	s->answer.row[s->answer.rows++] = *row;
	if (s->answer.rows == BROKER_ROWS_MAX)
		say(s, -1);
}

static void add_rows(struct service *s, const struct holder *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		add_row(s, &rows[i]);
}

static void end_rows(struct service *s)
{
	if (s->answer.rows)
		say(s, -1);
	clear(s);
}

/* Returns 0, or -errno: it is no such file. Its order is not taken for granted. */
static int read_inodes(const struct service *s, uint64_t **ret_inodes)
{
	size_t size = s->request.number * sizeof(uint64_t);
	uint64_t *inodes;

	if (s->request.number > HOLDERS_MAX)
		return -E2BIG;
	inodes = malloc(size + 1);
	if (!inodes)
		return -ENOMEM;
	if (pread(s->passed, inodes, size, 0) != (ssize_t)size) {
		free(inodes);
		return -EBADMSG;
	}
	for (uint32_t i = 1; i < s->request.number; i++)
		if (inodes[i - 1] > inodes[i])
			inodes[i] = inodes[i - 1];
	*ret_inodes = inodes;
	return 0;
}

static void tell_payers(struct service *s, const struct payers *payers)
{
	const struct payer *payer;

	while (s->answer.payer_count < BROKER_PAYERS_MAX &&
	       (payer = payers_at(payers, s->answer.payer_count)))
		s->answer.payer[s->answer.payer_count++] = *payer;
}

static int find_holders(struct service *s)
{
	struct holder_question question = { .is_all = s->request.flags & BROKER_ALL };
	struct holder_table table = { .all = NULL };
	uint64_t *inodes = NULL;
	int error = question.is_all ? 0 : read_inodes(s, &inodes);

	if (error)
		return error;
	holders_begin(&table, &question);
	question.inodes = inodes;
	question.count = inodes ? s->request.number : 0;
	error = s->request.flags & BROKER_SEARCH ? holders_proc_search(&question, &table) :
						   holders_proc_read(&question, &table);
	clear(s);
	if (!error)
		add_rows(s, table.all, table.count);
	end_rows(s);
	s->answer.unreadable = table.unreadable;
	s->answer.dropped = table.dropped;
	s->answer.in_flight = table.in_flight;
	s->answer.in_flight_to = table.in_flight_to;
	tell_payers(s, &table.quota.payers);
	holders_done(&table);
	free(inodes);
	return error;
}

static bool add_name(void *context, const char comm[EVENT_COMM_SIZE])
{
	struct holder row = { .inode = 0 };

	memcpy(row.comm, comm, sizeof(row.comm));
	add_row(context, &row);
	return true;
}

static int tell_threads(struct service *s)
{
	clear(s);
	proc_fds_threads(s->request.number, add_name, s);
	end_rows(s);
	return 0;
}

static int open_mappings(const struct aside_question *q)
{
	return proc_code_mappings(q->pid, q->from, q->to);
}

static int open_code(const struct aside_question *q)
{
	return proc_code_file(q->pid, q->from, q->to);
}

static int open_names(const struct aside_question *q)
{
	return proc_code_names(q->pid);
}

static int open_cmdline(const struct aside_question *q)
{
	return proc_code_cmdline(q->pid);
}

/* Not by this thread: it has others to answer than who asks for a process that holds it up. */
static int pass_aside(struct service *s, int (*open)(const struct aside_question *question))
{
	const struct broker_request *request = &s->request;
	const struct aside_question question = { request->number, request->from, request->to,
						 open };

	return pass(s, aside_open(&s->aside, &question));
}

/* ---- requests -------------------------------------------------------------------------------- */

static int answer(struct service *s)
{
	switch ((enum broker_wish)s->request.wish) {
	case BROKER_WALK:
		return walk(s);
	case BROKER_ITERATE:
		return pass(s, namespace_iterate(s->passed));
	case BROKER_HOLDERS:
		return find_holders(s);
	case BROKER_THREADS:
		return tell_threads(s);
	case BROKER_MAPPINGS:
		return pass_aside(s, open_mappings);
	case BROKER_CODE:
		return pass_aside(s, open_code);
	case BROKER_DEBUG:
		s->request.build_id[BROKER_BUILD_ID_SIZE - 1] = '\0';
		return pass(s, proc_code_debug(s->request.build_id));
	case BROKER_NAMES:
		return pass_aside(s, open_names);
	case BROKER_CMDLINE:
		return pass_aside(s, open_cmdline);
	}
	return -EINVAL;
}

/* Threads may be held up, and go on when there is nobody any more: it is never given back. */
int broker_serve(void *context, int fd)
{
	static struct service service;
	struct service *s = &service;
	ssize_t size;

	(void)context;
	if (aside_init(&s->aside, proc_fds_uid))
		return STATUS_FAILED;
	s->fd = fd;
	while ((size = helper_receive(fd, &s->request, sizeof(s->request), &s->passed)) ==
	       (ssize_t)sizeof(s->request)) {
		int error;

		clear(s);
		error = answer(s);
		s->answer.word = BROKER_END;
		s->answer.error = error;
		say(s, -1);
		if (s->passed >= 0)
			close(s->passed);
	}
	return size ? STATUS_FAILED : 0;
}
