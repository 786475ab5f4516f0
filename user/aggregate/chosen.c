// SPDX-License-Identifier: GPL-2.0-only
/* The one connection that is chosen of many, and its other end: their stories. */
#include "user/aggregate/chosen.h"

#include <stdlib.h>
#include <string.h>

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
	bool is_second_best; /* older than the tracing: taken if none begins */
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
				 (settings->full ? CONSUMER_TIMEWAITS : 0);
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

/* Takes it if it is what is asked for, or better than what there was. */
static void consider(struct chosen *chosen, const struct story *story, uint64_t now_ns)
{
	const struct choice *choice = &chosen->settings.choice;
	const struct conn *c = &story->conn;
	bool is_seeded = c->flags & CONN_SEEDED && !choice_is_exact(choice);

	if (!c->step_count || is_embryo(c) || !choice_fits(choice, c) ||
	    conn_filter_judge(chosen->settings.filter, c, is_closed(c)) != FILTER_WANTED)
		return;
	if (choice_is_first(choice)) {
		if (chosen->has_subject && (!chosen->is_second_best || is_seeded))
			return;
		chosen->is_second_best = is_seeded;
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

/* Not every end has an event. */
static void on_change(struct consumer *self, const struct conn *c)
{
	struct chosen *chosen = (struct chosen *)self;
	struct story *story = story_book_find(chosen->book, c->id);

	if (!story)
		return;
	story->conn = *c;
	follow(chosen, story);
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	struct story story;
	struct conn c;

	half_open_as_conn(h, &c);
	story_begin(&story, &c);
	consider((struct chosen *)self, &story, 0);
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

/* Whether the two ends were timed by two clocks. */
static bool has_two_clocks(const struct chosen *chosen, const struct clock_pairs *clocks)
{
	return clocks && chosen->has_other && !story_is_both_ends(&chosen->subject) &&
	       !clock_pairs_is_one(clocks, &chosen->subject.conn, &chosen->other.conn);
}

static uint64_t first_known(const struct conn *c)
{
	uint64_t ns = TIME_UNKNOWN;

	for (unsigned int i = 0; ns == TIME_UNKNOWN && i < c->step_count; i++)
		ns = conn_step_time(c, i);
	return ns;
}

/* Of a clock that nobody can compare with this one, times would mean nothing. */
static void forget_times(struct story *story)
{
	for (unsigned int i = 0; i < story->conn.step_count; i++)
		story->conn.step_ns[i] = TIME_UNKNOWN;
	story->conn.accept_ns = 0;
	story->syn_count = story->rearm_count = 0;
	story->reset_in_ns = story->reset_out_ns = 0;
}

/* Brings the times of the other end, which is a copy, onto the clock of this one. */
static enum clock_verdict move_other(struct chosen *chosen, const struct clock_pairs *clocks,
				     struct clock_bounds *ret, uint64_t *ret_handshakes)
{
	const struct conn *here = &chosen->subject.conn;
	uint64_t at_ns = first_known(here);
	enum clock_verdict verdict = clock_pairs_at(clocks, here, &chosen->other.conn,
						    at_ns == TIME_UNKNOWN ? 0 : at_ns, ret,
						    ret_handshakes);

	if (verdict != CLOCK_BOUNDED || !clock_pairs_move(clocks, here, &chosen->other))
		forget_times(&chosen->other);
	return verdict;
}

/* It took at least no time: what the bound leaves of less is not so. */
static void set_way(const struct chosen *chosen, const struct clock_pairs *clocks,
		    struct ladder_step *step)
{
	struct clock_bounds bounds;
	uint64_t handshakes;
	int64_t least_ns, most_ns;

	if (step->kind != LADDER_SEGMENT || step->sent_ns == TIME_UNKNOWN ||
	    step->came_ns == TIME_UNKNOWN || step->is_unanswered ||
	    clock_pairs_at(clocks, &chosen->subject.conn, &chosen->other.conn,
			   step->direction == LADDER_OUT ? step->sent_ns : step->came_ns, &bounds,
			   &handshakes) != CLOCK_BOUNDED)
		return;
	least_ns = most_ns = (int64_t)(step->came_ns - step->sent_ns);
	least_ns -= (int64_t)bounds.bound_ns;
	most_ns += (int64_t)bounds.bound_ns;
	if (most_ns < 0)
		return;
	least_ns = least_ns > 0 ? least_ns : 0;
	step->way_bound_ns = (uint64_t)(most_ns - least_ns + 1) / 2;
	step->way_ns = (uint64_t)least_ns + step->way_bound_ns;
}

bool chosen_ladder(struct chosen *chosen, const struct clock_pairs *clocks,
		   struct ladder *ret_ladder)
{
	static const enum ladder_clocks verdicts[] = {
		[CLOCK_BOUNDED] = LADDER_CLOCK_BOUNDED,
		[CLOCK_UNBOUNDED] = LADDER_CLOCK_UNBOUNDED,
		[CLOCK_CONTRADICTORY] = LADDER_CLOCK_CONTRADICTORY,
	};
	const struct story *other = chosen->has_other ? &chosen->other : NULL;
	enum clock_verdict verdict = CLOCK_UNBOUNDED;
	bool is_apart = has_two_clocks(chosen, clocks);
	struct clock_bounds bounds;
	uint64_t handshakes = 0;

	if (!chosen->has_subject)
		return false;
	if (is_apart)
		verdict = move_other(chosen, clocks, &bounds, &handshakes);
	if (story_is_both_ends(&chosen->subject))
		other = &chosen->subject;
	ladder_make(ret_ladder, &chosen->subject, other);
	if (!is_apart)
		return true;
	ret_ladder->clocks = verdicts[verdict];
	ret_ladder->clock = bounds;
	ret_ladder->handshakes = handshakes;
	for (size_t i = 0; i < ret_ladder->count; i++)
		set_way(chosen, clocks, &ret_ladder->steps[i]);
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
