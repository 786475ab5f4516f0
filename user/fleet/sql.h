/* SPDX-License-Identifier: GPL-2.0-only */
/* What people ask for, as parts of a query: no value of theirs can be more than a value. */
#ifndef USER_FLEET_SQL_H
#define USER_FLEET_SQL_H

#include <stddef.h>

#include "user/base/buffer.h"
#include "user/option/options.h"

/* Adds a literal: in quotes, all that could end it escaped. */
void sql_add_text(struct buffer *out, const char *bytes, size_t size);

/*
 * Adds " WHERE ..." by the filters of the options, true where there are none. `now_ns`: since 1970,
 * from which --since counts.
 */
void sql_add_where(struct buffer *out, const struct options *o, uint64_t now_ns);

/*
 * Adds " WHERE ... GROUP BY flow HAVING ...": all ends of the flows of which one end is asked for,
 * so that a filter takes no end from another.
 */
void sql_add_flows_where(struct buffer *out, const struct options *o, uint64_t now_ns);

/* Adds " AND host IN (...)", or nothing where any will do. */
void sql_add_hosts(struct buffer *out, const struct options *o);

/* What --since says, in nanoseconds since 1970; to be asked where it is given. */
uint64_t sql_since(const struct options *o, uint64_t now_ns);

#endif
