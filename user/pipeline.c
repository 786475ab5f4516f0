// SPDX-License-Identifier: GPL-2.0-only
/* Wires a run of trace or hist: records in, table in the middle, lines out. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/cgroup.h"
#include "user/failure.h"
#include "user/pipeline.h"
#include "user/sink/sink.h"
#include "user/source/live.h"
#include "user/terminal.h"

#define FLUSH_BYTES 65536
#define NS_PER_S 1000000000ull
#define HALF_OPEN_LINES 100 /* a second */

struct run {
	const struct options *options;
	const struct sink *sink;
	struct sink_settings settings;
	struct buffer out;
	struct conn_table *table;
	struct histogram_set *histograms;
	struct cgroup_names *cgroups; /* NULL: nobody asks for them */
	struct live *live;
	uint64_t malformed;
	uint64_t half_open_second, half_open_lines, half_open_unprinted;
	sigset_t waiting; /* the signals that are blocked while waiting or writing */
	int out_error;	  /* -EPIPE: the reader of standard output left */
};

static volatile sig_atomic_t stop_asked;

static void on_signal(int number)
{
	if (stop_asked)
		_exit(128 + number);
	stop_asked = 1;
}

/* Signals are blocked but for the moments of waiting, so that none falls between test and sleep. */
static void catch_signals(sigset_t *ret_waiting)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		sigaction(numbers[i], &action, NULL);
		sigaddset(&blocked, numbers[i]);
	}
	sigaction(SIGPIPE, &ignore, NULL);
	sigprocmask(SIG_BLOCK, &blocked, ret_waiting);
}

/* Signals are let in: whoever reads may have stopped, and a second one must end us even so. */
static void flush(struct run *run)
{
	sigset_t blocked;
	int error;

	if (run->out_error || !run->out.size)
		return;
	sigprocmask(SIG_SETMASK, &run->waiting, &blocked);
	error = buffer_flush(&run->out, STDOUT_FILENO);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	if (error)
		run->out_error = error;
}

static void flush_if_full(struct run *run)
{
	if (run->out.size >= FLUSH_BYTES)
		flush(run);
}

static void print_transition(void *context, const struct conn *c, const struct transition *t)
{
	struct run *run = context;

	run->sink->transition(&run->settings, &run->out, c, t);
	flush_if_full(run);
}

static void print_connection(void *context, const struct conn *c)
{
	struct run *run = context;

	run->sink->connection(&run->settings, &run->out, c);
	flush_if_full(run);
}

static void add_transition(void *context, const struct conn *c, const struct transition *t)
{
	struct run *run = context;

	histogram_set_transition(run->histograms, c, t);
}

static void add_closed(void *context, const struct conn *c)
{
	struct run *run = context;

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

	if (!is_half_open_due(run, h->mono_ns)) {
		run->half_open_unprinted++;
		return;
	}
	if (run->sink->half_open) {
		run->sink->half_open(&run->settings, &run->out, h);
	} else if (!run->options->events) {
		half_open_as_conn(h, &c);
		run->sink->connection(&run->settings, &run->out, &c);
	}
	flush_if_full(run);
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

static struct conn_listener listener_of(struct run *run)
{
	const struct options *o = run->options;
	struct conn_listener listener = { .context = run };

	if (o->command == COMMAND_HIST) {
		listener.transition = add_transition;
		listener.gone = add_gone;
		listener.closed = add_closed;
		listener.accepted = add_accepted;
		listener.half_open = add_half_open;
		return listener;
	}
	listener.half_open = print_half_open;
	if (o->events) {
		listener.transition = print_transition;
	} else if (o->full) {
		listener.gone = print_connection;
	} else {
		listener.closed = print_connection;
	}
	return listener;
}

static const struct sink *sink_of(enum output_format format)
{
	return format == FORMAT_JSON ? &sink_json : format == FORMAT_CSV ? &sink_csv : &sink_text;
}

static void summarize(const struct run *run, struct summary *ret_summary)
{
	const struct plan *plan = live_plan(run->live);

	memset(ret_summary, 0, sizeof(*ret_summary));
	live_events(run->live, &ret_summary->events);
	ret_summary->events.malformed = run->malformed;
	ret_summary->half_open_unprinted = run->half_open_unprinted;
	if (run->histograms) {
		ret_summary->values_lost = histogram_set_lost(run->histograms);
		ret_summary->values_crowded = histogram_set_crowded(run->histograms);
	}
	ret_summary->connections = *conn_table_counts(run->table);
	ret_summary->duration_ns = terminal_now_ns() - run->settings.start_mono_ns;
	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		int rung = plan->rung[f];
		struct summary_hook *hook;

		if (!hook_families[f].rung_count)
			continue;
		hook = &ret_summary->hooks[ret_summary->hook_count++];
		hook->family = hook_families[f].name;
		if (rung != PLAN_NONE)
			hook->rung = hook_kind_name(hook_families[f].rungs[rung].kind);
	}
}

/* One in TIME_WAIT has had its line, unless its real end was waited for. */
static void print_alive(void *context, const struct conn *c)
{
	struct run *run = context;

	if (run->options->full || !(c->flags & CONN_CLOSE_TOLD))
		print_connection(run, c);
}

static void add_alive(void *context, const struct conn *c)
{
	struct run *run = context;

	histogram_set_alive(run->histograms, c);
}

static const char *cgroup_path(const void *context, uint64_t id)
{
	return cgroup_names_find(context, id);
}

/* Cgroups have been named once before the run: those that are gone keep their names. */
static void finish_histograms(struct run *run)
{
	int error = run->cgroups ? cgroup_names_learn(run->cgroups) : 0;

	if (error)
		log_warn("cgroups may be shown by their numbers: %s", strerror(-error));
	if (run->cgroups) {
		run->settings.cgroup_path = cgroup_path;
		run->settings.cgroup_context = run->cgroups;
	}
	conn_table_each(run->table, add_alive, run);
	run->sink->histograms(&run->settings, &run->out, run->histograms);
}

/* What is printed after the last record. */
static void finish(struct run *run)
{
	struct buffer words;
	struct summary summary;

	if (run->options->command == COMMAND_HIST)
		finish_histograms(run);
	else if (run->options->open && !run->options->events)
		conn_table_each(run->table, print_alive, run);
	summarize(run, &summary);
	if (run->sink->summary)
		run->sink->summary(&run->settings, &run->out, &summary);
	flush(run);
	if (run->options->format == FORMAT_JSON)
		return;
	buffer_init(&words);
	sink_summary_words(&words, &summary);
	buffer_flush(&words, STDERR_FILENO);
	buffer_done(&words);
}

static void say_ready(const struct run *run)
{
	const struct plan *plan = live_plan(run->live);
	const struct hook_family *state = &hook_families[HOOK_STATE];

	log_note("Tracing TCP connections (%s)... Hit Ctrl-C to end.",
		 hook_kind_name(state->rungs[plan->rung[HOOK_STATE]].kind));
}

static int follow(struct run *run)
{
	uint64_t deadline = UINT64_MAX;

	if (run->options->duration_ns)
		deadline = run->settings.start_mono_ns + run->options->duration_ns;
	while (!stop_asked && !run->out_error && terminal_now_ns() < deadline) {
		int count = live_poll(run->live, deadline, &run->waiting);

		if (count < 0)
			return count;
		if (count && live_has_lost(run->live))
			conn_table_note_loss(run->table);
		conn_table_settle(run->table, terminal_now_ns());
		flush(run);
	}
	return 0;
}

static int trace_live(struct run *run)
{
	struct live_settings settings = {
		.filter = &run->options->filter,
		.attach = (enum plan_attach)run->options->attach,
		.families = (1u << HOOK_FAMILY_COUNT) - 1,
		.ring_bytes = run->options->ring_bytes,
		.cgroups = run->cgroups,
		.on_record = on_record,
		.context = run,
	};
	char reason[PLAN_REASON_SIZE] = "";
	int error;

	plan_set_verbose(run->options->verbose);
	catch_signals(&run->waiting);
	error = live_open(&settings, &run->live, reason);
	if (error) {
		failure_explain(error, reason);
		return 2;
	}
	if (live_plan(run->live)->rung[HOOK_TIME_WAIT] != PLAN_NONE)
		conn_table_expect_timewaits(run->table);
	if (live_plan(run->live)->rung[HOOK_PASSIVE] != PLAN_NONE)
		conn_table_expect_requests(run->table);
	terminal_settings(run->options, &run->settings);
	if (run->options->command == COMMAND_TRACE && run->sink->header)
		run->sink->header(&run->settings, &run->out);
	flush(run);
	say_ready(run);
	error = follow(run);
	live_stop(run->live);
	if (live_has_lost(run->live))
		conn_table_note_loss(run->table);
	conn_table_settle(run->table, UINT64_MAX);
	finish(run);
	if (error)
		log_error("the ring buffer cannot be read: %s", strerror(-error));
	else if (run->out_error && run->out_error != -EPIPE)
		log_error("standard output cannot be written: %s", strerror(-run->out_error));
	return error || (run->out_error && run->out_error != -EPIPE) ? 2 : 0;
}

/* What the command keeps. Returns whether there was memory for it. */
static bool prepare(struct run *run)
{
	const struct options *o = run->options;
	struct conn_listener listener = listener_of(run);
	bool by_cgroup = o->command == COMMAND_HIST && o->by & 1u << GROUP_BY_CGROUP;

	run->table = conn_table_new(o->max_connections, &o->filter, &listener);
	if (o->command == COMMAND_HIST)
		run->histograms = histogram_set_new(o->by, o->top);
	if (by_cgroup)
		run->cgroups = cgroup_names_new();
	if (run->cgroups)
		cgroup_names_learn(run->cgroups);
	return run->table && (run->histograms || o->command != COMMAND_HIST) &&
	       (run->cgroups || !by_cgroup);
}

int pipeline_run(const struct options *options)
{
	struct run run = { .options = options, .sink = sink_of(options->format) };
	int status = 2;

	buffer_init(&run.out);
	if (prepare(&run))
		status = trace_live(&run);
	else
		log_error("not enough memory for the connection table");
	live_free(run.live);
	cgroup_names_free(run.cgroups);
	histogram_set_free(run.histograms);
	conn_table_free(run.table);
	buffer_done(&run.out);
	return status;
}
