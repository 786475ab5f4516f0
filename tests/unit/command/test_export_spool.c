// SPDX-License-Identifier: GPL-2.0-only
/* What waits to be sent is there again, in order, as it was; what is oldest makes room. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/command/export/spool.h"

#define MOST 1000

static char path[64];
static int folder = -1;

/* In the place of the C library's: what was to be on the disk, in which order. */
static char synced[8];
static int sync_error;

int fsync(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	strncat(synced, S_ISDIR(st.st_mode) ? "D" : "F", sizeof(synced) - strlen(synced) - 1);
	if (fd == folder || !sync_error)
		return 0;
	errno = sync_error;
	return -1;
}

static int make_folder(void **state)
{
	(void)state;
	strcpy(path, "/tmp/tcpspan-spool-XXXXXX");
	assert_non_null(mkdtemp(path));
	folder = open(path, O_RDONLY | O_DIRECTORY);
	assert_true(folder >= 0);
	return 0;
}

static int remove_folder(void **state)
{
	struct spool s;

	(void)state;
	assert_int_equal(spool_open(&s, folder, MOST), 0);
	while (spool_first(&s))
		spool_remove_first(&s);
	spool_close(&s);
	close(folder);
	assert_int_equal(rmdir(path), 0);
	return 0;
}

static uint64_t add(struct spool *s, uint64_t batch, enum spool_table table, size_t size)
{
	struct spool_entry e = { .run = 7, .batch = batch, .table = table, .rows = batch + 1 };
	uint64_t dropped = 0;
	struct buffer body;

	buffer_init(&body);
	for (size_t i = 0; i < size; i++)
		buffer_add_char(&body, (char)('a' + batch % 26));
	assert_int_equal(spool_add(s, &e, &body, &dropped), 0);
	buffer_done(&body);
	return dropped;
}

static void assert_first(struct spool *s, uint64_t batch, enum spool_table table, size_t size)
{
	const struct spool_entry *e = spool_first(s);
	struct buffer body;

	assert_non_null(e);
	assert_int_equal(e->run, 7);
	assert_int_equal(e->batch, batch);
	assert_int_equal(e->table, table);
	buffer_init(&body);
	assert_int_equal(spool_read_first(s, &body), 0);
	assert_int_equal(body.size, size);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(body.bytes[i], 'a' + batch % 26);
	buffer_done(&body);
	spool_remove_first(s);
}

static void in_order(struct spool *s)
{
	add(s, 1, SPOOL_CONNECTIONS, 100);
	add(s, 1, SPOOL_BATCHES, 10);
	add(s, 2, SPOOL_BATCHES, 10);
	assert_int_equal(s->bytes, 120);
}

static void in_memory(void **state)
{
	struct spool s;

	(void)state;
	assert_int_equal(spool_open(&s, -1, MOST), 0);
	in_order(&s);
	assert_first(&s, 1, SPOOL_CONNECTIONS, 100);
	assert_first(&s, 1, SPOOL_BATCHES, 10);
	assert_int_equal(s.bytes, 10);
	assert_false(spool_is_full(&s, MOST - 10));
	assert_true(spool_is_full(&s, MOST));
	spool_close(&s);
}

static void another_run_finds_them(void **state)
{
	struct spool s;

	(void)state;
	assert_int_equal(spool_open(&s, folder, MOST), 0);
	in_order(&s);
	spool_close(&s);
	assert_int_equal(spool_open(&s, folder, MOST), 0);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.bytes, 120);
	assert_int_equal(spool_first(&s)->rows, 2);
	assert_first(&s, 1, SPOOL_CONNECTIONS, 100);
	assert_first(&s, 1, SPOOL_BATCHES, 10);
	assert_first(&s, 2, SPOOL_BATCHES, 10);
	assert_null(spool_first(&s));
	spool_close(&s);
}

/* Where it cannot be, it is not there at all. */
static void a_batch_is_on_the_disk(void **state)
{
	const struct spool_entry e = { .run = 7, .batch = 1, .table = SPOOL_BATCHES, .rows = 1 };
	struct buffer body;
	uint64_t dropped = 0;
	struct spool s;

	(void)state;
	assert_int_equal(spool_open(&s, folder, MOST), 0);
	*synced = '\0';
	add(&s, 0, SPOOL_BATCHES, 10);
	assert_string_equal(synced, "FD");
	buffer_init(&body);
	buffer_add_text(&body, "rows");
	sync_error = EIO;
	assert_int_equal(spool_add(&s, &e, &body, &dropped), -EIO);
	sync_error = 0;
	buffer_done(&body);
	assert_int_equal(s.count, 1);
	spool_close(&s);
	assert_int_equal(spool_open(&s, folder, MOST), 0);
	assert_int_equal(s.count, 1);
	spool_close(&s);
}

static void the_oldest_makes_room(void **state)
{
	struct spool s;
	uint64_t dropped = 0;

	(void)state;
	assert_int_equal(spool_open(&s, folder, MOST), 0);
	for (uint64_t batch = 0; batch < 20; batch++)
		dropped += add(&s, batch, SPOOL_CONNECTIONS, 100);
	assert_int_equal(s.count, 10);
	assert_int_equal(dropped, 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10);
	/* That nobody was to count. */
	assert_int_equal(add(&s, 20, SPOOL_BATCHES, 100), 11);
	assert_first(&s, 11, SPOOL_CONNECTIONS, 100);
	spool_close(&s);
}

static void what_is_not_ours_stays(void **state)
{
	static const char *const names[] = { "notes",
					     "0000000000000007-0000000001-9-connections-1.gz",
					     "0000000000000007-1-0-connections-1.gz",
					     "0000000000000007-0000000001-0-batches-1.gz",
					     "0000000000000007-0000000001-0-connections-01.gz" };
	struct spool s;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		close(openat(folder, names[i], O_CREAT | O_WRONLY, 0600));
	close(openat(folder, "x.part", O_CREAT | O_WRONLY, 0600));
	/* One of ours is a file. */
	assert_int_equal(mkdirat(folder, "0000000000000007-0000000001-0-connections-1.gz", 0700),
			 0);
	assert_int_equal(spool_open(&s, folder, MOST), 0);
	assert_null(spool_first(&s));
	spool_close(&s);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_int_equal(unlinkat(folder, names[i], 0), 0);
	assert_int_equal(unlinkat(folder, "x.part", 0), -1);
	assert_int_equal(unlinkat(folder, "0000000000000007-0000000001-0-connections-1.gz",
				  AT_REMOVEDIR),
			 0);
}

/* It is nobody else's, and no two use it. */
static void a_folder_is_claimed(void **state)
{
	static const struct identity own;
	int claimed, again;

	(void)state;
	claimed = spool_claim(path, &own);
	assert_true(claimed >= 0);
	again = spool_claim(path, &own);
	assert_int_equal(again, -EINVAL);
	close(claimed);
	assert_int_equal(chmod(path, 0777), 0);
	assert_int_equal(spool_claim(path, &own), -EINVAL);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(spool_claim("/proc/nothing", &own), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_memory),
		cmocka_unit_test_setup_teardown(another_run_finds_them, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_batch_is_on_the_disk, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(the_oldest_makes_room, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(what_is_not_ours_stays, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_folder_is_claimed, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
