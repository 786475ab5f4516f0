// SPDX-License-Identifier: GPL-2.0-only
/* The table of reset reasons. */
#include "user/event/reset_reason.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "SK_RST_REASON_"

void reset_reasons_add(struct reset_reasons *r, uint32_t number, const char *name)
{
	char *own;

	if (number >= RESET_REASONS)
		return;
	own = r->names[number];
	if (!strncmp(name, PREFIX, strlen(PREFIX)))
		name += strlen(PREFIX);
	memset(own, 0, RESET_REASON_SIZE);
	for (size_t i = 0; i < RESET_REASON_SIZE - 1 && name[i]; i++)
		own[i] = (char)(isalnum((unsigned char)name[i]) || name[i] == '_' ? name[i] : '?');
}

const char *reset_reasons_name(const struct reset_reasons *r, uint32_t number,
			       char text[RESET_REASON_SIZE])
{
	if (r && number < RESET_REASONS && r->names[number][0])
		return r->names[number];
	snprintf(text, RESET_REASON_SIZE, "unknown(%u)", number);
	return text;
}

void reset_reasons_write(const struct reset_reasons *r, struct buffer *out)
{
	for (unsigned int i = 0; i < RESET_REASONS; i++)
		if (r->names[i][0])
			buffer_addf(out, "%u %s\n", i, r->names[i]);
}

void reset_reasons_read(struct reset_reasons *r, const char *lines)
{
	while (*lines) {
		size_t size = strcspn(lines, "\n"), all = size;
		const char *next = lines + size + !!lines[size];
		char name[RESET_REASON_SIZE] = "";
		uint32_t number = 0;

		for (; size && isdigit((unsigned char)*lines) && number < RESET_REASONS; size--)
			number = number * 10 + (uint32_t)(*lines++ - '0');
		if (size < all && size > 1 && *lines == ' ') {
			size = size - 1 < sizeof(name) - 1 ? size - 1 : sizeof(name) - 1;
			memcpy(name, lines + 1, size);
			reset_reasons_add(r, number, name);
		}
		lines = next;
	}
}
