/* SPDX-License-Identifier: GPL-2.0-only */
/* Words for a number of two runs: before, now, and by how much it has surely changed. */
#ifndef USER_SINK_CHANGE_H
#define USER_SINK_CHANGE_H

#include "user/aggregate/difference.h"

#define CHANGE_SIZE 24

/* Three significant digits with the unit; "-" where there is none. Returns `text`. */
const char *change_value(enum quantity_unit unit, double value, char text[CHANGE_SIZE]);

/* "x3.2" of what doubled or more, "+12%" and "-40%" else; "new", "-". Returns a text or `text`. */
const char *change_factor(double factor, char text[CHANGE_SIZE]);

/* The new value by the old one; NAN where one of them is unknown. */
double change_of(const struct difference_row *row);

/* Whether it differs by more than chance would have it. */
bool change_is(const struct difference_row *row);

/* By how much it has changed at least; of what has not, why. */
const char *change_sure(const struct difference_row *row, char text[CHANGE_SIZE]);

#endif
