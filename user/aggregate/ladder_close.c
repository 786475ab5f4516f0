// SPDX-License-Identifier: GPL-2.0-only
/* The part of a ladder in which a connection carries data and is closed, or is not. */
#include "user/aggregate/ladder_build.h"
#include "user/base/units.h"

#define FIN_ACK (LADDER_FIN | LADDER_ACK)

/*
 * An ACK and a FIN that are this close are told of as one segment where neither end knows; the
 * sentence beside it says that it may have been two.
 */
#define TOGETHER_NS 100000ull
/* No kernel delays an ACK for longer. */
#define DELAYED_ACK_NS (200 * NS_PER_MS)

static bool knows_both(const struct story *s, enum story_number one, enum story_number other)
{
	return s && story_knows(s, one) && story_knows(s, other);
}

/* Payload between an ACK of the first FIN and the second FIN; 0 where it is not known. */
static uint64_t late_bytes(const struct ladder_build *b, uint64_t all)
{
	const struct ladder_number *from = &b->ladder->symbols[LADDER_SYMBOL_V];
	const struct ladder_number *to = &b->ladder->symbols[LADDER_SYMBOL_W];
	uint32_t bytes = to->value - from->value;

	return from->is_known && to->is_known && bytes <= all ? bytes : 0;
}

/* What was carried between a SYN and a number of the same way that comes later; 0: not known. */
static uint64_t bytes_until(const struct story *s, enum story_number syn, enum story_number last,
			    enum story_number other)
{
	enum story_number number = story_knows(s, last) ? last : other;

	return knows_both(s, syn, number) ? (uint32_t)(s->number[number] - s->number[syn] - 1) : 0;
}

/* Each direction carried the numbers between its SYN and its FIN, or so far what was answered. */
static void count_bytes(const struct ladder_build *b, uint64_t *ret_out, uint64_t *ret_in)
{
	const struct story *s = b->left;
	const struct conn *c = &s->conn;

	if (c->flags & CONN_HAS_COUNTERS) {
		*ret_out = c->bytes_sent;
		*ret_in = c->bytes_received;
	} else if (s->has_counts && conn_state(c) == STATE_ESTABLISHED) {
		*ret_out = s->sent;
		*ret_in = s->received;
	} else {
		*ret_out = bytes_until(s, STORY_SYN, STORY_FIN, STORY_REPLY);
		*ret_in = bytes_until(s, STORY_PEER_SYN, STORY_PEER_FIN, STORY_PEER_REPLY);
	}
}

static struct ladder_step *add_data(struct ladder_build *b, uint64_t out, uint64_t in,
				    enum tcp_state local, enum tcp_state remote)
{
	struct ladder_step *step;

	if (!out && !in)
		return NULL;
	step = build_step(b, LADDER_DATA, local, remote);
	step->bytes_out = out;
	step->bytes_in = in;
	return step;
}

static void add_early_data(struct ladder_build *b, uint64_t late_out, uint64_t late_in)
{
	const struct conn *c = &b->left->conn;
	bool is_open = build_has(b->left, STATE_ESTABLISHED);
	uint32_t again = c->retransmits - c->handshake_retransmits;
	struct ladder_step *step;
	uint64_t out, in;

	count_bytes(b, &out, &in);
	step = add_data(b, out - late_out, in - late_in,
			is_open ? STATE_ESTABLISHED : c->step_state[0],
			is_open ? STATE_ESTABLISHED : 0);
	if (step && c->flags & CONN_HAS_COUNTERS && c->retransmits > c->handshake_retransmits)
		build_note(step, again == 1 ? LADDER_SAYS_DATA_ONE : LADDER_SAYS_DATA, 0, again);
}

/* The ACK of the first FIN, by itself. */
static struct ladder_step *add_fin_ack(struct ladder_build *b, enum ladder_direction direction,
				       enum tcp_state local, enum tcp_state remote)
{
	struct ladder_step *step = build_segment(b, direction, LADDER_ACK, local, remote);

	step->number = 5;
	step->seq = build_number(b, LADDER_SYMBOL_V, 0);
	step->ack = build_number(b, LADDER_SYMBOL_U, 1);
	build_note(step, LADDER_SAYS_FIN_ACK, 0, 0);
	return step;
}

/* ---- TIME_WAIT ---- */

/*
 * Which ACK of the last FIN has ended the other end: its number among those that answer FINs that
 * came again, from 1 on. 0: the first one of all, or nobody knows.
 */
static unsigned int ack_that_came(const struct story *waits, const struct story *closes)
{
	uint64_t closed_ns = build_ns(closes, STATE_CLOSED);
	unsigned int number = 0;

	while (closed_ns != TIME_UNKNOWN && number < waits->rearm_count &&
	       waits->rearm_ns[number] <= closed_ns)
		number++;
	return number;
}

static void add_rearm(struct ladder_build *b, bool is_left, unsigned int i)
{
	const struct story *s = is_left ? b->left : b->right, *other = is_left ? b->right : b->left;
	uint32_t times = i + 1 == s->rearm_count ? s->conn.time_wait_rearms - i : 1;
	bool is_end = ack_that_came(s, other) == i + 1;
	struct ladder_step *step;

	step = is_left ? build_segment(b, LADDER_IN, FIN_ACK, STATE_TIME_WAIT, STATE_LAST_ACK) :
			 build_segment(b, LADDER_OUT, FIN_ACK, STATE_LAST_ACK, STATE_TIME_WAIT);
	step->seq = build_unseen();
	step->times = times;
	step->came_ns = s->rearm_ns[i];
	build_note(step, LADDER_SAYS_REARMED, 0, 0);

	step = is_left ? build_segment(b, LADDER_OUT, LADDER_ACK, STATE_TIME_WAIT,
				       is_end ? STATE_CLOSED : STATE_LAST_ACK) :
			 build_segment(b, LADDER_IN, LADDER_ACK,
				       is_end ? STATE_CLOSED : STATE_LAST_ACK, STATE_TIME_WAIT);
	step->seq = build_number(b, LADDER_SYMBOL_U, 1);
	step->ack = build_number(b, LADDER_SYMBOL_W, 1);
	step->times = times;
	step->sent_ns = s->rearm_ns[i];
	if (is_end)
		step->came_ns = build_ns(other, STATE_CLOSED);
	build_note(step, LADDER_SAYS_REARMED_ACK, 0, 0);
}

/* What became of the TIME_WAIT of one of the ends. */
static void add_time_wait(struct ladder_build *b, const struct story *s)
{
	static const enum ladder_phrase ends[CONN_TW_END_COUNT] = {
		[CONN_TW_END_NONE] = LADDER_SAYS_UNSEEN,
		[CONN_TW_END_EXPIRED] = LADDER_SAYS_EXPIRED,
		[CONN_TW_END_REUSED] = LADDER_SAYS_REUSED,
		[CONN_TW_END_RESET] = LADDER_SAYS_CUT_SHORT,
		[CONN_TW_END_PURGED] = LADDER_SAYS_PURGED,
		[CONN_TW_END_OVERFLOW] = LADDER_SAYS_NO_TIME_WAIT,
		[CONN_TW_END_KILLED] = LADDER_SAYS_TIME_WAIT_KILLED,
	};
	bool is_left = s == b->left;
	struct ladder_step *step;

	for (unsigned int i = 0; i < s->rearm_count; i++)
		add_rearm(b, is_left, i);
	if (conn_state(&s->conn) == STATE_TIME_WAIT) {
		if (is_left)
			build_moment(b, STATE_TIME_WAIT, b->right ? conn_state(&b->right->conn) : 0,
				     LADDER_SAYS_STILL_WAITING, 0)
				->came_ns = TIME_UNKNOWN;
		return;
	}
	step = build_moment(b, STATE_CLOSED, STATE_CLOSED, ends[s->conn.time_wait_end],
			    build_dwell(s, STATE_TIME_WAIT));
	step->came_ns = build_ns(s, STATE_CLOSED);
}

/* ---- ends without a FIN each way ---- */

static uint64_t last_dwell(const struct story *s)
{
	unsigned int count = s->conn.step_count;

	return count < 2 ? TIME_UNKNOWN : conn_dwell(&s->conn, count - 2);
}

/* When it was told of; else it goes with the end of the connection. */
static uint64_t reset_ns(const struct story *s, enum ladder_direction direction)
{
	uint64_t ns = direction == LADDER_IN ? s->reset_in_ns : s->reset_out_ns;

	return ns ? ns : build_ns(s, STATE_CLOSED);
}

static void add_reset(struct ladder_build *b, enum ladder_direction direction,
		      enum ladder_phrase phrase)
{
	struct ladder_step *step =
		build_segment(b, direction, LADDER_RST, STATE_CLOSED, STATE_CLOSED);

	step->seq = build_unseen();
	if (direction == LADDER_IN)
		step->came_ns = reset_ns(b->left, direction);
	else
		step->sent_ns = reset_ns(b->left, direction);
	build_note(step, phrase, 0, 0);
}

/* Why this end sends a reset. */
static enum ladder_phrase reset_phrase(const struct conn *c)
{
	switch (c->cause) {
	case CONN_CAUSE_UNREAD_DATA:
		return LADDER_SAYS_RESET_UNREAD;
	case CONN_CAUSE_LINGER_ZERO:
		return LADDER_SAYS_RESET_LINGER;
	case CONN_CAUSE_LINGER_NEGATIVE:
		return LADDER_SAYS_RESET_IMPATIENT;
	case CONN_CAUSE_DISCONNECT:
		return LADDER_SAYS_RESET_DISCONNECT;
	case CONN_CAUSE_LISTENER_CLOSED:
		return LADDER_SAYS_RESET_UNACCEPTED;
	case CONN_CAUSE_DATA_AFTER_CLOSE:
		return LADDER_SAYS_RESET_LATE;
	case CONN_CAUSE_NO_MEMORY:
		return LADDER_SAYS_RESET_MEMORY;
	case CONN_CAUSE_KEEPALIVE_TIMEOUT:
		return LADDER_SAYS_RESET_KEEPALIVE;
	case CONN_CAUSE_KILLED:
		return LADDER_SAYS_RESET_KILLED;
	default:
		return LADDER_SAYS_RESET_OUT;
	}
}

/* How this end is over without a word to the other. */
static enum ladder_phrase aborted_phrase(const struct conn *c)
{
	switch (c->cause) {
	case CONN_CAUSE_LINGER_DROPPED:
		return LADDER_SAYS_DROPPED;
	case CONN_CAUSE_REPAIRED:
		return LADDER_SAYS_TAKEN_AWAY;
	case CONN_CAUSE_NO_TIME_WAIT:
		return LADDER_SAYS_NO_ROOM;
	default:
		return conn_has_closed_first(c) ? LADDER_SAYS_LEFT : LADDER_SAYS_ABORTED;
	}
}

static void add_rude_end(struct ladder_build *b)
{
	const struct conn *c = &b->left->conn;
	enum tcp_state before = c->step_count < 2 ? 0 : c->step_state[c->step_count - 2];
	enum ladder_phrase phrase = LADDER_SAYS_UNSEEN;

	/* Ends of other kinds that send one, as far as it was told of. */
	if (b->left->reset_out_ns &&
	    (c->cause == CONN_CAUSE_KEEPALIVE_TIMEOUT || c->cause == CONN_CAUSE_KILLED)) {
		add_reset(b, LADDER_OUT, reset_phrase(c));
		return;
	}
	switch (c->outcome) {
	case CONN_OUTCOME_RESET_RECEIVED:
		add_reset(b, LADDER_IN, LADDER_SAYS_RESET_IN);
		return;
	case CONN_OUTCOME_RESET_SENT:
		add_reset(b, LADDER_OUT, reset_phrase(c));
		return;
	case CONN_OUTCOME_OPEN:
		build_moment(b, conn_state(c), b->right ? conn_state(&b->right->conn) : 0,
			     LADDER_SAYS_STILL_OPEN, 0)
			->came_ns = TIME_UNKNOWN;
		return;
	case CONN_OUTCOME_TIMED_OUT:
		phrase = before == STATE_FIN_WAIT2 ? LADDER_SAYS_NO_FIN : LADDER_SAYS_TIMED_OUT;
		break;
	case CONN_OUTCOME_REFUSED: /* by ICMP: a reset has another error here */
	case CONN_OUTCOME_UNREACHABLE:
		phrase = LADDER_SAYS_UNREACHABLE;
		break;
	case CONN_OUTCOME_ABORTED:
		phrase = aborted_phrase(c);
		break;
	default:
		break;
	}
	build_moment(b, STATE_CLOSED, 0, phrase, last_dwell(b->left));
}

/* ---- this end closes first ---- */

/* RFC 9293, 3.6: FINs that cross. */
static void add_crossed_close(struct ladder_build *b)
{
	struct ladder_step *step;

	step = build_segment(b, LADDER_IN, FIN_ACK, STATE_CLOSING, STATE_FIN_WAIT1);
	step->seq = build_number(b, LADDER_SYMBOL_W, 0);
	step->sent_ns = build_ns(b->right, STATE_FIN_WAIT1);
	step->came_ns = build_ns(b->left, STATE_CLOSING);
	build_note(step, LADDER_SAYS_FIN_CROSS, 0, 0);

	step = build_segment(b, LADDER_OUT, LADDER_ACK, STATE_CLOSING, STATE_CLOSING);
	step->seq = build_number(b, LADDER_SYMBOL_U, 1);
	step->ack = build_number(b, LADDER_SYMBOL_W, 1);
	step->sent_ns = build_ns(b->left, STATE_CLOSING);
	build_note(step, LADDER_SAYS_FIN_CROSS_ACK, 0, 0);
	if (b->left->conn.outcome != CONN_OUTCOME_CLOSED) {
		add_rude_end(b);
		return;
	}
	step = build_segment(b, LADDER_IN, LADDER_ACK, STATE_TIME_WAIT, STATE_TIME_WAIT);
	step->seq = build_number(b, LADDER_SYMBOL_W, 1);
	step->ack = build_number(b, LADDER_SYMBOL_U, 1);
	step->came_ns = build_ns(b->left, STATE_TIME_WAIT);
	build_note(step, LADDER_SAYS_FIN_CROSS_LAST, 0, 0);
	add_time_wait(b, b->left);
}

static bool came_together(const struct ladder_build *b)
{
	const struct ladder_number *v = &b->ladder->symbols[LADDER_SYMBOL_V];
	const struct ladder_number *w = &b->ladder->symbols[LADDER_SYMBOL_W];

	if (b->left->peer_reply == STORY_APART)
		return false;
	if (b->right && b->right->reply != STORY_APART_UNKNOWN)
		return b->right->reply == STORY_TOGETHER;
	if (v->is_known && w->is_known && v->value != w->value)
		return false;
	return build_dwell(b->left, STATE_FIN_WAIT2) < TOGETHER_NS;
}

static void add_peer_reply(struct ladder_build *b)
{
	struct ladder_step *step = add_fin_ack(b, LADDER_IN, STATE_FIN_WAIT2, STATE_CLOSE_WAIT);

	step->came_ns = build_ns(b->left, STATE_FIN_WAIT2);
	build_lost_time(step, LADDER_SAYS_SLOW_ACK, build_dwell(b->left, STATE_FIN_WAIT1));
}

/* Measured there if it can be: here it seems shorter by what the ACK of our FIN was delayed. */
static uint64_t peer_application_ns(const struct ladder_build *b)
{
	uint64_t ns = build_dwell(b->right, STATE_CLOSE_WAIT);

	return ns == TIME_UNKNOWN ? build_dwell(b->left, STATE_FIN_WAIT2) : ns;
}

/* The FIN that ends FIN_WAIT2, and its ACK. */
static void add_second_fin(struct ladder_build *b, bool is_together)
{
	bool has_time_wait = build_has(b->left, STATE_TIME_WAIT);
	enum tcp_state local = has_time_wait ? STATE_TIME_WAIT : STATE_CLOSED;
	struct ladder_step *step;

	step = build_segment(b, LADDER_IN, FIN_ACK, local, STATE_LAST_ACK);
	step->number = 6;
	step->seq = build_number(b, LADDER_SYMBOL_W, 0);
	step->ack = build_number(b, LADDER_SYMBOL_U, 1);
	step->sent_ns = build_ns(b->right, STATE_LAST_ACK);
	step->came_ns = build_ns(b->left, local);
	build_note(step, is_together ? LADDER_SAYS_FIN_TOGETHER : LADDER_SAYS_FIN_SECOND, 0, 0);
	if (is_together)
		build_lost_time(step, LADDER_SAYS_SLOW_ACK, build_dwell(b->left, STATE_FIN_WAIT1));
	else
		build_lost_time(step, LADDER_SAYS_PEER_APP_SLOW, peer_application_ns(b));
	step = build_segment(b, LADDER_OUT, LADDER_ACK, local, STATE_CLOSED);
	step->number = 7;
	step->seq = build_number(b, LADDER_SYMBOL_U, 1);
	step->ack = build_number(b, LADDER_SYMBOL_W, 1);
	step->sent_ns = build_ns(b->left, local);
	step->came_ns = build_ns(b->right, STATE_CLOSED);
	/* What made TIME_WAIT begin again says that it may have been lost. */
	if (b->left->rearm_count && step->came_ns == TIME_UNKNOWN) {
		step->is_unanswered = true;
		step->remote.state = 0;
	} else if (ack_that_came(b->left, b->right)) {
		step->is_unanswered = true;
		step->remote.state = STATE_LAST_ACK;
		step->came_ns = TIME_UNKNOWN;
	}
	build_note(step, has_time_wait ? LADDER_SAYS_LAST_ACK : LADDER_SAYS_NO_TIME_WAIT, 0, 0);
}

static void add_first_fin(struct ladder_build *b, bool is_crossed)
{
	const struct story *left = b->left;
	bool is_answered = is_crossed || build_has(left, STATE_FIN_WAIT2);
	struct ladder_step *step;

	step = build_segment(b, LADDER_OUT, FIN_ACK, STATE_FIN_WAIT1,
			     is_crossed ? STATE_FIN_WAIT1 : STATE_CLOSE_WAIT);
	step->number = is_crossed ? 0 : 4;
	step->seq = build_number(b, LADDER_SYMBOL_U, 0);
	step->ack = build_plain(b, is_crossed ? LADDER_SYMBOL_W : LADDER_SYMBOL_V,
				story_knows(left, STORY_FIN_ACK), left->number[STORY_FIN_ACK]);
	step->sent_ns = build_ns(left, STATE_FIN_WAIT1);
	step->came_ns = build_ns(b->right, STATE_CLOSE_WAIT);
	step->is_unanswered = !is_answered && !build_has(b->right, STATE_CLOSE_WAIT);
	if (step->is_unanswered)
		step->remote.state = 0;
	build_note(step, LADDER_SAYS_FIN, 0, 0);
}

static bool has_fin_come(const struct story *s)
{
	return build_has(s, STATE_TIME_WAIT) ||
	       (s->conn.time_wait_end == CONN_TW_END_OVERFLOW && story_knows(s, STORY_PEER_FIN));
}

static void add_active_close(struct ladder_build *b)
{
	const struct story *left = b->left;
	bool is_crossed = build_has(left, STATE_CLOSING);
	bool has_come = has_fin_come(left);
	uint64_t out, in, late;
	struct ladder_step *step;
	bool is_together;

	count_bytes(b, &out, &in);
	late = is_crossed ? 0 : late_bytes(b, in);
	add_early_data(b, 0, late);
	add_first_fin(b, is_crossed);
	if (is_crossed) {
		add_crossed_close(b);
		return;
	}
	if (!build_has(left, STATE_FIN_WAIT2)) {
		add_rude_end(b);
		return;
	}
	is_together = has_come && came_together(b);
	if (!is_together)
		add_peer_reply(b);
	step = add_data(b, 0, late, STATE_FIN_WAIT2, STATE_CLOSE_WAIT);
	if (step)
		build_note(step, LADDER_SAYS_HALF_CLOSE, build_dwell(left, STATE_FIN_WAIT2), 0);
	if (!has_come) {
		if (left->conn.time_wait_end == CONN_TW_END_OVERFLOW)
			build_moment(b, STATE_CLOSED, 0, LADDER_SAYS_NO_TIME_WAIT, 0);
		else
			add_rude_end(b);
		return;
	}
	add_second_fin(b, is_together);
	if (build_has(left, STATE_TIME_WAIT))
		add_time_wait(b, left);
}

/* ---- the other end closes first ---- */

static bool went_together(const struct ladder_build *b)
{
	if (!build_has(b->left, STATE_LAST_ACK))
		return false;
	if (b->left->reply != STORY_APART_UNKNOWN)
		return b->left->reply == STORY_TOGETHER;
	if (b->right && b->right->peer_reply == STORY_APART)
		return false;
	return build_dwell(b->left, STATE_CLOSE_WAIT) < DELAYED_ACK_NS;
}

static void add_peer_fin(struct ladder_build *b)
{
	const struct story *right = b->right;
	struct ladder_step *step;

	step = build_segment(b, LADDER_IN, FIN_ACK, STATE_CLOSE_WAIT, STATE_FIN_WAIT1);
	step->number = 4;
	step->seq = build_number(b, LADDER_SYMBOL_U, 0);
	step->ack = build_plain(b, LADDER_SYMBOL_V, right && story_knows(right, STORY_FIN_ACK),
				right ? right->number[STORY_FIN_ACK] : 0);
	step->sent_ns = build_ns(right, STATE_FIN_WAIT1);
	step->came_ns = build_ns(b->left, STATE_CLOSE_WAIT);
	build_note(step, LADDER_SAYS_FIN, 0, 0);
}

static void add_reply(struct ladder_build *b)
{
	struct ladder_step *step = add_fin_ack(b, LADDER_OUT, STATE_CLOSE_WAIT, STATE_FIN_WAIT2);

	/* It may be delayed: only the other end knows when it came. */
	step->came_ns = build_ns(b->right, STATE_FIN_WAIT2);
}

static void add_own_fin(struct ladder_build *b, bool is_together)
{
	bool is_answered = b->left->conn.outcome == CONN_OUTCOME_CLOSED;
	struct ladder_step *step;

	step = build_segment(b, LADDER_OUT, FIN_ACK, STATE_LAST_ACK, STATE_TIME_WAIT);
	step->number = 6;
	step->seq = build_number(b, LADDER_SYMBOL_W, 0);
	step->ack = build_number(b, LADDER_SYMBOL_U, 1);
	step->sent_ns = build_ns(b->left, STATE_LAST_ACK);
	step->came_ns = build_ns(b->right, STATE_TIME_WAIT);
	step->is_unanswered = !is_answered && step->came_ns == TIME_UNKNOWN;
	if (step->is_unanswered)
		step->remote.state = 0;
	build_note(step, is_together ? LADDER_SAYS_FIN_TOGETHER : LADDER_SAYS_FIN_SECOND, 0, 0);
	build_lost_time(step, LADDER_SAYS_APP_SLOW, build_dwell(b->left, STATE_CLOSE_WAIT));
	if (!is_answered)
		return;
	step = build_segment(b, LADDER_IN, LADDER_ACK, STATE_CLOSED, STATE_TIME_WAIT);
	step->number = 7;
	step->seq = build_number(b, LADDER_SYMBOL_U, 1);
	step->ack = build_number(b, LADDER_SYMBOL_W, 1);
	step->sent_ns = build_ns(b->right, STATE_TIME_WAIT);
	step->came_ns = build_ns(b->left, STATE_CLOSED);
	if (b->right && ack_that_came(b->right, b->left)) {
		step->is_unanswered = true;
		step->local.state = STATE_LAST_ACK;
		step->came_ns = TIME_UNKNOWN;
	}
	build_note(step, LADDER_SAYS_LAST_ACK, 0, 0);
	build_lost_time(step, LADDER_SAYS_SLOW_LAST_ACK, build_dwell(b->left, STATE_LAST_ACK));
}

static void add_passive_close(struct ladder_build *b)
{
	const struct conn *c = &b->left->conn;
	bool is_together = went_together(b);
	uint64_t out, in, late;
	struct ladder_step *step;

	count_bytes(b, &out, &in);
	late = late_bytes(b, out);
	add_early_data(b, late, 0);
	add_peer_fin(b);
	if (!is_together)
		add_reply(b);
	step = add_data(b, late, 0, STATE_CLOSE_WAIT, STATE_FIN_WAIT2);
	if (step)
		build_note(step, LADDER_SAYS_HALF_CLOSE, build_dwell(b->left, STATE_CLOSE_WAIT), 0);
	if (build_has(b->left, STATE_LAST_ACK))
		add_own_fin(b, is_together);
	if (c->outcome != CONN_OUTCOME_CLOSED)
		add_rude_end(b);
	else if (build_has(b->right, STATE_TIME_WAIT))
		add_time_wait(b, b->right);
}

/* Whether the part before this one has told the whole life. */
static bool is_told(const struct ladder_build *b)
{
	const struct conn *c = &b->left->conn;

	if (c->flags & CONN_SEEDED || c->role == CONN_ROLE_UNKNOWN)
		return false;
	if (build_has(b->left, STATE_ESTABLISHED) || c->outcome == CONN_OUTCOME_OPEN)
		return false;
	if (c->role == CONN_ROLE_CLIENT)
		return !build_has(b->left, STATE_SYN_RECV);
	/* Only a request has no id; what ends so besides is a child that fast open gave out. */
	return !c->id || c->outcome == CONN_OUTCOME_HANDSHAKE_ABANDONED ||
	       c->outcome == CONN_OUTCOME_OVERFLOW || c->outcome == CONN_OUTCOME_RESET_RECEIVED;
}

void build_close(struct ladder_build *b)
{
	if (build_has(b->left, STATE_FIN_WAIT1) || build_has(b->left, STATE_FIN_WAIT2)) {
		add_active_close(b);
	} else if (build_has(b->left, STATE_CLOSE_WAIT) || build_has(b->left, STATE_LAST_ACK)) {
		add_passive_close(b);
	} else if (!is_told(b)) {
		add_early_data(b, 0, 0);
		add_rude_end(b);
	}
}
