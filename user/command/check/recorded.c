// SPDX-License-Identifier: GPL-2.0-only
/* Reads recordings to their end, and prints where they come from and what came of it. */
#include "user/command/check/recorded.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "user/base/json.h"
#include "user/base/log.h"
#include "user/base/text.h"
#include "user/event/event.h"
#include "user/run/account.h"
#include "user/run/flaw.h"
#include "user/run/output.h"
#include "user/run/recorded.h"
#include "user/run/signals.h"
#include "user/run/terminal.h"
#include "user/sink/sink.h"
#include "user/source/replay.h"

#define STATUS_FLAWED 2
#define FACT_COLUMNS 80

struct reading {
	struct replay *replay;
	struct source *source;
	const struct recording_about *about; /* of the earliest */
	struct sink_settings settings;
	struct summary summary;
	struct summary_recording account;
	bool is_whole; /* nothing of it is damaged */
	bool has_gaps; /* of parts */
	bool ok;
};

static void on_record(void *context, const void *bytes, size_t size)
{
	struct reading *r = context;
	struct event event;

	if (event_decode(bytes, size, &event))
		r->summary.events.malformed++;
	else
		r->account.records++;
}

/* Returns 0, or -errno after one sentence. */
static int open_all(const struct options *o, struct reading *r)
{
	const struct replay_settings settings = {
		.paths = o->inputs,
		.count = o->input_count,
		.on_record = on_record,
		.context = r,
	};
	struct replay_flaw flaw;
	int error = replay_open(&settings, &r->replay, &flaw);

	if (error) {
		flaw_explain(&flaw, false);
		return error;
	}
	r->source = replay_source(r->replay);
	r->about = replay_about(r->replay);
	terminal_settings(o, &r->settings);
	r->settings.clock.offset_ns = r->about->clock_offset_ns;
	r->settings.clock.utc_offset_s = r->about->utc_offset_s;
	r->settings.start_mono_ns = r->about->start_mono_ns;
	return 0;
}

/* Up to the end, to --duration or to a signal. Returns 0 or -errno. */
static int read_all(const struct options *o, struct reading *r)
{
	const struct source_class *class = r->source->class;
	uint64_t deadline = UINT64_MAX;
	sigset_t waiting;
	int count = 0;

	if (o->duration_ns)
		deadline = r->about->start_mono_ns + o->duration_ns;
	signals_catch(&waiting);
	while (!signals_asked_to_stop() && count >= 0)
		count = class->poll(r->source, deadline, &waiting);
	class->stop(r->source);
	return count < 0 && count != -ENODATA ? count : 0;
}

static void summarize(const struct options *o, struct reading *r)
{
	struct summary *sum = &r->summary;
	uint64_t malformed = sum->events.malformed, all;

	r->source->class->events(r->source, &sum->events);
	sum->events.malformed = malformed;
	replay_listen(r->replay, &sum->listen);
	replay_progress(r->replay, &r->account.bytes, &all);
	r->account.parts = (uint32_t)o->input_count;
	sum->is_replayed = true;
	sum->recording = &r->account;
	sum->duration_ns = r->source->class->now(r->source) - r->about->start_mono_ns;
	account_add_hooks(sum, r->source, HOOK_RECORDED);
}

static void add_fact(struct buffer *out, const char *name, const char *fact)
{
	buffer_addf(out, "%-11s ", name);
	if (fact && *fact)
		text_add_escaped(out, fact, strlen(fact), FACT_COLUMNS);
	else
		buffer_add_text(out, "unknown");
	buffer_add_char(out, '\n');
}

/* Each line of them names an option and its argument, as the kernel's side knows it. */
static void add_filters(const struct reading *r, struct buffer *out)
{
	const char *name = "filters", *text;
	uint8_t space;

	for (size_t i = 0; replay_filters(r->replay, i, &text, &space); i++) {
		while (text && *text) {
			size_t line = strcspn(text, "\n");

			buffer_addf(out, "%-11s ", name);
			text_add_escaped(out, text, line, FACT_COLUMNS);
			buffer_add_char(out, '\n');
			text += line + (text[line] == '\n');
			name = "";
		}
	}
	if (*name)
		buffer_addf(out, "%-11s none\n", name);
}

/* What was lost, by those who counted it; nothing, when nothing was. */
static void add_losses(const struct event_counters *e, struct buffer *out)
{
	const char *name = "lost";

#define X(counter, loss)                                                                  \
	if ((loss) && e->counter) {                                                       \
		buffer_addf(out, "%-11s %llu %s\n", name, (unsigned long long)e->counter, \
			    #counter);                                                    \
		name = "";                                                                \
	}
	EVENT_COUNTERS(X, X, X)
#undef X
}

/* "part 0", "parts 2 to 4", "parts from 7 on". */
static void add_range(struct buffer *out, const struct replay_missing *missing)
{
	if (missing->last == UINT32_MAX)
		buffer_addf(out, "parts from %u on", missing->first);
	else if (missing->last == missing->first)
		buffer_addf(out, "part %u", missing->first);
	else
		buffer_addf(out, "parts %u to %u", missing->first, missing->last);
}

static void add_missing(const struct reading *r, struct buffer *out)
{
	struct replay_missing missing;
	const char *path;

	for (size_t i = 0; replay_missing(r->replay, i, &path, &missing); i++) {
		buffer_addf(out, "%-11s ", i ? "" : "missing");
		add_range(out, &missing);
		buffer_add_text(out, " of the recording of ");
		text_add_escaped(out, path, strlen(path), FACT_COLUMNS);
		buffer_add_char(out, '\n');
	}
}

static const char *verdict(const struct reading *r)
{
	if (r->ok)
		return "All of it can be read.";
	if (r->has_gaps)
		return "Not all of its parts are there.";
	if (!r->is_whole)
		return "Not all of it can be read.";
	return "All of it can be read, but it does not have all that happened.";
}

static void print_text(const struct reading *r, struct buffer *out)
{
	char start[CLOCK_ISO_SIZE], duration[TEXT_DURATION_SIZE];

	add_fact(out, "kernel", r->about->text[RECORDING_KERNEL]);
	add_fact(out, "host", r->about->text[RECORDING_HOST]);
	add_fact(out, "program", r->about->text[RECORDING_PROGRAM]);
	add_filters(r, out);
	buffer_addf(out, "%-11s %s, for %s\n", "recorded",
		    clock_format_iso(&r->settings.clock, r->about->start_mono_ns, start),
		    text_duration(r->summary.duration_ns, duration));
	buffer_addf(out, "%-11s %llu\n", "events", (unsigned long long)r->account.records);
	add_losses(&r->summary.events, out);
	add_missing(r, out);
	buffer_addf(out, "\n%-10s %s\n", "HOOK", "RUNG");
	for (size_t i = 0; i < r->summary.hook_count; i++)
		buffer_addf(out, "%-10s %s\n", r->summary.hooks[i].family,
			    r->summary.hooks[i].rung ? r->summary.hooks[i].rung : "none");
	buffer_addf(out, "\n%s\n", verdict(r));
}

static void add_json_text(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_text(j, text && *text ? text : NULL);
}

static void add_json_hooks(struct json *j, const struct reading *r)
{
	json_key(j, "hooks");
	json_array_begin(j);
	for (size_t i = 0; i < r->summary.hook_count; i++) {
		json_object_begin(j);
		add_json_text(j, "family", r->summary.hooks[i].family);
		add_json_text(j, "rung", r->summary.hooks[i].rung);
		json_object_end(j);
	}
	json_array_end(j);
}

/* Parts that are not there: first and last, which is null where it is not known. */
static void add_json_missing(struct json *j, const struct reading *r)
{
	struct replay_missing missing;
	const char *path;

	json_key(j, "missing");
	json_array_begin(j);
	for (size_t i = 0; replay_missing(r->replay, i, &path, &missing); i++) {
		json_array_begin(j);
		json_u64(j, missing.first);
		if (missing.last == UINT32_MAX)
			json_null(j);
		else
			json_u64(j, missing.last);
		json_array_end(j);
	}
	json_array_end(j);
}

/* The self-test and what this kernel allows are not there: nothing is asked of it. */
static void print_json(const struct reading *r, struct buffer *out)
{
	char start[CLOCK_ISO_SIZE];
	struct json j;

	json_init(&j, out);
	json_object_begin(&j);
	json_key(&j, "v");
	json_u64(&j, 1);
	add_json_text(&j, "type", "check");
	add_json_text(&j, "kernel", r->about->text[RECORDING_KERNEL]);
	add_json_text(&j, "host", r->about->text[RECORDING_HOST]);
	add_json_text(&j, "program", r->about->text[RECORDING_PROGRAM]);
	add_json_text(&j, "time",
		      clock_format_iso(&r->settings.clock, r->about->start_mono_ns, start));
	json_key(&j, "mono_ns");
	json_u64(&j, r->about->start_mono_ns);
	add_json_hooks(&j, r);
	add_json_missing(&j, r);
	json_key(&j, "ok");
	json_bool(&j, r->ok);
	json_object_end(&j);
	json_line_end(&j);
	sink_json.summary(&r->settings, out, &r->summary);
}

/* Returns 0, or -errno after one sentence; a reader that left is no error. */
static int print(const struct options *o, const struct reading *r)
{
	struct output out;
	int error;

	output_init(&out, NULL);
	if (o->format == FORMAT_JSON)
		print_json(r, &out.lines);
	else
		print_text(r, &out.lines);
	error = output_end(&out);
	output_done(&out);
	return error;
}

/* What is missing is told beside what is damaged: it is no error of reading. */
static void judge(struct reading *r, int error)
{
	struct replay_missing missing;
	const char *path;

	r->is_whole = !recorded_flaws_explain(r->replay) && !error;
	r->has_gaps = replay_missing(r->replay, 0, &path, &missing);
	r->ok = r->is_whole && !r->has_gaps && !event_counters_lost(&r->summary.events);
}

int check_recorded(const struct options *options)
{
	static struct reading r;
	int error = open_all(options, &r);

	if (!error) {
		error = read_all(options, &r);
		if (error)
			log_error("the recording cannot be read: %s", strerror(-error));
		summarize(options, &r);
		judge(&r, error);
		if (print(options, &r) || !r.ok)
			error = error ? error : -EBADMSG;
	}
	if (r.replay)
		r.source->class->free(r.source);
	return error ? STATUS_FLAWED : 0;
}
