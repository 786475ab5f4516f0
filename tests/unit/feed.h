/* SPDX-License-Identifier: GPL-2.0-only */
/* Tells a consumer what the connection table would. */
#ifndef TESTS_UNIT_FEED_H
#define TESTS_UNIT_FEED_H

#include "user/conn/consumer.h"

/* Whoever is told of steps together hears of a life that is no more than this one. */
static inline void feed_transition(struct consumer *consumer, const struct conn *c,
				   const struct transition *t)
{
	struct conn life = *c;

	if (consumer->class->transition) {
		consumer->class->transition(consumer, c, t);
		return;
	}
	if (!consumer->class->steps)
		return;
	life.step_state[0] = (uint8_t)t->from;
	life.step_state[1] = (uint8_t)t->to;
	life.step_ns[0] = 0;
	life.step_ns[1] = t->dwell_ns;
	life.step_count = 2;
	life.step_inferred = 0;
	consumer->class->steps(consumer, &life, 1);
}

static inline void feed_accepted(struct consumer *consumer, const struct conn *c)
{
	if (consumer->class->accepted)
		consumer->class->accepted(consumer, c);
}

static inline void feed_closed(struct consumer *consumer, const struct conn *c)
{
	if (consumer->class->closed)
		consumer->class->closed(consumer, c);
}

static inline void feed_gone(struct consumer *consumer, const struct conn *c)
{
	if (consumer->class->gone)
		consumer->class->gone(consumer, c);
}

static inline void feed_alive(struct consumer *consumer, const struct conn *c, uint64_t now_ns)
{
	if (consumer->class->alive)
		consumer->class->alive(consumer, c, now_ns);
}

static inline void feed_half_open(struct consumer *consumer, const struct half_open *h)
{
	if (consumer->class->half_open)
		consumer->class->half_open(consumer, h);
}

#endif
