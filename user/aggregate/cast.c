// SPDX-License-Identifier: GPL-2.0-only
/* All connections of a short story, in the order they end in, each as one ladder of both ends. */
#include "user/aggregate/cast.h"

#include <stdlib.h>

#include "user/conn/story.h"

struct cast {
	struct consumer consumer;
	uint8_t left;
	uint16_t extras;
	size_t count;
	uint64_t left_out;
	struct story stories[CAST_MAX];
};

static const struct consumer_class cast_class;

struct cast *cast_new(uint8_t left, uint16_t extras)
{
	struct cast *cast = calloc(1, sizeof(*cast));

	if (!cast)
		return NULL;
	cast->consumer.class = &cast_class;
	cast->consumer.wants = CONSUMER_SEQUENCES | CONSUMER_RETRANSMITS | CONSUMER_EVENTS |
			       CONSUMER_TIMEWAITS;
	cast->left = left;
	cast->extras = extras;
	return cast;
}

void cast_free(struct cast *cast)
{
	free(cast);
}

static bool is_extra(const struct cast *cast, const struct conn *c)
{
	return c->lport >= cast->extras || c->rport >= cast->extras;
}

/* NULL where there is no room, or it is none of the story's. */
static struct story *open_story(struct cast *cast, const struct conn *c)
{
	struct story *story;

	/* What is half open has no number of its own. */
	for (size_t i = 0; c->id && i < cast->count; i++)
		if (cast->stories[i].conn.id == c->id)
			return &cast->stories[i];
	if (is_extra(cast, c))
		return NULL;
	if (cast->count == CAST_MAX) {
		cast->left_out++;
		return NULL;
	}
	story = &cast->stories[cast->count++];
	story_begin(story, c);
	return story;
}

static void on_applied(struct consumer *self, const struct conn *c, const struct event *event)
{
	struct story *story = open_story((struct cast *)self, c);

	if (story)
		story_add(story, c, event);
}

static void on_change(struct consumer *self, const struct conn *c)
{
	struct story *story = open_story((struct cast *)self, c);

	if (story)
		story->conn = *c;
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	struct conn c;

	half_open_as_conn(h, &c);
	open_story((struct cast *)self, &c);
}

static const struct consumer_class cast_class = {
	.applied = on_applied,
	.closed = on_change,
	.gone = on_change,
	.half_open = on_half_open,
};

struct consumer *cast_consumer(struct cast *cast)
{
	return &cast->consumer;
}

/* A child of which only its request is known is none yet. */
static bool is_shown(const struct cast *cast, const struct story *story)
{
	return story->conn.step_count && !is_extra(cast, &story->conn);
}

static bool is_earlier(const struct story *one, const struct story *other)
{
	uint64_t a = conn_start(&one->conn), b = conn_start(&other->conn);

	return a < b || (a == b && one < other);
}

static uint64_t end_of(const struct story *story)
{
	return story->conn.flags & CONN_FINISHED ? conn_end(&story->conn) : UINT64_MAX;
}

/* What an old segment does is over before what it meets. */
static bool is_before(const struct story *one, const struct story *other)
{
	uint64_t a = end_of(one), b = end_of(other);

	return a < b || (a == b && is_earlier(one, other));
}

static const struct story *other_of(const struct cast *cast, const struct story *story)
{
	for (size_t i = 0; i < cast->count; i++)
		if (&cast->stories[i] != story && is_shown(cast, &cast->stories[i]) &&
		    story_is_other_end(story, &cast->stories[i]))
			return &cast->stories[i];
	return NULL;
}

/* Whether it stands for its connection: the end that began it, or the only one. */
static bool is_first_end(const struct cast *cast, const struct story *story)
{
	const struct story *other = other_of(cast, story);

	return !other || is_earlier(story, other);
}

bool cast_ladder(const struct cast *cast, size_t index, struct ladder *ret_ladder)
{
	const struct story *former = NULL, *left, *right;

	for (size_t number = 0; number <= index; number++) {
		const struct story *next = NULL;

		for (size_t i = 0; i < cast->count; i++) {
			const struct story *s = &cast->stories[i];

			if (is_shown(cast, s) && (!former || is_before(former, s)) &&
			    (!next || is_before(s, next)) && is_first_end(cast, s))
				next = s;
		}
		if (!next)
			return false;
		former = next;
	}
	left = former;
	right = story_is_both_ends(left) ? left : other_of(cast, left);
	if (right && left->conn.role != cast->left && right->conn.role == cast->left) {
		left = right;
		right = former;
	}
	ladder_make(ret_ladder, left, right);
	return true;
}

bool cast_is_over(const struct cast *cast, bool full)
{
	for (size_t i = 0; i < cast->count; i++) {
		const struct conn *c = &cast->stories[i].conn;

		if (!(c->flags & CONN_FINISHED) && (full || conn_state(c) != STATE_TIME_WAIT))
			return false;
	}
	return true;
}

uint64_t cast_left_out(const struct cast *cast)
{
	return cast->left_out;
}
