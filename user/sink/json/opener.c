// SPDX-License-Identifier: GPL-2.0-only
/* The code that opened a connection, in its line of JSON. */
#include "user/sink/json/opener.h"

#include "user/sink/lore.h"

static void add_name(struct json *j, const char *key, struct stack_name name)
{
	json_key(j, key);
	if (name.bytes)
		json_string(j, name.bytes, name.size);
	else
		json_null(j);
}

static void add_known(struct json *j, const char *key, bool known, uint64_t value)
{
	json_key(j, key);
	if (known)
		json_u64(j, value);
	else
		json_null(j);
}

static void add_frame(struct json *j, const struct stack_frame *f)
{
	json_object_begin(j);
	add_name(j, "function", f->function);
	add_known(j, "offset", f->function.bytes, f->function_offset);
	add_name(j, "file", f->file);
	add_known(j, "line", f->file.bytes && f->line, f->line);
	add_name(j, "module", f->module);
	add_known(j, "module_offset", f->module_offset != STACK_OFFSET_UNKNOWN, f->module_offset);
	add_name(j, "build_id", f->build_id);
	json_key(j, "certain");
	json_bool(j, !(f->flags & STACK_FRAME_UNPROVEN));
	json_key(j, "after_gap");
	json_bool(j, f->flags & STACK_FRAME_GAP);
	json_object_end(j);
}

/* From within outwards. */
void json_opener(struct json *j, const struct sink_settings *s, uint64_t stack)
{
	struct stack_frames frames;
	bool known = lore_stack(s->lore, stack, &frames);

	json_key(j, "opened_by");
	if (known) {
		json_array_begin(j);
		for (size_t i = 0; i < frames.count; i++)
			add_frame(j, &frames.frame[i]);
		json_array_end(j);
	} else {
		json_null(j);
	}
	json_key(j, "opened_by_whole");
	if (known)
		json_bool(j, frames.is_whole);
	else
		json_null(j);
}
