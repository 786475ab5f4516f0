/* SPDX-License-Identifier: GPL-2.0-only */
/* A connection as spans of a distributed trace, in the words of OpenTelemetry's conventions. */
#ifndef USER_SINK_SPANS_H
#define USER_SINK_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/conn/trace_id.h"
#include "user/sink/fact.h"

#define SPANS_MAX 5
#define SPAN_ATTRIBUTES_MAX 80 /* of all spans of a connection and their resource */
#define SPAN_RESOURCE_MAX 16
#define SPAN_RESOURCE_SIZE 256 /* of a key, and of a value */
#define SPAN_EVENTS_MAX 12
#define SPAN_EVENT_ATTRIBUTES 2

enum span_value { SPAN_TEXT, SPAN_NUMBER, SPAN_TRUTH };

struct span_attribute {
	const char *key;
	enum span_value value;
	int64_t number;	       /* of a SPAN_TRUTH 0 or 1 */
	struct conn_name text; /* untrusted */
};

/* What the surroundings say that spans and figures are of. */
struct span_resource {
	struct span_attribute all[SPAN_RESOURCE_MAX]; /* texts with a NUL */
	size_t count;
	char keys[SPAN_RESOURCE_MAX][SPAN_RESOURCE_SIZE];
	char values[SPAN_RESOURCE_MAX][SPAN_RESOURCE_SIZE];
};

struct span_event {
	const char *name;
	uint64_t real_ns;
	struct span_attribute attributes[SPAN_EVENT_ATTRIBUTES];
	size_t attribute_count;
};

/* As OpenTelemetry numbers them. */
enum span_kind { SPAN_INTERNAL = 1, SPAN_SERVER = 2, SPAN_CLIENT = 3 };

/* Times are nanoseconds since 1970. */
struct span {
	const char *name;
	enum span_kind kind;
	uint64_t id, parent; /* 0: none */
	bool is_remote;	     /* the parent is the other end's */
	uint64_t start_ns, end_ns;
	const struct span_attribute *attributes; /* in the set */
	size_t attribute_count;
	const char *failure; /* a sentence; NULL: it has not failed */
};

struct span_set {
	struct trace_id trace;
	/* What they are of: the machine, the process, the container. */
	const struct span_attribute *resource;
	size_t resource_count;
	struct span spans[SPANS_MAX];
	size_t count;
	struct span_event events[SPAN_EVENTS_MAX]; /* of the first one */
	size_t event_count;

	struct span_attribute attributes[SPAN_ATTRIBUTES_MAX];
	size_t attribute_count;
	char laddr[ADDRESS_TEXT_SIZE], raddr[ADDRESS_TEXT_SIZE], flow[FLOW_SIZE];
	char reset_reason[RESET_REASON_SIZE], error[FACT_ERRNO_SIZE];
};

/*
 * Which of its spans: the connection with its children, or its TIME_WAIT, which is over later. What
 * is asked for and not over is left out.
 */
enum spans_part { SPANS_LIFE = 1 << 0, SPANS_TIME_WAIT = 1 << 1 };

/*
 * Fills `ret` with what is known; texts live as long as `c` and the names that `s` knows. False:
 * it has not ended, or nothing is known of when it was, so that there is no span.
 */
bool spans_build(const struct sink_settings *s, const struct conn *c, unsigned int parts,
		 struct span_set *ret);

/* X(NAME, "name"): which connections have spans; a trace is chosen at both ends alike. */
#define SPANS_CHOICES(X)                                                         \
	X(ALL, "all")                                                            \
	X(FAILED, "failed") /* and 1 of SPANS_SAMPLE */                          \
	X(SLOW, "slow")	    /* those whose handshake was, and what FAILED has */ \
	X(NONE, "none")

enum spans_kind {
#define X(NAME, name) SPANS_##NAME,
	SPANS_CHOICES(X)
#undef X
};

#define SPANS_SAMPLE 100

struct spans_choice {
	enum spans_kind kind;
	uint64_t slow_ns; /* a handshake that took so long is slow */
};

bool spans_are_wanted(const struct spans_choice *choice, const struct sink_settings *s,
		      const struct conn *c);

#endif
