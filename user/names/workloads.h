/* SPDX-License-Identifier: GPL-2.0-only */
/* The workloads of a run by the ids of cgroups, with the names of their containers and pods. */
#ifndef USER_NAMES_WORKLOADS_H
#define USER_NAMES_WORKLOADS_H

#include "user/names/cgroup.h"
#include "user/names/labels.h"
#include "user/names/workload.h"

/* What is known by now. Texts are untrusted and stay; NULL: it has none. */
struct workload_known {
	const char *unit, *slice;
	const char *unit_name; /* it, of a user's manager behind his number: 1000/app.service */
	const char *container; /* its name or, as long as nobody knows it, its id */
	const char *container_id;
	const char *pod; /* the same: NAMESPACE/NAME, or the UID */
	const char *pod_uid;
	uint32_t user;	      /* WORKLOAD_NO_USER */
	uint8_t runtime, qos; /* enum workload_runtime, enum workload_qos */
};

struct workloads;

/* `cgroups` must stay. NULL when there is no memory. */
struct workloads *workloads_new(const struct cgroup_names *cgroups);
void workloads_free(struct workloads *workloads);

/* Names that are told, and asked for. */
struct labels *workloads_labels(struct workloads *workloads);

/* False: the cgroup has no name, or there is no memory. */
bool workloads_find(struct workloads *workloads, uint64_t cgroup, struct workload_known *ret_known);

/*
 * Of a machine that has hierarchies of version 1: `text` is that of /proc/PID/cgroup of the owner
 * of a socket in `cgroup`. Where it tells of a container or a unit that this one does not tell of,
 * it has an id of its own, which is known in `cgroups` from then on; else, and where the owner has
 * left its group of version 2 by now, it is `cgroup`.
 */
uint64_t workloads_substitute(struct workloads *workloads, struct cgroup_names *cgroups,
			      uint64_t cgroup, const char *text, size_t size);

/*
 * What stood for the cgroup of that process (0: nobody knows whose it is) a moment ago, so that
 * neither names nor files need be looked for with each connection. False: that is not known.
 */
bool workloads_recall(const struct workloads *workloads, uint64_t cgroup, uint32_t pid,
		      uint64_t now_ns, uint64_t *ret_id);
void workloads_keep(struct workloads *workloads, uint64_t cgroup, uint32_t pid, uint64_t now_ns,
		    uint64_t id);

/*
 * Of the running machine: asks the files of kubelets and runtimes for names that nobody has told,
 * as far as that takes little of the time.
 */
void workloads_learn(struct workloads *workloads, uint64_t cgroup);

/* Whether it has names that nobody has looked for yet. */
bool workloads_is_unsearched(struct workloads *workloads, uint64_t cgroup);

/* X(NAME, "name"): by what workloads are told apart. */
#define WORKLOAD_KEYS(X)          \
	X(UNIT, "unit")           \
	X(CONTAINER, "container") \
	X(POD, "pod")

enum workload_key {
#define X(NAME, name) WORKLOAD_BY_##NAME,
	WORKLOAD_KEYS(X)
#undef X
		WORKLOAD_KEY_COUNT
};

/*
 * Once they are compared, the least id of those whose unit, container or pod is called as that of
 * this cgroup; 0: it has none. Returns 0 or -ENOMEM.
 */
int workloads_compare(struct workloads *workloads);
uint64_t workloads_first(const struct workloads *workloads, enum workload_key key, uint64_t cgroup);

/*
 * Whether one is called so: by its name or its id, of a container and a pod also by the beginning
 * of the id, 12 digits of it at least, of a pod by the name without its namespace, of a user's
 * unit with the user or without. `pattern` is
 * one of a shell's; \x2d in it is "-", as systemd writes it.
 */
bool workload_is_called(const struct workload_known *known, enum workload_key key,
			const char *pattern);

#endif
