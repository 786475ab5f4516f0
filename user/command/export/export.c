// SPDX-License-Identifier: GPL-2.0-only
/* The command `export`: figures of all connections, for whoever keeps watch. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "user/base/units.h"
#include "user/command/command.h"
#include "user/command/complaints.h"
#include "user/command/export/fill.h"
#include "user/command/export/group.h"
#include "user/command/export/listeners.h"
#include "user/command/export/ports.h"
#include "user/command/export/process.h"
#include "user/command/export/rows_feed.h"
#include "user/command/export/send.h"
#include "user/command/export/serve.h"
#include "user/command/export/spans_feed.h"
#include "user/command/export/textfile.h"
#include "user/kernel/library.h"
#include "user/net/otlp.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/inputs.h"
#include "user/run/kernel_compare.h"
#include "user/run/notify.h"
#include "user/run/otel.h"
#include "user/run/passed.h"
#include "user/run/run.h"
#include "user/run/signals.h"
#include "user/sink/exposition.h"

#define STATUS_FAILED 2
#define TEXTFILE_NS (15 * NS_PER_S)

struct export
{
	const struct options *options;
	struct run *run;
	struct metrics *metrics;
	struct metrics_counter *counter;
	struct kernel_compare *compare;
	struct export_listeners listeners;
	struct export_ports ports;
	struct export_grouping grouping;
	struct utsname system;
	struct export_textfile textfile;
	uint64_t textfile_due_ns;
	struct export_serve *serve; /* NULL: nobody is answered */
	struct export_send *send;   /* NULL: nothing is sent */
	struct export_send *store;  /* the same of rows */
	struct spans_feed spans;
	struct rows_feed rows;
	struct span_resource resource;
	uint64_t send_due_ns;
	struct notify notify;
	size_t groups;
	bool has_begun;
	bool is_ready;
	bool has_failed; /* after one sentence */
};

/* The one that was traced; "": a capture does not tell. */
static const char *kernel_of(const struct export *x)
{
	const struct recording_about *about = x->run->lore.recorded;
	const char *recorded = about ? about->text[RECORDING_KERNEL] : NULL;

	if (x->run->live)
		return x->system.release;
	return recorded ? recorded : "";
}

static struct series_source source_of(const struct export *x)
{
	const struct options *o = x->options;

	return (struct series_source){
		.metrics = x->metrics,
		.epoch_of_zero_s = (double)x->run->settings.clock.offset_ns / NS_PER_S,
		.group_label = o->hist.by ? group_key_name(x->grouping.key) : NULL,
		.version = TCPSPAN_VERSION,
		.kernel = kernel_of(x),
		.libbpf = x->run->live ? kernel_library_version() : "",
	};
}

static void expose(const struct export *x, struct buffer *out)
{
	struct series_source from = source_of(x);
	struct series_otlp sent;
	struct series_rows rows;

	if (x->send) {
		export_send_read(x->send, &sent);
		from.otlp = &sent;
	}
	if (x->store) {
		export_send_read_rows(x->store, &rows);
		from.rows = &rows;
	}
	exposition_write(out, EXPOSITION_TEXT, &from);
}

/* What no event tells. */
static void look_around(struct export *x)
{
	export_listeners_look(&x->listeners, x->run, &x->metrics->listeners);
	export_ports_look(&x->ports, x->run, &x->metrics->ports);
}

/* Figures of now, of a run that goes on. While it looks around, more comes. */
static void look(struct export *x)
{
	look_around(x);
	if (x->compare)
		export_compare(x->run, x->compare, x->metrics);
	else
		run_catch_up(x->run);
	conn_table_tell_steps(x->run->table);
	export_fill(x->run, x->counter, x->metrics);
}

static void write_textfile(struct export *x, bool is_last)
{
	struct buffer text;

	buffer_init(&text);
	expose(x, &text);
	x->has_failed = x->has_failed || export_textfile_write(&x->textfile, &text, is_last);
	buffer_done(&text);
}

static const char *host_of(const struct export *x)
{
	const struct run_lore *lore = &x->run->lore;

	return redact_name(lore->redact, PSEUDONYM_HOST,
			   lore->recorded ? lore->recorded->text[RECORDING_HOST] :
					    x->system.nodename);
}

/* Figures to the collector, as of the time of what is followed. */
static void send_figures(const struct export *x)
{
	const struct clock *clock = &x->run->settings.clock;
	const struct otlp_moment moment = {
		.host = host_of(x),
		.resource = &x->resource,
		.start_ns = clock_real_ns(clock, x->run->settings.start_mono_ns),
		.now_ns = clock_real_ns(clock, x->run->source->class->now(x->run->source)),
	};
	struct series_source from = source_of(x);
	struct series_otlp sent;
	struct series_rows rows;
	struct buffer request;
	uint64_t parts;

	if (!export_send_wants(x->send, SERIES_METRICS))
		return;
	export_send_read(x->send, &sent);
	from.otlp = &sent;
	if (x->store) {
		export_send_read_rows(x->store, &rows);
		from.rows = &rows;
	}
	buffer_init(&request);
	parts = otlp_add_metrics(&request, &from, &moment);
	export_send_put(x->send, SERIES_METRICS, &request, (uint32_t)parts,
			x->run->live ? NULL : &x->run->waiting);
	buffer_done(&request);
}

static void read_processes(struct export *x)
{
	pid_t others[3];
	size_t count = 0;

	if (x->serve)
		others[count++] = export_serve_pid(x->serve);
	if (x->send)
		others[count++] = export_send_pid(x->send);
	if (x->store)
		others[count++] = export_send_pid(x->store);
	export_process_read(others, count, &x->metrics->account.process);
}

static void attend_sender(struct export *x, uint64_t now_ns)
{
	if (export_send_has_ended(x->send)) {
		COMMAND_COMPLAIN(SENDER_ENDED);
		x->has_failed = true;
	} else if (x->is_ready && x->run->live && now_ns >= x->send_due_ns) {
		look(x);
		read_processes(x);
		send_figures(x);
		x->send_due_ns = now_ns + export_send_interval_ns(x->send);
	}
}

static void end_batch(struct export *x, uint64_t now_ns, bool is_last)
{
	export_fill(x->run, x->counter, x->metrics);
	rows_feed_end_batch(&x->rows, host_of(x), now_ns, is_last);
}

static void attend_store(struct export *x, uint64_t now_ns)
{
	if (export_send_has_ended(x->store)) {
		COMMAND_COMPLAIN(ROW_SENDER_ENDED);
		x->has_failed = true;
	} else if (x->is_ready && rows_feed_is_due(&x->rows, now_ns)) {
		end_batch(x, now_ns, false);
	}
}

static uint64_t due_ns(void *context)
{
	const struct export *x = context;

	uint64_t textfile_ns = x->options->export.textfile ? x->textfile_due_ns : UINT64_MAX;
	uint64_t live_ns;

	if (!x->run->live)
		return UINT64_MAX;
	live_ns = x->is_ready ? x->notify.due_ns : UINT64_MAX;
	if (x->send && x->is_ready && x->send_due_ns < live_ns)
		live_ns = x->send_due_ns;
	if (x->store && x->is_ready && rows_feed_due_ns(&x->rows) < live_ns)
		live_ns = rows_feed_due_ns(&x->rows);
	return textfile_ns < live_ns ? textfile_ns : live_ns;
}

/* All is attached, and what was there before is known. */
static bool become_ready(struct export *x)
{
	if (x->is_ready || (x->run->live && conn_table_is_comparing(x->run->table)))
		return false;
	x->is_ready = true;
	return true;
}

/* Figures for whoever has asked, and the end when nobody answers any more. */
static void attend(struct export *x, bool is_first)
{
	int wanted = export_serve_take(x->serve);

	if (wanted < 0) {
		COMMAND_COMPLAIN(ANSWERER_ENDED);
		x->has_failed = true;
	}
	if (signals_take_hangup())
		export_serve_configure(x->serve);
	if (x->is_ready && (wanted > 0 || is_first)) {
		look(x);
		read_processes(x);
		export_serve_publish(x->serve, x->metrics);
	}
}

/* What is told at the end is compared with the beginning. */
static void look_first(struct export *x)
{
	export_compare(x->run, x->compare, x->metrics);
	export_listeners_look(&x->listeners, x->run, &x->metrics->listeners);
}

static enum task_next tick(void *context, uint64_t now_ns)
{
	struct export *x = context;

	bool is_first = become_ready(x);

	if (x->serve)
		attend(x, is_first);
	else if (!x->has_begun && x->compare)
		look_first(x);
	x->has_begun = true;
	if (x->send)
		attend_sender(x, now_ns);
	if (x->store)
		attend_store(x, now_ns);
	if (is_first && x->serve && !x->has_failed)
		export_serve_tell(x->serve);
	if (is_first && !x->has_failed)
		notify_send(&x->notify, "READY=1\nSTATUS=Counting TCP connections.");
	if (x->is_ready)
		notify_live(&x->notify, now_ns);
	if (x->options->export.textfile && x->run->live && now_ns >= x->textfile_due_ns) {
		look(x);
		write_textfile(x, false);
		x->textfile_due_ns = now_ns + TEXTFILE_NS;
	}
	return x->has_failed ? TASK_ENOUGH : TASK_GO_ON;
}

static bool goes_elsewhere(const struct options *o)
{
	return o->export.textfile || o->export.otlp || o->store.url_count;
}

/* Nobody could ask for the figures of a recording before it has ended. */
static bool prints(const struct options *o)
{
	bool is_asked = o->export.listen || o->export.web_config || passed_socket_is_there();

	return o->export.once || (o->input_count && !is_asked && !goes_elsewhere(o));
}

static bool wants_server(const struct options *o)
{
	/* Who was given a socket answers there: whoever asks would wait for ever. */
	return o->export.listen || (!prints(o) && (!goes_elsewhere(o) || passed_socket_is_there()));
}

static void hide(void *redact, struct conn *c)
{
	redact_conn(redact, c);
}

/* Returns 0, or -errno after one sentence. */
static int begin(void *context, struct run *run)
{
	struct export *x = context;
	struct export_facts facts = {
		.epoch_of_zero_s = (double)run->settings.clock.offset_ns / NS_PER_S,
	};
	int error = 0;

	x->run = run;
	x->spans.run = run;
	x->rows.run = run;
	x->rows.metrics = x->metrics;
	run->settings.resource = &x->resource;
	x->grouping.lore = &run->lore.lore;
	if (run->lore.redact)
		metrics_counter_hide(x->counter, hide, run->lore.redact);
	if (x->options->export.textfile)
		run->folder = x->textfile.target.folder;
	if (x->send)
		error = run_watch(run, export_send_fd(x->send));
	if (x->store && !error)
		error = run_watch(run, export_send_fd(x->store));
	if (error)
		COMMAND_COMPLAIN(SENDER_UNWATCHED, .w = strerror(-error));
	if (error || !x->serve)
		return error;
	snprintf(facts.kernel, sizeof(facts.kernel), "%s", kernel_of(x));
	snprintf(facts.libbpf, sizeof(facts.libbpf), "%s",
		 run->live ? kernel_library_version() : "");
	export_serve_set_facts(x->serve, &facts);
	signals_keep_hangup();
	error = run_watch(run, export_serve_fd(x->serve));
	if (error)
		COMMAND_COMPLAIN(ANSWERER_UNWATCHED, .w = strerror(-error));
	return error;
}

static void last(void *context, struct run *run)
{
	struct export *x = context;

	if (!run->live || (!x->options->export.once && !x->options->export.textfile))
		return;
	/* However little time has passed since the look before. */
	x->listeners.due_ns = x->ports.due_ns = 0;
	look(x);
}

/*
 * Whether what has become of it is a failure; how much that is the sender has said. A recording is
 * sent, or is not. Of a run that goes on for ever figures tell: that is one of which nothing at all
 * has arrived when it ends by itself.
 */
static bool is_undelivered(const struct export *x, bool is_done, uint64_t sent, uint64_t lost)
{
	if (!x->run->live)
		return !is_done || lost;
	return !sent && lost && !signals_asked_to_stop();
}

static void finish_figures(struct export *x)
{
	uint64_t arrived = 0, lost = 0;
	struct series_otlp sent;
	bool is_done;

	send_figures(x);
	is_done = export_send_finish(x->send, !x->run->live, &x->run->waiting);
	export_send_read(x->send, &sent);
	for (int signal = 0; signal < SERIES_SIGNALS; signal++) {
		arrived += sent.sent[signal];
		lost += sent.failed[signal] + sent.dropped[signal];
	}
	x->has_failed |= is_undelivered(x, is_done, arrived, lost);
}

/* What a folder keeps is sent by the next run; that of a recording has none. */
static void finish_rows(struct export *x)
{
	struct series_rows rows;
	bool is_done;

	end_batch(x, x->run->source->class->now(x->run->source), true);
	is_done = export_send_finish(x->store, !x->run->live, &x->run->waiting);
	export_send_read_rows(x->store, &rows);
	x->has_failed |= is_undelivered(x, is_done, rows.sent, rows.failed + rows.dropped);
}

static void finish(void *context, struct run *run)
{
	struct export *x = context;
	struct summary sum;

	notify_send(&x->notify, "STOPPING=1");
	account_read(run, &sum);
	x->metrics->account.listen = sum.listen;
	export_fill(run, x->counter, x->metrics);
	if (x->send)
		finish_figures(x);
	if (x->store)
		finish_rows(x);
	if (prints(x->options))
		expose(x, &run->out.lines);
	if (x->options->export.textfile && !x->has_failed)
		write_textfile(x, true);
	account_print(run, &sum);
}

/* Returns 0, or -EINVAL after one sentence. */
static int choose_key(struct export *x)
{
	unsigned int keys = x->options->hist.by;

	if (!keys)
		return 0;
	x->grouping.key = (enum group_key)__builtin_ctz(keys);
	if (!(keys & (keys - 1)) && export_can_group_by(x->grouping.key))
		return 0;
	COMMAND_COMPLAIN(EXPORT_KEY, .w = EXPORT_KEYS);
	return -1;
}

/* A recording may come from anybody; who reads it and writes a file keeps the rights for both. */
static enum rights_role role_of(const struct options *o)
{
	return o->export.textfile && o->input_count ? RIGHTS_ALL : RIGHTS_EXPORT;
}

#define CONSUMERS 4

static size_t fill_consumers(struct export *x, struct consumer *consumers[CONSUMERS])
{
	size_t count = 0;

	consumers[count++] = metrics_counter_consumer(x->counter);
	if (x->compare)
		consumers[count++] = kernel_compare_consumer(x->compare);
	if (x->send && export_send_wants(x->send, SERIES_SPANS))
		consumers[count++] = &x->spans.consumer;
	if (x->store)
		consumers[count++] = &x->rows.consumer;
	return count;
}

static int follow(struct export *x)
{
	struct consumer *consumers[CONSUMERS];
	const struct task task = {
		.consumers = { consumers, fill_consumers(x, consumers) },
		.wants = export_group_wants(&x->grouping, x->options->hist.by),
		.role = role_of(x->options),
		.doing = &run_complaints[RUN_COMPLAINT_DOING_COUNT],
		.is_silent = true,
		.begin = begin,
		.tick = tick,
		.due_ns = due_ns,
		.last = last,
		.finish = finish,
		.context = x,
	};
	int status = run_follow(x->options, &task);

	return x->has_failed ? STATUS_FAILED : status;
}

/* Returns 0, or -errno after one sentence. */
static int prepare(struct export *x)
{
	const struct options *o = x->options;
	const char *label = o->hist.by ? group_key_name(x->grouping.key) : NULL;
	int error = 0;

	/* The account would be among the figures. */
	if (prints(o) && o->format == FORMAT_JSON) {
		COMMAND_COMPLAIN(EXPORT_JSON);
		return -EINVAL;
	}
	if (o->export.textfile && inputs_have(o, o->export.textfile)) {
		COMMAND_COMPLAIN(UNWRITTEN, .w = "--textfile", .v = COMMAND_SAYS(INPUT_GONE));
		return -EEXIST;
	}
	if (o->export.textfile)
		error = export_textfile_init(&x->textfile, o->export.textfile);
	if (!error && o->export.otlp) {
		otel_read_resource(&x->resource);
		error = export_send_start(o, EXPORT_SEND_OTLP, &x->send);
	}
	if (!error && o->store.url_count)
		error = export_send_start(o, EXPORT_SEND_ROWS, &x->store);
	if (!error && wants_server(o))
		error = export_serve_start(o, label, x->groups, x->send, x->store, &x->serve);
	return error;
}

static int export_run(const struct options *options)
{
	struct export x = { .options = options,
			    .groups = options->hist.by ? options->export.max_groups : 0 };
	int status = STATUS_FAILED;

	uname(&x.system);
	notify_open(&x.notify);
	if (choose_key(&x) || prepare(&x)) {
		export_send_free(x.send);
		export_send_free(x.store);
		notify_close(&x.notify);
		export_textfile_done(&x.textfile);
		return STATUS_FAILED;
	}
	spans_feed_init(&x.spans, x.send, &options->spans);
	x.metrics = calloc(1, metrics_size(x.groups));
	rows_feed_init(&x.rows, x.store, options->export.flow_sample);
	x.counter = x.metrics ? metrics_counter_new(x.metrics, x.groups, export_group_name,
						    &x.grouping) :
				NULL;
	/* What is recorded cannot be compared. */
	x.compare = options->input_count ? NULL : kernel_compare_new();
	if (x.counter &&
	    (options->input_count || (x.compare && !export_listeners_init(&x.listeners))))
		status = follow(&x);
	else
		RUN_COMPLAIN(NO_MEMORY);
	export_serve_free(x.serve);
	export_send_free(x.send);
	export_send_free(x.store);
	spans_feed_done(&x.spans);
	rows_feed_done(&x.rows);
	metrics_counter_free(x.counter);
	kernel_compare_free(x.compare);
	export_listeners_done(&x.listeners);
	free(x.metrics);
	notify_close(&x.notify);
	export_textfile_done(&x.textfile);
	return status;
}

const struct command command_export = { .run = export_run };
