// SPDX-License-Identifier: GPL-2.0-only
/* Control groups of this machine: from a path to the id and back, also of one that is gone. */
#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/names/cgroup.h"
#include "user/names/host.h"

/* Where version 2 is mounted; the test is skipped where it is not. */
static void find_mount(char path[PATH_MAX])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;

	assert_non_null(mounts);
	do
		entry = getmntent(mounts);
	while (entry && strcmp(entry->mnt_type, "cgroup2"));
	if (entry)
		snprintf(path, PATH_MAX, "%s", entry->mnt_dir);
	endmntent(mounts);
	if (!entry)
		skip();
}

static void nothing_is_known_at_first(void **state)
{
	struct cgroup_names *names = cgroup_names_new();

	(void)state;
	assert_non_null(names);
	assert_null(cgroup_names_find(names, 0));
	assert_null(cgroup_names_find(names, 1));
	cgroup_names_free(names);
	cgroup_names_free(NULL);
}

static void the_topmost_is_a_slash(void **state)
{
	struct cgroup_names *names = cgroup_names_new();
	char mount[PATH_MAX];
	uint64_t top, same;

	(void)state;
	find_mount(mount);
	assert_int_equal(cgroup_resolve(mount, &top), 0);
	assert_int_equal(cgroup_resolve("/", &same), 0);
	assert_int_equal(same, top);
	assert_int_equal(cgroup_resolve("/proc", &same), -EINVAL);
	assert_int_equal(cgroup_resolve("/no/such/folder", &same), -ENOENT);
	assert_int_equal(cgroup_names_learn(names), 0);
	assert_int_equal(cgroup_names_learn(names), 0);
	assert_string_equal(cgroup_names_find(names, top), "/");
	assert_null(cgroup_names_find(names, 0));
	assert_null(cgroup_names_find(names, UINT64_MAX));
	cgroup_names_free(names);
}

/* One below the other, made while the names are learned; both are removed again. */
static void what_is_gone_keeps_its_name(void **state)
{
	struct cgroup_names *names = cgroup_names_new(), *later = cgroup_names_new();
	char mount[PATH_MAX], outer[PATH_MAX + 64], inner[PATH_MAX + 128];
	uint64_t outer_id, inner_id;

	(void)state;
	find_mount(mount);
	snprintf(outer, sizeof(outer), "%s/tcpspan-unit-%d", mount, getpid());
	snprintf(inner, sizeof(inner), "%s/a\033b", outer);
	assert_int_equal(cgroup_names_learn(names), 0);
	if (mkdir(outer, 0755)) {
		cgroup_names_free(names);
		cgroup_names_free(later);
		skip();
	}
	assert_int_equal(mkdir(inner, 0755), 0);
	assert_int_equal(cgroup_resolve(outer, &outer_id), 0);
	assert_int_equal(cgroup_resolve(inner, &inner_id), 0);
	assert_null(cgroup_names_find(names, inner_id));
	assert_int_equal(cgroup_names_learn(names), 0);
	assert_int_equal(rmdir(inner), 0);
	assert_int_equal(rmdir(outer), 0);
	assert_int_equal(cgroup_names_learn(names), 0);
	assert_string_equal(cgroup_names_find(names, outer_id), outer + strlen(mount));
	assert_string_equal(cgroup_names_find(names, inner_id), inner + strlen(mount));
	assert_int_equal(cgroup_names_learn(later), 0);
	assert_null(cgroup_names_find(later, inner_id));
	cgroup_names_free(names);
	cgroup_names_free(later);
}

/* A service that starts anew has a new id and its old path. */
static void the_same_path_has_a_first_id(void **state)
{
	struct cgroup_names *names = cgroup_names_new();
	static const char *const paths[] = { "/b", "/a", "/b", "/c", "/b" };

	(void)state;
	for (uint64_t i = 0; i < 5; i++)
		assert_int_equal(cgroup_names_add(names, 90 - i, paths[i], strlen(paths[i])), 0);
	assert_int_equal(cgroup_names_first(names, 90), 90);
	assert_int_equal(cgroup_names_compare(names), 0);
	assert_int_equal(cgroup_names_first(names, 90), 86);
	assert_int_equal(cgroup_names_first(names, 89), 89);
	assert_int_equal(cgroup_names_first(names, 88), 86);
	assert_int_equal(cgroup_names_first(names, 86), 86);
	assert_int_equal(cgroup_names_first(names, 4711), 4711);
	cgroup_names_free(names);
}

static void below_is_what_the_path_goes_on_to(void **state)
{
	static const char *const paths[] = { "/", "/a", "/a/b", "/ab" };
	static const struct {
		const char *asked;
		bool is_below[4];
	} cases[] = {
		{ "/", { true, true, true, true } },
		{ "/a", { false, true, true, false } },
		{ "/a/b", { false, false, true, false } },
		{ "/b", { false, false, false, false } },
	};
	struct cgroup_names *names = cgroup_names_new();

	(void)state;
	for (uint64_t i = 0; i < 4; i++)
		assert_int_equal(cgroup_names_add(names, i + 1, paths[i], strlen(paths[i])), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_false(cgroup_names_is_below(names, 4711, cases[i].asked));
		for (uint64_t id = 0; id < 4; id++)
			assert_int_equal(cgroup_names_is_below(names, id + 1, cases[i].asked),
					 cases[i].is_below[id]);
	}
	cgroup_names_free(names);
}

static void a_path_is_told_from_the_mount_on(void **state)
{
	static const char *const cases[][2] = {
		{ "/", "/" },
		{ ".", "/" },
		{ "a.slice", "/a.slice" },
		{ "/a.slice//b.service/", "/a.slice/b.service" },
		{ "./a.slice", "/a.slice" },
		{ "/sys/fs/cgroup", "/" },
		{ "/sys/fs/cgroup/a.slice", "/a.slice" },
		{ "/sys/fs/cgroup/unified/a.slice", "/a.slice" },
		{ "/sys/fs/cgroups", "/sys/fs/cgroups" },
	};
	char path[64], least[sizeof("/a.slice")];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(cgroup_path_from_mount(cases[i][0], path, sizeof(path)), 0);
		assert_string_equal(path, cases[i][1]);
	}
	assert_int_equal(cgroup_path_from_mount("a.slice", least, sizeof(least)), 0);
	assert_int_equal(cgroup_path_from_mount("a.slice/b", least, sizeof(least)), -ENAMETOOLONG);
	assert_int_equal(cgroup_path_from_mount("aa.slice", least, sizeof(least)), -ENAMETOOLONG);
}

/* `folder`, which is made, shows the cgroup `group`. */
static void show(const char *group, const char *folder)
{
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(mount(group, folder, NULL, MS_BIND, NULL), 0);
}

/* In a mount namespace of this program's own, in which it stays. */
static void the_hosts_mount_goes_first(void **state)
{
	char folder[] = "/tmp/cgroup-XXXXXX", other[64], hosts[64], again[72];
	char mounted[PATH_MAX], group[PATH_MAX + 64];
	uint64_t top, inner, found;

	(void)state;
	find_mount(mounted);
	snprintf(group, sizeof(group), "%s/tcpspan-unit-%d", mounted, getpid());
	if (unshare(CLONE_NEWNS) || mkdir(group, 0755))
		skip();
	assert_int_equal(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(cgroup_resolve(mounted, &top), 0);
	assert_int_equal(cgroup_resolve(group, &inner), 0);
	assert_non_null(mkdtemp(folder));
	snprintf(other, sizeof(other), "%s/hostile", folder);
	snprintf(hosts, sizeof(hosts), "%s/host", folder);
	snprintf(again, sizeof(again), "%s/", hosts);
	show(group, other);
	host_set_root(hosts);
	assert_int_equal(cgroup_resolve("/", &found), 0);
	assert_int_equal(found, top);
	show(group, hosts);
	assert_int_equal(cgroup_resolve("/", &found), 0);
	assert_int_equal(found, inner);
	host_set_root(again);
	assert_int_equal(cgroup_resolve("/", &found), 0);
	assert_int_equal(found, inner);
	host_set_root(NULL);
	assert_int_equal(umount(other), 0);
	assert_int_equal(umount(hosts), 0);
	assert_int_equal(rmdir(other), 0);
	assert_int_equal(rmdir(hosts), 0);
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(rmdir(group), 0);
}

#define ATTACKER 1000
#define VICTIM 33

/* How many of so many names of this user's groups are kept, each so long. */
static unsigned int add_many(struct cgroup_names *names, uint32_t uid, unsigned int many,
			     size_t size)
{
	static uint64_t id = 1000;
	static char path[PATH_MAX];
	unsigned int kept = 0;

	memset(path, 'x', sizeof(path));
	*path = '/';
	for (unsigned int i = 0; i < many; i++)
		kept += !cgroup_names_add_of(names, uid, ++id, path, size);
	return kept;
}

/* Whoever may make groups makes them by the ten thousand. */
static void a_user_leaves_room_for_others(void **state)
{
	const size_t sizes[] = { 8, PATH_MAX - 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct cgroup_names *names = cgroup_names_new();

		assert_non_null(names);
		assert_true(add_many(names, ATTACKER, CGROUP_NAMES_MAX, sizes[i]) >= 1000);
		assert_int_equal(add_many(names, VICTIM, 1000, 40), 1000);
		assert_int_equal(add_many(names, 0, CGROUP_NAMES_MAX / 2, 40),
				 CGROUP_NAMES_MAX / 2);
		cgroup_names_free(names);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known_at_first),
		cmocka_unit_test(the_topmost_is_a_slash),
		cmocka_unit_test(what_is_gone_keeps_its_name),
		cmocka_unit_test(the_same_path_has_a_first_id),
		cmocka_unit_test(below_is_what_the_path_goes_on_to),
		cmocka_unit_test(a_path_is_told_from_the_mount_on),
		cmocka_unit_test(the_hosts_mount_goes_first),
		cmocka_unit_test(a_user_leaves_room_for_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
