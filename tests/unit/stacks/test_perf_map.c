// SPDX-License-Identifier: GPL-2.0-only
/* What a process says of code that it made. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "user/stacks/perf_map.h"

struct text {
	const char *bytes;
	size_t left, most; /* at a time */
};

static ssize_t give(void *context, void *bytes, size_t size)
{
	struct text *t = context;

	if (size > t->left)
		size = t->left;
	if (size > t->most)
		size = t->most;
	memcpy(bytes, t->bytes, size);
	t->bytes += size;
	t->left -= size;
	return (ssize_t)size;
}

static int ask(const char *map, size_t most, struct perf_map_question *questions, size_t count)
{
	struct text text = { map, strlen(map), most };

	return perf_map_answer(give, &text, questions, count);
}

static void functions_are_found(void **state)
{
	static const char map[] = "1000 100 first function\n0x1100 0x10 LazyCompile:~f /a.js:1\n"
				  "7fffFFFF0000 1000 high\n";

	(void)state;
	/* In pieces of any size. */
	for (size_t most = 1; most < 80; most += 13) {
		struct perf_map_question q[] = { { .address = 0x1000 },
						 { .address = 0x10ff },
						 { .address = 0x110f },
						 { .address = 0x1110 },
						 { .address = 0x7fffffff0fff } };

		assert_int_equal(ask(map, most, q, 5), 0);
		assert_string_equal(q[0].function, "first function");
		assert_int_equal(q[0].offset, 0);
		assert_string_equal(q[1].function, "first function");
		assert_int_equal(q[1].offset, 0xff);
		assert_string_equal(q[2].function, "LazyCompile:~f /a.js:1");
		assert_string_equal(q[3].function, "");
		assert_string_equal(q[4].function, "high");
	}
}

/* As Python 3.12 and Node 20 write them: names have colons, blanks and paths in them. */
static void interpreters_name_functions_and_files(void **state)
{
	static const char map[] =
		"7f2a3c001000 b py::<module>:/srv/shop/worker.py\n"
		"7f2a3c001010 b py::Pool.connect:/srv/shop/pool of links.py\n"
		"7f2a3c002000 1c0 JS:~leakyConnect file:///srv/shop/app.mjs:3:23\n"
		"7f2a3c0021c0 20 Builtin:ArgumentsAdaptorTrampoline\n";
	struct perf_map_question q[] = { { .address = 0x7f2a3c00100a },
					 { .address = 0x7f2a3c001015 },
					 { .address = 0x7f2a3c0021bf },
					 { .address = 0x7f2a3c0021c0 },
					 { .address = 0x7f2a3c00100b } };

	(void)state;
	assert_int_equal(ask(map, 64, q, 5), 0);
	assert_string_equal(q[0].function, "py::<module>:/srv/shop/worker.py");
	assert_string_equal(q[1].function, "py::Pool.connect:/srv/shop/pool of links.py");
	assert_string_equal(q[2].function, "JS:~leakyConnect file:///srv/shop/app.mjs:3:23");
	assert_int_equal(q[2].offset, 0x1bf);
	assert_string_equal(q[3].function, "Builtin:ArgumentsAdaptorTrampoline");
	assert_string_equal(q[4].function, "");
}

static void the_last_word_holds(void **state)
{
	struct perf_map_question q = { .address = 0x1010 };

	(void)state;
	assert_int_equal(ask("1000 100 old\n1008 10 new\n2000 10 other\n", 99, &q, 1), 0);
	assert_string_equal(q.function, "new");
	assert_int_equal(q.offset, 8);
}

static void lines_that_are_none_are_passed_over(void **state)
{
	struct perf_map_question q = { .address = 0x10 };

	(void)state;
	assert_int_equal(ask("\n10\n10 10\n10 10 \n10 x y\nzz 10 y\n-10 20 y\n"
			     "10 11111111111111111 y\n11111111111111111 2 y\n 10 10 y\n10  10 y\n",
			     99, &q, 1),
			 0);
	assert_string_equal(q.function, "");
	/* Whose end is beyond all memory, and who has none. */
	assert_int_equal(ask("10 ffffffffffffffff all\n10 0 none\n10 10 cut", 99, &q, 1), 0);
	assert_string_equal(q.function, "all");
}

static void long_lines_are_cut(void **state)
{
	static char map[5000];
	struct perf_map_question q = { .address = 0x20 };

	(void)state;
	memset(map, 'x', sizeof(map) - 1);
	memcpy(map, "10 20 ", 6);
	snprintf(map + 4000, sizeof(map) - 4000, "\n20 1 short\n");
	assert_int_equal(ask(map, 4096, &q, 1), 0);
	assert_string_equal(q.function, "short");
	q.address = 0x10;
	assert_int_equal(ask(map, 4096, &q, 1), 0);
	assert_int_equal(strlen(q.function), PERF_MAP_NAME_MAX);
}

static ssize_t give_nothing(void *context, void *bytes, size_t size)
{
	(void)context;
	(void)bytes;
	(void)size;
	return -EIO;
}

static ssize_t give_for_ever(void *context, void *bytes, size_t size)
{
	size_t *sum = context;

	memset(bytes, '1', size);
	*sum += size;
	return (ssize_t)size;
}

static void it_has_an_end(void **state)
{
	struct perf_map_question q = { .address = 0x10 };
	size_t sum = 0;

	(void)state;
	assert_int_equal(perf_map_answer(give_nothing, NULL, &q, 1), -EIO);
	assert_int_equal(perf_map_answer(give_for_ever, &sum, &q, 1), 0);
	assert_true(sum <= PERF_MAP_TEXT_MAX + 65536);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_are_found),
		cmocka_unit_test(interpreters_name_functions_and_files),
		cmocka_unit_test(the_last_word_holds),
		cmocka_unit_test(lines_that_are_none_are_passed_over),
		cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(it_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
