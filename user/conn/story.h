/* SPDX-License-Identifier: GPL-2.0-only */
/* The story of a connection: its life, and the sequence numbers that its events told. */
#ifndef USER_CONN_STORY_H
#define USER_CONN_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/conn/conn.h"
#include "user/event/socket.h"

/*
 * X(NAME): the numbers that one end's kernel knows.
 *
 * SYN         of our SYN
 * PEER_SYN    of the peer's
 * FIN         of our FIN
 * FIN_ACK     what our FIN acknowledges, when it is ready to leave
 * PEER_FIN    of the peer's FIN
 * REPLY       ours, in the ACK of the peer's FIN
 * PEER_REPLY  the peer's, in its ACK of our FIN
 */
#define STORY_NUMBERS(X) \
	X(SYN)           \
	X(PEER_SYN)      \
	X(FIN)           \
	X(FIN_ACK)       \
	X(PEER_FIN)      \
	X(REPLY)         \
	X(PEER_REPLY)

enum story_number {
#define X(NAME) STORY_##NAME,
	STORY_NUMBERS(X)
#undef X
		STORY_NUMBER_COUNT
};

/* Whether the ACK of a FIN left by itself, before the FIN of the same side. */
enum story_apart { STORY_APART_UNKNOWN, STORY_APART, STORY_TOGETHER };

#define STORY_SYNS 8   /* times that are kept; conn.handshake_retransmits counts them all */
#define STORY_REARMS 3 /* times that are kept; conn.time_wait_rearms counts them all */

struct story {
	struct conn conn; /* as of its last event; of no table */
	uint32_t number[STORY_NUMBER_COUNT];
	uint8_t known; /* a set of 1 << enum story_number */
	uint8_t reply; /* enum story_apart, of our ACK of the peer's FIN */
	uint8_t peer_reply;
	uint8_t rearm_count;
	uint8_t syn_count;
	uint64_t syn_ns[STORY_SYNS];	    /* when our SYN was sent again */
	uint64_t reset_in_ns, reset_out_ns; /* the last reset that came, and that left; 0: none */
	uint64_t rearm_ns[STORY_REARMS];    /* when a segment made TIME_WAIT begin again */
	/* Payload of each way when it was looked at last, and was ESTABLISHED. */
	uint64_t sent, received;
	bool has_counts;
};

bool story_knows(const struct story *story, enum story_number number);

/* A story that begins with `c`. */
void story_begin(struct story *story, const struct conn *c);

/* `e` has been applied, and made `c` of the connection. */
void story_add(struct story *story, const struct conn *c, const struct event *e);

/*
 * Its socket was looked at: what that tells of the numbers, and was not known, is known then, and
 * how much it has carried until now.
 */
void story_see(struct story *story, const struct socket_info *info);

/* Whether a look at its socket, as it is now, may tell a number that is not known. */
bool story_lacks_numbers(const struct story *story);

/* The step with this state, or -1; of a state that it was in twice, the first. */
int story_step(const struct story *story, enum tcp_state state);

/*
 * Whether these are the two ends of one connection: endpoints that are each other's, lives that
 * overlap as far as their times are known, and numbers that both know and that agree. Addresses
 * alone do not tell: two network namespaces, or two links, may have the same ones at a time. Of two
 * recordings, whose clocks may differ and between whose machines addresses may be changed, the flow
 * tells, if both know it.
 */
bool story_is_other_end(const struct story *one, const struct story *other);

/* Whether its socket is connected to itself, and so is both ends. */
bool story_is_both_ends(const struct story *story);

/* A bounded set of stories: of the connections that live, and of those that ended of late. */
struct story_book;

/*
 * At most `max` stories, at least 1; of the user who has most of them, the one that changed least
 * recently makes room.
 */
struct story_book *story_book_new(size_t max);
void story_book_free(struct story_book *book);

/* The story of `c`, a new one if there is none. NULL when there is no memory. */
struct story *story_book_open(struct story_book *book, const struct conn *c);

/* NULL when there is none. */
struct story *story_book_find(struct story_book *book, uint64_t id);

/* The story of the other end; NULL when there is none. Looks at all stories. */
const struct story *story_book_find_other_end(const struct story_book *book,
					      const struct story *story);

/* Stories that were forgotten before their connection was over. */
uint64_t story_book_forgotten(const struct story_book *book);

/* Whose they were. */
const struct payers *story_book_payers(const struct story_book *book);

#endif
