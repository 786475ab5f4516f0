/* SPDX-License-Identifier: GPL-2.0-only */
/* What the processes of this program take of the machine, as /proc tells. */
#ifndef USER_COMMAND_EXPORT_PROCESS_H
#define USER_COMMAND_EXPORT_PROCESS_H

#include <sys/types.h>

#include "user/aggregate/metrics.h"

/* Of this process, and of others of ours. */
void export_process_read(const pid_t *others, size_t count, struct metrics_process *ret);

#endif
