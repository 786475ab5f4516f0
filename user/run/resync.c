// SPDX-License-Identifier: GPL-2.0-only
/* Takes snapshots of the kernel's sockets when the connection table may differ from them. */
#include "user/run/resync.h"

#include <errno.h>

#include "user/base/units.h"
#include "user/run/complaints.h"
#include "user/sockets/sockets.h"

/* Losses are looked for so often once there was one, and waited for to be over. */
#define CHECK_NS (250 * NS_PER_MS)
/* While they go on, a snapshot is taken so often, and no more than this share of the time. */
#define INTERVAL_NS NS_PER_S
#define SHARE 20

static void see(void *context, const struct socket_info *info, const void *bytes)
{
	struct resync *r = context;
	struct socket_info owned = *info;

	(void)bytes;
	if (r->lore)
		run_lore_meet_netns(r->lore, info->netns, info->cgroup);
	if (!seeds_is_wanted(&r->seeds, info))
		return;
	seeds_own(&r->seeds, &owned);
	conn_table_see(r->table, &owned);
}

static void miss(void *context, uint32_t netns)
{
	struct resync *r = context;

	conn_table_miss(r->table, netns);
}

static bool can_look(const struct resync *r)
{
	return r->source && r->source->class->look;
}

static uint64_t now_of(const struct resync *r)
{
	return r->source->class->now(r->source);
}

/* Returns whether a snapshot was taken. */
static bool take(struct resync *r, unsigned int use, uint64_t now_ns)
{
	const struct sockets_query query = {
		.netns = r->netns,
		/* Of one that is over nobody asks but who compares them all. */
		.states = use & CONN_SNAPSHOT_SYNC ? 0 : SEED_STATES,
		/* What is in no namespace that was found is taken for gone. */
		.search_files = use & CONN_SNAPSHOT_SYNC,
		.visit = see,
		.miss = miss,
		.reads_on = true,
		.context = r,
	};
	struct sockets_result result;
	uint64_t end_ns;
	int error;

	if (conn_table_begin_snapshot(r->table, use, now_ns))
		return false;
	error = r->source->class->look(r->source, &query, &result);
	end_ns = now_of(r);
	if (error)
		conn_table_drop_snapshot(r->table);
	else
		conn_table_end_snapshot(r->table, end_ns);
	/* What they have done until then is known before it is compared. */
	source_flush(r->source);
	r->is_blind = error == -ENOSYS;
	if (error && error != -ENOENT && !r->is_blind && !(use & CONN_SNAPSHOT_KNOW))
		RUN_COMPLAIN(SOCKETS_NOT_LISTED, .w = sockets_why(error));
	r->rest_until_ns = end_ns + (end_ns - now_ns) * SHARE;
	if (r->rest_until_ns < end_ns + INTERVAL_NS)
		r->rest_until_ns = end_ns + INTERVAL_NS;
	return !error;
}

void resync_begin(struct resync *r, unsigned int use, uint64_t now_ns)
{
	bool is_taken;

	if (!can_look(r))
		return;
	r->use = CONN_SNAPSHOT_SYNC;
	if (!use)
		return;
	seeds_begin(&r->seeds, r->source, r->cgroup);
	is_taken = take(r, use, now_ns);
	seeds_end(&r->seeds);
	r->rest_until_ns = 0;
	/* From now on an unknown socket is one whose birth was lost. */
	if (is_taken && use & CONN_SNAPSHOT_SEED)
		r->use |= CONN_SNAPSHOT_SEED;
}

uint64_t resync_due_ns(const struct resync *r)
{
	uint64_t settle_ns, check_ns;

	if (!can_look(r))
		return UINT64_MAX;
	settle_ns = conn_table_settle_at(r->table);
	check_ns = r->is_dirty && !r->is_blind ? r->check_at_ns : UINT64_MAX;
	return settle_ns < check_ns ? settle_ns : check_ns;
}

static uint64_t contradictions_of(const struct resync *r)
{
	return conn_table_counts(r->table)->contradictions;
}

/* Of what is lost some is counted by the kernel, and some shows in the connections only. */
static uint64_t count_losses(const struct resync *r)
{
	struct event_counters events;

	r->source->class->events(r->source, &events);
	return events.ring_full + events.missed + contradictions_of(r);
}

/* The end of every socket is worth a record after a loss that nobody has counted, too. */
static bool has_lost(const struct resync *r)
{
	struct source *source = r->source;

	if (!source->class->has_lost(source) && contradictions_of(r))
		source->class->note_loss(source);
	return source->class->has_lost(source);
}

void resync_check(struct resync *r, uint64_t now_ns)
{
	uint64_t losses;
	bool is_over;

	if (!can_look(r) || !has_lost(r) || r->is_blind || now_ns < r->check_at_ns)
		return;
	r->check_at_ns = now_ns + CHECK_NS;
	losses = count_losses(r);
	is_over = losses == r->losses;
	r->losses = losses;
	if (!is_over)
		r->is_dirty = true;
	if (!r->is_dirty || (!is_over && now_ns < r->rest_until_ns))
		return;
	if (take(r, r->use, now_ns))
		r->is_dirty = !is_over;
	else
		r->check_at_ns = now_ns + INTERVAL_NS;
}

void resync_finish(struct resync *r, uint64_t now_ns)
{
	if (!can_look(r) || !has_lost(r) || r->is_blind)
		return;
	if (count_losses(r) != r->losses || r->is_dirty)
		take(r, r->use, now_ns);
}
