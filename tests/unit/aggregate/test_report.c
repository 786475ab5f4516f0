// SPDX-License-Identifier: GPL-2.0-only
/* What a report gathers: the state machine, the connections worth a look, and what comes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/feed.h"
#include "tests/unit/sample_conn.h"
#include "user/aggregate/report.h"
#include "user/aggregate/verdict.h"
#include "user/conn/table.h"

#define NOW (5000 * 1000 * MS)

static struct consumer *all[REPORT_CONSUMERS];

static struct report *begin(void)
{
	struct report *r = report_new(100, false);

	assert_non_null(r);
	report_consumers(r, all);
	return r;
}

static void steps(const struct conn *c)
{
	for (size_t i = 0; i < REPORT_CONSUMERS; i++)
		if (all[i] && all[i]->class->steps)
			all[i]->class->steps(all[i], c, 0);
}

static void close_all(const struct conn *c)
{
	steps(c);
	for (size_t i = 0; i < REPORT_CONSUMERS; i++)
		if (all[i])
			feed_closed(all[i], c);
}

static void stay_all(const struct conn *c)
{
	steps(c);
	for (size_t i = 0; i < REPORT_CONSUMERS; i++)
		if (all[i])
			feed_alive(all[i], c, NOW);
}

static void passages_are_counted_by_both_ends(void **unused)
{
	struct report *r = begin();
	struct conn client = sample_client(), server = sample_server(), unknown = sample_unknown();

	(void)unused;
	close_all(&client);
	close_all(&server);
	close_all(&unknown);
	assert_int_equal(r->passages.moves[STATE_CLOSED][STATE_SYN_SENT], 1);
	assert_int_equal(r->passages.moves[STATE_SYN_SENT][STATE_ESTABLISHED], 1);
	assert_int_equal(r->passages.moves[STATE_CLOSE_WAIT][STATE_LAST_ACK], 1);
	assert_int_equal(passages_into(&r->passages, STATE_ESTABLISHED), 2);
	/* What is older came from nowhere, but ends as all do. */
	assert_int_equal(passages_begun(&r->passages), 2);
	assert_int_equal(r->passages.moves[STATE_ESTABLISHED][STATE_CLOSED], 1);
	assert_int_equal(r->passages.inferred, 1);
	report_free(r);
}

static struct conn leaked(void)
{
	struct conn c = sample_server();

	c.step_count = 3;
	c.outcome = CONN_OUTCOME_OPEN;
	c.flags &= ~(unsigned int)CONN_FINISHED;
	return c;
}

static void what_stays_is_stuck_when_it_is_old(void **unused)
{
	struct report *r = begin();
	struct conn c = leaked();

	(void)unused;
	stay_all(&c);
	assert_int_equal(r->passages.left[STATE_CLOSE_WAIT].count, 1);
	assert_int_equal(r->passages.left[STATE_CLOSE_WAIT].stuck, 1);
	assert_int_equal(r->passages.left[STATE_CLOSE_WAIT].oldest_ns, NOW - c.step_ns[2]);
	report_free(r);
}

/* Of one that was there before the run nobody knows how it got there, but since when it is. */
static void what_was_stuck_before_is_stuck(void **unused)
{
	struct report *r = begin();
	struct conn c = leaked();

	(void)unused;
	c.flags |= CONN_SEEDED | CONN_INCOMPLETE;
	c.step_count = 1;
	c.step_state[0] = STATE_CLOSE_WAIT;
	c.step_ns[0] = TIME_UNKNOWN;
	c.step_ns[1] = NOW - 11 * NS_PER_S;
	stay_all(&c);
	assert_int_equal(r->passages.left[STATE_CLOSE_WAIT].stuck, 1);
	assert_int_equal(r->passages.left[STATE_CLOSE_WAIT].oldest_ns, 11 * NS_PER_S);
	assert_true(r->passages.left[STATE_CLOSE_WAIT].is_older);
	assert_int_equal(r->hangs.kinds, 1);
	assert_true(r->hangs.kind[0].is_older);
	report_free(r);
}

static size_t judge(const struct report *r, struct verdict verdicts[VERDICTS_MOST])
{
	struct report_rows rows;

	assert_int_equal(report_rows(r, &rows), 0);
	return verdict_find(r, &rows, verdicts);
}

/* A server's that is ESTABLISHED, and waited for its accept as the run began. */
static void who_is_never_accepted_is_stuck(void **unused)
{
	static const struct conn_filter every;
	const struct consumer_list none = { NULL, 0 };
	struct conn_table *table = conn_table_new(10, &every, &none);
	struct conn c = leaked(), taken;
	struct verdict v[VERDICTS_MOST];

	(void)unused;
	assert_non_null(table);
	c.flags |= CONN_SEEDED | CONN_INCOMPLETE;
	c.step_count = 1;
	c.step_state[0] = STATE_ESTABLISHED;
	c.step_ns[0] = TIME_UNKNOWN;
	c.step_ns[1] = NOW - 11 * NS_PER_S;
	c.step_ns[2] = EVENT_SOCKET_UNACCEPTED;
	taken = c;
	taken.accept_ns = NOW;
	for (unsigned int knows = 0; knows < 2; knows++) {
		struct report *r = begin();
		size_t count;

		if (knows)
			report_knows_accepts(r, table);
		stay_all(&c);
		stay_all(&taken);
		r->summary.connections.opened = r->summary.connections.live = 2;
		assert_int_equal(r->passages.left[STATE_ESTABLISHED].count, 2);
		assert_int_equal(r->passages.left[STATE_ESTABLISHED].stuck, knows);
		assert_int_equal(r->hangs.kinds, knows);
		count = judge(r, v);
		assert_true(count > 0);
		if (knows) {
			assert_int_equal(v[0].kind, VERDICT_UNACCEPTED);
			assert_int_equal(v[0].grade, VERDICT_BAD);
			assert_int_equal(v[0].n[0], 1);
			assert_int_equal(v[0].ns[0], NOW - c.step_ns[1]);
		}
		for (size_t i = 0; i < count; i++)
			assert_true(knows || v[i].grade == VERDICT_FINE);
		report_free(r);
	}
	conn_table_free(table);
}

static void the_slowest_has_a_ladder(void **unused)
{
	struct report *r = begin();
	struct conn fast = sample_client(), slow = sample_client();
	struct ladder ladder;
	uint64_t ns;

	(void)unused;
	slow.id = 99;
	slow.handshake_ns *= 2;
	assert_false(gallery_ladder(r->gallery, GALLERY_SLOWEST_CLIENT, NULL, &ladder, &ns));
	close_all(&fast);
	close_all(&slow);
	close_all(&fast);
	assert_true(gallery_ladder(r->gallery, GALLERY_SLOWEST_CLIENT, NULL, &ladder, &ns));
	assert_int_equal(ladder.conn->id, 99);
	assert_int_equal(ns, slow.handshake_ns);
	assert_null(ladder.other);
	report_free(r);
}

static void one_of_each_failure_is_kept(void **unused)
{
	struct report *r = begin();
	struct conn refused = sample_refused();
	struct half_open h = { .mono_ns = 7, .age_ns = 5, .end = HALF_OPEN_OVERFLOW, .lport = 80 };
	struct ladder ladder;
	uint64_t ns;

	(void)unused;
	close_all(&refused);
	close_all(&refused);
	feed_half_open(gallery_consumer(r->gallery), &h);
	assert_int_equal(gallery_failed(r->gallery, CONN_CAUSE_REFUSED), 2);
	assert_int_equal(gallery_failed(r->gallery, CONN_CAUSE_QUEUE_FULL), 1);
	assert_int_equal(gallery_failed(r->gallery, CONN_CAUSE_COUNT), 0);
	assert_true(gallery_ladder(r->gallery, GALLERY_CAUSES + CONN_CAUSE_REFUSED, NULL, &ladder,
				   &ns));
	assert_int_equal(ladder.conn->id, refused.id);
	assert_true(gallery_ladder(r->gallery, GALLERY_CAUSES + CONN_CAUSE_QUEUE_FULL, NULL,
				   &ladder, &ns));
	report_free(r);
}

static void nothing_is_said_of_nothing(void **unused)
{
	struct report *r = begin();
	struct verdict v[VERDICTS_MOST];

	(void)unused;
	assert_int_equal(judge(r, v), 1);
	assert_int_equal(v[0].kind, VERDICT_EMPTY);
	report_free(r);
}

/* They are none that were opened or closed, and nothing else may have happened. */
static void connects_without_a_syn_may_be_all_that_failed(void **unused)
{
	struct report *r = begin();
	struct conn unsent = sample_refused();
	struct verdict v[VERDICTS_MOST];
	const struct roster_group *groups;
	size_t count;

	(void)unused;
	unsent.flags |= CONN_UNSENT;
	unsent.cause = CONN_CAUSE_CONNECT_FAILED;
	unsent.outcome = CONN_OUTCOME_ABORTED;
	close_all(&unsent);
	close_all(&unsent);
	r->summary.connections.unsent = 2;
	groups = parties_sort(r->parties, PARTIES_REMOTE, NULL, &count);
	assert_int_equal(count, 1);
	assert_int_equal(groups[0].closed, 0);
	assert_int_equal(groups[0].failed, 2);
	assert_int_equal(roster_group_ended(&groups[0]), 2);
	assert_int_equal(judge(r, v), 1);
	assert_int_equal(v[0].kind, VERDICT_FAILED);
	assert_int_equal(v[0].n[0], 2);
	assert_int_equal(v[0].n[1], 2);
	report_free(r);
}

/* However many there are that are older and live on. */
static void what_is_damaged_is_told_beside_what_is_older(void **unused)
{
	struct report *r = begin();
	struct conn_counts *n = &r->summary.connections;
	struct verdict v[VERDICTS_MOST];
	size_t count;

	(void)unused;
	*n = (struct conn_counts){ .opened = 20, .closed = 9, .live = 21, .seeded = 10 };
	n->incomplete = n->older_over = 2;
	count = judge(r, v);
	for (size_t i = 0; i < count; i++)
		assert_int_not_equal(v[i].kind, VERDICT_INCOMPLETE);
	n->incomplete = 5;
	count = judge(r, v);
	for (size_t i = 0; i < count; i++)
		if (v[i].kind == VERDICT_INCOMPLETE) {
			assert_int_equal(v[i].n[0], 13);
			assert_int_equal(v[i].n[1], 30);
			count = 0;
		}
	assert_int_equal(count, 0);
	report_free(r);
}

static void the_worst_comes_first(void **unused)
{
	struct report *r = begin();
	struct conn client = sample_client(), refused = sample_refused(), leak = leaked();
	struct verdict v[VERDICTS_MOST];
	size_t count;

	(void)unused;
	close_all(&client);
	r->summary.connections.opened = r->summary.connections.closed = 1;
	count = judge(r, v);
	assert_true(count >= VERDICTS_LEAST);
	assert_int_equal(v[0].kind, VERDICT_ORDERLY);

	close_all(&refused);
	stay_all(&leak);
	r->summary.connections.opened = 3;
	r->summary.connections.closed = 2;
	r->summary.connections.live = 1;
	r->summary.events.ring_full = 23;
	count = judge(r, v);
	assert_in_range(count, VERDICTS_LEAST, VERDICTS_MOST);
	assert_int_equal(v[0].kind, VERDICT_LOST);
	assert_int_equal(v[0].n[0], 23);
	assert_int_equal(v[1].grade, VERDICT_BAD);
	assert_int_equal(v[2].grade, VERDICT_BAD);
	for (size_t i = 1; i < count; i++)
		assert_true(v[i - 1].grade >= v[i].grade);
	for (size_t i = 0; i < count; i++) {
		if (v[i].kind == VERDICT_FAILED) {
			assert_int_equal(v[i].cause, CONN_CAUSE_REFUSED);
			assert_int_equal(v[i].n[0], 1);
			assert_int_equal(v[i].n[1], 2);
		}
		if (v[i].kind == VERDICT_STUCK)
			assert_int_equal(v[i].state, STATE_CLOSE_WAIT);
		assert_int_not_equal(v[i].kind, VERDICT_ORDERLY);
	}
	report_free(r);
}

static void a_range_that_is_nearly_used_up_is_worth_a_look(void **unused)
{
	struct report *r = begin();
	const struct transition t = { .from = STATE_CLOSED, .to = STATE_SYN_SENT };
	struct conn c = sample_client();
	struct verdict v[VERDICTS_MOST];
	size_t count;

	(void)unused;
	r->summary.connections.opened = r->summary.connections.closed = 1;
	for (unsigned int i = 0; i < CROWDING_USUAL_PORTS * 9 / 10; i++) {
		c.lport = (uint16_t)(32768 + i);
		feed_transition(crowding_consumer(r->crowding), &c, &t);
	}
	count = judge(r, v);
	assert_true(count > 0);
	assert_int_equal(v[0].kind, VERDICT_PORTS);
	assert_int_equal(v[0].n[0], CROWDING_USUAL_PORTS * 9 / 10);
	report_free(r);
}

static void groups_are_by_each_key(void **unused)
{
	struct report *r = begin();
	struct conn client = sample_client(), refused = sample_refused(), leak = leaked();
	const struct roster_group *groups;
	size_t count;

	(void)unused;
	close_all(&client);
	close_all(&client);
	close_all(&refused);
	stay_all(&leak);
	groups = parties_sort(r->parties, PARTIES_PROCESS, NULL, &count);
	assert_int_equal(count, 3);
	assert_int_equal(groups[0].closed, 2);
	assert_string_equal(groups[0].example.comm, "curl");
	assert_int_equal(groups[1].failed, 1);
	groups = parties_sort(r->parties, PARTIES_REMOTE, NULL, &count);
	assert_int_equal(count, 3);
	assert_int_equal(groups[2].live, 1);
	assert_int_equal(groups[2].in[STATE_CLOSE_WAIT], 1);
	report_free(r);
}

/* So many clients, whose handshakes took so much more. */
static struct report *clients(unsigned int count, uint64_t more_ns)
{
	struct report *r = report_new(100, false);
	struct conn c = sample_client();
	struct consumer_list list;

	assert_non_null(r);
	assert_int_equal(report_expect_comparison(r), 0);
	list = report_consumers(r, all);
	for (size_t i = list.count; i < REPORT_CONSUMERS; i++)
		all[i] = NULL;
	c.handshake_ns += more_ns;
	for (unsigned int i = 0; i < count; i++)
		close_all(&c);
	portions_end(r->portions);
	r->summary.connections.opened = r->summary.connections.closed = count;
	r->summary.duration_ns = NOW;
	return r;
}

static struct difference *differ(const struct report *old, struct report *new)
{
	const struct difference_side before = { old->portions, old->failures, &old->summary };
	const struct difference_side after = { new->portions, new->failures, &new->summary };
	struct difference *d = difference_new(&before, &after);

	assert_non_null(d);
	new->comparison.difference = d;
	return d;
}

static void what_changed_is_part_of_the_verdict(void **unused)
{
	struct report *old = clients(500, 0), *same = clients(500, 0), *slow = clients(500, NOW);
	struct difference *none = differ(old, same), *some = differ(old, slow);
	struct verdict v[VERDICTS_MOST];

	(void)unused;
	assert_true(judge(same, v) > 0);
	assert_int_equal(v[0].kind, VERDICT_SAME);
	assert_int_equal(v[0].grade, VERDICT_FINE);
	assert_true(v[0].n[0] > 0);
	assert_true(judge(slow, v) > 0);
	assert_int_equal(v[0].kind, VERDICT_CHANGED);
	assert_true(v[0].n[0] > 0 && v[0].n[0] < v[0].n[1]);
	assert_true(strstr(v[0].row->name, "handshake_client") != NULL);
	difference_free(none);
	difference_free(some);
	/* Of two with too little to compare nothing is said. */
	report_free(same);
	same = clients(1, 0);
	none = differ(same, same);
	for (size_t i = judge(same, v); i--;)
		assert_true(v[i].kind != VERDICT_SAME && v[i].kind != VERDICT_CHANGED);
	difference_free(none);
	report_free(old);
	report_free(same);
	report_free(slow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passages_are_counted_by_both_ends),
		cmocka_unit_test(what_stays_is_stuck_when_it_is_old),
		cmocka_unit_test(what_was_stuck_before_is_stuck),
		cmocka_unit_test(who_is_never_accepted_is_stuck),
		cmocka_unit_test(the_slowest_has_a_ladder),
		cmocka_unit_test(one_of_each_failure_is_kept),
		cmocka_unit_test(nothing_is_said_of_nothing),
		cmocka_unit_test(connects_without_a_syn_may_be_all_that_failed),
		cmocka_unit_test(what_is_damaged_is_told_beside_what_is_older),
		cmocka_unit_test(the_worst_comes_first),
		cmocka_unit_test(a_range_that_is_nearly_used_up_is_worth_a_look),
		cmocka_unit_test(groups_are_by_each_key),
		cmocka_unit_test(what_changed_is_part_of_the_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
