/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording of what is on the tape. */
#ifndef USER_COMMAND_TOP_SAVE_H
#define USER_COMMAND_TOP_SAVE_H

#include "user/command/top/tape.h"
#include "user/run/run.h"

#define SAVE_TEXT_SIZE 160

/*
 * Writes a new file into the run's folder, named by the time of day, and says in `text` what has
 * become of it. Bundles are taken apart, and all is in the order of time.
 */
void save_tape(const struct tape *tape, const struct run *run, char text[SAVE_TEXT_SIZE]);

#endif
