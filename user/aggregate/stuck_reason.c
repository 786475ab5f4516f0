// SPDX-License-Identifier: GPL-2.0-only
/* Says in one sentence what a group of stuck sockets means, in numbers, and where to look. */
#include <string.h>

#include "user/aggregate/stuck_group.h"
#include "user/aggregate/stuck_phrase.h"
#include "user/base/text.h"

#define SAYS(NAME) STUCK_SAYS_##NAME

typedef const struct stuck_speech *speech;

static bool is_one(const struct stuck_group *g)
{
	return g->count == 1;
}

/* One of two pieces, for one and for more of what is counted. */
static enum stuck_phrase by(bool is_first, enum stuck_phrase first, enum stuck_phrase other)
{
	return is_first ? first : other;
}

static void add_name(speech to, const char *comm, size_t size, uint32_t pid)
{
	if (size)
		text_add_escaped(to->out, comm, size, TEXT_UNLIMITED);
	else
		stuck_say(to, SAYS(PROCESS));
	stuck_say_number(to, SAYS(PID), pid);
}

/* "python3[4711]" */
static void add_process(speech to, const struct holder *holder)
{
	add_name(to, holder->comm, strnlen(holder->comm, sizeof(holder->comm)), holder->pid);
}

/* How they came to their owner that were not there when recording began. */
static enum stuck_phrase later(const struct stuck_group *g, enum stuck_phrase accepted,
			       enum stuck_phrase opened, enum stuck_phrase either)
{
	if (!g->were_accepted)
		return opened;
	return g->were_held + g->were_accepted == g->count ? accepted : either;
}

/* Of a recording, all that there is. */
static void add_opener(speech to, const struct stuck_group *g)
{
	const struct conn *c = &g->oldest->c;

	stuck_say(to, SAYS(NEXT));
	add_name(to, c->comm, strnlen(c->comm, sizeof(c->comm)), c->pid);
	if (g->were_held == g->count)
		stuck_say(to, by(is_one(g), SAYS(SEEDED_ONE), SAYS(SEEDED_MANY)));
	else if (g->were_held)
		stuck_say_number(to,
				 later(g, SAYS(SEEDED_ACCEPTED), SAYS(SEEDED_OPENED),
				       SAYS(SEEDED_EITHER)),
				 g->were_held);
	else if (is_one(g))
		stuck_say(to, by(g->were_accepted, SAYS(ACCEPTED_ONE), SAYS(OPENED_ONE)));
	else
		stuck_say(to, later(g, SAYS(ACCEPTED_MANY), SAYS(OPENED_MANY), SAYS(EITHER_MANY)));
}

static void add_others(speech to, uint32_t others)
{
	if (others)
		stuck_say_number(to, by(others == 1, SAYS(OTHER_PROCESS), SAYS(OTHER_PROCESSES)),
				 others);
}

static void add_age(speech to, const struct stuck_group *g)
{
	char text[TEXT_DURATION_SIZE];

	if (g->oldest->age_ns == TIME_UNKNOWN) {
		stuck_say(to, SAYS(TIME_UNKNOWN));
		return;
	}
	if (!g->is_age_exact)
		stuck_say(to, SAYS(AT_LEAST));
	buffer_add_text(to->out, text_duration(g->oldest->age_ns, text));
	/* Else the two are as good as the same. */
	if (is_one(g) && g->oldest->age_is_blurred && !g->is_age_exact &&
	    g->oldest->age_at_most_ns != TIME_UNKNOWN)
		stuck_say_words(to, SAYS(AT_MOST), text_duration(g->oldest->age_at_most_ns, text),
				0);
}

/* "12.3s ago", of several the first one. */
static void add_ago(speech to, const struct stuck_group *g)
{
	stuck_say(to, by(is_one(g), SAYS(BLANK), SAYS(THE_FIRST)));
	add_age(to, g);
	stuck_say(to, SAYS(AGO));
}

/* "fe80::1%eth0" */
static void add_address(struct buffer *out, const struct conn *c)
{
	char text[ADDRESS_TEXT_SIZE], scratch[CONN_IFNAME_SIZE];
	const char *name = address_is_link_local(&c->raddr) ?
				   conn_ifname(c->ifindex, c->ifname, scratch) :
				   NULL;

	buffer_add_text(out, address_format(&c->raddr, text));
	if (!name)
		return;
	buffer_add_char(out, '%');
	text_add_escaped(out, name, strlen(name), TEXT_UNLIMITED);
}

/* "192.0.2.7:443", or what of it they have in common. */
static void add_remote(speech to, const struct stuck_group *g)
{
	const struct conn *c = &g->oldest->c;
	bool is_ipv4 = address_is_ipv4(&c->raddr);

	if (!g->is_one_raddr) {
		stuck_say(to, SAYS(SEVERAL_ADDRESSES));
	} else if (g->is_one_rport && c->rport) {
		buffer_add_text(to->out, is_ipv4 ? "" : "[");
		add_address(to->out, c);
		buffer_addf(to->out, is_ipv4 ? ":%u" : "]:%u", c->rport);
	} else {
		add_address(to->out, c);
	}
}

/* "; python3[4711] still holds fd 7" */
static void add_holder(speech to, const struct stuck_group *g)
{
	const struct holder *holder = g->oldest->holders;

	stuck_say(to, SAYS(NEXT));
	add_process(to, holder);
	if (is_one(g) && !g->others)
		stuck_say_number(to,
				 by(holder->way == HOLDER_IO_URING, SAYS(STILL_HOLDS_RING),
				    SAYS(STILL_HOLDS_FD)),
				 holder->fd);
	else if (is_one(g))
		stuck_say_number(to, SAYS(BY_FD), holder->fd);
	add_others(to, g->others);
	if (g->others)
		stuck_say(to, by(is_one(g), SAYS(STILL_HOLD_IT), SAYS(STILL_HOLD_THEM)));
	else if (!is_one(g))
		stuck_say(to, SAYS(STILL_HOLDS_THEM));
}

/* Who, and that it could let go. */
static void add_grip(speech to, const struct stuck_group *g)
{
	const struct stuck *s = g->oldest;
	bool one = is_one(g);

	if (!g->is_one_grip || (s->grip == STUCK_GRIP_PROCESS && !g->is_one_holder)) {
		stuck_say(to, SAYS(SEVERAL_HOLD));
		return;
	}
	switch (s->grip) {
	case STUCK_GRIP_PROCESS:
		add_holder(to, g);
		break;
	case STUCK_GRIP_ACCEPT_QUEUE:
		stuck_say(to, SAYS(NEXT));
		stuck_say(to, by(one, SAYS(NOBODY_ACCEPTED_IT), SAYS(NOBODY_ACCEPTED_THEM)));
		if (s->listener) {
			stuck_say(to, SAYS(THAT));
			add_process(to, s->listener);
			stuck_say_number(to, SAYS(LISTENS_WITH), s->listener->fd);
		}
		break;
	case STUCK_GRIP_NOBODY:
		stuck_say(to, by(one, SAYS(NO_PROCESS_IT), SAYS(NO_PROCESS_THEM)));
		break;
	case STUCK_GRIP_KERNEL:
		stuck_say(to, by(one, SAYS(KERNEL_IT), SAYS(KERNEL_THEM)));
		break;
	case STUCK_GRIP_TRANSIT:
		stuck_say(to, by(one, SAYS(TRANSIT_IT), SAYS(TRANSIT_THEM)));
		break;
	default:
		if (g->is_one_holder && stuck_opener(s))
			add_opener(to, g);
		else if (s->c.flags & CONN_WIRE)
			stuck_say(to, by(one, SAYS(CAPTURED_IT), SAYS(CAPTURED_THEM)));
		else
			stuck_say(to, by(one, SAYS(UNREADABLE_IT), SAYS(UNREADABLE_THEM)));
	}
}

/* Whether there is more to say of it than that no process matters, or none is known. */
static bool has_known_grip(const struct stuck_group *g)
{
	return g->oldest->grip == STUCK_GRIP_PROCESS || !g->is_one_grip || stuck_opener(g->oldest);
}

static void add_unread(speech to, const struct stuck_group *g)
{
	if (g->rx_queue_bytes)
		stuck_say_number(to,
				 by(g->rx_queue_bytes == 1, SAYS(UNREAD_BYTE), SAYS(UNREAD_BYTES)),
				 g->rx_queue_bytes);
}

static void add_left(speech to, const struct stuck_group *g)
{
	char text[TEXT_DURATION_SIZE];

	if (!is_one(g) || g->oldest->left_ns == TIME_UNKNOWN)
		return;
	/* Timers fire a little late. */
	if (!g->oldest->left_ns)
		stuck_say(to, SAYS(DROPS_IT_NOW));
	else
		stuck_say_words(to, SAYS(DROPS_IT_IN), text_duration(g->oldest->left_ns, text), 0);
}

/* It is at work, unless it does not know that the peer has closed. */
static void add_moving(speech to, const struct stuck_group *g)
{
	stuck_say(to, by(!is_one(g), SAYS(ALL_STILL_SEND),
			 by(g->others, SAYS(SIDE_STILL_SENDS), SAYS(STILL_SENDS))));
	if (g->unnoticed == g->count)
		stuck_say(to, by(is_one(g), SAYS(END_UNREAD), SAYS(ENDS_UNREAD)));
}

/* ESTABLISHED, and in the accept queue. */
static void say_unaccepted(speech to, const struct stuck_group *g)
{
	const struct stuck *s = g->oldest;

	stuck_say_number(to, by(is_one(g), SAYS(CLIENT_FOR), SAYS(CLIENTS_FOR)), g->count);
	add_age(to, g);
	stuck_say(to, SAYS(AND_THEN));
	stuck_say(to, by(is_one(g), SAYS(NOBODY_ACCEPTED_IT), SAYS(NOBODY_ACCEPTED_THEM)));
	if (s->listener) {
		stuck_say(to, SAYS(THAT));
		add_process(to, s->listener);
		stuck_say_number(to, SAYS(LISTENS_WITH), s->listener->fd);
		stuck_say(to, SAYS(DOES_NOT_ACCEPT));
	}
	add_unread(to, g);
}

static void say_close_wait(speech to, const struct stuck_group *g)
{
	stuck_say_number(to, by(is_one(g), SAYS(PEER_CLOSED), SAYS(PEERS_CLOSED)), g->count);
	add_ago(to, g);
	add_grip(to, g);
	add_unread(to, g);
	if (g->movers == g->count)
		add_moving(to, g);
	else if (g->is_one_grip && g->oldest->grip == STUCK_GRIP_ACCEPT_QUEUE &&
		 g->oldest->listener)
		stuck_say(to, SAYS(DOES_NOT_ACCEPT));
	else if (g->is_one_grip && g->oldest->grip == STUCK_GRIP_PROCESS)
		stuck_say(to, by(g->others || !g->is_one_holder, SAYS(NONE_CLOSED),
				 SAYS(NEVER_CLOSED)));
}

static void say_fin_wait2(speech to, const struct stuck_group *g)
{
	stuck_say_number(to, by(is_one(g), SAYS(WE_CLOSED), SAYS(WE_CLOSED_MANY)), g->count);
	add_ago(to, g);
	stuck_say(to, SAYS(AND_THEN));
	add_remote(to, g);
	stuck_say(to, by(g->movers == g->count, SAYS(ACKED_SENDS), SAYS(ACKED_OPEN)));
	add_grip(to, g);
	add_unread(to, g);
	add_left(to, g);
}

static void add_window(speech to, const struct stuck_group *g, uint64_t data)
{
	const struct stuck *s = g->oldest;
	char text[TEXT_DURATION_SIZE];

	if (is_one(g))
		stuck_say_number(to, by(data == 1, SAYS(PEER_WINDOW), SAYS(PEER_WINDOW_BYTES)),
				 data);
	else
		stuck_say_number(to, by(data == 1, SAYS(PEERS_WINDOW), SAYS(PEERS_WINDOW_BYTES)),
				 data);
	if (is_one(g) && s->probes)
		stuck_say_number(to, by(s->probes == 1, SAYS(PROBE), SAYS(PROBES)), s->probes);
	if (is_one(g) && s->window_ns)
		stuck_say_words(to, SAYS(FOR_AT_LEAST), text_duration(s->window_ns, text), 0);
}

/* What is unacknowledged: the FIN takes one number. */
static void add_unacknowledged(speech to, const struct stuck_group *g)
{
	uint64_t data = g->tx_queue_bytes > g->count ? g->tx_queue_bytes - g->count : 0;
	uint64_t sent = g->oldest->resent + 1u;

	if (g->windows_closed) {
		add_window(to, g, data);
		return;
	}
	if (data)
		stuck_say_number(to, by(data == 1, SAYS(BYTE_AND), SAYS(BYTES_AND)), data);
	if (g->most_resent == STUCK_RESENT_UNKNOWN && is_one(g))
		stuck_say(to, by(data, SAYS(FIN_ARE), SAYS(FIN_IS)));
	else if (g->most_resent == STUCK_RESENT_UNKNOWN)
		stuck_say(to, SAYS(FINS_ARE));
	else if (!is_one(g))
		stuck_say_number(to, SAYS(FINS_SENT), g->most_resent + 1u);
	else if (data)
		stuck_say_number(to, by(sent == 1, SAYS(FIN_ONCE_ARE), SAYS(FIN_OFTEN_ARE)), sent);
	else
		stuck_say_number(to, by(sent == 1, SAYS(FIN_ONCE_IS), SAYS(FIN_OFTEN_IS)), sent);
}

static void say_unacknowledged(speech to, const struct stuck_group *g, enum stuck_phrase one,
			       enum stuck_phrase many)
{
	stuck_say_number(to, by(is_one(g), one, many), g->count);
	add_ago(to, g);
	stuck_say(to, SAYS(NEXT));
	add_unacknowledged(to, g);
	if (has_known_grip(g))
		add_grip(to, g);
	if (g->windows_closed)
		return;
	stuck_say(to, SAYS(LOOK_AT));
	add_remote(to, g);
}

static void say_syn_sent(speech to, const struct stuck_group *g)
{
	uint32_t syns = g->most_resent + 1;

	if (g->most_resent == STUCK_RESENT_UNKNOWN)
		stuck_say_number(to, by(is_one(g), SAYS(CONNECT_FOR), SAYS(CONNECTS_FOR)),
				 g->count);
	else if (is_one(g))
		stuck_say_number(to, by(syns == 1, SAYS(SYN_IN), SAYS(SYNS_IN)), syns);
	else
		stuck_say_numbers(to, by(syns == 1, SAYS(CONNECTS_SYN_IN), SAYS(CONNECTS_SYNS_IN)),
				  g->count, syns);
	add_age(to, g);
	stuck_say(to, SAYS(NO_ANSWER_FROM));
	add_remote(to, g);
	stuck_say(to, SAYS(NOBODY_THERE));
	if (has_known_grip(g))
		add_grip(to, g);
}

static void say_syn_recv(speech to, const struct stuck_group *g)
{
	const struct stuck *s = g->oldest;
	uint32_t sent = g->most_resent + 1;

	if (is_one(g))
		stuck_say_number(to, by(sent == 1, SAYS(SYNACK_IN), SAYS(SYNACKS_IN)), sent);
	else
		stuck_say_numbers(to, by(sent == 1, SAYS(REQUESTS_ONE_IN), SAYS(REQUESTS_IN)),
				  g->count, sent);
	add_age(to, g);
	if (s->is_ack_dropped) {
		stuck_say(to, SAYS(ACK_NOT_TAKEN));
	} else if (is_one(g) || g->is_one_raddr) {
		stuck_say(to, SAYS(NO_ACK_FROM));
		add_remote(to, g);
	} else {
		stuck_say(to, SAYS(NO_ACK_FROM_THEM));
	}
	if (s->listener) {
		stuck_say(to, SAYS(NEXT));
		add_process(to, s->listener);
		stuck_say_number(to, SAYS(LISTENS_ON), s->c.lport);
	}
}

static void say_time_wait(speech to, const struct stuck_group *g)
{
	stuck_say(to, by(is_one(g), SAYS(BOTH_CLOSED), SAYS(BOTH_HAVE_CLOSED)));
	add_ago(to, g);
	stuck_say(to, SAYS(PORTS_FOR));
	add_left(to, g);
}

static void say_other(speech to, const struct stuck_group *g)
{
	stuck_say_words(to, by(is_one(g), SAYS(STATE_FOR), SAYS(STATES_FOR)),
			state_name(g->oldest->state), g->count);
	add_age(to, g);
	add_grip(to, g);
	add_unread(to, g);
	if (g->tx_queue_bytes && g->oldest->state != STATE_LISTEN)
		stuck_say_number(
			to, by(g->tx_queue_bytes == 1, SAYS(BYTE_UNACKED), SAYS(BYTES_UNACKED)),
			g->tx_queue_bytes);
	if (g->windows_closed)
		stuck_say(to, by(is_one(g), SAYS(PEER_READS_NOT), SAYS(PEERS_READ_NOT)));
}

/* Of what rows tell: how long it was so, and how many nobody saw the end of. */
static void say_past(speech to, const struct stuck_group *g)
{
	const char *state = state_name(g->oldest->state);
	size_t over = g->count - g->still;

	if (over) {
		stuck_say_words(to, by(over == 1, SAYS(WAS_FOR), SAYS(WERE_FOR)), state, over);
		add_age(to, g);
		if (g->still)
			stuck_say_number(to, by(g->still == 1, SAYS(ONE_STILL), SAYS(MORE_STILL)),
					 g->still);
	} else {
		stuck_say_words(to, by(g->still == 1, SAYS(STILL_WAS), SAYS(STILL_WERE)), state,
				g->still);
	}
}

static void say_present(speech to, const struct stuck_group *g)
{
	switch (g->oldest->state) {
	case STATE_CLOSE_WAIT:
		say_close_wait(to, g);
		break;
	case STATE_FIN_WAIT2:
		say_fin_wait2(to, g);
		break;
	case STATE_FIN_WAIT1:
		say_unacknowledged(to, g, SAYS(WE_CLOSED), SAYS(WE_CLOSED_MANY));
		break;
	case STATE_LAST_ACK:
		say_unacknowledged(to, g, SAYS(BOTH_CLOSED), SAYS(BOTH_CLOSED_MANY));
		break;
	case STATE_CLOSING:
		say_unacknowledged(to, g, SAYS(AT_ONCE), SAYS(AT_ONCE_MANY));
		break;
	case STATE_SYN_SENT:
		say_syn_sent(to, g);
		break;
	case STATE_SYN_RECV:
		say_syn_recv(to, g);
		break;
	case STATE_TIME_WAIT:
		say_time_wait(to, g);
		break;
	case STATE_ESTABLISHED:
		if (g->is_one_grip && g->oldest->grip == STUCK_GRIP_ACCEPT_QUEUE)
			say_unaccepted(to, g);
		else
			say_other(to, g);
		break;
	default:
		say_other(to, g);
	}
}

void stuck_group_say_reason(const struct stuck_group *g, enum ladder_language language,
			    struct buffer *out)
{
	const struct stuck_speech to = { out, language };

	if (g->oldest->is_past)
		say_past(&to, g);
	else
		say_present(&to, g);
	stuck_say(&to, SAYS(STOP));
}
