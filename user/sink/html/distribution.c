// SPDX-License-Identifier: GPL-2.0-only
/* How long something took: how many took how long, and the curve of its percentiles. */
#include <string.h>

#include "user/sink/html/figure.h"

#define WIDTH 540
#define HEIGHT 250
#define LEFT 56
#define RIGHT 528
#define TOP 16
#define BOTTOM 208
#define BARS_PER_OCTAVE 4
#define BUCKETS_PER_BAR (HISTOGRAM_SUBS / BARS_PER_OCTAVE)
#define BARS ((HISTOGRAM_OCTAVES + 1) * BARS_PER_OCTAVE)

struct bar {
	uint64_t low, high, count;
};

struct bars {
	struct bar bar[BARS];
	uint64_t most;
};

static void add_bucket(void *context, uint64_t low, uint64_t high, uint64_t count)
{
	struct bars *bars = context;
	unsigned int octave = histogram_octave(low);
	size_t bucket = (octave + 1) * HISTOGRAM_SUBS + (size_t)histogram_sub(low, octave);
	struct bar *bar = &bars->bar[bucket / BUCKETS_PER_BAR];

	if (!bar->count)
		bar->low = low;
	bar->high = high;
	bar->count += count;
	if (bar->count > bars->most)
		bars->most = bar->count;
}

struct drawing {
	const struct html_page *page;
	double from, to;
};

static void draw_tick_below(void *context, uint64_t value, double at)
{
	const struct drawing *d = context;
	const struct html_page *p = d->page;

	html_raw(p, "<path class=\"grid\" d=\"M");
	figure_add(p->out, at);
	html_raw(p, " ");
	figure_add(p->out, d->from);
	html_raw(p, "V");
	figure_add(p->out, d->to);
	html_raw(p, "\"/>");
	figure_text(p, at, d->to + 18, "small middle", HTML_T(value));
}

static void draw_tick_left(void *context, uint64_t value, double at)
{
	const struct drawing *d = context;
	const struct html_page *p = d->page;

	html_raw(p, "<path class=\"grid\" d=\"M");
	figure_add(p->out, d->from);
	html_raw(p, " ");
	figure_add(p->out, at);
	html_raw(p, "H");
	figure_add(p->out, d->to);
	html_raw(p, "\"/>");
	figure_text(p, d->from - 6, at + 4, "small right", HTML_T(value));
}

static void add_desc(const struct html_page *p, const struct histogram_row *row)
{
	const struct histogram *h = row->histogram;

	HTML_SAY_SVG(p, HISTOGRAM_DESC, HTML_N(h->count), HTML_T(h->min), HTML_T(h->max),
		     HTML_T(html_quantile(row, 0.5)), HTML_T(html_quantile(row, 0.99)));
	html_raw(p, "</desc>\n");
}

static void add_caption(const struct html_page *p, enum html_phrase phrase)
{
	html_raw(p, "<figcaption>");
	html_raw(p, html_phrase(phrase, p->language));
	html_raw(p, "</figcaption>\n");
}

static void draw_bar(const struct html_page *p, const struct bar *bar, const struct figure_axis *x,
		     const struct figure_axis *y)
{
	double from = figure_at(x, bar->low), to = figure_at(x, bar->high);
	double top = figure_at(y, bar->count);

	/* One of a million is not nothing. */
	if (BOTTOM - top < 1.5)
		top = BOTTOM - 1.5;
	html_raw(p, "<rect class=\"bar\"");
	figure_attribute(p->out, "x", from);
	figure_attribute(p->out, "y", top);
	figure_attribute(p->out, "width", to - from > 2 ? to - from - 1 : 1.5);
	figure_attribute(p->out, "height", BOTTOM - top);
	html_raw(p, "><title>");
	HTML_SAY_SVG(p, BAR, HTML_N(bar->count), HTML_T(bar->low), HTML_T(bar->high));
	html_raw(p, "</title></rect>");
}

/* Where half, and ninety-nine in a hundred, end. */
static void draw_mark(const struct html_page *p, const struct figure_axis *x, uint64_t value,
		      const char *name, double y)
{
	double at = figure_at(x, value);

	html_raw(p, "<path class=\"mark\" d=\"M");
	figure_add(p->out, at);
	html_raw(p, " ");
	figure_add(p->out, y);
	html_raw(p, "V");
	figure_add(p->out, BOTTOM);
	html_raw(p, "\"/>");
	figure_text(p, at > RIGHT - 60 ? at - 4 : at + 4, y + 10,
		    at > RIGHT - 60 ? "small strong right" : "small strong", HTML_S(name));
}

static void add_histogram(const struct html_page *p, const struct histogram_row *row)
{
	const struct histogram *h = row->histogram;
	struct figure_axis x = { h->min ? h->min : 1, h->max, LEFT, RIGHT, true }, y;
	struct bars bars;

	memset(&bars, 0, sizeof(bars));
	histogram_each(h, add_bucket, &bars);
	figure_widen(&x);
	y = (struct figure_axis){ 0, bars.most, BOTTOM, TOP + 28, false };
	html_raw(p, "<figure>\n");
	add_caption(p, HTML_DISTRIBUTION);
	figure_begin(p, "plot", WIDTH, HEIGHT);
	add_desc(p, row);
	figure_ticks(&x, draw_tick_below, &(struct drawing){ p, TOP, BOTTOM });
	for (unsigned int i = 0; i < BARS; i++)
		if (bars.bar[i].count)
			draw_bar(p, &bars.bar[i], &x, &y);
	draw_mark(p, &x, html_quantile(row, 0.5), "p50", TOP);
	draw_mark(p, &x, html_quantile(row, 0.99), "p99", TOP + 14);
	figure_text(p, LEFT - 6, figure_at(&y, bars.most) + 4, "small right", HTML_N(bars.most));
	figure_text(p, LEFT - 6, BOTTOM + 4, "small right", HTML_S("0"));
	html_raw(p, "\n");
	figure_end(p);
	html_raw(p, "</figure>\n");
}

/* Of how many in a hundred: each step leaves a tenth, or a half, of what is beyond. */
static const struct {
	const char *name;
	double part;
} points[] = {
	{ "0", 0 },	   { "25", 0.25 },	{ "50", 0.5 },	{ "75", 0.75 },
	{ "90", 0.9 },	   { "95", 0.95 },	{ "99", 0.99 }, { "99.5", 0.995 },
	{ "99.9", 0.999 }, { "99.99", 0.9999 }, { "100", 1 },
};

#define POINTS (sizeof(points) / sizeof(*points))

static void add_curve(const struct html_page *p, const struct histogram_row *row)
{
	const struct histogram *h = row->histogram;
	struct figure_axis y = { h->min ? h->min : 1, h->max, BOTTOM, TOP, true };
	const size_t intervals = POINTS - 1;
	double step = (RIGHT - LEFT - 24.0) / (double)intervals;

	figure_widen(&y);
	html_raw(p, "<figure>\n");
	add_caption(p, HTML_PERCENTILES);
	figure_begin(p, "plot", WIDTH, HEIGHT);
	add_desc(p, row);
	figure_ticks(&y, draw_tick_left, &(struct drawing){ p, LEFT, RIGHT });
	html_raw(p, "<path class=\"curve\" d=\"");
	for (size_t i = 0; i < POINTS; i++) {
		html_raw(p, i ? "L" : "M");
		figure_add(p->out, LEFT + 8 + step * (double)i);
		html_raw(p, " ");
		figure_add(p->out, figure_at(&y, histogram_quantile(h, points[i].part)));
	}
	html_raw(p, "\"/>");
	for (size_t i = 0; i < POINTS; i++) {
		uint64_t value = histogram_quantile(h, points[i].part);

		html_raw(p, "<circle class=\"point\" r=\"4\"");
		figure_attribute(p->out, "cx", LEFT + 8 + step * (double)i);
		figure_attribute(p->out, "cy", figure_at(&y, value));
		html_raw(p, "><title>");
		HTML_SAY_SVG(p, POINT, HTML_S(points[i].name), HTML_T(value));
		html_raw(p, "</title></circle>");
		figure_text(p, LEFT + 8 + step * (double)i, BOTTOM + 18, "small middle",
			    HTML_S(points[i].name));
	}
	html_raw(p, "\n");
	figure_end(p);
	html_raw(p, "</figure>\n");
}

void html_distribution(const struct html_page *p, enum histogram_id id, enum html_phrase title)
{
	const struct histogram_row *row = &p->rows->row[id];

	html_raw(p, "<h3>");
	html_raw(p, html_phrase(title, p->language));
	html_raw(p, "</h3>\n");
	if (!row->histogram->count) {
		html_raw(p, "<p>");
		HTML_SAY(p, NOT_MEASURED);
		html_raw(p, "</p>\n");
		return;
	}
	html_raw(p, "<div class=\"pair\">\n");
	add_histogram(p, row);
	add_curve(p, row);
	html_raw(p, "</div>\n");
}
