// SPDX-License-Identifier: GPL-2.0-only
/* TIME_WAIT: how long it lasted and what ended it, and which ports it kept. */
#include "user/sink/html/page.h"

#define PLACES 20 /* destinations that are told of */

static void add_ends(const struct html_page *p)
{
	static const enum html_phrase heads[] = { HTML_END_OF_IT, HTML_COUNT, HTML_SHARE_OF_ALL };
	const struct histogram_row *row = &p->rows->row[HISTOGRAM_TIME_WAIT];
	uint64_t all = 0;

	for (unsigned int i = 0; row->tally && i < row->tally->size; i++)
		all += row->counts[i];
	if (!all)
		return;
	html_table_begin(p, HTML_WHAT_ENDED_IT, HTML_TABLE_SORTED, heads,
			 sizeof(heads) / sizeof(*heads));
	for (unsigned int i = 0; i < row->tally->size; i++) {
		const char *name = row->tally->class_name(i);

		if (!row->counts[i])
			continue;
		html_row_begin(p);
		html_head_cell(p, HTML_S(name ? name : html_phrase(HTML_UNKNOWN, p->language)));
		html_cell(p, HTML_N(row->counts[i]));
		html_cell(p, HTML_SHARE(row->counts[i], all));
		html_row_end(p);
	}
	html_table_end(p);
}

static void add_places(const struct html_page *p)
{
	static const enum html_phrase heads[] = { HTML_REMOTE, HTML_LOCAL, HTML_PORTS_AT_A_TIME,
						  HTML_OF_USUAL, HTML_CONNECTIONS };
	const struct crowding_place *all;
	size_t count = crowding_sort(p->report->crowding, &all);
	uint64_t left_out = crowding_left_out(p->report->crowding);
	char text[HTML_ENDPOINT_SIZE], address[ADDRESS_TEXT_SIZE];

	if (!count)
		return;
	html_raw(p, "<p>");
	HTML_SAY(p, PORTS_ABOUT, HTML_N(CROWDING_USUAL_PORTS));
	html_raw(p, "</p>\n");
	html_table_begin(p, HTML_PORTS_USED, HTML_TABLE_SORTED | HTML_TABLE_SEARCHED, heads,
			 sizeof(heads) / sizeof(*heads));
	for (size_t i = 0; i < count && i < PLACES; i++) {
		html_row_begin(p);
		html_cell(p, HTML_S(html_endpoint(&all[i].raddr, all[i].rport, text)));
		html_cell(p, HTML_S(address_format(&all[i].laddr, address)));
		html_cell(p, HTML_N(all[i].most));
		html_raw(p, "<td class=\"n\">");
		buffer_addf(p->out,
			    "<meter min=\"0\" max=\"%d\" value=\"%llu\" high=\"%d\"></meter> ",
			    CROWDING_USUAL_PORTS, (unsigned long long)all[i].most,
			    CROWDING_USUAL_PORTS * 4 / 5);
		html_add_word(p->out, HTML_IN_PAGE, &HTML_SHARE(all[i].most, CROWDING_USUAL_PORTS));
		html_raw(p, "</td>");
		html_cell(p, HTML_N(all[i].all));
		html_row_end(p);
	}
	html_table_end(p);
	if (count <= PLACES && !left_out)
		return;
	for (size_t i = PLACES; i < count; i++)
		left_out += all[i].all;
	html_raw(p, "<p>");
	HTML_SAY(p, PORTS_OTHERS, HTML_N(left_out));
	html_raw(p, "</p>\n");
}

void html_section_time_wait(const struct html_page *p)
{
	html_distribution(p, HISTOGRAM_TIME_WAIT, HTML_HOW_LONG);
	add_ends(p);
	add_places(p);
}
