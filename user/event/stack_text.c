// SPDX-License-Identifier: GPL-2.0-only
/* A line for each frame, with its fields between tabs; before them one that says how it ends. */
#include "user/event/stack_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/buffer.h"
#include "user/base/siphash.h"

#define WHOLE "whole\n"
#define PART "part\n"
#define FIELDS 8

static void add_name(struct buffer *text, struct stack_name name)
{
	size_t size = name.size < STACK_NAME_MAX ? name.size : STACK_NAME_MAX;

	buffer_add_char(text, '\t');
	for (size_t i = 0; name.bytes && i < size; i++) {
		char c = name.bytes[i];

		buffer_add_char(text, c == '\t' || c == '\n' || !c ? '?' : c);
	}
}

static void add_frame(struct buffer *text, const struct stack_frame *f)
{
	buffer_addf(text, "%x\t", f->flags & (STACK_FRAME_GAP | STACK_FRAME_UNPROVEN));
	if (f->module_offset != STACK_OFFSET_UNKNOWN)
		buffer_addf(text, "%" PRIx64, f->module_offset);
	buffer_addf(text, "\t%" PRIx64 "\t%x", f->function.bytes ? f->function_offset : 0,
		    f->file.bytes ? f->line : 0);
	add_name(text, f->build_id);
	add_name(text, f->module);
	add_name(text, f->function);
	add_name(text, f->file);
	buffer_add_char(text, '\n');
}

/* Of the longest names. */
#define FRAME_TEXT_MAX (4 * (STACK_NAME_MAX + 1) + 64)

void stack_text_write(const struct stack_frames *frames, struct buffer *text)
{
	bool is_whole = frames->is_whole && frames->count * FRAME_TEXT_MAX <= STACK_TEXT_MAX;
	size_t begin = text->size;

	buffer_add(text, is_whole ? WHOLE : PART, is_whole ? strlen(WHOLE) : strlen(PART));
	for (size_t i = 0; i < frames->count; i++)
		if (text->size - begin <= STACK_TEXT_MAX - FRAME_TEXT_MAX)
			add_frame(text, &frames->frame[i]);
}

/* Of `line`, which ends with a newline: its fields. Returns whether it has so many. */
static bool part_fields(const char *line, const char *end, struct stack_name field[FIELDS])
{
	for (int i = 0; i < FIELDS; i++) {
		const char *tab = memchr(line, '\t', (size_t)(end - line));

		if (!tab != (i == FIELDS - 1))
			return false;
		if (!tab)
			tab = end;
		field[i] = (struct stack_name){ line, (size_t)(tab - line) };
		line = tab + 1;
	}
	return true;
}

static bool read_hex(struct stack_name field, uint64_t most, uint64_t *ret)
{
	uint64_t value = 0;

	if (!field.size || field.size > 16)
		return false;
	for (size_t i = 0; i < field.size; i++) {
		const char *digit = strchr("0123456789abcdef", field.bytes[i]);

		if (!digit || !*digit)
			return false;
		value = value << 4 | (uint64_t)(digit - "0123456789abcdef");
	}
	*ret = value;
	return value <= most;
}

static struct stack_name known(struct stack_name field)
{
	return field.size ? field : (struct stack_name){ NULL, 0 };
}

static bool read_frame(const char *line, const char *end, struct stack_frame *f)
{
	struct stack_name field[FIELDS];
	uint64_t flags, number;

	*f = (struct stack_frame){ .module_offset = STACK_OFFSET_UNKNOWN };
	if (!part_fields(line, end, field) ||
	    !read_hex(field[0], STACK_FRAME_GAP | STACK_FRAME_UNPROVEN, &flags) ||
	    (field[1].size && !read_hex(field[1], UINT64_MAX - 1, &f->module_offset)) ||
	    !read_hex(field[2], UINT64_MAX, &f->function_offset) ||
	    !read_hex(field[3], UINT32_MAX, &number))
		return false;
	f->flags = (uint32_t)flags;
	f->line = (uint32_t)number;
	f->build_id = known(field[4]);
	f->module = known(field[5]);
	f->function = known(field[6]);
	f->file = known(field[7]);
	return true;
}

bool stack_text_read(const char *text, size_t size, struct stack_frames *ret)
{
	const char *end = text + size, *line;

	ret->count = 0;
	ret->is_whole = size >= strlen(WHOLE) && !memcmp(text, WHOLE, strlen(WHOLE));
	if (!ret->is_whole && (size < strlen(PART) || memcmp(text, PART, strlen(PART)) != 0))
		return false;
	line = text + (ret->is_whole ? strlen(WHOLE) : strlen(PART));
	while (line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));

		if (!newline || ret->count == STACK_FRAMES_MAX ||
		    !read_frame(line, newline, &ret->frame[ret->count]))
			return false;
		ret->count++;
		line = newline + 1;
	}
	return ret->count > 0;
}

uint64_t stack_text_number(const char *text, size_t size)
{
	struct siphash_key key = { 0x7463707370616e20, 0x737461636b730a00 };
	uint64_t word;

	for (size_t at = 0; at < size; at += sizeof(word)) {
		size_t left = size - at;

		word = 0;
		memcpy(&word, text + at, left < sizeof(word) ? left : sizeof(word));
		key.k0 = siphash_u64(&key, word);
	}
	return key.k0 ? key.k0 : 1;
}

struct stack_name stack_name_base(struct stack_name path)
{
	const char *slash = path.bytes ? memrchr(path.bytes, '/', path.size) : NULL;

	if (!slash || slash + 1 == path.bytes + path.size)
		return path;
	return (struct stack_name){ slash + 1, path.size - (size_t)(slash + 1 - path.bytes) };
}
