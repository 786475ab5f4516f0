/* SPDX-License-Identifier: GPL-2.0-only */
/* Who is stuck when the run ends: kinds by state, process and service, the largest first. */
#ifndef USER_AGGREGATE_HANGS_H
#define USER_AGGREGATE_HANGS_H

#include <stddef.h>
#include <stdint.h>

#include "user/conn/consumer.h"

struct conn_table;

#define HANGS_KINDS 64 /* that are told of one by one */

struct hang {
	struct conn example; /* the oldest of them */
	uint64_t count, oldest_ns;
	bool is_older; /* at least: nobody saw it get there */
};

struct hangs {
	struct consumer consumer;
	size_t kinds;
	uint64_t rest; /* of other kinds */
	/* Before it is told who is alive: theirs, if each accept was seen; NULL: nobody knows. */
	const struct conn_table *accepts;
	struct hang kind[HANGS_KINDS];
};

void hangs_init(struct hangs *hangs);
void hangs_sort(struct hangs *hangs);

#endif
