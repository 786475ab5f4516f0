/* SPDX-License-Identifier: GPL-2.0-only */
/* What numbers are called: every name that a sink asks for, from whoever knows it. */
#ifndef USER_SINK_LORE_H
#define USER_SINK_LORE_H

#include <stdbool.h>
#include <stdint.h>

#include "user/conn/conn.h"
#include "user/conn/resent.h"
#include "user/conn/subflows.h"
#include "user/event/reset_reason.h"
#include "user/event/stack_text.h"

struct lore;

/* What a cgroup is to people. Texts are untrusted; NULL: it has none, or it is not known. */
struct lore_workload {
	const char *unit, *slice;
	const char *unit_name; /* the unit, of a user's manager behind his number */
	const char *container; /* its name, or its id */
	const char *container_id;
	const char *runtime;
	const char *pod; /* NAMESPACE/NAME, or its UID */
	const char *pod_uid;
	const char *qos;
	uint32_t unit_user; /* whose manager runs the unit */
	bool has_unit_user;
};

/* The owner of a connection as it was then, as far as it may be told. Untrusted. */
struct lore_process {
	uint32_t ppid;
	const char *cmdline;
	size_t size;
};

/* A NULL function knows nothing. */
struct lore_class {
	/* The path of a cgroup; NULL: not known. */
	const char *(*cgroup)(const struct lore *lore, uint64_t id);
	/* Fills what it knows of the workload of a cgroup. */
	void (*workload)(struct lore *lore, uint64_t cgroup, struct lore_workload *ret_workload);
	/* The name of the machine that a connection is of; NULL: not known. */
	const char *(*host)(const struct lore *lore, const struct conn *c);
	/* The name of a network namespace with a socket of this cgroup, or 0; NULL: it has none. */
	const char *(*netns)(const struct lore *lore, uint32_t inode, uint64_t cgroup);
	/* False: not known. */
	bool (*process)(const struct lore *lore, const struct conn *c,
			struct lore_process *ret_process);
	/* The name behind conn.congestion; NULL: not known. */
	const char *(*congestion)(const struct lore *lore, uint8_t number);
	/* Of the kernel that is looked at; NULL: it names none. */
	const struct reset_reasons *(*reset_reasons)(struct lore *lore);
	/* How often what was sent again; false: not known. */
	bool (*resent)(const struct lore *lore, const struct conn *c, struct resent *ret_resent);
	/* Which one it is of which MPTCP connection; of one that is CONN_SUBFLOW. */
	struct subflow (*subflow)(const struct lore *lore, const struct conn *c);
	/* The number of the stack that connected, or accepted it; of one that is CONN_OPENED. */
	uint64_t (*opener)(const struct lore *lore, const struct conn *c);
	/* Which code that is; false: not known. */
	bool (*stack)(const struct lore *lore, uint64_t number, struct stack_frames *ret_frames);
};

/* The first member of each. */
struct lore {
	const struct lore_class *class;
};

/* The same of a lore that may be NULL. Names are untrusted, but those of resets. */
const char *lore_cgroup(const struct lore *lore, uint64_t id);
void lore_workload(struct lore *lore, uint64_t cgroup, struct lore_workload *ret_workload);
const char *lore_host(const struct lore *lore, const struct conn *c);
const char *lore_netns(const struct lore *lore, uint32_t inode, uint64_t cgroup);
bool lore_process(const struct lore *lore, const struct conn *c, struct lore_process *ret_process);
const char *lore_congestion(const struct lore *lore, uint8_t number);
bool lore_resent(const struct lore *lore, const struct conn *c, struct resent *ret_resent);
struct subflow lore_subflow(const struct lore *lore, const struct conn *c);
uint64_t lore_opener(const struct lore *lore, const struct conn *c);
bool lore_stack(const struct lore *lore, uint64_t number, struct stack_frames *ret_frames);

/* "TCP_ABORT_ON_CLOSE", or "unknown(77)" in `text`. */
const char *lore_reset_reason(struct lore *lore, uint32_t number, char text[RESET_REASON_SIZE]);

#endif
