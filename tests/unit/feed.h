/* SPDX-License-Identifier: GPL-2.0-only */
/* Tells a consumer what the connection table would. */
#ifndef TESTS_UNIT_FEED_H
#define TESTS_UNIT_FEED_H

#include "user/conn/consumer.h"

static inline void feed_transition(struct consumer *consumer, const struct conn *c,
				   const struct transition *t)
{
	consumers_tell_transition(&(struct consumer_list){ &consumer, 1 }, c, t);
}

static inline void feed_accepted(struct consumer *consumer, const struct conn *c)
{
	consumers_tell_accepted(&(struct consumer_list){ &consumer, 1 }, c);
}

static inline void feed_closed(struct consumer *consumer, const struct conn *c)
{
	consumers_tell_closed(&(struct consumer_list){ &consumer, 1 }, c);
}

static inline void feed_gone(struct consumer *consumer, const struct conn *c)
{
	consumers_tell_gone(&(struct consumer_list){ &consumer, 1 }, c);
}

static inline void feed_alive(struct consumer *consumer, const struct conn *c, uint64_t now_ns)
{
	consumers_tell_alive(&(struct consumer_list){ &consumer, 1 }, c, now_ns);
}

static inline void feed_half_open(struct consumer *consumer, const struct half_open *h)
{
	consumers_tell_half_open(&(struct consumer_list){ &consumer, 1 }, h);
}

#endif
