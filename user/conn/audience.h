/* SPDX-License-Identifier: GPL-2.0-only */
/* Several consumers, sorted by what they want to be told. */
#ifndef USER_CONN_AUDIENCE_H
#define USER_CONN_AUDIENCE_H

#include "user/conn/consumer.h"

/* For each function of their class those who have it: nobody else is asked with each event. */
struct audience {
	struct consumer_list transition, steps; /* those who have not the other one, too */
	struct consumer_list either;		/* those who have */
	struct consumer_list accepted, closed, gone, alive, half_open, applied;
	struct consumer_list learn, like, owned, over;
	bool may_learn;	    /* each of those who are told */
	bool wants_ends;    /* some want what is applied to be told of each end of a TIME_WAIT */
	bool is_stepwise;   /* some wait for each step, or for each event */
	bool wants_parties; /* some want CONSUMER_PARTIES */
	bool wants_counts;  /* some want CONSUMER_COUNTS */
	struct consumer **memory; /* of all these lists */
};

/* Returns 0, or -ENOMEM. */
int audience_init(struct audience *a, const struct consumer_list *list);
void audience_done(struct audience *a);

/* Each who wants to be told is, in the order of the list. `at_once`: all of a life. */
void audience_transition(const struct audience *a, const struct conn *c, const struct transition *t,
			 bool at_once);
void audience_alive(const struct audience *a, const struct conn *c, uint64_t now_ns);
void audience_half_open(const struct audience *a, const struct half_open *h);
void audience_applied(const struct audience *a, const struct conn *c, const struct event *e);

/* Whether everybody has learned it. */
bool audience_learn(const struct audience *a, unsigned int shape, const struct conn *c);
void audience_owned(const struct audience *a, unsigned int shape);

/* Of each connection, without a call of their own. */
static inline void audience_steps(const struct audience *a, const struct conn *c,
				  unsigned int first, bool at_once)
{
	for (size_t i = 0; i < a->steps.count; i++)
		a->steps.all[i]->class->steps(a->steps.all[i], c, first);
	for (size_t i = 0; i < a->either.count && at_once; i++)
		a->either.all[i]->class->steps(a->either.all[i], c, first);
}

static inline void audience_accepted(const struct audience *a, const struct conn *c)
{
	for (size_t i = 0; i < a->accepted.count; i++)
		a->accepted.all[i]->class->accepted(a->accepted.all[i], c);
}

static inline void audience_like(const struct audience *a, unsigned int shape, const struct conn *c)
{
	struct consumer *const *at = a->like.all, *const *end = at + a->like.count;

	for (; at < end; at++)
		(*at)->class->like(*at, shape, c);
}

static inline void audience_over(const struct audience *a, const struct conn *c)
{
	for (size_t i = 0; i < a->over.count; i++)
		a->over.all[i]->class->over(a->over.all[i], c);
}

static inline void audience_closed(const struct audience *a, const struct conn *c)
{
	for (size_t i = 0; i < a->closed.count; i++)
		a->closed.all[i]->class->closed(a->closed.all[i], c);
}

static inline void audience_gone(const struct audience *a, const struct conn *c)
{
	for (size_t i = 0; i < a->gone.count; i++)
		a->gone.all[i]->class->gone(a->gone.all[i], c);
}

#endif
