// SPDX-License-Identifier: GPL-2.0-only
/* Tables: whole without script, which may sort and search them. */
#include "user/sink/fact.h"
#include "user/sink/html/page.h"
#include "user/sink/owner.h"

void html_table_begin(const struct html_page *p, enum html_phrase caption, unsigned int kind,
		      const enum html_phrase *headings, size_t count)
{
	const char *text = html_phrase(caption, p->language);

	/* What is wider than a screen is scrolled, by keyboard as well. */
	html_raw(p, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
	html_raw(p, text);
	html_raw(p, "\"><table class=\"");
	html_raw(p, kind & HTML_TABLE_SORTED ? "sort" : "");
	html_raw(p, kind & HTML_TABLE_SEARCHED ? " search" : "");
	html_raw(p, "\"><caption>");
	html_raw(p, text);
	html_raw(p, "</caption>\n<thead><tr>");
	for (size_t i = 0; i < count; i++) {
		html_raw(p, "<th scope=\"col\">");
		html_raw(p, html_phrase(headings[i], p->language));
		html_raw(p, "</th>");
	}
	html_raw(p, "</tr></thead>\n<tbody>\n");
}

void html_table_end(const struct html_page *p)
{
	html_raw(p, "</tbody></table></div>\n");
}

void html_row_begin(const struct html_page *p)
{
	html_raw(p, "<tr>");
}

void html_row_end(const struct html_page *p)
{
	html_raw(p, "</tr>\n");
}

void html_cell(const struct html_page *p, struct html_word word)
{
	html_raw(p, word.kind == HTML_WORD_TEXT ? "<td>" : "<td class=\"n\">");
	html_add_word(p->out, HTML_IN_PAGE, &word);
	html_raw(p, "</td>");
}

void html_head_cell(const struct html_page *p, struct html_word word)
{
	html_raw(p, "<th scope=\"row\">");
	html_add_word(p->out, HTML_IN_PAGE, &word);
	html_raw(p, "</th>");
}

void html_owner_cell(const struct html_page *p, const struct conn *c)
{
	struct owner_name owner;

	html_raw(p, "<td>");
	if (fact_has_owner(c)) {
		owner = owner_service_of(c);
		if (owner.is_listeners)
			buffer_add_char(p->out, OWNER_MARK);
		html_add_text(p->out, owner.comm, owner.size);
	} else {
		html_raw(p, OWNER_UNKNOWN);
	}
	html_raw(p, "</td>");
}

const struct histogram_row *html_dwell(const struct html_page *p, enum tcp_state state)
{
	static const uint8_t ids[STATE_COUNT] = {
		[STATE_SYN_SENT] = HISTOGRAM_SYN_SENT,
		[STATE_SYN_RECV] = HISTOGRAM_SYN_RECV,
		[STATE_ESTABLISHED] = HISTOGRAM_ESTABLISHED,
		[STATE_FIN_WAIT1] = HISTOGRAM_FIN_WAIT1,
		[STATE_FIN_WAIT2] = HISTOGRAM_FIN_WAIT2,
		[STATE_CLOSE_WAIT] = HISTOGRAM_CLOSE_WAIT,
		[STATE_CLOSING] = HISTOGRAM_CLOSING,
		[STATE_LAST_ACK] = HISTOGRAM_LAST_ACK,
		[STATE_TIME_WAIT] = HISTOGRAM_TIME_WAIT,
	};

	return (unsigned int)state < STATE_COUNT && ids[state] ? &p->rows->row[ids[state]] : NULL;
}

uint64_t html_quantile(const struct histogram_row *row, double part)
{
	return row && row->histogram->count ? histogram_quantile(row->histogram, part) :
					      TIME_UNKNOWN;
}
