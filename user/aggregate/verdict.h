/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run comes to in a few statements, the worst first, each with its numbers. */
#ifndef USER_AGGREGATE_VERDICT_H
#define USER_AGGREGATE_VERDICT_H

#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/report.h"

/*
 * X(NAME): what is stated.
 *
 * EMPTY        no connection was seen
 * LOST         n[0] events were lost
 * DAMAGED      not all of the recording could be read
 * PARTIAL      parts of it are not here
 * FAILED       n[0] of n[1] failed, n[2] of them for `cause`, the commonest one
 * STUCK        n[0] hang in `state`, the oldest for ns[0]
 * UNACCEPTED   n[0] wait for somebody to accept them, the oldest for ns[0]
 * OVERFLOWS    listeners dropped n[0], n[1] for want of room in the accept queue
 * ACCEPT_SLOW  a hundredth of n[0] waited longer than ns[0] to be accepted
 * RESENT       a hundredth of n[0] handshakes of clients took longer than ns[0]: a SYN was lost
 * PORTS        n[0] ports at a time to one destination, where the usual range has n[1]
 * HALF_OPEN    n[0] requests never became a connection
 * INCOMPLETE   of n[0] of n[1] connections a part is not known
 * ORDERLY      all of n[0] that ended did so in order
 * CONNECTIONS  n[0] opened, n[1] closed, n[2] live
 * CLIENTS      n[0] handshakes of clients, half within ns[0], all but a hundredth within ns[1]
 * SERVERS      the same of servers
 * TIME_WAITS   n[0] TIME_WAITs, half within ns[0]
 * CHANGED      n[0] of n[1] numbers differ from another run, most of all `row`
 * SAME         none of n[0] numbers does
 */
#define VERDICTS(X)    \
	X(EMPTY)       \
	X(LOST)        \
	X(DAMAGED)     \
	X(PARTIAL)     \
	X(FAILED)      \
	X(STUCK)       \
	X(UNACCEPTED)  \
	X(OVERFLOWS)   \
	X(ACCEPT_SLOW) \
	X(RESENT)      \
	X(PORTS)       \
	X(HALF_OPEN)   \
	X(INCOMPLETE)  \
	X(ORDERLY)     \
	X(CONNECTIONS) \
	X(CLIENTS)     \
	X(SERVERS)     \
	X(TIME_WAITS)  \
	X(CHANGED)     \
	X(SAME)

enum verdict_kind {
#define X(NAME) VERDICT_##NAME,
	VERDICTS(X)
#undef X
		VERDICT_COUNT
};

/* How bad it is. */
enum verdict_grade { VERDICT_FINE, VERDICT_WORTH_A_LOOK, VERDICT_BAD };

struct verdict {
	enum verdict_kind kind;
	enum verdict_grade grade;
	uint64_t weight; /* of two of a grade, the heavier one comes first */
	uint64_t n[3], ns[2];
	enum conn_cause cause;
	enum tcp_state state;
	const struct difference_row *row;
};

#define VERDICTS_LEAST 3
#define VERDICTS_MOST 5

/* Returns how many there are: from LEAST to MOST, unless there is not that much to say. */
size_t verdict_find(const struct report *report, const struct report_rows *rows,
		    struct verdict ret_verdicts[VERDICTS_MOST]);

#endif
