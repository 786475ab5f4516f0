// SPDX-License-Identifier: GPL-2.0-only
/* Two halves of one run are the same, a hundred times; what really changed is found. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/feed.h"
#include "tests/unit/sample_conn.h"
#include "user/aggregate/difference.h"

#define TRIALS 100
#define LIVES 3000
#define STEP_NS (20 * MS)
#define PORT 8080

/* How a run lives: what one connection is like, and how much what follows is like it. */
struct world {
	uint64_t handshake_ns;	/* in the middle */
	uint64_t more_ns;	/* on top of each */
	double failing;		/* the share that is refused */
	unsigned int at_a_time; /* so many have much in common */
};

static const struct world calm = { 200000, 0, 0.02, 1 };
static const struct world moody = { 200000, 0, 0.02, 25 };

struct half {
	struct portions *portions;
	struct failure_set *failures;
	struct summary summary;
};

static uint64_t seed;

/* xorshift64*; the same numbers each time. */
static double chance(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (double)(seed * 0x2545f4914f6cdd1dULL >> 11) * 0x1p-53;
}

/* Of many shapes: two humps, and a tail that has no variance. */
static double long_tailed(void)
{
	double u = chance();

	return chance() < 0.3 ? 5 + chance() : u < 0.97 ? 0.5 + u : pow(1 - chance(), -1.5);
}

static void begin(struct half *half)
{
	memset(half, 0, sizeof(*half));
	half->portions = portions_new();
	half->failures = failure_set_new(10);
	assert_non_null(half->portions);
	assert_non_null(half->failures);
	portions_begin(half->portions, 0);
	for (size_t i = 0; i < 4; i++)
		half->summary.hooks[i].rung = "fentry";
	half->summary.hooks[0].family = "passive";
	half->summary.hooks[1].family = "accept";
	half->summary.hooks[2].family = "time_wait";
	half->summary.hooks[3].family = "reset";
	half->summary.hook_count = 4;
}

static void end(struct half *half, uint64_t duration_ns)
{
	portions_end(half->portions);
	half->summary.duration_ns = duration_ns;
}

static void done(struct half *half)
{
	portions_free(half->portions);
	failure_set_free(half->failures);
}

static void tell(struct half *half, const struct conn *c)
{
	struct consumer *portions = portions_consumer(half->portions);

	portions->class->steps(portions, c, 0);
	if (c->accept_ns)
		portions->class->accepted(portions, c);
	portions->class->closed(portions, c);
	portions->class->gone(portions, c);
	feed_closed(failure_set_consumer(half->failures), c);
	half->summary.connections.opened++;
	half->summary.connections.closed++;
}

/* What those that come together share. */
struct mood {
	double slow, failing;
};

static struct mood mood_of(const struct world *w)
{
	bool is_calm = w->at_a_time == 1;

	return (struct mood){ is_calm ? 1 : 0.3 + 3 * chance(), is_calm		      ? w->failing :
								chance() < w->failing ? 1 :
											0 };
}

static struct conn life(const struct world *w, const struct mood *mood, uint64_t at_ns)
{
	bool fails = chance() < mood->failing, is_server = chance() < 0.5;
	uint64_t handshake_ns =
		w->more_ns + (uint64_t)((double)w->handshake_ns * mood->slow * long_tailed());
	struct conn c = fails ? sample_refused() : sample_client();

	c.step_count = 0;
	c.step_inferred = 0;
	c.retransmits = chance() < 0.01;
	c.flags |= CONN_HAS_COUNTERS;
	sample_step(&c, is_server && !fails ? STATE_SYN_RECV : STATE_SYN_SENT, at_ns);
	at_ns += handshake_ns;
	if (fails) {
		sample_step(&c, STATE_CLOSED, at_ns);
		return c;
	}
	if (is_server) {
		c.role = CONN_ROLE_SERVER;
		c.lport = PORT;
		c.accept_ns = at_ns + (uint64_t)(50000 * long_tailed());
	}
	c.handshake_ns = handshake_ns;
	sample_step(&c, STATE_ESTABLISHED, at_ns);
	at_ns += (uint64_t)(3e6 * long_tailed());
	sample_step(&c, STATE_CLOSE_WAIT, at_ns);
	at_ns += (uint64_t)(1e5 * long_tailed());
	sample_step(&c, STATE_LAST_ACK, at_ns);
	at_ns += (uint64_t)(1e5 * long_tailed());
	sample_step(&c, STATE_CLOSED, at_ns);
	c.flags &= ~CONN_TIME_WAIT_SEEN;
	return c;
}

/* A whole run into one half. */
static void run(struct half *half, const struct world *w, unsigned int lives)
{
	struct mood mood = { 1, 0 };

	begin(half);
	for (unsigned int i = 0; i < lives; i++) {
		struct conn c;

		if (i % w->at_a_time == 0)
			mood = mood_of(w);
		c = life(w, &mood, i * STEP_NS);
		tell(half, &c);
	}
	end(half, lives * STEP_NS);
}

static struct difference *compare(const struct half *old, const struct half *new)
{
	const struct difference_side a = { old->portions, old->failures, &old->summary };
	const struct difference_side b = { new->portions, new->failures, &new->summary };
	struct difference *d = difference_new(&a, &b);

	assert_non_null(d);
	return d;
}

static size_t changes(const struct difference *d)
{
	return difference_count(d, DIFFERENCE_MORE) + difference_count(d, DIFFERENCE_LESS);
}

static const struct difference_row *find(const struct difference *d, const char *name)
{
	size_t count;
	const struct difference_row *rows = difference_rows(d, &count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	fail_msg("there is no row %s", name);
	return NULL;
}

/* Each life goes to one of both by chance; what comes together stays so. */
static void split(const struct world *w, bool is_by_time, unsigned int trial)
{
	struct half halves[2];
	struct mood mood = { 1, 0 };
	struct difference *d;
	unsigned int which = 0;

	seed = 0x9e3779b97f4a7c15ULL * (trial + 1);
	begin(&halves[0]);
	begin(&halves[1]);
	for (unsigned int i = 0; i < LIVES; i++) {
		struct conn c;

		if (i % w->at_a_time == 0) {
			mood = mood_of(w);
			which = chance() < 0.5;
		}
		if (is_by_time)
			which = i >= LIVES / 2;
		c = life(w, &mood, (is_by_time ? i % (LIVES / 2) : i) * STEP_NS);
		tell(&halves[which], &c);
	}
	end(&halves[0], (is_by_time ? LIVES / 2 : LIVES) * STEP_NS);
	end(&halves[1], (is_by_time ? LIVES / 2 : LIVES) * STEP_NS);
	d = compare(&halves[0], &halves[1]);
	if (changes(d)) {
		size_t count;
		const struct difference_row *row = difference_rows(d, &count);

		fail_msg("trial %u: %s changed from %g to %g, by %g to %g", trial, row->name,
			 row->old_value, row->new_value, row->factor_low, row->factor_high);
	}
	assert_true(difference_count(d, DIFFERENCE_NONE) > 5);
	difference_free(d);
	done(&halves[0]);
	done(&halves[1]);
}

static void halves_by_chance_are_the_same(void **state)
{
	(void)state;
	for (unsigned int trial = 0; trial < TRIALS; trial++)
		split(&calm, false, trial);
}

static void halves_by_time_are_the_same(void **state)
{
	(void)state;
	for (unsigned int trial = 0; trial < TRIALS; trial++)
		split(&calm, true, trial);
}

/* What comes in bursts would be news to whoever takes each value for one by chance. */
static void halves_of_bursts_are_the_same(void **state)
{
	(void)state;
	for (unsigned int trial = 0; trial < TRIALS; trial++) {
		split(&moody, false, trial);
		split(&moody, true, trial);
	}
}

static void a_run_is_the_same_as_itself(void **state)
{
	struct half half;
	struct difference *d;
	size_t count;
	const struct difference_row *rows;

	(void)state;
	seed = 1;
	run(&half, &calm, LIVES);
	d = compare(&half, &half);
	rows = difference_rows(d, &count);
	assert_int_equal(changes(d), 0);
	assert_int_equal(difference_count(d, DIFFERENCE_UNKNOWN), 0);
	for (size_t i = 0; i < count; i++)
		assert_true(rows[i].old_value == rows[i].new_value);
	difference_free(d);
	done(&half);
}

static void a_millisecond_is_found(void **state)
{
	struct world later = calm;
	const struct difference_row *row;
	struct half old, new;
	struct difference *d;

	(void)state;
	seed = 2;
	later.more_ns = MS;
	run(&old, &calm, 400);
	run(&new, &later, 400);
	d = compare(&old, &new);
	row = find(d, "handshake_client.p50");
	assert_int_equal(row->verdict, DIFFERENCE_MORE);
	assert_true(row->factor_low > 1 && row->new_value > row->old_value + 0.9 * MS);
	assert_true(row->new_low > row->old_high);
	assert_true(row->old_low <= row->old_value && row->old_value <= row->old_high);
	assert_int_equal(find(d, "state_established.p50")->verdict, DIFFERENCE_NONE);
	difference_free(d);
	d = compare(&new, &old);
	assert_int_equal(find(d, "handshake_client.p50")->verdict, DIFFERENCE_LESS);
	difference_free(d);
	done(&old);
	done(&new);
}

/* Where each handshake takes as long as all others, any difference is more than chance. */
static void less_than_a_microsecond_is_none(void **state)
{
	static const struct {
		uint64_t old_ns, new_ns;
		enum difference_verdict verdict;
	} cases[] = {
		{ 7000, 7900, DIFFERENCE_NONE }, { 7900, 7000, DIFFERENCE_NONE },
		{ 300, 1200, DIFFERENCE_NONE },	 { 7000, 8400, DIFFERENCE_MORE },
		{ 8400, 7000, DIFFERENCE_LESS }, { 300, 1600, DIFFERENCE_MORE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct world before = { 0, cases[i].old_ns, 0.02, 1 };
		const struct world after = { 0, cases[i].new_ns, 0.02, 1 };
		struct half old, new;
		struct difference *d;

		seed = 4;
		run(&old, &before, 400);
		run(&new, &after, 400);
		d = compare(&old, &new);
		assert_int_equal(find(d, "handshake_client.p50")->verdict, cases[i].verdict);
		difference_free(d);
		done(&old);
		done(&new);
	}
}

static void more_failures_are_found(void **state)
{
	struct world worse = calm;
	size_t count;
	const struct difference_row *row, *rows;
	struct half old, new;
	struct difference *d;

	(void)state;
	seed = 3;
	worse.failing = 0.1;
	run(&old, &calm, LIVES);
	run(&new, &worse, LIVES);
	d = compare(&old, &new);
	row = find(d, "failures.by_cause.refused.share");
	assert_int_equal(row->verdict, DIFFERENCE_MORE);
	assert_true(row->factor_low > 2 && row->factor_low < 5 && row->factor_high > 5);
	rows = difference_rows(d, &count);
	assert_string_equal(rows[0].name, "failures.by_cause.refused.share");
	for (size_t i = 1; i < count; i++)
		assert_true(rows[i].size <= rows[i - 1].size);
	difference_free(d);
	done(&old);
	done(&new);
}

static void few_values_tell_nothing(void **state)
{
	struct world later = calm;
	struct half old, new;
	struct difference *d;

	(void)state;
	seed = 4;
	later.more_ns = 1000 * MS;
	run(&old, &calm, 9);
	run(&new, &later, 9);
	d = compare(&old, &new);
	assert_int_equal(find(d, "handshake_client.p50")->verdict, DIFFERENCE_TOO_FEW);
	assert_int_equal(changes(d), 0);
	difference_free(d);
	done(&new);
	begin(&new);
	end(&new, 0);
	d = compare(&old, &new);
	assert_int_equal(changes(d), 0);
	assert_true(isnan(find(d, "handshake_client.p50")->new_value));
	difference_free(d);
	done(&old);
	done(&new);
}

static void what_one_cannot_see_is_unknown(void **state)
{
	struct half old, new;
	struct difference *d;

	(void)state;
	seed = 5;
	run(&old, &calm, LIVES);
	run(&new, &calm, LIVES);
	new.summary.hooks[1].rung = NULL;
	d = compare(&old, &new);
	assert_int_equal(find(d, "accept_queue.p50")->verdict, DIFFERENCE_UNKNOWN);
	assert_int_equal(find(d, "port.8080.accept_queue.p50")->verdict, DIFFERENCE_UNKNOWN);
	assert_int_equal(find(d, "handshake_server.p50")->verdict, DIFFERENCE_NONE);
	difference_free(d);
	done(&old);
	done(&new);
}

/* Every `each`th request dies at a full accept queue, at one of so many ports. */
static void run_full(struct half *half, unsigned int each, unsigned int ports)
{
	const struct mood mood = { 1, 0 };

	begin(half);
	for (unsigned int i = 0; i < LIVES; i++) {
		struct half_open h = { .mono_ns = i * STEP_NS,
				       .age_ns = TIME_UNKNOWN,
				       .end = HALF_OPEN_OVERFLOW,
				       .lport = (uint16_t)(PORT + i / each % ports) };
		struct conn c = life(&calm, &mood, i * STEP_NS);

		if (i % each)
			tell(half, &c);
		else
			feed_half_open(portions_consumer(half->portions), &h);
	}
	end(half, LIVES * STEP_NS);
}

static void drops_are_told_of_each_port(void **state)
{
	const struct difference_row *row;
	struct half old, new;
	struct difference *d;

	(void)state;
	seed = 7;
	run_full(&old, 100, 1);
	run_full(&new, 5, 1);
	d = compare(&old, &new);
	row = find(d, "port.8080.accept_queue_full.share");
	assert_int_equal(row->verdict, DIFFERENCE_MORE);
	assert_true(row->old_value > 0.009 && row->old_value < 0.011);
	assert_true(row->new_value > 0.19 && row->new_value < 0.21);
	assert_true(row->factor_low > 5);
	difference_free(d);
	done(&new);
	/* Of more ports than are kept apart nobody knows which had none. */
	run_full(&new, 5, PORTIONS_PORTS + 1);
	assert_true(new.portions->drops_elsewhere > 0);
	d = compare(&old, &new);
	assert_int_equal(find(d, "port.8080.accept_queue_full.share")->verdict, DIFFERENCE_UNKNOWN);
	difference_free(d);
	done(&old);
	done(&new);
}

/* As many requests die at one port, beside servers at so many others. */
static void run_beside(struct half *half, unsigned int ports)
{
	const struct mood mood = { 1, 0 };

	begin(half);
	for (unsigned int i = 0; i < LIVES; i++) {
		struct half_open h = { .mono_ns = i * STEP_NS,
				       .age_ns = TIME_UNKNOWN,
				       .end = HALF_OPEN_OVERFLOW,
				       .lport = PORT };
		struct conn c = life(&calm, &mood, i * STEP_NS);

		if (c.role == CONN_ROLE_SERVER)
			c.lport = (uint16_t)(20000 + i % ports);
		if (i % 5)
			tell(half, &c);
		else
			feed_half_open(portions_consumer(half->portions), &h);
	}
	end(half, LIVES * STEP_NS);
}

/* The room for ports is that of those with connections; what was dropped is known all the same. */
static void drops_are_known_where_other_ports_have_the_room(void **state)
{
	const struct difference_row *row;
	struct half old, new;
	struct difference *d;

	(void)state;
	seed = 7;
	run_beside(&old, PORTIONS_PORTS);
	run_beside(&new, 1);
	d = compare(&old, &new);
	row = find(d, "port.8080.accept_queue_full.share");
	assert_true(row->old_value > 0.19 && row->old_value < 0.21);
	assert_int_equal(row->verdict, DIFFERENCE_NONE);
	difference_free(d);
	done(&old);
	done(&new);
}

static double value_of(const struct difference *d, const char *name,
		       enum quantity_knowledge *ret_knowledge)
{
	struct quantity q;
	double value = NAN;

	assert_int_equal(difference_find(name, strlen(name), &q), 0);
	*ret_knowledge = difference_read(d, &q, &value);
	return value;
}

static void conditions_know_both(void **state)
{
	static const char *const bad[] = { "change.nothing",
					   "change.",
					   "old.",
					   "old.changes",
					   "port.80.accept_queue.p50",
					   "change.port.0.opened.rate",
					   "change.port.65536.opened.rate",
					   "change.port.80.handshake_client.p50",
					   "old.old.lost" };
	struct world worse = { 200000, 0, 0.1, 1 };
	enum quantity_knowledge known;
	struct quantity q;
	struct half old, new;
	struct difference *d;

	(void)state;
	seed = 6;
	run(&old, &calm, LIVES);
	run(&new, &worse, LIVES);
	d = compare(&old, &new);
	assert_true(value_of(d, "changes", &known) >= 1);
	assert_true(value_of(d, "change.failures.by_cause.refused.share", &known) > 2);
	assert_true(value_of(d, "change.handshake_client.p50", &known) == 0);
	assert_int_equal(known, QUANTITY_KNOWN);
	assert_true(value_of(d, "change.failures.by_cause.killed.share", &known) == 0);
	assert_int_equal(known, QUANTITY_KNOWN);
	value_of(d, "change.state_closing.p50", &known);
	assert_int_equal(known, QUANTITY_EMPTY);
	assert_true(value_of(d, "change.port.8080.opened.rate", &known) == 0);
	assert_true(value_of(d, "failures.refused", &known) >
		    2 * value_of(d, "old.failures.refused", &known));
	assert_true(value_of(d, "old.connections.opened", &known) == LIVES);
	difference_free(d);
	done(&old);
	done(&new);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_not_equal(difference_find(bad[i], strlen(bad[i]), &q), 0);
}

static void parts_stay_bounded(void **state)
{
	struct half half;
	uint64_t ended = 0, opened = 0;
	size_t used = 0;

	(void)state;
	seed = 7;
	run(&half, &calm, 40000);
	for (size_t i = 0; i < PORTIONS_PARTS; i++) {
		ended += half.portions->parts[i].ended;
		opened += half.portions->opened[i];
		used += half.portions->parts[i].ended > 0;
	}
	assert_int_equal(ended, 40000);
	assert_int_equal(opened, 40000);
	assert_true(used > PORTIONS_PARTS / 2);
	assert_int_equal(half.portions->lost, 0);
	done(&half);
	portions_free(NULL);
	difference_free(NULL);
}

static void families_of_one_side_are_named(void **state)
{
	struct summary all = { .hook_count = 3 }, some = { .hook_count = 2 };
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		all.hooks[i].rung = "kprobe";
	all.hooks[0].family = some.hooks[0].family = "state";
	all.hooks[1].family = some.hooks[1].family = "retransmit";
	all.hooks[2].family = "accept";
	some.hooks[0].rung = "tp_btf";
	some.hooks[1].rung = NULL; /* the sockets count what was sent again */
	assert_string_equal(difference_next_family(&all, &some, &at), "accept");
	assert_null(difference_next_family(&all, &some, &at));
	/* A recording lists those alone that it had. */
	at = 0;
	assert_string_equal(difference_next_family(&some, &all, &at), "accept");
	assert_null(difference_next_family(&some, &all, &at));
	/* One that is listed and was not in use is told of once. */
	some.hooks[1].family = "accept";
	at = 0;
	assert_string_equal(difference_next_family(&some, &all, &at), "accept");
	assert_null(difference_next_family(&some, &all, &at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(halves_by_chance_are_the_same),
		cmocka_unit_test(halves_by_time_are_the_same),
		cmocka_unit_test(halves_of_bursts_are_the_same),
		cmocka_unit_test(a_run_is_the_same_as_itself),
		cmocka_unit_test(a_millisecond_is_found),
		cmocka_unit_test(less_than_a_microsecond_is_none),
		cmocka_unit_test(more_failures_are_found),
		cmocka_unit_test(few_values_tell_nothing),
		cmocka_unit_test(what_one_cannot_see_is_unknown),
		cmocka_unit_test(drops_are_told_of_each_port),
		cmocka_unit_test(drops_are_known_where_other_ports_have_the_room),
		cmocka_unit_test(families_of_one_side_are_named),
		cmocka_unit_test(conditions_know_both),
		cmocka_unit_test(parts_stay_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
