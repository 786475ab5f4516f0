// SPDX-License-Identifier: GPL-2.0-only
/* The command `report`: all that a run comes to, as one page in a new file. */
#include "user/aggregate/report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "user/base/text.h"
#include "user/base/write.h"
#include "user/command/command.h"
#include "user/command/compared.h"
#include "user/command/complaints.h"
#include "user/event/socket.h"
#include "user/record/target.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/faults.h"
#include "user/run/inputs.h"
#include "user/run/run.h"
#include "user/run/signals.h"
#include "user/sink/html/html.h"

#define PATH_COLUMNS 200
#define STDOUT "-"

struct page {
	struct report *report;
	struct run *run;
	struct target target;
	int fd; /* of the new file, until it is written; -1: there is none */
	int error;
	struct compared *old; /* NULL, or the run before, if that is compared */
	int old_status;
	struct difference *difference; /* NULL: there is none */
};

/* `why` is NULL where the error says enough. Returns `error`. */
static int complain(const struct options *o, int error, const char *why)
{
	struct buffer name;

	buffer_init(&name);
	text_add_escaped(&name, o->record.output, strlen(o->record.output), PATH_COLUMNS);
	buffer_add_char(&name, '\0');
	COMMAND_COMPLAIN(UNWRITTEN, .w = name.failed ? COMMAND_SAYS(THE_FILE) : name.bytes,
			 .v = why ? fault_in(why, log_language) : strerror(-error));
	buffer_done(&name);
	return error;
}

/* Before a run that may be long, and while there are rights to. 0, or -errno after one sentence. */
static int open_page(struct page *page, const struct options *o)
{
	const char *why = NULL;
	int error;

	if (!strcmp(o->record.output, STDOUT)) {
		if (!isatty(STDOUT_FILENO))
			return 0;
		COMMAND_COMPLAIN(PAGE_TO_TERMINAL);
		return -EINVAL;
	}
	if (inputs_have(o, o->record.output))
		return complain(o, -EEXIST, COMMAND_SAYS(INPUT_GONE));
	error = target_init(&page->target, o->record.output, false);
	page->fd = error ? error : target_open(&page->target, 0, &why);
	return page->fd < 0 ? complain(o, page->fd, why) : 0;
}

/* Of records, those about listeners; of the others connections are made. */
static void on_record(void *context, const void *bytes, size_t size)
{
	struct page *page = context;
	uint8_t copy[EVENT_RECORD_MAX];
	struct socket_info info;
	struct event event;

	if (!socket_is_record(bytes, size) && !event_may_be(bytes, size, EVENT_LISTENER))
		return;
	/* Records have true addresses and names. */
	if (page->run->redact.what) {
		if (size > sizeof(copy))
			return;
		memcpy(copy, bytes, size);
		redact_record(&page->run->redact, copy, size);
		bytes = copy;
	}
	if (socket_is_record(bytes, size)) {
		if (!socket_decode(bytes, size, &info))
			listening_hear_of(page->report->listening, &info);
	} else if (!event_decode(bytes, size, &event)) {
		listening_hear(page->report->listening, &event);
	}
}

static int begin(void *context, struct run *run)
{
	struct page *page = context;
	struct report *report = page->report;
	uint8_t space, clock;

	page->run = run;
	for (size_t i = 0; run->replay && replay_clock(run->replay, i, &space, &clock); i++)
		clock_pairs_name(report->clocks, space, clock);
	course_begin(report->course, run->settings.start_mono_ns);
	if (report->portions)
		portions_begin(report->portions, run->settings.start_mono_ns);
	return 0;
}

/* Whether any accept was lost is known at the end. */
static void last(void *context, struct run *run)
{
	struct page *page = context;

	if (run_sees_queues_served(run))
		report_knows_accepts(page->report, run->table);
}

/* Else it is standard output. */
static bool has_file(const struct page *page)
{
	return page->target.folder >= 0;
}

static void write_page(struct page *page, struct run *run, struct buffer *html)
{
	int error = html_report(&run->settings, html, page->report), closed;

	if (error == -EFBIG)
		COMMAND_COMPLAIN(PAGE_TOO_LARGE, .n = HTML_BYTES_MOST >> 20);
	else if (error)
		RUN_COMPLAIN(NO_MEMORY);
	page->error = error;
	if (error)
		return;
	if (!has_file(page)) {
		buffer_add(&run->out.lines, html->bytes, html->size);
		return;
	}
	page->error = buffer_flush(html, page->fd);
	closed = write_close(page->fd);
	page->fd = -1;
	if (!page->error)
		page->error = closed;
	if (!page->error)
		page->error = target_settle(&page->target);
	if (page->error)
		complain(run->options, page->error, NULL);
}

static const char *host_of(const struct run *run, const struct recording_about *about)
{
	return redact_name(run->lore.redact, PSEUDONYM_HOST, about->text[RECORDING_HOST]);
}

static void set_origin(struct report *report, const struct run *run)
{
	const struct recording_about *about;
	struct replay_missing missing;
	struct replay_flaw flaw;
	const char *path;

	report->start_ns = run->settings.start_mono_ns;
	report->end_ns = run->source->class->now(run->source);
	/* If nothing could be read. */
	if (report->end_ns < report->start_ns)
		report->end_ns = report->start_ns;
	if (!run->replay)
		return;
	report->recordings = run->options->input_count;
	report->is_damaged = replay_flaw(run->replay, 0, &flaw);
	report->is_partial = replay_missing(run->replay, 0, &path, &missing);
	for (size_t i = 0; (about = replay_about_each(run->replay, i)); i++)
		if (about->text[RECORDING_HOST])
			report_add_host(report, host_of(run, about));
	report->origin = (struct report_origin){
		.host = host_of(run, replay_about(run->replay)),
		.kernel = replay_about(run->replay)->text[RECORDING_KERNEL],
		.program = replay_about(run->replay)->text[RECORDING_PROGRAM],
	};
}

/*
 * Reads the run before in the middle of the end of this one: the names that the page has are this
 * one's. Returns whether both are over.
 */
static bool follow_old(struct page *page, const struct run *run)
{
	if (signals_asked_to_stop() && run->replay)
		return false;
	/* It was told to end that, not this. */
	signals_forget();
	page->old_status = compared_follow(page->old, RIGHTS_ALL, NULL);
	return page->old->is_over && !signals_asked_to_stop();
}

static void compare(struct page *page, const struct run *run)
{
	struct report *report = page->report;
	const struct difference_side new = { report->portions, report->failures, &report->summary };
	struct difference_side old;
	struct buffer filters;

	portions_end(report->portions);
	if (!follow_old(page, run))
		return;
	old = compared_side(page->old);
	page->difference = difference_new(&old, &new);
	if (!page->difference) {
		RUN_COMPLAIN(NO_MEMORY);
		page->old_status = 2;
	}
	report->comparison = (struct report_comparison){
		.input = run->redact.what ? NULL : run->options->report.compare,
		.difference = page->difference,
		.summary = &page->old->summary,
		.failed = failure_set_count(page->old->failures),
	};
	buffer_init(&filters);
	compared_read_filters(&run->filter, &filters);
	report->comparison.filters_differ = compared_filters_differ(&page->old->filters, &filters);
	buffer_done(&filters);
}

static void finish(void *context, struct run *run)
{
	struct page *page = context;
	struct report *report = page->report;
	struct summary *sum = &report->summary;
	struct buffer html;

	account_read(run, sum);
	sum->values_lost = histogram_set_lost(report->histograms);
	sum->failures_lost = failure_set_lost(report->failures);
	sum->payers[SUMMARY_FAILURES] = failure_set_payers(report->failures);
	sum->payers[SUMMARY_STORIES] = gallery_payers(report->gallery);
	set_origin(report, run);
	if (report->portions)
		compare(page, run);
	hangs_sort(&report->hangs);
	report->joiner = run_lore_joiner(&run->lore);
	account_read_view(run, &report->listening_view);
	report->listening_view.now_ns = report->end_ns;
	report->listening_view.duration_ns = report->end_ns - report->start_ns;
	report->listening_view.is_past = true;
	buffer_init(&html);
	write_page(page, run, &html);
	buffer_done(&html);
	/* In JSON, for which somebody waits, unless standard output has the page. */
	if (run->options->format == FORMAT_JSON && has_file(page))
		sink_json.summary(&run->settings, &run->out.lines, sum);
	else
		account_say(sum);
}

/* The time that tracing is given is not that of a recording. False when there is no memory. */
static bool expect_comparison(struct page *page, const struct options *options)
{
	page->old = compared_new(options, options->report.compare);
	if (!page->old || report_expect_comparison(page->report))
		return false;
	if (!options->input_count)
		page->old->options.duration_ns = 0;
	return true;
}

static int report_run(const struct options *options)
{
	const char *old = options->report.compare;
	struct page page = { .report = report_new(options->max_connections, options->input_count) };
	struct consumer *consumers[REPORT_CONSUMERS];
	struct task task = {
		.role = RIGHTS_REPORT,
		.folder = &page.target.folder,
		.reads_later = old,
		.doing = &run_complaints[RUN_COMPLAINT_DOING_TRACE],
		.is_silent = true,
		.tap = on_record,
		.begin = begin,
		.last = last,
		.finish = finish,
		.context = &page,
	};
	int status = 2;

	page.fd = page.target.folder = -1;
	if (!page.report || (old && !expect_comparison(&page, options))) {
		RUN_COMPLAIN(NO_MEMORY);
	} else if ((!old || compared_can_read(old)) && !open_page(&page, options)) {
		task.consumers = report_consumers(page.report, consumers);
		/* Until it is written, it is no page. */
		page.error = -ECANCELED;
		status = run_follow(options, &task);
		if (page.error)
			target_remove(&page.target, 0);
	}
	if (page.fd >= 0)
		close(page.fd);
	target_done(&page.target);
	difference_free(page.difference);
	compared_free(page.old);
	report_free(page.report);
	return status ? status : page.error ? 2 : page.old_status;
}

const struct command command_report = { .run = report_run };
