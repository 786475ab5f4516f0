// SPDX-License-Identifier: GPL-2.0-only
/* A life that is told of at once comes to the same as its events one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/aggregate/failure_set.h"
#include "user/aggregate/histogram_set.h"
#include "user/aggregate/kernel_tally.h"
#include "user/aggregate/metrics.h"
#include "user/aggregate/pulse.h"
#include "user/conn/table.h"
#include "user/conn/whole.h"

#define SOCKS 64
#define MINISOCKS 48
#define LIVES 500
#define TOLD_SIZE (16u << 20)

#define STATES(from, to) EVENT_STATES(STATE_##from, STATE_##to)

/* A table, and all that it tells as a text, which is compared and forgotten after each life. */
struct subject {
	struct consumer consumer;
	struct histogram_set *histograms;
	struct failure_set *failures;
	struct consumer *consumers[3];
	struct conn_table *table;
	char *told;
	size_t used;
};

static void tell(struct subject *s, const char *what, const struct conn *c)
{
	s->used += (size_t)snprintf(s->told + s->used, TOLD_SIZE - s->used, "%s ", what);
	/* All of it, but for its place in the table and for padding. */
	for (size_t i = 0; i < offsetof(struct conn, older); i++)
		s->used += (size_t)snprintf(s->told + s->used, TOLD_SIZE - s->used, "%02x",
					    ((const uint8_t *)c)[i]);
	assert_true(s->used < TOLD_SIZE);
}

static void on_steps(struct consumer *self, const struct conn *c, unsigned int first)
{
	tell((struct subject *)self, first ? "more" : "all", c);
}

static void on_accepted(struct consumer *self, const struct conn *c)
{
	struct subject *s = (struct subject *)self;

	s->used += (size_t)snprintf(s->told + s->used, TOLD_SIZE - s->used, "accepted %llu %llu ",
				    (unsigned long long)c->id,
				    (unsigned long long)conn_accept_wait(c));
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	tell((struct subject *)self, "closed", c);
}

/* How many left a timewait socket to another life. */
static size_t reused;

static void on_gone(struct consumer *self, const struct conn *c)
{
	reused += c->time_wait_end == CONN_TW_END_REUSED;
	tell((struct subject *)self, "gone", c);
}

static const struct consumer_class class = {
	.steps = on_steps,
	.accepted = on_accepted,
	.closed = on_closed,
	.gone = on_gone,
};

/* What the hooks of a run tell of, as bits. */
enum sight {
	TIMEWAITS = 1,
	POLLS = 2,
	REQUESTS = 4,
	RESETS = 8,
	CONNECTS = 16,
	ACCEPTS = 32,
	LISTENERS = 64,
};

/* Who listens at two of the ports that servers have, or no longer. */
static void choose_listener(struct event *e, uint64_t now_ns, uint64_t chance)
{
	event_clear(e);
	e->mono_ns = now_ns;
	e->kind = EVENT_LISTENER;
	e->sock = 0xffff8880c0000000 + chance % 2 * 0xa00;
	e->netns = TEST_NETNS;
	e->from = chance & 2 ? STATE_CLOSED : STATE_LISTEN;
	e->to = chance & 2 ? STATE_LISTEN : STATE_CLOSED;
	e->lport = (uint16_t)(1024 + chance % 2);
	e->pid = 7;
	e->uid = 1001;
	e->cgroup = 4;
	memcpy(e->comm, "listens", 8);
	memcpy(e->process, "listens", 8);
}

static void begin_to_listen(struct subject *s)
{
	struct event listener;

	for (uint64_t chance = 2; chance < 4; chance++) {
		choose_listener(&listener, 1, chance);
		assert_int_equal(conn_table_apply(s->table, &listener), 0);
	}
}

static void begin(struct subject *s, unsigned int sight, unsigned int keys,
		  const struct conn_filter *filter)
{
	*s = (struct subject){ .consumer.class = &class,
			       .histograms = histogram_set_new(keys, 10),
			       .failures = failure_set_new(10) };
	s->told = calloc(1, TOLD_SIZE);
	assert_non_null(s->told);
	assert_non_null(s->histograms);
	assert_non_null(s->failures);
	s->consumers[0] = &s->consumer;
	s->consumers[1] = histogram_set_consumer(s->histograms);
	s->consumers[2] = failure_set_consumer(s->failures);
	s->table = conn_table_new(2 * LIVES, filter, &(struct consumer_list){ s->consumers, 3 });
	assert_non_null(s->table);
	if (sight & TIMEWAITS)
		conn_table_expect_timewaits(s->table);
	if (sight & POLLS)
		conn_table_expect_polls(s->table);
	if (sight & REQUESTS)
		conn_table_expect_requests(s->table);
	if (sight & RESETS)
		conn_table_expect_resets(s->table);
	if (sight & CONNECTS)
		conn_table_expect_connects(s->table);
	if (sight & ACCEPTS)
		conn_table_expect_accepts(s->table);
	if (sight & LISTENERS)
		begin_to_listen(s);
}

static void done(struct subject *s)
{
	conn_table_free(s->table);
	histogram_set_free(s->histograms);
	failure_set_free(s->failures);
	free(s->told);
}

static uint64_t random_number(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* True once in `of` times. */
static bool once_in(uint64_t *seed, uint64_t of)
{
	return !(random_number(seed) >> 20 & (of - 1));
}

/* The ways that a life goes, most of which happen; the last word is from where it is closed. */
static const struct way {
	uint8_t count;
	uint8_t states[EVENT_STEPS];
} ways[] = {
	{ 4,
	  { STATES(CLOSED, SYN_SENT), STATES(SYN_SENT, ESTABLISHED), STATES(ESTABLISHED, FIN_WAIT1),
	    STATES(FIN_WAIT1, FIN_WAIT2) } },
	{ 4,
	  { STATES(CLOSED, SYN_SENT), STATES(SYN_SENT, ESTABLISHED),
	    STATES(ESTABLISHED, CLOSE_WAIT), STATES(CLOSE_WAIT, LAST_ACK) } },
	{ 4,
	  { STATES(CLOSED, SYN_SENT), STATES(SYN_SENT, ESTABLISHED), STATES(ESTABLISHED, FIN_WAIT1),
	    STATES(FIN_WAIT1, CLOSING) } },
	{ 4,
	  { STATES(LISTEN, SYN_RECV), STATES(SYN_RECV, ESTABLISHED),
	    STATES(ESTABLISHED, CLOSE_WAIT), STATES(CLOSE_WAIT, LAST_ACK) } },
	{ 4,
	  { STATES(LISTEN, SYN_RECV), STATES(SYN_RECV, ESTABLISHED), STATES(ESTABLISHED, FIN_WAIT1),
	    STATES(FIN_WAIT1, FIN_WAIT2) } },
	{ 3,
	  { STATES(CLOSED, SYN_SENT), STATES(SYN_SENT, SYN_RECV), STATES(SYN_RECV, ESTABLISHED) } },
	{ 3,
	  { STATES(LISTEN, SYN_RECV), STATES(SYN_RECV, CLOSE_WAIT),
	    STATES(CLOSE_WAIT, LAST_ACK) } },
	{ 2, { STATES(LISTEN, SYN_RECV), STATES(SYN_RECV, ESTABLISHED) } },
	{ 2, { STATES(CLOSED, SYN_SENT), STATES(SYN_SENT, ESTABLISHED) } },
	{ 1, { STATES(CLOSED, SYN_SENT) } },
	{ 1, { STATES(LISTEN, SYN_RECV) } },
	/* None of these two may be. */
	{ 3,
	  { STATES(CLOSED, SYN_SENT), STATES(SYN_SENT, ESTABLISHED),
	    STATES(FIN_WAIT1, FIN_WAIT2) } },
	{ 2, { STATES(ESTABLISHED, FIN_WAIT1), STATES(FIN_WAIT1, FIN_WAIT2) } },
};

static void choose_steps(struct event_life *life, uint64_t *seed, uint64_t *now_ns)
{
	const struct way *way = &ways[random_number(seed) % (sizeof(ways) / sizeof(*ways))];
	struct event_steps *s = &life->steps;
	uint16_t family = once_in(seed, 4) ? EVENT_FLAG_IPV6 : 0;

	s->count = way->count;
	for (unsigned int i = 0; i < s->count; i++) {
		struct event_step *step = &s->step[i];

		step->mono_ns = *now_ns += random_number(seed) % 3000000;
		/* Clocks of two processors may differ. */
		if (i && once_in(seed, 64))
			step->mono_ns -= 4000000;
		step->states = way->states[i];
		step->flags = EVENT_FROM(step->states) == STATE_LISTEN ?
				      0 :
				      family | EVENT_FLAG_ENDPOINTS;
		if (once_in(seed, 32))
			step->flags ^= 1U << random_number(seed) % 13;
		if (EVENT_TO(step->states) == STATE_ESTABLISHED && !once_in(seed, 8))
			step->srtt_us = (uint32_t)(random_number(seed) % 5000);
		if (step->srtt_us && once_in(seed, 16))
			step->srtt_us += 1000 - step->srtt_us % 1000;
		if (once_in(seed, 16))
			step->retransmits = (uint8_t)(random_number(seed) % 4);
	}
	if (s->count && once_in(seed, 64))
		s->witnessed = (uint8_t)(1U << random_number(seed) % s->count);
	life->close.head.flags = family | EVENT_FLAG_ENDPOINTS;
	life->close.head.states =
		(uint8_t)EVENT_STATES(EVENT_TO(way->states[way->count - 1]), STATE_CLOSED);
	*now_ns += random_number(seed) % 3000000;
	life->close.head.mono_ns = *now_ns;
}

/* Of the request and of the accept, now and then where they should not be. */
static void choose_others(struct event_life *life, uint64_t *seed)
{
	struct event_steps *s = &life->steps;
	uint64_t first_ns = s->step[0].mono_ns, last_ns = life->close.head.mono_ns;
	bool is_server = EVENT_FROM(s->step[0].states) == STATE_LISTEN;

	if (is_server ? once_in(seed, 4) : once_in(seed, 256)) {
		s->passive_ns = first_ns + random_number(seed) % 500;
		s->synack_ns = first_ns - random_number(seed) % 4000000;
		s->passive_flags = once_in(seed, 2) ? 0 : (uint16_t)(random_number(seed) & 0xff0);
		s->synack_retransmits = (uint32_t)(random_number(seed) % 3);
	}
	if (is_server ? !once_in(seed, 4) : once_in(seed, 256))
		s->accept_ns = first_ns + random_number(seed) % (last_ns - first_ns + 2);
	if (once_in(seed, 128))
		s->accept_ns = first_ns - 1;
	s->first.local = (uint32_t)random_number(seed);
	s->first.peer = (uint32_t)random_number(seed);
	if (s->count > 1 && once_in(seed, 2))
		s->step[1].flags |= EVENT_FLAG_FIRSTS;
	s->pid = (uint32_t)(random_number(seed) % 5);
	s->uid = 1000;
	s->cgroup = random_number(seed) % 3;
	snprintf((char *)s->comm, sizeof(s->comm), "comm%d", (int)(random_number(seed) % 3));
	snprintf((char *)s->process, sizeof(s->process), "comm%d", (int)(random_number(seed) % 3));
	if (once_in(seed, 16)) {
		s->pid = 0;
		s->comm[0] = 0;
	}
	if (once_in(seed, 16))
		s->open_lport = (uint16_t)(1024 + random_number(seed) % 4);
	s->left_lport = (uint16_t)(random_number(seed) % 2);
}

static void choose_close(struct event_life *life, uint64_t *seed)
{
	struct event_close *close = &life->close;

	close->body.shutdown = once_in(seed, 4) ? (uint8_t)(random_number(seed) & 7) : 7;
	close->body.srtt_us = 77;
	close->head.flags |= once_in(seed, 4) ? 0 : EVENT_FLAG_FIN_RECEIVED;
	close->signs = once_in(seed, 4) ? (uint8_t)random_number(seed) : 0;
	close->later_signs = once_in(seed, 8) ? random_number(seed) & 15 : 0;
	close->tries = once_in(seed, 16) ? 3 : 0;
	close->bytes_sent = random_number(seed) % 1000;
	close->min_rtt_us = 55;
	close->retransmits = (uint32_t)(random_number(seed) % 2);
	memcpy(close->congestion, once_in(seed, 4) ? "bbr" : "cubic", 4);
	if (once_in(seed, 8)) {
		static const uint16_t errors[] = { 32, 104, 110, 111, 113 };

		close->body.error = errors[random_number(seed) % 5];
	}
	if (once_in(seed, 2)) {
		close->timewait = 0xffff8880a0000000 + random_number(seed) % MINISOCKS * 256;
		close->substate = once_in(seed, 4) ? STATE_FIN_WAIT2 : STATE_TIME_WAIT;
	}
}

static void choose_life(struct event_life *life, uint64_t *seed, uint64_t *now_ns)
{
	struct event_steps *s = &life->steps;
	struct event_close *close = &life->close;

	memset(life, 0, sizeof(*life));
	close->head.kind = EVENT_LIFE;
	close->head.sock = 0xffff888000000000 + random_number(seed) % SOCKS * 0xa00;
	close->head.netns = TEST_NETNS;
	choose_steps(life, seed, now_ns);
	choose_others(life, seed);
	choose_close(life, seed);
	s->lport = (uint16_t)(1024 + random_number(seed) % 4);
	s->rport = (uint16_t)(80 + random_number(seed) % 2);
	s->raddr[0] = s->laddr[3] = 10;
	close->body.lport = once_in(seed, 64) ? 0 : s->lport;
	close->body.rport = once_in(seed, 64) ? 443 : s->rport;
	memcpy(close->laddr, s->laddr, sizeof(close->laddr));
	memcpy(close->raddr, s->raddr, sizeof(close->raddr));
	if (once_in(seed, 64))
		close->raddr[0] = 11;
}

/* Something else of a socket or of a timewait socket, between two lives. */
static void choose_event(struct event *e, uint64_t *seed, uint64_t now_ns)
{
	event_clear(e);
	e->mono_ns = now_ns;
	e->netns = TEST_NETNS;
	if (once_in(seed, 2)) {
		e->kind = EVENT_TIMEWAIT;
		e->sock = 0xffff8880a0000000 + random_number(seed) % MINISOCKS * 256;
		e->detail = (uint8_t)(random_number(seed) % (EVENT_TIMEWAIT_PURGED + 1));
		e->from = STATE_TIME_WAIT;
		e->to = e->detail >= EVENT_TIMEWAIT_EXPIRED ? STATE_CLOSED : STATE_TIME_WAIT;
		return;
	}
	e->sock = 0xffff888000000000 + random_number(seed) % SOCKS * 0xa00;
	e->from = e->to = STATE_ESTABLISHED;
	e->kind = once_in(seed, 2) ? EVENT_RESET : EVENT_ERROR;
	if (e->kind == EVENT_RESET)
		e->detail = once_in(seed, 2) ? EVENT_RESET_SENT : EVENT_RESET_RECEIVED;
	else
		e->error = 110;
	if (once_in(seed, 8)) {
		e->kind = EVENT_TRANSITION;
		e->flags = EVENT_FLAG_ENDPOINTS;
		e->from = STATE_SYN_SENT;
	}
}

static void assert_same(struct subject *one, struct subject *other)
{
	if (strcmp(one->told, other->told) != 0)
		fail_msg("at once: %s\none by one: %s", one->told, other->told);
	assert_memory_equal(conn_table_counts(one->table), conn_table_counts(other->table),
			    sizeof(struct conn_counts));
	one->told[0] = other->told[0] = '\0';
	one->used = other->used = 0;
}

struct rows {
	char text[65536];
	size_t used;
};

static void add_row(void *context, const struct histogram_row *row)
{
	struct rows *rows = context;

	rows->used += (size_t)snprintf(
		rows->text + rows->used, sizeof(rows->text) - rows->used,
		"%s %s %u: %llu %llu %llu %llu %llu\n", row->name,
		row->group ? row->group->comm : "-", row->group ? row->group->lport : 0,
		(unsigned long long)row->histogram->count, (unsigned long long)row->unknown,
		(unsigned long long)row->estimated, (unsigned long long)row->histogram->min,
		(unsigned long long)row->histogram->sum_low);
	assert_true(rows->used < sizeof(rows->text));
}

static void assert_same_histograms(const struct histogram_set *one,
				   const struct histogram_set *other)
{
	static struct rows rows, others;

	rows.used = others.used = 0;
	assert_int_equal(histogram_set_each(one, add_row, &rows), 0);
	assert_int_equal(histogram_set_each(other, add_row, &others), 0);
	assert_string_equal(rows.text, others.text);
}

static uint64_t same_cgroup(void *context, uint64_t cgroup, uint32_t pid)
{
	(void)context;
	(void)pid;
	return cgroup;
}

/* How many lives were taken for like one before. */
static size_t alike;

static void apply_life(struct conn_table *table, const struct event_life *life,
		       struct event_bundle *bundle)
{
	if (conn_table_apply_like(table, life, sizeof(*life), same_cgroup, NULL))
		alike++;
	else
		assert_int_equal(conn_table_apply_bundle(table, bundle), 0);
}

/* How many were told of by the record itself that their TIME_WAIT is over. */
static size_t ended;

static void apply_other(struct conn_table *table, const struct event *e, bool as_records)
{
	const struct event_timewait record = {
		.head = { .mono_ns = e->mono_ns,
			  .sock = e->sock,
			  .netns = e->netns,
			  .kind = EVENT_TIMEWAIT,
			  .states = (uint8_t)EVENT_STATES(e->from, e->to) },
		.act = e->detail,
	};

	if (as_records && e->kind == EVENT_TIMEWAIT &&
	    conn_table_apply_end(table, &record, sizeof(record)))
		ended++;
	else
		assert_int_equal(conn_table_apply(table, e), 0);
}

/* A poll that finds some of the ends that lives have. */
static void poll_some(struct conn_table *table, uint64_t chance, uint64_t now_ns)
{
	if (!conn_table_needs_poll(table) || conn_table_begin_poll(table, now_ns))
		return;
	for (unsigned int i = 0; i < 16; i++) {
		struct socket_info info = {
			.mono_ns = now_ns,
			.netns = TEST_NETNS,
			.state = chance >> i & 2 ? STATE_TIME_WAIT : STATE_FIN_WAIT2,
			.object = EVENT_SOCKET_TIMEWAIT,
			.timer = EVENT_TIMER_TIMEWAIT,
			.flags = EVENT_FLAG_ENDPOINTS | (i & 8 ? EVENT_FLAG_IPV6 : 0),
			.lport = (uint16_t)(1024 + i % 4),
			.rport = (uint16_t)(80 + i / 4 % 2),
			.since_ns = now_ns - chance % 1000000,
			.timer_ns = 60000000000 - chance % 1000000,
		};

		if (i & 8) {
			info.raddr.byte[0] = info.laddr.byte[3] = 10;
		} else {
			info.raddr = address_from_ipv4((const uint8_t[]){ 10, 0, 0, 0 });
			info.laddr = address_from_ipv4((const uint8_t[]){ 0, 0, 0, 10 });
		}
		if (chance >> 20 >> i & 3)
			conn_table_poll_socket(table, &info);
	}
	conn_table_poll_looked(table, TEST_NETNS);
	conn_table_end_poll(table, now_ns, false, false);
}

/* Returns how many of the lives were applied at once. */
static size_t compare(unsigned int sight, unsigned int keys, const struct conn_filter *filter,
		      bool by_numbers, unsigned int by_shapes)
{
	struct subject whole, parts;
	uint64_t seed = 88172645463325252 + sight + keys + by_shapes * 1024, now_ns = 1000000000;
	size_t count = 0;

	begin(&whole, sight, keys, filter);
	begin(&parts, sight, keys, filter);
	if (by_numbers) {
		conn_table_number_births(whole.table);
		conn_table_number_births(parts.table);
	}
	for (size_t i = 0; i < LIVES; i++) {
		const struct event *next;
		struct event_bundle bundle;
		struct event_life life;
		struct event other;

		choose_life(&life, &seed, &now_ns);
		if (event_bundle_open(&life, sizeof(life), &bundle))
			continue;
		count += whole_is_life(whole.table, &bundle);
		if (by_shapes)
			apply_life(whole.table, &life, &bundle);
		else
			assert_int_equal(conn_table_apply_bundle(whole.table, &bundle), 0);
		assert_int_equal(event_bundle_open(&life, sizeof(life), &bundle), 0);
		while ((next = event_bundle_next(&bundle)))
			assert_int_equal(conn_table_apply(parts.table, next), 0);
		assert_same(&whole, &parts);
		if (once_in(&seed, 2)) {
			choose_event(&other, &seed, now_ns);
			apply_other(whole.table, &other, by_shapes);
			assert_int_equal(conn_table_apply(parts.table, &other), 0);
			assert_same(&whole, &parts);
		}
		if (sight & LISTENERS && once_in(&seed, 8)) {
			choose_listener(&other, now_ns, random_number(&seed));
			assert_int_equal(conn_table_apply(whole.table, &other), 0);
			assert_int_equal(conn_table_apply(parts.table, &other), 0);
		}
		if (sight & POLLS && once_in(&seed, 4)) {
			uint64_t chance = random_number(&seed);

			poll_some(whole.table, chance, now_ns);
			poll_some(parts.table, chance, now_ns);
			assert_same(&whole, &parts);
		}
		if (once_in(&seed, 16)) {
			conn_table_settle(whole.table, now_ns);
			conn_table_settle(parts.table, now_ns);
			assert_same(&whole, &parts);
		}
	}
	conn_table_settle(whole.table, UINT64_MAX);
	conn_table_settle(parts.table, UINT64_MAX);
	conn_table_tell_alive(whole.table, now_ns);
	conn_table_tell_alive(parts.table, now_ns);
	assert_same(&whole, &parts);
	assert_same_histograms(whole.histograms, parts.histograms);
	done(&whole);
	done(&parts);
	return count;
}

static void what_any_hooks_tell_comes_to_the_same(void **unused)
{
	static const struct conn_filter all;

	(void)unused;
	for (unsigned int sight = 0; sight < LISTENERS << 1; sight++) {
		if (sight & TIMEWAITS && sight & POLLS)
			continue;
		/* Without accepts, whoever listens is asked for each step's owner. */
		if (compare(sight, 0, &all, false, 0) <= LIVES / 2)
			assert_true((sight & (LISTENERS | ACCEPTS)) == LISTENERS);
	}
}

static void groups_come_to_the_same(void **unused)
{
	static const struct conn_filter all;
	static const unsigned int keys[] = { 1U << GROUP_BY_COMM, 1U << GROUP_BY_LPORT,
					     1U << GROUP_BY_OUTCOME };

	(void)unused;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		compare(TIMEWAITS | REQUESTS | RESETS | ACCEPTS, keys[i], &all, false, 0);
}

static void filters_and_numbers_come_to_the_same(void **unused)
{
	static const struct conn_filter none;
	static struct conn_filter filter;

	(void)unused;
	compare(TIMEWAITS | REQUESTS | RESETS | ACCEPTS, 0, &none, true, 0);
	filter.has_lports = true;
	conn_filter_add_port(filter.lports, 1025);
	compare(TIMEWAITS | REQUESTS | RESETS | ACCEPTS, 0, &filter, true, 0);
}

/* What was made of a life is made of those like it, and of no other; their ends come as records. */
static void lives_like_one_before_come_to_the_same(void **unused)
{
	static const unsigned int sights[] = {
		TIMEWAITS | REQUESTS | RESETS | ACCEPTS | CONNECTS, TIMEWAITS | ACCEPTS,
		TIMEWAITS | RESETS | ACCEPTS | LISTENERS,	    ACCEPTS,
		POLLS | REQUESTS | RESETS | ACCEPTS | CONNECTS,	    POLLS | ACCEPTS,
	};
	static const struct conn_filter all;

	(void)unused;
	for (size_t i = 0; i < sizeof(sights) / sizeof(*sights); i++) {
		alike = ended = reused = 0;
		for (unsigned int round = 1; round <= 25; round++)
			compare(sights[i], round % 2 << GROUP_BY_COMM, &all, false, round);
		assert_true(alike > 25);
		assert_true(sights[i] & TIMEWAITS ? ended > 25 : !ended);
		assert_true(!(sights[i] & POLLS) || reused > 25);
	}
}

static struct conn_table *table_with(struct pulse *pulse, struct consumer *events)
{
	struct consumer *consumers[] = { pulse_consumer(pulse), events };
	static const struct conn_filter all;
	struct conn_table *table =
		conn_table_new(2 * LIVES, &all, &(struct consumer_list){ consumers, 2 });

	assert_non_null(table);
	conn_table_expect_timewaits(table);
	conn_table_expect_accepts(table);
	return table;
}

static void on_applied(struct consumer *self, const struct conn *c, const struct event *e)
{
	(void)self;
	(void)c;
	(void)e;
}

static const struct consumer_class events_class = { .applied = on_applied };

static void assert_same_pulse(struct pulse *one, struct pulse *other, uint64_t now_ns)
{
	struct pulse_latency first, second;

	for (unsigned int pair = 0; pair < STATE_COUNT * STATE_COUNT; pair++) {
		enum tcp_state from = pair / STATE_COUNT, to = pair % STATE_COUNT;

		assert_int_equal(pulse_transitions(one, from, to),
				 pulse_transitions(other, from, to));
	}
	for (enum conn_role role = CONN_ROLE_CLIENT; role <= CONN_ROLE_SERVER; role++) {
		pulse_handshakes(one, role, now_ns, &first);
		pulse_handshakes(other, role, now_ns, &second);
		assert_true(first.count > 10);
		assert_memory_equal(&first, &second, sizeof(first));
	}
}

/* Who is told of steps as they happen does not keep lives from being told of at once. */
static void rates_come_to_the_same(void **unused)
{
	struct consumer events = { &events_class, 0 }, each = { &events_class, CONSUMER_EVENTS };
	struct pulse *pulses[] = { pulse_new(), pulse_new() };
	struct conn_table *whole = table_with(pulses[0], &events);
	struct conn_table *parts = table_with(pulses[1], &each);
	uint64_t seed = 88172645463325252, now_ns = 1000000000;
	size_t count = 0;

	(void)unused;
	for (size_t i = 0; i < LIVES; i++) {
		struct event_bundle bundle;
		struct event_life life;

		choose_life(&life, &seed, &now_ns);
		if (event_bundle_open(&life, sizeof(life), &bundle))
			continue;
		count += whole_is_life(whole, &bundle);
		assert_false(whole_is_life(parts, &bundle));
		apply_life(whole, &life, &bundle);
		assert_int_equal(event_bundle_open(&life, sizeof(life), &bundle), 0);
		assert_int_equal(conn_table_apply_bundle(parts, &bundle), 0);
	}
	conn_table_settle(whole, UINT64_MAX);
	conn_table_settle(parts, UINT64_MAX);
	assert_true(count > LIVES / 2);
	assert_same_pulse(pulses[0], pulses[1], now_ns);
	conn_table_free(whole);
	conn_table_free(parts);
	pulse_free(pulses[0]);
	pulse_free(pulses[1]);
}

/* A table whose consumers all learn what is like before, and how often they are told so. */
struct counted {
	struct consumer spy;
	size_t like[CONN_ROLE_SERVER + 1]; /* by role */
	struct metrics metrics;
	struct metrics_counter *counter;
	struct kernel_tallies *tallies;
	struct histogram_set *histograms;
	struct failure_set *failures;
	struct consumer *consumers[5];
	struct conn_table *table;
};

static bool spy_learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)self;
	assert_true(shape < CONSUMER_SHAPES);
	assert_true(c->flags & CONN_FINISHED || conn_state(c) == STATE_TIME_WAIT);
	return true;
}

static void spy_like(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)shape;
	assert_int_not_equal(c->role, CONN_ROLE_UNKNOWN);
	((struct counted *)self)->like[c->role]++;
	for (unsigned int i = 0; i + 1U < c->step_count; i++)
		assert_int_not_equal(conn_dwell(c, i), TIME_UNKNOWN);
}

static const struct consumer_class spy_class = { .learn = spy_learn, .like = spy_like };

static void begin_to_count(struct counted *x, unsigned int sight, const struct conn_filter *filter)
{
	memset(x, 0, sizeof(*x));
	x->spy.class = &spy_class;
	x->counter = metrics_counter_new(&x->metrics, 0, NULL, NULL);
	x->tallies = kernel_tallies_new();
	x->histograms = histogram_set_new(0, 0);
	x->failures = failure_set_new(10);
	assert_non_null(x->counter);
	assert_non_null(x->tallies);
	assert_non_null(x->histograms);
	assert_non_null(x->failures);
	x->consumers[0] = &x->spy;
	x->consumers[1] = metrics_counter_consumer(x->counter);
	x->consumers[2] = kernel_tallies_consumer(x->tallies);
	x->consumers[3] = histogram_set_consumer(x->histograms);
	x->consumers[4] = failure_set_consumer(x->failures);
	x->table = conn_table_new(20 * LIVES, filter, &(struct consumer_list){ x->consumers, 5 });
	assert_non_null(x->table);
	conn_table_expect_accepts(x->table);
	conn_table_expect_requests(x->table);
	if (sight & TIMEWAITS)
		conn_table_expect_timewaits(x->table);
	if (sight & POLLS)
		conn_table_expect_polls(x->table);
	if (sight & RESETS)
		conn_table_expect_resets(x->table);
}

static void counting_done(struct counted *x)
{
	conn_table_free(x->table);
	metrics_counter_free(x->counter);
	kernel_tallies_free(x->tallies);
	histogram_set_free(x->histograms);
	failure_set_free(x->failures);
}

static void assert_same_tallies(struct counted *one, struct counted *other, uint32_t netns)
{
	bool left_out;
	const struct kernel_tally *a = kernel_tallies_find(one->tallies, netns, &left_out);
	const struct kernel_tally *b = kernel_tallies_find(other->tallies, netns, &left_out);

	assert_int_equal(!a, !b);
	if (a)
		assert_memory_equal(a->now, b->now, sizeof(a->now));
}

static void assert_same_counts(struct counted *one, struct counted *other)
{
	assert_memory_equal(conn_table_counts(one->table), conn_table_counts(other->table),
			    sizeof(struct conn_counts));
	metrics_counter_settle(one->counter);
	metrics_counter_settle(other->counter);
	assert_memory_equal(&one->metrics.totals, &other->metrics.totals,
			    sizeof(one->metrics.totals));
	for (uint32_t i = 0; i < 3; i++)
		assert_same_tallies(one, other, TEST_NETNS + i);
	assert_same_histograms(one->histograms, other->histograms);
	assert_int_equal(failure_set_count(one->failures), failure_set_count(other->failures));
}

/* An address of one family in the other's form, and another namespace. */
static void choose_where(struct event_life *life, uint64_t *seed)
{
	life->close.head.sock = 0xffff888000000000 + random_number(seed) % SOCKS * 0xa00;
	life->close.head.netns = TEST_NETNS + (uint32_t)(random_number(seed) % 3);
	life->close.bytes_received = random_number(seed) % 1000;
	life->close.segments_sent = (uint32_t)(random_number(seed) % 10);
	if (life->close.timewait)
		life->close.timewait = 0xffff8880a0000000 + random_number(seed) % MINISOCKS * 256;
	if (life->close.head.flags & EVENT_FLAG_IPV6) {
		static const struct address mapped = { ADDRESS_MAPPED };

		memset(life->steps.raddr, once_in(seed, 4) ? 0 : 32, ADDRESS_SIZE);
		if (once_in(seed, 4))
			memcpy(life->steps.raddr, mapped.byte, ADDRESS_SIZE);
		memcpy(life->close.raddr, life->steps.raddr, ADDRESS_SIZE);
	}
}

/* The same again at other times. */
static void repeat_life(struct event_life *life, uint64_t *seed, uint64_t *now_ns)
{
	struct event_steps *s = &life->steps;
	uint64_t last_ns = *now_ns;

	for (unsigned int i = 0; i < s->count; i++) {
		s->step[i].mono_ns = last_ns += random_number(seed) % 3000000;
		if (s->step[i].srtt_us)
			s->step[i].srtt_us = 1 + (uint32_t)(random_number(seed) % 5000);
	}
	if (once_in(seed, 64))
		s->step[s->count - 1].mono_ns = *now_ns - 1;
	*now_ns = life->close.head.mono_ns = last_ns + random_number(seed) % 3000000;
	if (s->accept_ns)
		s->accept_ns = s->step[0].mono_ns + random_number(seed) % 3000000;
	if (s->passive_ns)
		s->passive_ns = s->step[0].mono_ns;
}

/* Most are like one of a few. */
static void choose_again(struct event_life *life, uint64_t *seed, uint64_t *now_ns)
{
	static struct event_life few[16];
	struct event_life *one = &few[random_number(seed) % 16];

	if (!one->steps.count || once_in(seed, 16))
		choose_life(one, seed, now_ns);
	else
		repeat_life(one, seed, now_ns);
	*life = *one;
	choose_where(life, seed);
}

static void count_lives(struct counted *whole, struct counted *parts, uint64_t *seed)
{
	uint64_t now_ns = 1000000000;

	for (size_t i = 0; i < 8 * LIVES; i++) {
		struct event_bundle bundle;
		const struct event *next;
		struct event_life life;
		struct event other;

		choose_again(&life, seed, &now_ns);
		if (event_bundle_open(&life, sizeof(life), &bundle))
			continue;
		apply_life(whole->table, &life, &bundle);
		assert_int_equal(event_bundle_open(&life, sizeof(life), &bundle), 0);
		while ((next = event_bundle_next(&bundle)))
			assert_int_equal(conn_table_apply(parts->table, next), 0);
		if (once_in(seed, 2)) {
			choose_event(&other, seed, now_ns);
			apply_other(whole->table, &other, true);
			assert_int_equal(conn_table_apply(parts->table, &other), 0);
		}
		if (once_in(seed, 16)) {
			conn_table_settle(whole->table, now_ns);
			conn_table_settle(parts->table, now_ns);
			conn_table_tell_steps(whole->table);
			conn_table_tell_steps(parts->table);
			assert_same_counts(whole, parts);
		}
		if (once_in(seed, 512)) {
			histogram_set_clear(whole->histograms);
			histogram_set_clear(parts->histograms);
		}
	}
	conn_table_settle(whole->table, UINT64_MAX);
	conn_table_settle(parts->table, UINT64_MAX);
	conn_table_tell_alive(whole->table, now_ns);
	conn_table_tell_alive(parts->table, now_ns);
	assert_same_counts(whole, parts);
}

/* Who counts lives by what they are like counts the same as of each by itself. */
static void what_is_counted_comes_to_the_same(void **unused)
{
	static const unsigned int sights[] = { TIMEWAITS | RESETS, POLLS | RESETS, RESETS, 0 };
	static const struct conn_filter all;
	static struct conn_filter filter;
	static struct counted whole, parts;

	(void)unused;
	filter.has_lports = true;
	conn_filter_add_port(filter.lports, 1025);
	for (size_t i = 0; i < 2 * sizeof(sights) / sizeof(*sights); i++) {
		uint64_t seed = 88172645463325252 + i;

		begin_to_count(&whole, sights[i / 2], i % 2 ? &filter : &all);
		begin_to_count(&parts, sights[i / 2], i % 2 ? &filter : &all);
		count_lives(&whole, &parts, &seed);
		for (unsigned int role = CONN_ROLE_CLIENT; role <= CONN_ROLE_SERVER; role++) {
			assert_int_equal(parts.like[role], 0);
			if (i % 2)
				assert_int_equal(whole.like[role], 0);
			else
				assert_true(whole.like[role] > LIVES / 16);
		}
		counting_done(&whole);
		counting_done(&parts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lives_like_one_before_come_to_the_same),
		cmocka_unit_test(what_any_hooks_tell_comes_to_the_same),
		cmocka_unit_test(groups_come_to_the_same),
		cmocka_unit_test(filters_and_numbers_come_to_the_same),
		cmocka_unit_test(rates_come_to_the_same),
		cmocka_unit_test(what_is_counted_comes_to_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
