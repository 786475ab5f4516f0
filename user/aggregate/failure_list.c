// SPDX-License-Identifier: GPL-2.0-only
/* Failures as they were at one moment: copies of the rows of a set. */
#include "user/aggregate/failure_list.h"

#include <errno.h>
#include <stdlib.h>

#define ROOM_LEAST 16

struct taking {
	struct failure_list *list;
	int error;
};

static void add(void *context, const struct failure *f, uint64_t count)
{
	struct taking *taking = context;
	struct failure_list *list = taking->list;

	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : ROOM_LEAST;
		struct failure_row *grown = reallocarray(list->rows, room, sizeof(*grown));

		if (!grown) {
			taking->error = -ENOMEM;
			return;
		}
		list->rows = grown;
		list->room = room;
	}
	list->rows[list->count++] = (struct failure_row){ *f, count };
}

int failure_list_take(struct failure_list *list, const struct failure_set *set)
{
	struct taking taking = { .list = list };
	int error;

	list->count = 0;
	list->sum = failure_set_count(set);
	error = failure_set_each(set, add, &taking);
	return error ? error : taking.error;
}

void failure_list_done(struct failure_list *list)
{
	free(list->rows);
	*list = (struct failure_list){ .rows = NULL };
}
