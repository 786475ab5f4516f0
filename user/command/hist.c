// SPDX-License-Identifier: GPL-2.0-only
/* The command `hist`: how long handshakes and states take, as histograms. */
#include "user/command/command.h"
#include "user/run/run.h"

const struct command command_hist = { .run = pipeline_run };
