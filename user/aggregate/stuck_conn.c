// SPDX-License-Identifier: GPL-2.0-only
/* A stuck socket as the table knows it: its age by its last step, or by what a snapshot told. */
#include "user/aggregate/stuck_conn.h"

#include "user/conn/snapshot.h"
#include "user/conn/table.h"

/* What was known of it when the recording began is that much older. */
static uint64_t aged(uint64_t age_ns, uint64_t by_ns)
{
	return age_ns == TIME_UNKNOWN ? TIME_UNKNOWN : age_ns + by_ns;
}

static void use_seed(const struct seed *seed, uint64_t at_ns, struct stuck_stamps *stamps,
		     struct stuck *s)
{
	uint64_t by_ns = at_ns > seed->mono_ns ? at_ns - seed->mono_ns : 0;

	/* It was in the state when it was looked at, if nothing else is known. */
	stamps->at_least_ns = seed->since_ns <= seed->mono_ns ?
				      aged(seed->mono_ns - seed->since_ns, by_ns) :
				      by_ns;
	if (seed->marks & EVENT_SOCKET_SINCE_EXACT)
		stamps->entered_ns = stamps->at_least_ns;
	stamps->ack_received_ns = aged(seed->ack_age_ns, by_ns);
	stamps->data_received_ns = aged(seed->receive_age_ns, by_ns);
	stamps->data_sent_ns = aged(seed->send_age_ns, by_ns);
	stamps->fin_is_last = seed->marks & EVENT_SOCKET_FIN_LAST;
	s->age_is_blurred = seed->marks & EVENT_SOCKET_FIN_FOLLOWED;
	if (seed->marks & EVENT_SOCKET_UNACCEPTED && !s->c.accept_ns)
		s->grip = STUCK_GRIP_ACCEPT_QUEUE;
	if (seed->marks & EVENT_SOCKET_ORPHAN)
		s->grip = STUCK_GRIP_NOBODY;
}

void stuck_of_conn(struct stuck *s, const struct conn *c, const struct seed *seed, uint64_t at_ns)
{
	uint64_t entered_ns = c->step_ns[c->step_count - 1];
	struct stuck_stamps stamps = {
		.entered_ns = entered_ns <= at_ns ? at_ns - entered_ns : TIME_UNKNOWN,
		.ack_received_ns = TIME_UNKNOWN,
		.data_received_ns = TIME_UNKNOWN,
		.data_sent_ns = TIME_UNKNOWN,
		.at_least_ns = TIME_UNKNOWN,
		.birth_ns = TIME_UNKNOWN,
	};

	*s = (struct stuck){
		.c = *c,
		.mono_ns = at_ns,
		.state = conn_state(c),
		.grip = c->flags & CONN_MINISOCK ? STUCK_GRIP_NOBODY : STUCK_GRIP_UNKNOWN,
		.is_minisock = c->flags & CONN_MINISOCK,
		.serves = c->role == CONN_ROLE_SERVER,
		.rx_queue_bytes = STUCK_BYTES_UNKNOWN,
		.tx_queue_bytes = STUCK_BYTES_UNKNOWN,
		.left_ns = TIME_UNKNOWN,
		.resent = STUCK_RESENT_UNKNOWN,
		.holders_known = c->flags & CONN_MINISOCK,
	};
	if (seed)
		use_seed(seed, at_ns, &stamps, s);
	stuck_set_age(s, &stamps);
	/* Since it was looked at, or since before that, it has been in the state at least. */
	if (s->age_ns == TIME_UNKNOWN)
		s->age_ns = conn_between(conn_since(c), at_ns);
}

bool stuck_may_be_unaccepted(const struct conn *c, const struct seed *seed)
{
	if (conn_state(c) != STATE_ESTABLISHED || c->role != CONN_ROLE_SERVER || c->accept_ns ||
	    c->flags & (CONN_MINISOCK | CONN_WIRE | CONN_SUBFLOW))
		return false;
	return !seed || seed->marks & EVENT_SOCKET_UNACCEPTED;
}

bool stuck_is_unaccepted(const struct conn *c, const struct seed *seed)
{
	return stuck_may_be_unaccepted(c, seed) && (seed || conn_was_unaccepted(c));
}

bool stuck_waits_for_accept(const struct conn_table *table, const struct conn *c, uint64_t now_ns)
{
	const struct seed *seed;
	uint64_t age_ns;
	struct stuck s;

	if (!stuck_may_be_unaccepted(c, NULL))
		return false;
	seed = conn_table_seed(table, c);
	if (!stuck_is_unaccepted(c, seed))
		return false;
	if (!seed) {
		age_ns = conn_between(conn_since(c), now_ns);
		return age_ns != TIME_UNKNOWN && age_ns >= STUCK_UNACCEPTED_NS;
	}
	stuck_of_conn(&s, c, seed, now_ns);
	return stuck_is_that_old(&s, STUCK_UNACCEPTED_NS);
}

void stuck_set_unaccepted(struct stuck *s)
{
	s->grip = STUCK_GRIP_ACCEPT_QUEUE;
	s->holders_known = true; /* nobody has a descriptor of it yet */
}

bool stuck_is_that_old(const struct stuck *s, uint64_t least_ns)
{
	return !least_ns || (s->age_ns != TIME_UNKNOWN && s->age_ns >= least_ns) ||
	       (s->age_is_blurred && s->age_at_most_ns >= least_ns);
}
