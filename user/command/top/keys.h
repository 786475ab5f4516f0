/* SPDX-License-Identifier: GPL-2.0-only */
/* What each key does to the view. */
#ifndef USER_COMMAND_TOP_KEYS_H
#define USER_COMMAND_TOP_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "user/sink/screen/view.h"

/* What is left to be done for a key, by whoever knows more than the view. */
enum keys_wish {
	KEYS_NOTHING,
	KEYS_END,
	KEYS_OPEN,	   /* what is behind the row */
	KEYS_FILTER_TYPED, /* view.typed may be a filter */
	KEYS_FILTER_CLEAR,
	KEYS_GROUP, /* by the key of the view */
	KEYS_PAUSE, /* view.is_paused has changed */
	KEYS_SAVE,
	KEYS_STEP, /* of a recording */
};

/* `rows`: of the list that are seen. */
enum keys_wish keys_press(struct view *view, int key, size_t rows);

#endif
