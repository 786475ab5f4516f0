// SPDX-License-Identifier: GPL-2.0-only
/* Where a recording goes: nothing that others made is followed, adopted, waited for or harmed. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/record/target.h"

#define OLD "what was there"
#define NOBODY 65534

static char folder[] = "/tmp/target-XXXXXX";

static const char *in_folder(const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

static int setup(void **state)
{
	(void)state;
	umask(0);
	strcpy(folder, "/tmp/target-XXXXXX");
	return !mkdtemp(folder);
}

static int teardown(void **state)
{
	char command[PATH_MAX];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static void make_file(const char *name, mode_t mode)
{
	int fd = open(in_folder(name), O_WRONLY | O_CREAT | O_EXCL, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, OLD, strlen(OLD)), strlen(OLD));
	close(fd);
}

static void assert_old(const char *name)
{
	char bytes[sizeof(OLD) + 1] = "";
	int fd = open(in_folder(name), O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), strlen(OLD));
	assert_string_equal(bytes, OLD);
	close(fd);
}

static unsigned int count_files(void)
{
	char command[PATH_MAX + 16];
	unsigned int count = 0;
	FILE *list;

	snprintf(command, sizeof(command), "ls -A '%s' | wc -l", folder);
	list = popen(command, "r");
	assert_non_null(list);
	assert_int_equal(fscanf(list, "%u", &count), 1);
	pclose(list);
	return count;
}

static void begin(struct target *t, const char *name, bool has_parts)
{
	assert_int_equal(target_init(t, in_folder(name), has_parts), 0);
}

static void assert_new(int fd, const char *name)
{
	struct stat open_one, named;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &open_one), 0);
	assert_int_equal(lstat(in_folder(name), &named), 0);
	assert_int_equal(open_one.st_ino, named.st_ino);
	assert_int_equal(named.st_mode, S_IFREG | 0600);
	assert_int_equal(named.st_nlink, 1);
}

static void refuse(const char *name, int error, const char *what)
{
	const char *why;
	struct target t;

	begin(&t, name, false);
	assert_int_equal(target_open(&t, 0, &why), error);
	if (what)
		assert_non_null(strstr(why, what));
	else
		assert_null(why);
	target_done(&t);
}

static void a_new_file_is_its_owners_alone(void **state)
{
	const char *why;
	struct target t;
	int fd;

	(void)state;
	begin(&t, "new", false);
	fd = target_open(&t, 0, &why);
	assert_new(fd, "new");
	assert_int_equal(target_settle(&t), 0);
	assert_new(fd, "new");
	close(fd);
	target_done(&t);
}

static void one_that_is_there_stays_until_it_begins(void **state)
{
	const char *why;
	struct target t;
	int fd;

	(void)state;
	make_file("old", 0600);
	begin(&t, "old", false);
	fd = target_open(&t, 0, &why);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "new", 3), 3);
	assert_old("old");
	assert_int_equal(target_settle(&t), 0);
	assert_new(fd, "old");
	assert_int_equal(count_files(), 1);
	close(fd);
	target_done(&t);
}

static void one_that_never_begins_leaves_nothing(void **state)
{
	const char *why;
	struct target t;
	int fd;

	(void)state;
	make_file("old", 0600);
	begin(&t, "old", false);
	fd = target_open(&t, 0, &why);
	assert_true(fd >= 0);
	close(fd);
	target_remove(&t, 0);
	target_done(&t);
	assert_old("old");
	begin(&t, "new", false);
	close(target_open(&t, 0, &why));
	target_remove(&t, 0);
	target_done(&t);
	assert_int_equal(count_files(), 1);
}

/* They are somebody's, and stay, whatever became of what was written. */
static void pipes_and_devices_are_not_removed(void **state)
{
	const char *why;
	struct target t;
	struct stat st;
	int fd, reader;

	(void)state;
	assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
	reader = open(in_folder("pipe"), O_RDONLY | O_NONBLOCK);
	begin(&t, "pipe", false);
	fd = target_open(&t, 0, &why);
	assert_true(fd >= 0);
	assert_false(target_is_made(&t));
	close(fd);
	target_remove(&t, 0);
	assert_int_equal(lstat(in_folder("pipe"), &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	/* Neither is one that could not be opened. */
	close(reader);
	assert_int_equal(target_open(&t, 0, &why), -ENXIO);
	target_remove(&t, 0);
	assert_int_equal(count_files(), 1);
	/* What came of the one before says nothing of the next. */
	assert_int_equal(unlink(in_folder("pipe")), 0);
	fd = target_open(&t, 0, &why);
	assert_true(fd >= 0);
	assert_true(target_is_made(&t));
	close(fd);
	target_remove(&t, 0);
	assert_int_equal(count_files(), 0);
	target_done(&t);
}

static void links_are_not_followed(void **state)
{
	(void)state;
	make_file("victim", 0600);
	assert_int_equal(symlink("victim", in_folder("link")), 0);
	assert_int_equal(symlink("nothing", in_folder("dangling")), 0);
	refuse("link", -EPERM, "symbolic link");
	refuse("dangling", -EPERM, "symbolic link");
	assert_old("victim");
	assert_int_equal(access(in_folder("nothing"), F_OK), -1);
	assert_int_equal(link(in_folder("victim"), in_folder("other name")), 0);
	refuse("other name", -EPERM, "other names");
	assert_old("victim");
}

static void what_others_may_write_is_not_adopted(void **state)
{
	(void)state;
	make_file("open to all", 0666);
	refuse("open to all", -EPERM, "others may write");
	assert_old("open to all");
	if (geteuid()) {
		struct target t;
		const char *why;

		assert_int_equal(target_init(&t, "/etc/passwd", false), 0);
		assert_int_equal(target_open(&t, 0, &why), -EPERM);
		assert_non_null(strstr(why, "somebody else"));
		target_done(&t);
		return;
	}
	make_file("theirs", 0600);
	assert_int_equal(chown(in_folder("theirs"), NOBODY, NOBODY), 0);
	refuse("theirs", -EPERM, "somebody else");
	assert_int_equal(mkfifo(in_folder("their pipe"), 0666), 0);
	assert_int_equal(chown(in_folder("their pipe"), NOBODY, NOBODY), 0);
	refuse("their pipe", -EPERM, "somebody else");
}

static void what_is_no_file_is_looked_at(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_STREAM, 0), reader, fd;
	const char *why;
	struct target t;

	(void)state;
	refuse(".", -EISDIR, NULL);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", in_folder("socket"));
	assert_int_equal(bind(sock, (struct sockaddr *)&address, sizeof(address)), 0);
	refuse("socket", -EPERM, "neither");
	close(sock);
	assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
	refuse("pipe", -ENXIO, "nobody reads");
	reader = open(in_folder("pipe"), O_RDONLY | O_NONBLOCK);
	begin(&t, "pipe", false);
	fd = target_open(&t, 0, &why);
	assert_true(fd >= 0);
	assert_int_equal(target_settle(&t), 0);
	close(fd);
	close(reader);
	target_done(&t);
	assert_int_equal(target_init(&t, "/dev/full", false), 0);
	fd = target_open(&t, 0, &why);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), -1);
	close(fd);
	target_done(&t);
}

static void parts_are_always_new(void **state)
{
	const char *why;
	struct target t;
	int fd;

	(void)state;
	make_file("parts.000001", 0600);
	make_file("victim", 0600);
	assert_int_equal(symlink("victim", in_folder("parts.000002")), 0);
	begin(&t, "parts", true);
	fd = target_open(&t, 0, &why);
	assert_new(fd, "parts.000000");
	close(fd);
	assert_int_equal(target_open(&t, 1, &why), -EEXIST);
	assert_non_null(strstr(why, "written over"));
	assert_int_equal(target_open(&t, 2, &why), -EEXIST);
	assert_old("parts.000001");
	assert_old("victim");
	target_remove(&t, 0);
	assert_int_equal(count_files(), 3);
	target_done(&t);
}

/* Who owns a folder above may put another in its place: what is written stays where it began. */
static void the_folder_stays_the_same(void **state)
{
	const char *why;
	struct target t;
	int fd;

	(void)state;
	assert_int_equal(mkdir(in_folder("mine"), 0700), 0);
	assert_int_equal(mkdir(in_folder("elsewhere"), 0700), 0);
	begin(&t, "mine/parts", true);
	assert_int_equal(rename(in_folder("mine"), in_folder("moved")), 0);
	assert_int_equal(symlink("elsewhere", in_folder("mine")), 0);
	fd = target_open(&t, 0, &why);
	assert_new(fd, "moved/parts.000000");
	close(fd);
	assert_int_equal(access(in_folder("elsewhere/parts.000000"), F_OK), -1);
	target_remove(&t, 0);
	assert_int_equal(access(in_folder("moved/parts.000000"), F_OK), -1);
	target_done(&t);
}

static void names_are_judged(void **state)
{
	char long_name[NAME_MAX + 1];
	struct target t;

	(void)state;
	memset(long_name, 'x', NAME_MAX);
	long_name[NAME_MAX] = '\0';
	assert_int_equal(target_init(&t, long_name, true), -ENAMETOOLONG);
	assert_int_equal(target_init(&t, "", false), -ENOENT);
	assert_int_equal(target_init(&t, in_folder("no/such/folder"), false), -ENOENT);
	assert_int_equal(target_init(&t, in_folder(""), false), -EISDIR);
	assert_int_equal(target_init(&t, "/etc/passwd/x", false), -ENOTDIR);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_file_is_its_owners_alone),
		TEST(one_that_is_there_stays_until_it_begins),
		TEST(one_that_never_begins_leaves_nothing),
		TEST(pipes_and_devices_are_not_removed),
		TEST(links_are_not_followed),
		TEST(what_others_may_write_is_not_adopted),
		TEST(what_is_no_file_is_looked_at),
		TEST(parts_are_always_new),
		TEST(the_folder_stays_the_same),
		TEST(names_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
