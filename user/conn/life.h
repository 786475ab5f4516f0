/* SPDX-License-Identifier: GPL-2.0-only */
/* The state machine of one connection: what each event makes of its life. */
#ifndef USER_CONN_LIFE_H
#define USER_CONN_LIFE_H

#include <stdbool.h>

#include "user/conn/conn.h"
#include "user/event/socket.h"

/* Whether the event is the first of a connection: a connect, or the birth of a server's child. */
bool life_is_birth(const struct event *e);

/*
 * Makes `c` the connection that `e` is the first event of, before the event itself is applied. Of
 * what a request says of a child that is not born yet, step_ns[0] keeps the time.
 * In mid-life it is older than the tracer (seeded) or, when `lossy`, may have lost its birth (a
 * gap).
 */
void life_begin(struct conn *c, const struct event *e, bool lossy);

struct seed;

/* Its addresses and ports, and what it is called by both its ends. */
void life_learn_ends(struct conn *c, const struct seed *seed);

/* What else a snapshot tells of a connection in mid-life. */
void life_adopt(struct conn *c, const struct seed *seed, enum conn_role role);

/* Whether two hooks told of the same transition and this is the second telling. */
bool life_is_repeated(const struct conn *c, const struct event *e);

/* When `c` is not in state `from`, where the next event starts, puts the lost steps in. */
void life_heal(struct conn *c, enum tcp_state from);

/* Its last step is TIME_WAIT, into which only a connection comes that is closed in order. */
void life_note_time_wait(struct conn *c);

/* What is told of by hooks beside the state family's: its absence means something then. */
struct life_sight {
	bool timewaits;	  /* a CLOSE names the timewait socket that takes over, or there is none */
	bool polls;	  /* instead of this: which are there is looked at again and again */
	bool requests;	  /* a PASSIVE tells of an ACK that was dropped */
	bool resets;	  /* a RESET tells of each reset ... */
	bool resets_lost; /* ... but for those that were lost */
	bool connects;	  /* a CONNECT tells of each connect that fails before its SYN */
	bool accepts;	  /* an ACCEPT tells of accepts; not of all, where listeners are told of */
};

/*
 * Applies a transition, and sets CONN_FINISHED with the last; CONN_AWAITED as well where its cause
 * is yet to be decided by what follows: then life_settle is to be called, at the latest when
 * nothing does. Where that decides whether a timewait socket has taken over, CONN_AWAITED alone.
 */
void life_step(struct conn *c, const struct event *e, const struct life_sight *sight);

/*
 * Whether the kernel's first round trip, `srtt_us`, is all that is to be known of the handshake of
 * a server's child: nothing was sent twice, and no record of its request has come.
 */
bool life_is_round_trip(uint64_t birth_ns, uint64_t established_ns, uint32_t srtt_us,
			bool requests);

/* Whether it is to be seen yet that a timewait socket has taken over, where it is in FIN_WAIT2. */
bool life_is_put_off(const struct conn *c);

struct event_steps_at;

/* It passes through `count` steps from `first` on, in the middle of its life; no more is told. */
void life_pass(struct conn *c, const struct event_steps_at *steps, unsigned int first,
	       unsigned int count);

/* What a RESET record says of it. Returns whether it is what an awaited one has waited for. */
bool life_reset(struct conn *c, const struct event *e);

/* The SYN-ACK of a fast open was sent again, whose child is there already. */
void life_send_synack_again(struct conn *c);

/* An error was reported to its owner, who may have asked for it, so that the socket forgot it. */
void life_error(struct conn *c, const struct event *e);

/* Decides the cause of an awaited one by all that has come. */
void life_settle(struct conn *c, const struct life_sight *sight);

/*
 * Makes `c` a connect that failed before the socket left CLOSED, which is all that was ever of it.
 */
void life_fail(struct conn *c, const struct event *e);

/* What the request of a server's child says, before or after the child's birth is told. */
void life_passive(struct conn *c, const struct event *e);

/* A task accepted it. */
void life_accept(struct conn *c, const struct event *e);

struct listener_owner;

/* Nobody sees who accepts it, but whose its listener is. */
void life_own_by_listener(struct conn *c, const struct listener_owner *owner);

/* What a TIMEWAIT record that is not about its birth says of a connection's timewait socket. */
void life_timewait(struct conn *c, const struct event *e);

/* The timewait socket is over; `act` says how. */
void life_end_timewait(struct conn *c, enum event_timewait_act act, uint64_t mono_ns);

/*
 * What a look says of a connection in a timewait socket: it is there. `before_ns`: the last look
 * before, 0: none. Returns false when it is another connection's, which took its ends over.
 */
bool life_see_timewait(struct conn *c, const struct socket_info *info, uint64_t before_ns);

/* It was there at `before_ns` (0: nobody has looked), and is gone at `now_ns`. */
void life_miss_timewait(struct conn *c, uint64_t before_ns, uint64_t now_ns);

/* The same, and its network namespace is, too. */
void life_purge_timewait(struct conn *c, uint64_t before_ns, uint64_t now_ns);

/* Its ends are another connection's since `mono_ns`, or TIME_UNKNOWN. */
void life_reuse_timewait(struct conn *c, uint64_t mono_ns);

/* Nobody can say what becomes of its timewait socket. */
void life_leave_timewait(struct conn *c);

/* The end was lost with its events: closes the life with an unknown outcome. */
void life_end_unseen(struct conn *c);

/* A server's child that is not yet a connection: nobody is told before it is. */
bool life_is_embryo(const struct conn *c);

/* A server's child that lost a race or found no memory: it never was a connection. */
bool life_is_stillborn(const struct conn *c);

/* The transition into step `step`. */
void life_transition(const struct conn *c, unsigned int step, struct transition *ret_transition);

#endif
