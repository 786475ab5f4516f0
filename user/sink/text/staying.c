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

/* As connections go through them, and what has the stays that are over. */
static const struct {
	uint8_t state, histogram;
} order[] = {
#define X(NAME)                                \
	{                                      \
		STATE_##NAME, HISTOGRAM_##NAME \
	}
	X(SYN_SENT),   X(SYN_RECV), X(ESTABLISHED), X(FIN_WAIT1), X(FIN_WAIT2),
	X(CLOSE_WAIT), X(CLOSING),  X(LAST_ACK),    X(TIME_WAIT),
#undef X
};

static void add_row(struct buffer *out, enum tcp_state state, const struct staying *s)
{
	char text[COLUMNS_TEXT_SIZE], age[COLUMNS_TEXT_SIZE + 1];
	struct columns l;

	snprintf(age, sizeof(age), "%s%s", s->is_older && s->oldest_ns != TIME_UNKNOWN ? ">" : "",
		 text_duration(s->oldest_ns, text));
	buffer_add_text(out, INDENT);
	columns_begin(&l, out);
	columns_left(&l, STATE_WIDTH, state_name(state));
	columns_right(&l, NUMBER_WIDTH, columns_number(true, s->count, text));
	columns_right(&l, NUMBER_WIDTH, age);
	columns_end(&l);
}

void sink_staying_words(struct buffer *out, const struct staying staying[STATE_COUNT],
			uint32_t only, enum ladder_language language)
{
	bool begun = false;
	struct columns l;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		enum tcp_state state = (enum tcp_state)order[i].state;

		if (!staying[state].count || (only && !(only >> order[i].histogram & 1)))
			continue;
		if (!begun) {
			buffer_addf(out, "\n%s\n" INDENT,
				    histograms_phrase_text(HISTOGRAMS_SAYS_STAYING, language));
			columns_begin(&l, out);
			columns_left(&l, STATE_WIDTH, "STATE");
			columns_right(&l, NUMBER_WIDTH, "COUNT");
			columns_right(&l, NUMBER_WIDTH, "OLDEST");
			columns_end(&l);
			begun = true;
		}
		add_row(out, state, &staying[state]);
	}
}
