// SPDX-License-Identifier: GPL-2.0-only
/* Reads recordings to their end, and prints where they come from and what came of it. */
#include "user/command/check/recorded.h"

#include <string.h>

#include "user/base/text.h"
#include "user/command/check/words.h"
#include "user/event/event.h"
#include "user/event/socket.h"
#include "user/run/account.h"
#include "user/run/run.h"
#include "user/sink/json/line.h"

#define STATUS_FLAWED 2
#define FACT_COLUMNS 80

struct reading {
	const struct replay *replay;
	const struct recording_about *about; /* of the earliest */
	uint64_t malformed;
	struct summary summary;
	struct summary_recording account;
	bool is_whole; /* nothing of it is damaged */
	bool has_gaps; /* of parts */
	bool ok;
};

static void on_record(void *context, const void *bytes, size_t size)
{
	struct reading *r = context;
	bool is_socket = socket_is_record(bytes, size);
	struct socket_info info;
	struct event event;

	if (is_socket ? socket_decode(bytes, size, &info) : event_decode(bytes, size, &event))
		r->malformed++;
	else
		r->account.records++;
}

static void summarize(struct reading *r, const struct run *run)
{
	struct summary *sum = &r->summary;
	uint64_t all;

	account_read(run, sum);
	sum->events.malformed = r->malformed;
	replay_progress(r->replay, &r->account.bytes, &all);
	r->account.parts = (uint32_t)run->options->input_count;
	sum->recording = &r->account;
	sum->hook_count = 0;
	account_add_hooks(sum, run->source, HOOK_RECORDED);
}

static void add_fact(struct buffer *out, const char *name, const char *fact, enum ladder_language l)
{
	check_label(out, name);
	if (fact && *fact)
		text_add_escaped(out, fact, strlen(fact), FACT_COLUMNS);
	else
		buffer_add_text(out, IN(l, SAY_UNKNOWN));
	buffer_add_char(out, '\n');
}

/* Each line of them names an option and its argument, as the kernel's side knows it. */
static void add_filters(const struct reading *r, struct buffer *out, enum ladder_language l)
{
	const char *name = IN(l, SAY_FILTERS), *text;
	uint8_t space;

	for (size_t i = 0; replay_filters(r->replay, i, &text, &space); i++) {
		while (text && *text) {
			size_t line = strcspn(text, "\n");

			check_label(out, name);
			text_add_escaped(out, text, line, FACT_COLUMNS);
			buffer_add_char(out, '\n');
			text += line + (text[line] == '\n');
			name = "";
		}
	}
	if (!*name)
		return;
	check_label(out, name);
	buffer_addf(out, "%s\n", IN(l, SAY_NONE));
}

/* What was lost, by those who counted it; nothing, when nothing was. */
static void add_losses(const struct event_counters *e, struct buffer *out, enum ladder_language l)
{
	const char *name = IN(l, SAY_LOST);

#define X(counter, loss)                                                                 \
	if ((loss) && e->counter) {                                                      \
		check_label(out, name);                                                  \
		buffer_addf(out, "%llu %s\n", (unsigned long long)e->counter, #counter); \
		name = "";                                                               \
	}
	EVENT_COUNTERS(X, X, X)
#undef X
}

/* "part 0", "parts 2 to 4", "parts from 7 on". */
static void add_range(struct buffer *out, const struct replay_missing *missing,
		      enum ladder_language l)
{
	if (missing->last == UINT32_MAX)
		buffer_addf(out, IN(l, SAY_PARTS_FROM), missing->first);
	else if (missing->last == missing->first)
		buffer_addf(out, IN(l, SAY_PART), missing->first);
	else
		buffer_addf(out, IN(l, SAY_PARTS), missing->first, missing->last);
}

static void add_missing(const struct reading *r, struct buffer *out, enum ladder_language l)
{
	struct replay_missing missing;
	const char *path;

	for (size_t i = 0; replay_missing(r->replay, i, &path, &missing); i++) {
		check_label(out, i ? "" : IN(l, SAY_MISSING));
		add_range(out, &missing, l);
		buffer_add_text(out, IN(l, SAY_OF_RECORDING));
		text_add_escaped(out, path, strlen(path), FACT_COLUMNS);
		buffer_add_char(out, '\n');
	}
}

static const char *verdict(const struct reading *r, enum ladder_language l)
{
	if (r->ok)
		return IN(l, SAY_ALL_READ);
	if (r->has_gaps)
		return IN(l, SAY_NOT_ALL_PARTS);
	if (!r->is_whole)
		return IN(l, SAY_NOT_ALL_READ);
	return IN(l, SAY_NOT_ALL_THERE);
}

static void print_text(const struct reading *r, const struct sink_settings *settings,
		       struct buffer *out)
{
	char start[CLOCK_ISO_SIZE], duration[TEXT_DURATION_SIZE];
	enum ladder_language l = settings->language;

	add_fact(out, IN(l, SAY_KERNEL), r->about->text[RECORDING_KERNEL], l);
	add_fact(out, IN(l, SAY_HOST), r->about->text[RECORDING_HOST], l);
	add_fact(out, IN(l, SAY_PROGRAM), r->about->text[RECORDING_PROGRAM], l);
	add_filters(r, out, l);
	check_label(out, IN(l, SAY_RECORDED));
	buffer_addf(out, IN(l, SAY_FOR),
		    clock_format_iso(&settings->clock, r->about->start_mono_ns, start),
		    text_duration(r->summary.duration_ns, duration));
	check_label(out, IN(l, SAY_EVENTS));
	buffer_addf(out, "%llu\n", (unsigned long long)r->account.records);
	add_losses(&r->summary.events, out, l);
	add_missing(r, out, l);
	buffer_addf(out, "\n%-10s %s\n", "HOOK", "RUNG");
	for (size_t i = 0; i < r->summary.hook_count; i++)
		buffer_addf(out, "%-10s %s\n", r->summary.hooks[i].family,
			    r->summary.hooks[i].rung ? r->summary.hooks[i].rung : IN(l, SAY_NONE));
	buffer_addf(out, "\n%s\n", verdict(r, l));
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
static void print_json(const struct reading *r, const struct sink_settings *settings,
		       struct buffer *out)
{
	char start[CLOCK_ISO_SIZE];
	struct json j;

	line_begin(&j, out, "check");
	add_json_text(&j, "kernel", r->about->text[RECORDING_KERNEL]);
	add_json_text(&j, "host", r->about->text[RECORDING_HOST]);
	add_json_text(&j, "program", r->about->text[RECORDING_PROGRAM]);
	add_json_text(&j, "time",
		      clock_format_iso(&settings->clock, r->about->start_mono_ns, start));
	json_key(&j, "mono_ns");
	json_u64(&j, r->about->start_mono_ns);
	add_json_hooks(&j, r);
	add_json_missing(&j, r);
	json_key(&j, "ok");
	json_bool(&j, r->ok);
	line_end(&j);
	sink_json.summary(settings, out, &r->summary);
}

/* Where none was, the rung is empty; what is missing or damaged the exit status tells. */
static void print_csv(const struct reading *r, struct buffer *out)
{
	buffer_add_text(out, "hook,rung\n");
	for (size_t i = 0; i < r->summary.hook_count; i++)
		buffer_addf(out, "%s,%s\n", r->summary.hooks[i].family,
			    r->summary.hooks[i].rung ? r->summary.hooks[i].rung : "");
}

/* What is missing is told beside what is damaged: it is no error of reading. */
static void judge(struct reading *r)
{
	struct replay_missing missing;
	struct replay_flaw flaw;
	const char *path;

	r->is_whole = !replay_flaw(r->replay, 0, &flaw);
	r->has_gaps = replay_missing(r->replay, 0, &path, &missing);
	r->ok = r->is_whole && !r->has_gaps && !event_counters_lost(&r->summary.events);
}

static void finish(void *context, struct run *run)
{
	struct reading *r = context;

	r->replay = run->replay;
	r->about = replay_about(run->replay);
	summarize(r, run);
	judge(r);
	if (run->options->format == FORMAT_JSON)
		print_json(r, &run->settings, &run->out.lines);
	else if (run->options->format == FORMAT_CSV)
		print_csv(r, &run->out.lines);
	else
		print_text(r, &run->settings, &run->out.lines);
}

int check_recorded(const struct options *options)
{
	struct reading r = { .ok = false };
	const struct task task = {
		.tap = on_record, .role = RIGHTS_FOLLOW, .finish = finish, .context = &r
	};
	int status = run_follow(options, &task);

	/* Of what was never read there is nothing to judge. */
	return !r.about || r.ok ? status : STATUS_FLAWED;
}
