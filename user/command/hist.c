// SPDX-License-Identifier: GPL-2.0-only
/* The command `hist`: how long handshakes and states take, as histograms. */
#include "user/aggregate/failure_set.h"
#include "user/aggregate/histogram_set.h"
#include "user/base/log.h"
#include "user/command/command.h"
#include "user/run/account.h"
#include "user/run/run.h"

struct hist {
	struct histogram_set *histograms;
	struct failure_set *failures;
};

/* For people, all of it stands in one place. */
static void print_beneath(struct run *run, const struct hist *hist, const struct summary *sum)
{
	struct buffer *out = &run->out.lines;

	buffer_add_char(out, '\n');
	sink_listen_words(out, &sum->listen);
	if (!failure_set_count(hist->failures))
		return;
	buffer_add_char(out, '\n');
	sink_failure_words(&run->settings, out, hist->failures);
}

static void finish(void *context, struct run *run)
{
	const struct group_joiner *joiner = run_lore_joiner(&run->lore);
	struct hist *hist = context;
	struct summary sum;

	if (joiner)
		histogram_set_join(hist->histograms, joiner);
	run->sink->histograms(&run->settings, &run->out.lines, hist->histograms);
	account_read(run, &sum);
	sum.values_lost = histogram_set_lost(hist->histograms);
	sum.values_crowded = histogram_set_crowded(hist->histograms);
	sum.payers[SUMMARY_GROUPS] = histogram_set_payers(hist->histograms);
	sum.payers[SUMMARY_FAILURES] = failure_set_payers(hist->failures);
	sum.failures_lost = failure_set_lost(hist->failures);
	if (run->options->format == FORMAT_TEXT)
		print_beneath(run, hist, &sum);
	else
		account_print_failures(run, hist->failures);
	account_add_hints(run, hist->failures, &sum);
	account_print(run, &sum);
}

static int hist_run(const struct options *options)
{
	struct hist hist = {
		.histograms = histogram_set_new(options->hist.by, options->hist.top),
		.failures = failure_set_new(options->hist.top),
	};
	struct consumer *consumers[2];
	const struct task task = {
		.consumers = { consumers, 2 },
		.role = RIGHTS_FOLLOW,
		.doing = "Tracing TCP connections",
		.is_silent = true,
		.finish = finish,
		.context = &hist,
	};
	int status = 2;

	if (hist.histograms && hist.failures) {
		consumers[0] = failure_set_consumer(hist.failures);
		consumers[1] = histogram_set_consumer(hist.histograms);
		status = run_follow(options, &task);
	} else {
		log_error("not enough memory");
	}
	histogram_set_free(hist.histograms);
	failure_set_free(hist.failures);
	return status;
}

const struct command command_hist = { .run = hist_run };
