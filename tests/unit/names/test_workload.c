// SPDX-License-Identifier: GPL-2.0-only
/* Units, containers and pods by paths of cgroups, as systemd and the runtimes make them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "user/names/workload.h"

#define A "3f1c0a5be2d94c7786a1fb00c25d9e4471c0de3b5a7f8e9d0c1b2a3948576655"
#define B "b7e23ec29af22b0b4e41da31e868d57226121c84ab5f0e9c7d6a53b2f1408e9d"
#define UID "8b9c2f4e-1d3a-4b5c-9e7f-0a1b2c3d4e5f"
#define UID_ "8b9c2f4e_1d3a_4b5c_9e7f_0a1b2c3d4e5f"
#define STATIC_UID "0123456789abcdef0123456789abcdef"
#define TASK "4d1f8a2b3c5e6f708192a3b4c5d6e7f8"
#define SYSTEM WORKLOAD_NO_USER
#define KUBE "/kubepods.slice/kubepods-"
#define HOME "/user.slice/user-1000.slice/user@1000.service/"

static const struct row {
	const char *path, *unit, *slice;
	uint32_t user;
	enum workload_runtime runtime;
	const char *container, *pod;
	enum workload_qos qos;
} rows[] = {
	/* systemd */
	{ "/", "", "", SYSTEM },
	{ "", "", "", SYSTEM },
	{ "/init.scope", "init.scope", "", SYSTEM },
	{ "/system.slice", "", "system.slice", SYSTEM },
	{ "/system.slice/nginx.service", "nginx.service", "system.slice", SYSTEM },
	{ "/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service",
	  "system-getty.slice", SYSTEM },
	{ "/system.slice/dbus.socket", "dbus.socket", "system.slice", SYSTEM },
	{ "/system.slice/home.mount", "home.mount", "system.slice", SYSTEM },
	{ "/system.slice/dev-disk-by\\x2duuid-5.swap", "dev-disk-by-uuid-5.swap", "system.slice",
	  SYSTEM },
	{ "/system.slice/_cpu.service", "cpu.service", "system.slice", SYSTEM },
	{ "/system.slice/__cpu.service", "_cpu.service", "system.slice", SYSTEM },
	{ "/system.slice/_.service", ".service", "system.slice", SYSTEM },
	{ "/system.slice/a\\x00\\x2\\xzz\\x2D.service", "a\\x00\\x2\\xzz\\x2D.service",
	  "system.slice", SYSTEM },
	{ "/system.slice/systemd-udevd.service/udev", "systemd-udevd.service", "system.slice",
	  SYSTEM },
	{ "/system.slice/postgresql.service/own.slice", "postgresql.service", "system.slice",
	  SYSTEM },
	{ "/user.slice/user-1000.slice/session-3.scope", "session-3.scope", "user-1000.slice",
	  SYSTEM },
	{ HOME "init.scope", "init.scope", "user-1000.slice", 1000 },
	{ "/user.slice/user-1000.slice/user@1000.service", "user@1000.service", "user-1000.slice",
	  SYSTEM },
	{ HOME "app.slice/app-gnome\\x2dterminal-42.scope", "app-gnome-terminal-42.scope",
	  "app.slice", 1000 },
	{ HOME "app.slice/syncthing.service", "syncthing.service", "app.slice", 1000 },
	/* A folder that its user has made. */
	{ HOME "user@0.service/sshd.service", "sshd.service", "user-1000.slice", 1000 },
	{ "/user.slice/user@x.service/a.service", "a.service", "user.slice", SYSTEM },
	{ "/user.slice/user@4294967295.service/a.service", "a.service", "user.slice", SYSTEM },
	{ "/.service", "", "", SYSTEM },
	{ "/.slice", "", "", SYSTEM },
	{ "/../../system.slice/a.service", "a.service", "system.slice", SYSTEM },
	{ "system.slice//a.service/", "a.service", "system.slice", SYSTEM },

	/* Docker */
	{ "/docker/" A, "", "", SYSTEM, WORKLOAD_DOCKER, A },
	{ "/system.slice/docker-" A ".scope", "docker-" A ".scope", "system.slice", SYSTEM,
	  WORKLOAD_DOCKER, A },
	{ "/system.slice/docker-" A ".scope/init.scope", "init.scope", "system.slice", SYSTEM,
	  WORKLOAD_DOCKER, A },
	{ "/system.slice/docker-" A ".scope/system.slice/cron.service", "cron.service",
	  "system.slice", SYSTEM, WORKLOAD_DOCKER, A },
	{ HOME "user.slice/docker-" A ".scope", "docker-" A ".scope", "user.slice", 1000,
	  WORKLOAD_DOCKER, A },
	{ "/docker/" A "/docker/" B, "", "", SYSTEM, WORKLOAD_DOCKER, B },
	{ "/batch/" A, "", "", SYSTEM, WORKLOAD_RUNTIME_NONE, A },
	{ "/actions_job/" A, "", "", SYSTEM, WORKLOAD_DOCKER, A },
	{ "/docker/buildkit/kxl1nnbgzh3dj4a8xyz", "", "", SYSTEM },
	{ "/system.slice/docker.service", "docker.service", "system.slice", SYSTEM },
	{ "/system.slice:docker:" A, "", "", SYSTEM, WORKLOAD_DOCKER, A },
	{ "/docker/3F1C" A, "", "", SYSTEM },

	/* Kubernetes: each runtime under each driver */
	{ KUBE "burstable.slice/kubepods-burstable-pod" UID_ ".slice/cri-containerd-" A ".scope",
	  "cri-containerd-" A ".scope", "kubepods-burstable-pod" UID_ ".slice", SYSTEM,
	  WORKLOAD_CONTAINERD, A, UID, WORKLOAD_BURSTABLE },
	{ KUBE "besteffort.slice/kubepods-besteffort-pod" UID_ ".slice/crio-" A ".scope",
	  "crio-" A ".scope", "kubepods-besteffort-pod" UID_ ".slice", SYSTEM, WORKLOAD_CRIO, A,
	  UID, WORKLOAD_BESTEFFORT },
	{ KUBE "besteffort.slice/kubepods-besteffort-pod" UID_ ".slice/crio-" A ".scope/container",
	  "crio-" A ".scope", "kubepods-besteffort-pod" UID_ ".slice", SYSTEM, WORKLOAD_CRIO, A,
	  UID, WORKLOAD_BESTEFFORT },
	{ KUBE "besteffort.slice/kubepods-besteffort-pod" UID_ ".slice/crio-conmon-" A ".scope",
	  "crio-conmon-" A ".scope", "kubepods-besteffort-pod" UID_ ".slice", SYSTEM,
	  WORKLOAD_RUNTIME_NONE, "", UID, WORKLOAD_BESTEFFORT },
	{ KUBE "pod" UID_ ".slice/docker-" A ".scope", "docker-" A ".scope",
	  "kubepods-pod" UID_ ".slice", SYSTEM, WORKLOAD_DOCKER, A, UID, WORKLOAD_GUARANTEED },
	{ KUBE "burstable.slice/kubepods-burstable-pod" STATIC_UID ".slice/cri-containerd-" A
	       ".scope",
	  "cri-containerd-" A ".scope", "kubepods-burstable-pod" STATIC_UID ".slice", SYSTEM,
	  WORKLOAD_CONTAINERD, A, STATIC_UID, WORKLOAD_BURSTABLE },
	{ "/kubepods/burstable/pod" UID "/" A, "", "", SYSTEM, WORKLOAD_RUNTIME_NONE, A, UID,
	  WORKLOAD_BURSTABLE },
	{ "/kubepods/besteffort/pod" UID "/" A, "", "", SYSTEM, WORKLOAD_RUNTIME_NONE, A, UID,
	  WORKLOAD_BESTEFFORT },
	{ "/kubepods/pod" STATIC_UID "/" A, "", "", SYSTEM, WORKLOAD_RUNTIME_NONE, A, STATIC_UID,
	  WORKLOAD_GUARANTEED },
	{ "/kubepods/burstable/pod" UID "/crio-" A, "", "", SYSTEM, WORKLOAD_CRIO, A, UID,
	  WORKLOAD_BURSTABLE },
	{ "/kubepods/burstable/pod" UID "/crio-conmon-" A, "", "", SYSTEM, WORKLOAD_RUNTIME_NONE,
	  "", UID, WORKLOAD_BURSTABLE },
	{ "/kubepods/burstable/pod" UID, "", "", SYSTEM, WORKLOAD_RUNTIME_NONE, "", UID,
	  WORKLOAD_BURSTABLE },
	{ "/custom/pod" UID "/" A, "", "", SYSTEM, WORKLOAD_RUNTIME_NONE, A, UID },
	{ "/kubepods-burstable-pod" UID_ ".slice:cri-containerd:" A, "", "", SYSTEM,
	  WORKLOAD_CONTAINERD, A, UID, WORKLOAD_BURSTABLE },
	{ "/system.slice/containerd.service/kubepods-pod" UID_ ".slice:cri-containerd:" A,
	  "containerd.service", "system.slice", SYSTEM, WORKLOAD_CONTAINERD, A, UID,
	  WORKLOAD_GUARANTEED },
	{ "/kubepods/podium/x", "", "", SYSTEM },
	{ "/kubepods/pod" UID "0/x", "", "", SYSTEM },
	{ KUBE "pod" UID_ "0.slice", "", "kubepods-pod" UID_ "0.slice", SYSTEM },

	/* kind and k3d: a kubelet within a container */
	{ "/docker/" A "/kubelet/kubepods/besteffort/pod" UID "/" B, "", "", SYSTEM,
	  WORKLOAD_RUNTIME_NONE, B, UID, WORKLOAD_BESTEFFORT },
	{ "/system.slice/docker-" A
	  ".scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
	  "kubelet-kubepods-burstable-pod" UID_ ".slice/cri-containerd-" B ".scope",
	  "cri-containerd-" B ".scope", "kubelet-kubepods-burstable-pod" UID_ ".slice", SYSTEM,
	  WORKLOAD_CONTAINERD, B, UID, WORKLOAD_BURSTABLE },
	{ "/docker/" A "/kubelet.slice/kubelet.service", "kubelet.service", "kubelet.slice", SYSTEM,
	  WORKLOAD_DOCKER, A },
	{ "/kubepods/burstable/pod" UID "/" A "/docker/" B, "", "", SYSTEM, WORKLOAD_DOCKER, B, UID,
	  WORKLOAD_BURSTABLE },

	/* containerd alone */
	{ "/default/" A, "", "", SYSTEM, WORKLOAD_CONTAINERD, A },
	{ "/k8s.io/" A, "", "", SYSTEM, WORKLOAD_CONTAINERD, A },
	{ "/default/redis", "", "", SYSTEM },
	{ "/system.slice/nerdctl-" A ".scope", "nerdctl-" A ".scope", "system.slice", SYSTEM,
	  WORKLOAD_CONTAINERD, A },

	/* podman, with root and without */
	{ "/machine.slice/libpod-" A ".scope", "libpod-" A ".scope", "machine.slice", SYSTEM,
	  WORKLOAD_PODMAN, A },
	{ "/machine.slice/libpod-" A ".scope/container", "libpod-" A ".scope", "machine.slice",
	  SYSTEM, WORKLOAD_PODMAN, A },
	{ "/machine.slice/libpod-conmon-" A ".scope", "libpod-conmon-" A ".scope", "machine.slice",
	  SYSTEM },
	{ "/machine.slice/machine-libpod_pod_" B ".slice/libpod-" A ".scope/container",
	  "libpod-" A ".scope", "machine-libpod_pod_" B ".slice", SYSTEM, WORKLOAD_PODMAN, A, B },
	{ HOME "user.slice/libpod-" A ".scope/container", "libpod-" A ".scope", "user.slice", 1000,
	  WORKLOAD_PODMAN, A },
	{ HOME "user.slice/user-libpod_pod_" B ".slice/libpod-" A ".scope", "libpod-" A ".scope",
	  "user-libpod_pod_" B ".slice", 1000, WORKLOAD_PODMAN, A, B },
	{ HOME "user.slice/libpod-" A ".scope/container/system.slice/httpd.service",
	  "httpd.service", "system.slice", SYSTEM, WORKLOAD_PODMAN, A },
	{ "/libpod_parent/libpod-" A, "", "", SYSTEM, WORKLOAD_PODMAN, A },
	{ "/libpod_parent/" B "/libpod-" A, "", "", SYSTEM, WORKLOAD_PODMAN, A, B },
	{ "/libpod_parent/libpod-conmon-" A, "", "", SYSTEM },
	{ "/system.slice/web.service/libpod-payload-" A, "web.service", "system.slice", SYSTEM,
	  WORKLOAD_PODMAN, A },
	{ "/system.slice/web.service/runtime", "web.service", "system.slice", SYSTEM },
	{ HOME "user.slice/podman-1234.scope", "podman-1234.scope", "user.slice", 1000 },

	/* LXC, Incus, Proxmox; nspawn and libvirt */
	{ "/lxc.payload.web", "", "", SYSTEM, WORKLOAD_LXC, "web" },
	{ "/lxc.payload.web/system.slice/nginx.service", "nginx.service", "system.slice", SYSTEM,
	  WORKLOAD_LXC, "web" },
	{ "/lxc.monitor.web", "", "", SYSTEM },
	{ "/lxc/101/ns/system.slice/ssh.service", "ssh.service", "system.slice", SYSTEM,
	  WORKLOAD_LXC, "101" },
	{ "/lxc.monitor/101", "", "", SYSTEM },
	{ "/lxc.payload/old", "", "", SYSTEM, WORKLOAD_LXC, "old" },
	{ "/machine.slice/systemd-nspawn@my\\x2dbox.service/payload",
	  "systemd-nspawn@my-box.service", "machine.slice", SYSTEM, WORKLOAD_NSPAWN, "my-box" },
	{ "/machine.slice/machine-debian.scope/payload/init.scope", "init.scope", "machine.slice",
	  SYSTEM, WORKLOAD_NSPAWN, "debian" },
	{ "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator",
	  "machine-qemu-1-vm.scope", "machine.slice", SYSTEM },

	/* ECS on machines of one's own, on cgroup version 2, on Fargate */
	{ "/ecs/" TASK "/" A, "", "", SYSTEM, WORKLOAD_DOCKER, A },
	{ "/ecs/cluster/" TASK "/" A, "", "", SYSTEM, WORKLOAD_RUNTIME_NONE, A },
	{ "/ecstasks.slice/ecstasks-" TASK ".slice/docker-" A ".scope", "docker-" A ".scope",
	  "ecstasks-" TASK ".slice", SYSTEM, WORKLOAD_DOCKER, A },
	{ "/ecs/" TASK "/" TASK "-1234567890", "", "", SYSTEM, WORKLOAD_RUNTIME_NONE,
	  TASK "-1234567890" },
	{ "/ecs/" TASK, "", "", SYSTEM },
};

static void check(const char *path, const char *what, const char *is, const char *wanted)
{
	if (strcmp(is, wanted ? wanted : ""))
		fail_msg("%s of %s: \"%s\", not \"%s\"", what, path, is, wanted ? wanted : "");
}

static void paths_as_they_are_met(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *r = &rows[i];
		struct workload w;

		workload_parse(r->path, strlen(r->path), &w);
		check(r->path, "unit", w.unit, r->unit);
		check(r->path, "slice", w.slice, r->slice);
		check(r->path, "container", w.container_id, r->container);
		check(r->path, "pod", w.pod_uid, r->pod);
		if (w.user != r->user || w.runtime != r->runtime || w.qos != r->qos)
			fail_msg("%s: user %u, runtime %u, class %u", r->path, w.user, w.runtime,
				 w.qos);
	}
}

/* Below a user's manager he can make whatever folders he likes. */
static void what_users_have_made_is_theirs(void **state)
{
	static const struct {
		const char *path;
		uint32_t container_user, pod_user;
	} made[] = {
		{ "/system.slice/docker-" A ".scope", SYSTEM, SYSTEM },
		{ HOME "app.slice/docker-" A ".scope", 1000, SYSTEM },
		{ HOME "user@0.service/docker-" A ".scope", 1000, SYSTEM },
		{ HOME "kubepods/pod" UID "/" A, 1000, 1000 },
		{ HOME "libpod-" B ".scope/x/docker-" A ".scope", 1000, SYSTEM },
		{ "/docker/" A "/user.slice/user@1001.service/a.service", SYSTEM, SYSTEM },
		{ "/docker/" A "/user.slice/user@1001.service/lxc.payload.web", 1001, SYSTEM },
		{ HOME "lxc.payload.web", 1000, SYSTEM },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		struct workload w;

		workload_parse(made[i].path, strlen(made[i].path), &w);
		assert_int_equal(w.container_user, made[i].container_user);
		assert_int_equal(w.pod_user, made[i].pod_user);
	}
}

static void names_that_are_too_long(void **state)
{
	char path[1024] = "/system.slice/";
	struct workload w;
	size_t size = strlen(path);

	(void)state;
	memset(path + size, 'a', 300);
	memcpy(path + size + 300, ".service", sizeof(".service"));
	workload_parse(path, strlen(path), &w);
	assert_string_equal(w.unit, "");
	assert_string_equal(w.slice, "system.slice");
	memmove(path + size + 247, path + size + 300, 9);
	workload_parse(path, strlen(path), &w);
	assert_int_equal(strlen(w.unit), 255);
}

/* What a process of a hostile container may call its folders. */
static void bytes_that_are_no_text(void **state)
{
	static const char path[] = "/system.slice/a\0b.service/\x1b[2J\xff.service";
	struct workload w;

	(void)state;
	workload_parse(path, sizeof(path) - 1, &w);
	assert_string_equal(w.unit, "\x1b[2J\xff.service");
}

static void check_pick(const char *text, const char *wanted)
{
	const char *path = NULL;
	size_t size = 0;

	if (!workload_pick(text, strlen(text), &path, &size)) {
		if (wanted)
			fail_msg("nothing picked of %s", text);
		return;
	}
	if (!wanted || size != strlen(wanted) || memcmp(path, wanted, size))
		fail_msg("picked %.*s of %s", (int)size, path, text);
}

static void hierarchies(void **state)
{
	(void)state;
	check_pick("0::/system.slice/ssh.service\n", "/system.slice/ssh.service");
	check_pick("0::/system.slice/ssh.service (deleted)\n", "/system.slice/ssh.service");
	check_pick("0::/", "/");
	/* version 1 */
	check_pick("12:cpuset:/\n11:memory:/system.slice/ssh.service\n"
		   "1:name=systemd:/system.slice/ssh.service\n",
		   "/system.slice/ssh.service");
	check_pick("12:cpuset:/docker/" A "\n1:name=systemd:/docker/" B "\n", "/docker/" B);
	/* both: whatever knows of the container */
	check_pick("11:memory:/docker/" A "\n1:name=systemd:/system.slice/docker.service\n"
		   "0::/system.slice/containerd.service\n",
		   "/docker/" A);
	check_pick("11:memory:/docker/" A "\n1:name=systemd:/docker/" A "\n0::/docker/" B "\n",
		   "/docker/" B);
	check_pick("11:memory:/a\n1:name=systemd:/user.slice/user-0.slice/session-1.scope\n0::/\n",
		   "/user.slice/user-0.slice/session-1.scope");
	check_pick("13:cpu,cpuacct:/x:y\n", "/x:y");
	check_pick("", NULL);
	check_pick("\n\n", NULL);
	check_pick("0::", NULL);
	check_pick("0:/a\n", NULL);
	check_pick("0::a\n", NULL);
}

static void names_of_kinds(void **state)
{
	(void)state;
	assert_null(workload_runtime_name(WORKLOAD_RUNTIME_NONE));
	assert_string_equal(workload_runtime_name(WORKLOAD_CRIO), "cri-o");
	for (int i = 1; i < WORKLOAD_RUNTIME_COUNT; i++)
		assert_non_null(workload_runtime_name((enum workload_runtime)i));
	assert_null(workload_runtime_name(WORKLOAD_RUNTIME_COUNT));
	assert_null(workload_qos_name(WORKLOAD_QOS_NONE));
	for (int i = 1; i < WORKLOAD_QOS_COUNT; i++)
		assert_non_null(workload_qos_name((enum workload_qos)i));
	assert_null(workload_qos_name(WORKLOAD_QOS_COUNT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_as_they_are_met),
		cmocka_unit_test(names_that_are_too_long),
		cmocka_unit_test(bytes_that_are_no_text),
		cmocka_unit_test(hierarchies),
		cmocka_unit_test(names_of_kinds),
		cmocka_unit_test(what_users_have_made_is_theirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
