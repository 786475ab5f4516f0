// SPDX-License-Identifier: GPL-2.0-only
/* Wires a run of trace or hist: records in, table in the middle, lines out. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/command/explain.h"
#include "user/kernel/refusal.h"
#include "user/run/account.h"
#include "user/run/flaw.h"
#include "user/run/lore.h"
#include "user/run/output.h"
#include "user/run/progress.h"
#include "user/run/recorded.h"
#include "user/run/resync.h"
#include "user/run/run.h"
#include "user/run/sampler.h"
#include "user/run/signals.h"
#include "user/run/terminal.h"
#include "user/sink/sink.h"
#include "user/sockets/overflows.h"
#include "user/source/live.h"
#include "user/source/replay.h"

#define NS_PER_S 1000000000ull
#define HALF_OPEN_LINES 100 /* a second */

struct run {
	const struct options *options;
	const struct sink *sink;
	struct sink_settings settings;
	struct sink_layout layout;
	struct output out;
	struct conn_table *table;
	struct histogram_set *histograms;
	struct failure_set *failures;
	struct run_lore lore;
	struct explain *explain;
	struct source *source;
	struct live *live;	   /* the source, if it is this one */
	struct replay *replay;	   /* or this one */
	struct conn_filter filter; /* all that is filtered by; recordings bring their own */
	struct progress progress;
	bool is_vain; /* there was nothing to explain */
	struct resync resync;
	struct overflows *overflows; /* NULL: nobody counts them */
	struct sampler sampler;
	uint64_t malformed;
	uint64_t half_open_second, half_open_lines, half_open_unprinted;
	sigset_t waiting; /* the signals that are let in while waiting or writing */
};

static void print_transition(void *context, const struct conn *c, const struct transition *t)
{
	struct run *run = context;

	run->sink->transition(&run->settings, &run->out.lines, c, t);
	output_flush_full(&run->out);
}

static void print_connection(void *context, const struct conn *c)
{
	struct run *run = context;

	if (run->options->trace.failed && !failure_is(c))
		return;
	run->sink->connection(&run->settings, &run->out.lines, c);
	output_flush_full(&run->out);
}

static void print_closed(void *context, const struct conn *c)
{
	struct run *run = context;

	failure_set_add(run->failures, c);
	print_connection(run, c);
}

static void note_closed(void *context, const struct conn *c)
{
	struct run *run = context;

	failure_set_add(run->failures, c);
}

static void add_transition(void *context, const struct conn *c, const struct transition *t)
{
	struct run *run = context;

	histogram_set_transition(run->histograms, c, t);
}

static void add_closed(void *context, const struct conn *c)
{
	struct run *run = context;

	failure_set_add(run->failures, c);
	histogram_set_closed(run->histograms, c);
}

static void add_accepted(void *context, const struct conn *c)
{
	struct run *run = context;

	histogram_set_accepted(run->histograms, c);
}

static void add_half_open(void *context, const struct half_open *h)
{
	struct run *run = context;

	failure_set_half_open(run->failures, h);
	histogram_set_half_open(run->histograms, h);
}

/* A flood of forged SYNs leaves as many requests that die: some are shown, all are counted. */
static bool is_half_open_due(struct run *run, uint64_t mono_ns)
{
	if (mono_ns / NS_PER_S != run->half_open_second) {
		run->half_open_second = mono_ns / NS_PER_S;
		run->half_open_lines = 0;
	}
	return run->half_open_lines++ < HALF_OPEN_LINES;
}

static void print_half_open(void *context, const struct half_open *h)
{
	struct run *run = context;
	struct conn c;

	failure_set_half_open(run->failures, h);
	if (!is_half_open_due(run, h->mono_ns)) {
		run->half_open_unprinted++;
		return;
	}
	if (run->sink->half_open) {
		run->sink->half_open(&run->settings, &run->out.lines, h);
	} else if (!run->options->trace.events) {
		half_open_as_conn(h, &c);
		run->sink->connection(&run->settings, &run->out.lines, &c);
	}
	output_flush_full(&run->out);
}

static void add_gone(void *context, const struct conn *c)
{
	struct run *run = context;

	histogram_set_gone(run->histograms, c);
}

static void on_record(void *context, const void *bytes, size_t size)
{
	struct run *run = context;
	struct event event;

	if (event_decode(bytes, size, &event))
		run->malformed++;
	else
		conn_table_apply(run->table, &event);
}

/* Only one in a few sockets is in a cache: there are more of them than these hold. */
static void on_coming(void *context, const struct record_bytes *records, size_t count)
{
	struct run *run = context;
	uint64_t socks[CONN_FETCH];
	size_t n = 0;

	for (size_t i = 0; i < count && n < CONN_FETCH; i++)
		if (!event_peek_sock(records[i].bytes, records[i].size, &socks[n]))
			n++;
	conn_table_fetch(run->table, socks, n);
}

static struct conn_listener listener_of(struct run *run)
{
	const struct options *o = run->options;
	struct conn_listener listener = { .context = run };

	if (run->explain)
		return explain_listener(run->explain);
	if (o->command == COMMAND_HIST) {
		listener.transition = add_transition;
		listener.gone = add_gone;
		listener.closed = add_closed;
		listener.accepted = add_accepted;
		listener.half_open = add_half_open;
		return listener;
	}
	listener.half_open = print_half_open;
	listener.closed = note_closed;
	if (o->trace.events)
		listener.transition = print_transition;
	else if (o->trace.full)
		listener.gone = print_connection;
	else
		listener.closed = print_closed;
	return listener;
}

static const struct sink *sink_of(enum output_format format)
{
	static const struct sink *const sinks[] = { [FORMAT_TEXT] = &sink_text,
						    [FORMAT_JSON] = &sink_json,
						    [FORMAT_CSV] = &sink_csv,
						    [FORMAT_PERFETTO] = &sink_perfetto };

	return sinks[format];
}

/* A recording does not know them by namespace. */
static void read_listen(const struct run *run, struct listen_counters *ret)
{
	if (run->replay && !run->options->filter.netns)
		replay_listen(run->replay, ret);
	else
		overflows_read(run->overflows, ret);
}

static void summarize(const struct run *run, struct summary *ret_summary)
{
	const struct source_class *class = run->source->class;

	memset(ret_summary, 0, sizeof(*ret_summary));
	class->events(run->source, &ret_summary->events);
	ret_summary->events.malformed = run->malformed;
	ret_summary->half_open_unprinted = run->half_open_unprinted;
	read_listen(run, &ret_summary->listen);
	ret_summary->failures_lost = failure_set_lost(run->failures);
	if (run->histograms) {
		ret_summary->values_lost = histogram_set_lost(run->histograms);
		ret_summary->values_crowded = histogram_set_crowded(run->histograms);
	}
	ret_summary->connections = *conn_table_counts(run->table);
	ret_summary->duration_ns = class->now(run->source) - run->settings.start_mono_ns;
	/* A recording may be older than a family. */
	account_add_hooks(ret_summary, run->source,
			  run->replay ? account_families(run->source) : HOOK_TRACED);
}

/* One in TIME_WAIT has had its line, unless its real end was waited for. */
static void print_alive(void *context, const struct conn *c)
{
	struct run *run = context;

	if (run->options->trace.full || !(c->flags & CONN_CLOSE_TOLD))
		print_connection(run, c);
}

static void add_alive(void *context, const struct conn *c)
{
	struct run *run = context;

	histogram_set_alive(run->histograms, c);
}

static uint64_t first_cgroup(const void *context, uint64_t id)
{
	return cgroup_names_first(context, id);
}

/* Cgroups have been named once before the run: those that are gone keep their names. */
static void finish_histograms(struct run *run)
{
	int error = run->live ? run_lore_learn_cgroups(&run->lore) : 0;

	run_lore_sort_cgroups(&run->lore);
	if (error)
		log_warn("cgroups may be shown by their numbers: %s", strerror(-error));
	conn_table_each(run->table, add_alive, run);
	if (run->lore.cgroups && !cgroup_names_compare(run->lore.cgroups))
		histogram_set_join_cgroups(run->histograms, first_cgroup, run->lore.cgroups);
	run->sink->histograms(&run->settings, &run->out.lines, run->histograms);
}

/* On standard output in formats that have room for it, and in those for people. */
static void finish_failures(struct run *run, struct buffer *words)
{
	struct buffer *out = words;

	if (run->sink->failures) {
		run->sink->failures(&run->settings, &run->out.lines, run->failures);
		return;
	}
	if (!failure_set_count(run->failures))
		return;
	if (run->options->command == COMMAND_HIST && run->options->format == FORMAT_TEXT) {
		out = &run->out.lines;
		buffer_add_char(out, '\n');
	}
	sink_failure_words(&run->settings, out, run->failures);
}

static void explain_one_alive(void *context, const struct conn *c)
{
	struct run *run = context;

	explain_alive(run->explain, c, run->source->class->now(run->source));
}

static void finish_explain(struct run *run)
{
	uint64_t forgotten = explain_forgotten(run->explain);

	conn_table_each(run->table, explain_one_alive, run);
	run->is_vain = !explain_print(run->explain, run->sink, &run->settings, &run->out.lines);
	if (forgotten)
		log_warn("the sequence numbers of %llu connections were forgotten: there were too "
			 "many at a time",
			 (unsigned long long)forgotten);
}

/* What is printed after the last record. */
static void finish(struct run *run)
{
	struct buffer words;
	struct summary summary;

	buffer_init(&words);
	if (run->options->command == COMMAND_HIST)
		finish_histograms(run);
	else if (run->explain)
		finish_explain(run);
	else if (run->options->trace.open && !run->options->trace.events)
		conn_table_each(run->table, print_alive, run);
	summarize(run, &summary);
	if (run->options->command == COMMAND_HIST && run->options->format == FORMAT_TEXT) {
		buffer_add_char(&run->out.lines, '\n');
		sink_listen_words(&run->out.lines, &summary.listen);
	}
	finish_failures(run, &words);
	if (run->sink->summary)
		run->sink->summary(&run->settings, &run->out.lines, &summary);
	output_flush(&run->out);
	buffer_flush(&words, STDERR_FILENO);
	buffer_done(&words);
	if (run->options->format != FORMAT_JSON)
		account_say(&summary);
}

static void say_ready(const struct run *run)
{
	log_note("Tracing TCP connections (%s)... Hit Ctrl-C to end.",
		 run->source->class->rung(run->source, HOOK_STATE));
}

static void show_progress(struct run *run)
{
	uint64_t bytes, all;

	if (!run->replay)
		return;
	replay_progress(run->replay, &bytes, &all);
	progress_show(&run->progress, bytes, all);
}

static int follow(struct run *run)
{
	const struct source_class *class = run->source->class;
	uint64_t deadline = UINT64_MAX, again = UINT64_MAX;

	if (run->options->duration_ns)
		deadline = run->settings.start_mono_ns + run->options->duration_ns;
	while (!signals_asked_to_stop() && !run->out.error && class->now(run->source) < deadline &&
	       !(run->explain && explain_is_over(run->explain, class->now(run->source), &again))) {
		uint64_t due = resync_due_ns(&run->resync);
		uint64_t sample = sampler_due_ns(&run->sampler);
		int count;

		due = due < again ? due : again;
		due = due < sample ? due : sample;
		count = class->poll(run->source, due < deadline ? due : deadline, &run->waiting);

		if (count < 0)
			return count == -ENODATA ? 0 : count;
		if (class->has_lost(run->source))
			conn_table_note_loss(run->table);
		conn_table_settle(run->table, class->now(run->source));
		resync_check(&run->resync, class->now(run->source));
		sampler_check(&run->sampler, class->now(run->source));
		if (run->source->is_prompt)
			output_flush(&run->out);
		show_progress(run);
	}
	return 0;
}

/* What a histogram has no use for is not traced for it. */
static unsigned int families_of(const struct options *o)
{
	return o->command == COMMAND_HIST ? HOOK_TRACED & ~(1u << HOOK_RETRANSMIT) : HOOK_TRACED;
}

/* Who asks for no more than the close is not to wait for what becomes of it. */
static bool wants_samples(const struct options *o)
{
	return o->command == COMMAND_HIST || o->trace.full ||
	       (o->command == COMMAND_TRACE && o->trace.events);
}

/* Returns 0, or -errno after one sentence. */
static int open_live(struct run *run)
{
	const struct live_settings settings = {
		.filter = &run->filter,
		.attach = (enum plan_attach)run->options->attach,
		.families = families_of(run->options),
		.ring_bytes = run->options->ring_bytes,
		.cgroups = run->lore.cgroups,
		.facts = run->options->command == COMMAND_TRACE && !run->options->trace.events,
		.sequences = run->explain,
		.samples = wants_samples(run->options),
		.on_record = on_record,
		.on_coming = on_coming,
		.context = run,
	};
	char reason[PLAN_REASON_SIZE] = "";
	int error;

	plan_set_verbose(run->options->verbose);
	run_lore_learn_cgroups(&run->lore);
	error = live_open(&settings, &run->live, reason);
	if (error) {
		failure_explain(error, reason);
		return error;
	}
	run->source = live_source(run->live);
	terminal_settings(run->options, &run->settings);
	run->settings.layout = &run->layout;
	return 0;
}

static void on_cgroup(void *context, uint64_t id, const char *path, size_t size)
{
	struct run *run = context;

	run_lore_add_cgroup(&run->lore, id, path, size);
}

static int open_replay(struct run *run)
{
	const struct replay_settings settings = {
		.paths = run->options->inputs,
		.count = run->options->input_count,
		.on_record = on_record,
		.on_cgroup = on_cgroup,
		.context = run,
	};
	const struct recording_about *about;
	struct replay_flaw flaw;
	int error = replay_open(&settings, &run->replay, &flaw);

	if (error) {
		flaw_explain(&flaw, false);
		return error;
	}
	run->source = replay_source(run->replay);
	error = recorded_filters_add(run->replay, &run->filter);
	if (error) {
		log_error("not enough memory");
		return error;
	}
	about = replay_about(run->replay);
	run->lore.recorded = about;
	terminal_settings(run->options, &run->settings);
	run->settings.layout = &run->layout;
	run->settings.clock.offset_ns = about->clock_offset_ns;
	run->settings.clock.utc_offset_s = about->utc_offset_s;
	run->settings.start_mono_ns = about->start_mono_ns;
	progress_init(&run->progress, run->options->command == COMMAND_HIST);
	return 0;
}

/* What the command keeps. Returns whether there was memory for it. */
static bool prepare(struct run *run)
{
	const struct options *o = run->options;
	bool by_cgroup = o->command == COMMAND_HIST && o->hist.by & 1u << GROUP_BY_CGROUP;

	run->failures = failure_set_new(o->hist.top);
	if (o->command == COMMAND_HIST)
		run->histograms = histogram_set_new(o->hist.by, o->hist.top);
	if (by_cgroup && run_lore_want_cgroups(&run->lore))
		return false;
	if (o->command == COMMAND_EXPLAIN) {
		run->explain = explain_new(o);
		explain_widen(&run->filter);
		if (!run->explain)
			return false;
	}
	return run->failures && (run->histograms || o->command != COMMAND_HIST);
}

static void begin_sampling(struct run *run)
{
	conn_table_expect_samples(run->table);
	run->sampler = (struct sampler){ .live = run->live,
					 .table = run->table,
					 .netns = run->filter.netns };
}

static bool prepare_table(struct run *run)
{
	const struct conn_listener listener = listener_of(run);

	run->table = conn_table_new(run->options->max_connections, &run->filter, &listener);
	if (!run->table)
		return false;
	run->resync = (struct resync){ .live = run->live,
				       .table = run->table,
				       .netns = run->filter.netns };
	if (run->replay)
		conn_table_number_births(run->table);
	if (run->live)
		live_count_witnessed(run->live, &conn_table_counts(run->table)->witnessed);
	if (run->live && live_is_sampled(run->live))
		begin_sampling(run);
	else if (run->source->class->rung(run->source, HOOK_TIME_WAIT))
		conn_table_expect_timewaits(run->table);
	if (run->source->class->rung(run->source, HOOK_PASSIVE))
		conn_table_expect_requests(run->table);
	if (run->source->class->rung(run->source, HOOK_RESET))
		conn_table_expect_resets(run->table);
	if (run->source->class->rung(run->source, HOOK_RETRANSMIT))
		conn_table_expect_retransmits(run->table);
	run->lore.table = run->table;
	run->settings.lore = &run->lore.lore;
	return true;
}

/*
 * What ends is told of in any case; what is alive at the end, and how many there are, is asked for
 * by some. Of those that are sampled the kernel knows only which were born before its eyes.
 */
static bool wants_seeds(const struct options *o)
{
	return o->filter.sample <= 1 &&
	       (o->command == COMMAND_HIST || (o->trace.open && !o->trace.events));
}

static void find_listeners(struct run *run)
{
	int error = live_find_listeners(run->live);

	if (error)
		log_warn("owners of connections to listeners that are there already are unknown: "
			 "%s",
			 strerror(-error));
}

static int trace(struct run *run)
{
	bool is_flawed;
	int error;

	if (run->options->command == COMMAND_TRACE && run->sink->header)
		run->sink->header(&run->settings, &run->out.lines);
	if (run->source->is_prompt)
		output_flush(&run->out);
	if (run->live) {
		run->overflows = overflows_begin(run->filter.netns);
		find_listeners(run);
		resync_begin(&run->resync, wants_seeds(run->options), terminal_now_ns());
		say_ready(run);
	}
	error = follow(run);
	progress_done(&run->progress);
	resync_finish(&run->resync, run->source->class->now(run->source));
	sampler_finish(&run->sampler, run->source->class->now(run->source));
	run->source->class->stop(run->source);
	if (run->source->class->has_lost(run->source))
		conn_table_note_loss(run->table);
	conn_table_settle(run->table, UINT64_MAX);
	finish(run);
	is_flawed = run->replay && recorded_flaws_explain(run->replay);
	if (error)
		log_error("the ring buffer cannot be read: %s", strerror(-error));
	else if (run->is_vain)
		log_error("there was no connection to explain: none began and matched");
	if (output_end(&run->out) || error || is_flawed)
		return 2;
	/* Who ends it by hand knows. */
	return run->is_vain && !signals_asked_to_stop();
}

int pipeline_run(const struct options *options)
{
	struct run run = { .options = options, .sink = sink_of(options->format) };
	int status = 2;

	output_init(&run.out, &run.waiting);
	run_lore_init(&run.lore);
	run.filter = options->filter;
	signals_catch(&run.waiting);
	if (!prepare(&run))
		log_error("not enough memory");
	else if ((options->input_count ? open_replay : open_live)(&run))
		status = 2;
	else if (!prepare_table(&run))
		log_error("not enough memory for the connection table");
	else
		status = trace(&run);
	if (run.source)
		run.source->class->free(run.source);
	run_lore_done(&run.lore);
	histogram_set_free(run.histograms);
	failure_set_free(run.failures);
	explain_free(run.explain);
	overflows_free(run.overflows);
	conn_table_free(run.table);
	recorded_filters_free(&run.filter);
	output_done(&run.out);
	return status;
}
