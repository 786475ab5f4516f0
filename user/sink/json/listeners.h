/* SPDX-License-Identifier: GPL-2.0-only */
/* Listeners as NDJSON. */
#ifndef USER_SINK_JSON_LISTENERS_H
#define USER_SINK_JSON_LISTENERS_H

#include "user/aggregate/listening_row.h"
#include "user/base/json.h"
#include "user/sink/sink.h"

/* `is_change`: its verdict has changed, and the run goes on. */
void json_listener(const struct sink_settings *s, struct buffer *out,
		   const struct listening_row *row, bool is_change);

/* Of the last line, as the next one. */
void json_ports_totals(struct json *j, const struct listening_totals *totals);

void json_listening_totals(struct json *j, const struct listening_totals *totals);

#endif
