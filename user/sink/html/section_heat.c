// SPDX-License-Identifier: GPL-2.0-only
/* Latency in the course of time: how many handshakes took how long, when. */
#include "user/sink/html/timeline.h"

#define TOP 12
#define BELOW 36
#define POWER_HEIGHT 60 /* of each power of ten, where all of them are as high as: */
#define PLOT_LEAST 120
#define PLOT_MOST 270
#define LEVELS 6

struct heat {
	const struct timeline *timeline;
	const struct figure_axis *y;
	enum course_role role;
	unsigned int level;	  /* that is drawn; 0: the most is looked for */
	uint64_t most;		  /* 0: there are none */
	unsigned int first, last; /* rows in which there are any */
};

/* Few beside many are to be seen: a level is twice, or four times, as many as the one below. */
static unsigned int level_of(uint64_t count, uint64_t most)
{
	unsigned int level = LEVELS, times = most >> LEVELS ? 4 : 2;

	while (level > 1 && count * times <= most) {
		count *= times;
		level--;
	}
	return level;
}

static void measure(void *context, uint32_t column, const struct course_column *sums)
{
	struct heat *h = context;

	(void)column;
	for (unsigned int row = 0; row < COURSE_HEAT_ROWS; row++) {
		uint64_t count = sums->heat[h->role][row];

		if (!count)
			continue;
		if (count > h->most)
			h->most = count;
		if (row < h->first)
			h->first = row;
		if (row > h->last)
			h->last = row;
	}
}

/* The cells of one level, neighbours in a row as one. */
static void draw(void *context, uint32_t column, const struct course_column *sums)
{
	const struct heat *h = context;
	struct buffer *out = h->timeline->page->out;

	for (unsigned int row = h->first; row <= h->last; row++) {
		uint64_t count = sums->heat[h->role][row];

		if (!count || level_of(count, h->most) != h->level)
			continue;
		buffer_addf(out, "M%u ", column);
		figure_add(out, figure_at(h->y, course_heat_ns(row)));
		buffer_add_text(out, "h1V");
		figure_add(out, figure_at(h->y, course_heat_ns(row + 1)));
		buffer_add_text(out, "h-1z");
	}
}

static void draw_tick(void *context, uint64_t ns, double y)
{
	const struct html_page *p = context;

	buffer_addf(p->out, "<path class=\"grid\" d=\"M%u ", TIMELINE_LEFT);
	figure_add(p->out, y);
	buffer_addf(p->out, "H%u\"/>", TIMELINE_RIGHT);
	figure_text(p, TIMELINE_LEFT - 6, y + 4, "small right", HTML_T(ns));
}

/* The same as a table: rows that have any, summed up over the time in quarters. */
#define QUARTERS 4
struct quarters {
	enum course_role role;
	uint32_t columns;
	uint64_t count[COURSE_HEAT_ROWS][QUARTERS];
};

static void add_up(void *context, uint32_t column, const struct course_column *sums)
{
	struct quarters *q = context;

	for (unsigned int row = 0; row < COURSE_HEAT_ROWS; row++)
		q->count[row][column * QUARTERS / q->columns] += sums->heat[q->role][row];
}

static void add_table(const struct html_page *p, const struct heat *h)
{
	static const enum html_phrase heads[] = { HTML_LONGER_THAN, HTML_QUARTER_1, HTML_QUARTER_2,
						  HTML_QUARTER_3, HTML_QUARTER_4 };
	const struct course_view *view = &h->timeline->view;
	struct quarters q = { .role = h->role, .columns = view->columns };

	course_each(view, add_up, &q);
	html_raw(p, "<details><summary>");
	HTML_SAY(p, AS_TABLE);
	html_raw(p, "</summary>\n");
	html_table_begin(p, h->role == COURSE_CLIENT ? HTML_CLIENT : HTML_SERVER, HTML_TABLE_PLAIN,
			 heads, sizeof(heads) / sizeof(*heads));
	for (unsigned int row = h->first; row <= h->last; row++) {
		html_row_begin(p);
		html_cell(p, HTML_T(row ? course_heat_ns(row) : 0));
		for (unsigned int i = 0; i < QUARTERS; i++)
			html_cell(p, HTML_N(q.count[row][i]));
		html_row_end(p);
	}
	html_table_end(p);
	html_raw(p, "</details>\n");
}

static void add_map(const struct html_page *p, struct heat *h)
{
	html_raw(p, "<h3>");
	html_raw(p, html_phrase(h->role == COURSE_CLIENT ? HTML_CLIENT : HTML_SERVER, p->language));
	html_raw(p, "</h3>\n");
	if (!h->most) {
		html_raw(p, "<p>");
		HTML_SAY(p, NOT_MEASURED);
		html_raw(p, "</p>\n");
		return;
	}
	timeline_begin(h->timeline);
	timeline_frame_begin(h->timeline, HTML_HEAT_DESC);
	figure_ticks(h->y, draw_tick, (void *)p);
	timeline_zoom_begin(h->timeline);
	for (h->level = 1; h->level <= LEVELS; h->level++) {
		buffer_addf(p->out, "<path class=\"heat\" fill-opacity=\"%u.%02u\" d=\"",
			    h->level / LEVELS, h->level * 100 / LEVELS % 100);
		course_each(&h->timeline->view, draw, h);
		html_raw(p, "\"/>\n");
	}
	timeline_zoom_end(h->timeline);
	timeline_end(h->timeline);
	add_table(p, h);
}

/* Both maps have one, so that they can be compared: what either has, to whole powers of ten. */
static struct figure_axis axis_of(const struct heat *client, const struct heat *server)
{
	unsigned int first = client->first < server->first ? client->first : server->first;
	unsigned int last = client->last > server->last ? client->last : server->last;
	struct figure_axis y = { course_heat_ns(first), course_heat_ns(last + 1), 0, TOP, true };
	unsigned int height = 0;

	figure_widen(&y);
	for (uint64_t ns = y.least; ns < y.most; ns *= 10)
		height += POWER_HEIGHT;
	if (height < PLOT_LEAST)
		height = PLOT_LEAST;
	if (height > PLOT_MOST)
		height = PLOT_MOST;
	y.from = TOP + height;
	return y;
}

void html_section_heat(const struct html_page *p)
{
	const struct report *r = p->report;
	struct timeline t = { .page = p,
			      .view = course_look(r->course, r->end_ns, TIMELINE_COLUMNS) };
	struct figure_axis y;
	struct heat heat[COURSE_ROLES];

	for (enum course_role role = 0; role < COURSE_ROLES; role++) {
		heat[role] = (struct heat){
			.timeline = &t, .y = &y, .role = role, .first = COURSE_HEAT_ROWS
		};
		course_each(&t.view, measure, &heat[role]);
	}
	y = axis_of(&heat[COURSE_CLIENT], &heat[COURSE_SERVER]);
	t.height = (unsigned int)y.from + BELOW;
	html_raw(p, "<p>");
	HTML_SAY(p, HEAT_ABOUT);
	html_raw(p, "</p>\n");
	for (enum course_role role = 0; role < COURSE_ROLES; role++)
		add_map(p, &heat[role]);
}
