// SPDX-License-Identifier: GPL-2.0-only
/* By which factors numbers have changed, and between which bounds that surely is, as a figure. */
#include <stdio.h>

#include "user/sink/change.h"
#include "user/sink/html/figure.h"

#define WIDTH 1000
#define LEFT 390 /* names stand before it */
#define RIGHT 980
#define TOP 8
#define ROW 24
#define ROWS 20		/* that are drawn; the table has all */
#define SAME 1024	/* factors are whole on the axis: parts of this */
#define OCTAVES_MOST 10 /* to each side: a thousandth, a thousand times */

static uint64_t parts(double factor)
{
	double least = (double)SAME / (1 << OCTAVES_MOST),
	       most = (double)SAME * (1 << OCTAVES_MOST);
	double value = factor * SAME;

	return (uint64_t)(value > most ? most : value > least ? value : least);
}

static struct figure_axis axis_of(const struct difference_row *rows, size_t count)
{
	struct figure_axis axis = { SAME / 2, SAME * 2, LEFT, RIGHT, true };

	for (size_t i = 0; i < count; i++) {
		double of = change_of(&rows[i]);

		while (axis.least > 1 && parts(of) < axis.least)
			axis.least /= 2;
		while (axis.most < parts(of))
			axis.most *= 2;
	}
	/* Bounds may be far out; they end at the edge. */
	axis.least = axis.least > 1 ? axis.least / 2 : 1;
	axis.most *= 2;
	return axis;
}

/* "x4", "/4". */
static void add_tick(const struct html_page *p, const struct figure_axis *x, uint64_t value,
		     double bottom)
{
	char text[CHANGE_SIZE];

	html_raw(p, value == SAME ? "<path class=\"mark\" d=\"M" : "<path class=\"grid\" d=\"M");
	figure_add(p->out, figure_at(x, value));
	html_raw(p, " ");
	figure_add(p->out, TOP);
	html_raw(p, "V");
	figure_add(p->out, bottom);
	html_raw(p, "\"/>");
	if (value == SAME) {
		figure_text(p, figure_at(x, value), bottom + 16, "small strong middle",
			    HTML_S(html_phrase(HTML_THE_SAME, p->language)));
		return;
	}
	snprintf(text, sizeof(text), value > SAME ? "x%llu" : "/%llu",
		 (unsigned long long)(value > SAME ? value / SAME : SAME / value));
	figure_text(p, figure_at(x, value), bottom + 16, "small middle", HTML_S(text));
}

static void draw_row(const struct html_page *p, const struct figure_axis *x,
		     const struct difference_row *row, double y)
{
	char change[CHANGE_SIZE], least[CHANGE_SIZE];

	figure_text(p, LEFT - 10, y + 4, "small mono right", HTML_S(row->name));
	html_raw(p, "<g><title>");
	HTML_SAY_SVG(p, CHANGE_BAR, HTML_S(row->name),
		     HTML_S(change_factor(change_of(row), change)),
		     HTML_S(change_sure(row, least)));
	html_raw(p, "</title><path class=\"curve\" d=\"M");
	figure_add(p->out, figure_at(x, parts(row->factor_low)));
	html_raw(p, " ");
	figure_add(p->out, y);
	html_raw(p, "H");
	figure_add(p->out, figure_at(x, parts(row->factor_high)));
	html_raw(p, "\"/><circle class=\"point\" r=\"4.5\"");
	figure_attribute(p->out, "cx", figure_at(x, parts(change_of(row))));
	figure_attribute(p->out, "cy", y);
	html_raw(p, "/></g>\n");
}

void html_factors(const struct html_page *p, const struct difference_row *rows, size_t count)
{
	struct figure_axis x;
	double bottom;

	if (count > ROWS)
		count = ROWS;
	x = axis_of(rows, count);
	bottom = TOP + ROW * (double)count;
	html_raw(p, "<figure class=\"wide\">\n<figcaption>");
	HTML_SAY(p, FACTORS);
	html_raw(p, "</figcaption>\n");
	figure_begin(p, "course", WIDTH, (unsigned int)bottom + 24);
	HTML_SAY_SVG(p, FACTORS_DESC);
	html_raw(p, "</desc>\n");
	for (uint64_t value = x.least; value <= x.most; value *= 2)
		if (value == SAME || value == x.least * 2 || value == x.most / 2 ||
		    x.most / x.least <= 1 << 6)
			add_tick(p, &x, value, bottom);
	for (size_t i = 0; i < count; i++)
		draw_row(p, &x, &rows[i], TOP + ROW * ((double)i + 0.5));
	figure_end(p);
	html_raw(p, "</figure>\n");
}
