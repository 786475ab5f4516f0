// SPDX-License-Identifier: GPL-2.0-only
/* The name of an owner in text, with a mark where it is only that of the listener. */
#include "user/sink/owner.h"

#include "user/base/text.h"
#include "user/sink/fact.h"

#define ESCAPED_MARK "\\x7e"

struct owner_name owner_name_of(const struct conn *c)
{
	return (struct owner_name){ c->comm, fact_comm_size(c), fact_owner_is_listener(c) };
}

size_t owner_add(struct buffer *out, const struct owner_name *owner, size_t columns)
{
	const size_t escape = sizeof(ESCAPED_MARK) - 1;
	bool is_like_marked = owner->size && owner->comm[0] == OWNER_MARK;

	if (owner->is_listeners && columns) {
		buffer_add_char(out, OWNER_MARK);
		return 1 + text_add_escaped(out, owner->comm, owner->size, columns - 1);
	}
	if (!is_like_marked)
		return text_add_escaped(out, owner->comm, owner->size, columns);
	if (columns < escape)
		return 0;
	buffer_add_text(out, ESCAPED_MARK);
	return escape + text_add_escaped(out, owner->comm + 1, owner->size - 1, columns - escape);
}
