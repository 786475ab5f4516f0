// SPDX-License-Identifier: GPL-2.0-only
/* Text between people and the program: escaping what is not trusted, durations, numbers. */
#include <errno.h>
#include <string.h>

#include "user/base/text.h"

#define ESCAPE_COLUMNS 4 /* \xNN */
#define NS_PER_US 1000ULL
#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL
#define NS_PER_DAY (86400 * NS_PER_S)

/*
 * Code points beyond ASCII that a terminal obeys or hides: C1 controls, the general categories Cf
 * (bidirectional and other format characters), Zl and Zp, the fillers and tags that are invisible
 * without being Cf, and code points that will never be characters. In order.
 */
static const struct range {
	uint32_t first, last;
} invisible[] = {
	{ 0x0080, 0x009f },   { 0x00ad, 0x00ad },     { 0x034f, 0x034f },   { 0x0600, 0x0605 },
	{ 0x061c, 0x061c },   { 0x06dd, 0x06dd },     { 0x070f, 0x070f },   { 0x0890, 0x0891 },
	{ 0x08e2, 0x08e2 },   { 0x115f, 0x1160 },     { 0x17b4, 0x17b5 },   { 0x180b, 0x180f },
	{ 0x200b, 0x200f },   { 0x2028, 0x202e },     { 0x2060, 0x206f },   { 0x3164, 0x3164 },
	{ 0xfdd0, 0xfdef },   { 0xfeff, 0xfeff },     { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },
	{ 0xfffe, 0xffff },   { 0x110bd, 0x110bd },   { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },   { 0x1fffe, 0x1ffff }, { 0x2fffe, 0x2ffff },
	{ 0x3fffe, 0x3ffff }, { 0x4fffe, 0x4ffff },   { 0x5fffe, 0x5ffff }, { 0x6fffe, 0x6ffff },
	{ 0x7fffe, 0x7ffff }, { 0x8fffe, 0x8ffff },   { 0x9fffe, 0x9ffff }, { 0xafffe, 0xaffff },
	{ 0xbfffe, 0xbffff }, { 0xcfffe, 0xcffff },   { 0xdfffe, 0xe0fff }, { 0xefffe, 0xeffff },
	{ 0xffffe, 0xfffff }, { 0x10fffe, 0x10ffff },
};

bool text_is_visible(uint32_t code)
{
	size_t low = 0, high = sizeof(invisible) / sizeof(*invisible);

	if (code < 0x80)
		return code >= ' ' && code != 0x7f;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (code > invisible[middle].last)
			low = middle + 1;
		else if (code < invisible[middle].first)
			high = middle;
		else
			return false;
	}
	return code <= 0x10ffff;
}

size_t text_columns(uint32_t code)
{
	/* East Asian Width W and F, in blocks rather than by the character. In order. */
	static const struct range square[] = {
		{ 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0x4dbf },
		{ 0x4e00, 0xa4cf },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
		{ 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },
		{ 0x1f300, 0x1f64f }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
	};

	for (size_t i = 0; i < sizeof(square) / sizeof(*square) && code >= square[i].first; i++)
		if (code <= square[i].last)
			return 2;
	return 1;
}

size_t text_code_point(const char *bytes, size_t size, uint32_t *ret_code)
{
	/* By length: the bits of the first byte, and the smallest code point that needs so many. */
	static const uint32_t first_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first;
	uint32_t code;
	size_t length;
	size_t i;

	if (!size)
		return 0;
	first = (unsigned char)bytes[0];
	if (first < 0x80)
		length = 1;
	else if (first < 0xc2 || first > 0xf4)
		return 0;
	else
		length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (length > size)
		return 0;
	code = first & first_bits[length];
	for (i = 1; i < length; i++) {
		unsigned char next = (unsigned char)bytes[i];

		if ((next & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (next & 0x3f);
	}
	if (code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return length;
}

static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '\\';
}

static void add_escape(struct buffer *b, unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";
	const char escape[ESCAPE_COLUMNS] = { '\\', 'x', hex[byte >> 4], hex[byte & 15] };

	buffer_add(b, escape, sizeof(escape));
}

size_t text_add_escaped(struct buffer *b, const char *bytes, size_t size, size_t columns)
{
	size_t used = 0;
	size_t at = 0;

	while (at < size && used < columns) {
		size_t begin = at;
		uint32_t code;
		size_t length;

		while (at < size && is_plain(bytes[at]) && at - begin < columns - used)
			at++;
		if (at > begin) {
			buffer_add(b, bytes + begin, at - begin);
			used += at - begin;
			continue;
		}
		length = text_code_point(bytes + at, size - at, &code);
		if (length && code != '\\' && text_is_visible(code)) {
			buffer_add(b, bytes + at, length);
			used++;
			at += length;
			continue;
		}
		for (length = length ? length : 1; length; length--) {
			if (columns - used < ESCAPE_COLUMNS)
				return used;
			add_escape(b, (unsigned char)bytes[at++]);
			used += ESCAPE_COLUMNS;
		}
	}
	return used;
}

void text_add_csv(struct buffer *b, const char *bytes, size_t size)
{
	const char *quote;

	if (!size)
		return;
	/* A line feed and the like are escaped, so they never call for quotes. */
	if (!memchr(bytes, ',', size) && !memchr(bytes, '"', size) && bytes[0] != ' ' &&
	    bytes[size - 1] != ' ') {
		text_add_escaped(b, bytes, size, TEXT_UNLIMITED);
		return;
	}
	buffer_add_char(b, '"');
	while ((quote = memchr(bytes, '"', size))) {
		size_t part = (size_t)(quote - bytes) + 1;

		text_add_escaped(b, bytes, part, TEXT_UNLIMITED);
		buffer_add_char(b, '"');
		bytes += part;
		size -= part;
	}
	text_add_escaped(b, bytes, size, TEXT_UNLIMITED);
	buffer_add_char(b, '"');
}

static uint64_t divide_round(uint64_t value, uint64_t by)
{
	return value / by + (value % by >= by - by / 2);
}

static char *put_digits(char *at, unsigned int value, int least)
{
	char digits[10];
	int count = 0;

	while (value || count < least) {
		digits[count++] = (char)('0' + value % 10);
		value /= 10;
	}
	while (count)
		*at++ = digits[--count];
	return at;
}

/* The finest steps of which fewer than 1000 make the duration: three significant digits. */
static const struct step {
	uint64_t ns;
	int decimals;
	char unit[3];
} steps[] = {
	{ 1, 0, "ns" },
	{ 10, 2, "us" },
	{ 100, 1, "us" },
	{ NS_PER_US, 0, "us" },
	{ NS_PER_MS / 100, 2, "ms" },
	{ NS_PER_MS / 10, 1, "ms" },
	{ NS_PER_MS, 0, "ms" },
	{ NS_PER_S / 100, 2, "s" },
	{ NS_PER_S / 10, 1, "s" },
};

/* Beyond: a greater unit with two digits of a lesser one, up to `limit` of the lesser. */
static const struct pair {
	uint64_t lesser_ns;
	unsigned int ratio, limit;
	char greater, lesser;
} pairs[] = {
	{ NS_PER_S, 60, 3600, 'm', 's' },
	{ 60 * NS_PER_S, 60, 24 * 60, 'h', 'm' },
	{ 3600 * NS_PER_S, 24, 100 * 24, 'd', 'h' },
};

static char *put_step(char *at, const struct step *s, unsigned int value)
{
	unsigned int scale = s->decimals == 2 ? 100 : s->decimals == 1 ? 10 : 1;

	at = put_digits(at, value / scale, 1);
	if (s->decimals) {
		*at++ = '.';
		at = put_digits(at, value % scale, s->decimals);
	}
	return stpcpy(at, s->unit);
}

static char *put_pair(char *at, const struct pair *p, unsigned int value)
{
	at = put_digits(at, value / p->ratio, 1);
	*at++ = p->greater;
	at = put_digits(at, value % p->ratio, 2);
	*at++ = p->lesser;
	return at;
}

static char *put_days(char *at, unsigned int days)
{
	at = put_digits(at, days < 10000 ? days : days / 365, 1);
	*at++ = days < 10000 ? 'd' : 'y';
	return at;
}

static char *put_duration(char *at, uint64_t ns)
{
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		uint64_t value = divide_round(ns, steps[i].ns);

		if (value < 1000)
			return put_step(at, &steps[i], (unsigned int)value);
	}
	for (i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		uint64_t value = divide_round(ns, pairs[i].lesser_ns);

		if (value < pairs[i].limit)
			return put_pair(at, &pairs[i], (unsigned int)value);
	}
	return put_days(at, (unsigned int)divide_round(ns, NS_PER_DAY));
}

const char *text_duration(uint64_t ns, char text[TEXT_DURATION_SIZE])
{
	if (ns == UINT64_MAX)
		return memcpy(text, "-", 2);
	*put_duration(text, ns) = '\0';
	return text;
}

/* Reads decimal digits, at least one; sets `end` behind them. */
static int parse_digits(const char *text, uint64_t *ret_value, const char **ret_end)
{
	uint64_t value = 0;
	const char *at;

	for (at = text; *at >= '0' && *at <= '9'; at++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
			return -ERANGE;
	}
	if (at == text)
		return -EINVAL;
	*ret_value = value;
	*ret_end = at;
	return 0;
}

int text_parse_u64(const char *text, uint64_t *ret_value)
{
	const char *end;
	uint64_t value;
	int err;

	err = parse_digits(text, &value, &end);
	if (err)
		return err;
	if (*end)
		return -EINVAL;
	*ret_value = value;
	return 0;
}

/* The unit that ends a text, none being seconds; 0 when there is no such unit. */
static uint64_t duration_unit_ns(const char *text)
{
	static const struct unit {
		const char *name;
		uint64_t ns;
	} units[] = {
		{ "", NS_PER_S },	  { "ns", 1 },	       { "us", NS_PER_US },
		{ "ms", NS_PER_MS },	  { "s", NS_PER_S },   { "m", 60 * NS_PER_S },
		{ "h", 3600 * NS_PER_S }, { "d", NS_PER_DAY },
	};
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strcmp(text, units[i].name))
			return units[i].ns;
	return 0;
}

int text_parse_duration(const char *text, uint64_t *ret_ns)
{
	const char *fraction = NULL;
	uint64_t whole, unit_ns, ns;
	const char *end;
	int err;

	err = parse_digits(text, &whole, &end);
	if (err)
		return err;
	if (*end == '.') {
		fraction = ++end;
		while (*end >= '0' && *end <= '9')
			end++;
		if (end == fraction)
			return -EINVAL;
	}
	unit_ns = duration_unit_ns(end);
	if (!unit_ns)
		return -EINVAL;
	if (__builtin_mul_overflow(whole, unit_ns, &ns))
		return -ERANGE;
	if (fraction) {
		uint64_t part_ns = 0;
		const char *digit;

		/* From the last digit: less than a nanosecond is cut off. */
		for (digit = end; digit > fraction; digit--)
			part_ns = (part_ns + (uint64_t)(digit[-1] - '0') * unit_ns) / 10;
		if (__builtin_add_overflow(ns, part_ns, &ns))
			return -ERANGE;
	}
	/* The greatest value means unknown everywhere else. */
	if (ns == UINT64_MAX)
		return -ERANGE;
	*ret_ns = ns;
	return 0;
}

int text_parse_size(const char *text, uint64_t *ret_bytes)
{
	static const char units[] = "kmg";
	const char *end;
	const char *unit;
	uint64_t bytes;
	int err;

	err = parse_digits(text, &bytes, &end);
	if (err)
		return err;
	if (*end) {
		unit = strchr(units, *end | 0x20);
		if (!unit || end[1])
			return -EINVAL;
		if (__builtin_mul_overflow(bytes, 1ULL << (10 * (unit - units + 1)), &bytes))
			return -ERANGE;
	}
	*ret_bytes = bytes;
	return 0;
}
