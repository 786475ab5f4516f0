/* SPDX-License-Identifier: GPL-2.0-only */
/* How much happens just now: rates of the last minutes, transitions, the latest handshakes. */
#ifndef USER_AGGREGATE_PULSE_H
#define USER_AGGREGATE_PULSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/conn/consumer.h"
#include "user/event/state.h"

#define PULSE_SAMPLES 300    /* that are kept */
#define PULSE_LATEST 4096    /* handshakes of a role that are kept */
#define PULSE_LATEST_S 60    /* and for so long */
#define PULSE_RATE_SAMPLES 5 /* that rates of transitions are taken of */

/* X(NAME): what is counted at each sample. */
#define PULSE_COUNTS(X) \
	X(OPENED)       \
	X(CLOSED)       \
	X(FAILED)

enum pulse_count {
#define X(NAME) PULSE_##NAME,
	PULSE_COUNTS(X)
#undef X
		PULSE_COUNT_COUNT
};

/* Sums since the start. */
struct pulse_sums {
	uint64_t of[PULSE_COUNT_COUNT];
};

struct pulse;

/* NULL when there is no memory. */
struct pulse *pulse_new(void);
void pulse_free(struct pulse *pulse);

/* One that stays as this one is now, and is told of nothing. NULL when there is no memory. */
struct pulse *pulse_copy(const struct pulse *pulse);

/* To be told of connections. */
struct consumer *pulse_consumer(struct pulse *pulse);

/* So many lives went through these states, see conn_path(). It tells nothing of handshakes. */
void pulse_add_lives(struct pulse *pulse, uint64_t path, uint64_t count);

/* So many left one state for another, of which nothing else is counted. */
void pulse_add_transitions(struct pulse *pulse, enum tcp_state from, enum tcp_state to,
			   uint64_t count);

/* The handshakes of a role that came last. */
struct pulse_latest {
	uint64_t took_ns[PULSE_LATEST], at_ns[PULSE_LATEST];
	size_t count; /* since the start: the next one goes to count % PULSE_LATEST */
};

/* Where that of a life like this goes, if it was open; NULL: it is not counted. */
struct pulse_latest *pulse_latest_of(struct pulse *pulse, const struct conn *c);

/* One of which both are known. */
static inline void pulse_latest_put(struct pulse_latest *latest, uint64_t took_ns, uint64_t at_ns)
{
	size_t place = latest->count++ % PULSE_LATEST;

	latest->took_ns[place] = took_ns;
	latest->at_ns[place] = at_ns;
}

static inline void pulse_latest_add(struct pulse_latest *latest, uint64_t took_ns, uint64_t at_ns)
{
	if (took_ns != TIME_UNKNOWN && at_ns != TIME_UNKNOWN)
		pulse_latest_put(latest, took_ns, at_ns);
}

/* Takes a sample: the rates are those between two of them. Times may not go back. */
void pulse_sample(struct pulse *pulse, uint64_t now_ns, const struct pulse_sums *sums);

/* When the last sample was taken; 0: none was. */
uint64_t pulse_sampled_ns(const struct pulse *pulse);

/* For how long, until the last sample, no sample has differed from the one before, in ns. */
uint64_t pulse_calm_ns(const struct pulse *pulse);

/* The rate a second, `age` samples before the last; below 0: there are not that many. */
double pulse_rate(const struct pulse *pulse, enum pulse_count count, size_t age);

/* Of a transition since the start, and how many a second; below 0: nobody can say yet. */
uint64_t pulse_transitions(const struct pulse *pulse, enum tcp_state from, enum tcp_state to);
double pulse_transition_rate(const struct pulse *pulse, enum tcp_state from, enum tcp_state to);

/* Percentiles of the latest exact handshakes, as far as they are no older than PULSE_LATEST_S. */
struct pulse_latency {
	size_t count;
	uint64_t p50_ns, p99_ns; /* with a count above 0 */
};

void pulse_handshakes(struct pulse *pulse, enum conn_role role, uint64_t now_ns,
		      struct pulse_latency *ret_latency);

#endif
