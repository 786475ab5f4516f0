/* SPDX-License-Identifier: GPL-2.0-only */
/* What is counted for monitoring systems: plain numbers that only grow, and what is true now. */
#ifndef USER_AGGREGATE_METRICS_H
#define USER_AGGREGATE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/kernel_tally.h"
#include "user/aggregate/spread.h"
#include "user/aggregate/summary.h"
#include "user/conn/consumer.h"
#include "user/conn/table.h"
#include "user/event/counters.h"

/* X(NAME, "name"): the wire's; unknown where a connection's endpoints are. */
#define METRICS_FAMILIES(X) \
	X(IPV4, "ipv4")     \
	X(IPV6, "ipv6")     \
	X(UNKNOWN, "unknown")

enum metrics_family {
#define X(NAME, name) METRICS_##NAME,
	METRICS_FAMILIES(X)
#undef X
		METRICS_FAMILY_COUNT
};

/*
 * X(NAME, "name"): what may be unknown of a connection: durations, and what is counted of one that
 * has ended.
 */
#define METRICS_MEASURES(X)                      \
	X(HANDSHAKE, "handshake_duration")       \
	X(ACCEPT_QUEUE, "accept_queue_duration") \
	X(CONNECTION, "connection_duration")     \
	X(STATE, "state_duration")               \
	X(TIME_WAIT, "time_wait_duration")       \
	X(BYTES, "bytes")                        \
	X(SEGMENTS, "segments")                  \
	X(RETRANSMITS, "retransmits")            \
	X(RESETS, "resets")

/*
 * X(NAME, "name"): why. Older than the tracing; an event was lost; it was forgotten for lack of
 * room; no hook here tells of it; it is known by an estimate alone.
 */
#define METRICS_REASONS(X)    \
	X(SEEDED, "seeded")   \
	X(GAP, "gap")         \
	X(EVICTED, "evicted") \
	X(NO_HOOK, "no_hook") \
	X(ESTIMATED, "estimated")

enum metrics_measure {
#define X(NAME, name) METRICS_MEASURE_##NAME,
	METRICS_MEASURES(X)
#undef X
		METRICS_MEASURE_COUNT
};

enum metrics_reason {
#define X(NAME, name) METRICS_REASON_##NAME,
	METRICS_REASONS(X)
#undef X
		METRICS_REASON_COUNT
};

/* X(NAME, "name", least age in seconds): of connections in CLOSE_WAIT. */
#define METRICS_AGES(X)          \
	X(LT_1M, "lt_1m", 0)     \
	X(1M_10M, "1m_10m", 60)  \
	X(10M_1H, "10m_1h", 600) \
	X(GE_1H, "ge_1h", 3600)

enum metrics_age {
#define X(NAME, name, seconds) METRICS_AGE_##NAME,
	METRICS_AGES(X)
#undef X
		METRICS_AGE_COUNT
};

#define METRICS_ROLES 3	     /* enum conn_role */
#define METRICS_INITIATORS 4 /* enum conn_initiator */

/* Counters: what they count since the start. */
struct metrics_totals {
	uint64_t transitions[STATE_COUNT][STATE_COUNT]; /* from, to */
	uint64_t opened[METRICS_ROLES][METRICS_FAMILY_COUNT];
	uint64_t established[METRICS_ROLES][METRICS_FAMILY_COUNT];
	uint64_t closed[METRICS_ROLES][METRICS_INITIATORS];
	uint64_t failures[METRICS_ROLES][CONN_CAUSE_COUNT];
	uint64_t time_waits[CONN_TW_END_COUNT]; /* that ended; NONE: nobody knows how */
	uint64_t unknown[METRICS_MEASURE_COUNT][METRICS_REASON_COUNT];
	uint64_t syns_again, synacks_again; /* of handshakes that came to an end */
	/* Of connections that have ended, and whose counters could be read. */
	uint64_t bytes_sent, bytes_received, segments_sent, segments_received;

	struct spread handshake[METRICS_ROLES];
	struct spread life[METRICS_ROLES];
	struct spread rtt[METRICS_ROLES];
	struct spread state[STATE_COUNT];
	struct spread accept_queue, time_wait;
};

/* Gauges: what was there when somebody looked. */
struct metrics_now {
	uint64_t live[STATE_COUNT];
	uint64_t close_waits[METRICS_AGE_COUNT];
	uint64_t oldest_close_wait_ns; /* when it was entered, or before; TIME_UNKNOWN: none is */
	uint64_t stuck[STATE_COUNT];   /* longer in a state than it should be */
};

#define METRICS_HOOKS 16
#define METRICS_HOOK_NAME 24

/* What all processes of the program take together; zeroes: nobody has asked. */
struct metrics_process {
	double cpu_seconds, start_time_seconds; /* since 1970, of the first */
	uint64_t resident_bytes, virtual_bytes;
	uint64_t open_fds, max_fds; /* of the tracer */
};

/* What the tracer says of itself, as in its last line. */
struct metrics_account {
	struct event_counters events;
	struct conn_counts connections;
	enum summary_part part; /* that these are of */
	struct listen_counters listen;
	uint64_t table_room; /* connections */
	uint64_t ring_bytes, ring_room;
	struct {
		char family[METRICS_HOOK_NAME], rung[METRICS_HOOK_NAME]; /* without a rung: "" */
	} hooks[METRICS_HOOKS];
	struct metrics_process process;
	uint32_t hook_count;
	double sampling; /* the part of the connections that is followed; below 0: unknown */
};

/* Ours less the kernel's, of the namespaces in view, since the start. */
struct metrics_difference {
	int64_t by[KERNEL_TALLY_COUNT];
	bool is_known[KERNEL_TALLY_COUNT]; /* false: cannot be compared here */
};

#define METRICS_PORTS_MAX 100

/* Sockets that listen on one port, of all namespaces in view. */
struct metrics_port {
	uint64_t queue, queue_max; /* connections that wait to be accepted; how many may */
	uint64_t overflows;	   /* since the first look */
	uint16_t lport;
};

struct metrics_listeners {
	struct metrics_port ports[METRICS_PORTS_MAX]; /* first come */
	struct metrics_port other;		      /* those without a place of their own */
	uint64_t other_overflows;		      /* of the look that is taken */
	uint32_t count;
	bool is_known; /* somebody has looked */
};

/* A look: each port once. */
void metrics_listeners_begin(struct metrics_listeners *l);
void metrics_listeners_add(struct metrics_listeners *l, uint16_t lport, uint64_t queue,
			   uint64_t queue_max, uint64_t overflows);
void metrics_listeners_end(struct metrics_listeners *l);

/* How full the range of ports is to the destination where it is fullest. */
struct metrics_ports {
	double used_ratio; /* 0 to 1 and more; 0: nobody is connected to any */
	bool is_known;
};

#define METRICS_GROUP_SIZE 65 /* of a name, with its NUL */
#define METRICS_GROUPS_MAX 1000
#define METRICS_GROUP_UNKNOWN "unknown" /* whose nobody knows */
#define METRICS_GROUP_OTHER "other"	/* those without a place of their own */

/* One value of the label that connections are grouped by. */
struct metrics_group {
	char name[METRICS_GROUP_SIZE]; /* UTF-8; untrusted. Empty: the place is free */
	uint64_t live, close_waits;    /* of the connections that are known to be its */
	uint64_t opened, failures;
	struct spread handshake;
	uint64_t last_ns; /* when it was heard of last */
};

/*
 * All of it: no pointers, so that it can lie in memory that two processes share. It takes
 * metrics_size(groups) bytes.
 */
struct metrics {
	struct metrics_totals totals;
	struct metrics_now now;
	struct metrics_account account;
	struct metrics_difference difference;
	struct metrics_listeners listeners;
	struct metrics_ports ports;
	uint64_t overflowed; /* connections whose group had no room, so that they count as other */
	uint32_t group_max;
	uint32_t group_end; /* places from here on were never taken */
	struct metrics_group other;
	struct metrics_group groups[];
};

size_t metrics_size(size_t groups);

/*
 * Writes the name of the group that a connection belongs to. Returns false as long as nobody knows.
 */
typedef bool metrics_name_of(const void *context, const struct conn *c,
			     char name[METRICS_GROUP_SIZE]);

struct metrics_counter;

/*
 * Counts into `metrics`, of room for `groups` groups (0: none) besides `other`; it is emptied.
 * NULL when there is no memory.
 */
struct metrics_counter *metrics_counter_new(struct metrics *metrics, size_t groups,
					    metrics_name_of *name_of, const void *context);
void metrics_counter_free(struct metrics_counter *counter);

/* To be told of connections. */
struct consumer *metrics_counter_consumer(struct metrics_counter *counter);

/*
 * What is looked at is as it is, while what is told of has other names by then where true ones are
 * not to be told: has it `hide` them before it asks whose a group is.
 */
void metrics_counter_hide(struct metrics_counter *counter,
			  void (*hide)(void *context, struct conn *c), void *context);

/* Adds to the totals what was put off until somebody wants to know: then they are complete. */
void metrics_counter_settle(struct metrics_counter *counter);

/*
 * Settles, looks at all that is alive, as of `now_ns`, and forgets groups that nobody has been
 * heard of for an hour and that have no connection.
 */
void metrics_counter_look(struct metrics_counter *counter, struct conn_table *table,
			  uint64_t now_ns);

/*
 * How often it is not known, for this reason: what was told of one by one and, where no hook tells
 * of any, each connection that has ended, or each that somebody might have accepted.
 */
uint64_t metrics_unknown(const struct metrics *m, enum metrics_measure measure,
			 enum metrics_reason reason);

const char *metrics_family_name(enum metrics_family family);
const char *metrics_measure_name(enum metrics_measure measure);
const char *metrics_reason_name(enum metrics_reason reason);
const char *metrics_age_name(enum metrics_age age);

#endif
