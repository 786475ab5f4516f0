// SPDX-License-Identifier: GPL-2.0-only
/* Who hears of the steps of a life together, and late, hears what others are told one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/conn/life.h"
#include "user/conn/table.h"

#define SOCKS 24
#define ROOM 16 /* in the table: some are forgotten alive */
#define EVENTS 20000
#define TOLD_MAX 64

/* The transitions of one connection, as they were told of. */
struct told {
	unsigned int count;
	struct transition all[TOLD_MAX];
};

struct subject {
	struct consumer consumer;
	struct consumer *consumers[1];
	struct conn_table *table;
	struct told *told; /* by the connection's id */
	uint64_t calls;
};

static void keep(struct subject *s, const struct conn *c, const struct transition *t)
{
	struct told *told = &s->told[c->id];

	assert_true(c->id <= EVENTS && c->flags & CONN_WANTED);
	assert_true(told->count < TOLD_MAX);
	told->all[told->count++] = *t;
}

static void on_transition(struct consumer *self, const struct conn *c, const struct transition *t)
{
	keep((struct subject *)self, c, t);
}

static void on_steps(struct consumer *self, const struct conn *c, unsigned int first)
{
	struct subject *s = (struct subject *)self;

	s->calls++;
	assert_true(first < c->step_count);
	for (unsigned int step = first; step < c->step_count; step++) {
		struct transition t;

		life_transition(c, step, &t);
		keep(s, c, &t);
	}
}

static const struct consumer_class prompt_class = { .transition = on_transition };
static const struct consumer_class late_class = { .steps = on_steps };

static void begin(struct subject *s, const struct consumer_class *class, size_t room)
{
	static const struct conn_filter all;

	*s = (struct subject){ .consumer.class = class };
	s->consumers[0] = &s->consumer;
	s->told = calloc(EVENTS + 1, sizeof(*s->told));
	s->table = conn_table_new(room, &all, &(struct consumer_list){ s->consumers, 1 });
	assert_non_null(s->told);
	assert_non_null(s->table);
}

static void done(struct subject *s)
{
	conn_table_free(s->table);
	free(s->told);
}

static void apply(struct subject *s, const struct event *e)
{
	assert_int_equal(conn_table_apply(s->table, e), 0);
}

static void one_call_tells_a_life(void **unused)
{
	struct sock k = sock_client(0xffff888000000000);
	struct subject s;
	struct event e;

	(void)unused;
	begin(&s, &late_class, ROOM);
	for (size_t i = 0; i < 4; i++) {
		static const enum tcp_state states[] = { STATE_SYN_SENT, STATE_ESTABLISHED,
							 STATE_CLOSE_WAIT, STATE_LAST_ACK };

		e = sock_step(&k, 1000 + i, states[i]);
		apply(&s, &e);
	}
	assert_int_equal(s.calls, 0);
	e = sock_close(&k, 2000);
	apply(&s, &e);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.told[1].count, 5);
	done(&s);
}

/* What is alive when the run ends is told of then. */
static void the_end_of_the_run_tells_the_rest(void **unused)
{
	struct sock k = sock_client(0xffff888000000000);
	struct event e = sock_step(&k, 1000, STATE_SYN_SENT);
	struct subject s;

	(void)unused;
	begin(&s, &late_class, ROOM);
	apply(&s, &e);
	e = sock_step(&k, 1001, STATE_ESTABLISHED);
	apply(&s, &e);
	assert_int_equal(s.calls, 0);
	conn_table_tell_alive(s.table, 5000 * US);
	assert_int_equal(s.calls, 1);
	assert_int_equal(s.told[1].count, 2);
	done(&s);
}

static uint64_t random_number(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Any step at all: with gaps, with lives that are longer than any may be, forgotten ones. */
static struct event any_event(struct sock *k, uint64_t *seed, uint64_t us)
{
	static const enum tcp_state states[] = { STATE_ESTABLISHED, STATE_ESTABLISHED,
						 STATE_FIN_WAIT1,   STATE_FIN_WAIT2,
						 STATE_CLOSE_WAIT,  STATE_CLOSING,
						 STATE_LAST_ACK,    STATE_TIME_WAIT };
	uint64_t dice = random_number(seed);
	enum tcp_state to = states[dice % 8];

	if (k->state == STATE_CLOSED)
		return sock_step(k, us, STATE_SYN_SENT);
	if (dice >> 8 & 1 && k->state == STATE_SYN_SENT)
		return sock_step(k, us, STATE_ESTABLISHED);
	if (!(dice >> 12 & 7) || to == k->state)
		return sock_step(k, us, STATE_CLOSED);
	return sock_step(k, us, to);
}

static void late_and_prompt_are_told_the_same(void **unused)
{
	struct subject late, prompt;
	struct sock socks[SOCKS];
	uint64_t seed = 88172645463325252;

	(void)unused;
	begin(&late, &late_class, ROOM);
	begin(&prompt, &prompt_class, ROOM);
	for (size_t i = 0; i < SOCKS; i++)
		socks[i] = sock_client(0xffff888000000000 + i * 0x900);
	for (uint64_t i = 0; i < EVENTS; i++) {
		struct event e = any_event(&socks[random_number(&seed) % SOCKS], &seed, 1000 + i);

		/* One in sixteen is lost. */
		if (!(random_number(&seed) & 15))
			continue;
		apply(&late, &e);
		apply(&prompt, &e);
	}
	conn_table_tell_alive(late.table, (EVENTS + 2000) * US);
	conn_table_tell_alive(prompt.table, (EVENTS + 2000) * US);
	assert_true(conn_table_counts(late.table)->evicted > 100);
	assert_memory_equal(conn_table_counts(late.table), conn_table_counts(prompt.table),
			    sizeof(struct conn_counts));
	for (size_t id = 1; id <= EVENTS; id++) {
		assert_int_equal(late.told[id].count, prompt.told[id].count);
		for (unsigned int i = 0; i < late.told[id].count; i++) {
			const struct transition *one = &late.told[id].all[i];
			const struct transition *other = &prompt.told[id].all[i];

			assert_int_equal(one->from, other->from);
			assert_int_equal(one->to, other->to);
			assert_true(one->mono_ns == other->mono_ns);
			assert_true(one->dwell_ns == other->dwell_ns);
			assert_int_equal(one->inferred, other->inferred);
		}
	}
	done(&late);
	done(&prompt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_call_tells_a_life),
		cmocka_unit_test(the_end_of_the_run_tells_the_rest),
		cmocka_unit_test(late_and_prompt_are_told_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
