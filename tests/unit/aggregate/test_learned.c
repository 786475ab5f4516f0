// SPDX-License-Identifier: GPL-2.0-only
/* Who learns what lives are like comes to the same as who is told of each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/aggregate/alike.h"
#include "user/aggregate/histogram_set.h"
#include "user/aggregate/listening.h"
#include "user/aggregate/sifted.h"
#include "user/aggregate/watched.h"
#include "user/base/units.h"
#include "user/conn/table.h"

#define LIVES 6000
#define BEGIN_NS NS_PER_S
#define STATES(from, to) EVENT_STATES(STATE_##from, STATE_##to)

/* A table and who is told by it: of each, where somebody stands beside them who does not learn. */
struct side {
	struct consumer beside;
	bool is_learning;
	size_t like, ends; /* told of so, and TIME_WAITs that were over at once */
	uint64_t sent;	   /* by all who have closed */
	struct pulse *pulse;
	struct roster *roster;
	struct alike *alike;
	struct listening *listening;
	struct sifted *sifted;
	struct watched *watched;
	struct histogram_set *histograms;
	struct consumer *consumers[6];
	struct conn_table *table;
};

static bool on_learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)self;
	(void)shape;
	(void)c;
	return true;
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	((struct side *)self)->sent += c->bytes_sent;
}

static void on_like(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)shape;
	on_closed(self, c);
	((struct side *)self)->like++;
}

static const struct consumer_class learns = { .closed = on_closed,
					      .learn = on_learn,
					      .like = on_like };
static const struct consumer_class does_not = { .closed = on_closed, .like = on_like };

/* Histograms that are kept; 0: all. */
static const unsigned int kept[] = {
	0,
	1U << HISTOGRAM_HANDSHAKE_CLIENT | 1U << HISTOGRAM_HANDSHAKE_SERVER |
		1U << HISTOGRAM_TIME_WAIT,
	1U << HISTOGRAM_HANDSHAKE_CLIENT | 1U << HISTOGRAM_HANDSHAKE_SERVER |
		1U << HISTOGRAM_ACCEPT_QUEUE | 1U << HISTOGRAM_SYN_RECV,
};

static void set_up(struct side *s, enum roster_key key, const struct conn_filter *filter,
		   bool is_learning)
{
	static const struct conn_filter all;

	*s = (struct side){ .is_learning = is_learning,
			    .beside = { is_learning ? &learns : &does_not, CONSUMER_COUNTS },
			    .pulse = pulse_new(),
			    .roster = roster_new(key),
			    .listening = listening_new(),
			    .sifted = sifted_new(),
			    .watched = watched_new(0) };
	s->alike = alike_new(s->pulse, s->roster, 1U << key);
	s->histograms = histogram_set_new(0, 1);
	histogram_set_choose(s->histograms, kept[key % (sizeof(kept) / sizeof(*kept))]);
	s->consumers[0] = &s->beside;
	s->consumers[1] = alike_consumer(s->alike);
	s->consumers[2] = listening_consumer(s->listening);
	s->consumers[3] = sifted_consumer(s->sifted);
	s->consumers[4] = watched_consumer(s->watched);
	s->consumers[5] = histogram_set_consumer(s->histograms);
	s->table = conn_table_new(LIVES, &all, &(struct consumer_list){ s->consumers, 6 });
	assert_non_null(s->table);
	conn_table_expect_timewaits(s->table);
	conn_table_expect_accepts(s->table);
	if (!filter)
		return;
	alike_sift(s->alike, filter, 0);
	assert_int_equal(sifted_begin(s->sifted, filter, 0, BEGIN_NS), 0);
}

static void tear_down(struct side *s)
{
	conn_table_free(s->table);
	alike_free(s->alike);
	pulse_free(s->pulse);
	roster_free(s->roster);
	listening_free(s->listening);
	sifted_free(s->sifted);
	histogram_set_free(s->histograms);
	watched_free(s->watched);
}

static uint64_t chance(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed >> 20;
}

static const uint8_t ways[][4] = {
	{ STATES(CLOSED, SYN_SENT), STATES(SYN_SENT, ESTABLISHED), STATES(ESTABLISHED, FIN_WAIT1),
	  STATES(FIN_WAIT1, FIN_WAIT2) },
	{ STATES(CLOSED, SYN_SENT), STATES(SYN_SENT, ESTABLISHED), STATES(ESTABLISHED, CLOSE_WAIT),
	  STATES(CLOSE_WAIT, LAST_ACK) },
	{ STATES(LISTEN, SYN_RECV), STATES(SYN_RECV, ESTABLISHED), STATES(ESTABLISHED, CLOSE_WAIT),
	  STATES(CLOSE_WAIT, LAST_ACK) },
	{ STATES(LISTEN, SYN_RECV), STATES(SYN_RECV, ESTABLISHED), STATES(ESTABLISHED, FIN_WAIT1),
	  STATES(FIN_WAIT1, FIN_WAIT2) },
};

/* Most often that of the one before. */
static void choose_owner(struct event_life *life, uint64_t *seed)
{
	static struct event_steps last;
	struct event_steps *s = &life->steps;

	if (last.pid && chance(seed) % 4) {
		*s = last;
		return;
	}
	s->pid = 100 + (uint32_t)(chance(seed) % 5);
	s->uid = OWNER_UID;
	s->cgroup = chance(seed) % 4;
	snprintf((char *)s->comm, sizeof(s->comm), "thread%d", (int)(chance(seed) % 3));
	snprintf((char *)s->process, sizeof(s->process), "process%d", (int)(chance(seed) % 4));
	if (chance(seed) % 2)
		memcpy(s->process, s->comm, sizeof(s->process));
	last = (struct event_steps){ .pid = s->pid, .uid = s->uid, .cgroup = s->cgroup };
	memcpy(last.comm, s->comm, sizeof(last.comm));
	memcpy(last.process, s->process, sizeof(last.process));
}

static void choose_life(struct event_life *life, unsigned int n, uint64_t *seed, uint64_t *now_ns)
{
	const unsigned int way = (unsigned int)(chance(seed) % 4);
	struct event_steps *s = &life->steps;
	struct event_close *close = &life->close;

	memset(life, 0, sizeof(*life));
	choose_owner(life, seed);
	s->count = 4;
	for (unsigned int i = 0; i < s->count; i++) {
		s->step[i].mono_ns = *now_ns += chance(seed) % 3000000;
		s->step[i].states = ways[way][i];
		s->step[i].flags = i || way < 2 ? EVENT_FLAG_ENDPOINTS : 0;
	}
	s->step[1].srtt_us = 1 + (uint32_t)(chance(seed) % 400);
	close->head =
		(struct event_head){ .kind = EVENT_LIFE,
				     .sock = 0xffff888000000000 + n % 16 * 0xa00,
				     .netns = TEST_NETNS + (uint32_t)(chance(seed) % 2),
				     .flags = EVENT_FLAG_ENDPOINTS | EVENT_FLAG_FIN_RECEIVED };
	close->head.states = (uint8_t)EVENT_STATES(EVENT_TO(ways[way][3]), STATE_CLOSED);
	close->head.mono_ns = *now_ns += 1 + chance(seed) % 3000000;
	close->body.shutdown = 3;
	close->bytes_sent = chance(seed) % 4096;
	if (way >= 2 && chance(seed) % 4)
		s->accept_ns = s->step[0].mono_ns + chance(seed) % 3000000;
	if (s->accept_ns >= close->head.mono_ns)
		s->accept_ns = s->step[1].mono_ns;
	if (way % 3 == 0) {
		close->timewait = 0xffff8880a0000000 + n % 32 * 256;
		close->substate = STATE_TIME_WAIT;
	}
	s->lport = close->body.lport = (uint16_t)(8000 + chance(seed) % 3);
	s->rport = close->body.rport = (uint16_t)(80 + chance(seed) % 3);
	s->raddr[0] = s->laddr[0] = 10;
	s->raddr[3] = (uint8_t)(chance(seed) % 5);
	s->laddr[3] = (uint8_t)(chance(seed) % 2);
	memcpy(close->laddr, s->laddr, sizeof(close->laddr));
	memcpy(close->raddr, s->raddr, sizeof(close->raddr));
}

/* What a cgroup stands for is another one from time to time. */
static uint64_t time_of_cgroups;

static uint64_t meet_cgroup(void *context, uint64_t cgroup, uint32_t pid)
{
	(void)context;
	(void)pid;
	return cgroup ? cgroup + 16 * time_of_cgroups : 0;
}

/* Where nobody learns, none is taken for another one's like. */
static void apply(struct side *s, const struct event_life *life)
{
	struct event_life met = *life;
	struct event_bundle bundle;

	if (s->is_learning &&
	    conn_table_apply_like(s->table, life, sizeof(*life), meet_cgroup, NULL))
		return;
	met.steps.cgroup = meet_cgroup(NULL, life->steps.cgroup, life->steps.pid);
	assert_int_equal(event_bundle_open(&met, sizeof(met), &bundle), 0);
	assert_int_equal(conn_table_apply_bundle(s->table, &bundle), 0);
}

static void end_timewait(struct side *s, uint64_t sock, uint64_t now_ns)
{
	const struct event_timewait end = {
		.head = { .mono_ns = now_ns,
			  .sock = sock,
			  .netns = TEST_NETNS,
			  .kind = EVENT_TIMEWAIT,
			  .states = (uint8_t)EVENT_STATES(STATE_TIME_WAIT, STATE_CLOSED) },
		.act = EVENT_TIMEWAIT_EXPIRED,
	};
	struct event event;

	if (conn_table_apply_end(s->table, &end, sizeof(end))) {
		s->ends++;
		return;
	}
	assert_int_equal(event_decode(&end, sizeof(end), &event), 0);
	assert_int_equal(conn_table_apply(s->table, &event), 0);
}

static void assert_same_pulse(struct side *one, struct side *other, uint64_t now_ns)
{
	struct pulse_latency a, b;

	for (int from = 0; from < STATE_COUNT; from++)
		for (int to = 0; to < STATE_COUNT; to++)
			assert_int_equal(pulse_transitions(one->pulse, from, to),
					 pulse_transitions(other->pulse, from, to));
	assert_true(pulse_transitions(one->pulse, STATE_TIME_WAIT, STATE_CLOSED) > 100);
	for (enum conn_role role = CONN_ROLE_CLIENT; role <= CONN_ROLE_SERVER; role++) {
		pulse_handshakes(one->pulse, role, now_ns, &a);
		pulse_handshakes(other->pulse, role, now_ns, &b);
		assert_true(a.count > 100);
		assert_memory_equal(&a, &b, sizeof(a));
	}
}

static void assert_same_groups(struct side *one, struct side *other)
{
	const struct roster_query query = { .group_order = ROSTER_GROUPS_BY_CLOSED };
	struct roster_found a, b;
	uint64_t closed = 0;

	assert_int_equal(roster_look(one->roster, one->table, &query, &a), 0);
	assert_int_equal(roster_look(other->roster, other->table, &query, &b), 0);
	assert_true(a.group_count > 1);
	assert_int_equal(a.group_count, b.group_count);
	assert_int_equal(a.live, b.live);
	for (size_t i = 0; i < a.group_count; i++) {
		const struct roster_group *x = &a.groups[i], *y = &b.groups[i];

		assert_int_equal(x->example.id, y->example.id);
		assert_int_equal(x->closed, y->closed);
		assert_int_equal(x->failed, y->failed);
		assert_int_equal(x->handshakes, y->handshakes);
		assert_int_equal(x->handshake_ns, y->handshake_ns);
		assert_memory_equal(x->in, y->in, sizeof(x->in));
		closed += x->closed;
	}
	assert_true(closed > LIVES / 8);
}

static void assert_same_places(struct side *one, struct side *other)
{
	assert_true(listening_places(one->listening) > 5);
	assert_int_equal(listening_places(one->listening), listening_places(other->listening));
	for (uint32_t n = 1; n <= listening_places(one->listening); n++) {
		const struct listening_place *x = listening_place(one->listening, n);
		const struct listening_place *y = listening_place(other->listening, n);

		assert_int_equal(x->lport, y->lport);
		assert_int_equal(x->netns, y->netns);
		assert_memory_equal(&x->laddr, &y->laddr, sizeof(x->laddr));
		assert_true(x->accepted > 10);
		assert_int_equal(x->accepted, y->accepted);
		assert_true(x->accepted > x->wait.count + 10); /* of whose accepts nobody told */
		assert_int_equal(x->never_accepted, y->never_accepted);
		assert_int_equal(x->unassigned, y->unassigned);
		assert_int_equal(x->wait.count, y->wait.count);
		assert_int_equal(x->wait.sum_low, y->wait.sum_low);
	}
}

struct rows {
	char text[16384];
	size_t used;
};

static void add_row(void *context, const struct histogram_row *row)
{
	struct rows *rows = context;

	rows->used += (size_t)snprintf(rows->text + rows->used, sizeof(rows->text) - rows->used,
				       "%s: %llu %llu %llu\n", row->name,
				       (unsigned long long)row->histogram->count,
				       (unsigned long long)row->unknown,
				       (unsigned long long)row->histogram->sum_low);
	assert_true(rows->used < sizeof(rows->text));
}

static void assert_same_rows(const struct histogram_set *one, const struct histogram_set *other)
{
	static struct rows rows, others;

	rows.used = others.used = 0;
	assert_int_equal(histogram_set_each(one, add_row, &rows), 0);
	assert_int_equal(histogram_set_each(other, add_row, &others), 0);
	assert_string_equal(rows.text, others.text);
	assert_true(rows.used > 0);
}

static void assert_same_sifted(struct side *one, struct side *other)
{
	struct sifted_found a, b;

	sifted_look(one->sifted, &a);
	sifted_look(other->sifted, &b);
	assert_true(a.matching > 100 && a.matching < a.all);
	assert_int_equal(a.all, b.all);
	assert_int_equal(a.matching, b.matching);
	assert_same_rows(a.set, b.set);
}

static void compare(enum roster_key key, const struct conn_filter *filter)
{
	struct side one, other;
	uint64_t seed = 88172645463325252 + key, now_ns = BEGIN_NS;

	set_up(&one, key, filter, true);
	set_up(&other, key, filter, false);
	for (unsigned int n = 0; n < LIVES; n++) {
		struct event_life life;

		choose_life(&life, n, &seed, &now_ns);
		apply(&one, &life);
		apply(&other, &life);
		if (n % 3) {
			uint64_t sock = 0xffff8880a0000000 + chance(&seed) % 32 * 256;

			end_timewait(&one, sock, now_ns);
			end_timewait(&other, sock, now_ns);
		}
		if (n % 1009 == 0) {
			alike_settle(one.alike);
			alike_settle(other.alike);
			conn_table_settle(one.table, 0);
			conn_table_settle(other.table, 0);
			time_of_cgroups++;
		}
	}
	alike_settle(one.alike);
	alike_settle(other.alike);
	assert_true(one.like > LIVES / 2);
	assert_int_equal(other.like, 0);
	assert_true(one.ends > LIVES / 20);
	assert_int_equal(other.ends, 0);
	assert_int_equal(one.sent, other.sent);
	assert_same_pulse(&one, &other, now_ns);
	assert_same_groups(&one, &other);
	assert_same_places(&one, &other);
	assert_same_rows(one.histograms, other.histograms);
	if (filter)
		assert_same_sifted(&one, &other);
	tear_down(&one);
	tear_down(&other);
}

static void by_each_key(void **state)
{
	(void)state;
	for (unsigned int key = 0; key < ROSTER_KEY_COUNT; key++)
		compare((enum roster_key)key, NULL);
}

/* Whoever judges by ends, owner and end sees each one's own. */
static void what_a_filter_wants(void **state)
{
	static struct conn_filter filter;

	(void)state;
	filter.has_lports = true;
	conn_filter_add_port(filter.lports, 8001);
	compare(ROSTER_KEY_REMOTE, &filter);
	compare(ROSTER_KEY_PROCESS, &filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_each_key),
		cmocka_unit_test(what_a_filter_wants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
