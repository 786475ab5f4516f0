// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel's stamps let conclude about the age of a state, and the order of age. */
#include "user/aggregate/stuck.h"

#include <stdlib.h>
#include <string.h>

#include "user/base/units.h"
#include "user/event/socket.h"

static const char *const grip_names[STUCK_GRIP_COUNT] = {
#define X(NAME, name) [STUCK_GRIP_##NAME] = name,
	STUCK_GRIPS(X)
#undef X
};

static const char *const change_names[STUCK_CHANGE_COUNT] = {
#define X(NAME, name) [STUCK_CHANGE_##NAME] = name,
	STUCK_CHANGES(X)
#undef X
};

const char *stuck_change_name(enum stuck_change change)
{
	return change < STUCK_CHANGE_COUNT ? change_names[change] : NULL;
}

const char *stuck_grip_name(enum stuck_grip grip)
{
	return grip < STUCK_GRIP_COUNT ? grip_names[grip] : NULL;
}

/*
 * The states that a healthy connection leaves by itself, with the age from which on it is worth a
 * look: two retransmissions of a SYN or SYN-ACK have passed, some of a FIN, an application had the
 * time to close, and the kernel the 60 s after which it drops what nobody holds.
 */
static const uint64_t sensible_ages_s[STATE_COUNT] = {
	[STATE_SYN_SENT] = 3,	[STATE_SYN_RECV] = 3,	 [STATE_FIN_WAIT1] = 5,
	[STATE_FIN_WAIT2] = 60, [STATE_CLOSE_WAIT] = 10, [STATE_CLOSING] = 5,
	[STATE_LAST_ACK] = 5,
};

bool stuck_is_short(enum tcp_state state)
{
	return state_is_valid(state) && sensible_ages_s[state];
}

uint64_t stuck_sensible_age(enum tcp_state state)
{
	return state_is_valid(state) ? sensible_ages_s[state] * NS_PER_S : 0;
}

/* Each try doubles the wait, of at least 200 ms unless it was made shorter: 6 s, or a dead peer. */
#define RESENT_OVERDUE 5

bool stuck_is_overdue(const struct stuck *s)
{
	switch (s->state) {
	case STATE_FIN_WAIT1:
	case STATE_CLOSING:
	case STATE_LAST_ACK:
		if (s->window_is_zero && s->window_ns >= stuck_sensible_age(s->state))
			return true;
		return s->resent >= RESENT_OVERDUE && s->resent != STUCK_RESENT_UNKNOWN;
	default:
		return false;
	}
}

/* More than this in a second is a download that goes on, not a sign of life now and then. */
#define TRICKLE_BYTES 4096

bool stuck_is_unnoticed(const struct stuck *s, uint64_t bytes_sent)
{
	uint64_t age_s = s->age_at_most_ns / NS_PER_S;

	if (s->state != STATE_CLOSE_WAIT || !s->is_fin_unread ||
	    s->age_at_most_ns < stuck_sensible_age(s->state))
		return false;
	return s->age_at_most_ns == TIME_UNKNOWN || bytes_sent / age_s < TRICKLE_BYTES;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The larger of what is known. */
static uint64_t most(uint64_t a, uint64_t b)
{
	if (a == TIME_UNKNOWN || b == TIME_UNKNOWN)
		return least(a, b);
	return a > b ? a : b;
}

static uint64_t at_least(enum tcp_state state, const struct stuck_stamps *t)
{
	uint64_t ack_ns = socket_age_at_least(t->ack_received_ns);

	if (state_begins_with_ack(state))
		return most(t->at_least_ns, ack_ns);
	if (state == STATE_ESTABLISHED)
		return most(ack_ns, most(socket_age_at_least(t->data_received_ns),
					 socket_age_at_least(t->data_sent_ns)));
	return t->at_least_ns;
}

static uint64_t at_most(enum tcp_state state, const struct stuck_stamps *t)
{
	switch (state) {
	case STATE_CLOSE_WAIT:
		if (t->fin_is_last && t->ack_received_ns != TIME_UNKNOWN)
			return socket_age_at_most(t->ack_received_ns);
		/* No data comes behind the FIN. */
		return least(socket_age_at_most(t->data_received_ns), t->birth_ns);
	case STATE_LAST_ACK:
		return least(socket_age_at_most(t->data_received_ns), t->birth_ns);
	case STATE_FIN_WAIT2:
		return least(socket_age_at_most(t->data_sent_ns), t->birth_ns);
	default:
		return t->birth_ns;
	}
}

void stuck_set_age(struct stuck *s, const struct stuck_stamps *stamps)
{
	s->age_is_exact = stamps->entered_ns != TIME_UNKNOWN;
	s->age_at_most_ns = TIME_UNKNOWN;
	if (s->age_is_exact) {
		s->age_ns = s->age_at_most_ns = stamps->entered_ns;
		return;
	}
	s->age_ns = at_least(s->state, stamps);
	s->age_at_most_ns = at_most(s->state, stamps);
	/* Bounds that contradict each other are of a clock that we do not understand. */
	if (s->age_ns != TIME_UNKNOWN && s->age_at_most_ns < s->age_ns)
		s->age_at_most_ns = TIME_UNKNOWN;
}

static int compare_ages(uint64_t a, uint64_t b)
{
	if (a == b)
		return 0;
	if (a == TIME_UNKNOWN || b == TIME_UNKNOWN)
		return a == TIME_UNKNOWN ? 1 : -1;
	return a > b ? -1 : 1;
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare(const void *a, const void *b)
{
	const struct stuck *x = a, *y = b;
	int order = compare_ages(x->age_ns, y->age_ns);

	if (!order)
		order = compare_numbers(x->c.netns, y->c.netns);
	if (!order)
		order = compare_numbers(x->c.lport, y->c.lport);
	if (!order)
		order = compare_numbers(x->c.rport, y->c.rport);
	if (!order)
		order = memcmp(&x->c.raddr, &y->c.raddr, sizeof(x->c.raddr));
	if (!order)
		order = compare_numbers(x->c.ifindex, y->c.ifindex);
	return order ? order : compare_numbers(x->inode, y->inode);
}

void stuck_sort(struct stuck *all, size_t count)
{
	if (count)
		qsort(all, count, sizeof(*all), compare);
}

bool stuck_counts_are_partial(const struct stuck_counts *counts)
{
	return counts->unreadable_namespaces || counts->crowded_namespaces ||
	       counts->unreadable_subflows || counts->hidden_processes ||
	       counts->unreadable_processes || counts->dropped || counts->parts_missing ||
	       counts->events_lost || counts->unsampled || counts->older_unknown;
}
