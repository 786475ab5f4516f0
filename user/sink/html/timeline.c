// SPDX-License-Identifier: GPL-2.0-only
/* Draws steps in columns of time: what is zoomed is a figure of its own within the frame. */
#include "user/sink/html/timeline.h"

#define TICKS 5
#define TICKS_HEIGHT 36

void timeline_begin(const struct timeline *t)
{
	const struct html_page *p = t->page;

	/* What script needs to say which part of the time is shown. */
	buffer_addf(p->out,
		    "<figure class=\"wide timeline\" tabindex=\"0\" data-columns=\"%u\" "
		    "data-width=\"%llu\">\n",
		    t->view.columns, (unsigned long long)t->view.width_ns);
}

void timeline_frame_begin(const struct timeline *t, enum html_phrase desc)
{
	const struct html_page *p = t->page;

	figure_begin(p, "course", TIMELINE_WIDTH, t->height);
	html_raw(p, html_phrase(desc, p->language));
	html_raw(p, "</desc>\n");
}

void timeline_scale(const struct timeline *t, const struct figure_axis *y)
{
	const struct html_page *p = t->page;

	buffer_addf(p->out, "<path class=\"grid\" d=\"M%u ", TIMELINE_LEFT);
	figure_add(p->out, y->from);
	buffer_addf(p->out, "H%uM%u ", TIMELINE_RIGHT, TIMELINE_LEFT);
	figure_add(p->out, y->to);
	buffer_addf(p->out, "H%u\"/>", TIMELINE_RIGHT);
	figure_text(p, TIMELINE_LEFT - 6, y->from + 4, "small right", HTML_N(y->least));
	figure_text(p, TIMELINE_LEFT - 6, y->to + 4, "small right", HTML_N(y->most));
}

void timeline_zoom_begin(const struct timeline *t)
{
	buffer_addf(t->page->out,
		    "<svg class=\"zoom\" x=\"%u\" y=\"0\" width=\"%u\" height=\"%u\" "
		    "viewBox=\"0 0 %u %u\" preserveAspectRatio=\"none\">\n",
		    TIMELINE_LEFT, TIMELINE_RIGHT - TIMELINE_LEFT, t->height, t->view.columns,
		    t->height);
}

void timeline_zoom_end(const struct timeline *t)
{
	html_raw(t->page, "</svg>\n");
}

void timeline_end(const struct timeline *t)
{
	const struct html_page *p = t->page;
	double step = (TIMELINE_RIGHT - TIMELINE_LEFT) / (TICKS - 1.0);

	for (unsigned int i = 0; i < TICKS; i++) {
		uint64_t ns = t->view.width_ns * t->view.columns / (TICKS - 1) * i;

		figure_text(p, TIMELINE_LEFT + step * i, t->height - TICKS_HEIGHT + 20,
			    i == TICKS - 1 ? "small tick right" : "small tick",
			    i ? HTML_T(ns) : HTML_S("0"));
	}
	html_raw(p, "\n");
	figure_end(p);
	html_raw(p, "</figure>\n");
}

/* Only where it changes: most runs are quiet for long. */
static void add_steps(const struct timeline *t, const uint64_t *values, const struct figure_axis *y)
{
	struct buffer *out = t->page->out;

	for (uint32_t i = 0; i < t->view.columns; i++) {
		if (i && values[i] == values[i - 1])
			continue;
		buffer_addf(out, i ? "H%uV" : "M%u ", i);
		figure_add(out, figure_at(y, values[i]));
	}
	buffer_addf(out, "H%u", t->view.columns);
}

void timeline_line(const struct timeline *t, const char *class, const uint64_t *values,
		   const struct figure_axis *y)
{
	html_raw(t->page, "<path class=\"");
	html_raw(t->page, class);
	html_raw(t->page, "\" d=\"");
	add_steps(t, values, y);
	html_raw(t->page, "\"/>\n");
}

void timeline_area(const struct timeline *t, const char *class, const uint64_t *values,
		   const struct figure_axis *y)
{
	html_raw(t->page, "<path class=\"");
	html_raw(t->page, class);
	html_raw(t->page, "\" d=\"");
	add_steps(t, values, y);
	html_raw(t->page, "V");
	figure_add(t->page->out, y->from);
	html_raw(t->page, "H0z\"/>\n");
}
