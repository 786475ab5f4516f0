/* SPDX-License-Identifier: GPL-2.0-only */
/* Histograms for people: bars and percentiles, or a table when there are groups. */
#ifndef USER_SINK_TEXT_HISTOGRAMS_H
#define USER_SINK_TEXT_HISTOGRAMS_H

#include "user/sink/sink.h"

/*
 * Without groups, and with --wide, a block of bars for each histogram; else a table for each with a
 * line for each group. Percentiles that do not fit in the columns are left out of tables.
 */
void text_histograms(const struct sink_settings *s, struct buffer *out,
		     const struct histogram_set *set);

/* What is said where there is nothing to show. */
void text_histograms_none(const struct sink_settings *s, struct buffer *out);

/* One block of bars, of a row without a group. */
void text_histogram(const struct sink_settings *s, struct buffer *out,
		    const struct histogram_row *row);

#endif
