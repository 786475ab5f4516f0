/* SPDX-License-Identifier: GPL-2.0-only */
/* The name of an owner in text, with a mark where it is only that of the listener. */
#ifndef USER_SINK_OWNER_H
#define USER_SINK_OWNER_H

#include <stdbool.h>
#include <stddef.h>

#include "user/base/buffer.h"
#include "user/conn/conn.h"

#define OWNER_MARK '~'
/* What stands in the place of a name. */
#define OWNER_UNKNOWN "-"
#define OWNER_OTHERS "(others)"

struct owner_name {
	const char *comm; /* untrusted */
	size_t size;
	bool is_listeners;
};

/* Of a connection that has an owner: its thread's name, and that of the process as a whole. */
struct owner_name owner_name_of(const struct conn *c);
struct owner_name owner_service_of(const struct conn *c);

/*
 * Adds it as text_add_escaped does, which stops before `columns` are full: behind the mark if it is
 * the listener's; else a name that would be taken for a mark or a sign has its first byte escaped.
 * Returns the columns used.
 */
size_t owner_add(struct buffer *out, const struct owner_name *owner, size_t columns);

#endif
