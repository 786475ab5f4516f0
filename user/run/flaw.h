/* SPDX-License-Identifier: GPL-2.0-only */
/* What is wrong with a recording, in one sentence that says where, and what was saved of it. */
#ifndef USER_RUN_FLAW_H
#define USER_RUN_FLAW_H

#include "user/source/replay.h"

/* Says it on standard error; with `saved`, what was read of it all the same. */
void flaw_complain(const struct replay_flaw *flaw, bool saved);

#endif
