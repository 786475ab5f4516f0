// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel counted while handshakes got no answer: each counter has words, and a field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/sample_sink.h"

/* Words are wrapped. */
static void unwrap(struct buffer *out, char text[2048])
{
	size_t used = 0;

	for (size_t i = 0; i < out->size && used < 2047; i++) {
		char byte = out->bytes[i] == '\n' ? ' ' : out->bytes[i];

		if (byte != ' ' || (used && text[used - 1] != ' '))
			text[used++] = byte;
	}
	text[used] = '\0';
}

/* Lines are broken where a language allows it, with and without a blank. */
static void drop_blanks(char *text)
{
	char *to = text;

	for (; *text; text++)
		if (*text != ' ')
			*to++ = *text;
	*to = '\0';
}

static void expect(enum kernel_counter counter, const char *name, enum ladder_language language,
		   const char *about)
{
	struct summary sum = { .hints = { .known = 1u << counter }, .language = language };
	char expected[512], text[2048];
	struct buffer out;

	sum.hints.value[counter] = 7;
	buffer_init(&out);
	sink_hint_words(&out, &sum);
	unwrap(&out, text);
	snprintf(expected, sizeof(expected), "%s%s", name, about);
	drop_blanks(text);
	drop_blanks(expected);
	if (!strstr(text, expected))
		fail_msg("%s: %s", expected, text);
	buffer_done(&out);

	buffer_init(&out);
	sink_json.summary(&sample_settings, &out, &sum);
	snprintf(expected, sizeof(expected), "\"hints\":{\"%s\":7}", name);
	buffer_add_char(&out, '\0');
	assert_non_null(strstr(out.bytes, expected));
	buffer_done(&out);
}

static void each_counter_has_words_and_a_field(void **state)
{
	(void)state;
#define X(name, en, zh)                                                              \
	expect(KERNEL_##name, #name, LADDER_EN, " 7 (" en "). Whether that is why"); \
	expect(KERNEL_##name, #name, LADDER_ZH, " 7（" zh "）。是否因此不明");
	SUMMARY_HINTS(X)
#undef X
}

/* A shortage of memory and signatures that are wrong, in one sentence. */
static void several_stand_side_by_side(void **state)
{
	struct summary sum = { .hints = { .known = 1u << KERNEL_TCPMemoryPressures |
						   1u << KERNEL_TCPAOBad |
						   1u << KERNEL_ActiveOpens } };
	struct buffer out;
	char text[2048];

	(void)state;
	sum.hints.value[KERNEL_TCPMemoryPressures] = 2;
	sum.hints.value[KERNEL_TCPAOBad] = 3;
	sum.hints.value[KERNEL_ActiveOpens] = 4;
	buffer_init(&out);
	sink_hint_words(&out, &sum);
	unwrap(&out, text);
	assert_string_equal(text, "hint: while handshakes got no answer, the kernel has counted "
				  "TCPMemoryPressures 2 (times that TCP came to be short of "
				  "memory); TCPAOBad 3 (segments with a wrong TCP-AO signature). "
				  "Whether that is why is not known. ");
	buffer_done(&out);
}

static void nothing_that_moved_is_no_hint(void **state)
{
	const struct summary sum = { .hints = { .known = 0 } };
	struct buffer out;

	(void)state;
	buffer_init(&out);
	sink_hint_words(&out, &sum);
	assert_int_equal(out.size, 0);
	sink_json.summary(&sample_settings, &out, &sum);
	buffer_add_char(&out, '\0');
	assert_null(strstr(out.bytes, "TCPMD5"));
	buffer_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_counter_has_words_and_a_field),
		cmocka_unit_test(several_stand_side_by_side),
		cmocka_unit_test(nothing_that_moved_is_no_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
