/* SPDX-License-Identifier: GPL-2.0-only */
/* The stage of a story: two network namespaces, and a process that plays in them. */
#ifndef USER_DEMO_STAGE_H
#define USER_DEMO_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "user/demo/wire.h"

struct stage;

#define STAGE_REASON_SIZE 160

/* A script; 0, or -errno. Runs in the player's process, in the namespace of WIRE_A. */
struct play;
typedef int (*stage_script)(struct play *play);

/*
 * Makes namespaces that nothing but the player holds, so that they end with it, and it ends with
 * this process or with the stage. `delay_ms`: how long each segment is under way. Returns 0, or
 * -errno with the reason in one sentence.
 */
int stage_open(stage_script script, unsigned int delay_ms, struct stage **ret_stage,
	       char reason[STAGE_REASON_SIZE]);
void stage_close(struct stage *stage); /* NULL is fine */

/* Of the namespace of one end. */
uint32_t stage_netns(const struct stage *stage, enum wire_end end);

/* Tells the player to begin. */
void stage_begin(struct stage *stage);

/* Can be read when the play is over. */
int stage_fd(const struct stage *stage);

/* Whether the play is over; `ret_error`: 0, or -errno of what went wrong in it. Does not wait. */
bool stage_is_over(struct stage *stage, int *ret_error);

/* Becomes this program with these arguments; returns with errno where that cannot be. */
void stage_run_self(char *const *arguments);

/*
 * Has this program run with these arguments in the namespace of WIRE_B, on this standard output,
 * and waits until it has ended. Returns 0, or -errno.
 */
int stage_run(struct stage *stage, const char *const arguments[]);

#endif
