// SPDX-License-Identifier: GPL-2.0-only
/* Tests that `check` has in Chinese whatever the tables of other rooms say for people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/command/check/words.h"
#include "user/kernel/hooks.h"
#include "user/kernel/reason.h"
#include "user/stacks/stacks.h"

static void is_there(const char *english)
{
	const char *chinese = check_word(english, LADDER_ZH);

	assert_string_equal(check_word(english, LADDER_EN), english);
	if (!strcmp(chinese, english))
		fail_msg("not in Chinese: %s", english);
}

static void each_hook_is_told(void **state)
{
	(void)state;
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		is_there(hook_families[f].yields);
		for (size_t r = 0; r < hook_families[f].rung_count; r++)
			if (hook_families[f].rungs[r].lacks)
				is_there(hook_families[f].rungs[r].lacks);
	}
	is_there(stacks_knowledge());
}

static void each_right_is_told(void **state)
{
	(void)state;
	for (int i = 0; i < HOOK_RIGHT_COUNT; i++)
		is_there(hook_rights[i].allows);
}

static void reasons_keep_their_names(void **state)
{
	struct buffer out;

	(void)state;
	buffer_init(&out);
	reason_add(&out, "the kernel does not permit to load it (EPERM)", LADDER_ZH);
	reason_add(&out, "/proc/kallsyms does not show tcp_done", LADDER_ZH);
	reason_add(&out, "some other reason", LADDER_ZH);
	reason_add(&out, "no listener on loopback (EMFILE)", LADDER_ZH);
	reason_add(&out, "the verifier refuses it (EINVAL); -v shows why", LADDER_ZH);
	buffer_add_char(&out, '\0');
	assert_string_equal(out.bytes, "内核不允许加载 (EPERM)/proc/kallsyms 不显示 tcp_done"
				       "some other reason没有回环监听者 (EMFILE)"
				       "验证器拒绝它 (EINVAL)；-v 显示原因");
	buffer_done(&out);
}

/* "权限" is four columns wide. */
static void labels_are_of_one_width(void **state)
{
	struct buffer out;

	(void)state;
	buffer_init(&out);
	check_label(&out, IN(LADDER_ZH, SAY_RIGHTS));
	check_label(&out, IN(LADDER_EN, SAY_RIGHTS));
	buffer_add_char(&out, '\0');
	assert_string_equal(out.bytes, "权限        rights      ");
	buffer_done(&out);
}

/* Square characters are broken between as words are, and no line is left half empty. */
static void lines_are_full_in_each_language(void **state)
{
	struct buffer out;

	(void)state;
	buffer_init(&out);
	check_paragraph(&out, 29, "connections ended by disconnect or SOCK_DESTROY, by the call");
	check_paragraph(&out, 29, "由 disconnect 或 SOCK_DESTROY 结束的连接，以调用为据");
	buffer_add_char(&out, '\0');
	assert_string_equal(
		out.bytes,
		"                             connections ended by disconnect or SOCK_DESTROY, by\n"
		"                             the call\n"
		"                             由 disconnect 或 SOCK_DESTROY 结束的连接，以调用为\n"
		"                             据\n");
	buffer_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_hook_is_told),
		cmocka_unit_test(each_right_is_told),
		cmocka_unit_test(reasons_keep_their_names),
		cmocka_unit_test(labels_are_of_one_width),
		cmocka_unit_test(lines_are_full_in_each_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
