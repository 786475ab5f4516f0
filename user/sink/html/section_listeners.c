// SPDX-License-Identifier: GPL-2.0-only
/* Who listened, how many were accepted, and how long they had waited for that. */
#include <stdlib.h>
#include <string.h>

#include "user/sink/html/page.h"

#define ROWS 100 /* that are told of */
#define NAMES 4	 /* of those who share a place, before the rest is left to the reader */

static void add_name(const struct html_page *p, const char *comm)
{
	if (comm)
		html_add_text(p->out, comm, strnlen(comm, EVENT_COMM_SIZE));
	else
		html_raw(p, "-");
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strncmp(a, b, EVENT_COMM_SIZE) : a == b;
}

/* The numbers are of the place: all who listen there are named, each name once. */
static void add_owners(const struct html_page *p, const struct listening_row *row)
{
	const char *names[NAMES];
	struct listening_owner owner;
	size_t count = 0, i;

	html_raw(p, "<td>");
	for (;; row++) {
		listening_row_owner(row, &owner);
		for (i = 0; i < count && !is_same(names[i], owner.comm); i++)
			;
		if (i == NAMES) {
			html_raw(p, ", ..");
			break;
		}
		if (i == count) {
			html_raw(p, count ? ", " : "");
			add_name(p, owner.comm);
			names[count++] = owner.comm;
		}
		if (row->is_last)
			break;
	}
	html_raw(p, "</td>");
}

static void add_count(const struct html_page *p, bool is_known, uint64_t count)
{
	html_cell(p, is_known ? HTML_N(count) : HTML_S("-"));
}

static void add_row(const struct html_page *p, const struct listening_row *row)
{
	const struct listening_place *place = row->place;
	const struct listening_view *view = row->view;
	const struct histogram *wait = &place->wait;
	bool is_known = view->accepts_known && !view->is_part && !place->was_captured;
	char text[HTML_ENDPOINT_SIZE];

	html_row_begin(p);
	html_cell(p, HTML_S(html_endpoint(&place->laddr, place->lport, text)));
	add_owners(p, row);
	add_count(p, is_known, place->accepted);
	add_count(p, is_known && !view->owners_filtered, place->never_accepted);
	html_cell(p, HTML_T(wait->count ? histogram_quantile(wait, 0.5) : TIME_UNKNOWN));
	html_cell(p, HTML_T(wait->count ? histogram_quantile(wait, 0.99) : TIME_UNKNOWN));
	html_cell(p, HTML_T(wait->count ? wait->max : TIME_UNKNOWN));
	add_count(p, row->overflowed != UINT64_MAX, row->overflowed);
	html_row_end(p);
}

/* The busiest first; equal ones as they were. */
static int by_accepted(const void *a, const void *b)
{
	const struct listening_row *const *one = a, *const *other = b;
	uint64_t first = (*one)->place->accepted, second = (*other)->place->accepted;

	if (first != second)
		return first < second ? 1 : -1;
	return ((*one)->id > (*other)->id) - ((*one)->id < (*other)->id);
}

static void add_table(const struct html_page *p, const struct listening_row **rows, size_t count)
{
	static const enum html_phrase heads[] = { HTML_LISTENER,  HTML_PROCESS,
						  HTML_ACCEPTED,  HTML_NEVER_ACCEPTED,
						  HTML_WAIT_P50,  HTML_WAIT_P99,
						  HTML_WAIT_MOST, HTML_OVERFLOWED };

	html_table_begin(p, HTML_LISTENERS, HTML_TABLE_SORTED | HTML_TABLE_SEARCHED, heads,
			 sizeof(heads) / sizeof(*heads));
	for (size_t i = 0; i < count && i < ROWS; i++)
		add_row(p, rows[i]);
	html_table_end(p);
	if (count <= ROWS)
		return;
	html_raw(p, "<p>");
	HTML_SAY(p, MORE_LISTENERS, HTML_N(count - ROWS));
	html_raw(p, "</p>\n");
}

void html_section_listeners(const struct html_page *p)
{
	const struct report *r = p->report;
	const struct listening_row **sorted;
	struct listening_row *rows;
	size_t count = 0, places = 0;

	html_distribution(p, HISTOGRAM_ACCEPT_QUEUE, HTML_ACCEPT_WAIT);
	if (listening_rows_new(r->listening, &r->listening_view, &rows, &count)) {
		p->out->failed = true;
		return;
	}
	sorted = calloc(count + 1, sizeof(*sorted));
	/* Several sockets at one place share what it has counted. */
	for (size_t i = 0; sorted && i < count; i++)
		if (rows[i].is_first)
			sorted[places++] = &rows[i];
	if (places) {
		qsort(sorted, places, sizeof(*sorted), by_accepted);
		add_table(p, sorted, places);
	} else {
		html_raw(p, "<p>");
		HTML_SAY(p, NO_LISTENERS);
		html_raw(p, "</p>\n");
	}
	p->out->failed |= !sorted;
	free(sorted);
	free(rows);
}
