// SPDX-License-Identifier: GPL-2.0-only
/* The name of an owner in text, with a mark where it is only that of the listener. */
#include "user/sink/owner.h"

#include <stdio.h>
#include <string.h>

#include "user/base/text.h"
#include "user/sink/fact.h"

#define ESCAPE_SIZE 5 /* "\\x7e" */

struct owner_name owner_name_of(const struct conn *c)
{
	return (struct owner_name){ c->comm, fact_comm_size(c), fact_owner_is_listener(c) };
}

struct owner_name owner_service_of(const struct conn *c)
{
	struct conn_name name = conn_service(c);

	return (struct owner_name){ name.bytes, name.size, fact_owner_is_listener(c) };
}

/* Whether its name as it is would say something else. */
static bool is_like_a_sign(const struct owner_name *owner)
{
	static const char *const signs[] = { OWNER_UNKNOWN, OWNER_OTHERS };

	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++)
		if (owner->size == strlen(signs[i]) && !memcmp(owner->comm, signs[i], owner->size))
			return true;
	return owner->size && owner->comm[0] == OWNER_MARK;
}

size_t owner_add(struct buffer *out, const struct owner_name *owner, size_t columns)
{
	char escape[ESCAPE_SIZE];
	size_t size;

	if (owner->is_listeners && columns) {
		buffer_add_char(out, OWNER_MARK);
		return 1 + text_add_escaped(out, owner->comm, owner->size, columns - 1);
	}
	if (!is_like_a_sign(owner))
		return text_add_escaped(out, owner->comm, owner->size, columns);
	size = (size_t)snprintf(escape, sizeof(escape), "\\x%02x", (uint8_t)owner->comm[0]);
	if (columns < size)
		return 0;
	buffer_add(out, escape, size);
	return size + text_add_escaped(out, owner->comm + 1, owner->size - 1, columns - size);
}
