// SPDX-License-Identifier: GPL-2.0-only
/* The table of reset reasons: a name for what is known, the number for what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/event/reset_reason.h"

static struct reset_reasons reasons;

static const char *name_of(uint32_t number)
{
	static char text[RESET_REASON_SIZE];

	return reset_reasons_name(&reasons, number, text);
}

static void known_ones_have_their_name(void **unused)
{
	(void)unused;
	reset_reasons_add(&reasons, 0, "SK_RST_REASON_NOT_SPECIFIED");
	reset_reasons_add(&reasons, 11, "SK_RST_REASON_TCP_ABORT_ON_CLOSE");
	reset_reasons_add(&reasons, 255, "FROM_A_RECORDING");
	assert_string_equal(name_of(0), "NOT_SPECIFIED");
	assert_string_equal(name_of(11), "TCP_ABORT_ON_CLOSE");
	assert_string_equal(name_of(255), "FROM_A_RECORDING");
}

/* A newer kernel, one that names none, and numbers that no kernel has. */
static void unknown_ones_are_numbers(void **unused)
{
	char text[RESET_REASON_SIZE];

	(void)unused;
	assert_string_equal(name_of(12), "unknown(12)");
	assert_string_equal(name_of(256), "unknown(256)");
	assert_string_equal(name_of(UINT32_MAX), "unknown(4294967295)");
	assert_string_equal(reset_reasons_name(NULL, 11, text), "unknown(11)");
	reset_reasons_add(&reasons, 256, "NO_ROOM");
	assert_string_equal(name_of(256), "unknown(256)");
}

static void hostile_names_are_tamed(void **unused)
{
	char longest[200];

	(void)unused;
	reset_reasons_add(&reasons, 20, "a\"b\\c\nd\x1b[2J\xff");
	assert_string_equal(name_of(20), "a?b?c?d??2J?");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	reset_reasons_add(&reasons, 21, longest);
	assert_int_equal(strlen(name_of(21)), RESET_REASON_SIZE - 1);
	/* The second word is the last. */
	reset_reasons_add(&reasons, 21, "SK_RST_REASON_SHORT");
	assert_string_equal(name_of(21), "SHORT");
	reset_reasons_add(&reasons, 21, "SK_RST_REASON_");
	assert_string_equal(name_of(21), "unknown(21)");
}

static void recordings_keep_them(void **unused)
{
	static struct reset_reasons other;
	struct buffer lines;
	char text[RESET_REASON_SIZE];

	(void)unused;
	memset(&reasons, 0, sizeof(reasons));
	reset_reasons_add(&reasons, 0, "SK_RST_REASON_NOT_SPECIFIED");
	reset_reasons_add(&reasons, 255, "LAST");
	buffer_init(&lines);
	reset_reasons_write(&reasons, &lines);
	buffer_add_char(&lines, '\0');
	assert_string_equal(lines.bytes, "0 NOT_SPECIFIED\n255 LAST\n");
	reset_reasons_read(&other, lines.bytes);
	assert_memory_equal(&other, &reasons, sizeof(other));
	buffer_done(&lines);

	memset(&other, 0, sizeof(other));
	reset_reasons_read(&other,
			   "\n\n 1 A\nx 2\n3\n4 \n99999999999999 B\n256 C\n5 D\x1b[2J\n6 E");
	assert_string_equal(reset_reasons_name(&other, 5, text), "D??2J");
	assert_string_equal(reset_reasons_name(&other, 6, text), "E");
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(reset_reasons_name(&other, i, text) - text, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_ones_have_their_name),
		cmocka_unit_test(unknown_ones_are_numbers),
		cmocka_unit_test(hostile_names_are_tamed),
		cmocka_unit_test(recordings_keep_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
