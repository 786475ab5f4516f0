// SPDX-License-Identifier: GPL-2.0-only
/* Lives that are counted together come to the same as each by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/unit/any_life.h"
#include "user/aggregate/alike.h"
#include "user/base/units.h"
#include "user/conn/life.h"

#define LIVES 20000
#define NAMES 300 /* more than are kept apart */

/* A pulse and a roster, told by `by`, or each by itself. */
struct side {
	struct pulse *pulse;
	struct roster *roster;
	struct alike *alike; /* NULL: each by itself */
	struct consumer *told[2];
};

static void set_up(struct side *s, enum roster_key key, bool is_alike)
{
	*s = (struct side){ .pulse = pulse_new(), .roster = roster_new(key) };
	s->alike = is_alike ? alike_new(s->pulse, s->roster, 1U << key) : NULL;
	s->told[0] = is_alike ? alike_consumer(s->alike) : pulse_consumer(s->pulse);
	s->told[1] = is_alike ? s->told[0] : roster_consumer(s->roster);
}

static void tear_down(struct side *s)
{
	alike_free(s->alike);
	pulse_free(s->pulse);
	roster_free(s->roster);
}

static void settle(struct side *s)
{
	if (s->alike)
		alike_settle(s->alike);
}

static void tell_steps(struct side *s, const struct conn *c, bool at_once)
{
	struct consumer *told = s->told[0];

	if (at_once)
		told->class->steps(told, c, 0);
	for (unsigned int i = 0; i < c->step_count && !at_once; i++) {
		struct transition t;

		life_transition(c, i, &t);
		told->class->transition(told, c, &t);
	}
}

static void tell_closed(struct side *s, const struct conn *c)
{
	s->told[1]->class->closed(s->told[1], c);
}

/* Of one of many owners, addresses and ports. */
static struct conn life_of(uint64_t *row, unsigned int n)
{
	struct conn c = sample_any_life(row);
	unsigned int name = (unsigned int)(*row >> 20) % NAMES;

	c.id = n + 1;
	c.cgroup = name % 7;
	c.lport = (uint16_t)(name % 11);
	c.rport = (uint16_t)(name % 13);
	c.raddr.byte[ADDRESS_SIZE - 1] = (uint8_t)(name % 17);
	c.comm[0] = (char)('a' + name % 19);
	c.comm[1] = (char)('a' + name / 19);
	return c;
}

static void assert_same_groups(struct side *one, struct side *other)
{
	static const struct conn_filter all;
	struct conn_table *table = conn_table_new(8, &all, &(struct consumer_list){ NULL, 0 });
	const struct roster_query query = { .group_order = ROSTER_GROUPS_BY_CLOSED };
	struct roster_found a, b;
	uint64_t timed = 0;

	assert_int_equal(roster_look(one->roster, table, &query, &a), 0);
	assert_int_equal(roster_look(other->roster, table, &query, &b), 0);
	assert_true(a.group_count > 5);
	assert_int_equal(a.group_count, b.group_count);
	for (size_t i = 0; i < a.group_count; i++) {
		uint64_t closed[2] = { 0 }, failed[2] = { 0 }, count[2] = { 0 }, ns[2] = { 0 };

		/* Groups of the same size may change places. */
		for (size_t j = 0; j < a.group_count; j++) {
			if (a.groups[j].closed == a.groups[i].closed) {
				closed[0] += a.groups[j].closed;
				failed[0] += a.groups[j].failed;
				count[0] += a.groups[j].handshakes;
				ns[0] += a.groups[j].handshake_ns;
			}
			if (b.groups[j].closed == a.groups[i].closed) {
				closed[1] += b.groups[j].closed;
				failed[1] += b.groups[j].failed;
				count[1] += b.groups[j].handshakes;
				ns[1] += b.groups[j].handshake_ns;
			}
		}
		assert_int_equal(closed[0], closed[1]);
		assert_int_equal(failed[0], failed[1]);
		assert_int_equal(count[0], count[1]);
		assert_int_equal(ns[0], ns[1]);
		timed += count[0];
	}
	assert_true(timed > 0);
	conn_table_free(table);
}

static void assert_same(struct side *one, struct side *other)
{
	struct pulse_latency a, b;

	settle(one);
	for (int from = 0; from < STATE_COUNT; from++)
		for (int to = 0; to < STATE_COUNT; to++)
			assert_int_equal(pulse_transitions(one->pulse, from, to),
					 pulse_transitions(other->pulse, from, to));
	pulse_handshakes(one->pulse, CONN_ROLE_CLIENT, NS_PER_S, &a);
	pulse_handshakes(other->pulse, CONN_ROLE_CLIENT, NS_PER_S, &b);
	assert_true(a.count > 0);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_same_groups(one, other);
}

static void by_each_key(void **state)
{
	(void)state;
	for (unsigned int key = 0; key < ROSTER_KEY_COUNT; key++) {
		struct side one, other;
		uint64_t row = key + 1;

		set_up(&one, (enum roster_key)key, true);
		set_up(&other, (enum roster_key)key, false);
		for (unsigned int n = 0; n < LIVES; n++) {
			struct conn c = life_of(&row, n);
			bool at_once = n % 5;

			tell_steps(&one, &c, at_once);
			tell_steps(&other, &c, at_once);
			/* What decides how it is counted may become known in between. */
			if (n % 17 == 3)
				c.outcome = CONN_OUTCOME_RESET_RECEIVED;
			if (n % 19 == 4)
				c.flags |= CONN_HAS_OWNER;
			tell_closed(&one, &c);
			tell_closed(&other, &c);
			if (n % 4099 == 0)
				settle(&one);
		}
		assert_same(&one, &other);
		tear_down(&one);
		tear_down(&other);
	}
}

static void by_another_key_meanwhile(void **state)
{
	struct side one, other;
	uint64_t row = 1;

	(void)state;
	set_up(&one, ROSTER_KEY_UNIT, true);
	set_up(&other, ROSTER_KEY_UNIT, false);
	for (unsigned int n = 0; n < LIVES; n++) {
		struct conn c = life_of(&row, n);

		/* The same number, as a cgroup and as a port. */
		if (n == LIVES / 2) {
			alike_group_by(one.alike, ROSTER_KEY_PORT);
			roster_group_by(other.roster, ROSTER_KEY_PORT);
		}
		tell_steps(&one, &c, true);
		tell_steps(&other, &c, true);
		tell_closed(&one, &c);
		tell_closed(&other, &c);
	}
	assert_same(&one, &other);
	tear_down(&one);
	tear_down(&other);
}

/* Whose close comes when others were told of. */
static void who_closes_late(void **state)
{
	struct side one, other;
	struct conn late[8];
	uint64_t row = 1;

	(void)state;
	set_up(&one, ROSTER_KEY_PROCESS, true);
	set_up(&other, ROSTER_KEY_PROCESS, false);
	for (unsigned int n = 0; n < LIVES; n++) {
		struct conn *c = &late[n % 8];

		if (n >= 8) {
			tell_closed(&one, c);
			tell_closed(&other, c);
		}
		*c = life_of(&row, n);
		tell_steps(&one, c, true);
		tell_steps(&other, c, true);
	}
	assert_same(&one, &other);
	tear_down(&one);
	tear_down(&other);
}

static void a_filter_judges_each(void **state)
{
	const uint32_t states = 1u << STATE_LAST_ACK | 1u << STATE_TIME_WAIT;
	struct side one, other;
	uint64_t row = 1;

	(void)state;
	set_up(&one, ROSTER_KEY_PORT, true);
	set_up(&other, ROSTER_KEY_PORT, false);
	for (unsigned int n = 0; n < LIVES; n++) {
		struct conn c = life_of(&row, n);

		if (n == LIVES / 4) {
			alike_sift(one.alike, NULL, states);
			roster_sift(other.roster, NULL, states);
		}
		tell_steps(&one, &c, true);
		tell_steps(&other, &c, true);
		tell_closed(&one, &c);
		tell_closed(&other, &c);
	}
	settle(&one);
	assert_same_groups(&one, &other);
	tear_down(&one);
	tear_down(&other);
}

static unsigned int wants_for(unsigned int keys)
{
	struct pulse *pulse = pulse_new();
	struct roster *roster = roster_new(ROSTER_KEY_PROCESS);
	struct alike *alike = alike_new(pulse, roster, keys);
	unsigned int wants = alike_consumer(alike)->wants;

	alike_free(alike);
	roster_free(roster);
	pulse_free(pulse);
	return wants & (CONSUMER_PARTIES | CONSUMER_CGROUPS);
}

/* What is dear to have nobody asks for who has no use for it. */
static void what_no_group_differs_by_is_not_wanted(void **state)
{
	(void)state;
	assert_int_equal(wants_for(1U << ROSTER_KEY_PROCESS), 0);
	assert_int_equal(wants_for(1U << ROSTER_KEY_UNIT), CONSUMER_CGROUPS);
	assert_int_equal(wants_for(1U << ROSTER_KEY_CONTAINER), CONSUMER_CGROUPS);
	assert_int_equal(wants_for(1U << ROSTER_KEY_POD), CONSUMER_CGROUPS);
	assert_int_equal(wants_for(1U << ROSTER_KEY_REMOTE), CONSUMER_PARTIES);
	assert_int_equal(wants_for(1U << ROSTER_KEY_PORT), CONSUMER_PARTIES);
	assert_int_equal(wants_for((1U << ROSTER_KEY_COUNT) - 1),
			 CONSUMER_PARTIES | CONSUMER_CGROUPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_each_key),
		cmocka_unit_test(by_another_key_meanwhile),
		cmocka_unit_test(who_closes_late),
		cmocka_unit_test(a_filter_judges_each),
		cmocka_unit_test(what_no_group_differs_by_is_not_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
