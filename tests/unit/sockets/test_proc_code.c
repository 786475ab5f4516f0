// SPDX-License-Identifier: GPL-2.0-only
/* What is opened of a process: of the right one, and nothing but regular files that are its own. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/base/clock.h"
#include "user/sockets/proc_code.h"

#define MUCH 4096

/* Field 28 of its stat. */
static uint64_t own_image(void)
{
	char text[MUCH], *at;
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t size = read(fd, text, sizeof(text) - 1);

	close(fd);
	assert_true(size > 0);
	text[size] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; field < 28; field++)
		at = strchr(at + 1, ' ');
	return strtoull(at, NULL, 10);
}

static void assert_opened(int fd)
{
	assert_true(fd >= 0);
	close(fd);
}

static void the_same_program_is_known(void **state)
{
	uint32_t pid = (uint32_t)getpid();
	uint64_t now_ns = clock_now(), image = own_image();

	(void)state;
	assert_true(image != 0);
	assert_opened(proc_code_mappings(pid, now_ns, image));
	assert_opened(proc_code_mappings(pid, now_ns, 0));
	/* Another program, that has the same process. */
	assert_int_equal(proc_code_mappings(pid, now_ns, image ^ 4096), -ESRCH);
	/* Another process, that had the same number: this one began later. */
	assert_int_equal(proc_code_mappings(pid, 1, image), -ESRCH);
	assert_int_equal(proc_code_mappings(0x7ffffff0, now_ns, image), -ESRCH);
}

/* The first of its mappings that is of its own file: sanitizers have some before. */
static void find_mapping(uint64_t *ret_start, uint64_t *ret_end)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[MUCH], own[MUCH];
	ssize_t size = readlink("/proc/self/exe", own, sizeof(own) - 1);
	bool is_found = false;

	assert_true(maps && size > 0);
	own[size] = '\0';
	while (!is_found && fgets(line, sizeof(line), maps)) {
		line[strcspn(line, "\n")] = '\0';
		is_found = strchr(line, '/') && !strcmp(strchr(line, '/'), own);
	}
	fclose(maps);
	assert_true(is_found);
	*ret_start = strtoull(line, NULL, 16);
	*ret_end = strtoull(strchr(line, '-') + 1, NULL, 16);
}

static void file_behind_a_mapping_is_opened(void **state)
{
	uint32_t pid = (uint32_t)getpid();
	uint64_t start, end;
	struct stat own, st;
	int fd;

	(void)state;
	find_mapping(&start, &end);
	fd = proc_code_file(pid, start, end);
	if (fd == -EPERM || fd == -EACCES)
		skip();
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st) | stat("/proc/self/exe", &own), 0);
	assert_true(st.st_ino == own.st_ino && st.st_dev == own.st_dev);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	close(fd);
	assert_int_equal(proc_code_file(pid, start, end + 4096), -ENOENT);
}

static void path_of(const char *ending, char path[MUCH])
{
	snprintf(path, MUCH, "/tmp/perf-%d.map%s", getpid(), ending);
}

static void make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, "1 2 x\n", 6), 6);
	close(fd);
}

static void names_are_a_file_of_its_own(void **state)
{
	char path[MUCH], other[MUCH];
	uint32_t pid = (uint32_t)getpid();

	(void)state;
	path_of("", path);
	path_of(".other", other);
	unlink(path);
	unlink(other);
	assert_int_equal(proc_code_names(pid), -ENOENT);
	make(path);
	assert_opened(proc_code_names(pid));
	/* It has another name: who knows whose it is. */
	assert_int_equal(link(path, other), 0);
	assert_int_equal(proc_code_names(pid), -EPERM);
	unlink(path);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(proc_code_names(pid), -EPERM);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(proc_code_names(pid), -EPERM);
	unlink(path);
	unlink(other);
	if (!getuid()) {
		make(path);
		assert_int_equal(chown(path, 4711, 4711), 0);
		assert_int_equal(proc_code_names(pid), -EPERM);
		unlink(path);
	}
}

/* Nothing but digits comes into a path. */
static void debug_files_have_build_ids(void **state)
{
	static const char *const none[] = {
		"",	      "abc",	"../../../../etc/passwd",
		"ab/../cdef", "ABCDEF", "0123456789abcdef0123456789abcdef012345678",
		"ab\ncdef"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_int_equal(proc_code_debug(none[i]), -EINVAL);
	assert_int_equal(proc_code_debug("0000000000000000000000000000000000000000"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_program_is_known),
		cmocka_unit_test(file_behind_a_mapping_is_opened),
		cmocka_unit_test(names_are_a_file_of_its_own),
		cmocka_unit_test(debug_files_have_build_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
