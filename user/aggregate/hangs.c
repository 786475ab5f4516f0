// SPDX-License-Identifier: GPL-2.0-only
/* Sums up those that live at the end and should not, by what they have in common. */
#include "user/aggregate/hangs.h"

#include <stdlib.h>
#include <string.h>

#include "user/aggregate/roster.h"
#include "user/aggregate/stuck_conn.h"

static bool is_alike(const struct conn *a, const struct conn *b)
{
	struct conn_name one = conn_service(a), other = conn_service(b);

	return conn_state(a) == conn_state(b) && a->role == b->role &&
	       roster_service_port(a) == roster_service_port(b) && one.size == other.size &&
	       (!one.size || !memcmp(one.bytes, other.bytes, one.size));
}

static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	struct hangs *hangs = (struct hangs *)self;
	uint64_t age_ns = conn_between(conn_since(c), now_ns);
	struct hang *hang = hangs->kind;

	if (!roster_is_stuck(c, now_ns) &&
	    !(hangs->accepts && stuck_waits_for_accept(hangs->accepts, c, now_ns)))
		return;
	if (age_ns == TIME_UNKNOWN)
		return;
	while (hang < hangs->kind + hangs->kinds && !is_alike(&hang->example, c))
		hang++;
	if (hang == hangs->kind + HANGS_KINDS) {
		hangs->rest++;
		return;
	}
	hangs->kinds += hang == hangs->kind + hangs->kinds;
	hang->count++;
	if (age_ns < hang->oldest_ns)
		return;
	hang->oldest_ns = age_ns;
	hang->is_older = roster_entered_ns(c) == TIME_UNKNOWN;
	hang->example = *c;
}

static const struct consumer_class hangs_class = { .alive = on_alive };

void hangs_init(struct hangs *hangs)
{
	memset(hangs, 0, sizeof(*hangs));
	hangs->consumer = (struct consumer){ &hangs_class, CONSUMER_SEEDS };
}

static int by_count(const void *a, const void *b)
{
	const struct hang *one = a, *other = b;

	if (one->count != other->count)
		return one->count < other->count ? 1 : -1;
	return (one->oldest_ns < other->oldest_ns) - (one->oldest_ns > other->oldest_ns);
}

void hangs_sort(struct hangs *hangs)
{
	qsort(hangs->kind, hangs->kinds, sizeof(*hangs->kind), by_count);
}
