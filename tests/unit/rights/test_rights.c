// SPDX-License-Identifier: GPL-2.0-only
/* What a process can and cannot do once it has taken a role. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/rights/capabilities.h"
#include "user/rights/rights.h"

#define STATUS_REFUSED 2
#define STATUS_FAILED 3
#define STATUS_WRONG 4

static bool is_filtered(void)
{
	struct rights_bars bars;

	rights_try(&bars);
	return !bars.seccomp;
}

static bool has_landlock(void)
{
	struct rights_bars bars;

	rights_try(&bars);
	return !bars.landlock;
}

/* What the process with this role ends with; what it says goes to `said`. */
static int status_in(const struct rights_needs *needs, int (*act)(void), char *said, size_t room)
{
	struct rights_bars bars;
	ssize_t size;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		dup2(ends[1], STDERR_FILENO);
		rights_keep(needs, &bars);
		_exit(act());
	}
	close(ends[1]);
	size = read(ends[0], said, room - 1);
	assert_true(size >= 0);
	said[size] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int status_as(enum rights_role role, int (*act)(void))
{
	const struct rights_needs needs = { .role = role, .written = -1 };
	char said[512];

	return status_in(&needs, act, said, sizeof(said));
}

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd >= 0 ? 0 : errno == EACCES || errno == EPERM ? STATUS_FAILED : STATUS_WRONG;
}

static int open_passwd(void)
{
	return try_open("/etc/passwd", O_RDONLY);
}

static int open_group(void)
{
	return try_open("/etc/group", O_RDONLY);
}

static int open_types(void)
{
	return try_open("/proc/self/status", O_RDONLY);
}

static int make_file(void)
{
	return try_open("/proc/self/made", O_WRONLY | O_CREAT);
}

static int make_code(void)
{
	void *code = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return code == MAP_FAILED ? STATUS_FAILED : 0;
}

static int speak(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 0 : STATUS_FAILED;
}

static int run_other(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return STATUS_FAILED;
}

static int use_memory(void)
{
	char *all[64];

	for (int i = 0; i < 64; i++)
		all[i] = malloc((size_t)1 << (i % 20));
	for (int i = 0; i < 64; i++)
		free(all[i]);
	return 0;
}

static int count_rights(void)
{
	char line[256];
	int wrong = 0, seen = 0;
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof(line), f)) {
		bool is_set = !strncmp(line, "CapEff:", 7) || !strncmp(line, "CapPrm:", 7) ||
			      !strncmp(line, "CapBnd:", 7) || !strncmp(line, "CapAmb:", 7);

		if (is_set && !geteuid())
			wrong += strtoull(line + 7, NULL, 16) != 0;
		if (!strncmp(line, "NoNewPrivs:", 11))
			wrong += atoi(line + 11) != 1;
		seen += is_set;
	}
	return !wrong && seen == 4 ? 0 : STATUS_WRONG;
}

static const enum rights_role confined[] = { RIGHTS_FOLLOW, RIGHTS_RECORD, RIGHTS_WATCH,
					     RIGHTS_REPLAY };

#define EACH_CONFINED(role)                                     \
	const enum rights_role *role = confined;                \
	role < confined + sizeof(confined) / sizeof(*confined); \
	role++

static void all_that_it_needs_is_there(void **state)
{
	(void)state;
	for (EACH_CONFINED(role))
		assert_int_equal(status_as(*role, use_memory), 0);
	assert_int_equal(status_as(RIGHTS_FOLLOW, open_types), 0);
}

static void capabilities_are_gone(void **state)
{
	(void)state;
	for (EACH_CONFINED(role))
		if (*role != RIGHTS_REPLAY)
			assert_int_equal(status_as(*role, count_rights), 0);
}

static void what_is_forbidden_is_said(void **state)
{
	const struct rights_needs needs = { .role = RIGHTS_FOLLOW, .written = -1 };
	char said[512];

	(void)state;
	if (!is_filtered())
		skip();
	assert_int_equal(status_in(&needs, speak, said, sizeof(said)), STATUS_REFUSED);
	assert_non_null(strstr(said, "tcpspan: system call "));
	assert_non_null(strstr(said, " is none of those that this process has kept"));
}

static void nobody_runs_speaks_or_makes(void **state)
{
	(void)state;
	if (!is_filtered())
		skip();
	for (EACH_CONFINED(role)) {
		assert_int_equal(status_as(*role, speak), STATUS_REFUSED);
		assert_int_equal(status_as(*role, make_code), STATUS_REFUSED);
		assert_int_equal(status_as(*role, run_other), STATUS_REFUSED);
		assert_int_equal(status_as(*role, make_file), STATUS_REFUSED);
	}
	assert_int_equal(status_as(RIGHTS_LOOK, run_other), STATUS_REFUSED);
	assert_int_equal(status_as(RIGHTS_LOOK, speak), STATUS_REFUSED);
}

static void files_are_those_that_were_named(void **state)
{
	static const char *const named[] = { "/etc/passwd", "/no such file" };
	const struct rights_needs needs = {
		.role = RIGHTS_REPLAY, .also_read = named, .also_count = 2, .written = -1
	};
	char said[512];

	(void)state;
	if (!has_landlock())
		skip();
	assert_int_equal(status_in(&needs, open_passwd, said, sizeof(said)), 0);
	assert_int_equal(status_in(&needs, open_group, said, sizeof(said)), STATUS_FAILED);
	for (EACH_CONFINED(role))
		assert_int_equal(status_as(*role, open_group), STATUS_FAILED);
}

static char own_folder[] = "/tmp/tcpspan-unit-XXXXXX", other_folder[] = "/tmp/tcpspan-unit-XXXXXX";

static int make_in(const char *folder)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/made", folder);
	return try_open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
}

static int make_in_own(void)
{
	return make_in(own_folder);
}

static int make_in_other(void)
{
	return make_in(other_folder);
}

static int remove_in(const char *folder)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/made", folder);
	return !unlinkat(AT_FDCWD, path, 0) ? 0 : errno == EACCES ? STATUS_FAILED : STATUS_WRONG;
}

static int remove_in_own(void)
{
	return remove_in(own_folder);
}

static int remove_in_other(void)
{
	return remove_in(other_folder);
}

/* Each that makes files makes them in its folder, though it has kept its user, who may be root. */
static void files_are_made_where_they_were_asked_for(void **state)
{
	static const enum rights_role makers[] = {
		RIGHTS_RECORD, RIGHTS_EXPORT,	     RIGHTS_TOP,
		RIGHTS_REPORT, RIGHTS_REPLAY_REPORT, RIGHTS_STORE
	};
	struct rights_needs needs = { .written = -1 };
	char said[512];

	(void)state;
	if (!has_landlock())
		skip();
	assert_non_null(mkdtemp(own_folder));
	assert_non_null(mkdtemp(other_folder));
	needs.written = open(own_folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < sizeof(makers) / sizeof(*makers); i++) {
		needs.role = makers[i];
		assert_int_equal(status_in(&needs, make_in_other, said, sizeof(said)),
				 STATUS_FAILED);
		assert_int_equal(status_in(&needs, make_in_own, said, sizeof(said)), 0);
		assert_int_equal(make_in_other(), 0);
		assert_int_equal(status_in(&needs, remove_in_other, said, sizeof(said)),
				 STATUS_FAILED);
		assert_int_equal(status_in(&needs, remove_in_own, said, sizeof(said)), 0);
		assert_int_equal(remove_in_other(), 0);
	}
	close(needs.written);
	rmdir(own_folder);
	rmdir(other_folder);
}

/* On SIGHUP it reads files whose names nobody knew before. */
static void who_exports_reads_what_it_is_told_later(void **state)
{
	(void)state;
	assert_int_equal(status_as(RIGHTS_EXPORT, open_group), 0);
}

/* Whether the process with this role may read what is in that folder, where /run is a new one. */
static int status_of_file_in(enum rights_role role, const char *parent, const char *folder)
{
	const struct rights_needs needs = { .role = role, .written = -1 };
	struct rights_bars bars;
	char path[64];
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child) {
		if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
		    mount("none", "/run", "tmpfs", 0, NULL))
			_exit(STATUS_WRONG);
		mkdir(parent, 0755);
		mkdir(folder, 0755);
		snprintf(path, sizeof(path), "%s/resolv.conf", folder);
		if (try_open(path, O_WRONLY | O_CREAT))
			_exit(STATUS_WRONG);
		rights_keep(&needs, &bars);
		_exit(try_open(path, O_RDONLY));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Whoever configures the network writes it anew there, and /etc points to it. */
static void who_sends_knows_who_resolves_names(void **state)
{
	(void)state;
	if (!has_landlock() || geteuid())
		skip();
	for (enum rights_role role = RIGHTS_SEND; role <= RIGHTS_STORE; role++) {
		assert_int_equal(status_of_file_in(role, "/run/systemd", "/run/systemd/resolve"),
				 0);
		assert_int_equal(status_of_file_in(role, "/run", "/run/NetworkManager"), 0);
		assert_int_equal(status_of_file_in(role, "/run", "/run/resolvconf"), 0);
		assert_int_equal(status_of_file_in(role, "/run", "/run/other"), STATUS_FAILED);
	}
}

static void capabilities_are_used_and_kept(void **state)
{
	uint64_t all = capabilities_effective(), one = UINT64_C(1) << CAP_DAC_READ_SEARCH;

	(void)state;
	if (!(all & one))
		return;
	assert_int_equal(capabilities_use(0), 0);
	assert_true(capabilities_effective() == 0);
	assert_int_equal(capabilities_use(all), 0);
	assert_true(capabilities_effective() == all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_it_needs_is_there),
		cmocka_unit_test(capabilities_are_gone),
		cmocka_unit_test(what_is_forbidden_is_said),
		cmocka_unit_test(nobody_runs_speaks_or_makes),
		cmocka_unit_test(files_are_those_that_were_named),
		cmocka_unit_test(files_are_made_where_they_were_asked_for),
		cmocka_unit_test(who_exports_reads_what_it_is_told_later),
		cmocka_unit_test(who_sends_knows_who_resolves_names),
		cmocka_unit_test(capabilities_are_used_and_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
