// SPDX-License-Identifier: GPL-2.0-only
/* Failures are counted by cause, service and process, and no crowd of them takes over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/feed.h"
#include "tests/unit/sample_conn.h"
#include "user/aggregate/failure_set.h"

#define ROWS_MOST (2 * FAILURE_SET_MOST)

static struct {
	struct failure failure[ROWS_MOST];
	uint64_t count[ROWS_MOST];
	size_t rows;
	uint64_t all;
} seen;

static void copy_row(void *context, const struct failure *f, uint64_t count)
{
	assert_null(context);
	assert_true(seen.rows < ROWS_MOST);
	seen.failure[seen.rows] = *f;
	seen.count[seen.rows++] = count;
	seen.all += count;
}

static void read_rows(const struct failure_set *set)
{
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(failure_set_each(set, copy_row, NULL), 0);
	assert_int_equal(seen.all, failure_set_count(set));
}

static void add(struct failure_set *set, const struct conn *c, unsigned int times)
{
	while (times--)
		feed_closed(failure_set_consumer(set), c);
}

static void only_failures_are_kept(void **unused)
{
	struct failure_set *set = failure_set_new(10);
	struct conn c = sample_client();

	(void)unused;
	feed_closed(failure_set_consumer(set), &c);
	for (unsigned int outcome = 0; outcome < CONN_OUTCOME_COUNT; outcome++) {
		c.outcome = (uint8_t)outcome;
		assert_int_equal(conn_has_failed(&c), outcome != CONN_OUTCOME_OPEN &&
							      outcome != CONN_OUTCOME_CLOSED &&
							      outcome != CONN_OUTCOME_UNKNOWN);
	}
	read_rows(set);
	assert_int_equal(seen.rows, 0);
	failure_set_free(set);
	failure_set_free(NULL);
}

static void each_fact_parts(void **unused)
{
	struct failure_set *set = failure_set_new(10);
	struct conn refused = sample_refused(), other;

	(void)unused;
	add(set, &refused, 7);
	other = refused;
	other.rport++;
	add(set, &other, 6);
	other = refused;
	other.raddr.byte[15]++;
	add(set, &other, 5);
	other = refused;
	sample_comm(&other, "other");
	add(set, &other, 4);
	other = refused;
	other.cause = CONN_CAUSE_REFUSED_BY_ICMP;
	add(set, &other, 3);
	other = refused;
	other.flags &= (uint16_t)~CONN_HAS_OWNER;
	add(set, &other, 2);
	/* What is another one's each time. */
	other = refused;
	other.lport = 50001;
	other.laddr.byte[15]++;
	other.pid++;
	other.id++;
	add(set, &other, 1);
	read_rows(set);
	assert_int_equal(seen.rows, 6);
	for (size_t i = 0; i < seen.rows; i++) {
		assert_int_equal(seen.count[i], i ? 7 - i : 8);
		assert_false(seen.failure[i].is_other);
	}
	failure_set_free(set);
}

/* Three that differ in their errno, then two that differ in the reason of their reset. */
static void add_five(struct failure_set *set, struct conn *c, enum conn_outcome outcome,
		     enum conn_cause cause, const uint16_t *errors, enum conn_cause reset)
{
	c->outcome = outcome;
	c->cause = cause;
	for (size_t i = 0; i < 3; i++) {
		c->error = errors[i];
		feed_closed(failure_set_consumer(set), c);
	}
	c->outcome = CONN_OUTCOME_RESET_SENT;
	c->cause = reset;
	c->error = 0;
	for (c->reset_reason = 21; c->reset_reason < 23; c->reset_reason++)
		feed_closed(failure_set_consumer(set), c);
	read_rows(set);
}

/* The cause says enough: these are told apart by nothing that is printed. */
static void what_the_cause_says_does_not_part(void **unused)
{
	static const uint16_t errors[] = { ECONNRESET, EPIPE, ECONNRESET };
	struct failure_set *set = failure_set_new(10);
	struct conn c = sample_server();

	(void)unused;
	add_five(set, &c, CONN_OUTCOME_RESET_RECEIVED, CONN_CAUSE_RESET_RECEIVED, errors,
		 CONN_CAUSE_UNREAD_DATA);
	assert_int_equal(seen.rows, 2);
	assert_int_equal(seen.count[0], 3);
	assert_int_equal(seen.failure[0].example.error, 0);
	assert_int_equal(seen.count[1], 2);
	assert_int_equal(seen.failure[1].example.reset_reason, 0);
	failure_set_free(set);
}

static void what_the_cause_leaves_open_parts(void **unused)
{
	static const uint16_t errors[] = { EHOSTUNREACH, ENETUNREACH, ENETUNREACH };
	struct failure_set *set = failure_set_new(10);
	struct conn c = sample_refused();

	(void)unused;
	add_five(set, &c, CONN_OUTCOME_UNREACHABLE, CONN_CAUSE_UNREACHABLE, errors,
		 CONN_CAUSE_RESET_SENT);
	assert_int_equal(seen.rows, 4);
	assert_int_equal(seen.count[0], 2);
	assert_int_equal(seen.failure[0].example.error, ENETUNREACH);
	failure_set_free(set);
}

/* A closed listener resets its connections; its requests die, and nothing need be sent. */
static void an_outcome_is_that_of_all_or_unknown(void **unused)
{
	struct failure_set *set = failure_set_new(10);
	struct half_open h = sample_half_open();
	struct conn c = sample_server();

	(void)unused;
	c.outcome = CONN_OUTCOME_RESET_SENT;
	c.cause = CONN_CAUSE_LISTENER_CLOSED;
	c.flags &= (uint16_t)~CONN_HAS_OWNER;
	memset(c.comm, 0, sizeof(c.comm));
	h.lport = c.lport;
	h.end = HALF_OPEN_LISTENER_CLOSED;
	add(set, &c, 2);
	read_rows(set);
	assert_int_equal(seen.rows, 1);
	assert_int_equal(seen.failure[0].example.outcome, CONN_OUTCOME_RESET_SENT);
	feed_half_open(failure_set_consumer(set), &h);
	read_rows(set);
	assert_int_equal(seen.rows, 1);
	assert_int_equal(seen.count[0], 3);
	assert_int_equal(seen.failure[0].example.outcome, CONN_OUTCOME_UNKNOWN);
	add(set, &c, 1);
	read_rows(set);
	assert_int_equal(seen.failure[0].example.outcome, CONN_OUTCOME_UNKNOWN);
	failure_set_free(set);
}

/* The peers of a server are many, its service is one. */
static void a_server_goes_by_its_port(void **unused)
{
	struct failure_set *set = failure_set_new(10);
	struct half_open h = sample_half_open();
	struct conn c = sample_server();

	(void)unused;
	c.outcome = CONN_OUTCOME_RESET_SENT;
	c.cause = CONN_CAUSE_UNREAD_DATA;
	for (unsigned int i = 0; i < 5; i++) {
		c.raddr.byte[15]++;
		c.rport++;
		feed_closed(failure_set_consumer(set), &c);
	}
	c.lport++;
	feed_closed(failure_set_consumer(set), &c);
	feed_half_open(failure_set_consumer(set), &h);
	feed_half_open(failure_set_consumer(set), &h);
	feed_half_open(failure_set_consumer(set), &h);
	read_rows(set);
	assert_int_equal(seen.rows, 3);
	assert_int_equal(seen.count[0], 5);
	assert_int_equal(seen.count[1], 3);
	assert_int_equal(seen.failure[1].example.cause, CONN_CAUSE_HANDSHAKE_ABANDONED);
	assert_int_equal(seen.count[2], 1);
	failure_set_free(set);
}

static void the_largest_are_told_and_the_rest_is_counted(void **unused)
{
	struct failure_set *set = failure_set_new(3);
	struct conn c = sample_refused();

	(void)unused;
	for (unsigned int i = 1; i <= 20; i++) {
		c.rport = (uint16_t)(1000 + i);
		add(set, &c, i);
	}
	read_rows(set);
	assert_int_equal(seen.rows, 4);
	assert_int_equal(seen.count[0], 20);
	assert_int_equal(seen.failure[0].example.rport, 1020);
	assert_int_equal(seen.count[2], 18);
	assert_int_equal(seen.count[3], 17 * 18 / 2);
	assert_true(seen.failure[3].is_other);
	failure_set_free(set);
	/* The order of equal ones is not that of their arrival. */
	set = failure_set_new(2);
	c.rport = 2;
	feed_closed(failure_set_consumer(set), &c);
	c.rport = 1;
	feed_closed(failure_set_consumer(set), &c);
	read_rows(set);
	assert_int_equal(seen.failure[0].example.rport, 1);
	failure_set_free(set);
}

static void a_crowd_is_bounded(void **unused)
{
	struct failure_set *set = failure_set_new(ROWS_MOST);
	struct conn c = sample_refused();
	uint64_t sum = 0;

	(void)unused;
	for (unsigned int i = 0; i < 3 * FAILURE_SET_MOST; i++) {
		c.rport = (uint16_t)i;
		feed_closed(failure_set_consumer(set), &c);
		feed_closed(failure_set_consumer(set), &c);
	}
	read_rows(set);
	assert_int_equal(seen.rows, FAILURE_SET_MOST + 1);
	assert_int_equal(seen.count[0], 2);
	assert_true(seen.failure[FAILURE_SET_MOST].is_other);
	for (size_t i = 0; i < seen.rows; i++)
		sum += seen.count[i];
	assert_int_equal(sum, 6 * FAILURE_SET_MOST);
	assert_int_equal(failure_set_lost(set), 0);
	failure_set_free(set);
}

/* Somebody scans all ports while a victim fails now and then: the victim is not hidden by that. */
static void a_scan_hides_nobody(void **unused)
{
	enum { PORTS = 65535, FAILURES = 50 };
	struct failure_set *set = failure_set_new(ROWS_MOST);
	struct conn scan = sample_refused(), victim = sample_refused();
	uint64_t sum = 0;

	(void)unused;
	sample_comm(&scan, "scanner");
	sample_comm(&victim, "victim");
	for (unsigned int i = 0; i < PORTS; i++) {
		scan.rport = (uint16_t)(i + 1);
		feed_closed(failure_set_consumer(set), &scan);
		if (i % (PORTS / FAILURES) == 1 && i / (PORTS / FAILURES) < FAILURES)
			feed_closed(failure_set_consumer(set), &victim);
	}
	assert_int_equal(failure_set_count(set), PORTS + FAILURES);
	read_rows(set);
	assert_memory_equal(seen.failure[0].example.comm, "victim", sizeof("victim"));
	assert_true(seen.count[0] <= FAILURES);
	assert_true(seen.count[0] + seen.failure[0].missed >= FAILURES);
	for (size_t i = 0; i < seen.rows; i++)
		sum += seen.count[i];
	assert_int_equal(sum, PORTS + FAILURES);
	failure_set_free(set);
}

/* Whatever another user fails at, and however often each time, none of the victim's kinds goes. */
static void one_user_hides_none_of_another_s(void **unused)
{
	struct failure_set *set = failure_set_new(ROWS_MOST);
	struct conn attack = sample_refused(), victim = sample_refused();
	const struct payer *payer;
	size_t victims = 0;

	(void)unused;
	attack.uid = 1000;
	victim.uid = 33;
	sample_comm(&attack, "attacker");
	sample_comm(&victim, "victim");
	for (unsigned int round = 0; round < 2; round++) {
		for (unsigned int i = 0; i < 3 * FAILURE_SET_MOST; i++) {
			attack.rport = (uint16_t)(i + 1);
			attack.netns = i % 5;
			for (unsigned int times = 0; times < 4; times++)
				feed_closed(failure_set_consumer(set), &attack);
		}
		for (unsigned int i = 0; i < 50; i++) {
			victim.rport = (uint16_t)(i + 1);
			feed_closed(failure_set_consumer(set), &victim);
		}
	}
	read_rows(set);
	for (size_t i = 0; i < seen.rows; i++) {
		bool is_victims = !strcmp(seen.failure[i].example.comm, "victim");

		victims += is_victims;
		assert_true(!is_victims || seen.count[i] == 2);
	}
	assert_int_equal(victims, 50);
	payer = payers_at(failure_set_payers(set), 0);
	assert_int_equal(payer->share.owner, 1000);
	assert_null(payers_at(failure_set_payers(set), 5));
	failure_set_free(set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_failures_are_kept),
		cmocka_unit_test(each_fact_parts),
		cmocka_unit_test(what_the_cause_says_does_not_part),
		cmocka_unit_test(what_the_cause_leaves_open_parts),
		cmocka_unit_test(an_outcome_is_that_of_all_or_unknown),
		cmocka_unit_test(a_server_goes_by_its_port),
		cmocka_unit_test(the_largest_are_told_and_the_rest_is_counted),
		cmocka_unit_test(a_crowd_is_bounded),
		cmocka_unit_test(a_scan_hides_nobody),
		cmocka_unit_test(one_user_hides_none_of_another_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
