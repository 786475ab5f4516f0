// SPDX-License-Identifier: GPL-2.0-only
/* What becomes of transitions: the right histogram, the right group, and nothing lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/feed.h"
#include "tests/unit/sample_conn.h"
#include "user/aggregate/histogram_set.h"

#define ROWS 20000

/* The rows of a set, copied, because groups live only as long as the visit. */
struct rows {
	size_t count;
	struct row {
		char name[32];
		bool grouped;
		struct group group;
		uint64_t count, unknown, estimated, min, max;
		char tally[192]; /* "by_end: expired 1 reused 2", without the empty classes */
	} row[ROWS];
};

static struct rows rows;

static void copy_tally(struct row *copy, const struct histogram_row *row)
{
	int used = 0;

	copy->tally[0] = '\0';
	if (!row->tally)
		return;
	used = snprintf(copy->tally, sizeof(copy->tally), "%s:", row->tally->name);
	for (unsigned int i = 0; i < row->tally->size; i++) {
		const char *name = row->tally->class_name(i);

		if (row->counts[i])
			used += snprintf(copy->tally + used, sizeof(copy->tally) - (size_t)used,
					 " %s %llu", name ? name : "-",
					 (unsigned long long)row->counts[i]);
	}
	assert_null(row->tally->class_name(row->tally->size));
}

static void copy_row(void *context, const struct histogram_row *row)
{
	struct row *copy = &rows.row[rows.count++];

	assert_ptr_equal(context, &rows);
	assert_true(rows.count < ROWS);
	assert_string_not_equal(histogram_title(row->id, LADDER_EN), "");
	snprintf(copy->name, sizeof(copy->name), "%s", row->name);
	copy->grouped = row->group;
	if (row->group)
		copy->group = *row->group;
	copy->count = row->histogram->count;
	copy->unknown = row->unknown;
	copy->estimated = row->estimated;
	copy->min = row->histogram->min;
	copy->max = row->histogram->max;
	copy_tally(copy, row);
}

static void read_rows(const struct histogram_set *set)
{
	rows.count = 0;
	assert_int_equal(histogram_set_each(set, copy_row, &rows), 0);
}

static void assert_row(size_t i, const char *name, uint64_t count, uint64_t unknown)
{
	assert_true(i < rows.count);
	assert_string_equal(rows.row[i].name, name);
	assert_int_equal(rows.row[i].count, count);
	assert_int_equal(rows.row[i].unknown, unknown);
}

/* Tells the set of the whole life of a connection. */
static void live(struct histogram_set *set, const struct conn *c)
{
	for (unsigned int i = 0; i < c->step_count; i++) {
		struct transition t = {
			.from = i ? c->step_state[i - 1] : STATE_CLOSED,
			.to = c->step_state[i],
			.mono_ns = c->step_ns[i],
			.dwell_ns = i ? conn_dwell(c, i - 1) : TIME_UNKNOWN,
		};

		feed_transition(histogram_set_consumer(set), c, &t);
	}
	feed_closed(histogram_set_consumer(set), c);
	feed_gone(histogram_set_consumer(set), c);
}

/* The tally of the only row with this name. */
static const char *tally_of(const struct histogram_set *set, const char *name)
{
	const char *found = NULL;

	read_rows(set);
	for (size_t i = 0; i < rows.count; i++) {
		if (strcmp(rows.row[i].name, name))
			continue;
		assert_null(found);
		found = rows.row[i].tally;
	}
	return found ? found : "no such row";
}

static void empty_set_has_the_headline_rows(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 10);

	(void)unused;
	assert_non_null(set);
	assert_int_equal(histogram_set_keys(set), 0);
	read_rows(set);
	assert_int_equal(rows.count, 3);
	assert_row(0, "handshake_client", 0, 0);
	assert_row(1, "handshake_server", 0, 0);
	assert_row(2, "time_wait", 0, 0);
	assert_false(rows.row[0].grouped);
	histogram_set_free(set);
	histogram_set_free(NULL);
}

static void a_life_fills_its_rows(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 10);
	struct conn client = sample_client(), server = sample_server();

	(void)unused;
	server.handshake_quality = CONN_QUALITY_EXACT;
	live(set, &client);
	live(set, &server);
	read_rows(set);
	assert_int_equal(rows.count, 10);
	assert_row(0, "handshake_client", 1, 0);
	assert_int_equal(rows.row[0].min, 80123456);
	assert_row(1, "handshake_server", 1, 0);
	assert_int_equal(rows.row[1].min, 250000);
	assert_row(2, "time_wait", 0, 1);
	assert_row(3, "state_syn_sent", 1, 0);
	assert_row(4, "state_syn_recv", 1, 0);
	assert_row(5, "state_established", 2, 0);
	assert_int_equal(rows.row[5].min, 500000);
	assert_int_equal(rows.row[5].max, 919876544);
	assert_row(6, "state_fin_wait1", 1, 0);
	assert_row(7, "state_fin_wait2", 1, 0);
	assert_int_equal(rows.row[7].max, 10000000);
	assert_row(8, "state_close_wait", 1, 0);
	assert_row(9, "state_last_ack", 1, 0);
	assert_int_equal(histogram_set_lost(set), 0);
	assert_int_equal(histogram_set_crowded(set), 0);
	histogram_set_free(set);
}

static void what_was_chosen_is_all_there_is(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 10);
	struct conn client = sample_client();

	(void)unused;
	histogram_set_choose(set, 1u << HISTOGRAM_ESTABLISHED | 1u << HISTOGRAM_CLOSING);
	assert_int_equal(histogram_set_consumer(set)->wants & CONSUMER_TIMEWAITS, 0);
	live(set, &client);
	read_rows(set);
	assert_int_equal(rows.count, 2);
	assert_row(0, "state_established", 1, 0);
	assert_row(1, "state_closing", 0, 0);
	histogram_set_choose(set, 1u << HISTOGRAM_TIME_WAIT);
	histogram_set_free(set);

	set = histogram_set_new(0, 10);
	histogram_set_choose(set, 1u << HISTOGRAM_FIN_WAIT2);
	assert_int_not_equal(histogram_set_consumer(set)->wants & CONSUMER_TIMEWAITS, 0);
	histogram_set_free(set);
}

static void a_span_is_followed_by_an_empty_one(void **unused)
{
	struct histogram_set *all = histogram_set_new(0, 10);
	struct histogram_set *groups = histogram_set_new(1u << GROUP_BY_LPORT, 10);
	struct conn client = sample_client();

	(void)unused;
	assert_null(histogram_set_span(all));
	live(all, &client);
	histogram_set_end_span(all, 5, 9);
	assert_int_equal(histogram_set_span(all)->begin_ns, 5);
	assert_int_equal(histogram_set_span(all)->end_ns, 9);
	assert_false(histogram_set_span(all)->is_later);
	histogram_set_clear(all);
	read_rows(all);
	assert_int_equal(rows.count, 3);
	assert_row(0, "handshake_client", 0, 0);
	live(all, &client);
	histogram_set_end_span(all, 9, 13);
	assert_true(histogram_set_span(all)->is_later);
	read_rows(all);
	assert_row(0, "handshake_client", 1, 0);
	histogram_set_free(all);

	for (unsigned int i = 0; i < 3 * HISTOGRAM_SET_GROUPS; i++) {
		client.lport = (uint16_t)(i + 1);
		live(groups, &client);
		if (i % HISTOGRAM_SET_GROUPS == HISTOGRAM_SET_GROUPS - 1)
			histogram_set_clear(groups);
	}
	assert_int_equal(histogram_set_crowded(groups), 0);
	read_rows(groups);
	assert_int_equal(rows.count, 0);
	client.lport = 7;
	live(groups, &client);
	read_rows(groups);
	assert_row(0, "handshake_client", 1, 0);
	histogram_set_free(groups);
}

static void unknown_is_counted_apart(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 10);
	struct conn seeded = sample_unknown(), server = sample_server(), refused = sample_refused();

	(void)unused;
	server.handshake_quality = CONN_QUALITY_UNKNOWN;
	server.step_ns[0] = TIME_UNKNOWN;
	live(set, &seeded);
	live(set, &server);
	live(set, &refused);
	read_rows(set);
	/* A refused connect has no handshake, and that of a seeded connection was before. */
	assert_row(0, "handshake_client", 0, 0);
	assert_row(1, "handshake_server", 0, 1);
	assert_row(2, "time_wait", 0, 0);
	assert_row(3, "handshake_failed", 1, 0);
	assert_row(4, "state_syn_sent", 1, 0);
	assert_row(5, "state_syn_recv", 0, 1);
	assert_row(6, "state_established", 1, 1);
	assert_row(7, "state_close_wait", 1, 0);
	histogram_set_free(set);
}

static void time_wait_is_measured_if_known(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 10);
	struct conn c = sample_client();

	(void)unused;
	c.time_wait_quality = CONN_QUALITY_EXACT;
	c.time_wait_end = CONN_TW_END_EXPIRED;
	sample_step(&c, STATE_CLOSED, 62090000000);
	live(set, &c);
	/* The kernel gave it no TIME_WAIT: there is nothing that lasted, but it is counted. */
	c = sample_client();
	c.step_count--;
	c.flags &= (uint16_t)~CONN_TIME_WAIT_SEEN;
	c.time_wait_end = CONN_TW_END_OVERFLOW;
	sample_step(&c, STATE_CLOSED, 2090000000);
	live(set, &c);
	read_rows(set);
	assert_row(2, "time_wait", 1, 1);
	assert_int_equal(rows.row[2].min, 60000000000);
	assert_int_equal(rows.row[2].max, 60000000000);
	assert_string_equal(rows.row[2].tally, "by_end: expired 1 overflow 1");
	histogram_set_free(set);
}

static void time_wait_by_end(void **unused)
{
	static const uint8_t ends[] = { CONN_TW_END_RESET,   CONN_TW_END_PURGED,
					CONN_TW_END_EXPIRED, CONN_TW_END_REUSED,
					CONN_TW_END_EXPIRED, CONN_TW_END_NONE };
	struct histogram_set *set = histogram_set_new(0, 10);

	(void)unused;
	for (size_t i = 0; i < sizeof(ends); i++) {
		struct conn c = sample_client();

		c.time_wait_end = ends[i];
		c.time_wait_quality = CONN_QUALITY_EXACT;
		sample_step(&c, STATE_CLOSED, 62090000000);
		live(set, &c);
	}
	/* One whose end nobody saw is in no class that has a name. */
	assert_string_equal(tally_of(set, "time_wait"),
			    "by_end: - 1 expired 2 reused 1 reset 1 purged 1");
	assert_row(2, "time_wait", 6, 0);
	histogram_set_free(set);
}

static void handshakes_by_quality(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 10);
	struct conn client = sample_client(), server = sample_server();

	(void)unused;
	assert_string_equal(tally_of(set, "handshake_client"), "by_quality:");
	live(set, &client);
	live(set, &client);
	live(set, &server);
	server.handshake_quality = CONN_QUALITY_EXACT;
	live(set, &server);
	server.handshake_quality = CONN_QUALITY_UNKNOWN;
	live(set, &server);
	/* A latency that is withheld is of no quality, whatever else was noted. */
	client.handshake_ns = TIME_UNKNOWN;
	live(set, &client);
	assert_string_equal(tally_of(set, "handshake_client"), "by_quality: exact 2 unknown 1");
	assert_string_equal(tally_of(set, "handshake_server"),
			    "by_quality: exact 1 estimated 1 unknown 1");
	assert_row(1, "handshake_server", 1, 1);
	assert_int_equal(rows.row[1].estimated, 0);
	histogram_set_free(set);
}

/* What is estimated stands apart, with the reason, so that percentiles are of exact ones. */
static void estimated_handshakes_stand_apart(void **unused)
{
	static const struct {
		unsigned int flags;
		const char *reasons;
	} cases[] = {
		{ CONN_HANDSHAKE_FASTOPEN, "by_reason: fastopen 1" },
		{ CONN_HANDSHAKE_DOUBTED, "by_reason: maybe_deferred 1" },
		{ CONN_HANDSHAKE_DEFERRED, "by_reason: deferred 1" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct histogram_set *set = histogram_set_new(0, 10);
		struct conn server = sample_server();

		server.handshake_flags = (uint8_t)cases[i].flags;
		server.handshake_ns = 200000000;
		live(set, &server);
		server.handshake_quality = CONN_QUALITY_EXACT;
		server.handshake_ns = 20000;
		live(set, &server);
		read_rows(set);
		assert_row(1, "handshake_server", 1, 0);
		assert_int_equal(rows.row[1].max, 20000);
		assert_row(3, "handshake_estimated", 1, 0);
		assert_int_equal(rows.row[3].min, 200000000);
		assert_int_equal(rows.row[3].estimated, 1);
		assert_string_equal(tally_of(set, "handshake_estimated"), cases[i].reasons);
		assert_string_equal(tally_of(set, "handshake_server"),
				    "by_quality: exact 1 estimated 1");
		histogram_set_free(set);
	}
}

/* Groups that are not shown bring theirs along. */
static void estimated_time_waits_are_counted(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_COMM, 1);
	struct conn c = sample_server();

	(void)unused;
	c.flags |= CONN_HAS_OWNER | CONN_TIME_WAIT_SEEN;
	sample_step(&c, STATE_TIME_WAIT, 2000000000);
	sample_step(&c, STATE_CLOSED, 62090000000);
	for (unsigned int i = 0; i < 6; i++) {
		c.comm[0] = i < 3 ? 'a' : i < 5 ? 'b' : 'c';
		c.time_wait_quality = i == 0 || i == 3 ? CONN_QUALITY_EXACT :
							 CONN_QUALITY_ESTIMATED;
		feed_gone(histogram_set_consumer(set), &c);
	}
	c.time_wait_quality = CONN_QUALITY_UNKNOWN;
	feed_gone(histogram_set_consumer(set), &c);
	read_rows(set);
	assert_int_equal(rows.count, 2);
	assert_int_equal(rows.row[0].estimated, 2);
	assert_int_equal(rows.row[1].estimated, 2);
	histogram_set_free(set);
}

static void failed_connects_by_outcome(void **unused)
{
	static const uint8_t outcomes[] = { CONN_OUTCOME_REFUSED, CONN_OUTCOME_UNREACHABLE,
					    CONN_OUTCOME_TIMED_OUT, CONN_OUTCOME_REFUSED,
					    CONN_OUTCOME_UNKNOWN };
	struct histogram_set *set = histogram_set_new(0, 10);
	struct conn c = sample_refused();

	(void)unused;
	for (size_t i = 0; i < sizeof(outcomes); i++) {
		c.outcome = outcomes[i];
		live(set, &c);
	}
	c.step_ns[1] = TIME_UNKNOWN;
	c.outcome = CONN_OUTCOME_ABORTED;
	live(set, &c);
	/* A server's never was a connect, and what was open has not failed to. */
	c = sample_server();
	c.step_count = 1;
	c.outcome = CONN_OUTCOME_RESET_RECEIVED;
	sample_step(&c, STATE_CLOSED, 1000000000);
	live(set, &c);
	c = sample_client();
	c.outcome = CONN_OUTCOME_RESET_RECEIVED;
	live(set, &c);
	assert_string_equal(tally_of(set, "handshake_failed"),
			    "by_outcome: refused 2 timed_out 1 unreachable 1 aborted 1 - 1");
	assert_row(3, "handshake_failed", 5, 1);
	assert_int_equal(rows.row[3].min, 850);
	histogram_set_free(set);
}

static void accept_waits(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_COMM, 10);
	struct conn c = sample_server();

	(void)unused;
	sample_comm(&c, "nginx");
	c.accept_ns = 1000000000 + 7 * MS;
	feed_accepted(histogram_set_consumer(set), &c);
	c.accept_ns = 999999999; /* before it was ESTABLISHED: fast open */
	feed_accepted(histogram_set_consumer(set), &c);
	read_rows(set);
	assert_int_equal(rows.count, 1);
	assert_row(0, "accept_queue", 1, 1);
	assert_int_equal(rows.row[0].min, 7 * MS);
	assert_string_equal(rows.row[0].group.comm, "nginx");
	assert_string_equal(rows.row[0].tally, "");
	histogram_set_free(set);
}

static void half_open_by_outcome(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 10);
	struct histogram_set *by_lport = histogram_set_new(1 << GROUP_BY_LPORT, 10);
	struct half_open h = sample_half_open();

	(void)unused;
	for (unsigned int i = 0; i < 7; i++) {
		h.end = (uint8_t)(i % HALF_OPEN_END_COUNT);
		h.age_ns = i ? (i + 1) * MS : TIME_UNKNOWN;
		feed_half_open(histogram_set_consumer(set), &h);
		feed_half_open(histogram_set_consumer(by_lport), &h);
	}
	assert_string_equal(tally_of(set, "half_open"),
			    "by_outcome: handshake_abandoned 1 reset_received 1 overflow 1 "
			    "listener_closed 1 reset_sent 1 unreachable 1 killed 1");
	assert_row(3, "half_open", 6, 1);
	assert_int_equal(rows.row[3].min, 2 * MS);
	assert_int_equal(rows.row[3].max, 7 * MS);
	read_rows(by_lport);
	assert_int_equal(rows.count, 1);
	assert_row(0, "half_open", 6, 1);
	assert_int_equal(rows.row[0].group.lport, h.lport);
	histogram_set_free(by_lport);
	histogram_set_free(set);
}

/* Its owner is known when it is accepted; what came before is the owner's as well. */
static void servers_are_their_owner_s(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_COMM, 10);
	struct conn closed = sample_server(), alive = sample_server(), nobody = sample_server();
	struct transition established = { .from = STATE_SYN_RECV,
					  .to = STATE_ESTABLISHED,
					  .dwell_ns = 250000 };

	(void)unused;
	closed.handshake_quality = CONN_QUALITY_EXACT;
	alive.handshake_quality = CONN_QUALITY_EXACT;
	nobody.handshake_quality = CONN_QUALITY_EXACT;
	feed_transition(histogram_set_consumer(set), &closed, &established);
	read_rows(set);
	assert_int_equal(rows.count, 0);
	sample_comm(&closed, "nginx");
	closed.flags |= CONN_CLOSE_TOLD;
	feed_closed(histogram_set_consumer(set), &closed);
	alive.step_count = 2;
	sample_comm(&alive, "nginx");
	feed_alive(histogram_set_consumer(set), &alive, 0);
	feed_alive(histogram_set_consumer(set), &closed,
		   0); /* in TIME_WAIT, say: it has had its turn */
	feed_closed(histogram_set_consumer(set), &nobody);
	read_rows(set);
	assert_row(0, "handshake_server", 2, 0);
	assert_string_equal(rows.row[0].group.comm, "nginx");
	assert_row(1, "handshake_server", 1, 0);
	assert_false(rows.row[1].group.has_comm);
	assert_row(2, "state_syn_recv", 2, 0);
	assert_row(4, "state_established", 1, 0);
	histogram_set_free(set);

	/* By anything else it is counted at once, and once. */
	set = histogram_set_new(1 << GROUP_BY_LPORT, 10);
	feed_transition(histogram_set_consumer(set), &closed, &established);
	feed_closed(histogram_set_consumer(set), &closed);
	feed_alive(histogram_set_consumer(set), &alive, 0);
	read_rows(set);
	assert_row(0, "handshake_server", 1, 0);
	histogram_set_free(set);
}

static void closing_has_a_row(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 10);
	struct conn c = sample_client();

	(void)unused;
	c.step_state[3] = STATE_CLOSING;
	live(set, &c);
	read_rows(set);
	assert_row(rows.count - 1, "state_closing", 1, 0);
	histogram_set_free(set);
}

static void groups_are_told_apart(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_COMM, 10);
	struct conn a = sample_client(), b = sample_client(), nobody = sample_client();

	(void)unused;
	sample_comm(&b, "abcdefghijklmnop");	   /* fills the field, without a NUL */
	nobody.flags &= (uint16_t)~CONN_HAS_OWNER; /* what comm holds then means nothing */
	live(set, &a);
	live(set, &b);
	live(set, &b);
	b.rport++; /* not grouped by */
	live(set, &b);
	live(set, &nobody);
	live(set, &nobody);
	read_rows(set);
	assert_row(0, "handshake_client", 3, 0);
	assert_string_equal(rows.row[0].group.comm, "abcdefghijklmnop");
	assert_row(1, "handshake_client", 2, 0);
	assert_false(rows.row[1].group.has_comm);
	assert_row(2, "handshake_client", 1, 0);
	assert_string_equal(rows.row[2].group.comm, "curl");
	assert_true(rows.row[2].group.has_comm);
	/* Empty rows of groups are left out. */
	assert_row(3, "time_wait", 0, 3);
	histogram_set_free(set);
}

static void each_key_parts(void **unused)
{
	(void)unused;
	for (unsigned int key = 0; key < GROUP_KEY_COUNT; key++) {
		struct histogram_set *set = histogram_set_new(1U << key, 10);
		struct conn c = sample_client(), d = c;

		live(set, &c);
		sample_comm(&d, "other");
		d.raddr.byte[15]++;
		d.rport++;
		d.lport++;
		d.netns++;
		d.cgroup++;
		d.outcome = CONN_OUTCOME_TIMED_OUT;
		live(set, &d);
		live(set, &d);
		read_rows(set);
		assert_row(0, "handshake_client", 2, 0);
		assert_row(1, "handshake_client", 1, 0);
		assert_row(2, "time_wait", 0, 2);
		histogram_set_free(set);
	}
}

static void unknown_endpoints_are_a_group(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_RADDR | 1 << GROUP_BY_RPORT, 9);
	struct conn c = sample_client();

	(void)unused;
	c.flags &= (uint16_t)~CONN_HAS_ENDPOINTS;
	live(set, &c);
	c.raddr.byte[3] = 99;
	c.rport = 1;
	live(set, &c);
	/* Nobody connects to the unspecified address: it was not chosen yet. */
	c.flags |= CONN_HAS_ENDPOINTS;
	c.raddr = address_from_ipv4((const uint8_t[4]){ 0 });
	c.rport = 0;
	live(set, &c);
	read_rows(set);
	assert_row(0, "handshake_client", 3, 0);
	assert_false(rows.row[0].group.has_raddr);
	assert_int_equal(rows.row[0].group.rport, 0);
	histogram_set_free(set);
}

/* The largest are printed, in whatever order they came; the rest is their exact sum. */
static void the_rest_is_exact(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_RPORT, 3);
	struct conn c = sample_client();

	(void)unused;
	for (unsigned int port = 1; port <= 100; port++) {
		c.rport = (uint16_t)port;
		c.handshake_ns = port * MS;
		for (unsigned int i = 0; i < port; i++)
			live(set, &c);
	}
	read_rows(set);
	for (unsigned int i = 0; i < 3; i++) {
		assert_row(i, "handshake_client", 100 - i, 0);
		assert_int_equal(rows.row[i].group.rport, 100 - i);
		assert_false(rows.row[i].group.is_other);
	}
	assert_row(3, "handshake_client", 97 * 98 / 2, 0);
	assert_true(rows.row[3].group.is_other);
	assert_int_equal(rows.row[3].min, 1 * MS);
	assert_int_equal(rows.row[3].max, 97 * MS);
	assert_row(7, "time_wait", 0, 97 * 98 / 2);
	assert_int_equal(histogram_set_crowded(set), 0);
	histogram_set_free(set);
}

/* More groups than are kept apart: the late ones are in the rest, and no value is lost. */
static void a_crowd_is_bounded(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_RPORT | 1 << GROUP_BY_LPORT, 2);
	struct conn c = sample_client();
	struct transition t = sample_transition();
	uint64_t total = 0;

	(void)unused;
	t.to = STATE_CLOSED;
	for (unsigned int i = 0; i < HISTOGRAM_SET_GROUPS + 1000; i++) {
		c.rport = (uint16_t)(i % 50000 + 1);
		feed_transition(histogram_set_consumer(set), &c, &t);
	}
	assert_int_equal(histogram_set_crowded(set), 1000);
	read_rows(set);
	assert_int_equal(rows.count, 3);
	for (size_t i = 0; i < rows.count; i++)
		total += rows.row[i].count;
	assert_int_equal(total, HISTOGRAM_SET_GROUPS + 1000);
	assert_true(rows.row[2].group.is_other);
	histogram_set_free(set);
}

/* Whatever groups a user makes up, each of another one's has all of its values. */
static void one_user_takes_no_group_of_another_s(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_LPORT, 4);
	struct conn attack = sample_client(), victim = sample_client();
	struct transition t = sample_transition();

	(void)unused;
	t.to = STATE_CLOSED;
	attack.uid = 1000;
	victim.uid = 33;
	for (unsigned int i = 0; i < 3 * HISTOGRAM_SET_GROUPS; i++) {
		attack.lport = (uint16_t)(1000 + i);
		feed_transition(histogram_set_consumer(set), &attack, &t);
	}
	for (unsigned int i = 0; i < 1000; i++) {
		victim.lport = (uint16_t)(i % 4 + 1);
		feed_transition(histogram_set_consumer(set), &victim, &t);
	}
	assert_int_equal(histogram_set_crowded(set), 2 * HISTOGRAM_SET_GROUPS);
	assert_int_equal(payers_at(histogram_set_payers(set), 0)->share.owner, 1000);
	assert_null(payers_at(histogram_set_payers(set), 1));
	read_rows(set);
	for (unsigned int i = 0; i < 4; i++) {
		assert_row(i, "state_syn_sent", 250, 0);
		assert_int_equal(rows.row[i].group.lport, i + 1);
	}
	histogram_set_free(set);
}

/* Every one of many groups is found again, and equal ones are ordered by what they are. */
static void many_groups_are_found_again(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_LPORT, 6000);
	struct conn c = sample_client();
	struct transition t = sample_transition();

	(void)unused;
	t.to = STATE_CLOSED;
	for (unsigned int round = 0; round < 3; round++) {
		for (unsigned int i = 6000; i--;) {
			c.lport = (uint16_t)(i * 7 + 1);
			feed_transition(histogram_set_consumer(set), &c, &t);
		}
	}
	read_rows(set);
	assert_int_equal(rows.count, 6000);
	for (unsigned int i = 0; i < 6000; i++) {
		assert_row(i, "state_syn_sent", 3, 0);
		assert_int_equal(rows.row[i].group.lport, i * 7 + 1);
	}
	histogram_set_free(set);
}

/* Of units one in a hundred, and none below. */
static uint64_t first_of_ten(const struct group_joiner *self, enum group_key key, uint64_t id)
{
	assert_non_null(self);
	return key == GROUP_BY_CGROUP ? id / 10 * 10 : id / 100 * 100;
}

static const struct group_joiner joiner = { first_of_ten };

/* Ids that share a path become one group, and all of them are still found. */
static void cgroups_are_joined(void **unused)
{
	struct histogram_set *set = histogram_set_new(1 << GROUP_BY_CGROUP, 100);
	struct conn c = sample_client();
	struct transition t = sample_transition();

	(void)unused;
	t.to = STATE_CLOSED;
	for (c.cgroup = 1; c.cgroup < 300; c.cgroup++)
		feed_transition(histogram_set_consumer(set), &c, &t);
	histogram_set_join(set, &joiner);
	for (c.cgroup = 0; c.cgroup < 300; c.cgroup += 10)
		feed_transition(histogram_set_consumer(set), &c, &t);
	read_rows(set);
	assert_int_equal(rows.count, 30);
	for (unsigned int i = 0; i < 30; i++) {
		assert_row(i, "state_syn_sent", i < 29 ? 11 : 10, 0);
		assert_int_equal(rows.row[i].group.cgroup, i < 29 ? 10 * (i + 1) : 0);
	}
	assert_int_equal(histogram_set_lost(set), 0);
	histogram_set_free(set);
	set = histogram_set_new(1 << GROUP_BY_LPORT, 100);
	feed_transition(histogram_set_consumer(set), &c, &t);
	histogram_set_join(set, &joiner);
	read_rows(set);
	assert_int_equal(rows.count, 1);
	histogram_set_free(set);
}

/* What has no unit is one group, with what has no cgroup. */
static void units_are_joined(void **unused)
{
	struct histogram_set *set =
		histogram_set_new(1 << GROUP_BY_UNIT | 1 << GROUP_BY_LPORT, 100);
	struct conn c = sample_client();
	struct transition t = sample_transition();

	(void)unused;
	assert_true(histogram_set_consumer(set)->wants & CONSUMER_CGROUPS);
	t.to = STATE_CLOSED;
	for (c.cgroup = 0; c.cgroup < 300; c.cgroup++)
		feed_transition(histogram_set_consumer(set), &c, &t);
	histogram_set_join(set, &joiner);
	read_rows(set);
	assert_int_equal(rows.count, 3);
	for (unsigned int i = 0; i < 3; i++) {
		assert_row(i, "state_syn_sent", 100, 0);
		assert_int_equal(rows.row[i].group.unit, 100 * i);
		assert_int_equal(rows.row[i].group.cgroup, 0);
	}
	histogram_set_free(set);
}

static uint64_t random_number(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed >> 11;
}

/* Of a few ways to live, now and then with a time that is not known, or that goes back. */
static struct conn random_life(uint64_t *seed)
{
	static const uint8_t ways[][CONN_STEPS] = {
		{ STATE_SYN_SENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, STATE_FIN_WAIT2,
		  STATE_TIME_WAIT },
		{ STATE_SYN_SENT, STATE_ESTABLISHED, STATE_CLOSE_WAIT, STATE_LAST_ACK,
		  STATE_CLOSED },
		{ STATE_SYN_RECV, STATE_ESTABLISHED, STATE_CLOSE_WAIT, STATE_LAST_ACK,
		  STATE_CLOSED },
		{ STATE_SYN_RECV, STATE_ESTABLISHED, STATE_FIN_WAIT1, STATE_CLOSING,
		  STATE_TIME_WAIT, STATE_CLOSED },
		{ STATE_SYN_RECV, STATE_FIN_WAIT1, STATE_FIN_WAIT2, STATE_TIME_WAIT },
		{ STATE_SYN_SENT, STATE_CLOSED },
		{ STATE_SYN_SENT, STATE_SYN_RECV, STATE_ESTABLISHED, STATE_TIME_WAIT,
		  STATE_ESTABLISHED, STATE_CLOSED },
		{ STATE_ESTABLISHED, STATE_FIN_WAIT1, STATE_TIME_WAIT },
		{ STATE_LISTEN },
	};
	const uint8_t *way = ways[random_number(seed) % (sizeof(ways) / sizeof(*ways))];
	uint64_t now_ns = MS + random_number(seed) % MS;
	struct conn c = { .role = random_number(seed) % 16 ? 1 + (way[0] == STATE_SYN_RECV) :
							     random_number(seed) % 3 };

	for (unsigned int i = 0; i < CONN_STEPS && way[i]; i++) {
		now_ns += random_number(seed) % (MS << random_number(seed) % 8);
		sample_step(&c, way[i],
			    random_number(seed) % 32 ? now_ns :
			    random_number(seed) % 2  ? TIME_UNKNOWN :
						       now_ns / 2);
		/* Only a mark says that nobody saw it. */
		if (!(random_number(seed) % 64))
			c.step_inferred ^= (uint8_t)(1U << i);
	}
	c.handshake_quality = random_number(seed) % 8 ? CONN_QUALITY_EXACT :
							random_number(seed) % CONN_QUALITY_COUNT;
	c.handshake_ns = random_number(seed) % 32 ? random_number(seed) % MS : TIME_UNKNOWN;
	c.handshake_flags = random_number(seed) % 32 ? 0 : CONN_HANDSHAKE_RESTORED;
	return c;
}

static void assert_same_rows(const struct rows *one, const struct rows *other)
{
	assert_int_equal(one->count, other->count);
	for (size_t i = 0; i < one->count; i++) {
		const struct row *a = &one->row[i], *b = &other->row[i];

		assert_string_equal(a->name, b->name);
		assert_string_equal(a->tally, b->tally);
		assert_int_equal(a->count, b->count);
		assert_int_equal(a->unknown, b->unknown);
		assert_int_equal(a->estimated, b->estimated);
		assert_int_equal(a->min, b->min);
		assert_int_equal(a->max, b->max);
	}
}

/* Whatever the lives were that came before it. */
static void a_life_comes_to_the_same_as_its_steps(void **unused)
{
	struct histogram_set *once = histogram_set_new(0, 1), *each = histogram_set_new(0, 1);
	const struct consumer_class *class = histogram_set_consumer(once)->class;
	static struct rows expected;
	uint64_t seed = 88172645463325252;

	(void)unused;
	for (unsigned int i = 0; i < 20000; i++) {
		struct conn c = random_life(&seed), growing = c;

		class->steps(histogram_set_consumer(once), &c, 0);
		for (unsigned int step = 0; step < c.step_count; step++) {
			growing.step_count = (uint8_t)(step + 1) & 15;
			/* No life has these. */
			memset(growing.step_state, 0, sizeof(growing.step_state));
			memcpy(growing.step_state, c.step_state, step + 1);
			class->steps(histogram_set_consumer(each), &growing, step);
		}
		if (i % 4096 && i != 19999)
			continue;
		read_rows(each);
		expected = rows;
		read_rows(once);
		assert_same_rows(&rows, &expected);
		histogram_set_clear(once);
		histogram_set_clear(each);
	}
	histogram_set_free(once);
	histogram_set_free(each);
}

/* Closed in order. Of a server that is accepted at once, or after a while. */
static struct conn orderly_life(enum conn_role role, uint64_t *seed)
{
	static const uint8_t ways[][4] = {
		{ STATE_SYN_SENT, STATE_ESTABLISHED, STATE_FIN_WAIT1, STATE_FIN_WAIT2 },
		{ STATE_SYN_RECV, STATE_ESTABLISHED, STATE_CLOSE_WAIT, STATE_LAST_ACK },
	};
	const uint8_t *way = ways[role == CONN_ROLE_SERVER];
	struct conn c = { .role = role, .handshake_quality = CONN_QUALITY_EXACT };
	uint64_t now_ns = MS;

	for (unsigned int i = 0; i < sizeof(ways[0]); i++) {
		sample_step(&c, way[i], now_ns);
		now_ns += random_number(seed) % (MS << random_number(seed) % 8);
	}
	sample_step(&c, role == CONN_ROLE_CLIENT ? STATE_TIME_WAIT : STATE_CLOSED, now_ns);
	c.handshake_ns = c.step_ns[1] - c.step_ns[0];
	if (role == CONN_ROLE_SERVER)
		c.accept_ns = c.step_ns[1] + random_number(seed) % MS;
	return c;
}

static void assert_same_look(const struct histogram_set *one, const struct histogram_set *other)
{
	static struct rows expected;

	read_rows(other);
	expected = rows;
	read_rows(one);
	assert_same_rows(&rows, &expected);
}

/* One that `set` is added to. */
static struct histogram_set *merged(const struct histogram_set *set)
{
	struct histogram_set *sum = histogram_set_new(0, 1);

	assert_int_equal(histogram_set_merge(sum, set), 0);
	return sum;
}

/* In one way of these at a time: each shows all that came before it. */
static void look(const struct histogram_set *one, const struct histogram_set *other,
		 unsigned int turn)
{
	struct histogram_set *made = turn % 4 == 1 ? histogram_set_copy(one) :
				     turn % 4 == 2 ? merged(one) :
						     NULL;
	struct histogram_row a, b;

	if (turn % 4 == 3) {
		histogram_set_get(one, HISTOGRAM_SYN_RECV, &a);
		histogram_set_get(other, HISTOGRAM_SYN_RECV, &b);
		assert_int_equal(a.histogram->count, b.histogram->count);
		assert_int_equal(a.histogram->sum_low, b.histogram->sum_low);
	} else {
		assert_same_look(made ? made : one, other);
	}
	histogram_set_free(made);
}

static void lives_that_are_alike_show_in_each_look(void **unused)
{
	struct histogram_set *alike = histogram_set_new(0, 1), *told = histogram_set_new(0, 1);
	struct consumer *learns = histogram_set_consumer(alike);
	struct consumer *is_told = histogram_set_consumer(told);
	uint64_t seed = 88172645463325252;

	(void)unused;
	for (unsigned int i = 0; i < 4000; i++) {
		enum conn_role role = i % 3 ? CONN_ROLE_CLIENT : CONN_ROLE_SERVER;
		struct conn c = orderly_life(role, &seed);

		if (i < 6)
			assert_true(learns->class->learn(learns, role, &c));
		learns->class->like(learns, role, &c);
		is_told->class->steps(is_told, &c, 0);
		if (c.accept_ns)
			is_told->class->accepted(is_told, &c);
		if (!(i % 97))
			look(alike, told, i / 97);
		/* What was before is in no look after. */
		if (i == 1000 || i == 3000) {
			histogram_set_clear(alike);
			histogram_set_clear(told);
		}
	}
	assert_same_look(alike, told);
	histogram_set_free(alike);
	histogram_set_free(told);
}

static void nonsense_is_ignored(void **unused)
{
	struct histogram_set *set = histogram_set_new(0, 1);
	struct conn c = sample_client();
	struct transition t = { .from = 250, .to = STATE_CLOSED, .dwell_ns = 1 };

	(void)unused;
	feed_transition(histogram_set_consumer(set), &c, &t);
	t.from = STATE_LISTEN;
	feed_transition(histogram_set_consumer(set), &c, &t);
	t.from = STATE_CLOSED;
	feed_transition(histogram_set_consumer(set), &c, &t);
	read_rows(set);
	assert_int_equal(rows.count, 3);
	assert_row(0, "handshake_client", 0, 0);
	histogram_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_set_has_the_headline_rows),
		cmocka_unit_test(a_life_fills_its_rows),
		cmocka_unit_test(what_was_chosen_is_all_there_is),
		cmocka_unit_test(a_span_is_followed_by_an_empty_one),
		cmocka_unit_test(unknown_is_counted_apart),
		cmocka_unit_test(time_wait_is_measured_if_known),
		cmocka_unit_test(time_wait_by_end),
		cmocka_unit_test(handshakes_by_quality),
		cmocka_unit_test(estimated_handshakes_stand_apart),
		cmocka_unit_test(estimated_time_waits_are_counted),
		cmocka_unit_test(failed_connects_by_outcome),
		cmocka_unit_test(accept_waits),
		cmocka_unit_test(half_open_by_outcome),
		cmocka_unit_test(servers_are_their_owner_s),
		cmocka_unit_test(closing_has_a_row),
		cmocka_unit_test(groups_are_told_apart),
		cmocka_unit_test(each_key_parts),
		cmocka_unit_test(unknown_endpoints_are_a_group),
		cmocka_unit_test(the_rest_is_exact),
		cmocka_unit_test(a_crowd_is_bounded),
		cmocka_unit_test(one_user_takes_no_group_of_another_s),
		cmocka_unit_test(many_groups_are_found_again),
		cmocka_unit_test(cgroups_are_joined),
		cmocka_unit_test(units_are_joined),
		cmocka_unit_test(a_life_comes_to_the_same_as_its_steps),
		cmocka_unit_test(lives_that_are_alike_show_in_each_look),
		cmocka_unit_test(nonsense_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
