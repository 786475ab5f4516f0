// SPDX-License-Identifier: GPL-2.0-only
/* /proc/PID/maps: what a process has, and what it may have its files called. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/stacks/mappings.h"

static int parse(struct mappings *m, const char *text)
{
	return mappings_parse(m, strdup(text), strlen(text));
}

static void code_is_found(void **state)
{
	struct mappings m;
	const struct mapping *found;

	(void)state;
	assert_int_equal(parse(&m, "1000-2000 r--p 00000000 fd:01 11 /bin/a\n"
				   "2000-3000 r-xp 00001000 fd:01 11                 /bin/a b\n"
				   "4000-5000 rwxp 00000000 00:00 0 \n"
				   "ffff0000-ffff1000 r-xp 00000000 00:00 0 [vdso]\n"),
			 0);
	assert_int_equal(m.count, 3);
	assert_null(mappings_find(&m, 0x1000));
	assert_null(mappings_find(&m, 0x3000));
	found = mappings_find(&m, 0x2fff);
	assert_non_null(found);
	assert_int_equal(found->offset, 0x1000);
	assert_int_equal(found->inode, 11);
	assert_int_equal(found->dev, 0xfd << 16 | 1);
	assert_int_equal(found->path_size, 8);
	assert_memory_equal(found->path, "/bin/a b", 8);
	found = mappings_find(&m, 0x4000);
	assert_non_null(found);
	assert_null(found->path);
	assert_int_equal(found->inode, 0);
	assert_memory_equal(mappings_find(&m, 0xffff0000)->path, "[vdso]", 6);
	mappings_done(&m);
}

static void what_is_none_is_refused(void **state)
{
	static const char *const none[] = {
		"1000-2000 r-xp 0 fd:01 11 /bin/a",
		"1000 r-xp 0 fd:01 11 /bin/a\n",
		"2000-1000 r-xp 0 fd:01 11 /bin/a\n",
		"1000-2000 r-xp\n",
		"1000-2000 r-xpp 0 fd:01 11 /bin/a\n",
		"1000-2000 r-xp x fd:01 11 /bin/a\n",
		"1000-2000 r-xp 0 fd01 11 /bin/a\n",
		"11111111111111111-2 r-xp 0 fd:01 11 /bin/a\n",
		"1000-2000 r-xp 0 fd:01 11 a\n1800-2800 r-xp 0 fd:01 11 a\n",
	};
	struct mappings m;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_int_equal(parse(&m, none[i]), -EBADMSG);
}

static void this_process_is_found(void **state)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	const struct mapping *found;
	struct mappings m;

	(void)state;
	assert_int_equal(mappings_read(&m, fd), 0);
	found = mappings_find(&m, (uint64_t)(uintptr_t)this_process_is_found);
	assert_non_null(found);
	assert_true(found->inode != 0);
	mappings_done(&m);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_is_found),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(this_process_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
