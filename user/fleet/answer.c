// SPDX-License-Identifier: GPL-2.0-only
/* Takes rows apart, as FORMAT TabSeparated has them. */
#include "user/fleet/answer.h"

#include <errno.h>
#include <string.h>

/* What stands behind a backslash. */
static char meaning(char c)
{
	static const char from[] = "bfrnt0", to[] = "\b\f\r\n\t";
	const char *at = c ? strchr(from, c) : NULL;

	return at ? to[at - from] : c;
}

static void unescape(char *bytes, size_t size, struct answer_value *ret)
{
	char *to = bytes;

	*ret = (struct answer_value){ NULL, 0 };
	if (size == 2 && !memcmp(bytes, "\\N", 2))
		return;
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\\' && i + 1 < size)
			*to++ = meaning(bytes[++i]);
		else
			*to++ = bytes[i];
	}
	*ret = (struct answer_value){ bytes, (size_t)(to - bytes) };
}

int answer_next(struct answer *answer, struct answer_value *values, size_t count)
{
	char *at = answer->at, *end;

	if (at >= answer->end)
		return 0;
	end = memchr(at, '\n', (size_t)(answer->end - at));
	if (!end)
		return -EBADMSG;
	for (size_t i = 0; i < count; i++) {
		char *stop = memchr(at, '\t', (size_t)(end - at));

		if (!stop != (i + 1 == count))
			return -EBADMSG;
		stop = stop ? stop : end;
		unescape(at, (size_t)(stop - at), &values[i]);
		at = stop + 1;
	}
	answer->at = end + 1;
	return 1;
}

int answer_begin(struct answer *answer, size_t count)
{
	struct answer_value names[ANSWER_COLUMNS];
	int found = answer_next(answer, names, count);

	if (found < 0)
		return found;
	return found ? 0 : -ENODATA;
}

bool answer_u64(const struct answer_value *value, uint64_t *ret)
{
	uint64_t number = 0;

	if (!value->bytes || !value->size || value->size > 20)
		return false;
	for (size_t i = 0; i < value->size; i++) {
		uint64_t digit = (uint64_t)(value->bytes[i] - '0');

		if (value->bytes[i] < '0' || value->bytes[i] > '9' ||
		    __builtin_mul_overflow(number, UINT64_C(10), &number) ||
		    __builtin_add_overflow(number, digit, &number))
			return false;
	}
	*ret = number;
	return true;
}

bool answer_is(const struct answer_value *value, const char *text)
{
	return value->bytes && value->size == strlen(text) &&
	       !memcmp(value->bytes, text, value->size);
}
