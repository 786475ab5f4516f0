// SPDX-License-Identifier: GPL-2.0-only
/* The command `record`: no table, no clock of its own, so that it costs as little as can be. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/base/text.h"
#include "user/command/command.h"
#include "user/kernel/refusal.h"
#include "user/kernel/reset_reasons.h"
#include "user/names/cgroup.h"
#include "user/option/filter_text.h"
#include "user/record/counters.h"
#include "user/record/writer.h"
#include "user/run/account.h"
#include "user/run/output.h"
#include "user/run/signals.h"
#include "user/run/terminal.h"
#include "user/sockets/overflows.h"
#include "user/source/live.h"

#define BOOT_SIZE 40
#define PATH_COLUMNS 200

struct recorder {
	const struct options *options;
	struct sink_settings settings;
	struct writer *writer;
	struct live *live;
	struct cgroup_names *cgroups;
	struct overflows *overflows;
	sigset_t waiting;
	uint64_t start_ns;

	/* What the head says. */
	struct utsname system;
	char boot[BOOT_SIZE];
	struct buffer filters, hooks, reasons;
};

static void on_record(void *context, const void *bytes, size_t size)
{
	struct recorder *r = context;

	writer_add(r->writer, bytes, size);
}

static void count(void *context, struct recording_counters *ret_counters)
{
	const struct recorder *r = context;
	struct event_counters events;

	live_events(r->live, &events);
	*ret_counters = recording_counters_of(&events);
}

static const char *output_name(const struct recorder *r, struct buffer *b)
{
	const char *path = r->options->record.output;

	if (!strcmp(path, WRITER_STDOUT))
		return "standard output";
	buffer_init(b);
	text_add_escaped(b, path, strlen(path), PATH_COLUMNS);
	buffer_add_char(b, '\0');
	return b->failed ? "the file" : b->bytes;
}

static int explain(const struct recorder *r, int error, const char *more)
{
	struct buffer b = { 0 };

	log_error("%s cannot be written: %s%s", output_name(r, &b), strerror(-error), more);
	buffer_done(&b);
	return error;
}

static void read_boot(char boot[BOOT_SIZE])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	boot[0] = '\0';
	if (f && fgets(boot, BOOT_SIZE, f))
		boot[strcspn(boot, "\n")] = '\0';
	if (f)
		fclose(f);
}

static void add_hooks(struct recorder *r)
{
	struct source *source = live_source(r->live);

	for (int f = 0; f < HOOK_FAMILY_COUNT; f++) {
		const char *rung = source->class->rung(source, f);

		if (rung)
			buffer_addf(&r->hooks, "%s %s\n", hook_families[f].name, rung);
	}
	buffer_add_char(&r->hooks, '\0');
}

/* Of a kernel that names none, resets are shown by their numbers. */
static void add_reasons(struct recorder *r)
{
	struct reset_reasons reasons = { 0 };

	if (!kernel_reasons_read(&reasons))
		reset_reasons_write(&reasons, &r->reasons);
	buffer_add_char(&r->reasons, '\0');
}

static void add_name(void *context, uint64_t id, const char *path)
{
	writer_add_name(context, id, path);
}

/* Returns 0, or -errno after one sentence; -EPIPE, without any, when the reader has left. */
static int begin(struct recorder *r)
{
	struct recording_about about = {
		.start_mono_ns = r->start_ns,
		.clock_offset_ns = r->settings.clock.offset_ns,
		.utc_offset_s = r->settings.clock.utc_offset_s,
	};
	int error;

	filter_text_add(&r->filters, &r->options->filter);
	buffer_add_char(&r->filters, '\0');
	add_hooks(r);
	add_reasons(r);
	uname(&r->system);
	read_boot(r->boot);
	if (getrandom(&about.series, sizeof(about.series), 0) != (ssize_t)sizeof(about.series))
		about.series = r->start_ns;
	about.text[RECORDING_PROGRAM] = TCPSPAN_VERSION;
	about.text[RECORDING_HOST] = r->system.nodename;
	about.text[RECORDING_KERNEL] = r->system.release;
	about.text[RECORDING_BOOT] = r->boot;
	if (!r->filters.failed)
		about.text[RECORDING_FILTERS] = r->filters.bytes;
	if (!r->hooks.failed)
		about.text[RECORDING_HOOKS] = r->hooks.bytes;
	if (!r->reasons.failed)
		about.text[RECORDING_REASONS] = r->reasons.bytes;
	cgroup_names_each(r->cgroups, add_name, r->writer);
	error = writer_begin(r->writer, &about);
	if (error && error != -EPIPE)
		explain(r, error, "");
	return error;
}

/* Returns 0, or -errno after one sentence. */
static int open_all(struct recorder *r)
{
	const struct options *o = r->options;
	const struct writer_settings writer = {
		.path = o->record.output,
		.rotate_bytes = o->record.rotate_bytes,
		.keep = o->record.keep,
		.queue_bytes = o->record.queue_bytes,
		.count = count,
		.context = r,
	};
	const struct live_settings live = {
		.filter = &o->filter,
		.attach = (enum plan_attach)o->attach,
		.families = HOOK_RECORDED,
		.ring_bytes = o->ring_bytes,
		.cgroups = true,
		.facts = true,
		.sequences = true,
		.on_record = on_record,
		.context = r,
	};
	char reason[PLAN_REASON_SIZE] = "";
	int error;

	if (!strcmp(o->record.output, WRITER_STDOUT) && isatty(STDOUT_FILENO)) {
		log_error("a recording is not for a terminal: let --output name a file, or pipe "
			  "it to another program");
		return -EINVAL;
	}
	r->cgroups = cgroup_names_new();
	if (!r->cgroups)
		return explain(r, -ENOMEM, "");
	cgroup_names_learn(r->cgroups);
	error = writer_open(&writer, &r->writer);
	if (error)
		return explain(r, error, "");
	terminal_settings(o, &r->settings);
	r->start_ns = r->settings.start_mono_ns;
	plan_set_verbose(o->verbose);
	error = live_open(&live, &r->live, reason);
	if (error)
		failure_explain(error, reason);
	return error;
}

static int follow(struct recorder *r)
{
	uint64_t deadline = UINT64_MAX;

	if (r->options->duration_ns)
		deadline = terminal_now_ns() + r->options->duration_ns;
	while (!signals_asked_to_stop() && !writer_error(r->writer) &&
	       terminal_now_ns() < deadline) {
		uint64_t due = writer_due_ns(r->writer);
		int count = live_poll(r->live, due < deadline ? due : deadline, &r->waiting);

		if (count < 0)
			return count;
		writer_flush(r->writer, terminal_now_ns());
		if (writer_dropped(r->writer) && !live_has_lost(r->live))
			live_note_loss(r->live);
	}
	return 0;
}

static void add_new_name(void *context, uint64_t id, const char *path)
{
	struct recorder *r = context;

	if (!cgroup_names_find(r->cgroups, id))
		writer_add_name(r->writer, id, path);
}

/* Cgroups that came meanwhile have names as well. */
static void learn_more(struct recorder *r)
{
	struct cgroup_names *all = cgroup_names_new();

	if (all && !cgroup_names_learn(all))
		cgroup_names_each(all, add_new_name, r);
	cgroup_names_free(all);
}

/* Returns 0, or -errno after one sentence: of JSON, which somebody waits for. */
static int print_summary(struct recorder *r, const struct writer_report *report,
			 const struct listen_counters *listen)
{
	const struct summary_recording recording = {
		.records = report->records,
		.bytes = report->bytes,
		.parts = report->parts,
		.is_left = writer_error(r->writer) == -EPIPE,
	};
	struct summary summary = {
		.duration_ns = terminal_now_ns() - r->start_ns,
		.recording = &recording,
		.listen = *listen,
	};
	bool json = r->options->format == FORMAT_JSON &&
		    strcmp(r->options->record.output, WRITER_STDOUT);
	struct output out;
	int error;

	live_events(r->live, &summary.events);
	summary.events.dropped = report->dropped;
	account_add_hooks(&summary, live_source(r->live), HOOK_RECORDED);
	if (!json) {
		account_say(&summary);
		return 0;
	}
	output_init(&out, NULL);
	sink_json.summary(&r->settings, &out.lines, &summary);
	error = output_end(&out);
	output_done(&out);
	return error;
}

/* Returns 0, or -errno after one sentence. A reader of the pipe that left is no error. */
static int finish(struct recorder *r)
{
	struct recording_counters counters;
	struct recording_listen listen;
	struct listen_counters read;
	struct writer_report report;
	int error, unprinted;

	live_stop(r->live);
	learn_more(r);
	count(r, &counters);
	overflows_read(r->overflows, &read);
	listen = (struct recording_listen){ read.overflows, read.drops, read.read, read.unread };
	error = writer_end(r->writer, &counters, &listen, &r->waiting, &report);
	if (error == -EPIPE)
		error = 0;
	unprinted = print_summary(r, &report, &read);
	if (error)
		explain(r, error, report.records ? "; what was recorded until then is kept" : "");
	return error ? error : unprinted;
}

static int record_run(const struct options *options)
{
	struct recorder r = { .options = options };
	int error;

	buffer_init(&r.filters);
	buffer_init(&r.hooks);
	buffer_init(&r.reasons);
	signals_catch(&r.waiting);
	error = open_all(&r);
	if (!error)
		error = begin(&r);
	if (!error) {
		log_note("Recording TCP connections (%s)... Hit Ctrl-C to end.",
			 live_source(r.live)->class->rung(live_source(r.live), HOOK_STATE));
		/* Not being told of them is told by each connection without an owner. */
		live_find_listeners(r.live);
		r.overflows = overflows_begin(r.options->filter.netns);
		error = follow(&r);
		if (error)
			log_error("the ring buffer cannot be read: %s", strerror(-error));
		error = finish(&r) || error ? -EIO : 0;
	}
	writer_free(r.writer);
	live_free(r.live);
	cgroup_names_free(r.cgroups);
	overflows_free(r.overflows);
	buffer_done(&r.filters);
	buffer_done(&r.hooks);
	buffer_done(&r.reasons);
	return error && error != -EPIPE ? 2 : 0;
}

const struct command command_record = { .run = record_run };
