// SPDX-License-Identifier: GPL-2.0-only
/* Aligns the cells of a line as they come, one after the other. */
#include "user/sink/text/columns.h"

#include <string.h>

#include "user/base/text.h"
#include "user/base/units.h"

#define SUB_SECOND_DIGITS 6
#define ELLIPSIS ".."
#define UTF8_BYTES 4 /* of a code point, at most */

static size_t width_of(const uint8_t *widths, size_t count, uint32_t chosen)
{
	size_t width = 0;

	for (size_t i = 0; i < count; i++)
		if (chosen >> i & 1)
			width += (width ? 1 : 0) + widths[i];
	return width;
}

uint32_t columns_choose(const uint8_t *widths, const uint8_t *ranks, size_t count, size_t limit)
{
	uint32_t chosen = (uint32_t)(UINT64_C(1) << count) - 1;

	while (width_of(widths, count, chosen) > limit) {
		size_t worst = count;

		for (size_t i = 0; i < count; i++)
			if (chosen >> i & 1 && ranks[i] &&
			    (worst == count || ranks[i] > ranks[worst]))
				worst = i;
		if (worst == count)
			break;
		chosen &= ~(UINT32_C(1) << worst);
	}
	return chosen;
}

void columns_begin(struct columns *l, struct buffer *out)
{
	*l = (struct columns){ .out = out };
}

static void pad_to(struct columns *l, size_t column)
{
	char *at = columns_pad(l, column, 0);

	if (at)
		buffer_take(l->out, at);
}

static void add(struct columns *l, size_t column, size_t width, const char *text, size_t size,
		size_t wide)
{
	char *at = columns_pad(l, column, size);

	if (at) {
		memcpy(at, text, size);
		buffer_take(l->out, at + size);
	}
	l->used += wide;
	l->next += width + 1;
}

void columns_left(struct columns *l, size_t width, const char *text)
{
	size_t size = strlen(text);

	add(l, l->next, width, text, size, text_width(text, size));
}

void columns_right(struct columns *l, size_t width, const char *text)
{
	size_t size = strlen(text), wide = text_width(text, size);

	add(l, wide < width ? l->next + width - wide : l->next, width, text, size, wide);
}

void columns_untrusted(struct columns *l, size_t width, size_t limit, const char *bytes,
		       size_t size)
{
	pad_to(l, l->next);
	l->used += text_add_escaped(l->out, bytes, size, limit);
	l->next += width + 1;
}

void columns_owner(struct columns *l, size_t width, size_t limit, const struct owner_name *owner)
{
	pad_to(l, l->next);
	l->used += owner_add(l->out, owner, limit);
	l->next += width + 1;
}

/* Whether it was added: only if it takes at most `limit` columns, which are used then. */
static bool add_if_it_fits(struct columns *l, size_t limit, const char *bytes, size_t size)
{
	size_t before = l->out->size;
	size_t used = text_add_escaped(l->out, bytes, size, TEXT_UNLIMITED);

	if (used > limit) {
		l->out->size = before;
		return false;
	}
	l->used += used;
	return true;
}

/* Whether a cut here would part a character, or what stands on one from it. */
static bool is_inside(const char *text, size_t size)
{
	uint32_t code;

	if ((*text & 0xc0) == 0x80)
		return true;
	return text_code_point(text, size, &code) && !text_columns(code);
}

void columns_path(struct columns *l, size_t width, size_t limit, const char *path)
{
	size_t size = strlen(path), room = limit - strlen(ELLIPSIS);

	pad_to(l, l->next);
	l->next += width + 1;
	if (size / UTF8_BYTES <= limit && add_if_it_fits(l, limit, path, size))
		return;
	buffer_add_text(l->out, ELLIPSIS);
	l->used += strlen(ELLIPSIS);
	if (size > room * UTF8_BYTES) {
		path += size - room * UTF8_BYTES;
		size = room * UTF8_BYTES;
	}
	while (is_inside(path, size) || !add_if_it_fits(l, room, path, size)) {
		path++;
		size--;
	}
}

void columns_end(struct columns *l)
{
	buffer_add_char(l->out, '\n');
}

char *columns_put_number(bool known, uint64_t number, char *at)
{
	if (known)
		return text_put_u64(at, number);
	*at++ = '-';
	return at;
}

const char *columns_number(bool known, uint64_t number, char text[COLUMNS_TEXT_SIZE])
{
	*columns_put_number(known, number, text) = '\0';
	return text;
}

/* Before the start lies the first SYN-ACK of a connection whose ACK came just after it. */
const char *columns_timestamp(uint64_t start_ns, uint64_t mono_ns, char text[COLUMNS_TEXT_SIZE])
{
	bool before = mono_ns < start_ns;
	uint64_t us = (before ? start_ns - mono_ns : mono_ns - start_ns) / NS_PER_US;
	char *at = text;

	if (before)
		*at++ = '-';
	at = text_put_u64(at, us / US_PER_S);
	*at++ = '.';
	us %= US_PER_S;
	for (int i = SUB_SECOND_DIGITS - 1; i >= 0; i--, us /= 10)
		at[i] = (char)('0' + us % 10);
	at[SUB_SECOND_DIGITS] = '\0';
	return text;
}

char *columns_put_place(struct fact_end end, size_t width, char text[COLUMNS_TEXT_SIZE])
{
	size_t size, head, tail;

	if (!end.address) {
		*text = '-';
		return text + 1;
	}
	size = (size_t)(fact_end_put(&end, text) - text);
	if (size <= width)
		return text + size;
	head = (width - strlen(ELLIPSIS) + 1) / 2;
	tail = width - strlen(ELLIPSIS) - head;
	memcpy(text + head, ELLIPSIS, strlen(ELLIPSIS));
	memmove(text + head + strlen(ELLIPSIS), text + size - tail, tail);
	return text + width;
}

const char *columns_place(struct fact_end end, size_t width, char text[COLUMNS_TEXT_SIZE])
{
	*columns_put_place(end, width, text) = '\0';
	return text;
}
