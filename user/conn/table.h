/* SPDX-License-Identifier: GPL-2.0-only */
/* The connection table: events in, connections and their transitions out. */
#ifndef USER_CONN_TABLE_H
#define USER_CONN_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/base/hash.h"
#include "user/base/shares.h"
#include "user/conn/conn.h"
#include "user/conn/consumer.h"
#include "user/conn/filter.h"
#include "user/conn/resent.h"
#include "user/conn/subflows.h"
#include "user/event/bundle.h"
#include "user/event/socket.h"

/* Of wanted connections. opened + seeded + restored = live + closed + evicted. */
struct conn_counts {
	uint64_t opened;     /* seen from their birth: by a SYN that was sent, or that came */
	uint64_t closed;     /* CLOSED, or in TIME_WAIT */
	uint64_t live;	     /* neither */
	uint64_t seeded;     /* older than the tracer */
	uint64_t restored;   /* put into the kernel as they were, by TCP_REPAIR */
	uint64_t unsent;     /* connects that ended without a SYN, which are none of the others */
	uint64_t incomplete; /* of those that are over, with a part of the life missing */
	uint64_t older_over; /* of these, those that are older than the tracer */
	uint64_t evicted;    /* forgotten alive, for lack of room */
	/* forgotten in TIME_WAIT: their closing was told, their end not */
	uint64_t time_waits_evicted;
	uint64_t gaps; /* lost events that were healed */
	/*
	 * Whole lives, wanted or not, that an event did not go on from where the one before had led
	 * to: so many events were lost at least, whether anybody counted them or not.
	 */
	uint64_t contradictions;
	uint64_t witnessed;	/* transitions that only the second witness told of */
	uint64_t children_lost; /* server children that died before they were connections */
	uint64_t half_open[HALF_OPEN_END_COUNT]; /* requests that died, by their end */
	/*
	 * Of the namespaces that are wanted, whosever they are, as far as the kernel's side has not
	 * filtered them: what leaves connections out is to tell of `wanted` instead.
	 */
	uint64_t resets_sent, resets_received;
	uint64_t resets_stray;				  /* sent where there is no connection */
	uint64_t retransmits[EVENT_RETRANSMIT_PROBE + 1]; /* by enum event_retransmit_cause */
	/* The same of connections that are wanted. Whose a SYN-ACK's request is nobody knows. */
	struct {
		uint64_t resets_sent, resets_received;
		uint64_t retransmits[EVENT_RETRANSMIT_PROBE + 1];
	} wanted;
	uint64_t resyncs;	     /* snapshots that the table was compared with after a loss */
	uint64_t seeds_left_out;     /* older than the tracer, and no room for them */
	uint64_t listeners_left_out; /* no room for them: owners of their connections are unknown */
};

/* Those of which a part is missing because something was lost. */
static inline uint64_t conn_counts_damaged(const struct conn_counts *c)
{
	return c->incomplete - c->older_over;
}

/* Requests that died. */
static inline uint64_t conn_counts_half_open(const struct conn_counts *c)
{
	uint64_t sum = 0;

	for (unsigned int end = 0; end < HALF_OPEN_END_COUNT; end++)
		sum += c->half_open[end];
	return sum;
}

/* Whatever can have failed: connections that are over, connects without a SYN, and requests. */
static inline uint64_t conn_counts_ended(const struct conn_counts *c)
{
	return c->closed + c->unsent + conn_counts_half_open(c);
}

struct conn_table;

#define CONN_FETCH 64
#define CONN_SEED_ID (UINT64_C(1) << 29)
#define CONN_OLDER_ID (UINT64_C(1) << 30)

/*
 * At most `max` connections, at least 1; of the user who has most of them, in the network namespace
 * where most of these are, the one that changed least recently makes room. `filter` is copied;
 * `consumers`, which live as long, are told; NULL: nobody is. NULL when there is no memory.
 */
struct conn_table *conn_table_new(size_t max, const struct conn_filter *filter,
				  const struct consumer_list *consumers);
void conn_table_free(struct conn_table *table);

/*
 * Fetches the connections of sockets that are known, CONN_FETCH at most, into the processor's
 * caches, because they are about to be looked for: for many at once that takes as long as for one.
 */
void conn_table_fetch(const struct conn_table *table, const uint64_t *socks, size_t count);

/* The same of the place where one that is not known would be found. */
void conn_table_fetch_place(const struct conn_table *table, uint64_t sock);

/* Applies one event. Returns 0, or -ENOMEM (then the event is lost and counted as a gap). */
int conn_table_apply(struct conn_table *table, const struct event *event);

/*
 * The same of a record that says nothing but that a TIME_WAIT is over, where nothing but its end is
 * left to be told of its connection; false: it does not, and nothing was done.
 */
bool conn_table_apply_end(struct conn_table *table, const void *bytes, size_t size);

/* The cgroup that stands for that of a process from now on. */
typedef uint64_t conn_table_meet(void *context, uint64_t cgroup, uint32_t pid);

/*
 * Applies a record that is a life like one before, and asks `meet` for its cgroup; false: it is
 * none that this is known of, and nothing was done.
 */
bool conn_table_apply_like(struct conn_table *table, const void *bytes, size_t size,
			   conn_table_meet *meet, void *context);

/*
 * Applies what is left of a bundle, as its events one by one; a whole life at once, without a place
 * in the table while it is told of.
 */
int conn_table_apply_bundle(struct conn_table *table, struct event_bundle *bundle);

/*
 * From now on a connection has the same number whatever the filter leaves of the others: the number
 * of its birth; or from CONN_OLDER_ID on if that was not heard of or there was none, as where a
 * connect never left CLOSED, from CONN_SEED_ID on if a snapshot told of it.
 */
void conn_table_number_births(struct conn_table *table);

/* From now on the life of a connection goes on in its timewait socket. */
void conn_table_expect_timewaits(struct conn_table *table);

/*
 * From now on its end is told by polls: a connection in a timewait socket is known by its ends.
 * Their namespaces, and what there is in them, are kept apart from that of a snapshot.
 */
void conn_table_expect_polls(struct conn_table *table);

/* From now on a server's child owes to its request only what a PASSIVE record says. */
void conn_table_expect_requests(struct conn_table *table);

/* From now on a CONNECT says with which error a connect failed that sent no SYN. */
void conn_table_expect_connects(struct conn_table *table);

/* From now on an ACCEPT tells who accepted a connection; of its listener's owner, the end. */
void conn_table_expect_accepts(struct conn_table *table);

/* From now on a RESET tells of each reset, so that its absence means something. */
void conn_table_expect_resets(struct conn_table *table);

/* The name behind conn.congestion, in printable ASCII; NULL: unknown. */
const char *conn_table_congestion(const struct conn_table *table, uint8_t number);

/* From now on a RETRANSMIT tells of each segment that is sent again. */
void conn_table_expect_retransmits(struct conn_table *table);

/*
 * How often segments of a connection in the table were sent again, and why; SYN-ACKs are those of
 * its handshake. False: it is not known for each.
 */
bool conn_table_resent(const struct conn_table *table, const struct conn *c,
		       struct resent *ret_resent);

/* From now on that is known of connections that are gone as well, while there is room. */
void conn_table_keep_openers(struct conn_table *table);

/* The number of the stack that connected, or accepted it; 0: unknown. */
uint64_t conn_table_opener(const struct conn_table *table, const struct conn *c);

/* Which one a connection in the table is of which MPTCP connection, as far as that is known. */
struct subflow conn_table_subflow(const struct conn_table *table, const struct conn *c);

/* How many subflows that one has, this one included; all 0: unknown. */
struct subflows_count conn_table_subflows(const struct conn_table *table, const struct conn *c);

/*
 * Decides what only time tells, as of `now_ns` of CLOCK_MONOTONIC: a timewait socket whose timer
 * was stopped and neither started again nor fired was killed; a closed one that has sent no reset
 * so far will send none. To be called after each batch.
 */
void conn_table_settle(struct conn_table *table, uint64_t now_ns);

/* What a snapshot is taken for. */
enum conn_snapshot_use {
	CONN_SNAPSHOT_SEED = 1 << 0, /* connections that are not known are to be */
	CONN_SNAPSHOT_SYNC = 1 << 1, /* records were lost: set right what is known otherwise */
	CONN_SNAPSHOT_KNOW = 1 << 2, /* what is heard of later, and is older, is known by it */
};

/*
 * A snapshot of the kernel's sockets begins: conn_table_see() is called for each, _miss() for each
 * namespace whose sockets could not be seen, then _end(). Events may come meanwhile, and those that
 * happened meanwhile come later: the comparison waits for them, and conn_table_settle() makes it.
 * Returns 0, -ENOMEM, or -EBUSY while there is another.
 */
int conn_table_begin_snapshot(struct conn_table *table, unsigned int use, uint64_t now_ns);
void conn_table_see(struct conn_table *table, const struct socket_info *info);
void conn_table_miss(struct conn_table *table, uint32_t netns);
void conn_table_end_snapshot(struct conn_table *table, uint64_t now_ns);
/* Instead of _end: it could not be taken. */
void conn_table_drop_snapshot(struct conn_table *table);

/*
 * The same for a socket of a snapshot that a recording has: it begins with the first of them, and
 * ends with the next event that is applied.
 */
void conn_table_see_recorded(struct conn_table *table, unsigned int use,
			     const struct socket_info *info);

struct seed;

/*
 * What a snapshot with CONN_SNAPSHOT_KNOW found of a connection that has not changed since; NULL:
 * nothing. Valid until the next event.
 */
const struct seed *conn_table_seed(const struct conn_table *table, const struct conn *c);

/* The connection of a socket, as the records name it; NULL: none is known. */
const struct conn *conn_table_find(const struct conn_table *table, uint64_t sock);

/* Whether a poll would tell of anything. */
bool conn_table_needs_poll(const struct conn_table *table);

/*
 * The next poll is the last, and all that was told until now has been applied: who is put off until
 * a reset may have come is handed over at once, and the poll before it is concluded.
 */
void conn_table_hasten_polls(struct conn_table *table);

/*
 * A poll of the kernel's timewait sockets begins: of each namespace that it wants,
 * conn_table_poll_socket() is called for each such socket, then _poll_looked(), or _poll_missed()
 * if they could not be seen; then _end_poll() once. That its ends are used again is told by events:
 * conn_table_settle() concludes. Returns 0, -ENOMEM, or -EBUSY while there is another.
 */
int conn_table_begin_poll(struct conn_table *table, uint64_t now_ns);
bool conn_table_wants_poll(const struct conn_table *table, uint32_t netns);
void conn_table_poll_socket(struct conn_table *table, const struct socket_info *info);
void conn_table_poll_looked(struct conn_table *table, uint32_t netns);
void conn_table_poll_missed(struct conn_table *table, uint32_t netns);
/* A namespace was not found: the next poll is to look for those that only a file holds, too. */
bool conn_table_must_search(const struct conn_table *table);
/* `searched`: it did; `hidden`: but some may not have shown. */
void conn_table_end_poll(struct conn_table *table, uint64_t now_ns, bool searched, bool hidden);

/* Whether a snapshot has not been compared with it so far. */
bool conn_table_is_comparing(const struct conn_table *table);

/* When conn_table_settle() is to be called even if no event comes; or TIME_UNKNOWN. */
uint64_t conn_table_settle_at(const struct conn_table *table);

/* From now on an unknown socket in mid-life may be a lost birth rather than an old connection. */
void conn_table_note_loss(struct conn_table *table);

/* Tells of all steps of wanted connections that have been put off until the close. */
void conn_table_tell_steps(struct conn_table *table);

/* No more will be heard: decides who is wanted, and whose it is, by what is known. */
void conn_table_conclude(struct conn_table *table);

/* The same, then tells of each wanted connection in the table that it is alive. */
void conn_table_tell_alive(struct conn_table *table, uint64_t now_ns);

/* Calls `visit` for each wanted connection in the table, the least recently changed first. */
void conn_table_each(struct conn_table *table, void (*visit)(void *context, const struct conn *c),
		     void *context);

/* Places of the table that lie side by side; in those that are taken is one with flags. */
struct conn_span {
	const struct conn *first;
	uint32_t count;
	uint32_t end; /* so many places were in this one and those before */
};

/* The first one behind zeroes. False: there is no more. Only those with CONN_WANTED are wanted. */
bool conn_table_next_span(const struct conn_table *table, struct conn_span *span);

/*
 * The same as conn_table_each in the order of memory, which is a lot faster where there are many.
 */
void conn_table_scan(const struct conn_table *table,
		     void (*visit)(void *context, const struct conn *c), void *context);

const struct conn_counts *conn_table_counts(const struct conn_table *table);

/* Whose connections were evicted, by user and network namespace: those who had most of them. */
const struct payers *conn_table_payers(const struct conn_table *table);
/* The same of listeners, whose connections have no owner then; NULL: none is told of. */
const struct payers *conn_table_listener_payers(const struct conn_table *table);
/* The same of connections that are older than the tracer, and found no room. */
const struct payers *conn_table_seed_payers(const struct conn_table *table);

/* Connections of which is not known what was sent again, for lack of room; NULL: there are none. */
const struct crowd *conn_table_resent_crowd(const struct conn_table *table);

/* Bytes of memory the table holds now. */
size_t conn_table_bytes(const struct conn_table *table);

/* What one takes, but for what some connections have beside, when it is full. */
uint64_t conn_table_bytes_most(size_t max);

/* Walks the whole index: for tests and benchmarks, not for a run. */
struct hash_probes conn_table_probes(const struct conn_table *table);

#endif
