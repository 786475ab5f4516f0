/* SPDX-License-Identifier: GPL-2.0-only */
/* Stuck sockets as they come and go: transitions say when to look, and when one is released. */
#ifndef USER_COMMAND_STUCK_WATCH_H
#define USER_COMMAND_STUCK_WATCH_H

#include "user/command/stuck/tell.h"

/* Runs until it is told to stop. Returns the exit status: 1 when something is stuck at the end. */
int stuck_watch(struct stuck_tell *tell);

#endif
