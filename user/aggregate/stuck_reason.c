// SPDX-License-Identifier: GPL-2.0-only
/* Says in one sentence what a group of stuck sockets means, in numbers, and where to look. */
#include <inttypes.h>
#include <string.h>

#include "user/aggregate/stuck_group.h"
#include "user/base/text.h"

typedef unsigned long long ull;

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static bool is_one(const struct stuck_group *g)
{
	return g->count == 1;
}

static void add_name(struct buffer *out, const char *comm, size_t size, uint32_t pid)
{
	if (size)
		text_add_escaped(out, comm, size, TEXT_UNLIMITED);
	else
		buffer_add_text(out, "process ");
	buffer_addf(out, "[%" PRIu32 "]", pid);
}

/* "python3[4711]" */
static void add_process(struct buffer *out, const struct holder *holder)
{
	add_name(out, holder->comm, strnlen(holder->comm, sizeof(holder->comm)), holder->pid);
}

/* Of a recording, all that there is. */
static void add_opener(struct buffer *out, const struct stuck_group *g, const char *it)
{
	const struct conn *c = &g->oldest->c;

	buffer_add_text(out, "; ");
	add_name(out, c->comm, strnlen(c->comm, sizeof(c->comm)), c->pid);
	if (c->flags & CONN_SEEDED && !c->accept_ns)
		buffer_addf(out,
			    " held %s when it was recorded first, and who holds %s now was "
			    "not recorded",
			    it, it);
	else
		buffer_addf(out, " %s %s, and who holds %s now was not recorded",
			    c->role == CONN_ROLE_SERVER ? "accepted" : "opened", it, it);
}

static void add_others(struct buffer *out, uint32_t others)
{
	if (others)
		buffer_addf(out, " and %" PRIu32 " other process%s", others,
			    others == 1 ? "" : "es");
}

static void add_age(struct buffer *out, const struct stuck_group *g)
{
	char text[TEXT_DURATION_SIZE];

	if (g->oldest->age_ns == TIME_UNKNOWN) {
		buffer_add_text(out, "an unknown time");
		return;
	}
	if (!g->is_age_exact)
		buffer_add_text(out, "at least ");
	buffer_add_text(out, text_duration(g->oldest->age_ns, text));
	/* Else the two are as good as the same. */
	if (is_one(g) && g->oldest->age_is_blurred && !g->is_age_exact &&
	    g->oldest->age_at_most_ns != TIME_UNKNOWN)
		buffer_addf(out, " and at most %s", text_duration(g->oldest->age_at_most_ns, text));
}

/* "12.3s ago", of several the first one. */
static void add_ago(struct buffer *out, const struct stuck_group *g)
{
	if (!is_one(g))
		buffer_add_text(out, ", the first ");
	else
		buffer_add_char(out, ' ');
	add_age(out, g);
	buffer_add_text(out, " ago");
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
static void add_remote(struct buffer *out, const struct stuck_group *g)
{
	const struct conn *c = &g->oldest->c;
	bool is_ipv4 = address_is_ipv4(&c->raddr);

	if (!g->is_one_raddr) {
		buffer_add_text(out, "several addresses");
	} else if (g->is_one_rport && c->rport) {
		buffer_add_text(out, is_ipv4 ? "" : "[");
		add_address(out, c);
		buffer_addf(out, is_ipv4 ? ":%u" : "]:%u", c->rport);
	} else {
		add_address(out, c);
	}
}

/* "; python3[4711] still holds fd 7": who, and that it could let go. */
static void add_grip(struct buffer *out, const struct stuck_group *g)
{
	const struct stuck *s = g->oldest;
	const char *it = is_one(g) ? "it" : "them";

	if (!g->is_one_grip || (s->grip == STUCK_GRIP_PROCESS && !g->is_one_holder)) {
		buffer_add_text(out, "; several processes hold them");
		return;
	}
	switch (s->grip) {
	case STUCK_GRIP_PROCESS:
		buffer_add_text(out, "; ");
		add_process(out, s->holders);
		if (is_one(g) && !g->others)
			buffer_addf(out, " still holds %s %" PRIu32,
				    s->holders->way == HOLDER_IO_URING ?
					    "it in the io_uring of fd" :
					    "fd",
				    s->holders->fd);
		else if (is_one(g))
			buffer_addf(out, " (fd %" PRIu32 ")", s->holders->fd);
		add_others(out, g->others);
		if (g->others || !is_one(g))
			buffer_addf(out, " still %s %s", g->others ? "hold" : "holds", it);
		break;
	case STUCK_GRIP_ACCEPT_QUEUE:
		buffer_addf(out, "; nobody has accepted %s", it);
		if (s->listener) {
			buffer_add_text(out, ": ");
			add_process(out, s->listener);
			buffer_addf(out, " listens with fd %" PRIu32, s->listener->fd);
		}
		break;
	case STUCK_GRIP_NOBODY:
		buffer_addf(out, "; no process holds %s any more", it);
		break;
	case STUCK_GRIP_KERNEL:
		buffer_addf(out, "; the kernel itself holds %s", it);
		break;
	case STUCK_GRIP_TRANSIT:
		buffer_addf(out, "; no process has a descriptor of %s, which may be in an io_uring",
			    it);
		buffer_add_text(out, " or on the way over a UNIX socket");
		break;
	default:
		if (g->is_one_holder && stuck_opener(s))
			add_opener(out, g, it);
		else
			buffer_addf(out, "; which process holds %s could not be read", it);
	}
}

/* Whether there is more to say of it than that no process matters, or none is known. */
static bool has_known_grip(const struct stuck_group *g)
{
	return g->oldest->grip == STUCK_GRIP_PROCESS || !g->is_one_grip || stuck_opener(g->oldest);
}

static void add_unread(struct buffer *out, const struct stuck_group *g)
{
	if (g->rx_queue_bytes)
		buffer_addf(out, ", %llu byte%s unread", (ull)g->rx_queue_bytes,
			    plural(g->rx_queue_bytes));
}

static void add_left(struct buffer *out, const struct stuck_group *g)
{
	char text[TEXT_DURATION_SIZE];

	if (is_one(g) && g->oldest->left_ns != TIME_UNKNOWN)
		buffer_addf(out, "; the kernel drops it in %s",
			    text_duration(g->oldest->left_ns, text));
}

/* It is at work, unless it does not know that the peer has closed. */
static void add_moving(struct buffer *out, const struct stuck_group *g)
{
	buffer_addf(out, g->count == 1 ? ", and still sends" : ", and all still send");
	if (g->unnoticed == g->count)
		buffer_addf(out, ": nobody has read the end%s", is_one(g) ? "" : "s");
}

/* ESTABLISHED, and in the accept queue. */
static void say_unaccepted(struct buffer *out, const struct stuck_group *g)
{
	const struct stuck *s = g->oldest;

	if (is_one(g))
		buffer_add_text(out, "A client has been connected for ");
	else
		buffer_addf(out, "%zu clients have been connected, the first for ", g->count);
	add_age(out, g);
	buffer_addf(out, ", and nobody has accepted %s", is_one(g) ? "it" : "them");
	if (s->listener) {
		buffer_add_text(out, ": ");
		add_process(out, s->listener);
		buffer_addf(out, " listens with fd %" PRIu32 " and does not call accept",
			    s->listener->fd);
	}
	add_unread(out, g);
}

static void say_close_wait(struct buffer *out, const struct stuck_group *g)
{
	if (is_one(g))
		buffer_add_text(out, "The peer closed");
	else
		buffer_addf(out, "%zu peers closed", g->count);
	add_ago(out, g);
	add_grip(out, g);
	add_unread(out, g);
	if (g->movers == g->count)
		add_moving(out, g);
	else if (g->is_one_grip && g->oldest->grip == STUCK_GRIP_ACCEPT_QUEUE)
		buffer_add_text(out, g->oldest->listener ? " and does not call accept" : "");
	else if (g->is_one_grip && g->oldest->grip == STUCK_GRIP_PROCESS)
		buffer_add_text(out, g->others || !g->is_one_holder ? ", and none called close" :
								      ", and never called close");
}

static void say_fin_wait2(struct buffer *out, const struct stuck_group *g)
{
	if (is_one(g))
		buffer_add_text(out, "Our side closed");
	else
		buffer_addf(out, "Our side closed %zu connections", g->count);
	add_ago(out, g);
	buffer_add_text(out, ", and ");
	add_remote(out, g);
	buffer_add_text(out, g->movers == g->count ?
				     " acknowledged it and still sends" :
				     " acknowledged it but never closed its own side");
	add_grip(out, g);
	add_unread(out, g);
	add_left(out, g);
}

/* What is unacknowledged: the FIN takes one number. */
static void add_unacknowledged(struct buffer *out, const struct stuck_group *g)
{
	const struct stuck *s = g->oldest;
	char text[TEXT_DURATION_SIZE];
	uint64_t data = g->tx_queue_bytes > g->count ? g->tx_queue_bytes - g->count : 0;

	if (g->windows_closed) {
		buffer_addf(out, "%s closed its window and does not read: %llu byte%s wait",
			    is_one(g) ? "the peer" : "the peers have", (ull)data, plural(data));
		if (is_one(g) && s->probes)
			buffer_addf(out, ", %" PRIu32 " probe%s unanswered", s->probes,
				    plural(s->probes));
		if (is_one(g) && s->window_ns)
			buffer_addf(out, ", for at least %s", text_duration(s->window_ns, text));
		return;
	}
	if (data)
		buffer_addf(out, "%llu byte%s and ", (ull)data, plural(data));
	if (g->most_resent == STUCK_RESENT_UNKNOWN)
		buffer_addf(out, "our FIN%s %s not acknowledged", is_one(g) ? "" : "s",
			    is_one(g) && !data ? "is" : "are");
	else if (is_one(g))
		buffer_addf(out, "our FIN, sent %u time%s, %s not acknowledged", s->resent + 1,
			    plural(s->resent + 1), data ? "are" : "is");
	else
		buffer_addf(out, "our FINs, sent up to %u times each, are not acknowledged",
			    g->most_resent + 1);
}

static void say_unacknowledged(struct buffer *out, const struct stuck_group *g, const char *what)
{
	buffer_add_text(out, what);
	if (!is_one(g))
		buffer_addf(out, " %zu connections", g->count);
	add_ago(out, g);
	buffer_add_text(out, "; ");
	add_unacknowledged(out, g);
	if (has_known_grip(g))
		add_grip(out, g);
	buffer_add_text(out, g->windows_closed ? "" : ": look at the way to ");
	if (!g->windows_closed)
		add_remote(out, g);
}

static void say_syn_sent(struct buffer *out, const struct stuck_group *g)
{
	uint32_t syns = g->most_resent + 1;

	if (g->most_resent == STUCK_RESENT_UNKNOWN && is_one(g))
		buffer_add_text(out, "A connect has waited for ");
	else if (g->most_resent == STUCK_RESENT_UNKNOWN)
		buffer_addf(out, "%zu connects have waited, the oldest for ", g->count);
	else if (is_one(g))
		buffer_addf(out, "%u SYN%s in ", syns, plural(syns));
	else
		buffer_addf(out, "%zu connects, with up to %u SYN%s each in ", g->count, syns,
			    plural(syns));
	add_age(out, g);
	buffer_add_text(out, " and no answer from ");
	add_remote(out, g);
	buffer_add_text(out, ": nobody there, a firewall that drops, or a full backlog");
	if (has_known_grip(g))
		add_grip(out, g);
}

static void say_syn_recv(struct buffer *out, const struct stuck_group *g)
{
	const struct stuck *s = g->oldest;
	uint32_t sent = g->most_resent + 1;

	if (is_one(g))
		buffer_addf(out, "A SYN-ACK was sent %u time%s in ", sent, plural(sent));
	else
		buffer_addf(out, "%zu requests, with up to %u SYN-ACK%s each in ", g->count, sent,
			    plural(sent));
	add_age(out, g);
	if (s->is_ack_dropped)
		buffer_add_text(out, ", and the ACK came but was not taken: the accept queue is "
				     "full, or waits for data");
	else
		buffer_addf(out, ", and no ACK came from %s",
			    is_one(g)	    ? "" :
			    g->is_one_raddr ? "" :
					      "them");
	if (!s->is_ack_dropped && (is_one(g) || g->is_one_raddr))
		add_remote(out, g);
	if (s->listener) {
		buffer_add_text(out, "; ");
		add_process(out, s->listener);
		buffer_addf(out, " listens on port %u", s->c.lport);
	}
}

static void say_time_wait(struct buffer *out, const struct stuck_group *g)
{
	buffer_add_text(out, is_one(g) ? "Both sides closed" : "Both sides have closed them");
	add_ago(out, g);
	buffer_add_text(out, "; the kernel keeps the ports for 60 s");
	add_left(out, g);
}

static void say_other(struct buffer *out, const struct stuck_group *g)
{
	if (is_one(g))
		buffer_addf(out, "%s for ", state_name(g->oldest->state));
	else
		buffer_addf(out, "%zu in %s, the oldest for ", g->count,
			    state_name(g->oldest->state));
	add_age(out, g);
	add_grip(out, g);
	add_unread(out, g);
	if (g->tx_queue_bytes && g->oldest->state != STATE_LISTEN)
		buffer_addf(out, ", %llu byte%s not acknowledged", (ull)g->tx_queue_bytes,
			    plural(g->tx_queue_bytes));
	if (g->windows_closed)
		buffer_addf(out, ", and %s not read", is_one(g) ? "the peer does" : "peers do");
}

void stuck_group_say_reason(const struct stuck_group *g, struct buffer *out)
{
	switch (g->oldest->state) {
	case STATE_CLOSE_WAIT:
		say_close_wait(out, g);
		break;
	case STATE_FIN_WAIT2:
		say_fin_wait2(out, g);
		break;
	case STATE_FIN_WAIT1:
		say_unacknowledged(out, g, "Our side closed");
		break;
	case STATE_LAST_ACK:
		say_unacknowledged(out, g, "Both sides closed");
		break;
	case STATE_CLOSING:
		say_unacknowledged(out, g, "Both sides closed at once");
		break;
	case STATE_SYN_SENT:
		say_syn_sent(out, g);
		break;
	case STATE_SYN_RECV:
		say_syn_recv(out, g);
		break;
	case STATE_TIME_WAIT:
		say_time_wait(out, g);
		break;
	case STATE_ESTABLISHED:
		if (g->is_one_grip && g->oldest->grip == STUCK_GRIP_ACCEPT_QUEUE)
			say_unaccepted(out, g);
		else
			say_other(out, g);
		break;
	default:
		say_other(out, g);
	}
	buffer_add_char(out, '.');
}
