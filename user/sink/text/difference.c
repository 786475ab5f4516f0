// SPDX-License-Identifier: GPL-2.0-only
/* Prints what differs between two runs as a table, and how sure that is. */
#include "user/sink/text/difference.h"

#include <stdio.h>
#include <string.h>

#include "user/base/sentence.h"
#include "user/base/text.h"
#include "user/sink/change.h"
#include "user/sink/text/columns.h"
#include "user/sink/text/difference_phrase.h"
#include "user/sink/text/phrase.h"

#define COLUMNS_LEAST 64
#define NAME_COLUMNS 44 /* holds all names but few */
#define VALUE_COLUMNS 8
#define CHANGE_COLUMNS 7
#define SURE_COLUMNS 9
#define INDENT 2
#define PERCENT_SIZE 32
#define SHOWN_CHANGES 20 /* unless --wide */
#define SHOWN_FILE 40
#define CUT_MARK ".."

static unsigned int columns_of(const struct sink_settings *s)
{
	return s->columns < COLUMNS_LEAST ? COLUMNS_LEAST : s->columns;
}

const char *difference_phrase_text(enum difference_phrase phrase, enum ladder_language language)
{
	static const char *const texts[][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, en, zh) [DIFFERENCE_SAYS_##NAME] = { en, zh },
		DIFFERENCE_PHRASES(X)
#undef X
	};

	return language_pick(texts, DIFFERENCE_PHRASE_COUNT, phrase, language);
}

#define SAYS(NAME) DIFFERENCE_SAYS_##NAME

/* A piece, and what its holes are filled with: .n = 3. */
#define ADD(s, line, phrase, ...)                                         \
	sentence_add(line, difference_phrase_text(phrase, (s)->language), \
		     &(struct sentence_words){ __VA_ARGS__ })

/* What was said is a paragraph. */
static void end(const struct sink_settings *s, struct buffer *out, struct buffer *line)
{
	if (line->failed)
		out->failed = true;
	else
		phrase_add_hanging(out, line->bytes, line->size, INDENT, columns_of(s));
	buffer_done(line);
}

/* A sentence, and what its holes are filled with. */
#define SAY(s, out, NAME, ...) SAY_EITHER(s, out, SAYS(NAME), __VA_ARGS__)
#define SAY_EITHER(s, out, phrase, ...)             \
	do {                                        \
		struct buffer line;                 \
		buffer_init(&line);                 \
		ADD(s, &line, phrase, __VA_ARGS__); \
		end(s, out, &line);                 \
	} while (0)
/* A number of things, of which there is one, or are many. */
#define COUNT(s, out, count, NAME, ...) \
	SAY_EITHER(s, out, (count) == 1 ? SAYS(NAME##_ONE) : SAYS(NAME), .n = (count), __VA_ARGS__)

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
		COUNT(s, out, changes - shown, MORE);
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
	if (changes == 1 && !none)
		SAY(s, out, CHANGED_ALONE);
	else if (changes)
		COUNT(s, out, changes, CHANGED, .m = changes + none);
	else if (none)
		COUNT(s, out, none, UNCHANGED);
	else
		SAY(s, out, TOO_LITTLE);
	if (few && (changes || none))
		COUNT(s, out, few, TOO_FEW);
	if (unknown)
		COUNT(s, out, unknown, ONE_SIDE);
}

/* Of a long one the end is shown: what two recordings differ by stands there. */
static void add_file(struct buffer *out, const char *name)
{
	size_t size = strlen(name), room = SHOWN_FILE;

	if (size > room) {
		buffer_add_text(out, CUT_MARK);
		room -= strlen(CUT_MARK);
		name += size - room;
		/* Not within a character. */
		while (((unsigned char)*name & 0xc0) == 0x80)
			name++;
	}
	text_add_escaped(out, name, strlen(name), room);
}

static void print_side(const struct sink_settings *s, struct buffer *out, const char *title,
		       const struct difference_told *told)
{
	const struct conn_counts *c = &told->summary->connections;
	const char *name = told->input;
	char duration[TEXT_DURATION_SIZE];
	struct buffer file, line;

	if (!name)
		name = difference_phrase_text(DIFFERENCE_SAYS_NOW, s->language);
	buffer_init(&file);
	buffer_init(&line);
	add_file(&file, name);
	buffer_add_char(&file, '\0');
	ADD(s, &line, SAYS(SIDE), .w = title, .v = file.failed ? "-" : file.bytes);
	text_duration(told->summary->duration_ns, duration);
	ADD(s, &line, SAYS(LIVES), .n = c->opened, .m = c->closed, .k = told->failed,
	    .w = duration);
	end(s, out, &line);
	buffer_done(&file);
}

static void print_flaws(const struct sink_settings *s, struct buffer *out, const char *title,
			const struct difference_told *told)
{
	const struct summary *sum = told->summary;
	uint64_t lost = event_counters_lost(&sum->events) + summary_unseen(sum);
	double followed = summary_sampling_ratio(sum);
	char percent[PERCENT_SIZE];

	if (lost)
		COUNT(s, out, lost, HAS_LOST, .w = title);
	if (sum->connections.evicted)
		COUNT(s, out, sum->connections.evicted, FORGOTTEN, .w = title);
	snprintf(percent, sizeof(percent), "%.3g", followed * 100);
	if (followed >= 0 && followed < 1)
		SAY(s, out, FOLLOWED, .w = title, .v = percent);
}

/* A family that tells of causes, and that only one of them had. */
static void print_families(const struct sink_settings *s, struct buffer *out,
			   const struct difference_told *old, const struct difference_told *new)
{
	const char *family;
	size_t at = 0;

	while ((family = difference_next_family(old->summary, new->summary, &at)))
		SAY(s, out, FAMILY, .w = summary_follows(old->summary, family) ? "OLD" : "NEW",
		    .v = family);
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
