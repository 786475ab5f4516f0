// SPDX-License-Identifier: GPL-2.0-only
/* Looks at all listening sockets, and at what waits in their queues. */
#include "user/command/listeners/look.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/capability.h>

#include "user/base/clock.h"
#include "user/command/complaints.h"
#include "user/kernel/reason.h"
#include "user/kernel/refusal.h"
#include "user/sockets/counters.h"

int listeners_eye_open(struct listeners_eye *eye, const struct options *options,
		       struct listening *listening, struct broker *broker,
		       char reason[PLAN_REASON_SIZE])
{
	int error;

	*eye = (struct listeners_eye){ .netns = &options->filter.netns,
				       .broker = broker,
				       .listening = listening,
				       .may_load = refusal_may_load(),
				       .may_enter = refusal_has_capability(CAP_SYS_ADMIN) };
	error = sockets_open(SOCKETS_AUTO, &eye->sockets, reason);
	if (error)
		return error;
	sockets_use(eye->sockets, broker);
	eye->holders = holders_open(true, broker);
	return eye->holders ? 0 : -ENOMEM;
}

void listeners_eye_close(struct listeners_eye *eye)
{
	sockets_free(eye->sockets);
	holders_close(eye->holders);
	holders_done(&eye->table);
}

static void on_socket(void *context, const struct socket_info *info, const void *bytes)
{
	(void)bytes;
	listening_see(context, info);
}

static void count(struct listeners_eye *eye)
{
	struct counters_readings now;

	counters_read(eye->netns, eye->broker, &now);
	for (size_t i = 0; i < now.count; i++) {
		const struct kernel_counters *c = &now.list[i].counters;
		const struct listening_counts counts = { c->value[KERNEL_ListenOverflows],
							 c->value[KERNEL_ListenDrops] };

		if (kernel_counters_know(c, KERNEL_ListenOverflows) &&
		    kernel_counters_know(c, KERNEL_ListenDrops))
			listening_count(eye->listening, now.list[i].netns, &counts);
	}
	eye->uncounted = now.unread;
	counters_done(&now);
}

int listeners_look(struct listeners_eye *eye, char reason[PLAN_REASON_SIZE])
{
	const struct sockets_query query = {
		.netns = eye->netns,
		.states = 1u << STATE_LISTEN | 1u << STATE_ESTABLISHED | 1u << STATE_CLOSE_WAIT,
		.only_unaccepted = true,
		.search_files = true,
		.is_lasting = true,
		.visit = on_socket,
		.context = eye->listening,
	};
	bool is_again = listening_last(eye->listening), is_whole;
	int error;

	/* What is counted first and last has counted all that a socket has in between. */
	if (!is_again)
		count(eye);
	listening_look(eye->listening, clock_now());
	error = sockets_each(eye->sockets, &query, &eye->result);
	/* Whoever listened there has gone with the namespace. */
	if ((error == -ENOENT || error == -ESRCH) && is_again)
		error = 0;
	if (error) {
		snprintf(reason, PLAN_REASON_SIZE, "%s", sockets_why(error));
		return error;
	}
	is_whole = !eye->result.unreadable && !eye->result.crowded;
	listening_looked(eye->listening, clock_now(), is_whole);
	count(eye);
	return 0;
}

/* ---- holders --------------------------------------------------------------------------------- */

static size_t inodes_of(struct listening *l, uint64_t *inodes)
{
	size_t count = 0;

	for (uint32_t n = 1; n <= listening_sockets(l); n++) {
		const struct listening_socket *s = listening_socket(l, n);

		if (s && s->inode)
			inodes[count++] = s->inode;
	}
	return holder_sort_inodes(inodes, count);
}

static uint32_t only_pid(const struct listening_socket *s)
{
	for (size_t i = 1; i < s->holder_count; i++)
		if (s->holders[i].pid != s->holders->pid)
			return 0;
	return s->holder_count ? s->holders->pid : 0;
}

static void set_holders(struct listening_socket *s, const struct holder_table *t)
{
	s->holders = NULL;
	s->holder_count = 0;
	s->holders_asked = true;
	if (s->inode)
		s->holders = holder_find(t->all, t->count, s->inode, &s->holder_count);
	if (!s->holders)
		s->holder_count = 0;
	s->holders_known = t->rung && !t->unreadable && !t->is_partial && !t->dropped;
	if (s->holder_count)
		s->pid = only_pid(s);
}

int listeners_find_holders(struct listeners_eye *eye)
{
	struct listening *l = eye->listening;
	uint64_t *inodes = calloc(listening_sockets(l) + 1, sizeof(*inodes));
	struct holder_question question = { .inodes = inodes };

	if (!inodes)
		return -ENOMEM;
	holders_done(&eye->table);
	memset(&eye->table, 0, sizeof(eye->table));
	question.count = inodes_of(l, inodes);
	holders_read(eye->holders, &question, &eye->table);
	question.count = holder_unheld(eye->table.all, eye->table.count, inodes, question.count);
	holders_search(eye->holders, &question, &eye->table);
	free(inodes);
	for (uint32_t n = 1; n <= listening_sockets(l); n++)
		if (listening_socket(l, n))
			set_holders(listening_socket(l, n), &eye->table);
	return 0;
}

bool listeners_has_new(const struct listeners_eye *eye)
{
	struct listening *l = eye->listening;

	for (uint32_t n = 1; n <= listening_sockets(l); n++) {
		const struct listening_socket *s = listening_socket(l, n);

		if (s && s->inode && !s->holders_asked)
			return true;
	}
	return false;
}

/* ---- what is missing ------------------------------------------------------------------------- */

void listeners_account(const struct listeners_eye *eye, struct listening_totals *totals)
{
	const struct sockets_result *r = &eye->result;

	totals->unreadable_namespaces = r->unreadable;
	totals->crowded_namespaces = r->crowded;
	/* Where namespaces are named, none is looked for. */
	totals->hidden_processes = eye->netns->count ? 0 : r->hidden;
	totals->unreadable_processes = eye->table.unreadable;
	totals->uncounted_namespaces = eye->uncounted;
	totals->left_out += r->malformed + eye->table.dropped;
}

const char *listeners_way(const struct listeners_eye *eye)
{
	return eye->result.way == SOCKETS_DIAG ? "diag" : hook_kind_name(HOOK_KIND_ITER);
}

void listeners_complain(const struct listeners_eye *eye, int error, const char *reason)
{
	char text[REASON_SIZE];

	if (error == -ENOMEM)
		COMMAND_COMPLAIN(NO_MEMORY_LISTENERS);
	else if (!eye->may_load)
		COMMAND_COMPLAIN(NO_RIGHT_TO_LOOK);
	else if (error == -EPERM && !eye->may_enter)
		COMMAND_COMPLAIN(NO_RIGHT_TO_ENTER);
	else
		COMMAND_COMPLAIN(SOCKETS_UNREADABLE, .w = reason_fill(text, reason, log_language));
}
