// SPDX-License-Identifier: GPL-2.0-only
/* Segments of both directions: which connection each is of, and what becomes of its two ends. */
#include "user/event/segments.h"

#include <errno.h>
#include <string.h>

#include "user/base/units.h"
#include "user/event/segments_parts.h"

/* 2 MSL, as nearly all systems have it. No segment tells when a TIME_WAIT ends. */
#define TIME_WAIT_NS (60 * NS_PER_S)

/* Silence after which a handshake is given up: Linux sends no SYN or SYN-ACK after a longer one. */
#define OPENING_NS (65 * NS_PER_S)

/* So many at a time, so that one segment does not lead to records without end. */
#define EXPIRED_MOST 32

/* SYNs sent in vain, as many as Linux sends before it gives up by itself. */
#define SYN_TRIES 6

/* ---- time ------------------------------------------------------------------------------------ */

static void expire_opening(struct segments *s, struct wire *w)
{
	uint64_t time_ns = w->heard_ns + OPENING_NS;

	for (unsigned int side = 0; side < 2; side++) {
		struct wire_end *end = &w->end[side];

		if (end->marks & WIRE_REQUEST)
			wire_tell_request(s, w, side, EVENT_REQUEST_ABANDONED, time_ns);
		else if (end->state == STATE_SYN_SENT && end->syn_retransmits >= SYN_TRIES)
			wire_tell_close(s, w, side, ETIMEDOUT, time_ns);
	}
	wire_end_unseen(s, w, time_ns);
}

static void expire_over(struct segments *s, struct wire *w)
{
	for (unsigned int side = 0; side < 2; side++)
		if (w->end[side].state == STATE_TIME_WAIT)
			wire_tell_waiting(s, w, side, EVENT_TIMEWAIT_EXPIRED,
					  w->end[side].entered_ns + TIME_WAIT_NS);
}

/* The oldest of a list, if so much time has passed since it was heard of. */
static uint32_t due(const struct segments *s, enum wire_list list, uint64_t after_ns)
{
	uint32_t n = s->order[list].oldest;

	return n && wire_at(s, n)->heard_ns + after_ns <= s->now_ns ? n : WIRE_NOBODY;
}

bool segments_pass(struct segments *s, uint64_t time_ns)
{
	if (time_ns > s->now_ns)
		s->now_ns = time_ns;
	for (unsigned int i = 0; i < EXPIRED_MOST; i++) {
		uint32_t opening = due(s, WIRE_OPENING, OPENING_NS);
		uint32_t over = due(s, WIRE_OVER, TIME_WAIT_NS);

		if (!opening && !over)
			return false;
		if (opening) {
			expire_opening(s, wire_at(s, opening));
			wire_forget(s, opening);
		}
		if (over) {
			expire_over(s, wire_at(s, over));
			wire_forget(s, over);
		}
	}
	return true;
}

/* ---- the opening ----------------------------------------------------------------------------- */

/* What systems begin with: who has just sent has one of these, each router takes one away. */
static bool is_at_home(const struct wire_end *end)
{
	return end->hops == 64 || end->hops == 128 || end->hops == 255;
}

/*
 * Where it was captured, by the routers behind each end. Where there are none, an answer that takes
 * ten times as long as the other one comes from further away.
 */
static enum event_point guess_point(const struct wire_end *client, const struct wire_end *server,
				    uint64_t ack_ns)
{
	uint64_t to_server_ns, to_client_ns;

	if (!(client->marks & WIRE_SENT) || !(server->marks & WIRE_SENT))
		return EVENT_POINT_UNKNOWN;
	if (is_at_home(client) != is_at_home(server))
		return is_at_home(client) ? EVENT_POINT_CLIENT : EVENT_POINT_SERVER;
	if (!is_at_home(client))
		return EVENT_POINT_BETWEEN;
	if (!client->syn_last_ns || !server->synack_ns || server->syn_retransmits ||
	    server->synack_ns < client->syn_last_ns || ack_ns < server->synack_ns)
		return EVENT_POINT_UNKNOWN;
	to_server_ns = server->synack_ns - client->syn_last_ns;
	to_client_ns = ack_ns - server->synack_ns;
	if (to_server_ns > 10 * to_client_ns && to_server_ns > NS_PER_MS)
		return EVENT_POINT_CLIENT;
	if (to_client_ns > 10 * to_server_ns && to_client_ns > NS_PER_MS)
		return EVENT_POINT_SERVER;
	return EVENT_POINT_UNKNOWN;
}

/* The roles that an older connection's first segment does not give away. */
enum { ROLE_UNKNOWN, ROLE_CLIENT, ROLE_SERVER };

static void seed(struct segments *s, struct wire *w, unsigned int side, uint8_t role,
		 uint64_t time_ns)
{
	w->end[side].state = STATE_ESTABLISHED;
	wire_tell_seed(s, w, side, role, time_ns);
}

/* Whether records may tell of the end's beginning. */
static bool has_beginning(const struct wire_end *end)
{
	return end->marks & WIRE_HAS_SYN && end->state == STATE_SYN_SENT;
}

/* The client's ACK has come: both ends are open. `side` is the client's. */
static void open_both(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns)
{
	struct wire_end *client = &w->end[side], *server = &w->end[!side];

	w->point = (uint8_t)guess_point(client, server, time_ns);
	s->counts.points[w->point]++;
	if (has_beginning(client))
		wire_tell_step(s, w, side, STATE_ESTABLISHED, time_ns);
	else
		seed(s, w, side, ROLE_CLIENT, time_ns);
	if (server->marks & WIRE_REQUEST)
		wire_tell_birth(s, w, !side, time_ns);
	if (server->state == STATE_SYN_RECV)
		wire_tell_step(s, w, !side, STATE_ESTABLISHED, time_ns);
	if (server->fin && server->state == STATE_ESTABLISHED)
		wire_tell_step(s, w, !side, STATE_FIN_WAIT1, time_ns);
	wire_move_to(s, wire_number_of(s, w), WIRE_OPEN);
}

/* What is seen of it can only be if both are open, and of one of them less is known. */
static void open_unseen(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns)
{
	struct wire_end *end = &w->end[side];
	struct wire_end *peer = &w->end[!side];
	bool is_client = has_beginning(end);

	if (is_client)
		wire_tell_open_unseen(s, w, side, time_ns);
	else
		seed(s, w, side,
		     end->marks & WIRE_REQUEST || has_beginning(peer) ? ROLE_SERVER : ROLE_UNKNOWN,
		     time_ns);
	if (has_beginning(peer))
		wire_tell_open_unseen(s, w, !side, time_ns);
	else
		seed(s, w, !side,
		     is_client		       ? ROLE_SERVER :
		     end->marks & WIRE_REQUEST ? ROLE_CLIENT :
						 ROLE_UNKNOWN,
		     time_ns);
	end->marks &= (uint8_t)~WIRE_REQUEST;
	peer->marks &= (uint8_t)~WIRE_REQUEST;
	wire_move_to(s, wire_number_of(s, w), WIRE_OPEN);
}

static void begin_client(struct segments *s, struct wire *w, unsigned int side,
			 const struct segment *segment)
{
	struct wire_end *end = &w->end[side];

	end->first = (UINT64_C(1) << 32) + segment->seq;
	end->next = end->first + wire_length(segment);
	end->marks |= WIRE_HAS_NEXT | WIRE_HAS_FIRST | WIRE_HAS_SYN | WIRE_SENT;
	end->syn_ns = end->syn_last_ns = end->sent_ns = segment->time_ns;
	end->hops = segment->hops;
	wire_tell_step(s, w, side, STATE_SYN_SENT, segment->time_ns);
}

/* Its place among the connections is taken by the one that begins. */
static struct wire *begin_anew(struct segments *s, struct wire *w)
{
	struct wire_key key = w->key;

	for (unsigned int side = 0; side < 2; side++)
		if (w->end[side].state == STATE_TIME_WAIT)
			wire_tell_waiting(s, w, side, EVENT_TIMEWAIT_REUSED, s->now_ns);
		else if (w->end[side].marks & WIRE_REQUEST)
			wire_tell_request(s, w, side, EVENT_REQUEST_DROPPED, s->now_ns);
	wire_end_unseen(s, w, s->now_ns);
	wire_forget(s, wire_number_of(s, w));
	return wire_add(s, &key, WIRE_OPENING);
}

static void take_syn(struct segments *s, struct wire *w, unsigned int side,
		     const struct segment *segment)
{
	struct wire_end *end = &w->end[side], *peer = &w->end[!side];

	if (end->marks & WIRE_HAS_FIRST && (uint32_t)end->first == segment->seq) {
		if (end->state != STATE_SYN_SENT && !(peer->marks & WIRE_REQUEST))
			return;
		end->syn_retransmits++;
		/* It is the last one before the SYN-ACK that this is an answer to. */
		if (!peer->synack_ns)
			end->syn_last_ns = segment->time_ns;
		s->counts.retransmits++;
		wire_tell_again(s, w, side, EVENT_RETRANSMIT_SYN, segment->time_ns);
	} else if (w->list == WIRE_OPENING && !(end->marks & WIRE_SENT) &&
		   peer->state == STATE_SYN_SENT) {
		w->is_crossed = true;
		begin_client(s, w, side, segment);
	} else if (w->list == WIRE_OPEN) {
		/* Whether it begins one, its answer tells: no other acknowledges it. */
		w->late_syn = segment->seq;
		w->late_syn_ns = segment->time_ns;
		w->late_syn_end = (uint8_t)side;
	} else {
		w = begin_anew(s, w);
		if (w)
			begin_client(s, w, side, segment);
	}
}

/* The SYN that an open connection had no use for was another one's, which it made way for. */
static struct wire *take_late(struct segments *s, struct wire *w, unsigned int side)
{
	struct segment syn = { .time_ns = w->late_syn_ns, .seq = w->late_syn };

	syn.flags = SEGMENT_SYN;
	w = begin_anew(s, w);
	if (w)
		begin_client(s, w, side, &syn);
	return w;
}

/* Of two whose SYNs have crossed: it has the peer's, and says so. */
static void take_crossed(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns)
{
	struct wire_end *end = &w->end[side], *peer = &w->end[!side];

	if (end->state == STATE_SYN_SENT)
		wire_tell_step(s, w, side, STATE_SYN_RECV, time_ns);
	end->synack_ns = time_ns;
	for (unsigned int i = 0; i < 2; i++)
		if (w->end[i].state == STATE_SYN_RECV && w->end[!i].synack_ns)
			wire_tell_step(s, w, i, STATE_ESTABLISHED, time_ns);
	if (end->state == STATE_ESTABLISHED && peer->state == STATE_ESTABLISHED)
		wire_move_to(s, wire_number_of(s, w), WIRE_OPEN);
}

static void take_synack(struct segments *s, struct wire *w, unsigned int side,
			const struct segment *segment)
{
	struct wire_end *end, *peer;
	uint64_t acked;

	if (w->late_syn_ns && w->late_syn_end == !side && segment->ack == w->late_syn + 1) {
		w = take_late(s, w, !side);
		if (!w)
			return;
	}
	end = &w->end[side];
	peer = &w->end[!side];
	acked = wire_unwrap(peer->next, segment->ack);
	if (peer->marks & WIRE_HAS_FIRST && (acked <= peer->first || acked > peer->next)) {
		s->counts.outside++;
		return;
	}
	if (w->is_crossed) {
		end->acked = acked;
		take_crossed(s, w, side, segment->time_ns);
		return;
	}
	if (w->list != WIRE_OPENING)
		return;
	if (end->marks & WIRE_HAS_FIRST) {
		if ((uint32_t)end->first != segment->seq || end->state == STATE_SYN_SENT) {
			s->counts.outside++;
			return;
		}
		end->syn_retransmits++;
		s->counts.retransmits++;
		wire_tell_again(s, w, side, EVENT_RETRANSMIT_SYNACK, segment->time_ns);
		return;
	}
	end->first = (UINT64_C(1) << 32) + segment->seq;
	end->next = end->first + wire_length(segment);
	end->marks |= WIRE_HAS_NEXT | WIRE_HAS_FIRST | WIRE_REQUEST | WIRE_SENT;
	end->synack_ns = end->sent_ns = segment->time_ns;
	end->acked = acked;
	end->hops = segment->hops;
	if (!(peer->marks & WIRE_HAS_FIRST)) {
		/* Its SYN was not captured; this is what it had for a number. */
		peer->first = (UINT64_C(1) << 32) + segment->ack - 1;
		peer->next = peer->first + 1;
		peer->marks |= WIRE_HAS_FIRST | WIRE_HAS_NEXT;
		end->acked = peer->next;
	} else if (acked > peer->first + 1) {
		/* It has taken what came with the SYN: so it is there, before the ACK. */
		end->marks |= WIRE_FASTOPEN;
		peer->marks |= WIRE_FASTOPEN;
		wire_tell_birth(s, w, side, segment->time_ns);
	}
	if (segment->flags & SEGMENT_FIN) {
		end->fin = end->first + 1 + segment->payload;
		end->fin_ns = segment->time_ns;
	}
}

/* ---- the end --------------------------------------------------------------------------------- */

/* When both ends are over, or wait for the time to pass, so does it. */
static void check_over(struct segments *s, struct wire *w, uint64_t time_ns)
{
	for (unsigned int side = 0; side < 2; side++)
		if (w->end[side].state != STATE_TIME_WAIT && w->end[side].state != STATE_CLOSED)
			return;
	if (w->list == WIRE_OVER)
		return;
	w->heard_ns = time_ns > s->now_ns ? time_ns : s->now_ns;
	wire_move_to(s, wire_number_of(s, w), WIRE_OVER);
}

/*
 * It acknowledges the peer's FIN, so it has it: since that passed by, for the ACK may have been put
 * off.
 */
static void take_fin_of_peer(struct segments *s, struct wire *w, unsigned int side,
			     uint64_t acked_ns)
{
	uint64_t fin_ns = w->end[!side].fin_ns, entered_ns = w->end[side].entered_ns;
	uint64_t time_ns = fin_ns < acked_ns ? fin_ns : acked_ns;

	if (time_ns < entered_ns && entered_ns <= acked_ns)
		time_ns = entered_ns;
	switch (w->end[side].state) {
	case STATE_ESTABLISHED:
		wire_tell_step(s, w, side, STATE_CLOSE_WAIT, time_ns);
		break;
	case STATE_FIN_WAIT1:
		wire_tell_step(s, w, side, STATE_CLOSING, time_ns);
		break;
	case STATE_FIN_WAIT2:
		wire_tell_timewait(s, w, side, time_ns);
		break;
	default:
		break;
	}
}

static void send_fin(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns)
{
	if (w->end[side].state == STATE_ESTABLISHED)
		wire_tell_step(s, w, side, STATE_FIN_WAIT1, time_ns);
	else if (w->end[side].state == STATE_CLOSE_WAIT)
		wire_tell_step(s, w, side, STATE_LAST_ACK, time_ns);
}

/*
 * Its FIN is acknowledged. Where the peer's had left before that, it arrived before that: they have
 * crossed.
 */
static void hear_of_fin(struct segments *s, struct wire *w, unsigned int side, bool has_crossed,
			uint64_t time_ns)
{
	switch (w->end[side].state) {
	case STATE_FIN_WAIT1:
		wire_tell_step(s, w, side, has_crossed ? STATE_CLOSING : STATE_FIN_WAIT2, time_ns);
		if (has_crossed)
			wire_tell_timewait(s, w, side, time_ns);
		break;
	case STATE_CLOSING:
		wire_tell_timewait(s, w, side, time_ns);
		break;
	case STATE_LAST_ACK:
		wire_tell_close(s, w, side, 0, time_ns);
		break;
	default:
		break;
	}
}

/*
 * RFC 5961, which systems follow: an open end takes a reset at the very number that it expects, one
 * that connects takes what acknowledges its SYN.
 */
static bool is_taken(const struct wire_end *end, const struct wire_end *by,
		     const struct segment *segment)
{
	if (end->state == STATE_SYN_SENT && !(by->marks & WIRE_HAS_FIRST)) {
		uint64_t acked = wire_unwrap(end->next, segment->ack);

		return segment->flags & SEGMENT_ACK && acked > end->first && acked <= end->next;
	}
	if (!(by->marks & WIRE_HAS_NEXT))
		return true;
	return segment->seq == (uint32_t)by->next ||
	       (end->acked && segment->seq == (uint32_t)end->acked);
}

/* As tcp_reset() has it. Whoever was given a SYN-ACK has not been refused, ACK or no ACK. */
static uint16_t reset_error(const struct wire_end *end, const struct wire_end *peer)
{
	if (end->state == STATE_SYN_SENT && !peer->synack_ns)
		return ECONNREFUSED;
	return end->state == STATE_CLOSE_WAIT ? EPIPE : ECONNRESET;
}

static void receive_reset(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns)
{
	struct wire_end *end = &w->end[side];

	if (end->marks & WIRE_REQUEST) {
		wire_tell_request(s, w, side, EVENT_REQUEST_RESET, time_ns);
	} else if (end->state == STATE_TIME_WAIT) {
		wire_tell_waiting(s, w, side, EVENT_TIMEWAIT_RESET, time_ns);
	} else if (end->marks & WIRE_BORN && !end->is_closed) {
		wire_tell_reset(s, w, side, EVENT_RESET_RECEIVED, time_ns);
		wire_tell_close(s, w, side, reset_error(end, &w->end[!side]), time_ns);
	}
}

static void send_reset(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns)
{
	struct wire_end *end = &w->end[side];

	if (end->marks & WIRE_REQUEST) {
		wire_tell_request(s, w, side, EVENT_REQUEST_REFUSED, time_ns);
	} else if (end->state == STATE_TIME_WAIT) {
		wire_tell_waiting(s, w, side, EVENT_TIMEWAIT_ANSWERED, time_ns);
	} else if (end->marks & WIRE_BORN && !end->is_closed) {
		wire_tell_reset(s, w, side, EVENT_RESET_SENT, time_ns);
		wire_tell_close(s, w, side, 0, time_ns);
	} else {
		wire_tell_reset(s, w, side, EVENT_RESET_STRAY, time_ns);
	}
}

/* What its sender has received of what the peer was seen to send. */
static uint64_t acked_by_reset(const struct wire_end *end, const struct wire_end *peer,
			       const struct segment *segment)
{
	uint64_t acked = wire_unwrap(peer->next, segment->ack);

	return segment->flags & SEGMENT_ACK && acked > end->acked && acked <= peer->next ?
		       acked :
		       end->acked;
}

static void take_reset(struct segments *s, struct wire *w, unsigned int side,
		       const struct segment *segment)
{
	struct wire_end *end = &w->end[side], *peer = &w->end[!side];
	uint64_t acked = end->acked;

	if (!is_taken(peer, end, segment)) {
		s->counts.resets_outside++;
		return;
	}
	/* Its number, and what it acknowledges, lie behind the FINs that have arrived. */
	if (end->fin && segment->seq == (uint32_t)end->next && peer->marks & WIRE_BORN)
		take_fin_of_peer(s, w, !side, segment->time_ns);
	if (peer->fin && segment->flags & SEGMENT_ACK && end->marks & WIRE_BORN &&
	    wire_unwrap(peer->next, segment->ack) > peer->fin)
		take_fin_of_peer(s, w, side, segment->time_ns);
	/* Who sends it has all that it acknowledges; who takes it does not look at that. */
	if (end->state != STATE_SYN_SENT)
		end->acked = acked_by_reset(end, peer, segment);
	send_reset(s, w, side, segment->time_ns);
	end->acked = acked;
	receive_reset(s, w, !side, segment->time_ns);
	check_over(s, w, segment->time_ns);
}

/* ---- what lies between ----------------------------------------------------------------------- */

/* Returns whether it is one of this connection. */
static bool take_ack(struct segments *s, struct wire *w, unsigned int side,
		     const struct segment *segment)
{
	struct wire_end *end = &w->end[side], *peer = &w->end[!side];
	uint64_t acked;

	if (!(peer->marks & WIRE_HAS_NEXT)) {
		peer->next = (UINT64_C(1) << 32) + segment->ack;
		peer->marks |= WIRE_HAS_NEXT;
	}
	acked = wire_unwrap(peer->next, segment->ack);
	/* What answers a SYN and does not acknowledge it is about an older connection. */
	if (peer->state == STATE_SYN_SENT &&
	    (acked <= peer->first || (acked > peer->next && !(end->marks & WIRE_REQUEST))))
		return false;
	if (acked > peer->next) {
		if (acked - peer->next > UINT64_C(1) << 30)
			return false;
		/* A server sends nothing before its SYN-ACK is acknowledged: this does not. */
		if (peer->marks & WIRE_REQUEST)
			return false;
		/* The peer has sent more than was captured. */
		s->counts.unseen++;
		w->gaps |= 3;
		peer->next = acked;
	}
	if (acked > end->acked) {
		end->acked = acked;
		end->again = 0;
	} else if (acked == end->acked && !wire_length(segment) && end->again < UINT8_MAX) {
		end->again++;
	}
	if (segment->has_sack && end->again < 2)
		end->again = 2;
	return true;
}

static void note_track(struct segments *s, struct wire *w, unsigned int side, enum wire_track track,
		       uint64_t silence_ns, uint64_t time_ns)
{
	switch (track) {
	case WIRE_TRACK_AGAIN:
		s->counts.retransmits++;
		w->end[side].retransmits++;
		wire_tell_again(s, w, side, wire_again_cause(&w->end[!side], silence_ns), time_ns);
		break;
	case WIRE_TRACK_LATE:
		s->counts.reordered++;
		break;
	case WIRE_TRACK_PROBE:
		s->counts.keepalives++;
		break;
	case WIRE_TRACK_OUTSIDE:
		s->counts.outside++;
		break;
	default:
		break;
	}
}

/* A FIN that comes again says that its ACK was lost: who waits in TIME_WAIT waits anew. */
static void wait_anew(struct segments *s, struct wire *w, unsigned int side, uint64_t time_ns)
{
	uint32_t n = wire_number_of(s, w);

	if (w->end[side].state != STATE_TIME_WAIT)
		return;
	wire_tell_waiting(s, w, side, EVENT_TIMEWAIT_REARMED, time_ns);
	if (w->list != WIRE_OVER)
		return;
	w->heard_ns = s->now_ns;
	wire_move_to(s, n, WIRE_OVER);
}

/* The ends' states, by what a segment says of both. */
static void move_ends(struct segments *s, struct wire *w, unsigned int side,
		      const struct segment *segment, bool had_fin)
{
	struct wire_end *end = &w->end[side], *peer = &w->end[!side];
	uint64_t time_ns = segment->time_ns;
	bool has_crossed = had_fin && peer->acked <= end->fin;

	if (peer->fin && end->acked > peer->fin) {
		end->replies_by_fin = end->fin && !had_fin && end->state == STATE_ESTABLISHED;
		take_fin_of_peer(s, w, side, time_ns);
	}
	if (end->fin && !had_fin)
		send_fin(s, w, side, time_ns);
	if (peer->fin && end->acked > peer->fin)
		hear_of_fin(s, w, !side, has_crossed, time_ns);
	check_over(s, w, time_ns);
}

/* A fast open's server, which lives and sends before its SYN-ACK is acknowledged. */
static bool is_early(const struct wire_end *end)
{
	return end->marks & WIRE_FASTOPEN && end->marks & WIRE_BORN && end->synack_ns;
}

/* Whether it shows that both ends are open. */
static bool open_by(struct segments *s, struct wire *w, unsigned int side,
		    const struct segment *segment)
{
	struct wire_end *end = &w->end[side], *peer = &w->end[!side];

	if (!(segment->flags & SEGMENT_ACK))
		return false;
	if (w->is_crossed) {
		take_crossed(s, w, side, segment->time_ns);
		return w->list == WIRE_OPEN;
	}
	if ((peer->marks & WIRE_REQUEST || is_early(peer)) && end->acked > peer->first) {
		open_both(s, w, side, segment->time_ns);
		return true;
	}
	if (is_early(end)) {
		if (end->fin && end->state == STATE_SYN_RECV)
			wire_tell_step(s, w, side, STATE_FIN_WAIT1, segment->time_ns);
		return false;
	}
	/* It acknowledges the SYN-ACK, which was not captured, and maybe what came after that. */
	if (has_beginning(end) && !(peer->marks & WIRE_HAS_FIRST))
		s->counts.unseen++;
	open_unseen(s, w, side, segment->time_ns);
	return true;
}

/* Neither a SYN nor a reset. */
static void take_segment(struct segments *s, struct wire *w, unsigned int side,
			 const struct segment *segment)
{
	struct wire_end *end = &w->end[side], *peer = &w->end[!side];
	uint64_t silence_ns = segment->time_ns > end->sent_ns ? segment->time_ns - end->sent_ns : 0;
	bool had_fin = end->fin;
	enum wire_track track = wire_track(end, peer, segment);

	note_track(s, w, side, track, silence_ns, segment->time_ns);
	if (track == WIRE_TRACK_OUTSIDE)
		return;
	end->marks |= WIRE_SENT;
	end->hops = segment->hops;
	end->is_shut = !segment->window;
	if (segment->flags & SEGMENT_ACK && !take_ack(s, w, side, segment)) {
		s->counts.outside++;
		return;
	}
	if (segment->flags & SEGMENT_FIN) {
		if (!end->fin)
			end->fin = wire_unwrap(end->next, segment->seq) + segment->payload;
		end->fin_ns = segment->time_ns;
	}
	if (w->list == WIRE_OPENING && !open_by(s, w, side, segment))
		return;
	if (segment->flags & SEGMENT_FIN && had_fin && track == WIRE_TRACK_AGAIN)
		wait_anew(s, w, !side, segment->time_ns);
	move_ends(s, w, side, segment, had_fin);
}

/* ---- from outside ---------------------------------------------------------------------------- */

/* Which side of the key it comes from. */
static unsigned int key_of(const struct segment *segment, struct wire_key *key)
{
	int order = memcmp(&segment->from, &segment->to, sizeof(segment->from));
	unsigned int side = order ? order > 0 : segment->from_port > segment->to_port;

	memset(key, 0, sizeof(*key));
	key->address[side] = segment->from;
	key->address[!side] = segment->to;
	key->port[side] = segment->from_port;
	key->port[!side] = segment->to_port;
	key->is_ipv6 = segment->is_ipv6;
	return side;
}

/* The first segment of a connection that is not known. */
static struct wire *meet(struct segments *s, const struct wire_key *key, unsigned int side,
			 const struct segment *segment)
{
	struct wire *w;

	if (segment->flags & SEGMENT_RST || !(segment->flags & (SEGMENT_SYN | SEGMENT_ACK))) {
		s->counts.strays++;
		return NULL;
	}
	w = wire_add(s, key, WIRE_OPENING);
	if (!w)
		return NULL;
	if (!(segment->flags & SEGMENT_SYN))
		return w;
	if (segment->flags & SEGMENT_ACK)
		return w;
	begin_client(s, w, side, segment);
	return w;
}

static void hear(struct segments *s, struct wire *w, const struct segment *segment)
{
	if (w->list == WIRE_OVER)
		return;
	w->heard_ns = segment->time_ns > s->now_ns ? segment->time_ns : s->now_ns;
	wire_move_to(s, wire_number_of(s, w), (enum wire_list)w->list);
}

static void add_from(struct segments *s, const struct segment *segment, const struct wire_key *key,
		     unsigned int side)
{
	struct hash_search search;
	uint32_t n = wire_find(s, key, &search);
	struct wire *w = n ? wire_at(s, n) : meet(s, key, side, segment);

	if (!w)
		return;
	if (wire_is_copy(&w->end[side], segment)) {
		s->counts.duplicates++;
		return;
	}
	hear(s, w, segment);
	if (segment->flags & SEGMENT_RST)
		take_reset(s, w, side, segment);
	else if (segment->flags & SEGMENT_SYN && segment->flags & SEGMENT_ACK)
		take_synack(s, w, side, segment);
	else if (!(segment->flags & SEGMENT_SYN))
		take_segment(s, w, side, segment);
	else if (n)
		take_syn(s, w, side, segment);
}

void segments_add(struct segments *s, const struct segment *segment)
{
	struct segments_counts counts;
	struct wire_key key;
	unsigned int side;

	s->counts.segments++;
	if (segment->time_ns < s->now_ns)
		s->counts.backwards++;
	segments_pass(s, segment->time_ns);
	side = key_of(segment, &key);
	add_from(s, segment, &key, side);
	if (!wire_is_mirrored(&key))
		return;
	counts = s->counts;
	add_from(s, segment, &key, !side);
	s->counts = counts;
}

void segments_note_loss(struct segments *s)
{
	s->losses++;
}

const struct segments_counts *segments_counts(const struct segments *s)
{
	return &s->counts;
}
