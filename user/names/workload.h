/* SPDX-License-Identifier: GPL-2.0-only */
/* Workloads: which unit, container and pod a cgroup belongs to, by what its path says. */
#ifndef USER_NAMES_WORKLOAD_H
#define USER_NAMES_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORKLOAD_NAME_SIZE 256 /* a folder's name, and its end */
#define WORKLOAD_NO_USER UINT32_MAX

#define WORKLOAD_RUNTIMES(X)        \
	X(DOCKER, "docker")         \
	X(CONTAINERD, "containerd") \
	X(CRIO, "cri-o")            \
	X(PODMAN, "podman")         \
	X(LXC, "lxc")               \
	X(NSPAWN, "nspawn")

enum workload_runtime {
	WORKLOAD_RUNTIME_NONE, /* no container, or the path does not tell */
#define X(name, text) WORKLOAD_##name,
	WORKLOAD_RUNTIMES(X)
#undef X
		WORKLOAD_RUNTIME_COUNT,
};

enum workload_qos {
	WORKLOAD_QOS_NONE, /* no pod of Kubernetes, or the path does not tell */
	WORKLOAD_GUARANTEED,
	WORKLOAD_BURSTABLE,
	WORKLOAD_BESTEFFORT,
	WORKLOAD_QOS_COUNT,
};

/*
 * Of units, containers and pods within each other each time the innermost; a pod that is around it
 * may belong to another container. Texts end with NUL and are untrusted bytes; empty: it has none.
 */
struct workload {
	/* As systemd knows it, or the systemd that runs in a container; \xNN is a character. */
	char unit[WORKLOAD_NAME_SIZE];
	char slice[WORKLOAD_NAME_SIZE]; /* that it is in */
	/* As the runtime knows it: 64 digits for most, a name for LXC and nspawn. */
	char container_id[WORKLOAD_NAME_SIZE];
	/* With "-" as the API server has it; of a static pod and of a podman pod, digits alone. */
	char pod_uid[65];
	uint32_t user; /* whose manager runs the unit; WORKLOAD_NO_USER: the system's */
	/*
	 * Below whose manager the container, or the pod, is: that user has chosen its name, which
	 * may be that of somebody else's. WORKLOAD_NO_USER: below nobody's.
	 */
	uint32_t container_user, pod_user;
	uint8_t runtime;
	uint8_t qos;
};

/* `path` is from the top of a hierarchy on, as in /proc/PID/cgroup; any bytes will do. */
void workload_parse(const char *path, size_t size, struct workload *ret_workload);

/*
 * Finds the path that tells most in the text of /proc/PID/cgroup, of version 1, 2 or both: one
 * within a container before any other, then one with a unit; among those that tell as much version
 * 2, then systemd's own hierarchy. False: there is no line with a path.
 */
bool workload_pick(const char *text, size_t size, const char **ret_path, size_t *ret_size);

/*
 * Whether a process whose text this is can be seen to be in another group of version 2 than
 * `cgroup` (its path; NULL: not known, and so not the process's): sockets that it made before tell
 * nothing of those that it is in now. Where either is seen from within a namespace, which leaves
 * out the beginning of a path, or all of it, less is seen, or nothing.
 */
bool workload_has_left(const char *text, size_t size, const char *cgroup);

/*
 * Of the name of a unit that may have a user's number in front, as 1000/app.service, where the unit
 * itself begins; `*ret_user` is that number, or WORKLOAD_NO_USER.
 */
size_t workload_unit_at(const char *name, size_t size, uint32_t *ret_user);

/* NULL of the first ones. */
const char *workload_runtime_name(enum workload_runtime runtime);
const char *workload_qos_name(enum workload_qos qos);

/*
 * Of names of units: \x2d becomes "-". Keeps what is no escape, and \x00. Returns how
 * much is written, at most `size`; `ret_text` may be `text`.
 */
size_t workload_unescape(const char *text, size_t size, char *ret_text);

#endif
