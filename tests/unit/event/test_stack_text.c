// SPDX-License-Identifier: GPL-2.0-only
/* Stacks as text: written and read back, and whatever else somebody may have put into a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/base/buffer.h"
#include "user/event/stack_text.h"

#define NAME(text)                     \
	{                              \
		text, sizeof(text) - 1 \
	}

static void is_read_as_it_was_written(void **state)
{
	static struct stack_frames frames = {
		.frame = { { .module_offset = 0x1217,
			     .function_offset = 12,
			     .line = 77,
			     .module = NAME("/usr/bin/leak"),
			     .build_id = NAME("c2e5a305"),
			     .function = NAME("open_one"),
			     .file = NAME("leak.c") },
			   { .module_offset = STACK_OFFSET_UNKNOWN,
			     .flags = STACK_FRAME_GAP | STACK_FRAME_UNPROVEN } },
		.count = 2,
		.is_whole = true,
	};
	static struct stack_frames read;
	struct buffer text;

	(void)state;
	buffer_init(&text);
	stack_text_write(&frames, &text);
	assert_true(stack_text_read(text.bytes, text.size, &read));
	assert_int_equal(read.count, 2);
	assert_true(read.is_whole);
	assert_int_equal(read.frame[0].module_offset, 0x1217);
	assert_int_equal(read.frame[0].function_offset, 12);
	assert_int_equal(read.frame[0].line, 77);
	assert_int_equal(read.frame[0].flags, 0);
	assert_int_equal(read.frame[0].function.size, 8);
	assert_memory_equal(read.frame[0].function.bytes, "open_one", 8);
	assert_memory_equal(read.frame[0].build_id.bytes, "c2e5a305", 8);
	assert_true(read.frame[1].module_offset == STACK_OFFSET_UNKNOWN);
	assert_null(read.frame[1].module.bytes);
	assert_null(read.frame[1].function.bytes);
	assert_int_equal(read.frame[1].flags, STACK_FRAME_GAP | STACK_FRAME_UNPROVEN);
	buffer_done(&text);
}

static void a_name_parts_no_fields(void **state)
{
	static struct stack_frames frames = {
		.frame = { { .module_offset = 1, .function = NAME("a\tb\nc\x1b") } },
		.count = 1,
	};
	static struct stack_frames read;
	struct buffer text;

	(void)state;
	buffer_init(&text);
	stack_text_write(&frames, &text);
	assert_true(stack_text_read(text.bytes, text.size, &read));
	assert_int_equal(read.count, 1);
	assert_int_equal(read.frame[0].function.size, 6);
	assert_memory_equal(read.frame[0].function.bytes, "a?b?c\x1b", 6);
	buffer_done(&text);
}

/* Whatever the names are, it has its bound, and what is left out is said. */
static void long_names_are_cut(void **state)
{
	static char name[1000];
	static struct stack_frames frames = { .count = STACK_FRAMES_MAX, .is_whole = true }, read;
	struct buffer text;

	(void)state;
	memset(name, 'x', sizeof(name));
	for (size_t i = 0; i < STACK_FRAMES_MAX; i++)
		frames.frame[i].module = frames.frame[i].build_id = frames.frame[i].function =
			frames.frame[i].file = (struct stack_name){ name, sizeof(name) };
	buffer_init(&text);
	stack_text_write(&frames, &text);
	assert_true(text.size <= STACK_TEXT_MAX);
	assert_true(stack_text_read(text.bytes, text.size, &read));
	assert_true(read.count < STACK_FRAMES_MAX && read.count > 20);
	assert_int_equal(read.frame[0].module.size, STACK_NAME_MAX);
	assert_false(read.is_whole);
	buffer_done(&text);
}

static void what_is_none_is_refused(void **state)
{
	static const char *const none[] = {
		"",
		"whole",
		"whole\n",
		"part\n",
		"other\n0\t0\t0\t0\t\t\t\t\n",
		"part\n0\t0\t0\t0\t\t\t\t",
		"part\n0\t0\t0\t0\t\t\t\n",
		"part\n0\t0\t0\t0\t\t\t\t\t\n",
		"part\n4\t0\t0\t0\t\t\t\t\n",
		"part\ng\t0\t0\t0\t\t\t\t\n",
		"part\n\t0\t0\t0\t\t\t\t\n",
		"part\n0\tffffffffffffffff\t0\t0\t\t\t\t\n",
		"part\n0\t0\t0\t100000000\t\t\t\t\n",
		"part\n0\t0\t11111111111111111\t0\t\t\t\t\n",
	};
	static struct stack_frames read;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_false(stack_text_read(none[i], strlen(none[i]), &read));
	assert_true(stack_text_read("part\n0\t\t0\t0\t\t\t\t\n", 16, &read));
}

static void more_frames_than_there_can_be_are_refused(void **state)
{
	static struct stack_frames read;
	struct buffer text;

	(void)state;
	buffer_init(&text);
	buffer_add_text(&text, "part\n");
	for (size_t i = 0; i < STACK_FRAMES_MAX; i++)
		buffer_add_text(&text, "0\t\t0\t0\t\t\t\t\n");
	assert_true(stack_text_read(text.bytes, text.size, &read));
	buffer_add_text(&text, "0\t\t0\t0\t\t\t\t\n");
	assert_false(stack_text_read(text.bytes, text.size, &read));
	buffer_done(&text);
}

static void number_is_of_the_text(void **state)
{
	(void)state;
	assert_true(stack_text_number("part\n", 5) == stack_text_number("part\nx", 5));
	assert_true(stack_text_number("part\n", 5) != stack_text_number("part\nx", 6));
	assert_true(stack_text_number("", 0) != 0);
}

static void base_is_the_name_of_the_file(void **state)
{
	struct stack_name base = stack_name_base((struct stack_name)NAME("/usr/bin/leak"));

	(void)state;
	assert_int_equal(base.size, 4);
	assert_memory_equal(base.bytes, "leak", 4);
	base = stack_name_base((struct stack_name)NAME("leak.c"));
	assert_int_equal(base.size, 6);
	base = stack_name_base((struct stack_name)NAME("/odd/"));
	assert_int_equal(base.size, 5);
	base = stack_name_base((struct stack_name){ NULL, 0 });
	assert_null(base.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_read_as_it_was_written),
		cmocka_unit_test(a_name_parts_no_fields),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(more_frames_than_there_can_be_are_refused),
		cmocka_unit_test(number_is_of_the_text),
		cmocka_unit_test(base_is_the_name_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
