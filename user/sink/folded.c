// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stacks for flame graphs, in the format of stackcollapse: "process;main;open_one;connect 1", one
 * line for each connection. Whoever draws them adds up those that are the same.
 */
#include "user/base/text.h"
#include "user/sink/fact.h"
#include "user/sink/lore.h"
#include "user/sink/owner.h"
#include "user/sink/sink.h"
#include "user/sink/text/opener.h"

#define COMM_COLUMNS 64

static void add_owner(struct buffer *out, const struct conn *c)
{
	struct conn_name name = conn_service(c);
	size_t begin = out->size;

	if (name.bytes)
		text_add_escaped(out, name.bytes, name.size, COMM_COLUMNS);
	else
		buffer_add_char(out, '-');
	for (size_t i = begin; i < out->size; i++)
		if (out->bytes[i] == ' ' || out->bytes[i] == ';')
			out->bytes[i] = '_';
}

static void print_connection(const struct sink_settings *s, struct buffer *out,
			     const struct conn *c)
{
	uint64_t stack = lore_opener(s->lore, c);
	struct stack_frames frames;

	add_owner(out, c);
	if (!stack || !lore_stack(s->lore, stack, &frames)) {
		buffer_add_text(out, ";[unknown] 1\n");
		return;
	}
	buffer_add_char(out, ';');
	opener_add_folded(out, &frames);
	buffer_add_text(out, " 1\n");
}

/* Nobody here has opened it. */
static void print_half_open(const struct sink_settings *s, struct buffer *out,
			    const struct half_open *h)
{
	(void)s;
	(void)out;
	(void)h;
}

const struct sink sink_folded = {
	.name = "folded",
	.connection = print_connection,
	.half_open = print_half_open,
};
