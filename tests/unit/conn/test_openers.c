// SPDX-License-Identifier: GPL-2.0-only
/* Which stack opened which connection: what is told of it next, and at the same moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "user/conn/openers.h"

#define MANY 100

static struct event event_of(uint64_t sock, uint64_t mono_ns, uint64_t stack)
{
	return (struct event){ .sock = sock, .mono_ns = mono_ns, .stack = stack };
}

static void note(struct openers *o, uint64_t sock, uint64_t mono_ns, uint64_t stack)
{
	struct event e = event_of(sock, mono_ns, stack);

	openers_note(o, &e);
}

static void claim(struct openers *o, struct conn *c, uint64_t sock, uint64_t mono_ns)
{
	struct event e = event_of(sock, mono_ns, 0);

	openers_claim(o, c, &e);
}

static void what_comes_next_is_opened(void **state)
{
	struct openers *o = openers_new();
	struct conn c = { .id = 1 }, other = { .id = 2 };

	(void)state;
	note(o, 64, 1000, 77);
	claim(o, &other, 128, 1000);
	claim(o, &other, 64, 1001);
	assert_int_equal(other.flags & CONN_OPENED, 0);
	claim(o, &c, 64, 1000);
	assert_int_equal(c.flags & CONN_OPENED, CONN_OPENED);
	assert_int_equal(openers_find(o, &c), 77);
	/* It is used up. */
	claim(o, &other, 64, 1000);
	assert_int_equal(other.flags & CONN_OPENED, 0);
	assert_int_equal(openers_find(o, &other), 0);
	openers_free(o);
}

static void who_accepts_has_it(void **state)
{
	struct openers *o = openers_new();
	struct conn c = { .id = 1 };

	(void)state;
	note(o, 64, 1000, 77);
	claim(o, &c, 64, 1000);
	note(o, 64, 2000, 78);
	claim(o, &c, 64, 2000);
	assert_int_equal(openers_find(o, &c), 78);
	openers_leave(o, &c);
	assert_int_equal(openers_find(o, &c), 0);
	openers_leave(o, &c);
	openers_free(o);
}

static void those_that_are_gone_make_room(void **state)
{
	struct openers *o = openers_new();
	size_t bytes = 0;

	(void)state;
	for (int round = 0; round < 3; round++) {
		struct conn c[MANY] = { 0 };

		for (uint64_t i = 0; i < MANY; i++) {
			c[i].id = i + 1;
			note(o, i * 64, 1000, i + 1);
			claim(o, &c[i], i * 64, 1000);
		}
		for (uint64_t i = 0; i < MANY; i++) {
			assert_int_equal(openers_find(o, &c[i]), i + 1);
			openers_leave(o, &c[i]);
		}
		assert_true(!bytes || openers_bytes(o) == bytes);
		bytes = openers_bytes(o);
	}
	openers_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_next_is_opened),
		cmocka_unit_test(who_accepts_has_it),
		cmocka_unit_test(those_that_are_gone_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
