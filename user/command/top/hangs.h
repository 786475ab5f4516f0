/* SPDX-License-Identifier: GPL-2.0-only */
/* What is stuck, for its screen: looked at in the running kernel, or as the table knows it. */
#ifndef USER_COMMAND_TOP_HANGS_H
#define USER_COMMAND_TOP_HANGS_H

#include "user/aggregate/roster.h"
#include "user/command/stuck/look.h"
#include "user/command/top/words.h"
#include "user/run/run.h"

struct hangs {
	struct run *run;
	struct options *options; /* of looks */
	struct stuck_eye eye;
	bool has_eye, has_look, is_still;
	struct stuck_look look;
	uint64_t due_ns; /* of the next look */
	struct stuck *rows;
	size_t room;
	size_t count, all; /* rows that are seen, and that match the filter */
	size_t total;	   /* that there are */
};

/* Of the run that has begun. Returns 0, or -ENOMEM. */
int hangs_begin(struct hangs *hangs, struct run *run);
void hangs_done(struct hangs *hangs);

/* Looks once more, and then no more until it goes on. */
void hangs_stand_still(struct hangs *hangs);
void hangs_go_on(struct hangs *hangs);

/*
 * Looks, if it is time, and takes `count` rows from `first` on of those that match `words` (NULL:
 * all). False: nobody can look here.
 */
bool hangs_look(struct hangs *hangs, const struct words *words, size_t first, size_t count);

/* Instead: those that were found in the table. Returns 0, or -ENOMEM. */
int hangs_take(struct hangs *hangs, const struct roster_found *found, uint64_t now_ns);

#endif
