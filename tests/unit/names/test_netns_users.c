// SPDX-License-Identifier: GPL-2.0-only
/* Whose a network namespace is: known while all that was met means the same, and not otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/names/netns_users.h"

#define A "3f1c0a5be2d94c7786a1fb00c25d9e4471c0de3b5a7f8e9d0c1b2a3948576655"
#define B "b7e23ec29af22b0b4e41da31e868d57226121c84ab5f0e9c7d6a53b2f1408e9d"
#define UID "8b9c2f4e-1d3a-4b5c-9e7f-0a1b2c3d4e5f"
#define POD "/kubepods.slice/kubepods-pod8b9c2f4e_1d3a_4b5c_9e7f_0a1b2c3d4e5f.slice"

enum { SSH = 100, WEB, WEB_AGAIN, DB, FRONT, BACK, PAUSE, UNNAMED };

static struct cgroup_names *cgroups;
static struct workloads *workloads;
static struct netns_users *users;

static int begin(void **state)
{
	static const char *const paths[] = {
		"/system.slice/ssh.service",
		"/system.slice/docker-" A ".scope",
		"/system.slice/docker-" A ".scope/init.scope",
		"/system.slice/docker-" B ".scope",
		POD "/cri-containerd-" A ".scope",
		POD "/cri-containerd-" B ".scope",
		POD,
	};

	(void)state;
	cgroups = cgroup_names_new();
	workloads = workloads_new(cgroups);
	users = netns_users_new(workloads);
	for (uint64_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (cgroup_names_add(cgroups, SSH + i, paths[i], strlen(paths[i])))
			return -1;
	return 0;
}

static int end(void **state)
{
	(void)state;
	netns_users_free(users);
	netns_users_free(NULL);
	workloads_free(workloads);
	cgroup_names_free(cgroups);
	return 0;
}

static void meet(uint32_t inode, uint64_t first, uint64_t second)
{
	netns_users_meet(users, inode, first);
	netns_users_meet(users, inode, second);
}

static void is_called(uint32_t inode, const char *name)
{
	const char *found = netns_users_find(users, inode);

	if (name)
		assert_string_equal(found ? found : "(nobody's)", name);
	else
		assert_null(found);
}

static void one_user_has_it(void **state)
{
	(void)state;
	is_called(1, NULL);
	meet(1, WEB, WEB_AGAIN);
	is_called(1, A);
	meet(2, FRONT, BACK);
	meet(2, PAUSE, FRONT);
	is_called(2, UID);
	/* Once they are told, they have names. */
	labels_add(workloads_labels(workloads), LABEL_CONTAINER, A, strlen(A), "web", 3);
	labels_add(workloads_labels(workloads), LABEL_POD, UID, strlen(UID), "shop/cart", 9);
	is_called(1, "web");
	is_called(2, "shop/cart");
}

/* The same container id in a pod and in none is a contradiction. */
static void of_several_it_is_nobodys(void **state)
{
	static const uint64_t pairs[][2] = { { WEB, DB },    { WEB, SSH },  { SSH, WEB },
					     { FRONT, WEB }, { DB, FRONT }, { SSH, PAUSE } };

	(void)state;
	for (uint32_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		meet(10 + i, pairs[i][0], pairs[i][1]);
		is_called(10 + i, NULL);
		/* For good, whoever is met then. */
		meet(10 + i, pairs[i][0], pairs[i][0]);
		is_called(10 + i, NULL);
	}
}

static void name_late(uint64_t cgroup, const char *path)
{
	assert_int_equal(cgroup_names_add(cgroups, cgroup, path, strlen(path)), 0);
}

static void what_is_not_known_may_be_anybody_s(void **state)
{
	(void)state;
	meet(20, WEB, 0);
	is_called(20, "web");
	meet(20, UNNAMED, UNNAMED);
	is_called(20, NULL);
	meet(21, UNNAMED + 1, WEB);
	is_called(21, NULL);
	meet(22, UNNAMED, UNNAMED + 1);
	is_called(22, NULL);
	/* Until it is known. */
	name_late(UNNAMED, "/system.slice/docker-" A ".scope/late.scope");
	is_called(20, "web");
	is_called(22, NULL);
	name_late(UNNAMED + 1, "/system.slice/cron.service");
	is_called(21, NULL);
	is_called(22, NULL);
	meet(0, WEB, WEB);
	is_called(0, NULL);
}

/* A container may be in the machine's own. */
static void the_machine_s_is_nobodys(void **state)
{
	(void)state;
	netns_users_exclude(users, 30);
	meet(30, WEB, WEB);
	is_called(30, NULL);
	meet(31, WEB, WEB);
	netns_users_exclude(users, 31);
	is_called(31, NULL);
}

static void there_is_an_end_of_them(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < NETNS_USERS_MAX + 9; i++)
		netns_users_meet(users, 1000 + i, WEB);
	is_called(1000, "web");
	is_called(1000 + NETNS_USERS_MAX + 8, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_user_has_it),
		cmocka_unit_test(of_several_it_is_nobodys),
		cmocka_unit_test(what_is_not_known_may_be_anybody_s),
		cmocka_unit_test(the_machine_s_is_nobodys),
		cmocka_unit_test(there_is_an_end_of_them),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
