/* SPDX-License-Identifier: GPL-2.0-only */
/* What the keys of the live view do: for its own page, and for the manual. */
#ifndef USER_SINK_SCREEN_HELP_H
#define USER_SINK_SCREEN_HELP_H

#include <stddef.h>

#include "user/aggregate/ladder_phrase.h"

/* In each language. */
struct help_entry {
	const char *keys[LADDER_LANGUAGE_COUNT], *what[LADDER_LANGUAGE_COUNT];
};

extern const struct help_entry help_entries[];
extern const size_t help_entry_count;

/* And what the signs on the screens mean. */
extern const struct help_entry help_signs[];
extern const size_t help_sign_count;

#endif
