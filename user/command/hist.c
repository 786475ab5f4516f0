// SPDX-License-Identifier: GPL-2.0-only
/* The command `hist`: how long handshakes and states take, as histograms. */
#include "user/aggregate/failure_set.h"
#include "user/aggregate/histogram_set.h"
#include "user/aggregate/staying.h"
#include "user/command/command.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/gate.h"
#include "user/run/run.h"
#include "user/run/signals.h"

struct hist {
	const struct options *options;
	struct run *run;
	struct histogram_set *histograms;
	struct failure_set *failures;
	struct gate gate;
	uint64_t begin_ns, end_ns; /* of the interval; UINT64_MAX: there is one alone */
};

/* For people, all of it stands in one place. */
static void print_beneath(struct run *run, const struct hist *hist,
			  const struct staying staying[STATE_COUNT], const struct summary *sum)
{
	struct buffer *out = &run->out.lines;

	sink_staying_words(out, staying, hist->options->hist.only, run->settings.language);
	if (hist->options->hist.only)
		return;
	buffer_add_char(out, '\n');
	sink_listen_words(out, &sum->listen, run->settings.language);
	if (!failure_set_count(hist->failures))
		return;
	buffer_add_char(out, '\n');
	sink_failure_words(&run->settings, out, hist->failures);
}

/* Behind the histograms. */
static void print_rest(struct run *run, const struct hist *hist, const struct summary *sum)
{
	uint32_t only = hist->options->hist.only;
	struct staying staying[STATE_COUNT];

	staying_count(run->table, run->source->class->now(run->source), staying);
	if (run->options->format == FORMAT_TEXT) {
		print_beneath(run, hist, staying, sum);
		return;
	}
	if (run->sink->staying)
		run->sink->staying(&run->settings, &run->out.lines, staying, only);
	if (!only)
		account_print_failures(run, hist->failures);
}

static void print_histograms(struct hist *hist)
{
	struct run *run = hist->run;
	const struct group_joiner *joiner = run_lore_joiner(&run->lore);

	if (joiner)
		histogram_set_join(hist->histograms, joiner);
	run->sink->histograms(&run->settings, &run->out.lines, hist->histograms);
	output_flush_full(&run->out);
}

/* Of what came since the interval began, which ends by then. */
static void end_interval(struct hist *hist, uint64_t end_ns)
{
	uint64_t interval_ns = hist->options->hist.interval_ns;

	histogram_set_end_span(hist->histograms, hist->begin_ns, end_ns);
	print_histograms(hist);
	histogram_set_clear(hist->histograms);
	hist->begin_ns = end_ns;
	if (end_ns >= hist->end_ns)
		hist->end_ns += ((end_ns - hist->end_ns) / interval_ns + 1) * interval_ns;
}

static uint64_t due_ns(void *context)
{
	return ((struct hist *)context)->end_ns;
}

/*
 * Of a run that was held up: what has come meanwhile came at once, and in which interval it was
 * complete is not known any more. A recording is read up to the end of each.
 */
static bool is_late(const struct hist *hist, uint64_t now_ns)
{
	return hist->run->live && now_ns >= hist->end_ns &&
	       now_ns - hist->end_ns >= hist->options->hist.interval_ns;
}

static enum task_next tick(void *context, uint64_t now_ns)
{
	struct hist *hist = context;

	if (is_late(hist, now_ns))
		end_interval(hist, now_ns);
	while (now_ns >= hist->end_ns && !hist->run->out.error && !signals_asked_to_stop())
		end_interval(hist, hist->end_ns);
	return TASK_GO_ON;
}

static int begin(void *context, struct run *run)
{
	struct hist *hist = context;

	hist->run = run;
	hist->begin_ns = run->settings.start_mono_ns;
	hist->end_ns = UINT64_MAX;
	if (hist->options->hist.interval_ns)
		hist->end_ns = hist->begin_ns + hist->options->hist.interval_ns;
	return 0;
}

static void finish(void *context, struct run *run)
{
	struct hist *hist = context;
	uint64_t now_ns = run->source->class->now(run->source);
	struct summary sum;

	if (!hist->options->hist.interval_ns)
		print_histograms(hist);
	else if (now_ns > hist->begin_ns)
		end_interval(hist, now_ns);
	account_read(run, &sum);
	sum.values_lost = histogram_set_lost(hist->histograms);
	sum.values_crowded = histogram_set_crowded(hist->histograms);
	sum.payers[SUMMARY_GROUPS] = histogram_set_payers(hist->histograms);
	sum.payers[SUMMARY_FAILURES] = failure_set_payers(hist->failures);
	sum.failures_lost = failure_set_lost(hist->failures);
	print_rest(run, hist, &sum);
	gate_judge(&hist->gate, run, hist->failures, &sum);
	account_add_hints(run, hist->failures, &sum);
	account_print(run, &sum);
}

/* Returns the exit status. */
static int follow(struct hist *hist)
{
	struct consumer *consumers[] = { failure_set_consumer(hist->failures),
					 histogram_set_consumer(hist->histograms),
					 gate_consumer(&hist->gate) };
	const struct task task = {
		.consumers = { consumers, consumers[2] ? 3 : 2 },
		/* A value is to be there by the end of its interval, not of its connection. */
		.wants = hist->options->hist.interval_ns ? CONSUMER_PROMPT : 0,
		.role = RIGHTS_FOLLOW,
		.doing = &run_complaints[RUN_COMPLAINT_DOING_TRACE],
		.is_silent = !hist->options->hist.interval_ns,
		.begin = begin,
		.due_ns = due_ns,
		.tick = tick,
		.finish = finish,
		.context = hist,
	};

	return gate_status(&hist->gate, run_follow(hist->options, &task));
}

static int hist_run(const struct options *options)
{
	struct hist hist = {
		.options = options,
		.histograms = histogram_set_new(options->hist.by, options->hist.top),
		.failures = failure_set_new(options->hist.top),
	};
	int status = 2;

	if (!hist.histograms || !hist.failures) {
		RUN_COMPLAIN(NO_MEMORY);
	} else if (!gate_init(&hist.gate, options, quantity_find)) {
		histogram_set_choose(hist.histograms, options->hist.only);
		status = follow(&hist);
	}
	gate_done(&hist.gate);
	histogram_set_free(hist.histograms);
	failure_set_free(hist.failures);
	return status;
}

const struct command command_hist = { .run = hist_run };
