/* SPDX-License-Identifier: GPL-2.0-only */
/* The states of RFC 9293 under the kernel's numbers, their names in every spelling users have. */
#ifndef USER_EVENT_STATE_H
#define USER_EVENT_STATE_H

#include <stdbool.h>
#include <stdint.h>

/* X(NAME, number): the contract's names; numbers of include/net/tcp_states.h. */
#define TCP_STATES(X)     \
	X(ESTABLISHED, 1) \
	X(SYN_SENT, 2)    \
	X(SYN_RECV, 3)    \
	X(FIN_WAIT1, 4)   \
	X(FIN_WAIT2, 5)   \
	X(TIME_WAIT, 6)   \
	X(CLOSED, 7)      \
	X(CLOSE_WAIT, 8)  \
	X(LAST_ACK, 9)    \
	X(LISTEN, 10)     \
	X(CLOSING, 11)

enum tcp_state {
#define X(NAME, number) STATE_##NAME = number,
	TCP_STATES(X)
#undef X
		STATE_COUNT
};

/* "ESTABLISHED" and so on; "UNKNOWN" for a number that is none. */
const char *state_name(enum tcp_state state);

/* "established" and so on, for metric names; "unknown" for a number that is none. */
const char *state_lower_name(enum tcp_state state);

/*
 * Reads a state in the kernel's, ss's or RFC 9293's spelling, either case ("ESTAB", "syn-recv",
 * "SYN-RECEIVED", "FIN_WAIT_1", "CLOSE"); what parts the words may be missing ("CLOSEWAIT").
 * Returns 0 and the state in `ret_state`, or -EINVAL.
 */
int state_parse(const char *text, enum tcp_state *ret_state);

bool state_is_valid(unsigned int number);

/* Whether RFC 9293 (figure 5, and its resets and timeouts) has an arrow from `from` to `to`. */
bool state_is_legal(enum tcp_state from, enum tcp_state to);

/* Whether a segment that acknowledges begins it: it is as old as the last ACK, or older. */
bool state_begins_with_ack(enum tcp_state state);

/*
 * The state that must lie between `from` and `to` when no arrow joins them but two do, for healing
 * a lost event; 0 when there is none or more than one.
 */
enum tcp_state state_between(enum tcp_state from, enum tcp_state to);

#endif
