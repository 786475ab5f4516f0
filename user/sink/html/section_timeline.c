// SPDX-License-Identifier: GPL-2.0-only
/* The course of the run: what was opened, closed and failed when, and how many were there. */
#include "user/sink/html/timeline.h"

#define PANEL_TOP 14
#define PANEL_BOTTOM 128
#define LIVE_TOP 160
#define LIVE_BOTTOM 244
#define HEIGHT 280

struct series {
	const struct html_page *page;
	uint64_t opened[TIMELINE_COLUMNS], closed[TIMELINE_COLUMNS], failed[TIMELINE_COLUMNS];
	uint64_t live[TIMELINE_COLUMNS];
};

static void keep(void *context, uint32_t column, const struct course_column *sums)
{
	struct series *s = context;

	if (column >= TIMELINE_COLUMNS)
		return;
	s->opened[column] = sums->opened;
	s->closed[column] = sums->closed;
	s->failed[column] = sums->failed;
	s->live[column] = sums->live;
}

static uint64_t most(const uint64_t *values, uint32_t count)
{
	uint64_t most = 0;

	for (uint32_t i = 0; i < count; i++)
		if (values[i] > most)
			most = values[i];
	return most;
}

static void add_legend(const struct html_page *p)
{
	static const struct {
		const char *class;
		enum html_phrase phrase;
	} entries[] = {
		{ "opened", HTML_OPENED },
		{ "closed", HTML_CLOSED },
		{ "failed", HTML_FAILED },
		{ "live", HTML_STILL_OPEN_THEN },
	};

	html_raw(p, "<figcaption class=\"legend\">");
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		buffer_addf(p->out,
			    "<span><svg class=\"key\" aria-hidden=\"true\" viewBox=\"0 0 24 8\">"
			    "<path class=\"%s\" d=\"M0 4H24\"/></svg> ",
			    entries[i].class);
		html_raw(p, html_phrase(entries[i].phrase, p->language));
		html_raw(p, "</span> ");
	}
	html_raw(p, "</figcaption>\n");
}

static void add_table(const struct html_page *p, const struct course_view *view,
		      const struct series *s)
{
	static const enum html_phrase heads[] = { HTML_SINCE_START, HTML_OPENED, HTML_CLOSED,
						  HTML_FAILED, HTML_STILL_OPEN_THEN };

	html_raw(p, "<details><summary>");
	HTML_SAY(p, AS_TABLE);
	html_raw(p, "</summary>\n");
	html_table_begin(p, HTML_TIMELINE, HTML_TABLE_PLAIN, heads, sizeof(heads) / sizeof(*heads));
	for (uint32_t i = 0; i < view->columns; i++) {
		html_row_begin(p);
		html_cell(p, HTML_T(i * view->width_ns));
		html_cell(p, HTML_N(s->opened[i]));
		html_cell(p, HTML_N(s->closed[i]));
		html_cell(p, HTML_N(s->failed[i]));
		html_cell(p, HTML_N(s->live[i]));
		html_row_end(p);
	}
	html_table_end(p);
	html_raw(p, "</details>\n");
}

void html_section_timeline(const struct html_page *p)
{
	const struct report *r = p->report;
	struct course_view view = course_look(r->course, r->end_ns, TIMELINE_COLUMNS);
	struct timeline t = { p, view, HEIGHT };
	struct series s = { .page = p };
	struct figure_axis y;
	uint64_t top;

	course_each(&view, keep, &s);
	top = most(s.opened, view.columns);
	if (most(s.closed, view.columns) > top)
		top = most(s.closed, view.columns);
	if (most(s.failed, view.columns) > top)
		top = most(s.failed, view.columns);
	html_raw(p, "<p>");
	HTML_SAY(p, TIMELINE_ABOUT, HTML_T(view.width_ns));
	html_raw(p, "</p>\n");
	if (r->course->unplaced) {
		html_raw(p, "<p>");
		HTML_SAY(p, TIMELINE_UNPLACED, HTML_N(r->course->unplaced));
		html_raw(p, "</p>\n");
	}
	timeline_begin(&t);
	add_legend(p);
	timeline_frame_begin(&t, HTML_TIMELINE_DESC);
	y = (struct figure_axis){ 0, top ? top : 1, PANEL_BOTTOM, PANEL_TOP, false };
	timeline_scale(&t, &y);
	timeline_zoom_begin(&t);
	timeline_area(&t, "failed-area", s.failed, &y);
	timeline_line(&t, "opened", s.opened, &y);
	timeline_line(&t, "closed", s.closed, &y);
	timeline_line(&t, "failed", s.failed, &y);
	top = most(s.live, view.columns);
	y = (struct figure_axis){ 0, top ? top : 1, LIVE_BOTTOM, LIVE_TOP, false };
	timeline_area(&t, "live-area", s.live, &y);
	timeline_line(&t, "live", s.live, &y);
	timeline_zoom_end(&t);
	timeline_scale(&t, &y);
	timeline_end(&t);
	add_table(p, &view, &s);
}
