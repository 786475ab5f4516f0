// SPDX-License-Identifier: GPL-2.0-only
/* Records of earlier versions: every pair of states, every flag, and nothing else is touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/event.h"
#include "user/event/event.h"
#include "user/event/upgrade.h"

/* The head as version 1 had it, in the 24 bytes that it has still. */
#define KIND_1 20
#define FROM_1 21
#define TO_1 22
#define FLAGS_1 23

/* A record without a body, as version 1 wrote it. */
static void make_1(uint8_t bytes[sizeof(struct event_reset)], unsigned int from, unsigned int to,
		   unsigned int flags)
{
	struct event_reset reset = { .head = { .mono_ns = 0x0123456789abcdef,
					       .sock = 0xffff888012345678,
					       .netns = 4026531840 },
				     .reason = 77,
				     .act = EVENT_RESET_SENT,
				     .memory = 1 };

	memcpy(bytes, &reset, sizeof(reset));
	bytes[KIND_1] = EVENT_RESET;
	bytes[FROM_1] = (uint8_t)from;
	bytes[TO_1] = (uint8_t)to;
	bytes[FLAGS_1] = (uint8_t)flags;
}

static void every_pair_of_states_is_kept(void **state)
{
	(void)state;
	for (unsigned int from = 0; from < 256; from++) {
		for (unsigned int to = 0; to < 256; to++) {
			bool is_state = from < 16 && to < 16;
			struct event_reset now;
			uint8_t bytes[sizeof(now)];

			make_1(bytes, from, to, 0);
			event_upgrade(bytes, sizeof(bytes), 1);
			memcpy(&now, bytes, sizeof(now));
			assert_int_equal(EVENT_FROM(now.head.states), is_state ? from : 0);
			assert_int_equal(EVENT_TO(now.head.states), is_state ? to : 0);
		}
	}
}

static void every_flag_is_kept(void **state)
{
	(void)state;
	for (unsigned int flags = 0; flags < 256; flags++) {
		uint8_t bytes[sizeof(struct event_reset)];
		struct event e = { .kind = EVENT_NONE };

		make_1(bytes, STATE_CLOSE_WAIT, STATE_CLOSE_WAIT, flags);
		event_upgrade(bytes, sizeof(bytes), 1);
		assert_int_equal(event_decode(bytes, sizeof(bytes), &e), 0);
		assert_int_equal(e.flags, flags);
		assert_int_equal(e.kind, EVENT_RESET);
		assert_int_equal(e.from, STATE_CLOSE_WAIT);
		assert_int_equal(e.mono_ns, 0x0123456789abcdef);
		assert_int_equal(e.sock, 0xffff888012345678);
		assert_int_equal(e.netns, 4026531840);
		assert_int_equal(e.reason, 77);
		assert_int_equal(e.detail, EVENT_RESET_SENT);
		assert_true(e.is_memory);
	}
}

/* What is of today stays as it is, and so does what is no whole head. */
static void nothing_else_is_changed(void **state)
{
	uint8_t bytes[sizeof(struct event_reset)], before[sizeof(bytes)];

	(void)state;
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(0x55 + 7 * i);
	memcpy(before, bytes, sizeof(bytes));
	event_upgrade(bytes, sizeof(bytes), EVENT_VERSION);
	event_upgrade(bytes, sizeof(struct event_head) - 1, 1);
	event_upgrade(bytes, 0, 1);
	assert_memory_equal(bytes, before, sizeof(bytes));
	event_upgrade(bytes, sizeof(bytes), 1);
	assert_memory_equal(bytes, before, KIND_1 + 1);
	assert_memory_equal(bytes + sizeof(struct event_head), before + sizeof(struct event_head),
			    sizeof(bytes) - sizeof(struct event_head));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_states_is_kept),
		cmocka_unit_test(every_flag_is_kept),
		cmocka_unit_test(nothing_else_is_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
