// SPDX-License-Identifier: GPL-2.0-only
/* The command `explain`: draws the one connection that is asked for as a ladder, or says a code. */
#include <stdlib.h>

#include "user/aggregate/chosen.h"
#include "user/command/command.h"
#include "user/command/complaints.h"
#include "user/command/explain/ask.h"
#include "user/command/explain/demo.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/run.h"
#include "user/run/signals.h"
#include "user/run/terminal.h"
#include "user/sink/text/codes.h"

struct explain {
	struct chosen *chosen;
	struct clock_pairs *clocks;
	bool is_whole; /* of several recordings all is read: each may have the other end */
	struct ladder ladder;
	struct conn_filter filter; /* by which it is chosen, of all that is followed */
	bool is_vain;		   /* there was nothing to explain */
};

/* Of less, the kernel and the table would leave out the other end of a connection. */
static void widen(struct conn_filter *filter)
{
	filter->has_lports = filter->has_rports = false;
	filter->prefix_count = 0;
	filter->pid_count = 0;
	filter->comm_count = 0;
	filter->flow_count = 0;
	filter->units.size = filter->containers.size = filter->pods.size = 0;
	filter->cgroups.size = 0;
}

static uint64_t due_ns(void *context)
{
	const struct explain *explain = context;

	return explain->is_whole ? UINT64_MAX : chosen_over_ns(explain->chosen);
}

static enum task_next tick(void *context, uint64_t now_ns)
{
	return now_ns >= due_ns(context) ? TASK_ENOUGH : TASK_GO_ON;
}

/* It is drawn when it is gone. */
static int begin(void *context, struct run *run)
{
	struct explain *explain = context;
	uint8_t space, clock;

	for (size_t i = 0; run->replay && replay_clock(run->replay, i, &space, &clock); i++) {
		clock_pairs_name(explain->clocks, space, clock);
		explain->is_whole |= clock;
	}
	conn_table_keep_openers(run->table);
	explain->filter.namer = run->filter.namer;
	explain->filter.netns = run->filter.netns;
	return 0;
}

/* Who was asked for is found by what is true: what is told of it need not be. */
static void print_ladder(struct run *run, struct ladder ladder)
{
	struct conn own = *ladder.conn, other = ladder.other ? *ladder.other : own;
	struct ask_score score = { 0 };

	if (run->redact.what) {
		redact_conn(&run->redact, &own);
		redact_conn(&run->redact, &other);
		if (ladder.other)
			ladder.other = ladder.other == ladder.conn ? &own : &other;
		ladder.conn = &own;
	}
	if (run->options->explain.ask) {
		ask_ladder(run, &ladder, &score);
		ask_tell(run, &score);
	} else {
		run->sink->ladder(&run->settings, &run->out.lines, &ladder);
	}
}

static void finish(void *context, struct run *run)
{
	struct explain *explain = context;
	uint64_t forgotten = chosen_forgotten(explain->chosen);
	struct summary sum;

	explain->is_vain = !chosen_ladder(explain->chosen, explain->clocks, &explain->ladder);
	if (!explain->is_vain)
		print_ladder(run, explain->ladder);
	if (forgotten)
		COMMAND_COMPLAIN(NUMBERS_FORGOTTEN, .n = forgotten);
	account_read(run, &sum);
	sum.payers[SUMMARY_STORIES] = chosen_payers(explain->chosen);
	account_print(run, &sum);
}

/* Returns the exit status. */
static int follow(struct explain *explain, const struct options *options)
{
	struct consumer *consumers[] = { chosen_consumer(explain->chosen),
					 clock_pairs_consumer(explain->clocks) };
	const struct task task = {
		.consumers = { consumers, options->input_count ? 2 : 1 },
		.role = RIGHTS_FOLLOW,
		.redacts = true,
		.doing = &run_complaints[RUN_COMPLAINT_DOING_TRACE],
		.begin = begin,
		.due_ns = due_ns,
		.tick = tick,
		.finish = finish,
		.context = explain,
	};
	int status = run_follow(options, &task);

	if (!explain->is_vain)
		return status;
	COMMAND_COMPLAIN(NOTHING_TO_EXPLAIN);
	/* Who ends it by hand knows. */
	return status ? status : !signals_asked_to_stop();
}

/* Of every cause that has this code: what it is called, and what it means. */
static int explain_code(const struct options *options)
{
	struct sink_settings settings;
	struct output out;
	int error;

	if (options->format != FORMAT_TEXT) {
		COMMAND_COMPLAIN(CODE_FOR_PEOPLE);
		return 2;
	}
	terminal_settings(options, &settings);
	output_init(&out, NULL);
	codes_add(&out.lines, settings.columns, settings.language, options->explain.code);
	error = output_end(&out);
	output_done(&out);
	return error ? 2 : 0;
}

static int explain_connection(const struct options *options)
{
	struct chosen_settings settings = {
		.choice = options->explain.choice,
		.full = options->trace.full,
		.max = options->max_connections,
	};
	struct explain *explain = calloc(1, sizeof(*explain));
	struct options *wide = malloc(sizeof(*wide));
	int status = 2;

	settings.choice.has_failed = options->trace.failed;
	if (explain) {
		explain->filter = options->filter;
		settings.filter = &explain->filter;
		explain->chosen = chosen_new(&settings);
		explain->clocks = clock_pairs_new();
	}
	if (wide && explain && explain->chosen && explain->clocks) {
		*wide = *options;
		widen(&wide->filter);
		status = follow(explain, wide);
	} else {
		RUN_COMPLAIN(NO_MEMORY);
	}
	if (explain) {
		clock_pairs_free(explain->clocks);
		chosen_free(explain->chosen);
	}
	free(explain);
	free(wide);
	return status;
}

static int explain_run(const struct options *options)
{
	if (options->explain.demo)
		return demo_run(options);
	return options->explain.code ? explain_code(options) : explain_connection(options);
}

const struct command command_explain = { .run = explain_run };
