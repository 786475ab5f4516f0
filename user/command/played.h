/* SPDX-License-Identifier: GPL-2.0-only */
/* A story of the textbook that is played while a run follows it, and nothing else. */
#ifndef USER_COMMAND_PLAYED_H
#define USER_COMMAND_PLAYED_H

#include <stdbool.h>
#include <stdint.h>

#include "user/demo/stage.h"
#include "user/option/options.h"
#include "user/run/run.h"

struct played {
	struct stage *stage; /* NULL: none is */
	uint64_t over_ns;    /* when the play was over; 0: it is not */
	int error;	     /* of the play, -errno */
};

/*
 * Makes the stage of the story that `options` ask for, and has them follow its connections alone.
 * Returns 0, or -errno with the reason in one sentence.
 */
int played_open(struct played *played, struct options *options, unsigned int delay_ms,
		char reason[STAGE_REASON_SIZE]);
void played_close(struct played *played);

/* The run follows: it may begin. Returns 0, or -errno after one sentence. */
int played_begin(struct played *played, struct run *run);

/* Whether it is over and all records of it have come, as of `now_ns`; and when to ask again. */
bool played_is_over(struct played *played, uint64_t now_ns);
uint64_t played_due_ns(const struct played *played);

/* Returns 0, or -errno after one sentence: it was not played to its end, which nobody asked for. */
int played_complain(const struct played *played);

#endif
