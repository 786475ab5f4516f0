/* SPDX-License-Identifier: GPL-2.0-only */
/* Both ends of a connection side by side: whose time it was, what they tell differently, clocks. */
#ifndef USER_FLEET_PAIR_H
#define USER_FLEET_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/fleet/answer.h"
#include "user/fleet/table.h"

#define PAIR_END_FACTS 15 /* of each end, in the order of question_pairs */
#define PAIR_FACTS (1 + 2 * PAIR_END_FACTS)

/* The columns of what is told of a pair. */
extern const struct table_column pair_columns[];
extern const size_t pair_column_count;

/* One end, as far as it is known; TIME_UNKNOWN, and -1 of counts, where it is not. */
struct pair_end {
	uint64_t start_ns;     /* since 1970, by the clock of that machine */
	uint64_t handshake_ns; /* of a client SYN to ESTABLISHED, of a server SYN-ACK to ACK */
	int64_t handshake_retransmits;
	uint64_t min_rtt_ns, accept_wait_ns;
	bool is_complete, is_open, has_reset_sent, has_reset_received, has_sent_fin, has_seen_fin;
};

/* The server's clock less the client's lies within `bound_ns` of `offset_ns`. */
struct pair_offset {
	bool is_known;
	int64_t offset_ns;
	uint64_t bound_ns;
};

struct pair_offset pair_offset_of(const struct pair_end *client, const struct pair_end *server);

/* Whose time it was: "network", "server", NULL: nobody can tell; `ret_why` is a sentence. */
const char *pair_time_of(const struct pair_end *client, const struct pair_end *server,
			 const char **ret_why);

/* What one end did and the other did not see, in a sentence; NULL: nothing is known of that. */
const char *pair_difference(const struct pair_end *client, const struct pair_end *server);

/* Adds a row, of PAIR_FACTS values of question_pairs. */
void pair_add(struct table *table, const struct answer_value *facts);

#endif
