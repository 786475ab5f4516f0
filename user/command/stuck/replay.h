/* SPDX-License-Identifier: GPL-2.0-only */
/* What was stuck at a moment of a recording. */
#ifndef USER_COMMAND_STUCK_REPLAY_H
#define USER_COMMAND_STUCK_REPLAY_H

#include "user/command/stuck/tell.h"

/*
 * Reads the recordings of the options up to the moment of --at, or to their end, and tells what was
 * stuck then. Returns the exit status.
 */
int stuck_replay(struct stuck_tell *tell);

#endif
