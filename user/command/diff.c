// SPDX-License-Identifier: GPL-2.0-only
/* The command `diff`: what changed from one run to another, by more than chance. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/command/command.h"
#include "user/run/account.h"
#include "user/run/flaw.h"
#include "user/run/gate.h"
#include "user/run/run.h"
#include "user/run/signals.h"

/* One of both runs, and what is left of it when it is over. */
struct diff_side {
	struct options options;
	struct portions *portions;
	struct failure_set *failures;
	struct summary summary;
	bool is_over;
};

struct diff {
	struct diff_side old, new;
	struct diff_side *now; /* the one that runs */
	struct gate gate;
};

static int begin(void *context, struct run *run)
{
	const struct diff *diff = context;

	portions_begin(diff->now->portions, run->settings.start_mono_ns);
	return 0;
}

static struct difference_side side_of(const struct diff_side *side)
{
	return (struct difference_side){ side->portions, side->failures, &side->summary };
}

static struct difference_told told_of(const struct diff_side *side)
{
	return (struct difference_told){ side->options.input_count ? side->options.inputs[0] : NULL,
					 failure_set_count(side->failures), &side->summary };
}

/* Both are over. */
static void tell(struct diff *diff, struct run *run)
{
	const struct difference_side old = side_of(&diff->old), new = side_of(&diff->new);
	const struct difference_told old_told = told_of(&diff->old), new_told = told_of(&diff->new);
	struct difference *difference = difference_new(&old, &new);

	if (!difference) {
		log_error("not enough memory");
		return;
	}
	run->sink->difference(&run->settings, &run->out.lines, difference, &old_told, &new_told);
	gate_judge_by(&diff->gate, run, difference_read, difference);
	if (run->sink->summary)
		run->sink->summary(&run->settings, &run->out.lines, &diff->new.summary);
	difference_free(difference);
}

static void finish(void *context, struct run *run)
{
	struct diff *diff = context;
	struct diff_side *side = diff->now;

	account_read(run, &side->summary);
	/* What they point to ends with the run. */
	memset(side->summary.payers, 0, sizeof(side->summary.payers));
	side->summary.failures_lost = failure_set_lost(side->failures);
	side->summary.values_lost = side->portions->lost;
	portions_end(side->portions);
	side->is_over = true;
	if (side == &diff->old && !signals_asked_to_stop())
		tell(diff, run);
}

/*
 * The new one first: a kernel can be traced only with the rights that whoever reads a recording has
 * given up. `role` is of the first, the other one keeps what that has left.
 */
static int follow(struct diff *diff, struct diff_side *side, enum rights_role role)
{
	struct consumer *consumers[] = { failure_set_consumer(side->failures),
					 portions_consumer(side->portions) };
	const struct task task = {
		.consumers = { consumers, 2 },
		.role = role,
		.reads_later = diff->old.options.inputs[0],
		.doing = "Tracing TCP connections",
		.is_silent = true,
		.begin = begin,
		.finish = finish,
		.context = diff,
	};

	diff->now = side;
	return run_follow(&side->options, &task);
}

/* Better now than when the other one is over. */
static bool can_read(const char *path)
{
	if (!strcmp(path, REPLAY_STDIN) || !access(path, R_OK))
		return true;
	flaw_complain(&(struct replay_flaw){ .path = path, .error = -errno }, false);
	return false;
}

/* Returns the exit status. */
static int compare(struct diff *diff)
{
	bool is_live = !diff->new.options.input_count;
	int status, old_status;

	if (!can_read(diff->old.options.inputs[0]))
		return 2;
	status = follow(diff, &diff->new, RIGHTS_FOLLOW);
	if (!diff->new.is_over || (signals_asked_to_stop() && !is_live))
		return status;
	/* It was told to end that, not this. */
	signals_forget();
	old_status = follow(diff, &diff->old, RIGHTS_ALL);
	return gate_status(&diff->gate, old_status > status ? old_status : status);
}

static bool begin_side(struct diff_side *side, const struct options *options, const char *input)
{
	side->options = *options;
	side->options.inputs[0] = input;
	side->options.input_count = input != NULL;
	/* The time that tracing is given is not that of a recording. */
	if (input && options->input_count == 1)
		side->options.duration_ns = 0;
	side->portions = portions_new();
	side->failures = failure_set_new(options->hist.top);
	return side->portions && side->failures;
}

static void end_side(struct diff_side *side)
{
	portions_free(side->portions);
	failure_set_free(side->failures);
}

static int diff_run(const struct options *options)
{
	struct diff *diff = calloc(1, sizeof(*diff));
	const char *new = options->input_count > 1 ? options->inputs[1] : NULL;
	int status = 2;

	if (!diff || !begin_side(&diff->old, options, options->inputs[0]) ||
	    !begin_side(&diff->new, options, new))
		log_error("not enough memory");
	else if (!gate_init(&diff->gate, options, difference_find))
		status = compare(diff);
	if (diff) {
		gate_done(&diff->gate);
		end_side(&diff->old);
		end_side(&diff->new);
	}
	free(diff);
	return status;
}

const struct command command_diff = { .run = diff_run };
