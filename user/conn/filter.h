/* SPDX-License-Identifier: GPL-2.0-only */
/* Which connections are wanted, judged fact by fact as soon as each is known. */
#ifndef USER_CONN_FILTER_H
#define USER_CONN_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "user/conn/conn.h"
#include "user/event/filter.h"

enum filter_verdict { FILTER_PENDING, FILTER_WANTED, FILTER_UNWANTED };

/*
 * PENDING while a fact that is filtered on is unknown and may still become known; with `final`,
 * an unknown fact cannot match, so the answer is never PENDING.
 */
enum filter_verdict conn_filter_judge(const struct conn_filter *f, const struct conn *c,
				      bool final);

/* What was said of connections of these names. */
struct conn_filter_said {
	uint64_t comm[2];
	uint64_t cgroup;  /* 0 where it does not matter */
	uint64_t owner;	  /* its process, and whether it has one */
	uint64_t verdict; /* enum filter_verdict; PENDING: nothing was said */
};

#define CONN_FILTER_SAID_BITS 8

/* A filter by which many connections are judged, for good, in one go. */
struct conn_filter_many {
	const struct conn_filter *filter; /* NULL: all are wanted */
	bool has_names, by_cgroup;	  /* it asks for names, for those of cgroups */
	bool has_others;		  /* it asks for more */
	struct conn_filter_said said[1 << CONN_FILTER_SAID_BITS];
};

void conn_filter_begin(struct conn_filter_many *many, const struct conn_filter *f);

/* Whether it is wanted, which `said` does not tell, where it is to be said; NULL: nowhere. */
bool conn_filter_judge_anew(struct conn_filter_many *many, const struct conn *c,
			    struct conn_filter_said *said);

static inline uint64_t conn_filter_owner(const struct conn *c)
{
	return (uint64_t)(c->flags & CONN_HAS_OWNER) << 16 | c->process;
}

/* The same as conn_filter_judge(), for good. */
static inline bool conn_filter_wants(struct conn_filter_many *many, const struct conn *c)
{
	uint64_t first, second, cgroup, owner, hash;
	struct conn_filter_said *said;

	if (!many->filter)
		return true;
	if (!many->has_names)
		return conn_filter_judge_anew(many, c, NULL);
	memcpy(&first, c->comm, sizeof(first));
	memcpy(&second, c->comm + sizeof(first), sizeof(second));
	cgroup = many->by_cgroup ? c->cgroup : 0;
	owner = conn_filter_owner(c);
	hash = (first ^ second ^ cgroup ^ owner) * UINT64_C(0x9e3779b97f4a7c15);
	said = &many->said[hash >> (64 - CONN_FILTER_SAID_BITS)];
	if (said->comm[0] != first || said->comm[1] != second || said->cgroup != cgroup ||
	    said->owner != owner || said->verdict == FILTER_PENDING)
		return conn_filter_judge_anew(many, c, said);
	return said->verdict == FILTER_WANTED &&
	       (!many->has_others || conn_filter_judge_anew(many, c, NULL));
}

/* Whether it wants each connection, whatever is known of it. */
bool conn_filter_wants_all(const struct conn_filter *f);

/*
 * Whether it wants each connection of the network namespaces that it wants, but for chance; whether
 * it leaves some to chance. Whoever judges.
 */
bool conn_filter_wants_namespaces(const struct conn_filter *f);
bool conn_filter_samples(const struct conn_filter *f);

/* Whether it asks whose a connection is, or who is at its other end. */
bool conn_filter_asks_owner(const struct conn_filter *f);
bool conn_filter_asks_peer(const struct conn_filter *f);

/* Whether it wants what a socket is told to do there; a namespace that is not known (0) is. */
bool conn_filter_has_netns(const struct conn_filter *f, uint64_t sock, uint32_t netns);

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
