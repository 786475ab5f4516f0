// SPDX-License-Identifier: GPL-2.0-only
/* A segment of a ladder in letters: what it says, and by which numbers. */
#include "user/sink/segment.h"

#include <stdio.h>

size_t segment_put_flags(char *text, size_t size, const struct ladder_step *step)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} flags[] = {
#define X(FLAG, name) { LADDER_##FLAG, name },
		LADDER_FLAGS(X)
#undef X
	};
	unsigned int left = step->flags | step->guessed;
	size_t used = 0;

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		bool is_guessed = step->guessed & flags[i].bit;

		if (!(left & flags[i].bit))
			continue;
		left &= ~(unsigned int)flags[i].bit;
		used += (size_t)snprintf(text + used, size - used, "%s%s%s%s",
					 is_guessed ? "(" : "", flags[i].name, left ? "," : "",
					 is_guessed ? ")" : "");
	}
	return used;
}

size_t segment_put_number(char *text, size_t size, const char *name,
			  const struct ladder_number *number, bool is_absolute)
{
	const char *letter = ladder_symbol_name(number->symbol);
	size_t used;

	if (!number->is_shown)
		return 0;
	if (letter)
		used = (size_t)snprintf(text, size, number->plus ? " %s=%s+%u" : " %s=%s", name,
					letter, number->plus);
	else if (number->is_known)
		return (size_t)snprintf(text, size, " %s=%u", name, number->value);
	else
		return (size_t)snprintf(text, size, " %s=?", name);
	if (!is_absolute)
		return used;
	if (!number->is_known)
		return used + (size_t)snprintf(text + used, size - used, " (?)");
	return used + (size_t)snprintf(text + used, size - used, " (%u)", number->value);
}
