/* SPDX-License-Identifier: GPL-2.0-only */
/* A connection to itself, traced: the proof that tracing works on this machine. */
#ifndef USER_COMMAND_CHECK_SELFTEST_H
#define USER_COMMAND_CHECK_SELFTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "user/conn/table.h"
#include "user/event/counters.h"
#include "user/kernel/planner.h"
#include "user/option/options.h"

struct selftest {
	bool ok;
	bool own_namespace;	       /* it ran in a network namespace of its own */
	unsigned int clients, servers; /* whole lives that were seen */
	uint64_t client_ns, server_ns; /* handshake latencies; TIME_UNKNOWN */
	uint64_t lost;		       /* records */
	uint64_t duration_ns;
	struct event_counters events;
	struct conn_counts connections;
	bool is_seen_in_part;	       /* not ok, and that is all there is to say */
	char reason[PLAN_REASON_SIZE]; /* when not ok */
};

/*
 * Makes one loopback connection, in a network namespace of its own where that is permitted (the
 * process stays in it), and looks whether both of its ends were traced from birth to close.
 */
void selftest_run(enum attach attach, struct selftest *ret_result);

#endif
