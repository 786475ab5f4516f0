/* SPDX-License-Identifier: GPL-2.0-only */
/* The page that a person sees who opens the port in a browser. */
#ifndef USER_COMMAND_EXPORT_LANDING_H
#define USER_COMMAND_EXPORT_LANDING_H

#include "user/aggregate/metrics.h"
#include "user/base/buffer.h"
#include "user/base/language.h"

/* Version, hooks, losses, and the link to the figures; no script, nothing from elsewhere. */
void export_landing(struct buffer *out, const struct metrics *metrics, enum ladder_language l);

#endif
