/* SPDX-License-Identifier: GPL-2.0-only */
/* Who listens, for its screen: looked at in the running kernel, and counted as events tell. */
#ifndef USER_COMMAND_TOP_SERVING_H
#define USER_COMMAND_TOP_SERVING_H

#include "user/aggregate/listening_row.h"
#include "user/command/listeners/look.h"
#include "user/command/top/words.h"
#include "user/run/run.h"

struct serving {
	struct run *run;
	struct listening *listening;
	struct listeners_eye eye;
	bool has_begun, has_eye, has_looked;
	uint64_t due_ns; /* of the next look */
	struct listening_view view;
	struct listening_row *rows;
	size_t count, all;	     /* that match the filter, and that there are */
	struct serving_still *still; /* what is shown while it stands still; NULL: it does not */
	size_t still_count;
};

/* Returns 0, or -ENOMEM. */
int serving_init(struct serving *serving);
void serving_done(struct serving *serving);

/* The run has begun. */
void serving_begin(struct serving *serving, struct run *run);

/* A record of any kind came: those of listeners matter. */
void serving_hear(struct serving *serving, const void *bytes, size_t size);

/* Looks once more, and shows that until it goes on. Returns 0, or -ENOMEM: it goes on. */
int serving_stand_still(struct serving *serving);
void serving_go_on(struct serving *serving);

/*
 * Looks, if it is time, and makes the rows of those that match `words` (NULL: all). Returns 0, or
 * -ENOMEM.
 */
int serving_look(struct serving *serving, const struct words *words);

#endif
