// SPDX-License-Identifier: GPL-2.0-only
/* The one connection that is chosen of many, and its other end: their stories. */
#include "user/aggregate/chosen.h"

#include <stdlib.h>
#include <string.h>

#include "user/aggregate/two_ends.h"
#include "user/base/units.h"
#include "user/conn/story.h"

#define STORIES_MAX 65536
/* The other end of a connection on this machine is over at the same time, or it hangs. */
#define OTHER_GRACE_NS NS_PER_S

struct chosen {
	struct consumer consumer;
	struct chosen_settings settings;
	struct story_book *book;
	struct story subject, other;
	bool has_subject, has_other;
	bool is_second_best; /* taken if none begins */
	uint64_t rank;
};

static const struct consumer_class chosen_class;

struct chosen *chosen_new(const struct chosen_settings *settings)
{
	struct chosen *chosen = calloc(1, sizeof(*chosen));

	if (!chosen)
		return NULL;
	chosen->consumer.class = &chosen_class;
	chosen->consumer.wants = CONSUMER_SEQUENCES | CONSUMER_RETRANSMITS | CONSUMER_EVENTS |
				 CONSUMER_TIMEWAITS |
				 (settings->filter && conn_filter_has_names(settings->filter) ?
					  CONSUMER_CGROUPS | CONSUMER_PROMPT :
					  0);
	chosen->settings = *settings;
	chosen->book = story_book_new(settings->max < STORIES_MAX ? settings->max : STORIES_MAX);
	if (chosen->book)
		return chosen;
	free(chosen);
	return NULL;
}

void chosen_free(struct chosen *chosen)
{
	if (!chosen)
		return;
	story_book_free(chosen->book);
	free(chosen);
}

/* And its cause is known: evidence may come after the last transition. */
static bool is_closed(const struct conn *c)
{
	return !(c->flags & CONN_AWAITED) &&
	       (c->flags & CONN_FINISHED || conn_state(c) == STATE_TIME_WAIT);
}

/* There is no more to tell of it, of its TIME_WAIT either if that is wanted. */
static bool is_over(const struct conn *c, bool full)
{
	return is_closed(c) && (!full || c->flags & CONN_FINISHED);
}

/* A server's child that the third segment has not made a connection yet. */
static bool is_embryo(const struct conn *c)
{
	return c->role == CONN_ROLE_SERVER && c->step_count == 1;
}

static void find_other(struct chosen *chosen)
{
	const struct story *other =
		story_is_both_ends(&chosen->subject) ?
			&chosen->subject :
			story_book_find_other_end(chosen->book, &chosen->subject);

	chosen->has_other = other;
	if (other)
		chosen->other = *other;
}

static void choose(struct chosen *chosen, const struct story *story)
{
	chosen->subject = *story;
	chosen->has_subject = true;
	find_other(chosen);
}

/*
 * Older than the tracing, or never begun: who has two addresses to call may have a way to the
 * second alone.
 */
static bool is_second_best(const struct choice *choice, const struct conn *c)
{
	return c->flags & (CONN_SEEDED | CONN_UNSENT) && !choice_is_exact(choice);
}

/* Takes it if it is what is asked for, or better than what there was. */
static void consider(struct chosen *chosen, const struct story *story, uint64_t now_ns)
{
	const struct choice *choice = &chosen->settings.choice;
	const struct conn *c = &story->conn;

	if (!c->step_count || is_embryo(c) || !choice_fits(choice, c) ||
	    conn_filter_judge(chosen->settings.filter, c, is_closed(c)) != FILTER_WANTED)
		return;
	if (choice_is_first(choice)) {
		bool is_second = is_second_best(choice, c);

		if (chosen->has_subject && (!chosen->is_second_best || is_second))
			return;
		chosen->is_second_best = is_second;
		choose(chosen, story);
	} else if (choice_rank(choice, c, now_ns) > chosen->rank) {
		chosen->rank = choice_rank(choice, c, now_ns);
		choose(chosen, story);
	}
}

static void follow(struct chosen *chosen, const struct story *story)
{
	if (chosen->has_subject && chosen->subject.conn.id == story->conn.id) {
		chosen->subject = *story;
		/* It may have learnt only now the numbers that tell. */
		if (!chosen->has_other || story_is_both_ends(story))
			find_other(chosen);
	} else if (chosen->has_subject && story_is_other_end(&chosen->subject, story)) {
		chosen->other = *story;
		chosen->has_other = true;
	}
	consider(chosen, story, 0);
}

static void on_applied(struct consumer *self, const struct conn *c, const struct event *event)
{
	struct chosen *chosen = (struct chosen *)self;
	struct story *story = story_book_open(chosen->book, c);

	if (!story)
		return;
	story_add(story, c, event);
	follow(chosen, story);
}

/* What is told of at once, and has no other end: no event was applied to it. */
static void consider_alone(struct chosen *chosen, const struct conn *c)
{
	struct story story;

	story_begin(&story, c);
	consider(chosen, &story, 0);
}

/* Not every end has an event. */
static void on_change(struct consumer *self, const struct conn *c)
{
	struct chosen *chosen = (struct chosen *)self;
	struct story *story = story_book_find(chosen->book, c->id);

	if (!story && c->flags & CONN_UNSENT)
		consider_alone(chosen, c);
	if (!story)
		return;
	story->conn = *c;
	follow(chosen, story);
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	struct conn c;

	half_open_as_conn(h, &c);
	consider_alone((struct chosen *)self, &c);
}

static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	struct chosen *chosen = (struct chosen *)self;
	struct story *story = story_book_find(chosen->book, c->id);

	if (story)
		consider(chosen, story, now_ns);
}

static const struct consumer_class chosen_class = {
	.applied = on_applied,
	.closed = on_change,
	.gone = on_change,
	.alive = on_alive,
	.half_open = on_half_open,
};

struct consumer *chosen_consumer(struct chosen *chosen)
{
	return &chosen->consumer;
}

uint64_t chosen_over_ns(const struct chosen *chosen)
{
	const struct conn *c = &chosen->subject.conn;
	bool full = chosen->settings.full;
	uint64_t end_ns = conn_end(c);

	if (!choice_is_first(&chosen->settings.choice) || !chosen->has_subject ||
	    chosen->is_second_best || !is_over(c, full))
		return UINT64_MAX;
	if (!chosen->has_other || is_over(&chosen->other.conn, full) || end_ns == TIME_UNKNOWN)
		return 0;
	if (full && conn_state(&chosen->other.conn) == STATE_TIME_WAIT)
		return UINT64_MAX;
	return end_ns + OTHER_GRACE_NS;
}

bool chosen_ladder(struct chosen *chosen, const struct clock_pairs *clocks,
		   struct ladder *ret_ladder)
{
	if (!chosen->has_subject)
		return false;
	two_ends_ladder(ret_ladder, &chosen->subject, chosen->has_other ? &chosen->other : NULL,
			clocks);
	return true;
}

uint64_t chosen_forgotten(const struct chosen *chosen)
{
	return story_book_forgotten(chosen->book);
}

const struct payers *chosen_payers(const struct chosen *chosen)
{
	return story_book_payers(chosen->book);
}
