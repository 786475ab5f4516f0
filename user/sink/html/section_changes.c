// SPDX-License-Identifier: GPL-2.0-only
/* What differs from a run before by more than chance, and what does not. */
#include "user/sink/change.h"
#include "user/sink/html/page.h"

static void add_run(const struct html_page *p, const struct summary *sum, uint64_t failed)
{
	html_cell(p, HTML_N(sum->connections.opened));
	html_cell(p, HTML_N(sum->connections.closed));
	html_cell(p, HTML_N(failed));
	html_cell(p, HTML_T(sum->duration_ns));
	html_row_end(p);
}

static void add_runs(const struct html_page *p)
{
	static const enum html_phrase heads[] = { HTML_RUN, HTML_OPENED, HTML_CLOSED, HTML_FAILED,
						  HTML_LASTED };
	const struct report_comparison *c = &p->report->comparison;

	html_table_begin(p, HTML_TWO_RUNS, HTML_TABLE_PLAIN, heads, sizeof(heads) / sizeof(*heads));
	html_row_begin(p);
	html_raw(p, "<th scope=\"row\">");
	if (c->input)
		HTML_SAY(p, BEFORE_IN, HTML_S(c->input));
	else
		HTML_SAY(p, BEFORE);
	html_raw(p, "</th>");
	add_run(p, c->summary, c->failed);
	html_row_begin(p);
	html_head_cell(p, HTML_S(html_phrase(HTML_AFTER, p->language)));
	add_run(p, &p->report->summary, failure_set_count(p->report->failures));
	html_table_end(p);
}

/* Texts of numbers stand as numbers do. */
static void add_number(const struct html_page *p, const char *text)
{
	html_raw(p, "<td class=\"n\">");
	html_raw(p, text);
	html_raw(p, "</td>");
}

static void add_value(const struct html_page *p, enum quantity_unit unit, double value)
{
	char text[CHANGE_SIZE];

	if (unit == QUANTITY_NS && value >= 0)
		html_cell(p, HTML_T((uint64_t)value));
	else
		add_number(p, change_value(unit, value, text));
}

static const char *sure(const struct html_page *p, const struct difference_row *row,
			char text[CHANGE_SIZE])
{
	switch (row->verdict) {
	case DIFFERENCE_TOO_FEW:
		return html_phrase(HTML_TOO_FEW, p->language);
	case DIFFERENCE_UNKNOWN:
		return html_phrase(HTML_UNKNOWN, p->language);
	case DIFFERENCE_NONE:
		return html_phrase(HTML_NONE, p->language);
	default:
		return change_sure(row, text);
	}
}

static void add_rows(const struct html_page *p, enum html_phrase caption,
		     const struct difference_row *rows, size_t count)
{
	static const enum html_phrase heads[] = { HTML_MEASURE, HTML_BEFORE, HTML_AFTER,
						  HTML_CHANGED_BY, HTML_SURELY };
	char text[CHANGE_SIZE];

	/* They are in the order of how much they have changed, which no column has. */
	html_table_begin(p, caption, HTML_TABLE_SEARCHED, heads, sizeof(heads) / sizeof(*heads));
	for (size_t i = 0; i < count; i++) {
		html_row_begin(p);
		html_head_cell(p, HTML_S(rows[i].name));
		add_value(p, rows[i].unit, rows[i].old_value);
		add_value(p, rows[i].unit, rows[i].new_value);
		add_number(p, change_factor(change_of(&rows[i]), text));
		add_number(p, sure(p, &rows[i], text));
		html_row_end(p);
	}
	html_table_end(p);
}

static void add_tables(const struct html_page *p, const struct difference *d)
{
	size_t count, changes = 0;
	const struct difference_row *rows = difference_rows(d, &count);

	while (changes < count && change_is(&rows[changes]))
		changes++;
	if (changes) {
		html_factors(p, rows, changes);
		add_rows(p, HTML_CHANGED_NUMBERS, rows, changes);
	}
	if (changes == count)
		return;
	html_raw(p, "<details><summary>");
	HTML_SAY(p, OTHER_NUMBERS);
	html_raw(p, "</summary>\n");
	add_rows(p, HTML_OTHER_NUMBERS, rows + changes, count - changes);
	html_raw(p, "</details>\n");
}

static void say_verdict(const struct html_page *p, const struct difference *d)
{
	size_t changes =
		difference_count(d, DIFFERENCE_MORE) + difference_count(d, DIFFERENCE_LESS);
	size_t none = difference_count(d, DIFFERENCE_NONE);

	html_raw(p, "<p>");
	if (changes)
		HTML_SAY(p, SOME_CHANGED, HTML_N(changes), HTML_N(changes + none));
	else if (none)
		HTML_SAY(p, NONE_CHANGED, HTML_N(none));
	else
		HTML_SAY(p, TOO_LITTLE);
	html_raw(p, "</p>\n");
}

/* Of this run the page has its own section. */
static void say_flaws(const struct html_page *p, const struct summary *old)
{
	uint64_t lost = event_counters_lost(&old->events) + summary_unseen(old);

	if (lost) {
		html_raw(p, "<p>");
		HTML_SAY(p, BEFORE_LOST, HTML_N(lost));
		html_raw(p, "</p>\n");
	}
	if (old->connections.evicted) {
		html_raw(p, "<p>");
		HTML_SAY(p, BEFORE_EVICTED, HTML_N(old->connections.evicted));
		html_raw(p, "</p>\n");
	}
}

static void say_families(const struct html_page *p, const struct summary *old)
{
	const char *family;
	size_t at = 0;

	while ((family = difference_next_family(old, &p->report->summary, &at))) {
		html_raw(p, "<p>");
		HTML_SAY(p, ONLY_ONE_FOLLOWS, HTML_S(family));
		html_raw(p, "</p>\n");
	}
}

void html_section_changes(const struct html_page *p)
{
	const struct report_comparison *c = &p->report->comparison;

	if (!c->difference) {
		html_raw(p, "<p>");
		HTML_SAY(p, NOT_COMPARED);
		html_raw(p, "</p>\n");
		return;
	}
	html_raw(p, "<p>");
	HTML_SAY(p, CHANGES_ABOUT);
	html_raw(p, "</p>\n");
	add_runs(p);
	say_verdict(p, c->difference);
	add_tables(p, c->difference);
	if (c->filters_differ) {
		html_raw(p, "<p>");
		HTML_SAY(p, FILTERS_DIFFER);
		html_raw(p, "</p>\n");
	}
	say_families(p, c->summary);
	say_flaws(p, c->summary);
}
