// SPDX-License-Identifier: GPL-2.0-only
/* Reads it once, line by line, and keeps nothing but what was asked for. */
#include "user/stacks/perf_map.h"

#include <string.h>

#define LINE_MAX_BYTES 1024 /* what is longer is cut */
#define PIECE 16384

static const char *take_hex(const char *at, const char *end, uint64_t *ret)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	const char *from;
	uint64_t value = 0;

	if (end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
		at += 2;
	from = at;
	for (; at < end && *at != ' '; at++) {
		const char *digit = memchr(digits, *at, sizeof(digits) - 1);
		uint64_t number = digit ? (uint64_t)(digit - digits) : 0;

		if (!digit || value > UINT64_MAX >> 4)
			return NULL;
		value = value << 4 | (number < 16 ? number : number - 6);
	}
	*ret = value;
	return at < end && at > from ? at + 1 : NULL;
}

static void apply_line(const char *line, const char *end, struct perf_map_question *questions,
		       size_t count)
{
	uint64_t start, size;
	const char *name;

	name = take_hex(line, end, &start);
	if (name)
		name = take_hex(name, end, &size);
	if (!name || name == end)
		return;
	for (size_t i = 0; i < count; i++) {
		struct perf_map_question *q = &questions[i];
		size_t length = (size_t)(end - name);

		if (q->address < start || q->address - start >= size)
			continue;
		if (length > PERF_MAP_NAME_MAX)
			length = PERF_MAP_NAME_MAX;
		memcpy(q->function, name, length);
		q->function[length] = '\0';
		q->offset = q->address - start;
	}
}

/* The line that is being read: of what is too long, the beginning. */
struct line {
	char bytes[LINE_MAX_BYTES];
	size_t size;
};

static void take(struct line *line, const char *bytes, size_t size)
{
	size_t room = sizeof(line->bytes) - line->size;

	if (size > room)
		size = room;
	memcpy(line->bytes + line->size, bytes, size);
	line->size += size;
}

int perf_map_answer(ssize_t (*read)(void *context, void *bytes, size_t size), void *context,
		    struct perf_map_question *questions, size_t count)
{
	struct line line = { .size = 0 };
	char piece[PIECE];
	size_t all = 0;
	ssize_t size = 0;

	for (size_t i = 0; i < count; i++)
		questions[i].function[0] = '\0';
	while (all < PERF_MAP_TEXT_MAX && (size = read(context, piece, sizeof(piece))) > 0) {
		const char *at = piece, *end = piece + size, *newline;

		all += (size_t)size;
		while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
			take(&line, at, (size_t)(newline - at));
			apply_line(line.bytes, line.bytes + line.size, questions, count);
			line.size = 0;
			at = newline + 1;
		}
		take(&line, at, (size_t)(end - at));
	}
	return size < 0 ? (int)size : 0;
}
