// SPDX-License-Identifier: GPL-2.0-only
/* The command `trace`: one line for each connection, or for each of its transitions. */
#include "user/command/command.h"
#include "user/run/run.h"

const struct command command_trace = { .run = pipeline_run };
