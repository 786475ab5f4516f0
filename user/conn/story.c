// SPDX-License-Identifier: GPL-2.0-only
/* The story of one connection: what its events tell beyond what the table keeps. */
#include "user/conn/story.h"

#include <string.h>

#include "user/conn/flow.h"
#include "user/event/identity.h"

bool story_knows(const struct story *story, enum story_number number)
{
	return story->known >> number & 1;
}

static void learn(struct story *s, enum story_number number, uint32_t value)
{
	s->number[number] = value;
	s->known |= 1u << number;
}

void story_begin(struct story *story, const struct conn *c)
{
	memset(story, 0, sizeof(*story));
	story->conn = *c;
}

/* A server's child counts from behind its SYN, which its request sent. */
static void learn_first(struct story *s, const struct event *e)
{
	if (e->sequences & EVENT_SEQUENCE_LOCAL && s->conn.role != CONN_ROLE_UNKNOWN)
		learn(s, STORY_SYN, e->local_seq - (s->conn.role == CONN_ROLE_SERVER));
	if (e->sequences & EVENT_SEQUENCE_PEER)
		learn(s, STORY_PEER_SYN, e->peer_seq);
}

static void learn_own_fin(struct story *s, const struct event *e)
{
	if (e->sequences & EVENT_SEQUENCE_LOCAL)
		learn(s, STORY_FIN, e->local_seq);
	if (e->sequences & EVENT_SEQUENCE_PEER)
		learn(s, STORY_FIN_ACK, e->peer_seq);
	if (e->to == STATE_LAST_ACK && e->sequences & EVENT_SEQUENCE_PEER)
		s->reply = e->sequences & EVENT_SEQUENCE_ACKED ? STORY_APART : STORY_TOGETHER;
}

static void learn_peer_fin(struct story *s, const struct event *e)
{
	if (e->sequences & EVENT_SEQUENCE_PEER)
		learn(s, STORY_PEER_FIN, e->peer_seq - 1);
	if (e->sequences & EVENT_SEQUENCE_LOCAL)
		learn(s, STORY_REPLY, e->local_seq);
}

static void learn_close(struct story *s, const struct event *e)
{
	if (e->from == STATE_SYN_SENT && e->sequences & EVENT_SEQUENCE_LOCAL)
		learn(s, STORY_SYN, e->local_seq);
	/* A socket is handed over in FIN_WAIT2 when the ACK of its FIN brought no FIN along. */
	if (e->from == STATE_FIN_WAIT2 && e->substate == STATE_FIN_WAIT2)
		s->peer_reply = STORY_APART;
	else if (e->from == STATE_FIN_WAIT2 && e->flags & EVENT_FLAG_FIN_RECEIVED)
		learn_peer_fin(s, e);
}

static void add_timewait(struct story *s, const struct event *e)
{
	const struct conn *c = &s->conn;

	if (e->from == STATE_TIME_WAIT && !story_knows(s, STORY_PEER_FIN))
		learn_peer_fin(s, e);
	if (e->detail != EVENT_TIMEWAIT_REARMED || !c->time_wait_rearms)
		return;
	/* Two hooks may tell of one segment: the table counts it once. */
	if (s->rearm_count < c->time_wait_rearms && s->rearm_count < STORY_REARMS)
		s->rearm_ns[s->rearm_count++] = e->mono_ns;
}

static void add_reset(struct story *s, const struct event *e)
{
	if (e->detail == EVENT_RESET_RECEIVED)
		s->reset_in_ns = e->mono_ns;
	else if (e->detail == EVENT_RESET_SENT || e->detail == EVENT_RESET_ANSWERED)
		s->reset_out_ns = e->mono_ns;
}

void story_add(struct story *story, const struct conn *c, const struct event *e)
{
	story->conn = *c;
	if (e->kind == EVENT_TIMEWAIT)
		add_timewait(story, e);
	else if (e->kind == EVENT_RESET)
		add_reset(story, e);
	else if (e->kind == EVENT_RETRANSMIT && e->detail == EVENT_RETRANSMIT_SYN &&
		 story->syn_count < STORY_SYNS)
		story->syn_ns[story->syn_count++] = e->mono_ns;
	if (e->kind > EVENT_CLOSE)
		return;
	switch (e->to) {
	case STATE_ESTABLISHED:
	case STATE_SYN_RECV:
		learn_first(story, e);
		break;
	case STATE_FIN_WAIT1:
	case STATE_LAST_ACK:
		learn_own_fin(story, e);
		break;
	case STATE_FIN_WAIT2:
		if (e->sequences & EVENT_SEQUENCE_PEER)
			learn(story, STORY_PEER_REPLY, e->peer_seq);
		break;
	case STATE_CLOSE_WAIT:
	case STATE_CLOSING:
		learn_peer_fin(story, e);
		break;
	case STATE_CLOSED:
		learn_close(story, e);
		break;
	default:
		break;
	}
}

/* ---- what its socket tells ------------------------------------------------------------------- */

/* What stamps in ticks of the kernel may be off by, twice: nobody counts slower than 100 Hz. */
#define TICKS_NS UINT64_C(30000000)

#define BIT(number) (1u << STORY_##number)
#define FIRSTS (BIT(SYN) | BIT(PEER_SYN))

bool story_lacks_numbers(const struct story *story)
{
	static const uint8_t told[STATE_COUNT] = {
		[STATE_SYN_SENT] = BIT(SYN),
		[STATE_ESTABLISHED] = FIRSTS,
		[STATE_FIN_WAIT1] = FIRSTS | BIT(FIN),
		[STATE_FIN_WAIT2] = FIRSTS | BIT(FIN),
		[STATE_CLOSING] = FIRSTS | BIT(FIN) | BIT(PEER_FIN),
		[STATE_CLOSE_WAIT] = FIRSTS | BIT(PEER_FIN),
		[STATE_LAST_ACK] = FIRSTS | BIT(FIN) | BIT(PEER_FIN),
		[STATE_TIME_WAIT] = BIT(FIN) | BIT(PEER_FIN),
	};
	enum tcp_state state = conn_state(&story->conn);

	return state < STATE_COUNT && told[state] & ~story->known;
}

static void learn_new(struct story *s, enum story_number number, uint32_t value)
{
	if (!story_knows(s, number))
		learn(s, number, value);
}

/* Both FINs have their number, or its own alone has. */
static void see_timewait(struct story *s, const struct socket_info *info)
{
	learn_new(s, STORY_FIN, info->snd_nxt - 1);
	if (info->state == STATE_TIME_WAIT)
		learn_new(s, STORY_PEER_FIN, info->rcv_nxt - 1);
}

/* Whether what has this age was before the state began: what it has counted is as it was then. */
static bool is_before(const struct story *s, enum tcp_state state, uint64_t age_ns, uint64_t now_ns)
{
	int step = story_step(s, state);
	/* Nobody saw when the first state of one began that is older than the tracing. */
	bool is_seen = step > 0 || (!step && !(s->conn.flags & CONN_SEEDED));
	uint64_t since_ns = is_seen ? conn_step_time(&s->conn, (unsigned int)step) : TIME_UNKNOWN;

	return age_ns != EVENT_TIME_UNKNOWN && since_ns != TIME_UNKNOWN && since_ns <= now_ns &&
	       age_ns > now_ns - since_ns + TICKS_NS;
}

/* Numbers of the close that are still as they were, if no data came or went since. */
static void see_replies(struct story *s, const struct socket_info *info)
{
	if (info->state == STATE_CLOSE_WAIT &&
	    is_before(s, STATE_CLOSE_WAIT, info->send_age_ns, info->mono_ns))
		learn_new(s, STORY_REPLY, info->snd_nxt);
	if ((info->state == STATE_FIN_WAIT1 || info->state == STATE_FIN_WAIT2) &&
	    is_before(s, STATE_FIN_WAIT1, info->receive_age_ns, info->mono_ns))
		learn_new(s, STORY_FIN_ACK, info->rcv_nxt);
	if (info->state == STATE_FIN_WAIT2 &&
	    is_before(s, STATE_FIN_WAIT2, info->receive_age_ns, info->mono_ns))
		learn_new(s, STORY_PEER_REPLY, info->rcv_nxt);
}

/* Of one that is open, for later its numbers tell. */
static void see_counts(struct story *s, const struct socket_info *info)
{
	if (info->state != STATE_ESTABLISHED || !(info->marks & EVENT_SOCKET_COUNTED))
		return;
	s->sent = info->bytes_sent;
	s->received = info->bytes_received;
	s->has_counts = true;
}

static bool has_sent_fin(enum tcp_state state)
{
	return state == STATE_FIN_WAIT1 || state == STATE_FIN_WAIT2 || state == STATE_CLOSING ||
	       state == STATE_LAST_ACK;
}

/* What one that is repaired has counted begins where it was restored. */
static void see_full(struct story *s, const struct socket_info *info)
{
	uint32_t local, peer;

	see_counts(s, info);
	/* Nothing of it is acknowledged yet. */
	if (info->state == STATE_SYN_SENT && info->snd_nxt != info->snd_una)
		learn_new(s, STORY_SYN, info->snd_una);
	if (!flow_firsts_of(info, &local, &peer) ||
	    (s->conn.role != CONN_ROLE_UNKNOWN && s->conn.role != flow_role_of(info)))
		return;
	if (!(s->conn.handshake_flags & CONN_HANDSHAKE_RESTORED)) {
		learn_new(s, STORY_SYN, local);
		learn_new(s, STORY_PEER_SYN, peer);
	}
	if (has_sent_fin(info->state))
		learn_new(s, STORY_FIN, info->snd_nxt - 1);
	if (info->flags & EVENT_FLAG_FIN_RECEIVED)
		learn_new(s, STORY_PEER_FIN, info->rcv_nxt - 1);
	see_replies(s, info);
}

void story_see(struct story *story, const struct socket_info *info)
{
	if (info->object == EVENT_SOCKET_TIMEWAIT)
		see_timewait(story, info);
	else if (info->object == EVENT_SOCKET_FULL)
		see_full(story, info);
}

/* ---- what it is ------------------------------------------------------------------------------ */

int story_step(const struct story *story, enum tcp_state state)
{
	for (unsigned int i = 0; i < story->conn.step_count; i++)
		if (story->conn.step_state[i] == state)
			return (int)i;
	return -1;
}

static bool is_same(const struct address *one, const struct address *other)
{
	return !memcmp(one, other, sizeof(*one));
}

/* Whether the one began before the other ended. */
static bool is_in_time(const struct conn *one, const struct conn *other)
{
	uint64_t start_ns = conn_start(one), end_ns = conn_end(other);

	return start_ns == TIME_UNKNOWN || end_ns == TIME_UNKNOWN ||
	       conn_state(other) != STATE_CLOSED || start_ns <= end_ns;
}

enum agreement { NOT_COMPARABLE, EQUAL, DIFFERENT };

/* What the one counts as its own and the other as its peer's. */
static enum agreement compare(const struct story *one, enum story_number own,
			      const struct story *other, enum story_number peers)
{
	if (!story_knows(one, own) || !story_knows(other, peers))
		return NOT_COMPARABLE;
	return one->number[own] == other->number[peers] ? EQUAL : DIFFERENT;
}

/* Of two comparisons: one that differs is enough to tell. */
static enum agreement compare_both(const struct story *one, const struct story *other,
				   enum story_number own, enum story_number peers)
{
	enum agreement there = compare(one, own, other, peers);
	enum agreement back = compare(other, own, one, peers);

	if (there == DIFFERENT || back == DIFFERENT)
		return DIFFERENT;
	return there == EQUAL || back == EQUAL ? EQUAL : NOT_COMPARABLE;
}

/* The first numbers name the connection; of one that is older than the tracing, the last do. */
static bool has_same_numbers(const struct story *one, const struct story *other)
{
	enum agreement first = compare_both(one, other, STORY_SYN, STORY_PEER_SYN);

	if (first != NOT_COMPARABLE)
		return first == EQUAL;
	return compare_both(one, other, STORY_FIN, STORY_PEER_FIN) == EQUAL;
}

bool story_is_both_ends(const struct story *story)
{
	const struct conn *c = &story->conn;

	/* Until it has a port, one to port 0 only looks like that. */
	return c->flags & CONN_HAS_ENDPOINTS && c->lport && c->lport == c->rport &&
	       is_same(&c->laddr, &c->raddr);
}

/* Recorded apart from each other, so that either may be of another machine. */
static bool is_apart(const struct conn *a, const struct conn *b)
{
	return !((a->flags | b->flags) & CONN_POLLED) &&
	       event_space_of(a->sock) != event_space_of(b->sock);
}

bool story_is_other_end(const struct story *one, const struct story *other)
{
	const struct conn *a = &one->conn, *b = &other->conn;

	if (is_apart(a, b) && a->flow != FLOW_UNKNOWN && b->flow != FLOW_UNKNOWN &&
	    a->role != b->role)
		return a->flow == b->flow;
	return a->id != b->id && a->lport == b->rport && a->rport == b->lport &&
	       a->flags & b->flags & CONN_HAS_ENDPOINTS && is_same(&a->laddr, &b->raddr) &&
	       is_same(&a->raddr, &b->laddr) && is_in_time(a, b) && is_in_time(b, a) &&
	       has_same_numbers(one, other);
}
