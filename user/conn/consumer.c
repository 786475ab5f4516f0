// SPDX-License-Identifier: GPL-2.0-only
/* Tells each of several consumers what it listens for. */
#include "user/conn/consumer.h"

unsigned int consumers_want(const struct consumer_list *list)
{
	unsigned int wants = 0;

	for (size_t i = 0; i < list->count; i++)
		wants |= list->all[i]->wants;
	return wants;
}

void consumers_tell_transition(const struct consumer_list *list, const struct conn *c,
			       const struct transition *t)
{
	for (size_t i = 0; i < list->count; i++) {
		struct consumer *consumer = list->all[i];

		if (consumer->class->transition)
			consumer->class->transition(consumer, c, t);
	}
}

void consumers_tell_accepted(const struct consumer_list *list, const struct conn *c)
{
	for (size_t i = 0; i < list->count; i++) {
		struct consumer *consumer = list->all[i];

		if (consumer->class->accepted)
			consumer->class->accepted(consumer, c);
	}
}

void consumers_tell_closed(const struct consumer_list *list, const struct conn *c)
{
	for (size_t i = 0; i < list->count; i++) {
		struct consumer *consumer = list->all[i];

		if (consumer->class->closed)
			consumer->class->closed(consumer, c);
	}
}

void consumers_tell_gone(const struct consumer_list *list, const struct conn *c)
{
	for (size_t i = 0; i < list->count; i++) {
		struct consumer *consumer = list->all[i];

		if (consumer->class->gone)
			consumer->class->gone(consumer, c);
	}
}

void consumers_tell_alive(const struct consumer_list *list, const struct conn *c, uint64_t now_ns)
{
	for (size_t i = 0; i < list->count; i++) {
		struct consumer *consumer = list->all[i];

		if (consumer->class->alive)
			consumer->class->alive(consumer, c, now_ns);
	}
}

void consumers_tell_half_open(const struct consumer_list *list, const struct half_open *h)
{
	for (size_t i = 0; i < list->count; i++) {
		struct consumer *consumer = list->all[i];

		if (consumer->class->half_open)
			consumer->class->half_open(consumer, h);
	}
}

void consumers_tell_applied(const struct consumer_list *list, const struct conn *c,
			    const struct event *e)
{
	for (size_t i = 0; i < list->count; i++) {
		struct consumer *consumer = list->all[i];

		if (consumer->class->applied)
			consumer->class->applied(consumer, c, e);
	}
}
