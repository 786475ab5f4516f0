/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks at how full the ranges of ports are when the figures are asked for, and not too often. */
#ifndef USER_COMMAND_EXPORT_PORTS_H
#define USER_COMMAND_EXPORT_PORTS_H

#include <stdint.h>

#include "user/aggregate/metrics.h"

struct run;

/* All zero: nobody has looked. */
struct export_ports {
	uint64_t due_ns;
};

/* Of a run that goes on. What cannot be seen is not told. */
void export_ports_look(struct export_ports *p, const struct run *run, struct metrics_ports *ret);

#endif
