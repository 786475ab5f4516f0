/* SPDX-License-Identifier: GPL-2.0-only */
/* All connections that are there, looked at once: how many, which of them, in which groups. */
#ifndef USER_AGGREGATE_ROSTER_H
#define USER_AGGREGATE_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "user/aggregate/histogram_set.h"
#include "user/conn/filter.h"
#include "user/conn/table.h"

/* X(NAME, "name"): what rows are sorted by. */
#define ROSTER_ORDERS(X)         \
	X(STATE_AGE, "in state") \
	X(LIFE, "life")          \
	X(STATE, "state")        \
	X(PROCESS, "process")    \
	X(LOCAL, "local")        \
	X(REMOTE, "remote")      \
	X(HANDSHAKE, "handshake")

enum roster_order {
#define X(NAME, name) ROSTER_BY_##NAME,
	ROSTER_ORDERS(X)
#undef X
		ROSTER_ORDER_COUNT
};

/*
 * X(NAME, "name", KEY): what connections are grouped by, and which key of histograms that is. PORT
 * is that of the service: a server's own, a client's remote one.
 */
#define ROSTER_KEYS(X)                       \
	X(PROCESS, "process", COMM)          \
	X(UNIT, "unit", UNIT)                \
	X(CONTAINER, "container", CONTAINER) \
	X(POD, "pod", POD)                   \
	X(REMOTE, "remote", RADDR)           \
	X(PORT, "port", NONE)

enum roster_key {
#define X(NAME, name, key) ROSTER_KEY_##NAME,
	ROSTER_KEYS(X)
#undef X
		ROSTER_KEY_COUNT
};

const char *roster_key_name(enum roster_key key);
/* GROUP_KEY_COUNT: none is the same. */
enum group_key roster_group_key(enum roster_key key);

/* The port of the service; 0: unknown. */
uint16_t roster_service_port(const struct conn *c);

#define ROSTER_GROUPS 4096 /* that are kept apart; the others are one */

/* X(NAME, "name"): what groups are sorted by, the most first. */
#define ROSTER_GROUP_ORDERS(X)      \
	X(LIVE, "live")             \
	X(CLOSE_WAIT, "close_wait") \
	X(TIME_WAIT, "time_wait")   \
	X(CLOSED, "closed")         \
	X(FAILED, "failed")

enum roster_group_order {
#define X(NAME, name) ROSTER_GROUPS_BY_##NAME,
	ROSTER_GROUP_ORDERS(X)
#undef X
		ROSTER_GROUP_ORDER_COUNT
};

/* Connections that have the key's value in common. */
struct roster_group {
	struct conn example; /* whose value it is; untrusted */
	uint64_t id;	     /* of cgroups: the one that stands for all of them */
	bool is_known;	     /* false: those whose value nobody knows, or who have none */
	bool is_other;	     /* those for whom there was no room */
	uint64_t live;	     /* neither closed nor in TIME_WAIT */
	uint64_t in[STATE_COUNT];
	uint64_t closed, failed; /* since the key was chosen */
	uint64_t unsent;	 /* connects without a SYN, which are none of the closed */
	uint64_t handshakes;	 /* exact ones, since then ... */
	uint64_t handshake_ns;	 /* ... and their sum */
};

/* Whatever of it can have failed. */
static inline uint64_t roster_group_ended(const struct roster_group *group)
{
	return group->closed + group->unsent;
}

/* What rows are wanted. */
struct roster_query {
	uint64_t now_ns;
	const struct conn_filter *filter; /* NULL: all */
	uint32_t states;		  /* a set of 1 << state; 0: all */
	enum roster_order order;
	bool is_falling;	 /* the largest first */
	bool only_stuck;	 /* those that are in a state for longer than they should be */
	bool sees_queues_served; /* whoever waited in one at first, and does still, is stuck */
	size_t first, count;	 /* of the rows in that order */
	bool needs_no_groups;	 /* as they were found last, they will do */
	enum roster_group_order group_order;
	bool are_groups_rising;		   /* the least first */
	const struct group_joiner *joiner; /* NULL: each cgroup is one */
};

/* What was found by a look. */
struct roster_found {
	uint64_t live;		  /* neither closed nor in TIME_WAIT */
	uint64_t in[STATE_COUNT]; /* by state */
	uint64_t stuck[STATE_COUNT];
	uint64_t oldest_ns[STATE_COUNT];   /* of these: when the oldest got there; TIME_UNKNOWN */
	bool oldest_is_older[STATE_COUNT]; /* or before: nobody saw it get there */
	size_t all, matching;		   /* rows there are, and those that are wanted */
	size_t first, count;		   /* of these, the ones that are here */
	const struct conn *rows;
	const struct roster_group *groups; /* in their order, the rest last */
	size_t group_count;
};

struct roster;

/* NULL when there is no memory. */
struct roster *roster_new(enum roster_key key);
void roster_free(struct roster *roster);

/* To be told of connections, for what groups have closed. */
struct consumer *roster_consumer(struct roster *roster);

/* Those that a group may have in common: of one group for certain, if they have the same. */
struct roster_name {
	uint64_t words[2];
	uint32_t rest;
};

/* Of one that is over, by the key that is grouped by. */
static inline void roster_name(enum roster_key key, const struct conn *c,
			       struct roster_name *ret_name)
{
	switch (key) {
	case ROSTER_KEY_PROCESS:
		memcpy(ret_name->words, c->comm, sizeof(c->comm));
		ret_name->rest = c->process;
		break;
	case ROSTER_KEY_REMOTE:
		memcpy(ret_name->words, &c->raddr, sizeof(c->raddr));
		ret_name->rest = c->ifindex;
		break;
	default:
		ret_name->words[0] = key == ROSTER_KEY_PORT ? roster_service_port(c) : c->cgroup;
		ret_name->words[1] = ret_name->rest = 0;
	}
}

/* So many have closed; of `handshakes` of them an exact one is known, and the sum of these. */
struct roster_closed {
	uint64_t count, handshakes, handshake_ns;
};

/* All of the group, the end and the flags that `example` has. */
void roster_add_closed(struct roster *roster, const struct conn *example,
		       const struct roster_closed *closed);

/* Whether its handshake, if that is known, is one of these. */
static inline bool roster_is_timed(const struct conn *c)
{
	return c->handshake_quality == CONN_QUALITY_EXACT && !(c->flags & CONN_SEEDED);
}

/* Whether not all that close are counted. */
bool roster_is_sifted(const struct roster *roster);

/*
 * Groups by another key from now on, or counts in them only who is wanted, by `filter`, which must
 * stay (NULL: all), and `states` (0: all); what they have closed is counted anew.
 */
void roster_sift(struct roster *roster, const struct conn_filter *filter, uint32_t states);
void roster_group_by(struct roster *roster, enum roster_key key);
enum roster_key roster_key(const struct roster *roster);

/*
 * Looks at all connections of the table. What is found is valid until the next look. Returns 0, or
 * -ENOMEM: there is less than that.
 */
int roster_look(struct roster *roster, const struct conn_table *table,
		const struct roster_query *query, struct roster_found *ret_found);

/*
 * Keeps what is there and what has closed now, ROSTER_FROZEN connections at most: until it is
 * thawed, looks see that. Returns 0, or -ENOMEM: nothing is kept.
 */
#define ROSTER_FROZEN 65536
int roster_freeze(struct roster *roster, const struct conn_table *table);
/* Of those that are frozen as many have a number, and no row. */
size_t roster_left_out(const struct roster *roster);
void roster_thaw(struct roster *roster);

/* When its state was entered; TIME_UNKNOWN: nobody saw it. */
uint64_t roster_entered_ns(const struct conn *c);

/* Whether it has been in its state for longer than one that works, as far as that is known. */
bool roster_is_stuck(const struct conn *c, uint64_t now_ns);

#endif
