/* SPDX-License-Identifier: GPL-2.0-only */
/* --fail-if: a condition on the numbers of a run, which decides its exit status. */
#ifndef USER_RUN_GATE_H
#define USER_RUN_GATE_H

#include "user/aggregate/condition.h"

struct options;
struct run;

struct gate {
	const char *text; /* NULL: there is no condition */
	struct condition condition;
	struct histogram_set *histograms; /* of all connections, whatever is shown */
	bool is_judged;
	enum condition_verdict verdict;
};

/*
 * What the options say, in names that `find` knows. Returns 0, or -errno after one sentence;
 * gate_done is due in either case.
 */
int gate_init(struct gate *gate, const struct options *options, condition_find *find);
void gate_done(struct gate *gate);

/* Has to be told of connections; NULL: there is no condition. */
struct consumer *gate_consumer(const struct gate *gate);

/* The run is over: says what is to be said of it. Nothing where there is no condition. */
void gate_judge(struct gate *gate, struct run *run, const struct failure_set *failures,
		const struct summary *sum);

/* The same of numbers that are not a run's. */
void gate_judge_by(struct gate *gate, struct run *run, condition_read *read, const void *context);

/* The exit status, of a run that ends with `status` else. */
int gate_status(const struct gate *gate, int status);

#endif
