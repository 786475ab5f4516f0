/* SPDX-License-Identifier: GPL-2.0-only */
/* Failures as screens show them: in their own list, and in the overview. */
#ifndef USER_SINK_SCREEN_FAILURES_H
#define USER_SINK_SCREEN_FAILURES_H

#include "user/sink/screen/scene.h"

/* Rows of the list: kinds of failures whose last one matches the filter. */
size_t failures_count(const struct scene *scene);

/* The one in the cursor's row; false: there is none that has an example. */
bool failures_chosen(const struct scene *scene, struct failure *ret_failure);

/* The largest ones at another place: a line of titles, and `rows` - 1 of them. */
void failures_largest(const struct scene *scene, struct cells *cells, unsigned int left,
		      unsigned int room, const struct area *area);

#endif
