/* SPDX-License-Identifier: GPL-2.0-only */
/* Inside of the connection table: who is in it, who is wanted, and what of them is told. */
#ifndef USER_CONN_MEMBERS_H
#define USER_CONN_MEMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/base/hash.h"
#include "user/base/shares.h"
#include "user/conn/audience.h"
#include "user/conn/congestion.h"
#include "user/conn/deferred.h"
#include "user/conn/life.h"
#include "user/conn/openers.h"
#include "user/conn/polling.h"
#include "user/conn/scopes.h"
#include "user/conn/shape.h"
#include "user/conn/store.h"
#include "user/conn/subflows.h"
#include "user/conn/table.h"
#include "user/conn/timewait.h"
#include "user/conn/told.h"

/* enum conn_snapshot_use: it comes from a recording. */
#define CONN_SNAPSHOT_READ (1u << 7)

struct conn_table {
	struct conn_filter filter;
	struct audience audience;
	struct conn_counts counts;
	uint64_t next_id, applied; /* so many events */
	uint64_t turn;		   /* how often it was settled, and one */
	bool numbers_births;
	bool wants_all; /* the filter rules nothing out */
	bool lossy;
	struct life_sight sight;
	struct resent_set *resent; /* NULL: nothing has been sent again */
	bool sees_retransmits;
	struct listeners *listeners; /* NULL: none is told of, for there is no need */

	struct subflows *subflows; /* NULL: no subflow has been heard of */
	struct openers *openers;   /* NULL: no code that opens any has */
	struct scopes *scopes;	   /* NULL: nothing is bound to an interface */

	struct snapshot *snapshot; /* that waits to be compared with; NULL: none */
	unsigned int snapshot_use; /* enum conn_snapshot_use */
	struct snapshot *known;	   /* one that was taken to know older ones by; NULL: none */
	uint64_t snapshot_seen_ns; /* CONN_SNAPSHOT_READ: the last of its sockets */
	uint64_t seeds;		   /* so many were numbered */

	struct polling polling;
	uint32_t polled;	  /* connections that are CONN_POLLED */
	struct hash_key ends_key; /* of what stands for their sockets */

	struct timewait_waiting waiting;
	struct deferred_list cancelled; /* timewait sockets whose timer was stopped; why? */
	struct deferred_list awaited;	/* closed sockets that may send a reset (CONN_AWAITED) */
	struct told_errors told;	/* by transitions, of connects */
	struct congestion_names congestion;

	struct shapes *shapes; /* of lives that came in one record; NULL: no memory */

	struct shares *shares;	   /* NULL: there was room for all lately */
	struct payers payers;	   /* those whose connections were evicted */
	struct payers seed_payers; /* those whose older ones found no room */

	struct conn_store store;
	struct hash_index index; /* of all that are in the store, by their sockets */
};

/* Room for `max` connections. Returns 0, or -ENOMEM. */
int members_init(struct conn_table *t, uint32_t max);
void members_done(struct conn_table *t);

/*
 * Fetches the connections of these sockets, CONN_FETCH at most, into the processor's caches.
 */
void members_fetch(const struct conn_table *t, const uint64_t *socks, size_t count);

/* The number of the socket's connection, where the search ends; STORE_NOBODY: there is none. */
static inline uint32_t members_search(const struct conn_table *t, uint64_t sock,
				      struct hash_search *ret_search)
{
	struct hash_search s = hash_search_begin(&t->index, hash_u64(&t->index.key, sock));
	uint32_t n = hash_search_next(&t->index, &s);

	while (n != STORE_NOBODY && store_at(&t->store, n)->sock != sock)
		n = hash_search_next(&t->index, &s);
	*ret_search = s;
	return n;
}

/* The socket's connection, or NULL. */
static inline struct conn *members_find(const struct conn_table *t, uint64_t sock)
{
	struct hash_search s;
	uint32_t n = members_search(t, sock, &s);

	return n == STORE_NOBODY ? NULL : store_at(&t->store, n);
}

/*
 * A connection that begins with `e`; the socket must not be in the table. `lossy`: its birth may
 * have been lost. NULL when there is no memory.
 */
struct conn *members_add(struct conn_table *t, const struct event *e, bool lossy);

/* It lives on as another socket, which must not be in the table. */
void members_rename(struct conn_table *t, struct conn *c, uint64_t sock);

void members_remove(struct conn_table *t, struct conn *c);

/*
 * The CLOSE of a connection, which may be in the table or not. False: it never was a connection,
 * and is to be removed without a word.
 */
bool members_close(struct conn_table *t, struct conn *c, const struct event *close);

/* If what is in the table waits for evidence of its cause since `mono_ns`, it is on the list. */
void members_await(struct conn_table *t, struct conn *c, uint64_t mono_ns);

/* If it lives on in a timewait socket, that is what it is known by from now on. */
void members_hand_over(struct conn_table *t, struct conn *c, const struct event *close);

/*
 * A copy of a connection that is not in the table, as the one that changed last; its socket must
 * not be in it either. NULL when there is no memory.
 */
struct conn *members_keep(struct conn_table *t, const struct conn *c);

/*
 * The place of one more, which is to be made there, then put into the table; NULL when there is no
 * memory.
 */
struct conn *members_take(struct conn_table *t, uint32_t *ret_number);
void members_put(struct conn_table *t, struct conn *c, uint32_t number);

/* Judges it by what is known, and counts it when that was the last doubt. */
bool members_is_wanted(struct conn_table *t, struct conn *c);

/* Judges and tells. False: it is over, or unwanted. */
bool members_tell(struct conn_table *t, struct conn *c);

/* No record will add to what its close is judged by. */
bool members_is_decided(const struct conn *c);

/*
 * The same at once, of one that is decided and of which nobody has been told anything; nobody
 * waits for its transitions one by one.
 */
bool members_tell_whole(struct conn_table *t, struct conn *c);

/*
 * After a change: judges, tells, and lets go of what is over or unwanted. False: `c` is no more,
 * as after all that ends a connection.
 */
bool members_follow_up(struct conn_table *t, struct conn *c);

/*
 * Whether one more of these finds room, be it that somebody else's has to make it, who has more
 * than the one who comes even then.
 */
bool members_have_room(struct conn_table *t, const struct share *newcomer);

/* Why it was closed is decided by what is known. */
void members_settle_cause(struct conn_table *t, struct conn *c);

/* The kernel's object is gone, and nobody told of it. */
void members_end_unseen(struct conn_table *t, struct conn *c);

/*
 * The timewait socket is over as `act` says, and with it a connection of which only that is left to
 * be told; false: there is none, or there is more to it.
 */
bool members_end_time_wait(struct conn_table *t, uint64_t sock, enum event_timewait_act act,
			   uint64_t mono_ns);

/* A task has accepted it. */
void members_tell_accepted(const struct conn_table *t, const struct conn *c);

#endif
