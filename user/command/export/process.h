/* SPDX-License-Identifier: GPL-2.0-only */
/* What the processes of this program take of the machine, as /proc tells. */
#ifndef USER_COMMAND_EXPORT_PROCESS_H
#define USER_COMMAND_EXPORT_PROCESS_H

#include <sys/types.h>

#include "user/aggregate/metrics.h"

/* Of this process, and of another one of ours unless it is 0. */
void export_process_read(pid_t other, struct metrics_process *ret);

#endif
