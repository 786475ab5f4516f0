// SPDX-License-Identifier: GPL-2.0-only
/* Tests that each story of the textbook has a script, and a recording that is built in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/aggregate/textbook.h"
#include "user/conn/conn.h"
#include "user/demo/play.h"
#include "user/demo/recordings.h"
#include "user/record/format.h"

static void each_is_built_in(void **state)
{
	char magic[RECORDING_MAGIC_SIZE];

	(void)state;
	for (unsigned int i = 0; i < TEXTBOOK_COUNT; i++) {
		int fd = recordings_open(i);

		assert_true(fd >= 0);
		assert_int_equal(read(fd, magic, sizeof(magic)), sizeof(magic));
		assert_memory_equal(magic, RECORDING_MAGIC, sizeof(magic));
		close(fd);
		assert_non_null(play_script(i));
	}
}

static void each_is_named_once(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < TEXTBOOK_COUNT; i++) {
		assert_true(textbook[i].left == CONN_ROLE_CLIENT ||
			    textbook[i].left == CONN_ROLE_SERVER);
		assert_non_null(strstr(textbook[i].sections, "RFC "));
		for (unsigned int n = 0; n < i; n++)
			assert_string_not_equal(textbook[i].name, textbook[n].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_built_in),
		cmocka_unit_test(each_is_named_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
