/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run comes to: all that a report shows, gathered while the records pass. */
#ifndef USER_AGGREGATE_REPORT_H
#define USER_AGGREGATE_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/clock_pairs.h"
#include "user/aggregate/course.h"
#include "user/aggregate/crowding.h"
#include "user/aggregate/difference.h"
#include "user/aggregate/failure_set.h"
#include "user/aggregate/gallery.h"
#include "user/aggregate/hangs.h"
#include "user/aggregate/histogram_set.h"
#include "user/aggregate/listening_row.h"
#include "user/aggregate/parties.h"
#include "user/aggregate/passages.h"
#include "user/aggregate/summary.h"

#define REPORT_CONSUMERS 11
#define REPORT_HOSTS 16
#define REPORT_FAILURES 20 /* kinds that are told of one by one */

/* Where it was recorded; texts are untrusted, and NULL where that is not known. */
struct report_origin {
	const char *host, *kernel, *program;
};

/* The run before, with which it is compared, and what differs. */
struct report_comparison {
	const char *input;		     /* untrusted; NULL: it is not told */
	const struct difference *difference; /* NULL: the other run could not be read */
	const struct summary *summary;	     /* of the other run, as is ... */
	uint64_t failed;		     /* ... how many of it did */
	bool filters_differ;		     /* of the two */
};

struct report {
	struct histogram_set *histograms;
	struct failure_set *failures;
	struct gallery *gallery;
	struct clock_pairs *clocks; /* of the machines; NULL: it is one */
	struct course *course;
	struct crowding *crowding;
	struct parties *parties;
	struct listening *listening;
	struct portions *portions; /* NULL: it is not compared */
	struct passages passages;
	struct hangs hangs;

	/* Set at the end, by whoever has the run. */
	struct summary summary;
	struct listening_view listening_view;
	const struct group_joiner *joiner; /* NULL: each cgroup is one */
	struct report_origin origin;	   /* of the earliest recording */
	/* Of all of them, each once; the rest are too many to be named. */
	const char *hosts[REPORT_HOSTS];
	size_t host_count, hosts_more;
	uint64_t start_ns, end_ns;
	size_t recordings; /* files; 0: it was live */
	struct report_comparison comparison;
	bool is_damaged; /* one could not be read to its end */
	bool is_partial; /* parts of one are not here, as those that --keep has removed */
};

/* `has_machines`: there may be several. NULL when there is no memory. */
struct report *report_new(size_t max_connections, bool has_machines);
void report_free(struct report *report);

/* It will be compared with another run: before its consumers are asked for. 0, or -ENOMEM. */
int report_expect_comparison(struct report *report);

/* To be told of connections. */
struct consumer_list report_consumers(struct report *report,
				      struct consumer *all[REPORT_CONSUMERS]);

/*
 * Whoever took a connection that had waited before the tracing was seen: before it is told who is
 * alive. Who waits still is stuck; `table` has them.
 */
void report_knows_accepts(struct report *report, const struct conn_table *table);

/* One that it was recorded on. */
void report_add_host(struct report *report, const char *host);

/* The rows of the histograms of all connections; those that are not there are empty. */
struct report_rows {
	struct histogram_row row[HISTOGRAM_COUNT];
};

/* Returns 0, or -ENOMEM. */
int report_rows(const struct report *report, struct report_rows *ret_rows);

#endif
