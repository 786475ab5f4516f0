/* SPDX-License-Identifier: GPL-2.0-only */
/* What causes and ends mean, in each language. */
#ifndef USER_SINK_MEANING_H
#define USER_SINK_MEANING_H

#include "user/aggregate/ladder_phrase.h"
#include "user/conn/cause.h"
#include "user/sink/legend.h"

const char *meaning_of_cause(enum conn_cause cause, enum ladder_language language);
const char *meaning_of_outcome(enum conn_outcome outcome, enum ladder_language language);

#endif
