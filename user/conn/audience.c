// SPDX-License-Identifier: GPL-2.0-only
/* Several consumers, sorted by what they want to be told. */
#include "user/conn/audience.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CALLS (sizeof(struct consumer_class) / sizeof(void (*)(void)) + 1)

/* Those whose class has the function that stands there. `at`: where there is room for more. */
static struct consumer_list pick(const struct consumer_list *list, size_t offset,
				 struct consumer ***at)
{
	struct consumer **begin = *at;

	for (size_t i = 0; i < list->count; i++) {
		void (*function)(void);

		memcpy(&function, (const char *)list->all[i]->class + offset, sizeof(function));
		if (function)
			*(*at)++ = list->all[i];
	}
	return (struct consumer_list){ begin, (size_t)(*at - begin) };
}

enum steps_by { BY_TRANSITION = 1, BY_STEPS = 2, BY_EITHER = BY_TRANSITION | BY_STEPS };

/* Those who are told of steps in this way. */
static struct consumer_list pick_by(const struct consumer_list *list, enum steps_by by,
				    struct consumer ***at)
{
	struct consumer **begin = *at;

	for (size_t i = 0; i < list->count; i++) {
		const struct consumer_class *class = list->all[i]->class;
		unsigned int own = (class->transition ? BY_TRANSITION : 0U) |
				   (class->steps ? BY_STEPS : 0U);

		if (own == by)
			*(*at)++ = list->all[i];
	}
	return (struct consumer_list){ begin, (size_t)(*at - begin) };
}

int audience_init(struct audience *a, const struct consumer_list *list)
{
	struct consumer **at = calloc(list->count * CALLS + 1, sizeof(struct consumer *));

	if (!at)
		return -ENOMEM;
	a->memory = at;
	a->transition = pick_by(list, BY_TRANSITION, &at);
	a->steps = pick_by(list, BY_STEPS, &at);
	a->either = pick_by(list, BY_EITHER, &at);
	a->accepted = pick(list, offsetof(struct consumer_class, accepted), &at);
	a->closed = pick(list, offsetof(struct consumer_class, closed), &at);
	a->gone = pick(list, offsetof(struct consumer_class, gone), &at);
	a->alive = pick(list, offsetof(struct consumer_class, alive), &at);
	a->half_open = pick(list, offsetof(struct consumer_class, half_open), &at);
	a->applied = pick(list, offsetof(struct consumer_class, applied), &at);
	a->learn = pick(list, offsetof(struct consumer_class, learn), &at);
	a->like = pick(list, offsetof(struct consumer_class, like), &at);
	a->owned = pick(list, offsetof(struct consumer_class, owned), &at);
	a->over = pick(list, offsetof(struct consumer_class, over), &at);
	a->may_learn = a->learn.count == list->count;
	a->is_stepwise = a->transition.count || consumers_want(list) & CONSUMER_EVENTS;
	a->wants_ends = a->applied.count &&
			(!a->may_learn || consumers_want(list) & CONSUMER_EVENTS);
	a->wants_parties = consumers_want(list) & CONSUMER_PARTIES;
	a->wants_counts = consumers_want(list) & CONSUMER_COUNTS;
	return 0;
}

void audience_done(struct audience *a)
{
	free(a->memory);
}

void audience_transition(const struct audience *a, const struct conn *c, const struct transition *t,
			 bool at_once)
{
	for (size_t i = 0; i < a->transition.count; i++)
		a->transition.all[i]->class->transition(a->transition.all[i], c, t);
	for (size_t i = 0; i < a->either.count && !at_once; i++)
		a->either.all[i]->class->transition(a->either.all[i], c, t);
}

void audience_alive(const struct audience *a, const struct conn *c, uint64_t now_ns)
{
	for (size_t i = 0; i < a->alive.count; i++)
		a->alive.all[i]->class->alive(a->alive.all[i], c, now_ns);
}

void audience_half_open(const struct audience *a, const struct half_open *h)
{
	for (size_t i = 0; i < a->half_open.count; i++)
		a->half_open.all[i]->class->half_open(a->half_open.all[i], h);
}

void audience_applied(const struct audience *a, const struct conn *c, const struct event *e)
{
	for (size_t i = 0; i < a->applied.count; i++)
		a->applied.all[i]->class->applied(a->applied.all[i], c, e);
}

bool audience_learn(const struct audience *a, unsigned int shape, const struct conn *c)
{
	bool is_learned = a->may_learn;

	/* Each is asked: what had its number before is to be forgotten. */
	for (size_t i = 0; i < a->learn.count; i++)
		is_learned &= a->learn.all[i]->class->learn(a->learn.all[i], shape, c);
	return is_learned;
}

void audience_owned(const struct audience *a, unsigned int shape)
{
	for (size_t i = 0; i < a->owned.count; i++)
		a->owned.all[i]->class->owned(a->owned.all[i], shape);
}
