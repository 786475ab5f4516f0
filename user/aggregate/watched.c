// SPDX-License-Identifier: GPL-2.0-only
/* The one connection that somebody looks at: a story that goes on while it is looked at. */
#include "user/aggregate/watched.h"

#include <stdlib.h>

#include "user/conn/story.h"

struct watched {
	struct consumer consumer;
	struct story_book *book; /* NULL: nothing is kept beforehand */
	struct story subject, other;
	bool has_subject, has_other;
	bool is_still; /* then these are what is shown: */
	struct story still_subject, still_other;
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

static const struct consumer_class watched_class = {
	.applied = on_applied,
	.closed = on_change,
	.gone = on_change,
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

static void consider(void *context, const struct conn *c)
{
	struct watched *w = context;
	const struct conn *subject = &w->subject.conn;
	struct story story;

	if (w->has_other || c->id == subject->id || c->lport != subject->rport ||
	    c->rport != subject->lport || !c->step_count)
		return;
	story_begin(&story, c);
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

void watched_leave(struct watched *w)
{
	w->has_subject = w->has_other = false;
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
	return true;
}
