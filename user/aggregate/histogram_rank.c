// SPDX-License-Identifier: GPL-2.0-only
/* A set of histograms row by row: the groups that have most first. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/histogram_parts.h"

static const struct histogram no_values;
static const uint64_t no_counts[HISTOGRAM_TALLY_MAX];

static int compare_keys(const struct group *a, const struct group *b)
{
	int order = strcmp(a->comm, b->comm);

	if (!order)
		order = strcmp(a->thread, b->thread);
	if (!order)
		order = memcmp(&a->raddr, &b->raddr, sizeof(a->raddr));
	if (!order)
		order = (a->rport > b->rport) - (a->rport < b->rport);
	if (!order)
		order = (a->lport > b->lport) - (a->lport < b->lport);
	if (!order)
		order = (a->netns > b->netns) - (a->netns < b->netns);
	if (!order)
		order = (a->cgroup > b->cgroup) - (a->cgroup < b->cgroup);
	if (!order)
		order = (a->unit > b->unit) - (a->unit < b->unit);
	if (!order)
		order = (a->container > b->container) - (a->container < b->container);
	if (!order)
		order = (a->pod > b->pod) - (a->pod < b->pod);
	if (!order)
		order = (a->outcome > b->outcome) - (a->outcome < b->outcome);
	if (!order)
		order = (a->has_comm - b->has_comm) * 2 + (a->has_raddr - b->has_raddr);
	if (!order)
		order = a->has_thread - b->has_thread;
	if (!order)
		order = a->has_rport - b->has_rport;
	if (!order)
		order = a->is_listeners - b->is_listeners;
	return order;
}

/* A group that is printed, with its size in the histogram at hand and its place among all. */
struct ranked {
	const struct histogram_entry *entry;
	uint64_t size;
	size_t place;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *first = a, *second = b;

	if (first->size != second->size)
		return first->size < second->size ? 1 : -1;
	return first->place < second->place ? -1 : 1;
}

/* The largest first; equal ones by their facts, so that the order does not depend on arrival. */
static int compare_by_total(const void *a, const void *b)
{
	const struct histogram_entry *first = ((const struct ranked *)a)->entry;
	const struct histogram_entry *second = ((const struct ranked *)b)->entry;

	if (first->total != second->total)
		return first->total < second->total ? 1 : -1;
	return compare_keys(&first->group, &second->group);
}

static void rank_by_cell(struct ranked *ranked, size_t count, enum histogram_id id)
{
	for (size_t i = 0; i < count; i++) {
		const struct histogram_cell *cell = ranked[i].entry->cells[id];

		ranked[i].size = cell ? cell->histogram.count + cell->unknown : 0;
	}
	qsort(ranked, count, sizeof(*ranked), compare_ranked);
}

static bool is_shown_empty(const struct histogram_set *set, enum histogram_id id)
{
	return !set->keys && (set->only ? histogram_is_kept(set, id) : id <= HISTOGRAM_TIME_WAIT);
}

static struct histogram_row row_of(const struct histogram_set *set, const struct histogram_entry *e,
				   enum histogram_id id)
{
	const struct histogram_cell *cell = e->cells[id];

	return (struct histogram_row){
		.name = histogram_name(id),
		.id = id,
		.group = set->keys ? &e->group : NULL,
		.histogram = cell ? &cell->histogram : &no_values,
		.unknown = cell ? cell->unknown : 0,
		.estimated = cell ? cell->estimated : 0,
		.tally = histogram_tally(id),
		.counts = cell ? cell->counts : no_counts,
	};
}

void histogram_set_get(const struct histogram_set *set, enum histogram_id id,
		       struct histogram_row *ret_row)
{
	histogram_set_settle(set);
	*ret_row = row_of(set, &set->rest, id);
}

static void visit_cell(const struct histogram_set *set, const struct histogram_entry *e,
		       enum histogram_id id,
		       void (*visit)(void *context, const struct histogram_row *row), void *context)
{
	struct histogram_row row = row_of(set, e, id);

	if (row.histogram->count || row.unknown || is_shown_empty(set, id))
		visit(context, &row);
}

static int visit_groups(const struct histogram_set *set, struct ranked *ranked,
			void (*visit)(void *context, const struct histogram_row *row),
			void *context)
{
	size_t count = set->entry_count < set->max_groups ? set->entry_count : set->max_groups;
	struct histogram_entry rest = { .group.is_other = true };
	int error = histogram_entry_merge(&rest, &set->rest);

	for (size_t i = count; i < set->entry_count && !error; i++)
		error = histogram_entry_merge(&rest, ranked[i].entry);
	for (unsigned int id = 0; id < HISTOGRAM_COUNT; id++) {
		rank_by_cell(ranked, count, id);
		for (size_t i = 0; i < count; i++)
			visit_cell(set, ranked[i].entry, id, visit, context);
		visit_cell(set, &rest, id, visit, context);
	}
	histogram_entry_done(&rest);
	return error;
}

static int each_group(const struct histogram_set *set,
		      void (*visit)(void *context, const struct histogram_row *row), void *context)
{
	struct ranked *ranked = calloc(set->entry_count + 1, sizeof(*ranked));
	int error;

	if (!ranked)
		return -ENOMEM;
	for (size_t i = 0; i < set->entry_count; i++)
		ranked[i].entry = &set->entries[i];
	qsort(ranked, set->entry_count, sizeof(*ranked), compare_by_total);
	for (size_t i = 0; i < set->entry_count; i++)
		ranked[i].place = i;
	error = visit_groups(set, ranked, visit, context);
	free(ranked);
	return error;
}

int histogram_set_each(const struct histogram_set *set,
		       void (*visit)(void *context, const struct histogram_row *row), void *context)
{
	histogram_set_settle(set);
	if (set->keys)
		return each_group(set, visit, context);
	for (unsigned int id = 0; id < HISTOGRAM_COUNT; id++)
		visit_cell(set, &set->rest, id, visit, context);
	return 0;
}
