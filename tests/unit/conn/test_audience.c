// SPDX-License-Identifier: GPL-2.0-only
/* Several consumers: each is told what it wants, in order, and nobody else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/conn/audience.h"

/* One letter for each call, of whoever is told. */
static char notes[64];

struct scribe {
	struct consumer consumer;
	char letter;
};

static void note(const struct consumer *self)
{
	size_t used = strlen(notes);

	assert_true(used < sizeof(notes) - 1);
	notes[used] = ((const struct scribe *)self)->letter;
}

static void on_transition(struct consumer *self, const struct conn *c, const struct transition *t)
{
	assert_int_equal(c->id, 1);
	assert_int_equal(t->to, STATE_ESTABLISHED);
	note(self);
}

static void on_steps(struct consumer *self, const struct conn *c, unsigned int first)
{
	assert_int_equal(c->id, 1);
	assert_int_equal(first, 2);
	note(self);
}

static void on_conn(struct consumer *self, const struct conn *c)
{
	assert_int_equal(c->id, 1);
	note(self);
}

static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	assert_int_equal(c->id, 1);
	assert_int_equal(now_ns, 7);
	note(self);
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	assert_int_equal(h->lport, 80);
	note(self);
}

static void on_applied(struct consumer *self, const struct conn *c, const struct event *e)
{
	assert_int_equal(c->id, 1);
	assert_int_equal(e->lport, 80);
	note(self);
}

static const struct consumer_class all_class = {
	.transition = on_transition,
	.accepted = on_conn,
	.closed = on_conn,
	.gone = on_conn,
	.alive = on_alive,
	.half_open = on_half_open,
	.applied = on_applied,
};
static const struct consumer_class steps_class = { .steps = on_steps };
static const struct consumer_class either_class = { .transition = on_transition,
						    .steps = on_steps };
static const struct consumer_class closed_class = { .closed = on_conn };
static const struct consumer_class ends_class = { .gone = on_conn, .alive = on_alive };

/* What one is told of is parted from what comes next. */
static void part(void)
{
	size_t size = strlen(notes);

	assert_true(size + 1 < sizeof(notes));
	notes[size] = ' ';
	notes[size + 1] = '\0';
}

/* What each call is heard by, parted by blanks. */
static void tell_all(const struct audience *a)
{
	const struct transition t = { .to = STATE_ESTABLISHED };
	const struct half_open h = { .lport = 80 };
	const struct event e = { .lport = 80 };
	const struct conn c = { .id = 1 };

	memset(notes, 0, sizeof(notes));
	audience_transition(a, &c, &t, false);
	part();
	audience_accepted(a, &c);
	part();
	audience_closed(a, &c);
	part();
	audience_gone(a, &c);
	part();
	audience_alive(a, &c, 7);
	part();
	audience_half_open(a, &h);
	part();
	audience_applied(a, &c, &e);
}

static void each_is_told_what_it_wants(void **state)
{
	struct scribe scribes[] = { { { &closed_class, CONSUMER_FACTS }, 'c' },
				    { { &all_class, CONSUMER_SEEDS }, 'A' },
				    { { &ends_class, CONSUMER_SEEDS | CONSUMER_TIMEWAITS }, 'e' },
				    { { &all_class, 0 }, 'B' } };
	struct consumer *consumers[] = { &scribes[0].consumer, &scribes[1].consumer,
					 &scribes[2].consumer, &scribes[3].consumer };
	const struct consumer_list list = { consumers, 4 };
	struct audience audience;

	(void)state;
	assert_int_equal(audience_init(&audience, &list), 0);
	tell_all(&audience);
	audience_done(&audience);
	assert_string_equal(notes, "AB AB cAB AeB AeB AB AB");
	assert_int_equal(consumers_want(&list),
			 CONSUMER_FACTS | CONSUMER_SEEDS | CONSUMER_TIMEWAITS);
}

static void steps_are_told_one_by_one_or_at_once(void **state)
{
	struct scribe scribes[] = { { { &all_class, 0 }, 't' },
				    { { &steps_class, 0 }, 's' },
				    { { &either_class, 0 }, 'e' } };
	struct consumer *consumers[] = { &scribes[0].consumer, &scribes[1].consumer,
					 &scribes[2].consumer };
	const struct transition t = { .to = STATE_ESTABLISHED };
	const struct conn c = { .id = 1 };
	struct audience audience;

	(void)state;
	assert_int_equal(audience_init(&audience, &(struct consumer_list){ consumers, 3 }), 0);
	memset(notes, 0, sizeof(notes));
	for (int at_once = 0; at_once < 2; at_once++) {
		audience_transition(&audience, &c, &t, at_once);
		part();
		audience_steps(&audience, &c, 2, at_once);
		part();
	}
	assert_string_equal(notes, "te s t se ");
	assert_true(audience.is_stepwise);
	audience_done(&audience);
	assert_int_equal(audience_init(&audience, &(struct consumer_list){ consumers + 1, 2 }), 0);
	assert_false(audience.is_stepwise);
	audience_done(&audience);
	scribes[1].consumer.wants = CONSUMER_EVENTS;
	assert_int_equal(audience_init(&audience, &(struct consumer_list){ consumers + 1, 2 }), 0);
	assert_true(audience.is_stepwise);
	audience_done(&audience);
}

static bool on_learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	assert_int_equal(shape, 3);
	assert_int_equal(c->id, 1);
	note(self);
	return ((const struct scribe *)self)->letter != 'n';
}

static void on_like(struct consumer *self, unsigned int shape, const struct conn *c)
{
	assert_int_equal(shape, 3);
	on_conn(self, c);
}

static const struct consumer_class learns_class = { .steps = on_steps,
						    .gone = on_conn,
						    .learn = on_learn,
						    .like = on_like,
						    .over = on_conn };
static const struct consumer_class ignores_class = { .closed = on_conn, .learn = on_learn };

/* All have to know a shape, and each is asked. */
static void a_shape_is_learned_by_all_or_not_at_all(void **state)
{
	struct scribe scribes[] = { { { &learns_class, 0 }, 'l' },
				    { { &ignores_class, 0 }, 'i' },
				    { { &learns_class, 0 }, 'n' },
				    { { &closed_class, 0 }, 'c' } };
	struct consumer *consumers[] = { &scribes[0].consumer, &scribes[1].consumer,
					 &scribes[2].consumer, &scribes[3].consumer };
	const struct conn c = { .id = 1 };
	struct audience audience;

	(void)state;
	memset(notes, 0, sizeof(notes));
	for (size_t count = 2; count <= 4; count++) {
		assert_int_equal(
			audience_init(&audience, &(struct consumer_list){ consumers, count }), 0);
		assert_int_equal(audience_learn(&audience, 3, &c), count == 2);
		assert_int_equal(audience.may_learn, count < 4);
		audience_like(&audience, 3, &c);
		audience_over(&audience, &c);
		part();
		audience_done(&audience);
	}
	assert_string_equal(notes, "lill linlnln linlnln ");
}

static void nobody_needs_to_be_there(void **state)
{
	const struct consumer_list nobody = { NULL, 0 };
	struct audience audience;

	(void)state;
	assert_int_equal(audience_init(&audience, &nobody), 0);
	tell_all(&audience);
	audience_done(&audience);
	assert_string_equal(notes, "      ");
	assert_int_equal(consumers_want(&nobody), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_told_what_it_wants),
		cmocka_unit_test(steps_are_told_one_by_one_or_at_once),
		cmocka_unit_test(a_shape_is_learned_by_all_or_not_at_all),
		cmocka_unit_test(nobody_needs_to_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
