/* SPDX-License-Identifier: GPL-2.0-only */
/* Which one of many connections is to be told of. */
#ifndef USER_CONN_CHOICE_H
#define USER_CONN_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "user/conn/conn.h"

enum choice_kind {
	CHOICE_FIRST, /* the first one that begins */
	CHOICE_ID,
	CHOICE_ENDPOINTS,
	CHOICE_SLOWEST_HANDSHAKE,
	CHOICE_LONGEST, /* the longest stay in a state */
};

/* One side of a connection; what is not said fits any. */
struct endpoint {
	bool has_address;
	struct address address;
	char interface[CONN_IFNAME_SIZE]; /* "": any */
	uint16_t port;			  /* 0: any */
};

struct choice {
	enum choice_kind kind;
	bool has_failed; /* of those that have, and of which is known why */
	uint64_t id;
	enum tcp_state state;
	bool has_both; /* ends[0] is the local side, ends[1] the remote one; else ends[0] is any */
	struct endpoint ends[2];
};

/*
 * Reads "ADDR:PORT" or "LADDR:PORT-RADDR:PORT", where ADDR or PORT may be missing, an IPv6 address
 * stands in brackets, and % and an interface may follow an address, and makes it the choice.
 * Returns 0, or -EINVAL.
 */
int choice_parse_endpoints(const char *text, struct choice *ret_choice);

/* Whether this connection is meant; of those that are compared, all are. */
bool choice_fits(const struct choice *choice, const struct conn *c);

/*
 * What is compared: the more, the better; `now_ns` is for one that lives. 0 where there is nothing
 * to compare, as of kinds that take the first one that fits.
 */
uint64_t choice_rank(const struct choice *choice, const struct conn *c, uint64_t now_ns);

/* Whether the first one that fits is taken, and told of once it is over. */
bool choice_is_first(const struct choice *choice);

/* Whether one older than the tracing is as good as any: it was named, or is the first to fail. */
bool choice_is_exact(const struct choice *choice);

#endif
