// SPDX-License-Identifier: GPL-2.0-only
/* The code that opened a connection, as each format tells it: what is certain, marked, unknown. */
#include "tests/unit/sample_sink.h"

#include "user/sink/text/opener.h"

enum { WHOLE = 1, PART, HOSTILE };

static struct buffer out;
static uint64_t opened_by;

static struct stack_name named(const char *text)
{
	return (struct stack_name){ text, strlen(text) };
}

static bool sample_stack(const struct lore *lore, uint64_t number, struct stack_frames *ret)
{
	const struct stack_frame connects = { .module_offset = 0x101,
					      .function_offset = 1,
					      .module = named("/usr/lib/libc.so.6"),
					      .function = named("connect") };
	const struct stack_frame opens = { .module_offset = 0x1234,
					   .function_offset = 0x34,
					   .line = 52,
					   .module = named("/opt/leak"),
					   .build_id = named("0a1b"),
					   .function = named("is_well"),
					   .file = named("/src/leak.c") };
	const struct stack_frame bare = { .module_offset = 0x4711,
					  .flags = STACK_FRAME_UNPROVEN | STACK_FRAME_GAP,
					  .module = named("/opt/leak") };
	const struct stack_frame nothing = { .module_offset = STACK_OFFSET_UNKNOWN };
	const struct stack_frame hostile = { .module_offset = STACK_OFFSET_UNKNOWN,
					     .function_offset = 2,
					     .function = named("=a,\"b\";\033[2J\\ c") };

	assert_non_null(lore);
	if (number == WHOLE)
		*ret = (struct stack_frames){ { connects, opens, bare }, 3, true };
	else if (number == PART)
		*ret = (struct stack_frames){ { opens, nothing }, 2, false };
	else if (number == HOSTILE)
		*ret = (struct stack_frames){ { hostile }, 1, true };
	return number >= WHOLE && number <= HOSTILE;
}

static uint64_t sample_opener(const struct lore *lore, const struct conn *c)
{
	(void)lore;
	(void)c;
	return opened_by;
}

static struct sink_settings settings_of(uint64_t number)
{
	static const struct lore_class class = { .stack = sample_stack, .opener = sample_opener };
	static struct lore lore = { &class };
	struct sink_settings settings = sample_settings;

	settings.lore = &lore;
	opened_by = number;
	return settings;
}

static const char *printed(const struct sink *sink, uint64_t number)
{
	struct sink_settings settings = settings_of(number);
	struct conn c = sample_client();

	if (number)
		c.flags |= CONN_OPENED;
	sink->connection(&settings, &out, &c);
	return sample_text(&out);
}

static void sentence_is(uint64_t number, const char *expected)
{
	struct sink_settings settings = settings_of(number);

	text_opener(&settings, &out, 2, number);
	assert_prints(&out, expected);
}

/* Without the library's own call, which everybody makes. */
static void sentences(void **unused)
{
	(void)unused;
	sentence_is(WHOLE, "  Opened by is_well (leak.c:52), called by ?leak+0x4711.\n");
	sentence_is(PART, "  Opened by is_well (leak.c:52), called by unknown, ...\n");
	sentence_is(HOSTILE, "  Opened by =a,\"b\"_\\x1b[2J\\x5c_c.\n");
	sentence_is(HOSTILE + 1, "");
	sentence_is(0, "");
}

static void sentences_in_chinese(void **unused)
{
	struct sink_settings settings = settings_of(WHOLE);

	(void)unused;
	settings.language = LADDER_ZH;
	text_opener(&settings, &out, 2, WHOLE);
	assert_prints(&out, "  打开者：is_well (leak.c:52)，调用者：?leak+0x4711。\n");
	text_opener_of(&settings, &out, 2, PART, 3, 5);
	assert_prints(&out, "  5 个中 3 个的打开者：is_well (leak.c:52)，调用者：unknown，……\n");
}

static void folded(void **unused)
{
	(void)unused;
	assert_string_equal(printed(&sink_folded, WHOLE), "curl;?leak+0x4711;is_well;connect 1\n");
	assert_string_equal(printed(&sink_folded, PART), "curl;[...];unknown;is_well 1\n");
	assert_string_equal(printed(&sink_folded, HOSTILE), "curl;=a,\"b\"_\\x1b[2J\\x5c_c 1\n");
	assert_string_equal(printed(&sink_folded, 0), "curl;[unknown] 1\n");
}

static void csv_ends_with(uint64_t number, const char *end)
{
	const char *line = printed(&sink_csv, number);
	size_t size = strlen(line), tail = strlen(end);

	assert_true(size > tail);
	assert_string_equal(line + size - tail, end);
}

/* Before the interface's; what a spreadsheet would take for a formula has a quote in front. */
static void column(void **unused)
{
	(void)unused;
	csv_ends_with(WHOLE, ",,,,,,,\"?leak+0x4711;is_well;connect\",,\n");
	csv_ends_with(PART, ",,,,,,,\"[...];unknown;is_well\",,\n");
	csv_ends_with(HOSTILE, ",,,,,,,\"'=a,\"\"b\"\"_\\x1b[2J\\x5c_c\",,\n");
	csv_ends_with(0, ",,,,,,,,,\n");
}

static void json_has(uint64_t number, const char *part)
{
	const char *line = printed(&sink_json, number);

	if (!strstr(line, part))
		fail_msg("%s\nlacks %s", line, part);
}

static void objects(void **unused)
{
	(void)unused;
	json_has(WHOLE,
		 "\"opened_by\":[{\"function\":\"connect\",\"offset\":1,\"file\":null,"
		 "\"line\":null,\"module\":\"/usr/lib/libc.so.6\",\"module_offset\":257,"
		 "\"build_id\":null,\"certain\":true,\"after_gap\":false},"
		 "{\"function\":\"is_well\",\"offset\":52,\"file\":\"/src/leak.c\",\"line\":52,"
		 "\"module\":\"/opt/leak\",\"module_offset\":4660,\"build_id\":\"0a1b\","
		 "\"certain\":true,\"after_gap\":false},"
		 "{\"function\":null,\"offset\":null,\"file\":null,\"line\":null,"
		 "\"module\":\"/opt/leak\",\"module_offset\":18193,\"build_id\":null,"
		 "\"certain\":false,\"after_gap\":true}],\"opened_by_whole\":true");
	json_has(PART, "\"module_offset\":null,\"build_id\":null,\"certain\":true,"
		       "\"after_gap\":false}],\"opened_by_whole\":false");
	json_has(HOSTILE, "\"function\":\"=a,\\\"b\\\";\\u001b[2J\\\\ c\"");
	json_has(HOSTILE + 1, "\"opened_by\":null,\"opened_by_whole\":null");
	assert_null(strstr(printed(&sink_json, 0), "opened_by"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences), cmocka_unit_test(sentences_in_chinese),
		cmocka_unit_test(folded),    cmocka_unit_test(column),
		cmocka_unit_test(objects),
	};
	int failed;

	buffer_init(&out);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	buffer_done(&out);
	return failed;
}
