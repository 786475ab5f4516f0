// SPDX-License-Identifier: GPL-2.0-only
/* Puts together what a report is made of. */
#include "user/aggregate/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct report *report_new(size_t max_connections, bool has_machines)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->histograms = histogram_set_new(0, 1);
	r->failures = failure_set_new(REPORT_FAILURES);
	r->gallery = gallery_new(max_connections);
	r->course = course_new();
	r->crowding = crowding_new();
	r->parties = parties_new();
	r->listening = listening_new();
	r->clocks = has_machines ? clock_pairs_new() : NULL;
	passages_init(&r->passages);
	hangs_init(&r->hangs);
	if (r->histograms && r->failures && r->gallery && r->course && r->crowding && r->parties &&
	    r->listening && (r->clocks || !has_machines))
		return r;
	report_free(r);
	return NULL;
}

void report_free(struct report *r)
{
	if (!r)
		return;
	histogram_set_free(r->histograms);
	failure_set_free(r->failures);
	gallery_free(r->gallery);
	course_free(r->course);
	crowding_free(r->crowding);
	parties_free(r->parties);
	listening_free(r->listening);
	portions_free(r->portions);
	clock_pairs_free(r->clocks);
	free(r);
}

int report_expect_comparison(struct report *r)
{
	r->portions = portions_new();
	return r->portions ? 0 : -ENOMEM;
}

struct consumer_list report_consumers(struct report *r, struct consumer *all[REPORT_CONSUMERS])
{
	size_t count = 0;

	all[count++] = failure_set_consumer(r->failures);
	all[count++] = histogram_set_consumer(r->histograms);
	all[count++] = gallery_consumer(r->gallery);
	all[count++] = &r->passages.consumer;
	all[count++] = &r->course->consumer;
	all[count++] = crowding_consumer(r->crowding);
	all[count++] = &r->hangs.consumer;
	all[count++] = parties_consumer(r->parties);
	all[count++] = listening_consumer(r->listening);
	if (r->portions)
		all[count++] = portions_consumer(r->portions);
	if (r->clocks)
		all[count++] = clock_pairs_consumer(r->clocks);
	return (struct consumer_list){ all, count };
}

void report_knows_accepts(struct report *r, const struct conn_table *table)
{
	r->passages.accepts = r->hangs.accepts = table;
}

void report_add_host(struct report *r, const char *host)
{
	for (size_t i = 0; i < r->host_count; i++)
		if (!strcmp(r->hosts[i], host))
			return;
	if (r->host_count == REPORT_HOSTS)
		r->hosts_more++;
	else
		r->hosts[r->host_count++] = host;
}

static void keep_row(void *context, const struct histogram_row *row)
{
	struct report_rows *rows = context;

	if ((unsigned int)row->id < HISTOGRAM_COUNT)
		rows->row[row->id] = *row;
}

int report_rows(const struct report *r, struct report_rows *ret_rows)
{
	static const struct histogram empty;

	for (unsigned int i = 0; i < HISTOGRAM_COUNT; i++)
		ret_rows->row[i] = (struct histogram_row){ .histogram = &empty, .id = i };
	return histogram_set_each(r->histograms, keep_row, ret_rows);
}
