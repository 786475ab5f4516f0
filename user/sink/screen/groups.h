/* SPDX-License-Identifier: GPL-2.0-only */
/* Groups as screens show them beside their own list. */
#ifndef USER_SINK_SCREEN_GROUPS_H
#define USER_SINK_SCREEN_GROUPS_H

#include "user/sink/screen/scene.h"

/* The first ones at another place: a line of titles, and `rows` - 1 of them. */
void groups_largest(const struct scene *scene, struct cells *cells, unsigned int left,
		    unsigned int room, const struct area *area);

#endif
