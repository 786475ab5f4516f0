/* SPDX-License-Identifier: GPL-2.0-only */
/* Figures along the time of the run, which script may zoom. */
#ifndef USER_SINK_HTML_TIMELINE_H
#define USER_SINK_HTML_TIMELINE_H

#include "user/aggregate/course.h"
#include "user/sink/html/figure.h"

#define TIMELINE_COLUMNS 128
#define TIMELINE_WIDTH 1100
#define TIMELINE_LEFT 64
#define TIMELINE_RIGHT 1090

struct timeline {
	const struct html_page *page;
	struct course_view view;
	unsigned int height;
};

/* In this order: begin, frame, scales and what is zoomed, end. */
void timeline_begin(const struct timeline *t);
void timeline_frame_begin(const struct timeline *t, enum html_phrase desc);
/* The least and the most of an axis, at the left. */
void timeline_scale(const struct timeline *t, const struct figure_axis *y);
void timeline_zoom_begin(const struct timeline *t);
void timeline_zoom_end(const struct timeline *t);
void timeline_end(const struct timeline *t);

/* A step for each column, as a line or filled down to the axis. */
void timeline_line(const struct timeline *t, const char *class, const uint64_t *values,
		   const struct figure_axis *y);
void timeline_area(const struct timeline *t, const char *class, const uint64_t *values,
		   const struct figure_axis *y);

#endif
