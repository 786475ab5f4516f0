// SPDX-License-Identifier: GPL-2.0-only
/* Listeners as they are told of: one row for each, with what it means in a sentence. */
#include "user/aggregate/listening_row.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/text.h"
#include "user/base/units.h"

#define UNKNOWN UINT64_MAX

const char *listening_verdict_name(enum listening_verdict verdict)
{
	static const char *const names[LISTENING_VERDICT_COUNT] = {
#define X(NAME, name) name,
		LISTENING_VERDICTS(X)
#undef X
	};

	return names[verdict];
}

bool listening_is_partial(const struct listening_totals *t)
{
	return t->unreadable_namespaces || t->crowded_namespaces || t->hidden_processes ||
	       t->unreadable_processes || t->left_out;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static bool is_followed(const struct listening_row *row)
{
	return row->view->duration_ns;
}

static void set_drops(const struct listening *l, struct listening_row *row)
{
	const struct listening_socket *s = row->socket;

	row->of_netns = row->new_of_netns = (struct listening_counts){ UNKNOWN, UNKNOWN };
	row->drops = row->overflows = row->new_drops = row->new_overflows = UNKNOWN;
	listening_counted(l, row->place->netns, &row->of_netns,
			  is_followed(row) ? &row->new_of_netns : NULL);
	if (!s || !s->is_seen || !s->has_drops)
		return;
	row->drops = s->drops;
	listening_overflows(l, s, false, &row->overflows);
	if (!is_followed(row))
		return;
	row->new_drops = listening_drops(s);
	listening_overflows(l, s, true, &row->new_overflows);
}

/* Of several sockets at one place, each knows its own where every accept could be assigned. */
static void set_accepted(struct listening_row *row)
{
	const struct listening_place *p = row->place;
	bool is_alone = p->count < 2;

	row->accepted = row->never_accepted = UNKNOWN;
	if (!is_followed(row) || !row->view->accepts_known)
		return;
	if (is_alone)
		row->accepted = p->accepted;
	else if (!p->unassigned)
		row->accepted = row->socket->accepted;
	if (is_alone && !row->view->owners_filtered)
		row->never_accepted = p->never_accepted;
}

static void set_waits(struct listening_row *row)
{
	const struct listening_place *p = row->place;
	uint64_t now_ns = row->view->now_ns;

	row->oldest_ns = row->idle_ns = TIME_UNKNOWN;
	if (p->oldest_ns == TIME_UNKNOWN || !row->socket || !row->socket->queue)
		return;
	row->oldest_ns = p->oldest_ns < now_ns ? now_ns - p->oldest_ns : 0;
	/* Several queues, and whose the oldest is shows nowhere. */
	if (p->count > 1) {
		row->oldest_ns = TIME_UNKNOWN;
		return;
	}
	if (!is_followed(row))
		return;
	if (p->unmoved_ns && p->unmoved_ns < now_ns)
		row->idle_ns = now_ns - p->unmoved_ns;
	if (!row->view->accepts_exact || !p->last_accept_ns || p->last_accept_ns > now_ns)
		return;
	/* Looks and events tell the same, or the looks know better. */
	if (row->idle_ns == TIME_UNKNOWN || now_ns - p->last_accept_ns < row->idle_ns)
		return;
	row->idle_ns = now_ns - p->last_accept_ns;
	row->idle_is_exact = true;
}

static enum listening_verdict judge(const struct listening_row *row)
{
	const struct listening_socket *s = row->socket;

	if (!s || !s->is_seen)
		return row->place->overflowed ? LISTENING_IS_DROPPING : LISTENING_IS_OK;
	if (s->queue > s->queue_max)
		return LISTENING_IS_FULL;
	if (row->new_drops && row->new_drops != UNKNOWN)
		return LISTENING_IS_DROPPING;
	if (s->has_half_open && s->half_open && s->half_open >= s->queue_max)
		return LISTENING_IS_REQUESTS_FULL;
	if (row->oldest_ns != TIME_UNKNOWN && row->oldest_ns >= LISTENING_SLOW_NS)
		return LISTENING_IS_WAITING;
	if (!is_followed(row) && row->drops && row->drops != UNKNOWN)
		return LISTENING_IS_HAS_DROPPED;
	return LISTENING_IS_OK;
}

static void set_row(const struct listening *l, struct listening_row *row)
{
	set_drops(l, row);
	set_accepted(row);
	set_waits(row);
	row->verdict = judge(row);
}

static int compare_rows(const void *a, const void *b)
{
	const struct listening_row *x = a, *y = b;
	const struct listening_place *p = x->place, *q = y->place;
	int order;

	if (p->netns != q->netns)
		return p->netns < q->netns ? -1 : 1;
	if (p->lport != q->lport)
		return p->lport < q->lport ? -1 : 1;
	if (p->ifindex != q->ifindex)
		return p->ifindex < q->ifindex ? -1 : 1;
	order = memcmp(&p->laddr, &q->laddr, sizeof(p->laddr));
	if (order || !x->socket || !y->socket)
		return order;
	if (x->socket->pid != y->socket->pid)
		return x->socket->pid < y->socket->pid ? -1 : 1;
	return x->socket->inode < y->socket->inode ? -1 : 1;
}

/* Of those that are gone, what somebody has accepted there is worth a row. */
static bool is_told(const struct listening_place *p)
{
	return p->count || p->accepted || p->never_accepted || p->overflowed || p->drops;
}

static size_t fill(struct listening *l, const struct listening_view *view,
		   struct listening_row *rows)
{
	size_t count = 0;

	for (uint32_t i = 1; i <= listening_places(l); i++) {
		struct listening_place *p = listening_place(l, i);
		uint32_t n = p->first;

		if (!p->count && is_told(p))
			rows[count++] = (struct listening_row){ .view = view, .place = p };
		for (; n != LISTENING_NONE; n = listening_socket(l, n)->next)
			rows[count++] = (struct listening_row){ .view = view,
								.place = p,
								.socket = listening_socket(l, n) };
	}
	return count;
}

int listening_rows_new(struct listening *l, const struct listening_view *view,
		       struct listening_row **ret_rows, size_t *ret_count)
{
	size_t room = listening_places(l) + listening_sockets(l) + 1, count;
	struct listening_row *rows = calloc(room, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	count = fill(l, view, rows);
	qsort(rows, count, sizeof(*rows), compare_rows);
	for (size_t i = 0; i < count; i++) {
		rows[i].id = i + 1;
		rows[i].is_first = !i || rows[i].place != rows[i - 1].place;
		rows[i].is_last = i + 1 == count || rows[i].place != rows[i + 1].place;
		set_row(l, &rows[i]);
	}
	*ret_rows = rows;
	*ret_count = count;
	return 0;
}

void listening_row_owner(const struct listening_row *row, struct listening_owner *ret_owner)
{
	const struct listening_socket *s = row->socket;
	const char *comm = s ? s->comm : row->place->last_comm;

	*ret_owner = (struct listening_owner){ .comm = NULL };
	if (s && s->holder_count) {
		ret_owner->comm = s->holders->comm;
		ret_owner->pid = s->holders->pid;
		ret_owner->holds = true;
		for (size_t i = 1; i < s->holder_count; i++)
			ret_owner->others += s->holders[i].pid != s->holders[i - 1].pid;
	} else if (*comm) {
		ret_owner->comm = comm;
		ret_owner->pid = s ? s->pid : row->place->last_pid;
	}
}

/* ---- sentences ------------------------------------------------------------------------------- */

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void add_ns(struct buffer *out, uint64_t ns)
{
	char text[TEXT_DURATION_SIZE];

	buffer_add_text(out, text_duration(ns, text));
}

static void add_drops(struct buffer *out, const struct listening_row *row)
{
	bool is_new = is_followed(row);
	uint64_t drops = is_new ? row->new_drops : row->drops;

	if (drops == UNKNOWN || !drops)
		return;
	buffer_addf(out, "; %" PRIu64 " dropped ", drops);
	if (!is_new) {
		buffer_add_text(out, "since it listens");
		return;
	}
	buffer_add_text(out, "in ");
	add_ns(out, row->view->duration_ns);
}

static void add_idle(struct buffer *out, const struct listening_row *row)
{
	if (row->idle_ns == TIME_UNKNOWN || row->idle_ns < LISTENING_SLOW_NS)
		return;
	buffer_addf(out, "; nobody has called accept for %s",
		    row->idle_is_exact ? "" : "at least ");
	add_ns(out, row->idle_ns);
}

static void add_waiting(struct buffer *out, const struct listening_row *row)
{
	uint32_t queue = row->socket->queue;

	buffer_addf(out, "%" PRIu32 " wait%s to be accepted", queue, queue == 1 ? "s" : "");
	if (row->oldest_ns == TIME_UNKNOWN)
		return;
	buffer_add_text(out, queue == 1 ? ", for " : ", the oldest for ");
	add_ns(out, row->oldest_ns);
}

/* Why the kernel has dropped, where that is certain. */
static void add_cause(struct buffer *out, const struct listening_row *row)
{
	uint64_t drops = is_followed(row) ? row->new_drops : row->drops;
	uint64_t overflows = is_followed(row) ? row->new_overflows : row->overflows;

	if (overflows == UNKNOWN)
		buffer_add_text(out, ", by a full queue or for another reason");
	else if (overflows == drops)
		buffer_add_text(out, ", by a full queue");
	else
		buffer_addf(out, ", %" PRIu64 " by a full queue", overflows);
	if (is_followed(row))
		buffer_addf(out, "; at most %" PRIu32 " waited when somebody looked",
			    row->socket->queue_most);
}

static void say_drops(struct buffer *out, const struct listening_row *row)
{
	uint64_t drops = is_followed(row) ? row->new_drops : row->drops;

	buffer_addf(out, "%" PRIu64 " segment%s dropped ", drops, plural(drops));
	if (is_followed(row)) {
		buffer_add_text(out, "in ");
		add_ns(out, row->view->duration_ns);
	} else {
		buffer_add_text(out, "since it listens");
	}
	add_cause(out, row);
}

/* Of one that nobody has looked at. */
static void say_overflows(struct buffer *out, const struct listening_row *row)
{
	uint64_t count = row->place->overflowed;

	buffer_addf(out, "%" PRIu64 " request%s died because the accept queue was full.", count,
		    plural(count));
}

void listening_row_say(const struct listening_row *row, struct buffer *out)
{
	if (row->verdict != LISTENING_IS_OK && !(row->socket && row->socket->is_seen)) {
		say_overflows(out, row);
		return;
	}
	switch (row->verdict) {
	case LISTENING_IS_FULL:
		buffer_add_text(out, "Accept queue full: ");
		add_waiting(out, row);
		add_drops(out, row);
		add_idle(out, row);
		break;
	case LISTENING_IS_DROPPING:
	case LISTENING_IS_HAS_DROPPED:
		say_drops(out, row);
		if (row->oldest_ns != TIME_UNKNOWN && row->oldest_ns >= LISTENING_SLOW_NS) {
			buffer_add_text(out, "; ");
			add_waiting(out, row);
			add_idle(out, row);
		}
		break;
	case LISTENING_IS_REQUESTS_FULL:
		buffer_addf(out,
			    "%" PRIu32 " half-open requests, as many as there is room for: more "
			    "get a SYN cookie, or are dropped",
			    row->socket->half_open);
		break;
	case LISTENING_IS_WAITING:
		add_waiting(out, row);
		add_idle(out, row);
		break;
	default:
		return;
	}
	buffer_addf(out, "; backlog %" PRIu32 ".", row->socket->queue_max);
}

static void add_share(struct buffer *out, const struct listening_socket *s, uint64_t all)
{
	const struct holder *h = s->holders;

	if (h && s->pid) {
		text_add_escaped(out, h->comm, strnlen(h->comm, sizeof(h->comm)), TEXT_UNLIMITED);
		buffer_addf(out, "[%" PRIu32 "] ", h->pid);
	} else {
		buffer_add_text(out, "one ");
	}
	buffer_addf(out, "took %" PRIu64 " (%u %%)", s->accepted,
		    (unsigned int)(100.0 * s->accepted / all + 0.5));
}

static void add_shares(struct listening *l, const struct listening_place *p, struct buffer *out)
{
	const struct listening_socket *most = listening_socket(l, p->first), *least = most;
	const struct listening_socket *s = most;

	while (s->next != LISTENING_NONE) {
		s = listening_socket(l, s->next);
		if (s->accepted > most->accepted)
			most = s;
		if (s->accepted <= least->accepted)
			least = s;
	}
	buffer_addf(out, ": of %" PRIu64 " connection%s, ", p->accepted, plural(p->accepted));
	add_share(out, most, p->accepted);
	if (least != most) {
		buffer_add_text(out, p->count > 2 ? " as the most, " : ", ");
		add_share(out, least, p->accepted);
		if (p->count > 2)
			buffer_add_text(out, " as the least");
	}
}

void listening_row_say_balance(struct listening *l, const struct listening_row *row,
			       struct buffer *out)
{
	const struct listening_place *p = row->place;

	if (p->count < 2)
		return;
	buffer_addf(out, "%" PRIu32 " sockets share this port (SO_REUSEPORT)", p->count);
	if (is_followed(row) && row->view->accepts_known && p->accepted) {
		if (p->unassigned)
			buffer_addf(out,
				    ": %" PRIu64 " connection%s accepted, by which of them is not "
				    "known",
				    p->accepted, plural(p->accepted));
		else
			add_shares(l, p, out);
	}
	buffer_add_char(out, '.');
}
