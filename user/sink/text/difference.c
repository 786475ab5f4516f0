// SPDX-License-Identifier: GPL-2.0-only
/* Prints what differs between two runs as a table, and how sure that is. */
#include "user/sink/text/difference.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "user/base/text.h"
#include "user/sink/change.h"
#include "user/sink/text/columns.h"

#define COLUMNS_LEAST 64
#define NAME_COLUMNS 44 /* holds all names but few */
#define VALUE_COLUMNS 8
#define CHANGE_COLUMNS 7
#define SURE_COLUMNS 9
#define SENTENCE_SIZE 512
#define SHOWN_CHANGES 20 /* unless --wide */
#define SHOWN_FILE 40

typedef unsigned long long ull;

static unsigned int columns_of(const struct sink_settings *s)
{
	return s->columns < COLUMNS_LEAST ? COLUMNS_LEAST : s->columns;
}

static void __attribute__((format(printf, 3, 4)))
say(const struct sink_settings *s, struct buffer *out, const char *format, ...)
{
	char sentence[SENTENCE_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	columns_paragraph(out, columns_of(s), 0, 2, sentence, strlen(sentence));
}

static size_t name_columns(const struct sink_settings *s)
{
	size_t others = 2 * (VALUE_COLUMNS + 1) + CHANGE_COLUMNS + 1 + SURE_COLUMNS + 1;
	size_t left = columns_of(s) - others;

	return left < NAME_COLUMNS ? left : NAME_COLUMNS;
}

static void print_line(struct buffer *out, size_t width, const char *name, const char *const *cells)
{
	struct columns l;

	columns_begin(&l, out);
	columns_left(&l, width, name);
	columns_right(&l, VALUE_COLUMNS, cells[0]);
	columns_right(&l, VALUE_COLUMNS, cells[1]);
	columns_right(&l, CHANGE_COLUMNS, cells[2]);
	columns_right(&l, SURE_COLUMNS, cells[3]);
	columns_end(&l);
}

static void print_row(const struct sink_settings *s, struct buffer *out,
		      const struct difference_row *row)
{
	char old[CHANGE_SIZE], new[CHANGE_SIZE], change[CHANGE_SIZE], sure[CHANGE_SIZE];
	const char *const cells[] = { change_value(row->unit, row->old_value, old),
				      change_value(row->unit, row->new_value, new),
				      change_factor(change_of(row), change),
				      change_sure(row, sure) };

	print_line(out, name_columns(s), row->name, cells);
}

/* Changes come first; the others are for --wide. */
static void print_rows(const struct sink_settings *s, struct buffer *out,
		       const struct difference *difference)
{
	static const char *const titles[] = { "OLD", "NEW", "CHANGE", "AT LEAST" };
	size_t count, changes = 0, shown = 0;
	const struct difference_row *rows = difference_rows(difference, &count);

	while (changes < count && change_is(&rows[changes]))
		changes++;
	if (!changes && !s->wide)
		return;
	buffer_add_char(out, '\n');
	print_line(out, name_columns(s), "WHAT", titles);
	for (; shown < count && (s->wide || (shown < changes && shown < SHOWN_CHANGES)); shown++)
		print_row(s, out, &rows[shown]);
	if (shown < changes)
		say(s, out, "%zu more have changed: --wide has them.", changes - shown);
}

static void print_verdict(const struct sink_settings *s, struct buffer *out,
			  const struct difference *difference)
{
	size_t changes = difference_count(difference, DIFFERENCE_MORE) +
			 difference_count(difference, DIFFERENCE_LESS);
	size_t none = difference_count(difference, DIFFERENCE_NONE);
	size_t few = difference_count(difference, DIFFERENCE_TOO_FEW);
	size_t unknown = difference_count(difference, DIFFERENCE_UNKNOWN);

	buffer_add_char(out, '\n');
	if (changes)
		say(s, out, "%zu of %zu numbers have changed by more than chance would have it.",
		    changes, changes + none);
	else if (none)
		say(s, out,
		    "No change: none of %zu numbers differs by more than chance would have it.",
		    none);
	else
		say(s, out, "No change can be told: there is too little to compare.");
	if (few && (changes || none))
		say(s, out, "Of %zu others there are too few to tell.", few);
	if (unknown)
		say(s, out, "%zu cannot be compared, for only one side was followed for them.",
		    unknown);
}

static void print_side(const struct sink_settings *s, struct buffer *out, const char *title,
		       const struct difference_told *told)
{
	const struct conn_counts *c = &told->summary->connections;
	char duration[TEXT_DURATION_SIZE];
	struct buffer file;

	buffer_init(&file);
	text_add_escaped(&file, told->input ? told->input : "now",
			 strlen(told->input ? told->input : "now"), SHOWN_FILE);
	buffer_add_char(&file, '\0');
	say(s, out, "%s  %s: %llu opened, %llu closed, %llu failed in %s", title,
	    file.failed ? "-" : file.bytes, (ull)c->opened, (ull)c->closed, (ull)told->failed,
	    text_duration(told->summary->duration_ns, duration));
	buffer_done(&file);
}

static void print_flaws(const struct sink_settings *s, struct buffer *out, const char *title,
			const struct difference_told *told)
{
	const struct summary *sum = told->summary;
	uint64_t lost = event_counters_lost(&sum->events) + summary_unseen(sum);
	double followed = summary_sampling_ratio(sum);

	if (lost)
		say(s, out,
		    "warning: %s has lost %llu events: connections are missing or incomplete "
		    "there, and counts are too low.",
		    title, (ull)lost);
	if (sum->connections.evicted)
		say(s, out, "warning: %s has forgotten %llu connections for lack of room.", title,
		    (ull)sum->connections.evicted);
	if (followed >= 0 && followed < 1)
		say(s, out, "%s has followed %.3g%% of its connections; rates are of all.", title,
		    followed * 100);
}

/* A family that tells of causes, and that only one of them had. */
static void print_families(const struct sink_settings *s, struct buffer *out,
			   const struct difference_told *old, const struct difference_told *new)
{
	for (size_t i = 0; i < old->summary->hook_count; i++) {
		const char *family = old->summary->hooks[i].family;
		bool has_old = summary_follows(old->summary, family);
		bool has_new = summary_follows(new->summary, family);

		if (has_old != has_new)
			say(s, out,
			    "Only %s has hooks of the family %s: what that tells of differs.",
			    has_old ? "OLD" : "NEW", family);
	}
}

void text_difference(const struct sink_settings *s, struct buffer *out,
		     const struct difference *difference, const struct difference_told *old,
		     const struct difference_told *new)
{
	print_side(s, out, "OLD", old);
	print_side(s, out, "NEW", new);
	print_rows(s, out, difference);
	print_verdict(s, out, difference);
	print_families(s, out, old, new);
	print_flaws(s, out, "OLD", old);
	print_flaws(s, out, "NEW", new);
}
