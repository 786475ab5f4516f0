// SPDX-License-Identifier: GPL-2.0-only
/* Judges connections when they are closed, and hands their lives on to a set of histograms. */
#include "user/aggregate/sifted.h"

#include <errno.h>
#include <stdlib.h>

#include "user/aggregate/measure.h"
#include "user/conn/filter.h"

struct sifted {
	struct consumer consumer;
	struct sifted_found found;
	const struct conn_filter *filter;
	uint32_t states;
};

/* The one that it is in, or was in before its end. */
static enum tcp_state last_state(const struct conn *c)
{
	enum tcp_state state = conn_state(c);

	if (state == STATE_CLOSED && c->step_count > 1)
		return (enum tcp_state)c->step_state[c->step_count - 2];
	return state;
}

bool sifted_wants(const struct conn_filter *filter, uint32_t states, const struct conn *c)
{
	return (!states || states >> last_state(c) & 1) &&
	       (!filter || conn_filter_judge(filter, c, true) == FILTER_WANTED);
}

static struct consumer *inner(const struct sifted *s)
{
	return histogram_set_consumer(s->found.set);
}

/* What comes behind the close of one that was counted. */
static bool is_counted(const struct sifted *s, const struct conn *c)
{
	uint64_t end_ns = measure_end(c);

	return s->found.set && c->flags & CONN_CLOSE_TOLD && end_ns != TIME_UNKNOWN &&
	       end_ns >= s->found.since_ns && sifted_wants(s->filter, s->states, c);
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct sifted *s = (struct sifted *)self;

	if (!s->found.set)
		return;
	s->found.all++;
	if (!sifted_wants(s->filter, s->states, c))
		return;
	s->found.matching++;
	inner(s)->class->steps(inner(s), c, 0);
	if (c->accept_ns)
		inner(s)->class->accepted(inner(s), c);
	inner(s)->class->closed(inner(s), c);
}

static void on_steps(struct consumer *self, const struct conn *c, unsigned int first)
{
	const struct sifted *s = (const struct sifted *)self;

	if (is_counted(s, c))
		inner(s)->class->steps(inner(s), c, first);
}

static void on_accepted(struct consumer *self, const struct conn *c)
{
	const struct sifted *s = (const struct sifted *)self;

	if (is_counted(s, c))
		inner(s)->class->accepted(inner(s), c);
}

static void on_gone(struct consumer *self, const struct conn *c)
{
	const struct sifted *s = (const struct sifted *)self;

	if (is_counted(s, c))
		inner(s)->class->gone(inner(s), c);
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	const struct sifted *s = (const struct sifted *)self;
	struct conn c;

	if (!s->found.set)
		return;
	half_open_as_conn(h, &c);
	if (sifted_wants(s->filter, s->states, &c))
		inner(s)->class->half_open(inner(s), h);
}

/* Whatever is judged and counted of one at its close, and nothing behind it. */
static bool on_learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)self;
	(void)shape;
	return !(c->flags & CONN_FINISHED && measure_has_time_wait(c));
}

static void on_like(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)shape;
	on_closed(self, c);
}

static void on_over(struct consumer *self, const struct conn *c)
{
	on_steps(self, c, c->step_count - 1U);
	on_gone(self, c);
}

static const struct consumer_class sifted_class = {
	.steps = on_steps,
	.accepted = on_accepted,
	.closed = on_closed,
	.gone = on_gone,
	.half_open = on_half_open,
	.learn = on_learn,
	.like = on_like,
	.over = on_over,
};

struct sifted *sifted_new(void)
{
	struct sifted *sifted = calloc(1, sizeof(*sifted));

	if (sifted)
		sifted->consumer = (struct consumer){ &sifted_class, CONSUMER_PARTIES };
	return sifted;
}

void sifted_free(struct sifted *sifted)
{
	if (sifted)
		histogram_set_free(sifted->found.set);
	free(sifted);
}

struct consumer *sifted_consumer(struct sifted *sifted)
{
	return &sifted->consumer;
}

int sifted_begin(struct sifted *s, const struct conn_filter *filter, uint32_t states,
		 uint64_t now_ns)
{
	sifted_end(s);
	s->filter = filter;
	s->states = states;
	s->found = (struct sifted_found){ .set = histogram_set_new(0, 1), .since_ns = now_ns };
	return s->found.set ? 0 : -ENOMEM;
}

void sifted_end(struct sifted *s)
{
	histogram_set_free(s->found.set);
	s->found = (struct sifted_found){ .set = NULL };
}

void sifted_look(const struct sifted *s, struct sifted_found *ret_found)
{
	*ret_found = s->found;
}
