// SPDX-License-Identifier: GPL-2.0-only
/* How long handshakes took, and a table of everything that took time. */
#include "user/sink/html/page.h"

static void add_table(const struct html_page *p)
{
	static const enum html_phrase heads[] = { HTML_MEASURE, HTML_COUNT, HTML_UNMEASURED,
						  HTML_LEAST,	HTML_P50,   HTML_P90,
						  HTML_P99,	HTML_P999,  HTML_MOST,
						  HTML_MEAN };

	html_table_begin(p, HTML_ALL_TIMES, HTML_TABLE_SORTED, heads,
			 sizeof(heads) / sizeof(*heads));
	for (unsigned int id = 0; id < HISTOGRAM_COUNT; id++) {
		const struct histogram_row *row = &p->rows->row[id];
		const struct histogram *h = row->histogram;

		if (!row->name || (!h->count && !row->unknown))
			continue;
		html_row_begin(p);
		html_head_cell(p, HTML_S(row->name));
		html_cell(p, HTML_N(h->count));
		html_cell(p, HTML_N(row->unknown));
		html_cell(p, HTML_T(h->count ? h->min : TIME_UNKNOWN));
		html_cell(p, HTML_T(html_quantile(row, 0.5)));
		html_cell(p, HTML_T(html_quantile(row, 0.9)));
		html_cell(p, HTML_T(html_quantile(row, 0.99)));
		html_cell(p, HTML_T(html_quantile(row, 0.999)));
		html_cell(p, HTML_T(h->count ? h->max : TIME_UNKNOWN));
		html_cell(p, HTML_T(h->count ? (uint64_t)(histogram_mean(h) + 0.5) : TIME_UNKNOWN));
		html_row_end(p);
	}
	html_table_end(p);
}

void html_section_handshakes(const struct html_page *p)
{
	html_distribution(p, HISTOGRAM_HANDSHAKE_CLIENT, HTML_CLIENT);
	html_distribution(p, HISTOGRAM_HANDSHAKE_SERVER, HTML_SERVER);
	add_table(p);
}
