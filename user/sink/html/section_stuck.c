// SPDX-License-Identifier: GPL-2.0-only
/* Who is stuck at the end, and what leaks: its count and its age only ever grow. */
#include <stdio.h>
#include <string.h>

#include "user/base/units.h"
#include "user/sink/fact.h"
#include "user/sink/html/timeline.h"
#include "user/sink/owner.h"

#define COUNT_TOP 14
#define COUNT_BOTTOM 96
#define AGE_TOP 124
#define AGE_BOTTOM 206
#define HEIGHT 242

static uint64_t most(const uint64_t *values, uint32_t count)
{
	uint64_t most = 0;

	for (uint32_t i = 0; i < count; i++)
		if (values[i] > most)
			most = values[i];
	return most;
}

static void add_age_scale(const struct html_page *p, const struct figure_axis *y)
{
	buffer_addf(p->out, "<path class=\"grid\" d=\"M%u ", TIMELINE_LEFT);
	figure_add(p->out, y->from);
	buffer_addf(p->out, "H%uM%u ", TIMELINE_RIGHT, TIMELINE_LEFT);
	figure_add(p->out, y->to);
	buffer_addf(p->out, "H%u\"/>", TIMELINE_RIGHT);
	figure_text(p, TIMELINE_LEFT - 6, y->from + 4, "small right", HTML_S("0"));
	figure_text(p, TIMELINE_LEFT - 6, y->to + 4, "small right", HTML_T(y->most));
}

static void add_values(const struct html_page *p, const struct course_view *view,
		       const uint64_t *counts, const uint64_t *ages)
{
	static const enum html_phrase heads[] = { HTML_SINCE_START, HTML_IN_IT_THEN, HTML_OLDEST };

	html_raw(p, "<details><summary>");
	HTML_SAY(p, AS_TABLE);
	html_raw(p, "</summary>\n");
	html_table_begin(p, HTML_AGE_AGAINST_TIME, HTML_TABLE_PLAIN, heads,
			 sizeof(heads) / sizeof(*heads));
	for (uint32_t i = 0; i < view->columns; i++) {
		html_row_begin(p);
		html_cell(p, HTML_T(i * view->width_ns));
		html_cell(p, HTML_N(counts[i]));
		html_cell(p, HTML_T(counts[i] ? ages[i] : 0));
		html_row_end(p);
	}
	html_table_end(p);
	html_raw(p, "</details>\n");
}

static void add_course(const struct html_page *p, enum tcp_state state)
{
	const struct report *r = p->report;
	struct course_view view = course_look(r->course, r->end_ns, TIMELINE_COLUMNS);
	struct timeline t = { p, view, HEIGHT };
	uint64_t counts[TIMELINE_COLUMNS], ages[TIMELINE_COLUMNS], top;
	struct figure_axis y;

	course_stays(&view, state, counts, ages);
	/* A slot is as long as it is: nobody is older than at the end of the run. */
	for (uint32_t i = 0; i < view.columns; i++) {
		uint64_t then_ns = (i + 1) * view.width_ns, run_ns = r->end_ns - r->start_ns;
		uint64_t beyond_ns = then_ns > run_ns ? then_ns - run_ns : 0;

		ages[i] -= beyond_ns < ages[i] ? beyond_ns : ages[i];
	}
	html_raw(p, "<h3>");
	html_raw(p, state_name(state));
	html_raw(p, "</h3>\n");
	timeline_begin(&t);
	html_raw(p, "<figcaption>");
	HTML_SAY(p, AGE_ABOUT, HTML_T(r->course->width_ns));
	html_raw(p, "</figcaption>\n");
	timeline_frame_begin(&t, HTML_AGE_DESC);
	timeline_zoom_begin(&t);
	top = most(counts, view.columns);
	y = (struct figure_axis){ 0, top ? top : 1, COUNT_BOTTOM, COUNT_TOP, false };
	timeline_area(&t, "live-area", counts, &y);
	timeline_line(&t, "live", counts, &y);
	top = most(ages, view.columns);
	y = (struct figure_axis){ 0, top ? top : 1, AGE_BOTTOM, AGE_TOP, false };
	timeline_line(&t, "age", ages, &y);
	timeline_zoom_end(&t);
	add_age_scale(p, &y);
	top = most(counts, view.columns);
	y = (struct figure_axis){ 0, top ? top : 1, COUNT_BOTTOM, COUNT_TOP, false };
	timeline_scale(&t, &y);
	timeline_end(&t);
	add_values(p, &view, counts, ages);
}

static void add_hang(const struct html_page *p, const struct hang *hang)
{
	const struct conn *c = &hang->example;
	char text[HTML_ENDPOINT_SIZE];

	html_row_begin(p);
	html_cell(p, HTML_N(hang->count));
	html_cell(p, HTML_S(conn_state(c) == STATE_ESTABLISHED ?
				    html_phrase(HTML_IN_QUEUE, p->language) :
				    state_name(conn_state(c))));
	html_cell(p, HTML_AGE(hang->oldest_ns, hang->is_older));
	html_owner_cell(p, c);
	if (c->role == CONN_ROLE_SERVER) {
		html_raw(p, "<td>");
		snprintf(text, sizeof(text), "%u", fact_lport(c));
		HTML_SAY(p, OWN_PORT, HTML_S(fact_lport(c) ? text : NULL));
		html_raw(p, "</td>");
	} else {
		html_cell(p, HTML_S(html_endpoint(fact_raddr(c), fact_rport(c), text)));
	}
	html_row_end(p);
}

static void add_table(const struct html_page *p)
{
	static const enum html_phrase heads[] = { HTML_COUNT, HTML_STATE, HTML_OLDEST, HTML_PROCESS,
						  HTML_SERVICE };
	const struct hangs *hangs = &p->report->hangs;

	html_table_begin(p, HTML_WHO_HANGS, HTML_TABLE_SORTED | HTML_TABLE_SEARCHED, heads,
			 sizeof(heads) / sizeof(*heads));
	for (size_t i = 0; i < hangs->kinds; i++)
		add_hang(p, &hangs->kind[i]);
	if (hangs->rest) {
		html_row_begin(p);
		html_cell(p, HTML_N(hangs->rest));
		html_cell(p, HTML_S(html_phrase(HTML_OTHERS, p->language)));
		html_raw(p, "<td></td><td></td><td></td>");
		html_row_end(p);
	}
	html_table_end(p);
}

void html_section_stuck(const struct html_page *p)
{
	const struct passages *passages = &p->report->passages;

	if (p->report->hangs.kinds) {
		add_table(p);
	} else {
		html_raw(p, "<p>");
		HTML_SAY(p, NOBODY_HANGS);
		html_raw(p, "</p>\n");
	}
	for (unsigned int state = 1; state < STATE_COUNT; state++)
		if (passages->left[state].stuck && state != STATE_ESTABLISHED)
			add_course(p, state);
	/* What a service leaks is in this state: that nothing is shows, too. */
	if (!passages->left[STATE_CLOSE_WAIT].stuck && passages_into(passages, STATE_CLOSE_WAIT))
		add_course(p, STATE_CLOSE_WAIT);
}
