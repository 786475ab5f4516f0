// SPDX-License-Identifier: GPL-2.0-only
/* The list of stuck sockets: what transitions and looks tell of each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/aggregate/stuck_list.h"

#define S UINT64_C(1000000000)
#define SOCK UINT64_C(0xffff888000000040)

static struct {
	size_t count;
	struct stuck last;
	struct holder holder;
} released;

static void on_released(void *context, const struct stuck *s)
{
	assert_ptr_equal(context, &released);
	released.count++;
	released.last = *s;
	if (s->holder_count)
		released.holder = *s->holders;
}

/* CLOSE_WAIT from 10 s on; nothing else. */
static struct stuck_list *list_new(size_t max)
{
	struct stuck_list_settings settings = {
		.max = max,
		.released = on_released,
		.context = &released,
	};

	memset(&released, 0, sizeof(released));
	for (unsigned int state = 0; state < STATE_COUNT; state++)
		settings.least_ns[state] = TIME_UNKNOWN;
	settings.least_ns[STATE_CLOSE_WAIT] = 10 * S;
	return stuck_list_new(&settings);
}

static void apply(struct stuck_list *list, uint64_t sock, enum tcp_state from, enum tcp_state to,
		  uint64_t mono_ns)
{
	struct event event = { .kind = EVENT_TRANSITION, .sock = sock, .mono_ns = mono_ns };

	event.from = from;
	event.to = to;
	stuck_list_apply(list, &event);
}

static struct stuck seen(uint64_t sock, uint64_t mono_ns, uint64_t age_ns)
{
	struct stuck s = { .state = STATE_CLOSE_WAIT, .mono_ns = mono_ns, .age_ns = age_ns };

	s.c.sock = sock;
	s.age_at_most_ns = age_ns + S;
	return s;
}

static void what_a_transition_began_is_exact_and_due(void **unused)
{
	struct stuck_list *list = list_new(100);
	struct stuck s = seen(SOCK, 112 * S, 5 * S);

	(void)unused;
	assert_int_equal(stuck_list_due(list), TIME_UNKNOWN);
	apply(list, SOCK, STATE_ESTABLISHED, STATE_CLOSE_WAIT, 100 * S);
	assert_int_equal(stuck_list_due(list), 110 * S);
	stuck_list_look(list, 111 * S);
	assert_true(stuck_list_amend(list, &s));
	assert_true(s.age_is_exact);
	assert_int_equal(s.age_ns, 12 * S);
	assert_true(stuck_list_add(list, &s));
	stuck_list_end(list);
	assert_int_equal(stuck_list_count(list), 1);
	assert_int_equal(stuck_list_due(list), TIME_UNKNOWN);
	assert_int_equal(released.count, 0);
	/* Once is enough. */
	stuck_list_look(list, 120 * S);
	assert_false(stuck_list_add(list, &s));
	stuck_list_end(list);
	assert_int_equal(released.count, 0);
	/* The second witness changes nothing. */
	apply(list, SOCK, STATE_ESTABLISHED, STATE_CLOSE_WAIT, 100 * S);
	assert_int_equal(released.count, 0);
	apply(list, SOCK, STATE_CLOSE_WAIT, STATE_LAST_ACK, 130 * S);
	assert_int_equal(released.count, 1);
	assert_int_equal(released.last.change, STUCK_CHANGE_RELEASED);
	assert_true(released.last.age_is_exact);
	assert_int_equal(released.last.age_ns, 30 * S);
	assert_int_equal(stuck_list_count(list), 0);
	stuck_list_free(list);
}

static void what_is_short_is_never_told_of(void **unused)
{
	struct stuck_list *list = list_new(100);

	(void)unused;
	apply(list, SOCK, STATE_ESTABLISHED, STATE_CLOSE_WAIT, 100 * S);
	apply(list, SOCK, STATE_CLOSE_WAIT, STATE_LAST_ACK, 101 * S);
	assert_int_equal(stuck_list_due(list), TIME_UNKNOWN);
	assert_int_equal(released.count, 0);
	stuck_list_free(list);
}

static void an_older_one_keeps_its_bounds(void **unused)
{
	struct holder holder = { .inode = 11, .pid = 4711, .fd = 7 };
	struct stuck_list *list = list_new(100);
	struct stuck s = seen(SOCK, 112 * S, 50 * S);

	(void)unused;
	s.holders = &holder;
	s.holder_count = 1;
	stuck_list_look(list, 111 * S);
	assert_true(stuck_list_amend(list, &s));
	assert_false(s.age_is_exact);
	assert_true(stuck_list_add(list, &s));
	stuck_list_end(list);
	memset(&holder, 0, sizeof(holder)); /* the look's own are gone by then */
	apply(list, SOCK, STATE_CLOSE_WAIT, STATE_CLOSED, 122 * S);
	assert_int_equal(released.count, 1);
	assert_false(released.last.age_is_exact);
	assert_int_equal(released.last.age_ns, 60 * S);
	assert_int_equal(released.last.age_at_most_ns, 61 * S);
	assert_int_equal(released.holder.pid, 4711);
	stuck_list_free(list);
}

static void who_left_while_the_look_went_on_is_not_found(void **unused)
{
	struct stuck_list *list = list_new(100);
	struct stuck s = seen(SOCK, 112 * S, 50 * S);

	(void)unused;
	stuck_list_look(list, 111 * S);
	apply(list, SOCK, STATE_CLOSE_WAIT, STATE_LAST_ACK, 113 * S);
	assert_false(stuck_list_amend(list, &s));
	/* One who left before is another connection of the same socket. */
	s.mono_ns = 114 * S;
	assert_true(stuck_list_amend(list, &s));
	/* And the next look begins anew. */
	s.mono_ns = 112 * S;
	stuck_list_look(list, 120 * S);
	assert_true(stuck_list_amend(list, &s));
	stuck_list_end(list);
	stuck_list_free(list);
}

static void a_look_releases_what_it_does_not_find(void **unused)
{
	struct stuck_list *list = list_new(100);
	struct stuck s = seen(SOCK, 112 * S, 50 * S), other = seen(SOCK + 1, 112 * S, 20 * S);

	(void)unused;
	stuck_list_look(list, 111 * S);
	assert_true(stuck_list_add(list, &s));
	assert_true(stuck_list_add(list, &other));
	stuck_list_end(list);
	stuck_list_look(list, 121 * S);
	assert_false(stuck_list_add(list, &other));
	stuck_list_end(list);
	assert_int_equal(released.count, 1);
	assert_int_equal(released.last.c.sock, SOCK);
	assert_int_equal(released.last.age_ns, 59 * S);
	assert_false(released.last.age_is_exact);
	assert_int_equal(stuck_list_count(list), 1);
	stuck_list_free(list);
}

/* Filtered out, for example: the list must not ask for it again and again. */
static void what_a_look_did_not_want_is_not_due_again(void **unused)
{
	struct stuck_list *list = list_new(100);

	(void)unused;
	apply(list, SOCK, STATE_ESTABLISHED, STATE_CLOSE_WAIT, 100 * S);
	apply(list, SOCK + 1, STATE_ESTABLISHED, STATE_CLOSE_WAIT, 105 * S);
	stuck_list_look(list, 111 * S);
	stuck_list_end(list);
	assert_int_equal(stuck_list_due(list), 115 * S);
	stuck_list_look(list, 116 * S);
	stuck_list_end(list);
	assert_int_equal(stuck_list_due(list), TIME_UNKNOWN);
	stuck_list_free(list);
}

static void room_is_bounded_and_what_does_not_fit_is_counted(void **unused)
{
	struct stuck_list *list = list_new(1000);

	(void)unused;
	for (uint64_t i = 0; i < 1007; i++)
		apply(list, SOCK + i * 64, STATE_ESTABLISHED, STATE_CLOSE_WAIT, 100 * S + i);
	assert_int_equal(stuck_list_dropped(list), 7);
	assert_int_equal(stuck_list_due(list), 110 * S);
	for (uint64_t i = 0; i < 1007; i++)
		apply(list, SOCK + i * 64, STATE_CLOSE_WAIT, STATE_LAST_ACK, 101 * S + i);
	assert_int_equal(stuck_list_due(list), TIME_UNKNOWN);
	apply(list, SOCK, STATE_ESTABLISHED, STATE_CLOSE_WAIT, 102 * S);
	assert_int_equal(stuck_list_due(list), 112 * S);
	stuck_list_free(list);
	stuck_list_free(NULL);
}

/* The look that goes on may tell of one of them. */
static void who_leaves_beyond_the_room_is_counted(void **unused)
{
	struct stuck_list *list = list_new(100);
	struct stuck last = seen(SOCK + 163 * 64, 104 * S, 50 * S);

	(void)unused;
	stuck_list_look(list, 100 * S);
	for (uint64_t i = 0; i < 164; i++)
		apply(list, SOCK + i * 64, STATE_CLOSE_WAIT, STATE_LAST_ACK, 105 * S);
	assert_int_equal(stuck_list_dropped(list), 0);
	assert_false(stuck_list_amend(list, &last));
	for (uint64_t i = 164; i < 171; i++)
		apply(list, SOCK + i * 64, STATE_CLOSE_WAIT, STATE_LAST_ACK, 105 * S);
	assert_int_equal(stuck_list_dropped(list), 7);
	stuck_list_end(list);
	/* Between two looks, and before one that is heard of late, nobody asks. */
	for (uint64_t i = 0; i < 171; i++)
		apply(list, SOCK + i * 64, STATE_CLOSE_WAIT, STATE_LAST_ACK, 107 * S);
	stuck_list_look(list, 110 * S);
	for (uint64_t i = 0; i < 171; i++)
		apply(list, SOCK + i * 64, STATE_CLOSE_WAIT, STATE_LAST_ACK, 109 * S);
	assert_int_equal(stuck_list_dropped(list), 7);
	stuck_list_free(list);
}

/* However many an attacker holds, in however many namespaces, each of the victim's is known. */
static void whoever_has_most_makes_room(void **unused)
{
	struct stuck_list *list = list_new(100);
	struct stuck s = seen(SOCK, 100 * S, 50 * S);

	(void)unused;
	stuck_list_look(list, 100 * S);
	s.c.flags = CONN_HAS_OWNER;
	s.c.uid = 1000;
	for (uint64_t i = 0; i < 300; i++) {
		s.c.sock = SOCK + i * 64;
		s.c.netns = i % 7;
		assert_true(stuck_list_add(list, &s));
	}
	s.c.uid = 33;
	s.c.netns = 1;
	for (uint64_t i = 1000; i < 1040; i++) {
		s.c.sock = SOCK + i * 64;
		assert_true(stuck_list_add(list, &s));
	}
	assert_int_equal(stuck_list_count(list), 100);
	/* They are known: none is told of again. */
	for (uint64_t i = 1000; i < 1040; i++) {
		s.c.sock = SOCK + i * 64;
		assert_false(stuck_list_add(list, &s));
	}
	assert_int_equal(stuck_list_dropped(list), 240);
	for (size_t rank = 0; rank < 7; rank++)
		assert_int_equal(payers_at(stuck_list_payers(list), rank)->share.owner, 1000);
	assert_null(payers_at(stuck_list_payers(list), 7));
	assert_int_equal(released.count, 0);
	stuck_list_free(list);
}

/* A busy server's look takes long, and many end meanwhile; each that is found is asked for. */
static void who_left_is_found_among_many(void **unused)
{
	static const uint64_t count = 150000;
	struct stuck_list *list = list_new(2 * count);

	(void)unused;
	stuck_list_look(list, 100 * S);
	for (uint64_t i = count; i; i--)
		apply(list, SOCK + i * 64, STATE_CLOSE_WAIT, STATE_LAST_ACK, 105 * S);
	apply(list, SOCK + 64, STATE_CLOSE_WAIT, STATE_LAST_ACK, 103 * S);
	alarm(10);
	for (uint64_t i = 1; i <= count; i++) {
		struct stuck before = seen(SOCK + i * 64, 104 * S, 50 * S);
		struct stuck after = seen(SOCK + i * 64, 106 * S, 50 * S);

		assert_false(stuck_list_amend(list, &before));
		assert_true(stuck_list_amend(list, &after));
	}
	alarm(0);
	stuck_list_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_transition_began_is_exact_and_due),
		cmocka_unit_test(what_is_short_is_never_told_of),
		cmocka_unit_test(an_older_one_keeps_its_bounds),
		cmocka_unit_test(who_left_while_the_look_went_on_is_not_found),
		cmocka_unit_test(who_left_is_found_among_many),
		cmocka_unit_test(a_look_releases_what_it_does_not_find),
		cmocka_unit_test(what_a_look_did_not_want_is_not_due_again),
		cmocka_unit_test(room_is_bounded_and_what_does_not_fit_is_counted),
		cmocka_unit_test(who_leaves_beyond_the_room_is_counted),
		cmocka_unit_test(whoever_has_most_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
