/* SPDX-License-Identifier: GPL-2.0-only */
/* Histograms as screens show them: in their own list, and in the overview. */
#ifndef USER_SINK_SCREEN_HISTOGRAMS_H
#define USER_SINK_SCREEN_HISTOGRAMS_H

#include "user/sink/screen/scene.h"

/* Rows of the list. */
size_t histograms_count(const struct scene *scene);

/* The first ones at another place: a line of titles, and `rows` - 1 of them. */
void histograms_first(const struct scene *scene, struct cells *cells, const struct area *area);

#endif
