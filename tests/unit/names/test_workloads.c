// SPDX-License-Identifier: GPL-2.0-only
/* Workloads by the ids of cgroups: names that are told later, what is one, what is called so. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/base/clock.h"
#include "user/base/units.h"
#include "user/names/host.h"
#include "user/names/workloads.h"

#define A "3f1c0a5be2d94c7786a1fb00c25d9e4471c0de3b5a7f8e9d0c1b2a3948576655"
#define B "b7e23ec29af22b0b4e41da31e868d57226121c84ab5f0e9c7d6a53b2f1408e9d"
#define C "c0ffee5be2d94c7786a1fb00c25d9e4471c0de3b5a7f8e9d0c1b2a3948576655"
#define HOME "/user.slice/user-1000.slice/user@1000.service/"
#define OTHER_UID "11112f4e-1d3a-4b5c-9e7f-0a1b2c3d4e5f"
#define UID "8b9c2f4e-1d3a-4b5c-9e7f-0a1b2c3d4e5f"
#define UID_ "8b9c2f4e_1d3a_4b5c_9e7f_0a1b2c3d4e5f"

static struct cgroup_names *cgroups;
static struct workloads *workloads;

static int begin(void **state)
{
	static const char *const paths[] = {
		"/system.slice/web.service",
		"/system.slice/docker-" A ".scope",
		"/kubepods.slice/kubepods-pod" UID_ ".slice/cri-containerd-" B ".scope",
		"/other.slice/web.service",
		"/plain",
		"/system.slice/app\\x2dx.service",
		HOME "docker-" C ".scope",
		HOME "kubepods/pod" OTHER_UID "/" C,
		HOME "lxc.payload.payments-of-all",
		"/lxc.payload.payments-of-all",
		HOME "app.slice/web.service",
		"/user.slice/user-1001.slice/user@1001.service/app.slice/web.service",
	};

	(void)state;
	cgroups = cgroup_names_new();
	workloads = workloads_new(cgroups);
	for (uint64_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (cgroup_names_add(cgroups, 100 + i, paths[i], strlen(paths[i])))
			return -1;
	return 0;
}

static int end(void **state)
{
	(void)state;
	workloads_free(workloads);
	workloads_free(NULL);
	cgroup_names_free(cgroups);
	return 0;
}

static struct workload_known known_of(uint64_t cgroup)
{
	struct workload_known known;

	assert_true(workloads_find(workloads, cgroup, &known));
	return known;
}

static int tell(enum label_kind kind, const char *id, const char *name)
{
	return labels_add(workloads_labels(workloads), kind, id, strlen(id), name, strlen(name));
}

static void names_come_later(void **state)
{
	struct workload_known known = known_of(102);

	(void)state;
	assert_string_equal(known.container, B);
	assert_string_equal(known.container_id, B);
	assert_string_equal(known.pod, UID);
	assert_string_equal(known.pod_uid, UID);
	assert_int_equal(tell(LABEL_POD, UID, "shop/cart"), 0);
	assert_int_equal(tell(LABEL_CONTAINER, B, "nginx"), 0);
	assert_int_equal(tell(LABEL_CONTAINER, B, "other"), -EEXIST);
	known = known_of(102);
	assert_string_equal(known.container, "nginx");
	assert_string_equal(known.container_id, B);
	assert_string_equal(known.pod, "shop/cart");
	assert_string_equal(known.pod_uid, UID);
	assert_string_equal(known_of(101).container, A);
}

/* Somebody has called his as another one's is called. */
static void users_have_no_names_of_others(void **state)
{
	struct workload_known known;

	(void)state;
	assert_int_equal(tell(LABEL_POD, OTHER_UID, "shop/payments"), 0);
	assert_int_equal(tell(LABEL_CONTAINER, C, "payments"), 0);
	known = known_of(106);
	assert_string_equal(known.container, C);
	/* Who prints it knows by that that it is a number. */
	assert_ptr_equal(known.container, known.container_id);
	assert_false(workload_is_called(&known, WORKLOAD_BY_CONTAINER, "payments"));
	known = known_of(107);
	assert_string_equal(known.container, C);
	assert_string_equal(known.pod, OTHER_UID);
	assert_false(workload_is_called(&known, WORKLOAD_BY_POD, "payments"));
	assert_false(workloads_is_unsearched(workloads, 107));
	known = known_of(108);
	assert_string_equal(known.container, "1000/payments-of-all");
	assert_string_equal(known.container_id, "payments-of-all");
	assert_false(workload_is_called(&known, WORKLOAD_BY_CONTAINER, "payments-of-all"));
	assert_true(workload_is_called(&known, WORKLOAD_BY_CONTAINER, "1000/payments*"));
	assert_string_equal(known_of(109).container, "payments-of-all");
}

/* Nor is a unit of theirs one of the machine's, or of another user's. */
static void units_of_users_are_apart(void **state)
{
	struct workload_known known = known_of(110);

	(void)state;
	assert_string_equal(known.unit, "web.service");
	assert_string_equal(known.unit_name, "1000/web.service");
	assert_string_equal(known_of(100).unit_name, "web.service");
	assert_int_equal(workloads_compare(workloads), 0);
	assert_int_equal(workloads_first(workloads, WORKLOAD_BY_UNIT, 100), 100);
	assert_int_equal(workloads_first(workloads, WORKLOAD_BY_UNIT, 110), 110);
	assert_int_equal(workloads_first(workloads, WORKLOAD_BY_UNIT, 111), 111);
	assert_true(workload_is_called(&known, WORKLOAD_BY_UNIT, "web.service"));
	assert_true(workload_is_called(&known, WORKLOAD_BY_UNIT, "1000/web.service"));
	assert_false(workload_is_called(&known, WORKLOAD_BY_UNIT, "1001/web.service"));
}

static void names_of_units_come_apart(void **state)
{
	static const struct {
		const char *name;
		size_t at;
		uint32_t user;
	} names[] = {
		{ "1000/app.service", 5, 1000 },
		{ "4294967294/a", 11, WORKLOAD_NO_USER - 1 },
		{ "4294967295/a", 0, WORKLOAD_NO_USER },
		{ "99999999999999999999999/a", 0, WORKLOAD_NO_USER },
		{ "1000", 0, WORKLOAD_NO_USER },
		{ "/a", 0, WORKLOAD_NO_USER },
		{ "10a/b", 0, WORKLOAD_NO_USER },
		{ "", 0, WORKLOAD_NO_USER },
	};
	uint32_t user;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(workload_unit_at(names[i].name, strlen(names[i].name), &user),
				 names[i].at);
		assert_int_equal(user, names[i].user);
	}
}

static void what_is_not_there_is_null(void **state)
{
	struct workload_known known = known_of(104);

	(void)state;
	assert_null(known.unit);
	assert_null(known.unit_name);
	assert_null(known.slice);
	assert_null(known.container);
	assert_null(known.pod);
	assert_false(workloads_find(workloads, 1, &known));
	assert_false(workloads_find(workloads, 0, &known));
}

/* One name, one group, whatever slice it is in; ids differ. */
static void what_is_called_alike_is_one(void **state)
{
	(void)state;
	assert_int_equal(workloads_compare(workloads), 0);
	assert_int_equal(workloads_first(workloads, WORKLOAD_BY_UNIT, 100), 100);
	assert_int_equal(workloads_first(workloads, WORKLOAD_BY_UNIT, 103), 100);
	assert_int_equal(workloads_first(workloads, WORKLOAD_BY_UNIT, 104), 0);
	assert_int_equal(workloads_first(workloads, WORKLOAD_BY_UNIT, 7), 0);
	assert_int_equal(workloads_first(workloads, WORKLOAD_BY_CONTAINER, 100), 0);
	assert_int_equal(workloads_first(workloads, WORKLOAD_BY_CONTAINER, 102), 102);
	assert_int_equal(tell(LABEL_CONTAINER, A, "nginx"), 0);
	assert_int_equal(tell(LABEL_CONTAINER, B, "nginx"), 0);
	assert_int_equal(workloads_compare(workloads), 0);
	assert_int_equal(workloads_first(workloads, WORKLOAD_BY_CONTAINER, 102), 101);
	assert_int_equal(workloads_first(workloads, WORKLOAD_BY_POD, 102), 102);
}

static bool is_called(uint64_t cgroup, enum workload_key key, const char *pattern)
{
	struct workload_known known = known_of(cgroup);

	return workload_is_called(&known, key, pattern);
}

static void patterns(void **state)
{
	(void)state;
	assert_true(is_called(100, WORKLOAD_BY_UNIT, "web.service"));
	assert_true(is_called(100, WORKLOAD_BY_UNIT, "w[e]b.*"));
	assert_false(is_called(100, WORKLOAD_BY_UNIT, "web"));
	assert_false(is_called(104, WORKLOAD_BY_UNIT, "*"));
	assert_true(is_called(105, WORKLOAD_BY_UNIT, "app-x.service"));
	assert_true(is_called(105, WORKLOAD_BY_UNIT, "app\\x2dx.service"));
	assert_true(is_called(101, WORKLOAD_BY_CONTAINER, "3f1c0a5be2d9"));
	assert_true(is_called(101, WORKLOAD_BY_CONTAINER, A));
	assert_false(is_called(101, WORKLOAD_BY_CONTAINER, "3f1c0a5be2d"));
	assert_false(is_called(101, WORKLOAD_BY_CONTAINER, "3f1c0a5be2d0"));
	assert_true(is_called(102, WORKLOAD_BY_POD, UID));
	assert_int_equal(tell(LABEL_POD, UID, "shop/cart-0"), 0);
	assert_true(is_called(102, WORKLOAD_BY_POD, UID));
	assert_true(is_called(102, WORKLOAD_BY_POD, "shop/cart-0"));
	assert_true(is_called(102, WORKLOAD_BY_POD, "cart-*"));
	assert_true(is_called(102, WORKLOAD_BY_POD, "shop/*"));
	assert_false(is_called(102, WORKLOAD_BY_POD, "shop"));
	assert_false(is_called(100, WORKLOAD_BY_POD, "*"));
}

static uint64_t substitute(uint64_t cgroup, const char *text)
{
	return workloads_substitute(workloads, cgroups, cgroup, text, strlen(text));
}

/* Hierarchies of version 1 know of the container, and that of version 2 of what started it. */
static void hierarchies_of_version_1(void **state)
{
	static const char docker[] = "9:pids:/docker/" A "\n1:name=systemd:/docker/" A "\n0::/\n";
	uint64_t id = substitute(104, docker);

	(void)state;
	assert_int_not_equal(id, 104);
	assert_int_equal(substitute(100, docker), id);
	assert_int_equal(substitute(7, docker), id);
	assert_string_equal(known_of(id).container, A);
	/* It tells of a container itself, or as much. */
	assert_int_equal(substitute(101, docker), 101);
	assert_int_equal(substitute(100, "1:name=systemd:/system.slice/a.service\n0::/\n"), 100);
	assert_int_equal(substitute(104, "1:name=systemd:/a\n0::/\n"), 104);
	assert_int_equal(substitute(104, ""), 104);
	id = substitute(104, "1:name=systemd:/system.slice/a.service\n0::/\n");
	assert_string_equal(known_of(id).unit, "a.service");
}

/* Who has moved since a socket was made tells nothing of whose that is. */
static void owners_that_have_left(void **state)
{
	static const char container[] = "9:pids:/docker/" A "\n0::/docker-" A ".scope\n";
	static const char deeper[] = "9:pids:/docker/" A "\n0::/system.slice/web.service\n";
	static const char within[] = "9:pids:/docker/" A "\n0::/web.service\n";
	static const char beside[] = "9:pids:/docker/" A "\n0::/../web.service\n";
	static const char gone[] = "9:pids:/docker/" A "\n0::/plain (deleted)\n";

	(void)state;
	assert_int_equal(substitute(104, container), 104);
	assert_int_equal(substitute(100, container), 100);
	assert_int_equal(substitute(8, container), 8);
	assert_int_equal(substitute(103, deeper), 103);
	assert_int_not_equal(substitute(100, deeper), 100);
	assert_int_not_equal(substitute(100, within), 100);
	assert_int_not_equal(substitute(104, beside), 104);
	assert_int_not_equal(substitute(104, gone), 104);
	assert_int_equal(substitute(100, gone), 100);
}

static void what_stood_for_it_a_moment_ago(void **state)
{
	const uint64_t second_ns = 1000000000, now_ns = 5 * second_ns;
	uint64_t id = 0;

	(void)state;
	assert_false(workloads_recall(workloads, 100, 4711, now_ns, &id));
	assert_false(workloads_recall(workloads, 100, 0, now_ns, &id));
	workloads_keep(workloads, 100, 4711, now_ns, 1000);
	assert_true(workloads_recall(workloads, 100, 4711, now_ns + second_ns - 1, &id));
	assert_int_equal(id, 1000);
	/* It may be in another one by now, or another process. */
	assert_false(workloads_recall(workloads, 100, 4711, now_ns + second_ns, &id));
	assert_false(workloads_recall(workloads, 101, 4711, now_ns, &id));
	assert_false(workloads_recall(workloads, 100, 4711 + 256, now_ns, &id));
	workloads_keep(workloads, 100, 4711 + 256, now_ns, 1001);
	assert_false(workloads_recall(workloads, 100, 4711, now_ns, &id));
}

static void what_is_no_name(void **state)
{
	static char large[LABEL_SIZE_MAX + 2];
	struct labels *labels = workloads_labels(workloads);

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	assert_int_equal(tell(LABEL_POD, "", "x"), -EINVAL);
	assert_int_equal(tell(LABEL_POD, "x", ""), -EINVAL);
	assert_int_equal(tell(LABEL_POD, "x", large), -EINVAL);
	assert_int_equal(labels_add(labels, LABEL_POD, "x", 1, "a\0b", 3), -EINVAL);
	assert_int_equal(labels_count(labels), 0);
}

static void no_more_than_there_is_room_for(void **state)
{
	struct labels *labels = labels_new();
	char id[16];

	(void)state;
	for (unsigned int i = 0; i < LABELS_MAX; i++) {
		snprintf(id, sizeof(id), "%u", i);
		assert_int_equal(labels_add(labels, LABEL_POD, id, strlen(id), id, strlen(id)), 0);
	}
	assert_int_equal(labels_add(labels, LABEL_POD, "x", 1, "x", 1), -ENOSPC);
	assert_string_equal(labels_find(labels, LABEL_POD, "4711"), "4711");
	assert_null(labels_find(labels, LABEL_CONTAINER, "4711"));
	labels_free(labels);
}

/* In the folder of a machine, step by step: "/var/log/pods/NAMESPACE_POD_UID". */
static void make_folders(const char *root)
{
	static const char *const names[] = { "/var", "/var/log", "/var/log/pods",
					     "/var/log/pods/shop_cart_" UID };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s%s", root, names[i]);
		assert_int_equal(mkdir(path, 0755), 0);
	}
}

/* What a search has not found is there a moment later: it is searched again, but not at once. */
static void searches_are_rare(void **state)
{
	const struct timespec nap = { .tv_nsec = NS_PER_MS };
	char root[] = "/tmp/tcpspan-unit-XXXXXX", command[64];
	uint64_t since_ns, found_ns = 0;

	(void)state;
	assert_non_null(mkdtemp(root));
	host_set_root(root);
	assert_true(workloads_is_unsearched(workloads, 102));
	since_ns = clock_now();
	workloads_learn(workloads, 102);
	assert_false(workloads_is_unsearched(workloads, 102));
	make_folders(root);
	while (!found_ns && clock_now() < since_ns + 30 * NS_PER_S) {
		nanosleep(&nap, NULL);
		workloads_learn(workloads, 102);
		if (!strcmp(known_of(102).pod, "shop/cart"))
			found_ns = clock_now();
	}
	host_set_root(NULL);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	assert_int_equal(system(command), 0); /* NOLINT(*) */
	assert_true(found_ns);
	assert_true(found_ns >= since_ns + NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_come_later, begin, end),
		cmocka_unit_test_setup_teardown(users_have_no_names_of_others, begin, end),
		cmocka_unit_test_setup_teardown(units_of_users_are_apart, begin, end),
		cmocka_unit_test_setup_teardown(what_is_not_there_is_null, begin, end),
		cmocka_unit_test_setup_teardown(what_is_called_alike_is_one, begin, end),
		cmocka_unit_test_setup_teardown(patterns, begin, end),
		cmocka_unit_test_setup_teardown(hierarchies_of_version_1, begin, end),
		cmocka_unit_test_setup_teardown(owners_that_have_left, begin, end),
		cmocka_unit_test_setup_teardown(what_stood_for_it_a_moment_ago, begin, end),
		cmocka_unit_test_setup_teardown(what_is_no_name, begin, end),
		cmocka_unit_test(names_of_units_come_apart),
		cmocka_unit_test_setup_teardown(searches_are_rare, begin, end),
		cmocka_unit_test(no_more_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
