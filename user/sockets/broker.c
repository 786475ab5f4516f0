// SPDX-License-Identifier: GPL-2.0-only
/* Asks the broker, and checks what it answers. */
#include "user/sockets/broker.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "user/base/units.h"
#include "user/base/write.h"
#include "user/rights/helper.h"
#include "user/sockets/broker_serve.h"
#include "user/sockets/broker_wire.h"
#include "user/sockets/holders_proc.h"

#define TURN_NS (2 * NS_PER_MS) /* in which somebody else is let do something */
#define THREADS_MAX 65536	/* names of threads of a process */

struct broker {
	struct helper helper;
	struct broker_answer answer; /* the last one */
	int passed;		     /* with it; -1: nothing was */
	bool is_crowded;	     /* nothing more is heard, for what came had no room */
};

int broker_start(struct broker **ret)
{
	const struct helper_settings settings = {
		.name = "tcpspan-look",
		.needs = { .role = RIGHTS_LOOK, .written = -1 },
		.serve = broker_serve,
	};
	struct broker *broker = calloc(1, sizeof(*broker));
	int error = broker ? helper_start(&settings, &broker->helper) : -ENOMEM;

	if (error)
		free(broker);
	else
		*ret = broker;
	return error;
}

struct broker *broker_at(int fd)
{
	struct broker *broker = calloc(1, sizeof(*broker));

	if (broker)
		broker->helper.fd = fd;
	return broker;
}

void broker_stop(struct broker *broker)
{
	if (!broker)
		return;
	helper_end_soon(&broker->helper);
	free(broker);
}

bool broker_has_ended(const struct broker *broker)
{
	return helper_has_ended(&broker->helper);
}

int broker_fd(const struct broker *broker)
{
	return broker->helper.fd;
}

static int wish(struct broker *b, const struct broker_request *request, int passed)
{
	int error = helper_send(b->helper.fd, request, sizeof(*request), passed, 0);

	return error && b->is_crowded ? -EMFILE : error;
}

/* Of whoever has sent bytes that make no sense nothing more is believed. */
static int distrust(struct broker *b)
{
	if (b->passed >= 0)
		close(b->passed);
	helper_silence(&b->helper);
	return -EPIPE;
}

/*
 * The next answer, which is whole, and has a descriptor if and only if it should. Returns 0,
 * -EPIPE, or -EMFILE: there was no room here for its descriptor, and what it said is not known.
 */
static int hear(struct broker *b)
{
	struct broker_answer *answer = &b->answer;
	ssize_t size = helper_receive(b->helper.fd, answer, sizeof(*answer), &b->passed);

	if (size <= 0) {
		b->passed = -1;
		b->is_crowded = size == -EMFILE;
		distrust(b);
		return b->is_crowded ? -EMFILE : -EPIPE;
	}
	if (size < (ssize_t)BROKER_ANSWER_SIZE(0) || answer->rows > BROKER_ROWS_MAX ||
	    size != (ssize_t)BROKER_ANSWER_SIZE(answer->rows) || answer->error > 0 ||
	    answer->error < -BROKER_ERRNO_MAX ||
	    (answer->word == BROKER_SIGHT) != (b->passed >= 0) ||
	    (answer->word == BROKER_ROWS) != (answer->rows > 0))
		return distrust(b);
	return 0;
}

/* ---- namespaces ------------------------------------------------------------------------------ */

static int reply(const struct broker *b, int number)
{
	const struct broker_reply reply = { .number = number };

	return helper_send(b->helper.fd, &reply, sizeof(reply), -1, 0);
}

static int visit_sight(const struct broker *b, const struct namespace_walk *walk)
{
	const struct namespace_sight sight = {
		.netns = b->answer.netns,
		.cookie = b->answer.cookie,
		.is_empty = b->answer.word == BROKER_EMPTY,
		.fd = b->passed,
	};
	int error = walk->visit(walk->context, &sight);

	if (sight.fd >= 0)
		close(sight.fd);
	return reply(b, error);
}

/* It looks through all processes, which takes its time on a busy machine. */
static void await(const struct broker *b, const struct namespace_walk *walk)
{
	struct pollfd answer = { .fd = b->helper.fd, .events = POLLIN };
	const struct timespec turn = { .tv_nsec = TURN_NS };

	while (!ppoll(&answer, 1, &turn, NULL))
		walk->between(walk->context);
}

/* Returns 1: it was the last word, 0, or -errno. */
static int hear_of_walk(struct broker *b, const struct namespace_walk *walk)
{
	int error;

	if (walk->between)
		await(b, walk);
	error = hear(b);
	if (error)
		return error;
	/* Of those that are named no other is seen. */
	if (walk->only && walk->only->count && b->answer.word != BROKER_END &&
	    !netns_list_has(walk->only, b->answer.netns))
		return distrust(b);
	switch ((enum broker_word)b->answer.word) {
	case BROKER_EMPTY:
		if (walk->view == NAMESPACE_COUNTERS)
			break;
		return visit_sight(b, walk);
	case BROKER_SIGHT:
		return visit_sight(b, walk);
	case BROKER_MISS:
		if (walk->miss)
			walk->miss(walk->context, b->answer.netns);
		return 0;
	case BROKER_ASK:
		return reply(b, !walk->wants || walk->wants(walk->context, b->answer.netns));
	case BROKER_END:
		return 1;
	case BROKER_ROWS:
		break;
	}
	return distrust(b);
}

int broker_walk(struct broker *broker, const struct namespace_walk *walk,
		struct namespace_walk_result *ret_result)
{
	const struct broker_answer *end = &broker->answer;
	struct broker_request request = {
		.wish = BROKER_WALK,
		.flags = (walk->search_files ? BROKER_FILES : 0) | (walk->wants ? BROKER_ASKS : 0),
		.view = walk->view,
		.user_ns = walk->user_ns,
	};
	int error;

	*ret_result = (struct namespace_walk_result){ .visited = 0 };
	if (walk->only) {
		request.number = (uint32_t)walk->only->count;
		memcpy(request.netns, walk->only->inodes, sizeof(request.netns));
	}
	error = wish(broker, &request, walk->link);
	while (!error)
		error = hear_of_walk(broker, walk);
	if (error < 0)
		return error;
	*ret_result = (struct namespace_walk_result){
		.visited = end->visited,
		.vanished = end->vanished,
		.unreadable = end->unreadable,
		.hidden = end->hidden,
		.crowded = end->crowded,
		.elsewhere_ns = end->used_ns,
	};
	return end->error;
}

/* Asks for a descriptor. Returns it, or -errno. */
static int ask_for(struct broker *broker, const struct broker_request *request, int passed)
{
	int error = wish(broker, request, passed), fd = -1;

	while (!error && !(error = hear(broker)) && broker->answer.word == BROKER_SIGHT && fd < 0)
		fd = broker->passed;
	if (!error && broker->answer.word != BROKER_END)
		error = distrust(broker);
	if (!error)
		error = broker->answer.error;
	if (!error && fd < 0)
		error = -EBADMSG;
	if (!error)
		return fd;
	if (fd >= 0)
		close(fd);
	return error;
}

int broker_iterate(struct broker *broker, int link)
{
	const struct broker_request request = { .wish = BROKER_ITERATE };

	return ask_for(broker, &request, link);
}

/* ---- processes ------------------------------------------------------------------------------- */

/* Calls `take` for each row of an answer, until its end. Returns 0 or -errno. */
static int each_row(struct broker *b, size_t most,
		    bool (*take)(void *context, const struct holder *row), void *context)
{
	size_t count = 0;
	int error;

	while (!(error = hear(b)) && b->answer.word == BROKER_ROWS && count <= most) {
		for (uint32_t i = 0; i < b->answer.rows; i++)
			if (!take(context, &b->answer.row[i]))
				return distrust(b);
		count += b->answer.rows;
	}
	if (error)
		return error;
	return b->answer.word == BROKER_END ? b->answer.error : distrust(b);
}

struct finding {
	const struct holder_question *question;
	struct holder_table *table;
};

/* One that was not asked about, or is none, nobody has sent in earnest. */
static bool take_holder(void *context, const struct holder *row)
{
	const struct finding *f = context;
	struct holder *holder;

	if (row->way >= HOLDER_WAY_COUNT || !holders_is_asked(f->question, row->inode))
		return false;
	holder = holders_append(f->table);
	if (holder)
		*holder = *row;
	return true;
}

static void merge_payers(const struct broker_answer *answer, struct holder_table *table)
{
	struct payers payers = { .count = 0 };

	for (uint32_t i = 0; i < answer->payer_count && i < BROKER_PAYERS_MAX; i++)
		payers.payer[payers.count++] = answer->payer[i];
	payers_merge(&table->quota.payers, &payers);
}

int broker_find_holders(struct broker *broker, const struct holder_question *question,
			bool is_search, struct holder_table *table)
{
	struct broker_request request = {
		.wish = BROKER_HOLDERS,
		.flags = (is_search ? BROKER_SEARCH : 0) | (question->is_all ? BROKER_ALL : 0),
		.number = (uint32_t)question->count,
	};
	struct finding finding = { question, table };
	int inodes = -1, error = 0;

	if (question->count > HOLDERS_MAX)
		return -E2BIG;
	if (!question->is_all) {
		inodes = write_memory("inodes", question->inodes,
				      question->count * sizeof(*question->inodes));
		error = inodes < 0 ? inodes : 0;
	}
	if (!error)
		error = wish(broker, &request, inodes);
	if (inodes >= 0)
		close(inodes);
	if (!error)
		error = each_row(broker, HOLDERS_MAX, take_holder, &finding);
	if (error)
		return error;
	if (table->unreadable < broker->answer.unreadable)
		table->unreadable = broker->answer.unreadable;
	table->dropped += broker->answer.dropped;
	merge_payers(&broker->answer, table);
	if (is_search) {
		table->in_flight = broker->answer.in_flight;
		table->in_flight_to = broker->answer.in_flight_to;
	}
	return 0;
}

struct naming {
	bool (*visit)(void *context, const char comm[EVENT_COMM_SIZE]);
	void *context;
	bool is_over;
};

static bool take_name(void *context, const struct holder *row)
{
	struct naming *n = context;

	if (*row->comm && !n->is_over)
		n->is_over = !n->visit(n->context, row->comm);
	return true;
}

void broker_threads(struct broker *broker, uint32_t pid,
		    bool (*visit)(void *context, const char comm[EVENT_COMM_SIZE]), void *context)
{
	const struct broker_request request = { .wish = BROKER_THREADS, .number = pid };
	struct naming naming = { .visit = visit, .context = context };

	if (!wish(broker, &request, -1))
		each_row(broker, THREADS_MAX, take_name, &naming);
}

int broker_mappings(struct broker *broker, uint32_t pid, uint64_t mono_ns, uint64_t image)
{
	const struct broker_request request = {
		.wish = BROKER_MAPPINGS, .number = pid, .from = mono_ns, .to = image
	};

	return ask_for(broker, &request, -1);
}

int broker_code(struct broker *broker, uint32_t pid, uint64_t start, uint64_t end)
{
	const struct broker_request request = {
		.wish = BROKER_CODE, .number = pid, .from = start, .to = end
	};

	return ask_for(broker, &request, -1);
}

int broker_debug(struct broker *broker, const char *build_id)
{
	struct broker_request request = { .wish = BROKER_DEBUG };

	snprintf(request.build_id, sizeof(request.build_id), "%s", build_id);
	return ask_for(broker, &request, -1);
}

int broker_code_names(struct broker *broker, uint32_t pid)
{
	const struct broker_request request = { .wish = BROKER_NAMES, .number = pid };

	return ask_for(broker, &request, -1);
}

int broker_cmdline(struct broker *broker, uint32_t pid)
{
	const struct broker_request request = { .wish = BROKER_CMDLINE, .number = pid };

	return ask_for(broker, &request, -1);
}
