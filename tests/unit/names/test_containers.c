// SPDX-License-Identifier: GPL-2.0-only
/* Names of pods and containers out of folders of logs and state files: right, odd and hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/names/containers.h"
#include "user/names/host.h"
#include "user/names/pods.h"

#define A "3f1c0a5be2d94c7786a1fb00c25d9e4471c0de3b5a7f8e9d0c1b2a3948576655"
#define B "b7e23ec29af22b0b4e41da31e868d57226121c84ab5f0e9c7d6a53b2f1408e9d"
#define UID "8b9c2f4e-1d3a-4b5c-9e7f-0a1b2c3d4e5f"

static struct labels *labels;

static int begin(void **state)
{
	(void)state;
	labels = labels_new();
	return labels ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	labels_free(labels);
	host_set_root(NULL);
	return 0;
}

static void check(enum label_kind kind, const char *id, const char *name)
{
	const char *found = labels_find(labels, kind, id);

	if (!name)
		assert_null(found);
	else if (!found || strcmp(found, name))
		fail_msg("%s is %s, not %s", id, found ? found : "nothing", name);
}

static void folders_of_logs(void **state)
{
	static const char *const none[] = { "",	      "_",    "__",	 "a_b",	      "a__1",
					    "_b_1",   "a_b_", "a_b_c_1", "a_b_G",     "a_b_1/",
					    "a_b_1 ", ".",    "..",	 "lost+found" };

	(void)state;
	assert_true(pods_read_folder(labels, "shop_cart-7d4b_" UID));
	check(LABEL_POD, UID, "shop/cart-7d4b");
	assert_true(
		pods_read_folder(labels, "kube-system_etcd-node_0123456789abcdef0123456789abcdef"));
	check(LABEL_POD, "0123456789abcdef0123456789abcdef", "kube-system/etcd-node");
	assert_true(pods_read_folder(labels, "x\xff\033[2J_\xfe_1"));
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		if (pods_read_folder(labels, none[i]))
			fail_msg("a pod: %s", none[i]);
}

static void links_of_logs(void **state)
{
	(void)state;
	assert_true(pods_read_log(labels, "cart-7d4b_shop_nginx-" A ".log"));
	check(LABEL_CONTAINER, A, "nginx");
	assert_true(pods_read_log(labels, "cart_shop_a-b_c-" B ".log"));
	check(LABEL_CONTAINER, B, "a-b_c");
	assert_false(pods_read_log(labels, "cart_shop_nginx-" A));
	assert_false(pods_read_log(labels, "cart_shop_nginx" A ".log"));
	assert_false(pods_read_log(labels, "cart_shop_-" A ".log"));
	assert_false(pods_read_log(labels, "cart_shop-" A ".log"));
	assert_false(pods_read_log(labels, A ".log"));
	assert_false(pods_read_log(labels, ".log"));
	assert_false(pods_read_log(labels, ""));
}

static bool reads(enum container_file file, const char *text)
{
	return containers_read(labels, file, text, strlen(text), A);
}

static void skip_without_json(void)
{
	static const char text[] = "{\"Name\":\"/x\"}";
	struct labels *own = labels_new();
	bool can = containers_read(own, CONTAINER_DOCKER, text, strlen(text), A);

	labels_free(own);
	if (!can)
		skip();
}

static void state_of_docker(void **state)
{
	(void)state;
	skip_without_json();
	assert_true(reads(CONTAINER_DOCKER, "{\"ID\":\"" A "\",\"Name\":\"/web\",\"State\":{}}"));
	check(LABEL_CONTAINER, A, "web");
}

static void state_of_docker_below_a_kubelet(void **state)
{
	(void)state;
	skip_without_json();
	assert_true(reads(CONTAINER_DOCKER, "{\"Name\":\"/k8s_nginx_cart-7d_shop_" UID "_0\"}"));
	check(LABEL_CONTAINER, A, "nginx");
	check(LABEL_POD, UID, "shop/cart-7d");
}

static void state_of_containerd(void **state)
{
	(void)state;
	skip_without_json();
	assert_true(reads(CONTAINER_OCI, "{\"ociVersion\":\"1.1.0\",\"annotations\":{"
					 "\"io.kubernetes.cri.container-name\":\"nginx\","
					 "\"io.kubernetes.cri.container-type\":\"container\","
					 "\"io.kubernetes.cri.sandbox-name\":\"cart-7d\","
					 "\"io.kubernetes.cri.sandbox-namespace\":\"shop\","
					 "\"io.kubernetes.cri.sandbox-uid\":\"" UID "\"}}"));
	check(LABEL_CONTAINER, A, "nginx");
	check(LABEL_POD, UID, "shop/cart-7d");
}

static void state_of_crio(void **state)
{
	(void)state;
	skip_without_json();
	assert_true(reads(CONTAINER_OCI,
			  "{\"annotations\":{\"io.kubernetes.container.name\":\"db\","
			  "\"io.kubernetes.pod.name\":\"db-0\","
			  "\"io.kubernetes.pod.namespace\":\"shop\","
			  "\"io.kubernetes.pod.uid\":\"" UID "\"}}"));
	check(LABEL_CONTAINER, A, "db");
	check(LABEL_POD, UID, "shop/db-0");
}

static void state_of_podman(void **state)
{
	(void)state;
	skip_without_json();
	assert_true(reads(CONTAINER_STORAGE,
			  "[{\"id\":\"" B "\",\"names\":[\"other\",\"alias\"]},{\"id\":3},"
			  "{\"id\":\"x\",\"names\":[]},{\"names\":[7]},null,"
			  "{\"id\":\"" A "\",\"names\":[\"web\"],\"layer\":\"z\"}]"));
	check(LABEL_CONTAINER, A, "web");
	check(LABEL_CONTAINER, B, "other");
}

#define NAMED(names) ("[{\"id\":\"" A "\",\"names\":" names "}]")

static void what_is_no_state(void **state)
{
	static const char *const texts[] = {
		"",
		"{",
		"[]",
		"{}",
		"null",
		"7",
		"\"Name\"",
		"{\"Name\":7}",
		"{\"Name\":null}",
		"{\"Name\":\"\"}",
		"{\"Name\":\"/\"}",
		"{\"Name\":[\"/a\"]}",
		"{\"Name\":\"a\\u0000b",
		"{\"annotations\":7}",
		"{\"annotations\":[]}",
		"{\"annotations\":{\"io.kubernetes.container.name\":{}}}",
		"{\"annotations\":{\"io.kubernetes.container.name\":\"\"}}",
		NAMED("{}"),
		NAMED("[{}]"),
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
		"\xff\xfe{\"Name\":\"/a\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		for (int file = 0; file < CONTAINER_FILE_COUNT; file++)
			if (reads((enum container_file)file, texts[i]))
				fail_msg("a name in %s", texts[i]);
	check(LABEL_CONTAINER, A, NULL);
}

/* ---- files ---------------------------------------------------------------------------------- */

static char root[64];

static void path_of(char path[512], const char *name)
{
	snprintf(path, 512, "%s%s", root, name);
}

static void make_folder(const char *name)
{
	char path[512];

	path_of(path, name);
	for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(path, 0755);
	}
	assert_int_equal(mkdir(path, 0755), 0);
}

static void make_file(const char *name, const char *text)
{
	char path[512];
	FILE *f;

	path_of(path, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void make_link(const char *to, const char *name)
{
	char path[512];

	path_of(path, name);
	assert_int_equal(symlink(to, path), 0);
}

static int begin_files(void **state)
{
	snprintf(root, sizeof(root), "/tmp/tcpspan-unit-XXXXXX");
	if (begin(state) || !mkdtemp(root))
		return -1;
	host_set_root(root);
	return 0;
}

static int end_files(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command) ? -1 : end(state); /* NOLINT(*) */
}

#define DOCKER "/var/lib/docker/containers/"

static void files_of_docker(void **state)
{
	(void)state;
	skip_without_json();
	make_folder(DOCKER A);
	make_file(DOCKER A "/config.v2.json", "{\"Name\":\"/web\"}");
	containers_learn(labels, A);
	check(LABEL_CONTAINER, A, "web");
	containers_learn(labels, B);
	check(LABEL_CONTAINER, B, NULL);
	containers_learn(labels, "../../../../etc/passwd");
	containers_learn(labels, "");
	assert_int_equal(labels_count(labels), 1);
}

/* What waits for somebody, leads elsewhere or is too large is not read. */
static void files_that_are_none(void **state)
{
	char path[512];

	(void)state;
	make_folder(DOCKER A);
	make_folder(DOCKER B);
	make_file("/elsewhere", "{\"Name\":\"/stolen\"}");
	path_of(path, "/elsewhere");
	make_link(path, DOCKER A "/config.v2.json");
	path_of(path, DOCKER B "/config.v2.json");
	assert_int_equal(mkfifo(path, 0644), 0);
	containers_learn(labels, A);
	containers_learn(labels, B);
	assert_int_equal(unlink(path), 0);
	make_file(DOCKER B "/config.v2.json", "{\"Name\":\"/large\"}");
	assert_int_equal(truncate(path, 1 << 30), 0);
	containers_learn(labels, B);
	assert_int_equal(labels_count(labels), 0);
}

#define PODS "/var/log/pods/"

static void folders_full_of_links(void **state)
{
	char name[64];

	(void)state;
	make_folder(PODS "shop_cart_" UID);
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), PODS "a_b_%d", i);
		make_link("/", name);
	}
	make_file(PODS "a_c_1", "");
	pods_learn(labels, UINT64_MAX);
	check(LABEL_POD, UID, "shop/cart");
	assert_int_equal(labels_count(labels), 1);
	make_folder("/var/log/containers");
	make_link("/nowhere", "/var/log/containers/cart_shop_nginx-" A ".log");
	pods_learn(labels, 0);
	check(LABEL_CONTAINER, A, NULL);
	pods_learn(labels, UINT64_MAX);
	check(LABEL_CONTAINER, A, "nginx");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(folders_of_logs, begin, end),
		cmocka_unit_test_setup_teardown(links_of_logs, begin, end),
		cmocka_unit_test_setup_teardown(state_of_docker, begin, end),
		cmocka_unit_test_setup_teardown(state_of_docker_below_a_kubelet, begin, end),
		cmocka_unit_test_setup_teardown(state_of_containerd, begin, end),
		cmocka_unit_test_setup_teardown(state_of_crio, begin, end),
		cmocka_unit_test_setup_teardown(state_of_podman, begin, end),
		cmocka_unit_test_setup_teardown(what_is_no_state, begin, end),
		cmocka_unit_test_setup_teardown(files_of_docker, begin_files, end_files),
		cmocka_unit_test_setup_teardown(files_that_are_none, begin_files, end_files),
		cmocka_unit_test_setup_teardown(folders_full_of_links, begin_files, end_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
