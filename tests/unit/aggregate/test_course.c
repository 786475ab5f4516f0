// SPDX-License-Identifier: GPL-2.0-only
/* A run in the course of time: nothing is lost when slots widen, and a leak shows as a slope. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/feed.h"
#include "tests/unit/sample_conn.h"
#include "user/aggregate/course.h"
#include "user/base/units.h"

#define START NS_PER_S
#define COLUMNS 64

struct sums {
	uint64_t opened, closed, failed, live, heat, columns;
	uint64_t each[COLUMNS];
};

static void add_up(void *context, uint32_t column, const struct course_column *c)
{
	struct sums *sums = context;

	assert_int_equal(column, sums->columns++);
	assert_true(column < COLUMNS);
	sums->opened += c->opened;
	sums->closed += c->closed;
	sums->failed += c->failed;
	sums->live = c->live;
	sums->each[column] = c->opened;
	for (unsigned int role = 0; role < COURSE_ROLES; role++)
		for (unsigned int row = 0; row < COURSE_HEAT_ROWS; row++)
			sums->heat += c->heat[role][row];
}

/* A client that opens then, lives so long and closes, or fails. */
static void live(struct course *course, uint64_t ns, uint64_t for_ns, bool fails)
{
	struct conn c = fails ? sample_refused() : sample_client();

	c.step_count = 0;
	sample_step(&c, STATE_SYN_SENT, ns);
	if (!fails)
		sample_step(&c, STATE_ESTABLISHED, ns + for_ns / 2);
	sample_step(&c, STATE_CLOSED, ns + for_ns);
	course->consumer.class->steps(&course->consumer, &c, 0);
	feed_closed(&course->consumer, &c);
}

static void nothing_is_lost_when_slots_widen(void **unused)
{
	struct course *course = course_new();
	struct half_open h = { .mono_ns = START + 7 };
	uint64_t ns = START, end_ns;
	struct course_view view;

	(void)unused;
	assert_non_null(course);
	course_begin(course, START);
	feed_half_open(&course->consumer, &h);
	/* From milliseconds to days. */
	for (unsigned int i = 0; i < 100; i++, ns += ns / 7)
		live(course, ns, 100000, i % 10 == 0);
	end_ns = ns;
	for (uint32_t most = 1; most <= COLUMNS; most *= 4) {
		struct sums sums = { .opened = 0 };

		view = course_look(course, end_ns, most);
		assert_true(view.columns >= 1 && view.columns <= most);
		assert_true(view.width_ns * view.columns >= end_ns - START);
		course_each(&view, add_up, &sums);
		assert_int_equal(sums.columns, view.columns);
		assert_int_equal(sums.opened, 100);
		assert_int_equal(sums.closed, 100);
		assert_int_equal(sums.failed, 11);
		assert_int_equal(sums.live, 0);
		assert_int_equal(sums.heat, 90);
	}
	assert_int_equal(course->unplaced, 0);
	course_free(course);
}

static void each_is_where_it_belongs(void **unused)
{
	struct course *course = course_new();
	struct sums sums = { .opened = 0 };
	struct course_view view;

	(void)unused;
	course_begin(course, START);
	for (unsigned int i = 0; i < 64; i++)
		for (unsigned int n = 0; n <= i; n++)
			live(course, START + (uint64_t)i * 8 * COURSE_FIRST_WIDTH_NS + n, 1000,
			     false);
	view = course_look(course, START + (uint64_t)511 * COURSE_FIRST_WIDTH_NS, COLUMNS);
	assert_int_equal(view.columns, 64);
	assert_int_equal(view.width_ns, 8 * COURSE_FIRST_WIDTH_NS);
	course_each(&view, add_up, &sums);
	for (unsigned int i = 0; i < 64; i++)
		assert_int_equal(sums.each[i], i + 1);
	course_free(course);
}

/* One that the peer closes after a while, and nobody here ever does. */
static void leak(struct course *course, uint64_t ns, uint64_t now_ns)
{
	struct conn c = sample_server();

	c.step_count = 0;
	c.outcome = CONN_OUTCOME_OPEN;
	c.flags &= ~(uint32_t)CONN_FINISHED;
	sample_step(&c, STATE_SYN_RECV, ns);
	sample_step(&c, STATE_ESTABLISHED, ns + MS);
	sample_step(&c, STATE_CLOSE_WAIT, ns + 2 * MS);
	course->consumer.class->steps(&course->consumer, &c, 0);
	feed_alive(&course->consumer, &c, now_ns);
}

static void a_leak_is_a_slope(void **unused)
{
	struct course *course = course_new();
	uint64_t counts[COLUMNS], ages[COLUMNS], end_ns = START + 64 * NS_PER_S;
	struct course_view view;

	(void)unused;
	course_begin(course, START);
	for (unsigned int i = 0; i < 64; i++)
		leak(course, START + i * NS_PER_S, end_ns);
	view = course_look(course, end_ns, COLUMNS);
	course_stays(&view, STATE_CLOSE_WAIT, counts, ages);
	for (uint32_t i = 1; i < view.columns; i++) {
		assert_true(counts[i] >= counts[i - 1]);
		assert_true(ages[i] > ages[i - 1]);
	}
	assert_int_equal(counts[view.columns - 1], 64);
	assert_true(ages[view.columns - 1] >= end_ns - START - 2 * MS);
	course_stays(&view, STATE_SYN_RECV, counts, ages);
	assert_int_equal(counts[view.columns - 1], 0);
	assert_int_equal(ages[view.columns - 1], 0);
	course_free(course);
}

/* Nothing happens any more, for an hour: whoever is stuck is as old as that. */
static void it_goes_on_to_the_end(void **unused)
{
	struct course *course = course_new();
	uint64_t counts[COLUMNS], ages[COLUMNS], end_ns = START + 3600 * NS_PER_S;
	struct sums sums = { .opened = 0 };
	struct course_view view;

	(void)unused;
	course_begin(course, START);
	for (unsigned int i = 0; i < 64; i++)
		leak(course, START + i * MS, end_ns);
	view = course_look(course, end_ns, COLUMNS);
	assert_true(view.width_ns * view.columns > end_ns - START);
	assert_true(view.width_ns * (view.columns - 1) <= end_ns - START);
	course_stays(&view, STATE_CLOSE_WAIT, counts, ages);
	assert_int_equal(counts[view.columns - 1], 64);
	assert_true(ages[view.columns - 1] >= end_ns - START - 2 * MS);
	course_each(&view, add_up, &sums);
	assert_int_equal(sums.opened, 64);
	assert_int_equal(sums.live, 64);
	course_free(course);
}

/* Some server's, that was there before the run. */
static struct conn leaked_before(void)
{
	struct conn c = sample_server();

	c.flags = CONN_SEEDED | CONN_INCOMPLETE | CONN_HAS_ENDPOINTS;
	c.step_count = 1;
	c.step_state[0] = STATE_CLOSE_WAIT;
	c.step_ns[0] = TIME_UNKNOWN;
	return c;
}

/* It is there from the beginning on, and as old as it shows. */
static void what_leaked_before_is_there(void **unused)
{
	struct course *course = course_new();
	uint64_t counts[COLUMNS], ages[COLUMNS], end_ns = START + 64 * NS_PER_S;
	struct conn c = leaked_before();
	struct course_view view;

	(void)unused;
	c.step_ns[1] = START - 500 * MS;
	course_begin(course, START);
	feed_alive(&course->consumer, &c, end_ns);
	view = course_look(course, end_ns, COLUMNS);
	course_stays(&view, STATE_CLOSE_WAIT, counts, ages);
	for (uint32_t i = 0; i < view.columns; i++) {
		assert_int_equal(counts[i], 1);
		assert_int_equal(ages[i], (i + 1) * view.width_ns + 500 * MS);
	}
	course_free(course);
}

/* So it is if somebody closes it after all. */
static void what_leaked_before_may_end(void **unused)
{
	struct course *course = course_new();
	uint64_t counts[COLUMNS], ages[COLUMNS], end_ns = START + 64 * NS_PER_S;
	struct conn c = leaked_before();
	struct course_view view;

	(void)unused;
	sample_step(&c, STATE_LAST_ACK, START + 32 * NS_PER_S);
	sample_step(&c, STATE_CLOSED, START + 33 * NS_PER_S);
	course_begin(course, START);
	course->consumer.class->steps(&course->consumer, &c, 1);
	view = course_look(course, end_ns, COLUMNS);
	course_stays(&view, STATE_CLOSE_WAIT, counts, ages);
	for (uint32_t i = 0; i < view.columns; i++) {
		bool is_there = (i + 1) * view.width_ns < 32 * NS_PER_S;

		assert_int_equal(counts[i], is_there);
		assert_int_equal(ages[i], is_there ? (i + 1) * view.width_ns : 0);
	}
	course_free(course);
}

static void what_is_not_known_has_no_place(void **unused)
{
	struct course *course = course_new();
	struct conn c = sample_unknown();
	struct sums sums = { .opened = 0 };
	struct course_view view;

	(void)unused;
	course_begin(course, START);
	course->consumer.class->steps(&course->consumer, &c, 0);
	feed_closed(&course->consumer, &c);
	view = course_look(course, START, COLUMNS);
	course_each(&view, add_up, &sums);
	assert_int_equal(view.columns, 1);
	assert_int_equal(sums.opened + sums.closed + sums.failed, 0);
	assert_int_equal(sums.live, 0);
	assert_int_equal(course->unplaced, 1);
	course_free(course);
}

/* A client of which a loss took the beginning, or the end. */
static void lose(struct course *course, uint64_t ns, bool is_end)
{
	struct conn c = sample_client();

	c.step_count = 0;
	sample_step(&c, STATE_SYN_SENT, is_end ? ns : TIME_UNKNOWN);
	sample_step(&c, STATE_ESTABLISHED, ns + MS);
	sample_step(&c, STATE_CLOSED, is_end ? TIME_UNKNOWN : ns + 2 * MS);
	course->consumer.class->steps(&course->consumer, &c, 0);
	feed_closed(&course->consumer, &c);
}

/* Neither is open for ever, nor does it end in the place of another one, which is. */
static void a_loss_leaves_the_number_of_those_who_are_open(void **unused)
{
	struct course *course = course_new();
	uint64_t end_ns = START + 64 * NS_PER_S;
	struct sums sums = { .opened = 0 };
	struct course_view view;

	(void)unused;
	course_begin(course, START);
	for (unsigned int i = 0; i < 32; i++)
		lose(course, START + i * NS_PER_S, i % 4);
	leak(course, START, end_ns);
	view = course_look(course, end_ns, COLUMNS);
	course_each(&view, add_up, &sums);
	assert_int_equal(sums.opened, 24 + 1);
	assert_int_equal(sums.closed, 8);
	assert_int_equal(sums.live, 1);
	assert_int_equal(course->unplaced, 32);
	course_free(course);
}

static void rows_are_half_octaves(void **unused)
{
	(void)unused;
	assert_int_equal(course_heat_ns(0), 1024);
	assert_int_equal(course_heat_ns(1), 1536);
	assert_int_equal(course_heat_ns(2), 2048);
	for (unsigned int row = 1; row < COURSE_HEAT_ROWS; row++)
		assert_true(course_heat_ns(row) > course_heat_ns(row - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost_when_slots_widen),
		cmocka_unit_test(each_is_where_it_belongs),
		cmocka_unit_test(a_leak_is_a_slope),
		cmocka_unit_test(it_goes_on_to_the_end),
		cmocka_unit_test(what_leaked_before_is_there),
		cmocka_unit_test(what_leaked_before_may_end),
		cmocka_unit_test(what_is_not_known_has_no_place),
		cmocka_unit_test(a_loss_leaves_the_number_of_those_who_are_open),
		cmocka_unit_test(rows_are_half_octaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
