// SPDX-License-Identifier: GPL-2.0-only
/* Beneath histograms: the stays in a state that are not over, which no histogram has. */
#include <stdio.h>

#include "user/aggregate/staying.h"
#include "user/base/text.h"
#include "user/sink/sink.h"
#include "user/sink/text/columns.h"
#include "user/sink/text/histograms_phrase.h"

#define INDENT "  "
#define STATE_WIDTH 11
#define NUMBER_WIDTH 8

struct rows {
	struct buffer *out;
	enum ladder_language language;
	bool begun;
};

static void add_header(const struct rows *rows)
{
	struct columns l;

	buffer_addf(rows->out, "\n%s\n" INDENT,
		    histograms_phrase_text(HISTOGRAMS_SAYS_STAYING, rows->language));
	columns_begin(&l, rows->out);
	columns_left(&l, STATE_WIDTH, "STATE");
	columns_right(&l, NUMBER_WIDTH, "COUNT");
	columns_right(&l, NUMBER_WIDTH, "OLDEST");
	columns_end(&l);
}

static void add_row(void *context, const struct staying_row *row)
{
	char text[COLUMNS_TEXT_SIZE], age[COLUMNS_TEXT_SIZE + 1];
	const struct staying *s = row->staying;
	struct rows *rows = context;
	struct columns l;

	if (!rows->begun)
		add_header(rows);
	rows->begun = true;
	snprintf(age, sizeof(age), "%s%s", s->is_older && s->oldest_ns != TIME_UNKNOWN ? ">" : "",
		 text_duration(s->oldest_ns, text));
	buffer_add_text(rows->out, INDENT);
	columns_begin(&l, rows->out);
	columns_left(&l, STATE_WIDTH, state_name(row->state));
	columns_right(&l, NUMBER_WIDTH, columns_number(true, s->count, text));
	columns_right(&l, NUMBER_WIDTH, age);
	columns_end(&l);
}

void sink_staying_words(struct buffer *out, const struct staying staying[STATE_COUNT],
			uint32_t only, enum ladder_language language)
{
	struct rows rows = { out, language, false };

	staying_each(staying, only, add_row, &rows);
}
