// SPDX-License-Identifier: GPL-2.0-only
/* Latency in the course of time: how many handshakes took how long, when. */
#include "user/sink/html/timeline.h"

#define ROW_HEIGHT 5
#define TOP 12
#define HEIGHT (TOP + COURSE_HEAT_ROWS * ROW_HEIGHT + 36)
#define BOTTOM (HEIGHT - 36)
#define LEVELS 6

struct heat {
	const struct timeline *timeline;
	enum course_role role;
	unsigned int level; /* that is drawn; 0: the most is looked for */
	uint64_t most, sum;
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
		h->sum += count;
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

	for (unsigned int row = 0; row < COURSE_HEAT_ROWS; row++) {
		uint64_t count = sums->heat[h->role][row];

		if (count && level_of(count, h->most) == h->level)
			buffer_addf(out, "M%u %uh1v%uh-1z", column, BOTTOM - (row + 1) * ROW_HEIGHT,
				    ROW_HEIGHT);
	}
}

static void add_rows(const struct html_page *p)
{
	/* A tick for each power of ten. */
	for (uint64_t ns = 10000; ns <= 100000000000; ns *= 10) {
		double row = 2 * (figure_log(ns) - COURSE_HEAT_FIRST_OCTAVE);
		double y = BOTTOM - row * ROW_HEIGHT;

		buffer_addf(p->out, "<path class=\"grid\" d=\"M%u ", TIMELINE_LEFT);
		figure_add(p->out, y);
		buffer_addf(p->out, "H%u\"/>", TIMELINE_RIGHT);
		figure_text(p, TIMELINE_LEFT - 6, y + 4, "small right", HTML_T(ns));
	}
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

static void add_table(const struct html_page *p, const struct course_view *view,
		      const struct heat *h)
{
	static const enum html_phrase heads[] = { HTML_LONGER_THAN, HTML_QUARTER_1, HTML_QUARTER_2,
						  HTML_QUARTER_3, HTML_QUARTER_4 };
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

static void add_map(const struct html_page *p, enum course_role role)
{
	const struct report *r = p->report;
	struct course_view view = course_look(r->course, r->end_ns, TIMELINE_COLUMNS);
	struct timeline t = { p, view, HEIGHT };
	struct heat h = { .timeline = &t, .role = role, .first = COURSE_HEAT_ROWS };

	course_each(&view, measure, &h);
	html_raw(p, "<h3>");
	html_raw(p, html_phrase(role == COURSE_CLIENT ? HTML_CLIENT : HTML_SERVER, p->language));
	html_raw(p, "</h3>\n");
	if (!h.sum) {
		html_raw(p, "<p>");
		HTML_SAY(p, NOT_MEASURED);
		html_raw(p, "</p>\n");
		return;
	}
	timeline_begin(&t);
	timeline_frame_begin(&t, HTML_HEAT_DESC);
	add_rows(p);
	timeline_zoom_begin(&t);
	for (h.level = 1; h.level <= LEVELS; h.level++) {
		buffer_addf(p->out, "<path class=\"heat\" fill-opacity=\"%u.%02u\" d=\"",
			    h.level / LEVELS, h.level * 100 / LEVELS % 100);
		course_each(&view, draw, &h);
		html_raw(p, "\"/>\n");
	}
	timeline_zoom_end(&t);
	timeline_end(&t);
	add_table(p, &view, &h);
}

void html_section_heat(const struct html_page *p)
{
	html_raw(p, "<p>");
	HTML_SAY(p, HEAT_ABOUT);
	html_raw(p, "</p>\n");
	add_map(p, COURSE_CLIENT);
	add_map(p, COURSE_SERVER);
}
