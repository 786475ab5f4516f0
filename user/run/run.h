/* SPDX-License-Identifier: GPL-2.0-only */
/* One run of trace or hist: a source, the connection table, and what is made of it. */
#ifndef USER_RUN_RUN_H
#define USER_RUN_RUN_H

#include "user/option/options.h"

/*
 * Runs the command until the duration is over, a signal comes or standard output closes. Returns
 * the exit status: 0, or 2 after one sentence on standard error.
 */
int pipeline_run(const struct options *options);

#endif
