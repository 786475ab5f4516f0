// SPDX-License-Identifier: GPL-2.0-only
/* The account that a recording carries: sums, differences, and where a file has which counter. */
#include <string.h>

#include "user/record/counters.h"

#define OURS(X) EVENT_COUNTERS(X, X, EVENT_COUNTER_SKIP)
#define PLACE(name) (offsetof(struct recording_counters, name) / sizeof(uint64_t))

static const char *const names[] = {
#define X(name, loss) [PLACE(name)] = #name,
	OURS(X)
#undef X
};

#define NAMES (sizeof(names) / sizeof(*names))

_Static_assert(sizeof(struct recording_counters) == NAMES * sizeof(uint64_t), "nothing but them");
_Static_assert(NAMES <= RECORDING_COUNTERS_MAX, "each has a place");

struct recording_counters recording_counters_of(const struct event_counters *events)
{
	return (struct recording_counters){
#define X(name, loss) .name = events->name,
		OURS(X)
#undef X
	};
}

void recording_counters_add(struct recording_counters *sum, const struct recording_counters *more)
{
#define X(name, loss) sum->name += more->name;
	OURS(X)
#undef X
}

struct recording_counters recording_counters_less(const struct recording_counters *a,
						  const struct recording_counters *b)
{
	return (struct recording_counters){
#define X(name, loss) .name = a->name > b->name ? a->name - b->name : 0,
		OURS(X)
#undef X
	};
}

void counter_order_write(struct buffer *out)
{
	for (size_t i = 0; i < NAMES; i++) {
		buffer_add_text(out, names[i]);
		buffer_add_char(out, '\n');
	}
}

static uint8_t place_of(const char *name, size_t size)
{
	for (size_t i = 0; i < NAMES; i++)
		if (strlen(names[i]) == size && !memcmp(names[i], name, size))
			return (uint8_t)i;
	return UINT8_MAX;
}

bool counter_order_read(struct counter_order *order, const char *lines, size_t size)
{
	order->count = 0;
	while (size) {
		const char *end = memchr(lines, '\n', size);
		size_t line = end ? (size_t)(end - lines) : size;

		if (order->count == RECORDING_COUNTERS_MAX)
			return false;
		order->place[order->count++] = place_of(lines, line);
		line += end != NULL;
		lines += line;
		size -= line;
	}
	return true;
}

void counter_order_first(struct counter_order *ret_order)
{
	static const char lines[] = "seen\nfiltered\nsubmitted\nring_full\nmissed\n"
				    "sample_full\ndropped\n";

	counter_order_read(ret_order, lines, sizeof(lines) - 1);
}

struct recording_counters counter_order_apply(const struct counter_order *order,
					      const uint8_t *bytes)
{
	uint64_t ours[NAMES] = { 0 };
	struct recording_counters counters;

	for (uint8_t i = 0; i < order->count; i++)
		if (order->place[i] < NAMES)
			memcpy(&ours[order->place[i]], bytes + i * sizeof(*ours), sizeof(*ours));
	memcpy(&counters, ours, sizeof(counters));
	return counters;
}
