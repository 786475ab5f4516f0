/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sections of a page share: where it goes, what it is about, in which language. */
#ifndef USER_SINK_HTML_PAGE_H
#define USER_SINK_HTML_PAGE_H

#include "user/aggregate/report.h"
#include "user/sink/html/words.h"
#include "user/sink/sink.h"

struct html_page {
	struct buffer *out;
	const struct sink_settings *settings;
	const struct report *report;
	const struct report_rows *rows;
	enum ladder_language language;
};

/* X(name, TITLE): in the order of the page; `name` is the anchor, TITLE its heading. */
#define HTML_SECTIONS(X)          \
	X(verdict, VERDICT)       \
	X(changes, CHANGES)       \
	X(measured, MEASURED)     \
	X(machine, MACHINE)       \
	X(timeline, TIMELINE)     \
	X(handshakes, HANDSHAKES) \
	X(heat, HEAT)             \
	X(failures, FAILURES)     \
	X(ladders, LADDERS)       \
	X(stuck, STUCK_AND_LEAKS) \
	X(time_wait, TIME_WAITS)  \
	X(listeners, LISTENERS)   \
	X(parties, PARTIES)       \
	X(method, METHOD)

/* Each adds what stands beneath the heading. */
#define X(name, title) void html_section_##name(const struct html_page *p);
HTML_SECTIONS(X)
#undef X

static inline void html_raw(const struct html_page *p, const char *markup)
{
	buffer_add_text(p->out, markup);
}

#define HTML_WORDS(...) ((const struct html_word[]){ { 0 }, __VA_ARGS__ } + 1)
#define HTML_WORD_COUNT(...) \
	(sizeof((const struct html_word[]){ { 0 }, __VA_ARGS__ }) / sizeof(struct html_word) - 1)
/* A sentence of the table with what fills it. */
#define HTML_SAY(p, NAME, ...)                                                                \
	html_say((p)->out, HTML_IN_PAGE, (p)->language, HTML_##NAME, HTML_WORDS(__VA_ARGS__), \
		 HTML_WORD_COUNT(__VA_ARGS__))
#define HTML_SAY_SVG(p, NAME, ...)                                                           \
	html_say((p)->out, HTML_IN_SVG, (p)->language, HTML_##NAME, HTML_WORDS(__VA_ARGS__), \
		 HTML_WORD_COUNT(__VA_ARGS__))

/* ---- tables ---------------------------------------------------------------------------------- */

/* What script lets people do with a table. */
enum html_table { HTML_TABLE_PLAIN = 0, HTML_TABLE_SORTED = 1 << 0, HTML_TABLE_SEARCHED = 1 << 1 };

/* Begins a table with that caption, up to its first heading; headings are NULL-terminated. */
void html_table_begin(const struct html_page *p, enum html_phrase caption, unsigned int kind,
		      const enum html_phrase *headings, size_t count);
void html_table_end(const struct html_page *p);
void html_row_begin(const struct html_page *p);
void html_row_end(const struct html_page *p);
/* A cell: numbers stand to the right, texts to the left. */
void html_cell(const struct html_page *p, struct html_word word);
/* One that a row is called by. */
void html_head_cell(const struct html_page *p, struct html_word word);

/* One with the process of its owner. */
void html_owner_cell(const struct html_page *p, const struct conn *c);

/* "2026-01-02 03:04:05 UTC": nanoseconds are for machines. */
#define HTML_TIME_SIZE (CLOCK_ISO_SIZE + 8)
const char *html_time(const struct sink_settings *s, uint64_t mono_ns, char text[HTML_TIME_SIZE]);

/* The histogram of the time spent in a state; NULL: it has none. */
const struct histogram_row *html_dwell(const struct html_page *p, enum tcp_state state);

/* The median, and so on; TIME_UNKNOWN: there are no values. */
uint64_t html_quantile(const struct histogram_row *row, double part);

/* Both figures of a histogram beneath a heading, or that there is nothing to show. */
void html_distribution(const struct html_page *p, enum histogram_id id, enum html_phrase title);

/* By which factors these have changed. */
void html_factors(const struct html_page *p, const struct difference_row *rows, size_t count);

/* A ladder, as a figure with the sentences beneath it. */
void html_ladder(const struct html_page *p, const struct ladder *l);

#endif
