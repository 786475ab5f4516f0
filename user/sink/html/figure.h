/* SPDX-License-Identifier: GPL-2.0-only */
/* Figures: axes, and where on them a value stands. */
#ifndef USER_SINK_HTML_FIGURE_H
#define USER_SINK_HTML_FIGURE_H

#include <stdint.h>

#include "user/sink/html/page.h"

/* Values from `least` to `most` from one place of the figure to another. */
struct figure_axis {
	uint64_t least, most;
	double from, to;
	bool is_log;
};

double figure_at(const struct figure_axis *axis, uint64_t value);

/* Adds "12.3": a place, or a length. */
void figure_add(struct buffer *out, double place);
/* Adds ` name="12.3"`. */
void figure_attribute(struct buffer *out, const char *name, double place);

/* Widens an axis of durations to where its ticks are: powers of ten of a nanosecond. */
void figure_widen(struct figure_axis *axis);
/* Calls `visit` for each tick. */
void figure_ticks(const struct figure_axis *axis,
		  void (*visit)(void *context, uint64_t value, double at), void *context);

/* <svg> up to its description, which the caller writes; then the caller draws, and ends it. */
void figure_begin(const struct html_page *p, const char *class, unsigned int width,
		  unsigned int height);
void figure_end(const struct html_page *p);

/* A text in a figure. `class` may hold several. */
void figure_text(const struct html_page *p, double x, double y, const char *class,
		 struct html_word word);

#endif
