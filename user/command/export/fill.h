/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tracer says of itself, and what is alive, brought into the figures. */
#ifndef USER_COMMAND_EXPORT_FILL_H
#define USER_COMMAND_EXPORT_FILL_H

#include "user/aggregate/metrics.h"

struct run;

/* As of now, for `metrics` that `counter` counts into. */
void export_fill(const struct run *run, struct metrics_counter *counter, struct metrics *metrics);

#endif
