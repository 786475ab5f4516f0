// SPDX-License-Identifier: GPL-2.0-only
/* Follows one of two runs, and keeps what a comparison takes. */
#include "user/command/compared.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/command/complaints.h"
#include "user/option/filter_text.h"
#include "user/run/account.h"
#include "user/run/complaints.h"
#include "user/run/flaw.h"
#include "user/source/part.h"

#define FILTER_LINES 1024 /* that are looked at */

struct compared *compared_new(const struct options *options, const char *input)
{
	struct compared *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->options = *options;
	c->options.inputs[0] = input;
	c->options.input_count = input != NULL;
	buffer_init(&c->filters);
	c->portions = portions_new();
	c->failures = failure_set_new(options->hist.top);
	if (c->portions && c->failures)
		return c;
	compared_free(c);
	return NULL;
}

void compared_free(struct compared *c)
{
	if (!c)
		return;
	portions_free(c->portions);
	failure_set_free(c->failures);
	buffer_done(&c->filters);
	free(c);
}

bool compared_can_read(const char *input)
{
	if (!strcmp(input, REPLAY_STDIN) || !access(input, R_OK))
		return true;
	flaw_complain(&(struct replay_flaw){ .path = input, .error = -errno }, false);
	return false;
}

bool compared_is_readable(const char *input)
{
	struct replay_flaw flaw = { .path = input };
	const char *what;

	if (!compared_can_read(input))
		return false;
	flaw.error = part_judge(input, &what);
	if (!flaw.error && !what)
		return true;
	if (what)
		snprintf(flaw.what, sizeof(flaw.what), "%s", what);
	flaw_complain(&flaw, false);
	return false;
}

/* What makes no difference from run to run is left out of a line; NULL: all of it. */
static char *plain_line(char *line)
{
	static const char *const numbers[] = { "pid ", "cgroup " };

	if (!*line || !strncmp(line, "netns ", 6) || !strncmp(line, "sample ", 7))
		return NULL;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!strncmp(line, numbers[i], strlen(numbers[i])))
			line[strlen(numbers[i])] = '\0';
	return line;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_sorted(struct buffer *out, char **lines, size_t count)
{
	qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < count; i++)
		if (!i || strcmp(lines[i], lines[i - 1]) != 0)
			buffer_addf(out, "%s\n", lines[i]);
}

void compared_read_filters(const struct conn_filter *filter, struct buffer *filters)
{
	char *lines[FILTER_LINES], *rest, *line;
	struct buffer text;
	size_t count = 0;

	buffer_init(&text);
	for (const struct conn_filter *f = filter; f; f = f->also) {
		filter_text_add(&text, f);
		if (f->is_judged)
			buffer_add_text(&text, "cgroup \n");
	}
	buffer_add_char(&text, '\0');
	rest = text.failed ? NULL : text.bytes;
	while (rest && count < FILTER_LINES && (line = strsep(&rest, "\n"))) {
		lines[count] = plain_line(line);
		count += lines[count] != NULL;
	}
	add_sorted(filters, lines, count);
	buffer_done(&text);
}

bool compared_filters_differ(const struct buffer *old, const struct buffer *new)
{
	if (old->size == new->size && (!old->size || !memcmp(old->bytes, new->bytes, old->size)))
		return false;
	COMMAND_COMPLAIN(FILTERS_DIFFER);
	return true;
}

static int begin(void *context, struct run *run)
{
	const struct compared *c = context;

	portions_begin(c->portions, run->settings.start_mono_ns);
	return 0;
}

static void finish(void *context, struct run *run)
{
	struct compared *c = context;

	account_read(run, &c->summary);
	/* What they point to ends with the run. */
	memset(c->summary.payers, 0, sizeof(c->summary.payers));
	c->summary.failures_lost = failure_set_lost(c->failures);
	c->summary.values_lost = c->portions->lost;
	portions_end(c->portions);
	compared_read_filters(&run->filter, &c->filters);
	c->is_over = true;
	if (c->over)
		c->over(c->context, run);
}

int compared_follow(struct compared *c, enum rights_role role, const char *reads_later)
{
	struct consumer *consumers[] = { failure_set_consumer(c->failures),
					 portions_consumer(c->portions) };
	const struct task task = {
		.consumers = { consumers, 2 },
		.role = role,
		.reads_later = reads_later,
		.doing = &run_complaints[RUN_COMPLAINT_DOING_TRACE],
		.is_silent = true,
		.begin = begin,
		.finish = finish,
		.context = c,
	};

	return run_follow(&c->options, &task);
}

struct difference_side compared_side(const struct compared *c)
{
	return (struct difference_side){ c->portions, c->failures, &c->summary };
}
