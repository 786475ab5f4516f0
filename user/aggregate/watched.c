// SPDX-License-Identifier: GPL-2.0-only
/* The one connection that somebody looks at: a story that goes on while it is looked at. */
#include "user/aggregate/watched.h"

#include <stdlib.h>
#include <string.h>

#include "user/conn/story.h"

#define LOOKS 3	       /* at most, while it is in one state: not all numbers add up */
#define OTHERS_MOST 16 /* sockets that may be its other end: of each namespace there may be one */

struct watched {
	struct consumer consumer;
	struct story_book *book; /* NULL: nothing is kept beforehand */
	struct story subject, other;
	bool has_subject, has_other;
	bool is_still; /* then these are what is shown: */
	struct story still_subject, still_other;

	unsigned int looks, looked_steps; /* so many, when both ends had so many steps */
	struct socket_info own;		  /* found by a look that is not over */
	struct socket_info others[OTHERS_MOST];
	bool has_own;
	size_t other_count;
};

/* The story that it is of, if somebody looks at it. */
static struct story *find(struct watched *w, const struct conn *c)
{
	if (w->has_subject && w->subject.conn.id == c->id)
		return &w->subject;
	return w->has_other && w->other.conn.id == c->id ? &w->other : NULL;
}

static void on_applied(struct consumer *self, const struct conn *c, const struct event *event)
{
	struct watched *w = (struct watched *)self;
	struct story *story = find(w, c);
	struct story *kept = w->book ? story_book_open(w->book, c) : NULL;

	if (kept)
		story_add(kept, c, event);
	if (story)
		story_add(story, c, event);
}

/* Not every end has an event. */
static void on_change(struct consumer *self, const struct conn *c)
{
	struct watched *w = (struct watched *)self;
	struct story *story = find(w, c);
	struct story *kept = w->book ? story_book_find(w->book, c->id) : NULL;

	if (kept)
		kept->conn = *c;
	if (story)
		story->conn = *c;
}

/* Nobody looks at one that is told of at once. */
static bool on_learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)shape;
	(void)c;
	return !((const struct watched *)self)->book;
}

static const struct consumer_class watched_class = {
	.applied = on_applied,
	.closed = on_change,
	.gone = on_change,
	.learn = on_learn,
	.over = on_change,
};

struct watched *watched_new(size_t stories)
{
	struct watched *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	/* One that somebody looks at is in the table: its life is not told of at once. */
	w->consumer = (struct consumer){ &watched_class, stories ? CONSUMER_EVENTS : 0 };
	w->book = stories ? story_book_new(stories) : NULL;
	if (w->book || !stories)
		return w;
	free(w);
	return NULL;
}

void watched_free(struct watched *watched)
{
	if (!watched)
		return;
	if (watched->book)
		story_book_free(watched->book);
	free(watched);
}

struct consumer *watched_consumer(struct watched *watched)
{
	return &watched->consumer;
}

/* Whether it is this connection's: a timewait socket took the place of the one that it had. */
static bool is_socket_of(const struct socket_info *info, const struct conn *c)
{
	return (info->sock == c->sock || info->object == EVENT_SOCKET_TIMEWAIT) &&
	       info->netns == c->netns && info->lport == c->lport && info->rport == c->rport &&
	       info->ifindex == c->ifindex && !memcmp(&info->laddr, &c->laddr, sizeof(c->laddr)) &&
	       !memcmp(&info->raddr, &c->raddr, sizeof(c->raddr));
}

/* Of one that is over meanwhile, another may have the place. */
static void see(const struct watched *w, struct story *story)
{
	if (conn_state(&story->conn) == STATE_CLOSED)
		return;
	for (size_t i = 0; i < w->other_count; i++)
		if (is_socket_of(&w->others[i], &story->conn))
			story_see(story, &w->others[i]);
}

/* As far as ports tell. */
static bool may_be_other_end(const struct conn *subject, const struct conn *c)
{
	return c->id != subject->id && c->lport == subject->rport && c->rport == subject->lport &&
	       c->step_count;
}

static void consider(void *context, const struct conn *c)
{
	struct watched *w = context;
	struct story story;

	if (w->has_other || !may_be_other_end(&w->subject.conn, c))
		return;
	story_begin(&story, c);
	see(w, &story);
	if (!story_is_other_end(&w->subject, &story))
		return;
	w->other = story;
	w->has_other = true;
}

static void keep_still(struct watched *w)
{
	w->still_subject = w->subject;
	w->still_other = w->other;
}

void watched_choose(struct watched *w, const struct conn *c, const struct conn_table *table)
{
	const struct story *kept = w->book && c->id ? story_book_find(w->book, c->id) : NULL;
	const struct story *other;

	w->has_subject = true;
	w->has_other = false;
	w->looks = w->looked_steps = 0;
	if (kept)
		w->subject = *kept;
	else
		story_begin(&w->subject, c);
	other = kept ? story_book_find_other_end(w->book, &w->subject) : NULL;
	if (other) {
		w->other = *other;
		w->has_other = true;
	}
	if (!w->has_other && table)
		conn_table_scan(table, consider, w);
	keep_still(w);
}

/* ---- looks at its socket --------------------------------------------------------------------- */

struct seeking {
	const struct watched *watched;
	struct watched_search *search;
};

/* A namespace too many is left out: the first is its own. */
static void seek(void *context, const struct conn *c)
{
	const struct seeking *s = context;

	if (may_be_other_end(&s->watched->subject.conn, c) && conn_state(c) != STATE_CLOSED)
		netns_list_add(&s->search->netns, c->netns);
}

static bool lacks_numbers(const struct watched *w)
{
	return story_lacks_numbers(&w->subject) || (w->has_other && story_lacks_numbers(&w->other));
}

bool watched_search(struct watched *w, const struct conn_table *table,
		    struct watched_search *ret_search)
{
	const struct conn *c = &w->subject.conn;
	unsigned int steps = c->step_count + (w->has_other ? w->other.conn.step_count : 0U);
	struct seeking seeking = { w, ret_search };

	if (!w->has_subject || w->is_still || !(c->flags & CONN_HAS_ENDPOINTS))
		return false;
	if (steps != w->looked_steps)
		w->looks = 0;
	w->looked_steps = steps;
	/* What it carries while it is open goes on; numbers that do not add up never will. */
	if (conn_state(c) != STATE_ESTABLISHED && (!lacks_numbers(w) || w->looks++ >= LOOKS))
		return false;
	w->has_own = false;
	w->other_count = 0;
	*ret_search = (struct watched_search){ .ports = { c->lport, c->rport } };
	netns_list_add(&ret_search->netns, c->netns);
	conn_table_scan(table, seek, &seeking);
	return true;
}

void watched_see(struct watched *w, const struct socket_info *info)
{
	const struct conn *c = &w->subject.conn;

	if (is_socket_of(info, c)) {
		w->own = *info;
		w->has_own = true;
	}
	if (w->other_count < OTHERS_MOST && info->lport == c->rport && info->rport == c->lport)
		w->others[w->other_count++] = *info;
}

void watched_end_search(struct watched *w, const struct conn_table *table)
{
	if (w->has_own && conn_state(&w->subject.conn) != STATE_CLOSED)
		story_see(&w->subject, &w->own);
	if (w->has_other)
		see(w, &w->other);
	else
		conn_table_scan(table, consider, w);
	w->has_own = false;
	w->other_count = 0;
}

void watched_stand_still(struct watched *w)
{
	w->is_still = true;
	keep_still(w);
}

/* One that was chosen meanwhile was chosen as it had been. */
static void refresh(void *context, const struct conn *c)
{
	struct story *story = find(context, c);

	if (story)
		story->conn = *c;
}

void watched_go_on(struct watched *w, const struct conn_table *table)
{
	if (w->is_still && w->has_subject)
		conn_table_scan(table, refresh, w);
	w->is_still = false;
}

bool watched_ladder(const struct watched *w, struct ladder *ret_ladder)
{
	const struct story *subject = w->is_still ? &w->still_subject : &w->subject;
	const struct story *other = w->is_still ? &w->still_other : &w->other;

	if (!w->has_subject)
		return false;
	if (!w->has_other)
		other = NULL;
	if (story_is_both_ends(subject))
		other = subject;
	ladder_make(ret_ladder, subject, other);
	ret_ladder->is_forgetful = !w->book;
	return true;
}
