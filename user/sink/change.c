// SPDX-License-Identifier: GPL-2.0-only
/* Says what differs between two runs in few columns, for whoever prints it. */
#include "user/sink/change.h"

#include <math.h>
#include <stdio.h>

#include "user/base/text.h"

const char *change_value(enum quantity_unit unit, double value, char text[CHANGE_SIZE])
{
	char duration[TEXT_DURATION_SIZE];

	if (!isfinite(value))
		return "-";
	if (unit == QUANTITY_NS)
		snprintf(text, CHANGE_SIZE, "%s", text_duration((uint64_t)value, duration));
	else if (unit == QUANTITY_COUNT || value == 0)
		snprintf(text, CHANGE_SIZE, "%.0f", value);
	else if (unit == QUANTITY_SHARE && value != 0 && value < 0.0001)
		snprintf(text, CHANGE_SIZE, "%.2fppm", value * 1e6);
	else if (unit == QUANTITY_SHARE)
		snprintf(text, CHANGE_SIZE, "%.*f%%",
			 value < 0.01 ? 3 :
			 value < 1    ? 1 :
					0,
			 value * 100);
	else
		snprintf(text, CHANGE_SIZE, "%.*f/s", value < 0.1 ? 4 : value < 100 ? 2 : 0, value);
	return text;
}

const char *change_factor(double factor, char text[CHANGE_SIZE])
{
	if (isnan(factor))
		return "-";
	if (isinf(factor))
		return "new";
	if (factor >= 2)
		snprintf(text, CHANGE_SIZE, "x%.*f", factor < 10 ? 1 : 0, factor);
	else
		snprintf(text, CHANGE_SIZE, "%+.*f%%", fabs(factor - 1) < 0.1 ? 1 : 0,
			 (factor - 1) * 100);
	return text;
}

double change_of(const struct difference_row *row)
{
	if (isnan(row->old_value) || isnan(row->new_value))
		return NAN;
	if (row->old_value > 0)
		return row->new_value / row->old_value;
	return row->new_value > 0 ? INFINITY : 1;
}

bool change_is(const struct difference_row *row)
{
	return row->verdict == DIFFERENCE_MORE || row->verdict == DIFFERENCE_LESS;
}

const char *change_sure(const struct difference_row *row, char text[CHANGE_SIZE])
{
	switch (row->verdict) {
	case DIFFERENCE_MORE:
		return change_factor(row->factor_low, text);
	case DIFFERENCE_LESS:
		return change_factor(row->factor_high, text);
	case DIFFERENCE_TOO_FEW:
		return "too few";
	case DIFFERENCE_UNKNOWN:
		return "unknown";
	default:
		return "none";
	}
}
