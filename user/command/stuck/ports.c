// SPDX-License-Identifier: GPL-2.0-only
/* How full the ranges of ports are, at one look. */
#include "user/command/stuck/ports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/ports.h"
#include "user/base/clock.h"
#include "user/command/stuck/look.h"
#include "user/conn/filter.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/keep.h"
#include "user/run/ports_look.h"
#include "user/sockets/port_ranges.h"
#include "user/sockets/sockets.h"

#define STATUS_STUCK 1
#define STATUS_FAILED 2

/* What a look at ports finds. */
struct scene {
	struct stuck_tell *tell;
	struct ports *ports;
	struct stuck_eye eye;
	struct sockets_result result;
	struct holder_table holders;
	struct listening_totals totals;
};

static void find_users(struct scene *s)
{
	struct holder_question question = { .count = 0 };

	question.inodes = ports_inodes(s->ports, &question.count);
	holders_read(s->eye.holders, &question, &s->holders);
	for (size_t i = 0; i < s->holders.count; i++)
		ports_held(s->ports, &s->holders.all[i]);
}

/* Returns 0, or -errno after one sentence. */
static int look(struct scene *s, struct broker *broker)
{
	const struct netns_list *netns = &s->tell->options->filter.netns;
	const struct sockets_query query = {
		.netns = netns, .search_files = true, .visit = ports_look_see, .context = s->ports
	};
	char reason[PLAN_REASON_SIZE] = "";
	int error = stuck_eye_open(&s->eye, s->tell->options, broker, reason);

	keep_look(s->tell->options);
	if (!error) {
		error = sockets_each(s->eye.sockets, &query, &s->result);
		if (error)
			snprintf(reason, sizeof(reason), "%s", sockets_why(error));
	}
	if (!error) {
		s->totals.uncounted_namespaces =
			port_ranges_each(netns, broker, ports_look_set_range, s->ports);
		error = ports_count(s->ports);
	}
	if (error) {
		stuck_look_complain(&s->eye, error, reason);
		return error;
	}
	find_users(s);
	return 0;
}

/* As a connection of its users; one of which no user is known matches no filter by user. */
static bool is_wanted(const struct conn_filter *f, const struct ports_destination *d)
{
	struct conn c = {
		.netns = d->netns,
		.laddr = d->laddr,
		.raddr = d->raddr,
		.rport = d->rport,
		.ifindex = d->ifindex,
		.ifname = d->ifname,
		.flags = CONN_HAS_ENDPOINTS,
	};
	size_t users = 0;

	if (!f->pid_count && !f->comm_count)
		return conn_filter_judge(f, &c, false) != FILTER_UNWANTED;
	for (; users < PORTS_USERS && d->users[users].count; users++) {
		c.flags |= CONN_HAS_OWNER;
		c.pid = d->users[users].pid;
		memcpy(c.comm, d->users[users].comm, sizeof(c.comm));
		c.process = PROCESS_IS_COMM;
		if (conn_filter_judge(f, &c, true) == FILTER_WANTED)
			return true;
	}
	return false;
}

static void tell_all(struct scene *s)
{
	struct stuck_tell *tell = s->tell;
	size_t count, kept = 0;
	const struct ports_destination *all = ports_all(s->ports, &count);
	const struct ports_destination **wanted = calloc(count + 1, sizeof(*wanted));

	if (!wanted) {
		s->totals.left_out++;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (!is_wanted(&tell->options->filter, &all[i]))
			continue;
		wanted[kept++] = &all[i];
		s->totals.in_trouble += ports_ratio(&all[i]) >= 1;
	}
	tell->sink->ports(&tell->settings, &tell->out.lines, wanted, kept);
	free(wanted);
	s->totals.listeners = kept;
}

static int tell(struct scene *s)
{
	struct stuck_tell *tell = s->tell;
	struct summary sum = { .scope = SUMMARY_OF_A_LOOK,
			       .ports = &s->totals,
			       .language = tell->settings.language };
	struct listening_totals *t = &s->totals;

	stuck_tell_learn(tell);
	t->unreadable_namespaces = s->result.unreadable;
	t->crowded_namespaces = s->result.crowded;
	t->unreadable_processes = s->holders.unreadable;
	/* Where namespaces are named, none is looked for. */
	t->hidden_processes = tell->options->filter.netns.count ? 0 : s->result.hidden;
	t->left_out = s->result.malformed + s->holders.dropped + ports_left_out(s->ports);
	tell_all(s);
	account_add_hook(&sum, HOOK_SEED,
			 s->result.way == SOCKETS_DIAG ? "diag" : hook_kind_name(HOOK_KIND_ITER));
	account_add_hook(&sum, HOOK_HOLDER, s->holders.rung);
	sum.payers[SUMMARY_HOLDERS] = &s->holders.quota.payers;
	sum.duration_ns = clock_now() - tell->settings.start_mono_ns;
	if (tell->sink->summary)
		tell->sink->summary(&tell->settings, &tell->out.lines, &sum);
	output_flush(&tell->out);
	if (tell->options->format != FORMAT_JSON)
		account_say(&sum);
	return t->in_trouble					  ? STATUS_STUCK :
	       listening_is_partial(t) || t->uncounted_namespaces ? STATUS_FAILED :
								    0;
}

int stuck_ports(struct stuck_tell *t, struct broker *broker)
{
	struct scene s = { .tell = t, .ports = ports_new() };
	int status = STATUS_FAILED;

	if (!s.ports)
		RUN_COMPLAIN(NO_MEMORY);
	else if (!look(&s, broker))
		status = tell(&s);
	holders_done(&s.holders);
	stuck_eye_close(&s.eye);
	ports_free(s.ports);
	return status;
}
