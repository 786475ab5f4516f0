// SPDX-License-Identifier: GPL-2.0-only
/* The state table: names, spellings, and every arrow against a drawn matrix. */
#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <netinet/tcp.h>

#include <cmocka.h>

#include "user/event/state.h"

static void numbers_are_the_kernels(void **state)
{
	(void)state;
	assert_int_equal(STATE_ESTABLISHED, TCP_ESTABLISHED);
	assert_int_equal(STATE_SYN_SENT, TCP_SYN_SENT);
	assert_int_equal(STATE_SYN_RECV, TCP_SYN_RECV);
	assert_int_equal(STATE_FIN_WAIT1, TCP_FIN_WAIT1);
	assert_int_equal(STATE_FIN_WAIT2, TCP_FIN_WAIT2);
	assert_int_equal(STATE_TIME_WAIT, TCP_TIME_WAIT);
	assert_int_equal(STATE_CLOSED, TCP_CLOSE);
	assert_int_equal(STATE_CLOSE_WAIT, TCP_CLOSE_WAIT);
	assert_int_equal(STATE_LAST_ACK, TCP_LAST_ACK);
	assert_int_equal(STATE_LISTEN, TCP_LISTEN);
	assert_int_equal(STATE_CLOSING, TCP_CLOSING);
	assert_int_equal(STATE_COUNT, TCP_CLOSING + 1);
}

static void assert_parses(const char *text, enum tcp_state want)
{
	enum tcp_state found = 0;

	if (state_parse(text, &found) || found != want)
		fail_msg("%s is not %s", text, state_name(want));
}

static void names_round_trip(void **state)
{
	unsigned int number, other;
	char text[32] = "";

	(void)state;
	for (number = 1; number < STATE_COUNT; number++) {
		const char *name = state_name((enum tcp_state)number);
		size_t i;

		assert_true(state_is_valid(number));
		for (other = 1; other < number; other++)
			assert_string_not_equal(name, state_name((enum tcp_state)other));
		assert_parses(name, (enum tcp_state)number);
		for (i = 0; i <= strlen(name); i++)
			text[i] = (char)tolower(name[i]);
		assert_string_equal(text, state_lower_name((enum tcp_state)number));
		assert_parses(text, (enum tcp_state)number);
		for (i = 0; text[i]; i++)
			text[i] = text[i] == '_' ? '-' : text[i];
		assert_parses(text, (enum tcp_state)number);
		snprintf(text, sizeof(text), "TCP_%s", name);
		assert_parses(text, (enum tcp_state)number);
	}
}

static void other_numbers_are_none(void **state)
{
	static const unsigned int numbers[] = { 0, STATE_COUNT, STATE_COUNT + 1, 255, 256, ~0U };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		enum tcp_state wrong = (enum tcp_state)numbers[i];
		unsigned int number;

		assert_false(state_is_valid(numbers[i]));
		assert_string_equal(state_name(wrong), "UNKNOWN");
		assert_string_equal(state_lower_name(wrong), "unknown");
		for (number = 1; number < STATE_COUNT; number++) {
			assert_false(state_is_legal(wrong, (enum tcp_state)number));
			assert_false(state_is_legal((enum tcp_state)number, wrong));
			assert_int_equal(state_between(wrong, (enum tcp_state)number), 0);
			assert_int_equal(state_between((enum tcp_state)number, wrong), 0);
		}
	}
}

static void every_spelling_is_read(void **state)
{
	static const struct {
		const char *text;
		enum tcp_state state;
	} cases[] = {
		/* ss */
		{ "ESTAB", STATE_ESTABLISHED },
		{ "SYN-SENT", STATE_SYN_SENT },
		{ "SYN-RECV", STATE_SYN_RECV },
		{ "FIN-WAIT-1", STATE_FIN_WAIT1 },
		{ "FIN-WAIT-2", STATE_FIN_WAIT2 },
		{ "TIME-WAIT", STATE_TIME_WAIT },
		{ "UNCONN", STATE_CLOSED },
		{ "CLOSE-WAIT", STATE_CLOSE_WAIT },
		{ "LAST-ACK", STATE_LAST_ACK },
		{ "listening", STATE_LISTEN },
		{ "closed", STATE_CLOSED },
		/* RFC 9293 */
		{ "SYN-RECEIVED", STATE_SYN_RECV },
		{ "syn_received", STATE_SYN_RECV },
		{ "FIN_WAIT_1", STATE_FIN_WAIT1 },
		{ "fin-wait-2", STATE_FIN_WAIT2 },
		/* the kernel */
		{ "CLOSE", STATE_CLOSED },
		{ "TCP_CLOSE", STATE_CLOSED },
		{ "TCP_NEW_SYN_RECV", STATE_SYN_RECV },
		{ "Close_Wait", STATE_CLOSE_WAIT },
		/* hurried people */
		{ "CLOSEWAIT", STATE_CLOSE_WAIT },
		{ "finwait1", STATE_FIN_WAIT1 },
		{ "FinWait-2", STATE_FIN_WAIT2 },
		{ "SYNRECEIVED", STATE_SYN_RECV },
		{ "TCP_LASTACK", STATE_LAST_ACK },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_parses(cases[i].text, cases[i].state);
}

static void other_texts_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"TCP_",
		"TCP_TCP_CLOSE",
		"ESTABLISHED ",
		" LISTEN",
		"CLOSE-",
		"FIN_WAIT",
		"FIN_WAIT3",
		"CLOSE__WAIT",
		"C_LOSE_WAIT",
		"_CLOSE_WAIT",
		"CLOSEWAIT_",
		"TCPCLOSE",
		"SYN SENT",
		"1",
		"UNKNOWN",
		"LISTEN,CLOSE",
		"ESTABLISHEDESTABLISHEDESTABLISHED",
	};
	enum tcp_state found = STATE_CLOSING;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(state_parse(texts[i], &found), -EINVAL);
		assert_int_equal(found, STATE_CLOSING);
	}
}

/* In the order of the letters of the matrix below. */
static const enum tcp_state order[] = {
	STATE_CLOSED,	   STATE_LISTEN,     STATE_SYN_SENT,  STATE_SYN_RECV,
	STATE_ESTABLISHED, STATE_FIN_WAIT1,  STATE_FIN_WAIT2, STATE_CLOSING,
	STATE_TIME_WAIT,   STATE_CLOSE_WAIT, STATE_LAST_ACK,
};

#define ORDER_SIZE (sizeof(order) / sizeof(*order))

/* A row for each `from`, a column for each `to`. */
static const char *const legal[ORDER_SIZE] = {
	/*              C L S R E F f c T W A */
	/* CLOSED   */ ". x x x . . . . . . .",
	/* LISTEN   */ "x . x x . . . . . . .",
	/* SYN_SENT */ "x . . x x . . . . . .",
	/* SYN_RECV */ "x x . . x x . . . x .",
	/* ESTAB    */ "x . . . . x . . . x .",
	/* FIN_W1   */ "x . . . . . x x . . .",
	/* FIN_W2   */ "x . . . . . . . x . .",
	/* CLOSING  */ "x . . . . . . . x . .",
	/* TIME_W   */ "x . . . . . . . . . .",
	/* CLOSE_W  */ "x . . . . . . . . . x",
	/* LAST_ACK */ "x . . . . . . . . . .",
};

/* The letter of the state in between; '=' where there is an arrow, '.' where none or several. */
static const char *const between[ORDER_SIZE] = {
	/*              C L S R E F f c T W A */
	/* CLOSED   */ ". = = = . R . . . R .",
	/* LISTEN   */ "= . = = . R . . . R .",
	/* SYN_SENT */ "= . . = = . . . . . .",
	/* SYN_RECV */ "= = . . = = F F . = W",
	/* ESTAB    */ "= C C C . = F F . = W",
	/* FIN_W1   */ "= C C C . . = = . . .",
	/* FIN_W2   */ "= C C C . . . . = . .",
	/* CLOSING  */ "= C C C . . . . = . .",
	/* TIME_W   */ "= C C C . . . . . . .",
	/* CLOSE_W  */ "= C C C . . . . . . =",
	/* LAST_ACK */ "= C C C . . . . . . .",
};

static void arrows_are_as_drawn(void **state)
{
	size_t from, to;

	(void)state;
	for (from = 0; from < ORDER_SIZE; from++) {
		for (to = 0; to < ORDER_SIZE; to++) {
			bool want = legal[from][2 * to] == 'x';

			if (state_is_legal(order[from], order[to]) != want)
				fail_msg("%s -> %s should be %d", state_name(order[from]),
					 state_name(order[to]), want);
		}
	}
}

static void between_is_as_drawn(void **state)
{
	static const char letters[] = "CLSREFfcTWA";
	size_t from, to;

	(void)state;
	for (from = 0; from < ORDER_SIZE; from++) {
		for (to = 0; to < ORDER_SIZE; to++) {
			const char *letter = strchr(letters, between[from][2 * to]);
			enum tcp_state want = letter ? order[letter - letters] : 0;
			enum tcp_state found = state_between(order[from], order[to]);

			if (found != want)
				fail_msg("%s -> (%s) -> %s, not %s", state_name(order[from]),
					 state_name(found), state_name(order[to]),
					 state_name(want));
			if (found)
				assert_true(state_is_legal(order[from], found) &&
					    state_is_legal(found, order[to]));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_the_kernels), cmocka_unit_test(names_round_trip),
		cmocka_unit_test(other_numbers_are_none),  cmocka_unit_test(every_spelling_is_read),
		cmocka_unit_test(other_texts_are_refused), cmocka_unit_test(arrows_are_as_drawn),
		cmocka_unit_test(between_is_as_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
