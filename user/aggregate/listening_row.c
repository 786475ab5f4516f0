// SPDX-License-Identifier: GPL-2.0-only
/* Listeners as they are told of: one row for each, with what it means in a sentence. */
#include "user/aggregate/listening_row.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/listening_phrase.h"
#include "user/base/sentence.h"
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

	row->accepted = row->never_accepted = row->overflowed = UNKNOWN;
	if (!is_followed(row) || row->view->is_part || p->was_captured)
		return;
	if (!row->view->owners_filtered)
		row->overflowed = p->overflowed;
	if (!row->view->accepts_known)
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

bool listening_row_is_judged(const struct listening_row *row)
{
	const struct listening_socket *s = row->socket;

	return row->verdict != LISTENING_IS_OK ||
	       (s && s->is_seen && s->has_half_open && row->drops != UNKNOWN);
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
	return p->count || listening_has_counted(p);
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
		rows[i].lport = rows[i].place->lport;
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

struct speech {
	struct buffer *out;
	enum ladder_language language;
};

/* A piece, and what its holes are filled with: .n = 3. */
#define SAY(to, NAME, ...) SAY_EITHER(to, LISTENING_SAYS_##NAME, __VA_ARGS__)
#define SAY_EITHER(to, phrase, ...)                                              \
	sentence_add((to)->out, listening_phrase_text((phrase), (to)->language), \
		     &(struct sentence_words){ __VA_ARGS__ })
#define ONE_OR_MANY(count, ONE, MANY) ((count) == 1 ? LISTENING_SAYS_##ONE : LISTENING_SAYS_##MANY)

static void add_drops(const struct speech *to, const struct listening_row *row)
{
	bool is_new = is_followed(row);
	uint64_t drops = is_new ? row->new_drops : row->drops;
	char text[TEXT_DURATION_SIZE];

	if (drops == UNKNOWN || !drops)
		return;
	if (is_new)
		SAY(to, ALSO_DROPPED_IN, .n = drops,
		    .w = text_duration(row->view->duration_ns, text));
	else
		SAY(to, ALSO_DROPPED, .n = drops);
}

static void add_idle(const struct speech *to, const struct listening_row *row)
{
	char text[TEXT_DURATION_SIZE];

	if (row->idle_ns == TIME_UNKNOWN || row->idle_ns < LISTENING_SLOW_NS)
		return;
	text_duration(row->idle_ns, text);
	SAY(to, IDLE_AT_LEAST, .w = text);
}

static void add_waiting(const struct speech *to, const struct listening_row *row)
{
	uint32_t queue = row->socket->queue;
	char text[TEXT_DURATION_SIZE];

	SAY_EITHER(to, ONE_OR_MANY(queue, WAITS, WAIT), .n = queue);
	if (row->oldest_ns == TIME_UNKNOWN)
		return;
	text_duration(row->oldest_ns, text);
	SAY_EITHER(to, ONE_OR_MANY(queue, FOR, OLDEST_FOR), .w = text);
}

/* Why the kernel has dropped, where that is certain. */
static void add_cause(const struct speech *to, const struct listening_row *row)
{
	uint64_t drops = is_followed(row) ? row->new_drops : row->drops;
	uint64_t overflows = is_followed(row) ? row->new_overflows : row->overflows;

	if (overflows == UNKNOWN)
		SAY(to, BY_EITHER);
	else if (overflows == drops)
		SAY(to, BY_QUEUE);
	else
		SAY(to, BY_QUEUE_SOME, .n = overflows);
	if (is_followed(row))
		SAY(to, MOST_WAITED, .n = row->socket->queue_most);
}

static void say_drops(const struct speech *to, const struct listening_row *row)
{
	uint64_t drops = is_followed(row) ? row->new_drops : row->drops;
	char text[TEXT_DURATION_SIZE];

	if (is_followed(row)) {
		text_duration(row->view->duration_ns, text);
		SAY_EITHER(to, ONE_OR_MANY(drops, DROPPED_ONE_IN, DROPPED_IN), .n = drops,
			   .w = text);
	} else {
		SAY_EITHER(to, ONE_OR_MANY(drops, DROPPED_ONE, DROPPED), .n = drops);
	}
	add_cause(to, row);
}

/* Of one that nobody has looked at. */
static void say_overflows(const struct speech *to, const struct listening_row *row)
{
	uint64_t count = row->place->overflowed;

	SAY_EITHER(to, ONE_OR_MANY(count, OVERFLOWED_ONE, OVERFLOWED), .n = count);
	SAY(to, STOP);
}

void listening_row_say(const struct listening_row *row, enum ladder_language language,
		       struct buffer *out)
{
	const struct speech speech = { out, language }, *to = &speech;

	if (row->verdict != LISTENING_IS_OK && !(row->socket && row->socket->is_seen)) {
		say_overflows(to, row);
		return;
	}
	switch (row->verdict) {
	case LISTENING_IS_FULL:
		SAY(to, QUEUE_FULL);
		add_waiting(to, row);
		add_drops(to, row);
		add_idle(to, row);
		break;
	case LISTENING_IS_DROPPING:
	case LISTENING_IS_HAS_DROPPED:
		say_drops(to, row);
		if (row->oldest_ns != TIME_UNKNOWN && row->oldest_ns >= LISTENING_SLOW_NS) {
			SAY(to, NEXT);
			add_waiting(to, row);
			add_idle(to, row);
		}
		break;
	case LISTENING_IS_REQUESTS_FULL:
		SAY(to, REQUESTS_FULL, .n = row->socket->half_open);
		break;
	case LISTENING_IS_WAITING:
		add_waiting(to, row);
		add_idle(to, row);
		break;
	default:
		return;
	}
	SAY(to, BACKLOG, .n = row->socket->queue_max);
	SAY(to, STOP);
}

/* `known`, `unknown`: said of one whose owner is known, or is not. */
static void add_share(const struct speech *to, const struct listening_socket *s, uint64_t all,
		      enum listening_phrase known, enum listening_phrase unknown)
{
	unsigned int percent = (unsigned int)(100.0 * s->accepted / all + 0.5);
	const struct holder *h = s->holders;
	struct buffer name;

	if (!h || !s->pid) {
		SAY_EITHER(to, unknown, .n = s->accepted, .m = percent);
		return;
	}
	buffer_init(&name);
	text_add_escaped(&name, h->comm, strnlen(h->comm, sizeof(h->comm)), TEXT_UNLIMITED);
	buffer_addf(&name, "[%" PRIu32 "]", h->pid);
	buffer_add_char(&name, '\0');
	if (name.failed)
		to->out->failed = true;
	else
		SAY_EITHER(to, known, .n = s->accepted, .m = percent, .w = name.bytes);
	buffer_done(&name);
}

static void add_shares(const struct speech *to, struct listening *l,
		       const struct listening_place *p)
{
	const struct listening_socket *most = listening_socket(l, p->first), *least = most;
	const struct listening_socket *s = most;
	bool is_most;

	while (s->next != LISTENING_NONE) {
		s = listening_socket(l, s->next);
		if (s->accepted > most->accepted)
			most = s;
		if (s->accepted <= least->accepted)
			least = s;
	}
	is_most = least != most && p->count > 2;
	SAY_EITHER(to, ONE_OR_MANY(p->accepted, OF_ONE, OF), .n = p->accepted);
	add_share(to, most, p->accepted, is_most ? LISTENING_SAYS_THE_MOST : LISTENING_SAYS_TOOK,
		  is_most ? LISTENING_SAYS_SOME_THE_MOST : LISTENING_SAYS_SOME_TOOK);
	if (least == most)
		return;
	SAY(to, COMMA);
	add_share(to, least, p->accepted, is_most ? LISTENING_SAYS_THE_LEAST : LISTENING_SAYS_TOOK,
		  is_most ? LISTENING_SAYS_SOME_THE_LEAST : LISTENING_SAYS_SOME_TOOK);
}

void listening_row_say_balance(struct listening *l, const struct listening_row *row,
			       enum ladder_language language, struct buffer *out)
{
	const struct speech speech = { out, language }, *to = &speech;
	const struct listening_place *p = row->place;

	if (p->count < 2)
		return;
	SAY(to, SHARED, .n = p->count);
	if (is_followed(row) && row->view->accepts_known && !row->view->is_part && p->accepted) {
		if (p->unassigned)
			SAY_EITHER(to, ONE_OR_MANY(p->accepted, UNASSIGNED_ONE, UNASSIGNED),
				   .n = p->accepted);
		else
			add_shares(to, l, p);
	}
	SAY(to, STOP);
}
