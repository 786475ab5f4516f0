// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzes what the kernel's bytes go through: the decoder, then a small connection table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/input.h"
#include "user/conn/table.h"
#include "user/event/bundle.h"

#define IDS 1024 /* more connections than an input may begin, one with each record */

/* What a listener may rely on, by the number of the connection. */
struct witness {
	uint8_t state[IDS]; /* the last one told of */
	bool closed[IDS], gone[IDS];
	uint64_t closed_count, gone_count, half_open_count;
};

static struct witness witness;

/* An assert that no flag turns off. */
#define demand(holds) ((holds) ? (void)0 : fail(__LINE__, #holds))

static void fail(int line, const char *demand)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, line, demand);
	abort();
}

static bool is_duration(uint64_t ns)
{
	return ns == TIME_UNKNOWN || ns <= INT64_MAX;
}

static void demand_sound(const struct conn *c)
{
	unsigned int i;

	demand(c->id > 0 && c->id < IDS && !witness.gone[c->id]);
	demand(c->step_count >= 1 && c->step_count <= CONN_STEPS);
	for (i = 0; i < c->step_count; i++) {
		uint64_t dwell_ns = conn_dwell(c, i);

		demand(state_is_valid(c->step_state[i]));
		demand(is_duration(dwell_ns));
	}
	demand(is_duration(c->handshake_ns));
}

static void on_transition(struct consumer *self, const struct conn *c, const struct transition *t)
{
	(void)self;
	demand_sound(c);
	demand(state_is_valid(t->from) && state_is_valid(t->to));
	/* A life that is longer than any legal one is told with a hole in front of its end. */
	if (c->step_count < CONN_STEPS) {
		demand(t->from != t->to);
		demand(!witness.state[c->id] || witness.state[c->id] == t->from);
	}
	demand(is_duration(t->dwell_ns));
	witness.state[c->id] = t->to;
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	(void)self;
	demand_sound(c);
	demand(!witness.closed[c->id]);
	witness.closed[c->id] = true;
	witness.closed_count++;
}

static void on_gone(struct consumer *self, const struct conn *c)
{
	(void)self;
	demand_sound(c);
	demand(witness.closed[c->id]);
	witness.gone[c->id] = true;
	witness.gone_count++;
}

static void on_accepted(struct consumer *self, const struct conn *c)
{
	(void)self;
	demand_sound(c);
	demand(c->role != CONN_ROLE_CLIENT);
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	(void)self;
	demand(h->end < HALF_OPEN_END_COUNT && is_duration(h->age_ns));
	witness.half_open_count++;
}

static void on_visit(void *context, const struct conn *c)
{
	uint64_t *visited = context;

	demand_sound(c);
	++*visited;
}

static void fill_filter(struct conn_filter *f, uint8_t settings)
{
	if (settings & INPUT_FILTER) {
		f->family = 4;
		f->has_rports = true;
		conn_filter_add_port(f->rports, INPUT_WANTED_RPORT);
		f->pids[f->pid_count++] = INPUT_WANTED_PID;
		memcpy(f->comms[f->comm_count++], INPUT_WANTED_COMM, sizeof(INPUT_WANTED_COMM));
		demand(!prefix_parse(INPUT_WANTED_PREFIX, &f->prefixes[f->prefix_count++]));
	}
	if (settings & INPUT_NETNS)
		demand(!netns_list_add(&f->netns, INPUT_WANTED_NETNS));
}

static void demand_decoded(const struct event *e)
{
	demand(e->kind > EVENT_NONE && e->kind < EVENT_KIND_COUNT);
	demand(state_is_valid(e->from) && state_is_valid(e->to));
	demand(e->kind > EVENT_CLOSE || e->from != e->to);
	demand(!e->substate || state_is_valid(e->substate));
	demand(!e->comm[EVENT_COMM_SIZE]);
}

static void demand_balance(const struct conn_counts *n, size_t max)
{
	uint64_t half_open = 0;
	unsigned int end;

	demand(n->opened + n->seeded + n->restored == n->live + n->closed + n->evicted);
	demand(n->live <= max);
	demand(n->closed + n->unsent == witness.closed_count);
	demand(n->closed + n->unsent >= witness.gone_count + n->time_waits_evicted);
	for (end = 0; end < HALF_OPEN_END_COUNT; end++)
		half_open += n->half_open[end];
	demand(half_open == witness.half_open_count);
}

/* Those in TIME_WAIT are closed, and still there. */
static void demand_visits(struct conn_table *table)
{
	const struct conn_counts *n = conn_table_counts(table);
	uint64_t visited = 0;

	conn_table_each(table, on_visit, &visited);
	demand(visited ==
	       n->live + n->closed + n->unsent - witness.gone_count - n->time_waits_evicted);
}

static void apply_one(struct conn_table *table, size_t max, struct event *event)
{
	demand_decoded(event);
	event->sock = 1 + event->sock % INPUT_SOCKETS;
	if (event->timewait)
		event->timewait = 1 + event->timewait % INPUT_SOCKETS;
	demand(!conn_table_apply(table, event));
	conn_table_settle(table, event->mono_ns);
	demand_balance(conn_table_counts(table), max);
}

static void apply_bundle(struct conn_table *table, size_t max, struct event_bundle *bundle,
			 unsigned int count)
{
	const struct event *next;

	while ((next = event_bundle_next(bundle))) {
		struct event event = *next;

		demand(count-- > 0);
		demand(event.mono_ns <= INT64_MAX && event.kind <= EVENT_ACCEPT);
		apply_one(table, max, &event);
	}
	demand(!count);
}

static void apply_all(struct conn_table *table, size_t max, const uint8_t *bytes, size_t size)
{
	size_t at = 0;

	while (size - at >= INPUT_SIZE_BYTES) {
		size_t left = size - at - INPUT_SIZE_BYTES;
		size_t record = bytes[at] | (size_t)bytes[at + 1] << 8;
		struct event_bundle bundle;
		struct event event;

		at += INPUT_SIZE_BYTES;
		record = record < left ? record : left;
		if (!event_decode(bytes + at, record, &event))
			apply_one(table, max, &event);
		else if (!event_bundle_open(bytes + at, record, &bundle))
			apply_bundle(table, max, &bundle, event_count(bytes + at, record));
		at += record;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const struct consumer_class class = { .transition = on_transition,
						     .closed = on_closed,
						     .gone = on_gone,
						     .accepted = on_accepted,
						     .half_open = on_half_open };
	struct consumer consumer = { .class = &class };
	struct consumer *told[] = { &consumer };
	static struct conn_filter filter;
	struct conn_table *table;
	size_t max;

	if (!size || size > (IDS - 1) * (INPUT_SIZE_BYTES + sizeof(struct event_head)))
		return 0;
	memset(&filter, 0, sizeof(filter));
	memset(&witness, 0, sizeof(witness));
	fill_filter(&filter, bytes[0]);
	max = bytes[0] & INPUT_SMALL ? INPUT_CONNECTIONS_SMALL : INPUT_CONNECTIONS;
	table = conn_table_new(max, &filter, &(struct consumer_list){ told, 1 });
	if (!table)
		return 0;
	if (bytes[0] & INPUT_LOSSY)
		conn_table_note_loss(table);
	if (bytes[0] & INPUT_TIMEWAITS)
		conn_table_expect_timewaits(table);
	if (bytes[0] & INPUT_RESETS)
		conn_table_expect_resets(table);
	if (bytes[0] & INPUT_CONNECTS)
		conn_table_expect_connects(table);
	apply_all(table, max, bytes + 1, size - 1);
	demand_visits(table);
	conn_table_settle(table, INT64_MAX);
	demand_balance(conn_table_counts(table), max);
	demand_visits(table);
	conn_table_free(table);
	return 0;
}
