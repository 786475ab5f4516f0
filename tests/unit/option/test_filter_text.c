// SPDX-License-Identifier: GPL-2.0-only
/* Tests of filters as text: what is written is read again as it was, and nonsense is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/option/filter_text.h"
#include "user/option/value.h"

static void set(struct options *o, const char *name, const char *argument)
{
	assert_non_null(option_find(name));
	assert_int_equal(value_read(option_find(name), o, argument), 0);
}

static void there_and_back(void **state)
{
	struct options *o = calloc(1, sizeof(*o));
	struct conn_filter *back = calloc(1, sizeof(*back));
	struct buffer text, again;

	(void)state;
	assert_non_null(o);
	assert_non_null(back);
	set(o, "pid", "1,4711,2147483647");
	set(o, "comm", "nginx,a b,\033[31m");
	set(o, "lport", "1,80,443,8000-8100,65535");
	set(o, "rport", "65534-65535");
	set(o, "addr", "192.0.2.0/24,198.51.100.7,2001:db8::/32,::/0,0.0.0.0/0");
	set(o, "unit", "web.service,user-[12]*.slice");
	set(o, "unit", "a\\x2db.service");
	set(o, "container", "3f1c0a5be2d9");
	set(o, "interface", "eth0,wlan*");
	o->filter.follows = true;
	set(o, "flow", "00000000000000A1,5f3a09c1d2e4b678");
	set(o, "pod", "shop/cart-*,\033[2J");
	netns_list_add(&o->filter.netns, 4026531840);
	netns_list_add(&o->filter.netns, 4026532000);
	o->filter.family = 6;
	buffer_init(&text);
	buffer_init(&again);
	filter_text_add(&text, &o->filter);
	buffer_add_char(&text, '\0');
	assert_non_null(strstr(text.bytes, "netns 4026531840\nnetns 4026532000\n"));
	assert_non_null(strstr(text.bytes, "lport 1,80,443,8000-8100,65535\n"));
	assert_non_null(strstr(text.bytes, "flow 00000000000000a1\nflow 5f3a09c1d2e4b678\n"));
	assert_int_equal(filter_text_read(text.bytes, back), 0);
	filter_text_add(&again, back);
	buffer_add_char(&again, '\0');
	assert_string_equal(again.bytes, text.bytes);
	assert_memory_equal(back, &o->filter, sizeof(*back));
	buffer_done(&text);
	buffer_done(&again);
	free(back);
	free(o);
}

/* What the kernel's side alone judges is told, and not judged again: but that it was asked for. */
static void the_kernels_part(void **state)
{
	static const struct conn_filter filter = { .cgroup = 77, .sample = 10 }, none;
	struct conn_filter *back = malloc(sizeof(*back));
	struct buffer text;

	(void)state;
	assert_non_null(back);
	buffer_init(&text);
	filter_text_add(&text, &none);
	assert_int_equal(text.size, 0);
	filter_text_add(&text, &filter);
	buffer_add_char(&text, '\0');
	assert_string_equal(text.bytes, "cgroup 77\nsample 10\n");
	assert_int_equal(filter_text_read(text.bytes, back), 0);
	assert_true(back->is_judged && !back->cgroup);
	assert_true(conn_filter_samples(back));
	assert_false(conn_filter_wants_namespaces(back));
	assert_true(conn_filter_wants_all(back));
	assert_false(conn_filter_samples(&none));
	assert_true(conn_filter_wants_namespaces(&none));
	buffer_done(&text);
	free(back);
}

static void nonsense(void **state)
{
	static const char *const texts[] = { "lport http",
					     "pid",
					     "pid x",
					     "lport 0",
					     "lport 80\nlport",
					     "weather 1",
					     "netns 0",
					     "netns self",
					     "family 5",
					     "events 1",
					     "duration 5",
					     "pid 1\nmagic\n",
					     "pod a/b/c",
					     "flow 1",
					     "flow 0000000000000000",
					     "flow 5f3a09c1d2e4b67g" };
	struct conn_filter *back = calloc(1, sizeof(*back));

	(void)state;
	assert_non_null(back);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (filter_text_read(texts[i], back) != -EINVAL || back->pid_count)
			fail_msg("'%s' is no filter", texts[i]);
	assert_int_equal(filter_text_read("", back), 0);
	assert_int_equal(filter_text_read("\n\npid 7\n", back), 0);
	assert_int_equal(back->pids[0], 7);
	free(back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(the_kernels_part),
		cmocka_unit_test(nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
