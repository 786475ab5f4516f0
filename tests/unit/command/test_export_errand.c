// SPDX-License-Identifier: GPL-2.0-only
/* A sender hears by when to finish, and that the tracer has gone; it tries again ever later. */
#include "user/command/export/errand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/base/units.h"
#include "user/rights/helper.h"

#define PATIENT_MS 3600000

struct ends {
	struct errand errand;
	int tracer;
};

static int begin(void **state)
{
	static struct ends ends;
	int fds[2];

	ends = (struct ends){ .tracer = -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -1;
	ends.errand.fd = fds[0];
	ends.tracer = fds[1];
	*state = &ends;
	return 0;
}

static int end(void **state)
{
	struct ends *e = *state;

	close(e->errand.fd);
	if (e->tracer >= 0)
		close(e->tracer);
	return 0;
}

static void say(const struct ends *e, enum errand_wish wish, uint32_t patience_ms)
{
	const struct errand_message m = { .wish = wish, .patience_ms = patience_ms };

	assert_int_equal(helper_send(e->tracer, &m, sizeof(m), -1, 0), 0);
}

static void a_wake_is_no_end(void **state)
{
	struct ends *e = *state;

	assert_false(errand_listen(&e->errand, 0));
	say(e, ERRAND_WAKE, 0);
	say(e, ERRAND_WAKE, 0);
	assert_false(errand_listen(&e->errand, -1));
	assert_false(errand_listen(&e->errand, 0));
	assert_false(e->errand.is_over || e->errand.is_finishing || errand_is_late(&e->errand));
}

static void a_finish_says_by_when(void **state)
{
	struct ends *e = *state;

	say(e, ERRAND_WAKE, 0);
	say(e, ERRAND_FINISH, PATIENT_MS);
	assert_true(errand_listen(&e->errand, -1));
	assert_true(e->errand.is_finishing);
	assert_false(errand_is_late(&e->errand));
	say(e, ERRAND_FINISH, 0);
	assert_true(errand_listen(&e->errand, -1));
	assert_true(errand_is_late(&e->errand));
	assert_false(e->errand.is_over);
}

static void who_has_gone_is_noticed(void **state)
{
	struct ends *e = *state;

	close(e->tracer);
	e->tracer = -1;
	assert_false(errand_listen(&e->errand, -1));
	assert_true(e->errand.is_over && errand_is_late(&e->errand));
}

static void a_message_that_is_cut_is_an_end(void **state)
{
	struct ends *e = *state;
	char byte = ERRAND_FINISH;

	assert_int_equal(helper_send(e->tracer, &byte, sizeof(byte), -1, 0), 0);
	assert_false(errand_listen(&e->errand, -1));
	assert_true(e->errand.is_over);
}

static void the_answer_is_the_last_word(void **state)
{
	struct ends *e = *state;
	struct errand_message m;

	errand_answer(&e->errand, ERRAND_LEFT);
	assert_true(e->errand.is_over);
	assert_int_equal(helper_receive(e->tracer, &m, sizeof(m), NULL), sizeof(m));
	assert_int_equal(m.wish, ERRAND_LEFT);
}

/* A second, then twice as long each time, up to half a minute; a quarter more or less. */
static void attempts_come_ever_later(void **state)
{
	static const uint64_t pauses_s[] = { 1, 2, 4, 8, 16, 30, 30 };
	struct retry r;
	uint64_t now_ns = 1700000000 * NS_PER_S;

	(void)state;
	retry_reset(&r);
	for (size_t i = 0; i < sizeof(pauses_s) / sizeof(*pauses_s); i++) {
		uint64_t mean_ns = pauses_s[i] * NS_PER_S;
		uint64_t pause_ns = retry_after(&r, now_ns += 777777777, 0);

		assert_in_range(pause_ns, mean_ns - mean_ns / 4, mean_ns + mean_ns / 4);
	}
	retry_reset(&r);
	assert_in_range(retry_after(&r, now_ns, 0), NS_PER_S / 4 * 3, NS_PER_S / 4 * 5);
}

static void who_asks_for_time_gets_it_within_bounds(void **state)
{
	struct retry r;

	(void)state;
	retry_reset(&r);
	assert_int_equal(retry_after(&r, 1, 7), 7 * NS_PER_S);
	assert_int_equal(retry_after(&r, 1, 1000000), 300 * NS_PER_S);
	assert_in_range(retry_after(&r, 1, -1), 3 * NS_PER_S, 5 * NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_wake_is_no_end, begin, end),
		cmocka_unit_test_setup_teardown(a_finish_says_by_when, begin, end),
		cmocka_unit_test_setup_teardown(who_has_gone_is_noticed, begin, end),
		cmocka_unit_test_setup_teardown(a_message_that_is_cut_is_an_end, begin, end),
		cmocka_unit_test_setup_teardown(the_answer_is_the_last_word, begin, end),
		cmocka_unit_test(attempts_come_ever_later),
		cmocka_unit_test(who_asks_for_time_gets_it_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
