// SPDX-License-Identifier: GPL-2.0-only
/* The command `diff`: what changed from one run to another, by more than chance. */
#include "user/command/command.h"
#include "user/command/compared.h"
#include "user/run/complaints.h"
#include "user/run/gate.h"
#include "user/run/run.h"
#include "user/run/signals.h"

struct diff {
	struct compared *old, *new;
	struct gate gate;
};

static struct difference_told told_of(const struct compared *side, bool filters_differ)
{
	return (struct difference_told){ side->options.input_count ? side->options.inputs[0] : NULL,
					 failure_set_count(side->failures), &side->summary,
					 filters_differ };
}

/* Both are over. */
static void tell(struct diff *diff, struct run *run)
{
	const struct difference_side old = compared_side(diff->old), new = compared_side(diff->new);
	bool differ = compared_filters_differ(&diff->old->filters, &diff->new->filters);
	const struct difference_told old_told = told_of(diff->old, differ);
	const struct difference_told new_told = told_of(diff->new, differ);
	struct difference *difference = difference_new(&old, &new);

	if (!difference) {
		RUN_COMPLAIN(NO_MEMORY);
		return;
	}
	run->sink->difference(&run->settings, &run->out.lines, difference, &old_told, &new_told);
	gate_judge_by(&diff->gate, run, difference_read, difference);
	if (run->sink->summary)
		run->sink->summary(&run->settings, &run->out.lines, &diff->new->summary);
	difference_free(difference);
}

static void on_old(void *context, struct run *run)
{
	if (!signals_asked_to_stop())
		tell(context, run);
}

/*
 * The new one first: a kernel can be traced only with the rights that whoever reads a recording has
 * given up. Returns the exit status.
 */
static int compare(struct diff *diff)
{
	bool is_live = !diff->new->options.input_count;
	int status, old_status;

	/* Nobody is to trace for an hour to hear then that it is no recording. */
	if (!compared_is_readable(diff->old->options.inputs[0]))
		return 2;
	status = compared_follow(diff->new, RIGHTS_FOLLOW, diff->old->options.inputs[0]);
	if (!diff->new->is_over || (signals_asked_to_stop() && !is_live))
		return status;
	/* It was told to end that, not this. */
	signals_forget();
	old_status = compared_follow(diff->old, RIGHTS_ALL, NULL);
	return gate_status(&diff->gate, old_status > status ? old_status : status);
}

/* The time that tracing is given is not that of a recording. */
static bool begin_sides(struct diff *diff, const struct options *options)
{
	const char *new = options->input_count > 1 ? options->inputs[1] : NULL;

	diff->old = compared_new(options, options->inputs[0]);
	diff->new = compared_new(options, new);
	if (!diff->old || !diff->new)
		return false;
	if (!new)
		diff->old->options.duration_ns = 0;
	diff->old->over = on_old;
	diff->old->context = diff;
	return true;
}

static int diff_run(const struct options *options)
{
	struct diff diff = { 0 };
	int status = 2;

	if (!begin_sides(&diff, options))
		RUN_COMPLAIN(NO_MEMORY);
	else if (!gate_init(&diff.gate, options, difference_find))
		status = compare(&diff);
	gate_done(&diff.gate);
	compared_free(diff.old);
	compared_free(diff.new);
	return status;
}

const struct command command_diff = { .run = diff_run };
