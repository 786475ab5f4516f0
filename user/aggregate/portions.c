// SPDX-License-Identifier: GPL-2.0-only
/* Cuts a run in parts, and joins each two of them when there is no room for one more. */
#include "user/aggregate/portions.h"

#include <stdlib.h>
#include <string.h>

#include "user/base/units.h"

#define FIRST_WIDTH_NS (NS_PER_S / 1000)

static const struct consumer_class portions_class;

struct portions *portions_new(void)
{
	struct portions *portions = calloc(1, sizeof(*portions));

	if (!portions)
		return NULL;
	portions->all = histogram_set_new(0, 1);
	portions->ports = histogram_set_new(1u << GROUP_BY_LPORT, PORTIONS_PORTS);
	if (!portions->all || !portions->ports) {
		portions_free(portions);
		return NULL;
	}
	histogram_set_choose(portions->ports,
			     1u << HISTOGRAM_HANDSHAKE_SERVER | 1u << HISTOGRAM_ACCEPT_QUEUE);
	portions->consumer.class = &portions_class;
	portions->consumer.wants = histogram_set_consumer(portions->all)->wants | CONSUMER_FACTS;
	portions->lives = 1;
	portions->width_ns = FIRST_WIDTH_NS;
	return portions;
}

void portions_free(struct portions *portions)
{
	if (!portions)
		return;
	for (size_t i = 0; i < PORTIONS_PARTS; i++)
		histogram_set_free(portions->parts[i].histograms);
	histogram_set_free(portions->all);
	histogram_set_free(portions->ports);
	free(portions);
}

void portions_begin(struct portions *portions, uint64_t begin_ns)
{
	portions->begin_ns = begin_ns;
}

struct consumer *portions_consumer(struct portions *portions)
{
	return &portions->consumer;
}

static void add_counts(struct portions_part *part, const struct portions_part *from)
{
	part->ended += from->ended;
	part->counted += from->counted;
	part->resent += from->resent;
	for (size_t i = 0; i < CONN_CAUSE_COUNT; i++)
		part->causes[i] += from->causes[i];
}

/* The second one is empty then. */
static void join(struct portions *portions, struct portions_part *part, struct portions_part *from)
{
	add_counts(part, from);
	if (!part->histograms) {
		part->histograms = from->histograms;
	} else if (from->histograms) {
		if (histogram_set_merge(part->histograms, from->histograms))
			portions->lost++;
		histogram_set_free(from->histograms);
	}
	*from = (struct portions_part){ .ended = 0 };
}

static void halve(struct portions *portions)
{
	for (size_t i = 0; i < PORTIONS_PARTS / 2; i++) {
		join(portions, &portions->parts[2 * i], &portions->parts[2 * i + 1]);
		if (!i)
			continue;
		portions->parts[i] = portions->parts[2 * i];
		portions->parts[2 * i] = (struct portions_part){ .ended = 0 };
	}
	portions->part = PORTIONS_PARTS / 2;
	portions->lives *= 2;
}

/* The histograms of the part that is filled; NULL: there is no memory. */
static struct consumer *histograms(struct portions *portions)
{
	struct portions_part *part = &portions->parts[portions->part];

	if (!part->histograms)
		part->histograms = histogram_set_new(0, 1);
	if (part->histograms)
		return histogram_set_consumer(part->histograms);
	portions->lost++;
	return NULL;
}

static void count_end(struct portions *portions, unsigned int cause)
{
	struct portions_part *part = &portions->parts[portions->part];

	part->ended++;
	if (cause < CONN_CAUSE_COUNT)
		part->causes[cause]++;
	if (part->ended < portions->lives)
		return;
	if (++portions->part == PORTIONS_PARTS)
		halve(portions);
}

/* Of one that began before the run, or whose begin nobody saw, nothing. */
static void count_birth(struct portions *portions, const struct conn *c)
{
	uint64_t at_ns = conn_start(c), i;

	if (at_ns == TIME_UNKNOWN || c->flags & (CONN_SEEDED | CONN_UNSENT))
		return;
	at_ns = at_ns > portions->begin_ns ? at_ns - portions->begin_ns : 0;
	while (at_ns / portions->width_ns >= PORTIONS_PARTS) {
		for (i = 0; i < PORTIONS_PARTS; i++) {
			uint64_t opened = portions->opened[i];

			portions->opened[i] = 0;
			portions->opened[i / 2] += opened;
		}
		portions->width_ns *= 2;
	}
	portions->opened[at_ns / portions->width_ns]++;
}

static void on_steps(struct consumer *self, const struct conn *c, unsigned int first)
{
	struct portions *portions = (struct portions *)self;
	struct consumer *set = histograms(portions);

	if (!first)
		count_birth(portions, c);
	if (set)
		set->class->steps(set, c, first);
	if (c->role != CONN_ROLE_SERVER)
		return;
	set = histogram_set_consumer(portions->ports);
	set->class->steps(set, c, first);
}

static void on_accepted(struct consumer *self, const struct conn *c)
{
	struct portions *portions = (struct portions *)self;
	struct consumer *set = histograms(portions);

	if (set)
		set->class->accepted(set, c);
	set = histogram_set_consumer(portions->ports);
	set->class->accepted(set, c);
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct portions *portions = (struct portions *)self;
	struct portions_part *part = &portions->parts[portions->part];
	struct consumer *set = histograms(portions);

	if (set)
		set->class->closed(set, c);
	if (c->flags & CONN_HAS_COUNTERS) {
		part->counted++;
		part->resent += c->retransmits;
	}
	count_end(portions, c->cause);
}

static void on_gone(struct consumer *self, const struct conn *c)
{
	struct consumer *set = histograms((struct portions *)self);

	if (set)
		set->class->gone(set, c);
}

static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	(void)now_ns;
	if (!(c->flags & CONN_FINISHED))
		((struct portions *)self)->live[conn_state(c)]++;
}

static void count_drop(struct portions *portions, uint16_t port)
{
	size_t i = 0;

	while (i < portions->drop_ports && portions->drops[i].port != port)
		i++;
	if (i == PORTIONS_PORTS) {
		portions->drops_elsewhere++;
		return;
	}
	if (i == portions->drop_ports)
		portions->drops[portions->drop_ports++] = (struct portions_drops){ .port = port };
	portions->drops[i].count++;
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	struct portions *portions = (struct portions *)self;
	struct consumer *set = histograms(portions);

	if (set)
		set->class->half_open(set, h);
	if (half_open_cause(h) == CONN_CAUSE_QUEUE_FULL)
		count_drop(portions, h->lport);
	count_end(portions, half_open_cause(h));
}

static const struct consumer_class portions_class = {
	.steps = on_steps,
	.accepted = on_accepted,
	.closed = on_closed,
	.gone = on_gone,
	.alive = on_alive,
	.half_open = on_half_open,
};

void portions_end(struct portions *portions)
{
	for (size_t i = 0; i < PORTIONS_PARTS; i++) {
		const struct portions_part *part = &portions->parts[i];

		add_counts(&portions->sum, part);
		if (part->histograms && histogram_set_merge(portions->all, part->histograms))
			portions->lost++;
	}
}
