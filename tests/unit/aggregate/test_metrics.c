// SPDX-License-Identifier: GPL-2.0-only
/* What is counted for monitoring systems adds up, whatever groups come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/any_life.h"
#include "tests/unit/feed.h"
#include "tests/unit/sample_conn.h"
#include "user/aggregate/metrics.h"
#include "user/base/units.h"
#include "user/conn/life.h"

#define GROUPS 100
#define NAMES 10000
#define LIVES 100000

static bool by_comm(const void *context, const struct conn *c, char name[METRICS_GROUP_SIZE])
{
	(void)context;
	if (!(c->flags & CONN_HAS_OWNER))
		return false;
	snprintf(name, METRICS_GROUP_SIZE, "%.*s", (int)sizeof(c->comm), c->comm);
	return true;
}

struct world {
	struct metrics *metrics;
	struct metrics_counter *counter;
	struct consumer *consumer;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->metrics = malloc(metrics_size(GROUPS));
	w->counter = metrics_counter_new(w->metrics, GROUPS, by_comm, NULL);
	w->consumer = metrics_counter_consumer(w->counter);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	metrics_counter_free(w->counter);
	free(w->metrics);
	free(w);
	return 0;
}

/* All that a table would tell of it. */
static void live(struct world *w, const struct conn *c)
{
	for (unsigned int i = 0; i < c->step_count; i++) {
		struct transition t;

		life_transition(c, i, &t);
		feed_transition(w->consumer, c, &t);
	}
	feed_closed(w->consumer, c);
	feed_gone(w->consumer, c);
	metrics_counter_settle(w->counter);
}

static void a_client_is_counted_once_everywhere(void **state)
{
	struct world *w = *state;
	const struct metrics_totals *m = &w->metrics->totals;
	struct conn c = sample_client();

	live(w, &c);
	assert_int_equal(m->opened[CONN_ROLE_CLIENT][METRICS_IPV4], 1);
	assert_int_equal(m->established[CONN_ROLE_CLIENT][METRICS_IPV4], 1);
	assert_int_equal(m->closed[CONN_ROLE_CLIENT][CONN_INITIATOR_LOCAL], 1);
	assert_int_equal(m->handshake[CONN_ROLE_CLIENT].count, 1);
	assert_int_equal(m->handshake[CONN_ROLE_CLIENT].sum_low, 80123456);
	assert_int_equal(m->transitions[STATE_SYN_SENT][STATE_ESTABLISHED], 1);
	assert_int_equal(m->state[STATE_FIN_WAIT1].count, 1);
	assert_int_equal(m->syns_again, 1);
	assert_int_equal(m->bytes_sent, 1234);
	assert_int_equal(m->rtt[CONN_ROLE_CLIENT].count, 1);
	assert_int_equal(m->life[CONN_ROLE_CLIENT].sum_low, 1090000000);
}

static void an_estimate_stands_apart(void **state)
{
	struct world *w = *state;
	struct conn c = sample_server();

	live(w, &c);
	assert_int_equal(w->metrics->totals.opened[CONN_ROLE_SERVER][METRICS_IPV6], 1);
	assert_int_equal(w->metrics->totals.handshake[CONN_ROLE_SERVER].count, 0);
	assert_int_equal(
		w->metrics->totals.unknown[METRICS_MEASURE_HANDSHAKE][METRICS_REASON_ESTIMATED], 1);
}

static void a_failure_has_its_cause(void **state)
{
	struct world *w = *state;
	struct conn c = sample_refused();

	live(w, &c);
	assert_int_equal(w->metrics->totals.failures[CONN_ROLE_CLIENT][CONN_CAUSE_REFUSED], 1);
	assert_int_equal(w->metrics->totals.opened[CONN_ROLE_CLIENT][METRICS_IPV4], 1);
	assert_int_equal(w->metrics->totals.established[CONN_ROLE_CLIENT][METRICS_IPV4], 0);
}

/* A connect that sent no SYN was never opened. */
static void what_was_not_sent_is_not_opened(void **state)
{
	struct world *w = *state;
	struct conn c = sample_refused();

	c.flags |= CONN_UNSENT;
	live(w, &c);
	assert_int_equal(w->metrics->totals.opened[CONN_ROLE_CLIENT][METRICS_IPV4], 0);
	assert_int_equal(w->metrics->totals.closed[CONN_ROLE_CLIENT][CONN_INITIATOR_REMOTE], 0);
}

/* Nor was one that TCP_REPAIR made, in its group as little as in all. */
static void what_was_restored_is_not_opened(void **state)
{
	struct world *w = *state;
	struct conn c = sample_client();

	c.handshake_flags |= CONN_HANDSHAKE_RESTORED;
	live(w, &c);
	assert_int_equal(w->metrics->totals.opened[CONN_ROLE_CLIENT][METRICS_IPV4], 0);
	assert_int_equal(w->metrics->group_end, 1);
	assert_int_equal(w->metrics->groups[0].opened, 0);
}

static void what_is_older_has_no_handshake(void **state)
{
	struct world *w = *state;
	struct conn c = sample_unknown();

	live(w, &c);
	assert_int_equal(w->metrics->totals.opened[CONN_ROLE_UNKNOWN][METRICS_UNKNOWN], 0);
	assert_int_equal(w->metrics->totals.unknown[METRICS_MEASURE_STATE][METRICS_REASON_SEEDED],
			 1);
	assert_int_equal(w->metrics->totals.handshake[CONN_ROLE_UNKNOWN].count, 0);
}

static uint64_t sum_groups(const struct metrics *m, size_t field)
{
	uint64_t sum = *(const uint64_t *)((const char *)&m->other + field);

	for (uint32_t i = 0; i < m->group_end; i++)
		sum += *(const uint64_t *)((const char *)&m->groups[i] + field);
	return sum;
}

/* Of each connection it is unknown, and never 0 without a word. */
static void what_no_hook_tells_is_unknown(void **state)
{
	static const struct {
		enum metrics_measure measure;
		uint64_t hooked, unhooked;
	} wanted[] = {
		{ METRICS_MEASURE_RETRANSMITS, 0, 2 },	{ METRICS_MEASURE_RESETS, 0, 2 },
		{ METRICS_MEASURE_ACCEPT_QUEUE, 0, 1 }, { METRICS_MEASURE_HANDSHAKE, 0, 0 },
		{ METRICS_MEASURE_BYTES, 1, 1 },	{ METRICS_MEASURE_SEGMENTS, 1, 1 },
	};
	struct world *w = *state;
	struct metrics_account *a = &w->metrics->account;
	struct conn client = sample_client(), server = sample_server();

	server.flags &= ~(unsigned int)CONN_HAS_COUNTERS;
	live(w, &client);
	live(w, &server);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		enum metrics_measure measure = wanted[i].measure;

		a->hook_count = 0;
		for (size_t f = 0; f < 3; f++) {
			static const char *const families[] = { "accept", "retransmit", "reset" };

			snprintf(a->hooks[f].family, METRICS_HOOK_NAME, "%s", families[f]);
			snprintf(a->hooks[f].rung, METRICS_HOOK_NAME, "%s", "kprobe");
		}
		assert_int_equal(metrics_unknown(w->metrics, measure, METRICS_REASON_NO_HOOK),
				 wanted[i].hooked);
		a->hook_count = 3;
		assert_int_equal(metrics_unknown(w->metrics, measure, METRICS_REASON_NO_HOOK),
				 wanted[i].hooked);
		for (size_t f = 0; f < 3; f++)
			*a->hooks[f].rung = '\0';
		assert_int_equal(metrics_unknown(w->metrics, measure, METRICS_REASON_NO_HOOK),
				 wanted[i].unhooked);
		assert_int_equal(metrics_unknown(w->metrics, measure, METRICS_REASON_SEEDED), 0);
		/* A recording that is older than the families. */
		for (size_t f = 0; f < 3; f++)
			snprintf(a->hooks[f].family, METRICS_HOOK_NAME, "%s", "state");
		assert_int_equal(metrics_unknown(w->metrics, measure, METRICS_REASON_NO_HOOK),
				 wanted[i].unhooked);
	}
}

static void segments_may_be_unknown_alone(void **state)
{
	struct world *w = *state;
	struct conn c = sample_client();

	c.segments_sent = c.segments_received = 0;
	live(w, &c);
	assert_int_equal(
		metrics_unknown(w->metrics, METRICS_MEASURE_SEGMENTS, METRICS_REASON_NO_HOOK), 1);
	assert_int_equal(metrics_unknown(w->metrics, METRICS_MEASURE_BYTES, METRICS_REASON_NO_HOOK),
			 0);
	c.segments_sent = 3;
	live(w, &c);
	assert_int_equal(
		metrics_unknown(w->metrics, METRICS_MEASURE_SEGMENTS, METRICS_REASON_NO_HOOK), 1);
}

/* One that was closed is not forgotten: how long it waited is. */
static void what_made_room_is_unknown(void **state)
{
	struct world *w = *state;

	w->metrics->account.connections.evicted = 3;
	w->metrics->account.connections.time_waits_evicted = 5;
	for (enum metrics_measure measure = 0; measure < METRICS_MEASURE_COUNT; measure++)
		assert_int_equal(metrics_unknown(w->metrics, measure, METRICS_REASON_EVICTED),
				 measure == METRICS_MEASURE_CONNECTION ? 3 :
				 measure == METRICS_MEASURE_TIME_WAIT  ? 5 :
									 0);
}

/* More names than places: first come, and the sums are exact all the same. */
static void a_flood_of_names_stays_in_its_bounds(void **state)
{
	struct world *w = *state;
	uint64_t handshakes;

	for (unsigned int i = 0; i < NAMES; i++) {
		struct conn c = i % 3 ? sample_client() : sample_refused();
		char name[16];

		snprintf(name, sizeof(name), "n%u", i);
		sample_comm(&c, name);
		c.id = i + 1;
		live(w, &c);
	}
	assert_int_equal(w->metrics->group_end, GROUPS);
	assert_int_equal(sum_groups(w->metrics, offsetof(struct metrics_group, opened)), NAMES);
	assert_int_equal(sum_groups(w->metrics, offsetof(struct metrics_group, failures)),
			 (NAMES + 2) / 3);
	assert_int_equal(sum_groups(w->metrics, offsetof(struct metrics_group, live)), 0);
	handshakes = sum_groups(w->metrics, offsetof(struct metrics_group, handshake.count));
	assert_int_equal(handshakes, w->metrics->totals.handshake[CONN_ROLE_CLIENT].count);
	assert_int_equal(w->metrics->overflowed, NAMES - GROUPS);
	assert_string_equal(w->metrics->groups[0].name, "n0");
}

/* It was counted among the others, and so it is when it ends, though there is a place now. */
static void a_connection_leaves_where_it_came_in(void **state)
{
	struct world *w = *state;
	struct conn early = sample_client(), late = sample_client();
	struct conn_table *table = conn_table_new(1, &(struct conn_filter){ .sample = 1 }, NULL);

	for (unsigned int i = 0; i < GROUPS; i++) {
		struct conn c = sample_client();
		char name[16];

		snprintf(name, sizeof(name), "n%u", i);
		sample_comm(&c, name);
		c.id = i + 1;
		live(w, &c);
	}
	sample_comm(&early, "late");
	early.id = GROUPS + 1;
	feed_accepted(w->consumer, &early);
	assert_int_equal(w->metrics->other.live, 1);
	metrics_counter_look(w->counter, table, 3 * 3600 * NS_PER_S);
	sample_comm(&late, "late");
	late.id = GROUPS + 2;
	feed_accepted(w->consumer, &late);
	assert_string_equal(w->metrics->groups[0].name, "late");
	assert_int_equal(w->metrics->groups[0].live, 1);
	feed_closed(w->consumer, &early);
	assert_int_equal(w->metrics->other.live, 0);
	assert_int_equal(w->metrics->groups[0].live, 1);
	conn_table_free(table);
}

/* What leaked before it was started is as old as it was, whenever that is. */
static void who_has_leaked_before_is_no_younger(void **state)
{
	const struct socket_info info = { .mono_ns = 9000 * NS_PER_S,
					  .sock = 0xffff888000000100,
					  .netns = 1,
					  .state = STATE_CLOSE_WAIT,
					  .flags = EVENT_FLAG_ENDPOINTS,
					  .lport = 8080,
					  .rport = 443,
					  .since_ns = EVENT_TIME_UNKNOWN,
					  .ack_age_ns = 3600 * NS_PER_S + SOCKET_TICK_NS };
	struct world *w = *state;
	struct consumer *told[] = { w->consumer };
	struct consumer_list list = { told, 1 };
	struct conn_table *table = conn_table_new(1, &(struct conn_filter){ .sample = 1 }, &list);
	const struct metrics_now *now = &w->metrics->now;

	assert_int_equal(conn_table_begin_snapshot(table, CONN_SNAPSHOT_SEED, info.mono_ns), 0);
	conn_table_see(table, &info);
	conn_table_end_snapshot(table, info.mono_ns);
	conn_table_settle(table, UINT64_MAX);
	metrics_counter_look(w->counter, table, info.mono_ns);
	assert_int_equal(now->live[STATE_CLOSE_WAIT], 1);
	assert_int_equal(now->stuck[STATE_CLOSE_WAIT], 1);
	assert_int_equal(now->close_waits[METRICS_AGE_COUNT - 1], 1);
	assert_int_equal(now->oldest_close_wait_ns, 5400 * NS_PER_S);
	conn_table_free(table);
}

static bool by_lport(const void *context, const struct conn *c, char name[METRICS_GROUP_SIZE])
{
	(void)context;
	snprintf(name, METRICS_GROUP_SIZE, "%u", c->lport);
	return c->lport;
}

/* Though nothing is ever heard of it but that it is there; and it leaves once, as others do. */
static void who_has_leaked_before_is_one_of_a_group(void **state)
{
	const struct socket_info info = { .mono_ns = 9000 * NS_PER_S,
					  .sock = 0xffff888000000100,
					  .netns = 1,
					  .state = STATE_CLOSE_WAIT,
					  .flags = EVENT_FLAG_ENDPOINTS,
					  .lport = 8080,
					  .rport = 443,
					  .since_ns = EVENT_TIME_UNKNOWN };
	const struct event close = { .mono_ns = 9001 * NS_PER_S,
				     .sock = info.sock,
				     .netns = 1,
				     .kind = EVENT_CLOSE,
				     .from = STATE_CLOSE_WAIT,
				     .to = STATE_CLOSED,
				     .flags = EVENT_FLAG_ENDPOINTS,
				     .lport = 8080,
				     .rport = 443 };
	struct metrics *metrics = malloc(metrics_size(GROUPS));
	struct metrics_counter *counter = metrics_counter_new(metrics, GROUPS, by_lport, NULL);
	struct consumer *told[] = { metrics_counter_consumer(counter) };
	struct consumer_list list = { told, 1 };
	struct conn_table *table = conn_table_new(1, &(struct conn_filter){ .sample = 1 }, &list);

	(void)state;
	assert_int_equal(conn_table_begin_snapshot(table, CONN_SNAPSHOT_SEED, info.mono_ns), 0);
	conn_table_see(table, &info);
	conn_table_end_snapshot(table, info.mono_ns);
	conn_table_settle(table, UINT64_MAX);
	for (int i = 0; i < 2; i++) {
		metrics_counter_look(counter, table, info.mono_ns);
		assert_string_equal(metrics->groups[0].name, "8080");
		assert_int_equal(metrics->groups[0].live, 1);
		assert_int_equal(metrics->groups[0].close_waits, 1);
		assert_int_equal(metrics->groups[0].opened, 0);
	}
	assert_int_equal(conn_table_apply(table, &close), 0);
	conn_table_settle(table, UINT64_MAX);
	metrics_counter_look(counter, table, 9002 * NS_PER_S);
	assert_int_equal(metrics->groups[0].live, 0);
	assert_int_equal(metrics->groups[0].close_waits, 0);
	conn_table_free(table);
	metrics_counter_free(counter);
	free(metrics);
}

/* A server's owner is known when it accepts, which may be after somebody has looked. */
static void a_handshake_is_its_groups_however_late(void **state)
{
	struct world *w = *state;
	struct conn c = sample_client();
	unsigned int owned = c.flags;

	c.flags &= ~CONN_HAS_OWNER;
	w->consumer->class->steps(w->consumer, &c, 0);
	metrics_counter_settle(w->counter);
	assert_int_equal(w->metrics->totals.handshake[CONN_ROLE_CLIENT].count, 1);
	assert_int_equal(w->metrics->group_end, 0);
	c.flags = owned | CONN_HAS_OWNER;
	feed_accepted(w->consumer, &c);
	assert_int_equal(w->metrics->groups[0].handshake.count, 1);
	feed_closed(w->consumer, &c);
	assert_int_equal(w->metrics->groups[0].handshake.count, 1);
	assert_int_equal(w->metrics->totals.handshake[CONN_ROLE_CLIENT].count, 1);
}

static void who_is_unknown_has_a_group(void **state)
{
	struct world *w = *state;
	struct conn c = sample_server();

	live(w, &c);
	assert_string_equal(w->metrics->groups[0].name, METRICS_GROUP_UNKNOWN);
	assert_int_equal(w->metrics->groups[0].opened, 1);
}

/* Two series with the same labels are none that anybody takes. */
static void who_is_called_as_the_others_are_is_one_of_them(void **state)
{
	struct world *w = *state;
	struct conn c = sample_client();

	sample_comm(&c, METRICS_GROUP_OTHER);
	live(w, &c);
	assert_int_equal(w->metrics->group_end, 0);
	assert_int_equal(w->metrics->other.opened, 1);
	assert_int_equal(w->metrics->overflowed, 0);
}

struct plain {
	struct metrics *metrics;
	struct metrics_counter *counter;
	struct consumer *consumer;
};

static struct plain plain_new(void)
{
	struct plain p = { .metrics = malloc(metrics_size(0)) };

	p.counter = metrics_counter_new(p.metrics, 0, NULL, NULL);
	p.consumer = metrics_counter_consumer(p.counter);
	return p;
}

static void plain_free(struct plain *p)
{
	metrics_counter_free(p->counter);
	free(p->metrics);
}

/* More kinds of lives than are kept apart: what is put off adds up to the same. */
static void lives_count_alike_at_once_and_step_by_step(void **state)
{
	struct plain once = plain_new(), slowly = plain_new();
	uint64_t row = 1;

	(void)state;
	for (unsigned int life = 0; life < LIVES; life++) {
		struct conn c = sample_any_life(&row);

		once.consumer->class->steps(once.consumer, &c, 0);
		for (unsigned int i = 0; i < c.step_count; i++) {
			struct transition t;

			life_transition(&c, i, &t);
			feed_transition(slowly.consumer, &c, &t);
		}
	}
	metrics_counter_settle(once.counter);
	metrics_counter_settle(slowly.counter);
	assert_true(once.metrics->totals.transitions[STATE_SYN_SENT][STATE_ESTABLISHED] > 0);
	assert_memory_equal(&once.metrics->totals, &slowly.metrics->totals,
			    sizeof(once.metrics->totals));
	plain_free(&once);
	plain_free(&slowly);
}

/* More ports than places: the first stay, the others are summed up, and nothing falls. */
static void ports_are_bounded_and_never_fall(void **state)
{
	struct metrics_listeners l = { .is_known = false };

	(void)state;
	for (uint64_t drops = 7; drops; drops -= 7) {
		metrics_listeners_begin(&l);
		for (uint16_t port = 1; port <= METRICS_PORTS_MAX + 3; port++)
			metrics_listeners_add(&l, port, 2, 5, drops);
		metrics_listeners_end(&l);
	}
	assert_true(l.is_known);
	assert_int_equal(l.count, METRICS_PORTS_MAX);
	assert_int_equal(l.ports[METRICS_PORTS_MAX - 1].lport, METRICS_PORTS_MAX);
	assert_int_equal(l.other.queue, 3 * 2);
	assert_int_equal(l.other.queue_max, 3 * 5);
	assert_int_equal(l.other.overflows, 3 * 7);
	metrics_listeners_begin(&l);
	metrics_listeners_add(&l, 1, 0, 5, 3);
	metrics_listeners_end(&l);
	assert_int_equal(l.ports[0].overflows, 7);
	assert_int_equal(l.ports[1].queue_max, 0);
	assert_int_equal(l.other.overflows, 3 * 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(a_client_is_counted_once_everywhere),
		TEST(an_estimate_stands_apart),
		TEST(a_failure_has_its_cause),
		TEST(what_was_not_sent_is_not_opened),
		TEST(what_was_restored_is_not_opened),
		TEST(what_is_older_has_no_handshake),
		TEST(what_no_hook_tells_is_unknown),
		TEST(segments_may_be_unknown_alone),
		TEST(what_made_room_is_unknown),
		TEST(a_flood_of_names_stays_in_its_bounds),
		TEST(a_connection_leaves_where_it_came_in),
		TEST(who_has_leaked_before_is_no_younger),
		TEST(who_has_leaked_before_is_one_of_a_group),
		TEST(a_handshake_is_its_groups_however_late),
		TEST(ports_are_bounded_and_never_fall),
		TEST(who_is_unknown_has_a_group),
		TEST(who_is_called_as_the_others_are_is_one_of_them),
		TEST(lives_count_alike_at_once_and_step_by_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
