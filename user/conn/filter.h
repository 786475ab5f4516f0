/* SPDX-License-Identifier: GPL-2.0-only */
/* Which connections are wanted, judged fact by fact as soon as each is known. */
#ifndef USER_CONN_FILTER_H
#define USER_CONN_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/conn/conn.h"
#include "user/event/filter.h"

enum filter_verdict { FILTER_PENDING, FILTER_WANTED, FILTER_UNWANTED };

/*
 * PENDING while a fact that is filtered on is unknown and may still become known; with `final`,
 * an unknown fact cannot match, so the answer is never PENDING.
 */
enum filter_verdict conn_filter_judge(const struct conn_filter *f, const struct conn *c,
				      bool final);

/* Whether it wants each connection, whatever is known of it. */
bool conn_filter_wants_all(const struct conn_filter *f);

/* Whether one of the names that are asked for is this one. */
bool conn_filter_has_comm(const struct conn_filter *f, const char comm[EVENT_COMM_SIZE]);

/* Whether a unit, a container or a pod is asked for. */
bool conn_filter_has_names(const struct conn_filter *f);

/* By these alone, whoever `namer` is; PENDING while the cgroup or its path is not known. */
enum filter_verdict conn_filter_judge_names(const struct conn_filter *f,
					    const struct filter_namer *namer, uint64_t cgroup);

/* Adds one that is not empty and has no NUL. Returns 0, or -E2BIG. */
int conn_filter_add_name(struct filter_names *names, const char *name);

/* The one behind `name`, the first behind NULL; NULL: there is no more. */
const char *conn_filter_next_name(const struct filter_names *names, const char *name);

bool conn_filter_has_port(const uint64_t ports[FILTER_PORT_WORDS], uint16_t port);
void conn_filter_add_port(uint64_t ports[FILTER_PORT_WORDS], uint16_t port);

#endif
