// SPDX-License-Identifier: GPL-2.0-only
/* The command `explain`: keeps the story of the one connection that is to be told of. */
#include "user/command/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/command/command.h"
#include "user/conn/choice.h"
#include "user/conn/story.h"
#include "user/run/run.h"
#include "user/run/terminal.h"
#include "user/sink/text/codes.h"

#define STORIES_MAX 65536
/* The other end of a connection on this machine is over at the same time, or it hangs. */
#define OTHER_GRACE_NS 1000000000ull

struct explain {
	const struct options *options;
	struct story_book *book;
	struct story subject, other;
	bool has_subject, has_other;
	bool is_second_best; /* older than the tracing: taken if none begins */
	uint64_t rank;
};

struct explain *explain_new(const struct options *options)
{
	struct explain *e = calloc(1, sizeof(*e));
	size_t max = options->max_connections;

	if (!e)
		return NULL;
	e->options = options;
	e->book = story_book_new(max < STORIES_MAX ? max : STORIES_MAX);
	if (e->book)
		return e;
	free(e);
	return NULL;
}

void explain_free(struct explain *explain)
{
	if (!explain)
		return;
	story_book_free(explain->book);
	free(explain);
}

void explain_widen(struct conn_filter *filter)
{
	filter->has_lports = filter->has_rports = false;
	filter->prefix_count = 0;
	filter->pid_count = 0;
	filter->comm_count = 0;
}

/* And its cause is known: evidence may come after the last transition. */
static bool is_closed(const struct conn *c)
{
	return !(c->flags & CONN_AWAITED) &&
	       (c->flags & CONN_FINISHED || conn_state(c) == STATE_TIME_WAIT);
}

/* There is no more to tell of it, of its TIME_WAIT either if that is wanted. */
static bool is_over(const struct conn *c, bool full)
{
	return is_closed(c) && (!full || c->flags & CONN_FINISHED);
}

/* A server's child that the third segment has not made a connection yet. */
static bool is_embryo(const struct conn *c)
{
	return c->role == CONN_ROLE_SERVER && c->step_count == 1;
}

static void find_other(struct explain *e)
{
	const struct story *other = story_is_both_ends(&e->subject) ?
					    &e->subject :
					    story_book_find_other_end(e->book, &e->subject);

	e->has_other = other;
	if (other)
		e->other = *other;
}

static void choose(struct explain *e, const struct story *story)
{
	e->subject = *story;
	e->has_subject = true;
	find_other(e);
}

/* Takes it if it is what is asked for, or better than what there was. */
static void consider(struct explain *e, const struct story *story, uint64_t now_ns)
{
	const struct choice *choice = &e->options->explain.choice;
	const struct conn *c = &story->conn;
	bool is_seeded = c->flags & CONN_SEEDED && !choice_is_exact(choice);

	if (!c->step_count || is_embryo(c) || !choice_fits(choice, c) ||
	    conn_filter_judge(&e->options->filter, c, is_closed(c)) != FILTER_WANTED)
		return;
	if (choice_is_first(choice)) {
		if (e->has_subject && (!e->is_second_best || is_seeded))
			return;
		e->is_second_best = is_seeded;
		choose(e, story);
	} else if (choice_rank(choice, c, now_ns) > e->rank) {
		e->rank = choice_rank(choice, c, now_ns);
		choose(e, story);
	}
}

static void follow(struct explain *e, const struct story *story)
{
	if (e->has_subject && e->subject.conn.id == story->conn.id) {
		e->subject = *story;
		/* It may have learnt only now the numbers that tell. */
		if (!e->has_other || story_is_both_ends(story))
			find_other(e);
	} else if (e->has_subject && story_is_other_end(&e->subject, story)) {
		e->other = *story;
		e->has_other = true;
	}
	consider(e, story, 0);
}

static void on_applied(void *context, const struct conn *c, const struct event *event)
{
	struct explain *e = context;
	struct story *story = story_book_open(e->book, c);

	if (!story)
		return;
	story_add(story, c, event);
	follow(e, story);
}

/* Not every end has an event. */
static void on_change(void *context, const struct conn *c)
{
	struct explain *e = context;
	struct story *story = story_book_find(e->book, c->id);

	if (!story)
		return;
	story->conn = *c;
	follow(e, story);
}

static void on_half_open(void *context, const struct half_open *h)
{
	struct explain *e = context;
	struct story story;
	struct conn c;

	half_open_as_conn(h, &c);
	story_begin(&story, &c);
	consider(e, &story, 0);
}

struct conn_listener explain_listener(struct explain *explain)
{
	return (struct conn_listener){ .applied = on_applied,
				       .closed = on_change,
				       .gone = on_change,
				       .half_open = on_half_open,
				       .context = explain };
}

bool explain_is_over(const struct explain *explain, uint64_t now_ns, uint64_t *ret_again_ns)
{
	const struct conn *c = &explain->subject.conn;
	bool full = explain->options->trace.full;
	uint64_t end_ns = conn_end(c);

	*ret_again_ns = UINT64_MAX;
	if (!choice_is_first(&explain->options->explain.choice) || !explain->has_subject ||
	    explain->is_second_best || !is_over(c, full))
		return false;
	if (!explain->has_other)
		return true;
	if (is_over(&explain->other.conn, full) || end_ns == TIME_UNKNOWN)
		return true;
	if (full && conn_state(&explain->other.conn) == STATE_TIME_WAIT)
		return false;
	*ret_again_ns = end_ns + OTHER_GRACE_NS;
	return now_ns >= *ret_again_ns;
}

void explain_alive(struct explain *explain, const struct conn *c, uint64_t now_ns)
{
	struct story *story = story_book_find(explain->book, c->id);

	if (story)
		consider(explain, story, now_ns);
}

bool explain_print(struct explain *explain, const struct sink *sink,
		   const struct sink_settings *settings, struct buffer *out)
{
	static struct ladder ladder;
	const struct story *other = explain->has_other ? &explain->other : NULL;

	if (!explain->has_subject)
		return false;
	if (story_is_both_ends(&explain->subject))
		other = &explain->subject;
	ladder_make(&ladder, &explain->subject, other);
	sink->ladder(settings, out, &ladder);
	return true;
}

uint64_t explain_forgotten(const struct explain *explain)
{
	return story_book_forgotten(explain->book);
}

/* Of every cause that has this code: what it is called, and what it means. */
static int explain_code(const struct options *options)
{
	struct sink_settings settings;
	struct buffer out;
	int error;

	terminal_settings(options, &settings);
	buffer_init(&out);
	codes_add(&out, settings.columns, options->explain.code);
	error = buffer_flush(&out, STDOUT_FILENO);
	buffer_done(&out);
	if (!error || error == -EPIPE)
		return 0;
	log_error("standard output cannot be written: %s", strerror(-error));
	return 2;
}

static int run_explain(const struct options *options)
{
	return options->explain.code ? explain_code(options) : pipeline_run(options);
}

const struct command command_explain = { .run = run_explain };
