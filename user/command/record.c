// SPDX-License-Identifier: GPL-2.0-only
/* The command `record`: no table, no clock of its own, so that it costs as little as can be. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/base/clock.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/command/command.h"
#include "user/command/complaints.h"
#include "user/command/played.h"
#include "user/event/event.h"
#include "user/event/identity.h"
#include "user/names/cgroup.h"
#include "user/record/counters.h"
#include "user/record/writer.h"
#include "user/run/about.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/faults.h"
#include "user/run/feed.h"
#include "user/run/keep.h"
#include "user/run/run.h"
#include "user/run/signals.h"

#define PATH_COLUMNS 200
#define PROCESS_AGAIN_NS (600 * NS_PER_S)
#define CLOCK_STEP_NS ((int64_t)NS_PER_S) /* what is less is how a clock is kept right */

struct recorder {
	const struct options *options;
	struct run *run;
	struct writer *writer;
	struct cgroup_names *cgroups;	/* whose names are written */
	size_t labels;			/* of containers and pods that are written */
	size_t stacks;			/* the same */
	struct netns_names *namespaces; /* whose names are written, and when they were looked at */
	uint64_t namespaces_ns;
	uint64_t met;	      /* the cgroup that was met last */
	int64_t offset_ns;    /* of the clock, as it is written */
	int error;	      /* after one sentence */
	struct played played; /* of no stage: what happens on this machine is recorded */

	struct about about;
};

/* A stack that nobody could name is no record of the file, whose account is of those that are. */
static void count(void *context, struct recording_counters *ret_counters)
{
	const struct recorder *r = context;
	struct event_counters events;

	r->run->source->class->events(r->run->source, &events);
	*ret_counters = recording_counters_of(&events);
	ret_counters->submitted -= r->run->nameless;
	ret_counters->seen -= r->run->nameless;
}

static void keep(void *context, int folder)
{
	(void)context;
	keep_thread(RIGHTS_RECORD, folder);
}

static const char *output_name(const struct recorder *r, struct buffer *b)
{
	const char *path = r->options->record.output;

	if (!strcmp(path, WRITER_STDOUT))
		return COMMAND_SAYS(STANDARD_OUTPUT);
	buffer_init(b);
	text_add_escaped(b, path, strlen(path), PATH_COLUMNS);
	buffer_add_char(b, '\0');
	return b->failed ? COMMAND_SAYS(THE_FILE) : b->bytes;
}

/* `why` is NULL where the error says enough. */
static int complain(const struct recorder *r, int error, const char *why, const char *more)
{
	struct buffer b = { 0 }, reason;

	buffer_init(&reason);
	buffer_add_text(&reason, why ? fault_in(why, log_language) : strerror(-error));
	buffer_add_text(&reason, more);
	buffer_add_char(&reason, '\0');
	COMMAND_COMPLAIN(UNWRITTEN, .w = output_name(r, &b),
			 .v = reason.failed ? "?" : reason.bytes);
	buffer_done(&reason);
	buffer_done(&b);
	return error;
}

static void add_name(void *context, uint64_t id, const char *path)
{
	struct recorder *r = context;

	if (cgroup_names_find(r->cgroups, id))
		return;
	writer_add_name(r->writer, id, redact_name(r->run->lore.redact, PSEUDONYM_CGROUP, path));
	cgroup_names_add(r->cgroups, id, path, strlen(path));
}

/* A story takes place nowhere. */
static bool hides_names(const struct recorder *r)
{
	return r->played.stage || r->options->redact >> REDACT_NAMES & 1;
}

static void add_labels(struct recorder *r)
{
	const struct labels *labels = workloads_labels(r->run->lore.workloads);

	/* They are of paths that are not there. */
	if (hides_names(r))
		return;
	for (; r->labels < labels_count(labels); r->labels++) {
		const char *id, *name;
		enum label_kind kind;

		labels_at(labels, r->labels, &kind, &id, &name);
		writer_add_label(r->writer, kind, id, name);
	}
}

static void add_stacks(struct recorder *r)
{
	const struct stacks *stacks = r->run->lore.stacks;

	for (; stacks && r->stacks < stacks_count(stacks); r->stacks++) {
		const char *text;
		size_t size;
		uint64_t number = stacks_at(stacks, r->stacks, &text, &size);

		writer_add_stack(r->writer, number, text, (uint16_t)size);
	}
}

static void add_netns(void *context, uint32_t inode, const char *name)
{
	struct recorder *r = context;
	const char *known = netns_names_find(r->namespaces, inode);

	if (known && !strcmp(known, name))
		return;
	netns_names_set(r->namespaces, inode, name, strlen(name));
	writer_add_netns(r->writer, inode, RECORDING_NETNS_NAMED, name);
}

/* A name that is gone may come again, for another one. */
static void drop_netns(void *context, uint32_t inode, const char *name)
{
	struct recorder *r = context;

	(void)name;
	if (netns_names_find(r->run->lore.namespaces, inode))
		return;
	netns_names_set(r->namespaces, inode, NULL, 0);
	writer_add_netns(r->writer, inode, RECORDING_NETNS_NAMELESS, "");
}

static __attribute__((noinline)) void change_namespaces(struct recorder *r)
{
	const struct run_lore *lore = &r->run->lore;

	if (hides_names(r) || !lore->namespaces)
		return;
	if (!r->namespaces_ns && lore->machine)
		writer_add_netns(r->writer, lore->machine, RECORDING_NETNS_MACHINE, "");
	r->namespaces_ns = lore->namespaces_ns;
	netns_names_each(r->namespaces, drop_netns, r);
	netns_names_each(lore->namespaces, add_netns, r);
}

/* Those that have come and gone since. Nearly always nobody has looked again. */
static inline void add_namespaces(struct recorder *r)
{
	if (r->run->lore.namespaces_ns != r->namespaces_ns)
		change_namespaces(r);
}

/* One is told again now and then: a part has the last of them alone. */
static void meet_process(struct recorder *r, uint32_t pid, const void *bytes, size_t size)
{
	const char *name = event_peek_process(bytes, size);
	struct recording_process process = { .first_size = 0 };
	struct process_known known;
	uint64_t mono_ns;

	if (!name || !r->run->lore.processes)
		return;
	memcpy(&mono_ns, bytes, sizeof(mono_ns));
	run_lore_meet_process(&r->run->lore, pid, mono_ns, name);
	if (!processes_untold(r->run->lore.processes, pid, PROCESS_AGAIN_NS, &known))
		return;
	process.start_mono_ns = known.start_ns;
	process.first_size = (uint16_t)known.first_size;
	writer_add_process(r->writer, pid, known.ppid, &process, known.cmdline, known.size);
}

/* Those that have not been written. */
static void add_names(struct recorder *r)
{
	if (!r->played.stage)
		cgroup_names_each(r->run->lore.cgroups, add_name, r);
	add_labels(r);
}

/* One that is gone by the end has its name in front of what happened in it. */
static void meet_cgroup(struct recorder *r, uint64_t id)
{
	const char *path;

	if (id == r->met)
		return;
	r->met = id;
	path = r->played.stage ? NULL : cgroup_names_find(r->run->lore.cgroups, id);
	if (path)
		add_name(r, id, path);
	add_labels(r);
}

/* Each name is told of its own, where it may be told. `cgroup`: what its own becomes, or NULL. */
static __attribute__((noinline)) void write_changed(struct recorder *r, const void *bytes,
						    size_t size, const uint64_t *cgroup)
{
	uint8_t copy[EVENT_RECORD_MAX];

	if (size <= sizeof(copy)) {
		memcpy(copy, bytes, size);
		if (cgroup)
			event_replace_cgroup(copy, *cgroup);
		if (r->run->redact.what)
			redact_record(&r->run->redact, copy, size);
		bytes = copy;
	}
	writer_add(r->writer, bytes, size);
}

/* Most records have no names to be told of, nor any that are not to be. */
static __attribute__((noinline)) void write_with_names(struct recorder *r, const void *bytes,
						       size_t size)
{
	uint32_t pid;
	uint64_t id = event_peek_cgroup(bytes, size, &pid), own = id;

	add_stacks(r);
	if (pid)
		meet_process(r, pid, bytes, size);
	if (id) {
		own = run_lore_meet_cgroup(&r->run->lore, id, pid);
		meet_cgroup(r, own);
	}
	if (own != id || r->run->redact.what)
		write_changed(r, bytes, size, own != id ? &own : NULL);
	else
		writer_add(r->writer, bytes, size);
}

static void on_record(void *context, const void *bytes, size_t size)
{
	struct recorder *r = context;

	add_namespaces(r);
	if (event_has_owner(bytes, size) || r->run->lore.stacks || r->run->redact.what)
		write_with_names(r, bytes, size);
	else
		writer_add(r->writer, bytes, size);
}

/* Returns 0, or -errno after one sentence; -EPIPE, without any, when the reader has left. */
static int begin(void *context, struct run *run)
{
	struct recorder *r = context;
	int error;

	r->run = run;
	about_make(&r->about, run, run->settings.start_mono_ns);
	r->offset_ns = r->about.head.clock_offset_ns;
	if (r->options->trace.cmdline)
		run_lore_want_processes(&run->lore);
	run_lore_learn_namespaces(&run->lore);
	add_names(r);
	add_namespaces(r);
	error = writer_begin(r->writer, &r->about.head);
	run->folder = writer_folder(r->writer);
	if (error && error != -EPIPE)
		complain(r, error, writer_why(r->writer), "");
	return error || !r->played.stage ? error : played_begin(&r->played, run);
}

/* Times of a recording are by the clock as it was: who reads it is to know that it was set. */
static void follow_clock(struct recorder *r)
{
	int64_t offset_ns;

	run_keep_clock(r->run);
	offset_ns = r->run->settings.clock.offset_ns;
	if (llabs(offset_ns - r->offset_ns) < CLOCK_STEP_NS)
		return;
	r->offset_ns = offset_ns;
	writer_add_clock(r->writer, offset_ns);
	feed_clock(r->run, offset_ns - r->about.head.clock_offset_ns);
}

static uint64_t due_ns(void *context)
{
	const struct recorder *r = context;
	uint64_t writer_ns = writer_due_ns(r->writer), played_ns = played_due_ns(&r->played);

	return writer_ns < played_ns ? writer_ns : played_ns;
}

static enum task_next tick(void *context, uint64_t now_ns)
{
	struct recorder *r = context;
	struct source *source = r->run->source;

	add_namespaces(r);
	follow_clock(r);
	writer_flush(r->writer, now_ns);
	if (writer_dropped(r->writer) && !source->class->has_lost(source))
		source->class->note_loss(source);
	if (r->played.stage && played_is_over(&r->played, now_ns))
		return TASK_ENOUGH;
	return writer_error(r->writer) ? TASK_ENOUGH : TASK_GO_ON;
}

/* In JSON, for which somebody waits, unless standard output has the recording. */
static void print_summary(const struct recorder *r, const struct writer_report *report,
			  const struct listen_counters *listen)
{
	const struct summary_recording recording = {
		.records = report->records,
		.bytes = report->bytes,
		.parts = report->parts,
		.is_left = writer_error(r->writer) == -EPIPE,
	};
	const struct run *run = r->run;
	struct summary summary = {
		.duration_ns = run->source->class->now(run->source) - run->settings.start_mono_ns,
		.recording = &recording,
		.is_broken = writer_error(r->writer),
		.listen = *listen,
		.language = run->settings.language,
	};

	run->source->class->events(run->source, &summary.events);
	summary.events.dropped = report->dropped;
	account_read_payers(run->source, &summary);
	account_read_stacks(run, &summary);
	account_add_hooks(&summary, run->source, HOOK_RECORDED);
	if (r->options->format == FORMAT_JSON && strcmp(r->options->record.output, WRITER_STDOUT))
		sink_json.summary(&r->run->settings, &r->run->out.lines, &summary);
	else
		account_say(&summary);
}

/* A reader of the pipe that left is no error. */
static void finish(void *context, struct run *run)
{
	struct recorder *r = context;
	struct recording_counters counters;
	struct recording_listen listen;
	struct listen_counters read;
	struct writer_report report;

	/* Cgroups that came meanwhile have names as well. */
	add_names(r);
	follow_clock(r);
	count(r, &counters);
	account_read_listen(run, &read);
	listen = (struct recording_listen){ read.overflows, read.drops, read.read, read.unread };
	r->error = writer_end(r->writer, &counters, &listen, &run->waiting, &report);
	if (r->error == -EPIPE)
		r->error = 0;
	print_summary(r, &report, &read);
	if (r->error)
		complain(r, r->error, writer_why(r->writer),
			 report.records && !report.is_unsure ?
				 "; what was recorded until then is kept" :
				 "");
}

/* Returns 0, or -errno after one sentence. */
static int open_output(struct recorder *r)
{
	const struct options *o = r->options;
	const struct writer_settings settings = {
		.path = o->record.output,
		.rotate_bytes = o->record.rotate_bytes,
		.keep = o->record.keep,
		.queue_bytes = o->record.queue_bytes,
		.count = count,
		.thread = keep,
		.context = r,
	};
	const char *why;
	int error;

	if (!strcmp(o->record.output, WRITER_STDOUT) && isatty(STDOUT_FILENO)) {
		COMMAND_COMPLAIN(RECORDING_TO_TERMINAL);
		return -EINVAL;
	}
	r->cgroups = cgroup_names_new();
	r->namespaces = netns_names_new();
	if (!r->cgroups || !r->namespaces)
		return complain(r, -ENOMEM, NULL, "");
	error = writer_open(&settings, &r->writer, &why);
	return error ? complain(r, error, why, "") : 0;
}

/* Returns 0, or -errno after one sentence. */
static int open_story(struct recorder *r, struct options *options)
{
	char reason[STAGE_REASON_SIZE];
	int error;

	if (options->explain.story == TEXTBOOK_COUNT) {
		COMMAND_COMPLAIN(NO_STORY);
		return -EINVAL;
	}
	error = played_open(&r->played, options, 0, reason);
	if (error)
		COMMAND_COMPLAIN(STORY_UNPLAYED, .w = reason);
	return error;
}

/* Returns the status. */
static int follow(struct recorder *r, const struct task *task)
{
	struct options *own;
	int status = 2;

	if (!r->options->explain.demo)
		return run_follow(r->options, task);
	own = malloc(sizeof(*own));
	if (own)
		*own = *r->options;
	else
		RUN_COMPLAIN(NO_MEMORY);
	if (own && !open_story(r, own))
		status = run_follow(own, task);
	if (played_complain(&r->played))
		status = 2;
	played_close(&r->played);
	free(own);
	return status;
}

static int record_run(const struct options *options)
{
	struct recorder r = { .options = options };
	const struct task task = {
		.tap = on_record,
		.families = HOOK_RECORDED | 1u << HOOK_SEED,
		.wants = CONSUMER_SEEDS | CONSUMER_FACTS | CONSUMER_SEQUENCES | CONSUMER_CGROUPS,
		.role = RIGHTS_RECORD,
		.doing = &run_complaints[RUN_COMPLAINT_DOING_RECORD],
		.begin = begin,
		.due_ns = due_ns,
		.tick = tick,
		.finish = finish,
		.context = &r,
	};
	sigset_t waiting;
	int status = 2;

	about_init(&r.about);
	/* Before a file is made that somebody would have to remove. */
	signals_catch(&waiting);
	if (!open_output(&r))
		status = follow(&r, &task);
	writer_free(r.writer);
	cgroup_names_free(r.cgroups);
	netns_names_free(r.namespaces);
	about_done(&r.about);
	return status || r.error ? 2 : 0;
}

const struct command command_record = { .run = record_run };
