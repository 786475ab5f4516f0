/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tracer says of itself, and what is alive, brought into the figures. */
#ifndef USER_COMMAND_EXPORT_FILL_H
#define USER_COMMAND_EXPORT_FILL_H

#include "user/aggregate/metrics.h"

struct kernel_compare;
struct run;

/* Reads what the kernel counts by itself, and compares; before the others, as it catches up. */
void export_compare(struct run *run, struct kernel_compare *compare, struct metrics *metrics);

/* As of now, for `metrics` that `counter` counts into. */
void export_fill(const struct run *run, struct metrics_counter *counter, struct metrics *metrics);

#endif
