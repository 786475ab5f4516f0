// SPDX-License-Identifier: GPL-2.0-only
/* The part of a ladder in which a connection is opened, or is not. */
#include "user/aggregate/ladder_build.h"

#define SYN_ACK (LADDER_SYN | LADDER_ACK)

/* The end of a connect that did not succeed. */
static void add_failed_connect(struct ladder_build *b)
{
	const struct conn *c = &b->left->conn;
	uint64_t waited_ns = build_dwell(b->left, STATE_SYN_SENT);
	struct ladder_step *step;

	switch (c->outcome) {
	case CONN_OUTCOME_OPEN:
		return;
	case CONN_OUTCOME_REFUSED:
		if (c->cause == CONN_CAUSE_REFUSED_BY_ICMP) {
			build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_REFUSED_BY_ICMP, 0);
			return;
		}
		step = build_segment(b, LADDER_IN, LADDER_RST | LADDER_ACK, STATE_CLOSED,
				     STATE_CLOSED);
		step->came_ns = build_ns(b->left, STATE_CLOSED);
		/* The kernel takes a reset for its SYN only if it acknowledges just that. */
		step->seq = build_unseen();
		step->ack = build_number(b, LADDER_SYMBOL_X, 1);
		build_note(step, LADDER_SAYS_REFUSED, 0, 0);
		return;
	case CONN_OUTCOME_TIMED_OUT:
		build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_SYN_TIMED_OUT, waited_ns);
		return;
	case CONN_OUTCOME_UNREACHABLE:
		build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_SYN_UNREACHABLE, waited_ns);
		return;
	case CONN_OUTCOME_UNKNOWN:
		build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_UNSEEN, 0);
		return;
	default:
		build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_SYN_ABORTED, 0);
	}
}

static struct ladder_step *add_syn_again(struct ladder_build *b, bool in_vain)
{
	struct ladder_step *step = build_segment(b, LADDER_OUT, LADDER_SYN, STATE_SYN_SENT, 0);

	step->seq = build_number(b, LADDER_SYMBOL_X, 0);
	step->is_unanswered = in_vain;
	return step;
}

/* One for each whose time is known, then the rest of them together, with what that took. */
static void add_repeated_syn(struct ladder_build *b, bool in_vain)
{
	const struct story *left = b->left;
	uint32_t again = left->conn.handshake_retransmits;
	uint32_t known = left->syn_count < again ? left->syn_count : again;
	struct ladder_step *step = NULL;

	for (uint32_t i = 0; i < known; i++) {
		step = add_syn_again(b, in_vain || i + 1 < again);
		step->sent_ns = left->syn_ns[i];
	}
	if (known < again) {
		step = add_syn_again(b, in_vain);
		step->times = again - known;
	}
	if (step)
		build_note(step, in_vain ? LADDER_SAYS_SYN_IN_VAIN : LADDER_SAYS_SYN_AGAIN,
			   build_dwell(left, STATE_SYN_SENT), again);
}

/* RFC 9293, 3.5: SYNs that cross. */
static void add_crossed_open(struct ladder_build *b)
{
	struct ladder_step *step;

	step = build_segment(b, LADDER_IN, LADDER_SYN, STATE_SYN_RECV, STATE_SYN_RECV);
	step->seq = build_number(b, LADDER_SYMBOL_Y, 0);
	step->came_ns = build_ns(b->left, STATE_SYN_RECV);
	build_note(step, LADDER_SAYS_SYN_CROSS, 0, 0);

	step = build_segment(b, LADDER_OUT, SYN_ACK, STATE_SYN_RECV, STATE_SYN_RECV);
	step->seq = build_number(b, LADDER_SYMBOL_X, 0);
	step->ack = build_number(b, LADDER_SYMBOL_Y, 1);
	step->sent_ns = build_ns(b->left, STATE_SYN_RECV);
	build_note(step, LADDER_SAYS_SYN_CROSS_ACK, 0, 0);
	if (!build_has(b->left, STATE_ESTABLISHED))
		return;

	/* With its SYN again, as in RFC 9293, or without: the state does not tell. */
	step = build_segment(b, LADDER_IN, LADDER_ACK, STATE_ESTABLISHED, STATE_ESTABLISHED);
	step->guessed = LADDER_SYN;
	step->ack = build_number(b, LADDER_SYMBOL_X, 1);
	step->came_ns = build_ns(b->left, STATE_ESTABLISHED);
	build_note(step, LADDER_SAYS_SYN_CROSS_OPEN, 0, 0);
}

/* The third segment: the first one with both numbers. */
static struct ladder_step *add_third(struct ladder_build *b, enum ladder_direction direction)
{
	struct ladder_step *step =
		build_segment(b, direction, LADDER_ACK, STATE_ESTABLISHED, STATE_ESTABLISHED);

	step->number = 3;
	step->seq = build_number(b, LADDER_SYMBOL_X, 1);
	step->ack = build_number(b, LADDER_SYMBOL_Y, 1);
	build_note(step, LADDER_SAYS_ACK, 0, 0);
	return step;
}

static void add_answered_connect(struct ladder_build *b)
{
	const struct conn *c = &b->left->conn;
	bool is_fast = c->handshake_flags & CONN_HANDSHAKE_FASTOPEN;
	struct ladder_step *step;

	step = build_segment(b, LADDER_IN, SYN_ACK, STATE_ESTABLISHED, STATE_SYN_RECV);
	step->number = 2;
	step->seq = build_number(b, LADDER_SYMBOL_Y, 0);
	/* More than the SYN was acknowledged; how much more, nobody told. */
	step->ack = is_fast ? build_unseen() : build_number(b, LADDER_SYMBOL_X, 1);
	step->sent_ns = build_ns(b->right, STATE_SYN_RECV);
	step->came_ns = build_ns(b->left, STATE_ESTABLISHED);
	build_note(step, LADDER_SAYS_SYN_ACK, 0, 0);
	if (is_fast)
		build_note(step, LADDER_SAYS_FASTOPEN, 0, 0);
	if (b->right && b->right->conn.handshake_flags & CONN_HANDSHAKE_SYNCOOKIE)
		build_note(step, LADDER_SAYS_SYNCOOKIE, 0, 0);

	step = add_third(b, LADDER_OUT);
	if (is_fast)
		step->seq = build_unseen();
	step->sent_ns = build_ns(b->left, STATE_ESTABLISHED);
	step->came_ns = build_ns(b->right, STATE_ESTABLISHED);
}

static void add_connect(struct ladder_build *b)
{
	const struct story *left = b->left;
	bool is_answered = build_has(left, STATE_ESTABLISHED);
	bool is_crossed = build_has(left, STATE_SYN_RECV);
	bool is_refused = left->conn.outcome == CONN_OUTCOME_REFUSED;
	bool is_reset = is_refused && left->conn.cause != CONN_CAUSE_REFUSED_BY_ICMP;
	enum tcp_state remote = is_crossed  ? STATE_SYN_SENT :
				is_answered ? STATE_SYN_RECV :
				is_reset    ? STATE_CLOSED :
					      0;
	struct ladder_step *step;

	if (left->conn.cause == CONN_CAUSE_CONNECT_UNSENT) {
		build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_SYN_UNSENT, 0);
		return;
	}
	if (left->conn.cause == CONN_CAUSE_CONNECT_FAILED) {
		build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_NO_SYN, 0);
		return;
	}
	step = build_segment(b, LADDER_OUT, LADDER_SYN, STATE_SYN_SENT, remote);
	step->number = 1;
	step->seq = build_number(b, LADDER_SYMBOL_X, 0);
	step->is_unanswered = !remote || left->conn.handshake_retransmits;
	step->sent_ns = build_ns(left, STATE_SYN_SENT);
	if (step->is_unanswered)
		step->remote.state = 0;
	build_note(step, LADDER_SAYS_SYN, 0, 0);
	add_repeated_syn(b, !is_answered && !is_crossed && !is_refused);
	if (is_crossed)
		add_crossed_open(b);
	else if (is_answered)
		add_answered_connect(b);
	else
		add_failed_connect(b);
}

/* This end answered the client's last segment with a reset. */
static void add_refused_request(struct ladder_build *b)
{
	const struct conn *c = &b->left->conn;
	bool is_syn = c->cause == CONN_CAUSE_BAD_SYN;
	struct ladder_step *step;

	step = build_segment(b, LADDER_IN, is_syn ? LADDER_SYN : LADDER_ACK, STATE_SYN_RECV,
			     is_syn ? STATE_SYN_SENT : STATE_ESTABLISHED);
	step->seq = is_syn ? build_unseen() : build_number(b, LADDER_SYMBOL_X, 1);
	if (!is_syn)
		step->ack = build_number(b, LADDER_SYMBOL_Y, 1);
	if (is_syn)
		build_note(step, LADDER_SAYS_BAD_SYN, 0, 0);
	else if (c->cause == CONN_CAUSE_QUEUE_FULL)
		build_note(step, LADDER_SAYS_QUEUE_RESET, 0, 0);
	step = build_segment(b, LADDER_OUT, LADDER_RST, STATE_CLOSED, STATE_CLOSED);
	step->seq = build_unseen();
	step->sent_ns = build_ns(b->left, STATE_CLOSED);
	build_note(step, LADDER_SAYS_RESET_OUT, 0, 0);
}

/* How a request, or a child that fast open gave out early, ended before it was open. */
static void add_failed_request(struct ladder_build *b)
{
	const struct conn *c = &b->left->conn;
	uint64_t waited_ns = build_dwell(b->left, STATE_SYN_RECV);
	uint64_t ended_ns = build_ns(b->left, STATE_CLOSED);
	struct ladder_step *step;

	switch (c->outcome) {
	case CONN_OUTCOME_HANDSHAKE_ABANDONED:
		build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_ABANDONED, waited_ns);
		return;
	case CONN_OUTCOME_OVERFLOW:
		step = build_segment(b, LADDER_IN, LADDER_ACK, STATE_SYN_RECV, STATE_ESTABLISHED);
		step->seq = build_number(b, LADDER_SYMBOL_X, 1);
		step->ack = build_number(b, LADDER_SYMBOL_Y, 1);
		build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_OVERFLOW, waited_ns);
		return;
	case CONN_OUTCOME_RESET_RECEIVED:
		step = build_segment(b, LADDER_IN, LADDER_RST, STATE_CLOSED, STATE_CLOSED);
		step->seq = build_unseen();
		step->came_ns = ended_ns;
		build_note(step, c->id ? LADDER_SAYS_RESET_IN : LADDER_SAYS_OLD_DUPLICATE, 0, 0);
		return;
	case CONN_OUTCOME_RESET_SENT:
		if (!c->id)
			add_refused_request(b);
		return;
	case CONN_OUTCOME_LISTENER_CLOSED:
		build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_REQUEST_LEFT, waited_ns);
		return;
	case CONN_OUTCOME_UNREACHABLE:
		build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_REQUEST_UNREACHABLE, waited_ns);
		return;
	case CONN_OUTCOME_KILLED:
		build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_REQUEST_KILLED, waited_ns);
		return;
	case CONN_OUTCOME_UNKNOWN:
		if (!c->id)
			build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_REQUEST_LOST, waited_ns);
		return;
	default:
		return;
	}
}

static void add_repeated_answer(struct ladder_build *b)
{
	const struct conn *c = &b->left->conn;
	struct ladder_step *step;

	if (!c->handshake_retransmits)
		return;
	step = build_segment(b, LADDER_OUT, SYN_ACK, STATE_SYN_RECV, 0);
	step->seq = build_number(b, LADDER_SYMBOL_Y, 0);
	step->ack = build_number(b, LADDER_SYMBOL_X, 1);
	step->times = c->handshake_retransmits;
	step->is_unanswered = !build_has(b->left, STATE_ESTABLISHED);
	build_note(step, LADDER_SAYS_SYN_ACK_AGAIN, 0, c->handshake_retransmits);
}

static void add_request(struct ladder_build *b)
{
	const struct conn *c = &b->left->conn;
	bool is_open = build_has(b->left, STATE_ESTABLISHED);
	bool is_cookie = c->handshake_flags & CONN_HANDSHAKE_SYNCOOKIE;
	struct ladder_step *step;

	/* Its SYN came just before its SYN-ACK left: that time is the one that is kept. */
	step = build_segment(b, LADDER_IN, LADDER_SYN, is_cookie ? STATE_LISTEN : STATE_SYN_RECV,
			     STATE_SYN_SENT);
	step->number = 1;
	step->seq = build_number(b, LADDER_SYMBOL_X, 0);
	step->sent_ns = build_ns(b->right, STATE_SYN_SENT);
	if (is_cookie)
		step->local.is_measured = true;
	build_note(step, LADDER_SAYS_SYN, 0, 0);

	step = build_segment(b, LADDER_OUT, SYN_ACK, is_cookie ? STATE_LISTEN : STATE_SYN_RECV,
			     is_open ? STATE_ESTABLISHED : 0);
	step->number = 2;
	step->seq = build_number(b, LADDER_SYMBOL_Y, 0);
	step->ack = c->handshake_flags & CONN_HANDSHAKE_FASTOPEN ?
			    build_unseen() :
			    build_number(b, LADDER_SYMBOL_X, 1);
	step->is_unanswered = !is_open || c->handshake_retransmits;
	step->sent_ns = is_cookie ? TIME_UNKNOWN : build_ns(b->left, STATE_SYN_RECV);
	step->came_ns = build_ns(b->right, STATE_ESTABLISHED);
	if (is_cookie)
		step->local.is_measured = true;
	if (step->is_unanswered)
		step->remote.state = 0;
	build_note(step, LADDER_SAYS_SYN_ACK, 0, 0);
	if (is_cookie)
		build_note(step, LADDER_SAYS_SYNCOOKIE, 0, 0);
	if (c->handshake_flags & CONN_HANDSHAKE_FASTOPEN)
		build_note(step, LADDER_SAYS_FASTOPEN, 0, 0);
	add_repeated_answer(b);
}

static void add_answered_request(struct ladder_build *b)
{
	const struct conn *c = &b->left->conn;
	struct ladder_step *step = add_third(b, LADDER_IN);

	if (c->handshake_flags & CONN_HANDSHAKE_FASTOPEN)
		step->seq = build_unseen();
	step->sent_ns = build_ns(b->right, STATE_ESTABLISHED);
	step->came_ns = build_ns(b->left, STATE_ESTABLISHED);
	if (c->handshake_flags & CONN_HANDSHAKE_DEFERRED)
		build_note(step, LADDER_SAYS_DEFERRED, 0, 0);
	if (c->handshake_flags & CONN_HANDSHAKE_QUEUE_FULL)
		build_note(step, LADDER_SAYS_QUEUE_FULL, 0, 0);
	build_lost_time(step, LADDER_SAYS_ACCEPTED, conn_accept_wait(c));
}

void build_open(struct ladder_build *b)
{
	const struct conn *c = &b->left->conn;

	if (c->handshake_flags & CONN_HANDSHAKE_RESTORED) {
		build_moment(b, STATE_ESTABLISHED, 0, LADDER_SAYS_RESTORED, 0);
	} else if (c->flags & CONN_SEEDED || c->role == CONN_ROLE_UNKNOWN) {
		build_moment(b, c->step_state[0], 0, LADDER_SAYS_OLDER, 0);
	} else if (c->role == CONN_ROLE_CLIENT) {
		add_connect(b);
	} else {
		add_request(b);
		if (build_has(b->left, STATE_ESTABLISHED))
			add_answered_request(b);
		else
			add_failed_request(b);
	}
}
