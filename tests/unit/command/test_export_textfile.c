// SPDX-License-Identifier: GPL-2.0-only
/* The file of figures, where its disk is full for a while. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/command/export/textfile.h"

static char folder[] = "/tmp/tcpspan-textfile-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/figures.prom", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

/* No file may grow beyond that, as if there was no more room. */
static void allow(rlim_t bytes)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Whether it says something goes to `ret_said`. */
static int write_while(rlim_t bytes, struct export_textfile *file, const char *figures,
		       bool is_last, bool *ret_said)
{
	int own = dup(STDERR_FILENO), said[2], error;
	struct buffer text;
	char sentence[256];

	assert_int_equal(pipe2(said, O_NONBLOCK), 0);
	fflush(stderr);
	dup2(said[1], STDERR_FILENO);
	buffer_init(&text);
	buffer_add_text(&text, figures);
	allow(bytes);
	error = export_textfile_write(file, &text, is_last);
	allow(RLIM_INFINITY);
	buffer_done(&text);
	fflush(stderr);
	dup2(own, STDERR_FILENO);
	*ret_said = read(said[0], sentence, sizeof(sentence)) > 0;
	close(own);
	close(said[0]);
	close(said[1]);
	return error;
}

static void assert_holds(const char *figures)
{
	char text[64] = "";
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	assert_string_equal(text, figures);
}

static void what_was_written_once_outlives_a_full_disk(void **state)
{
	struct export_textfile file = { 0 };
	bool said;

	(void)state;
	assert_int_equal(export_textfile_init(&file, path), 0);
	assert_int_equal(write_while(RLIM_INFINITY, &file, "one", false, &said), 0);
	assert_false(said);
	assert_int_equal(write_while(1, &file, "two", false, &said), 0);
	assert_true(said);
	assert_holds("one");
	assert_int_equal(write_while(1, &file, "three", false, &said), 0);
	assert_false(said);
	assert_int_equal(write_while(RLIM_INFINITY, &file, "four", false, &said), 0);
	assert_holds("four");
	assert_int_equal(write_while(1, &file, "five", false, &said), 0);
	assert_true(said);
	assert_int_equal(write_while(1, &file, "six", true, &said), -EFBIG);
	assert_holds("four");
	export_textfile_done(&file);
	assert_int_equal(unlink(path), 0);
}

/* Whoever asked for it is to know at once. */
static void what_was_never_written_ends_it(void **state)
{
	struct export_textfile file = { 0 };
	bool said;

	(void)state;
	assert_int_equal(export_textfile_init(&file, path), 0);
	assert_int_equal(write_while(1, &file, "one", false, &said), -EFBIG);
	assert_true(said);
	export_textfile_done(&file);
	assert_int_equal(access(path, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_once_outlives_a_full_disk),
		cmocka_unit_test(what_was_never_written_ends_it),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
