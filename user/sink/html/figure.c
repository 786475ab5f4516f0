// SPDX-License-Identifier: GPL-2.0-only
/* Places on axes, and the frame of a figure. */
#include "user/sink/html/figure.h"

#include <stdio.h>

#define NUMBER_SIZE 32

/*
 * The logarithm to the base of 2, a straight line between powers: it is the same on each machine,
 * and what is a bucket of a histogram is as wide as its neighbours.
 */
static double log_of(uint64_t value)
{
	unsigned int octave;

	if (!value)
		return 0;
	octave = 63u - (unsigned int)__builtin_clzll(value);
	return octave + (double)(value - (UINT64_C(1) << octave)) / (double)(UINT64_C(1) << octave);
}

double figure_at(const struct figure_axis *axis, uint64_t value)
{
	double least = axis->is_log ? log_of(axis->least) : (double)axis->least;
	double most = axis->is_log ? log_of(axis->most) : (double)axis->most;
	double at = axis->is_log ? log_of(value) : (double)value;

	if (most <= least)
		return axis->from;
	at = at < least ? least : at > most ? most : at;
	return axis->from + (axis->to - axis->from) * (at - least) / (most - least);
}

void figure_add(struct buffer *out, double place)
{
	char text[NUMBER_SIZE];
	int size = snprintf(text, sizeof(text), "%.1f", place);

	if (size > 2 && text[size - 1] == '0')
		size -= 2;
	buffer_add(out, text, (size_t)size);
}

void figure_attribute(struct buffer *out, const char *name, double place)
{
	buffer_add_char(out, ' ');
	buffer_add_text(out, name);
	buffer_add_text(out, "=\"");
	figure_add(out, place);
	buffer_add_char(out, '"');
}

static uint64_t power_below(uint64_t value)
{
	uint64_t power = 1;

	while (value / power >= 10)
		power *= 10;
	return power;
}

void figure_widen(struct figure_axis *axis)
{
	uint64_t most = power_below(axis->most);

	axis->least = power_below(axis->least);
	axis->most = most < axis->most && most < UINT64_MAX / 10 ? most * 10 : most;
	if (axis->most <= axis->least)
		axis->most = axis->least * 10;
}

void figure_ticks(const struct figure_axis *axis,
		  void (*visit)(void *context, uint64_t value, double at), void *context)
{
	for (uint64_t value = axis->least; value <= axis->most; value *= 10) {
		visit(context, value, figure_at(axis, value));
		if (value > UINT64_MAX / 10)
			break;
	}
}

void figure_begin(const struct html_page *p, const char *class, unsigned int width,
		  unsigned int height)
{
	buffer_addf(p->out, "<svg class=\"%s\" role=\"img\" viewBox=\"0 0 %u %u\"><desc>", class,
		    width, height);
}

void figure_end(const struct html_page *p)
{
	html_raw(p, "</svg>\n");
}

void figure_text(const struct html_page *p, double x, double y, const char *class,
		 struct html_word word)
{
	html_raw(p, "<text");
	figure_attribute(p->out, "x", x);
	figure_attribute(p->out, "y", y);
	html_raw(p, " class=\"");
	html_raw(p, class);
	html_raw(p, "\">");
	html_add_word(p->out, HTML_IN_SVG, &word);
	html_raw(p, "</text>");
}
