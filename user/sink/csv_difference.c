// SPDX-License-Identifier: GPL-2.0-only
/* What differs between two runs, as rows of comma-separated values. */
#include "user/sink/csv_difference.h"

#include <math.h>

/* Durations and counts are whole; empty where there is none, or no bound. */
static void add_value(struct buffer *out, enum quantity_unit unit, double value)
{
	buffer_add_char(out, ',');
	if (!isfinite(value))
		return;
	if (unit == QUANTITY_NS || unit == QUANTITY_COUNT)
		buffer_addf(out, "%.0f", value);
	else
		buffer_addf(out, "%.9g", value);
}

static void print_row(struct buffer *out, const struct difference_row *row)
{
	buffer_addf(out, "%s,%s,%s", row->name, difference_verdict_name(row->verdict),
		    difference_unit_name(row->unit));
	add_value(out, row->unit, row->old_value);
	add_value(out, row->unit, row->new_value);
	add_value(out, row->unit, row->old_low);
	add_value(out, row->unit, row->old_high);
	add_value(out, row->unit, row->new_low);
	add_value(out, row->unit, row->new_high);
	add_value(out, QUANTITY_SHARE, row->factor_low);
	add_value(out, QUANTITY_SHARE, row->factor_high);
	buffer_add_char(out, '\n');
}

void csv_difference(const struct sink_settings *s, struct buffer *out,
		    const struct difference *difference, const struct difference_told *old,
		    const struct difference_told *new)
{
	size_t count;
	const struct difference_row *rows = difference_rows(difference, &count);

	(void)s;
	(void)old;
	(void)new;
	buffer_add_text(out, "name,verdict,unit,old,new,old_low,old_high,new_low,new_high,"
			     "factor_low,factor_high\n");
	for (size_t i = 0; i < count; i++)
		print_row(out, &rows[i]);
}
