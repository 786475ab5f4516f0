/* SPDX-License-Identifier: GPL-2.0-only */
/* The code that opened a connection, in its line of JSON. */
#ifndef USER_SINK_JSON_OPENER_H
#define USER_SINK_JSON_OPENER_H

#include "user/base/json.h"
#include "user/sink/sink.h"

/* Adds opened_by and opened_by_whole, of a stack by its number (0: unknown), to the object. */
void json_opener(struct json *j, const struct sink_settings *s, uint64_t stack);

#endif
