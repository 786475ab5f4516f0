// SPDX-License-Identifier: GPL-2.0-only
/* Tests the page in front of the metrics: what it says in each language; names are text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/command/export/landing.h"

static struct metrics *metrics;
static struct buffer page;

static int make(void **state)
{
	(void)state;
	metrics = calloc(1, sizeof(*metrics));
	buffer_init(&page);
	return !metrics;
}

static int drop(void **state)
{
	(void)state;
	free(metrics);
	buffer_done(&page);
	return 0;
}

static void assert_has(const char *text)
{
	if (!strstr(page.bytes, text))
		fail_msg("no '%s' in: %s", text, page.bytes);
}

static void losses_are_told_in_each_language(void **state)
{
	struct metrics_account *account = &metrics->account;

	(void)state;
	account->events.seen = 23;
	export_landing(&page, metrics, LADDER_EN);
	account->events.ring_full = 7;
	export_landing(&page, metrics, LADDER_ZH);
	buffer_add_char(&page, '\0');
	assert_has("<html lang=\"en\">");
	assert_has("<p>None of 23 events was lost.</p>");
	assert_has("<html lang=\"zh\">");
	assert_has("<p>23 个事件中丢失了 7 个。</p>");
}

static void hooks_are_text(void **state)
{
	struct metrics_account *account = &metrics->account;

	(void)state;
	account->hook_count = 1;
	snprintf(account->hooks[0].family, sizeof(account->hooks[0].family), "<b>&");
	export_landing(&page, metrics, LADDER_ZH);
	buffer_add_char(&page, '\0');
	assert_has("<h2>挂钩</h2>\n<ul>\n<li>&lt;b>&amp;: 未挂接</li>\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(losses_are_told_in_each_language, make, drop),
		cmocka_unit_test_setup_teardown(hooks_are_text, make, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
