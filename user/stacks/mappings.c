// SPDX-License-Identifier: GPL-2.0-only
/* Where the code of a process lies: the text of /proc/PID/maps, which it has a say in. */
#include "user/stacks/mappings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 65536
#define MAJOR_MAX 0xffff

/* A number in hexadecimal or decimal digits up to `stop`, behind which `*at` is then. */
static bool take_number(const char **at, const char *end, unsigned int base, char stop,
			uint64_t *ret)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t value = 0;
	const char *from = *at;

	for (; *at < end && **at != stop; ++*at) {
		const char *digit = memchr(digits, **at, base);

		if (!digit || value > (UINT64_MAX >> 4))
			return false;
		value = value * base + (uint64_t)(digit - digits);
	}
	if (*at == end || *at == from)
		return false;
	++*at;
	*ret = value;
	return true;
}

/* "55d0-55d1 r-xp 00001000 fd:00 4711   /path": the last may hold anything but a newline. */
static bool parse_line(const char *at, const char *end, struct mapping *m, bool *ret_can_run)
{
	uint64_t major, minor;

	if (!take_number(&at, end, 16, '-', &m->start) || !take_number(&at, end, 16, ' ', &m->end))
		return false;
	if (end - at < 5 || at[4] != ' ' || m->start >= m->end)
		return false;
	*ret_can_run = at[2] == 'x';
	at += 5;
	if (!take_number(&at, end, 16, ' ', &m->offset) ||
	    !take_number(&at, end, 16, ':', &major) || !take_number(&at, end, 16, ' ', &minor))
		return false;
	m->dev = (uint32_t)(major & MAJOR_MAX) << 16 | (uint32_t)(minor & MAJOR_MAX);
	/* Nothing but a blank may end the line. */
	m->inode = 0;
	for (; at < end && *at >= '0' && *at <= '9'; at++)
		m->inode = m->inode * 10 + (uint64_t)(*at - '0');
	while (at < end && *at == ' ')
		at++;
	m->path = at < end ? at : NULL;
	m->path_size = (size_t)(end - at);
	return true;
}

static int add(struct mappings *m, size_t *room, const struct mapping *one)
{
	size_t more = *room ? *room * 2 : 64;
	struct mapping *all;

	if (m->count && one->start < m->all[m->count - 1].end)
		return -EBADMSG;
	if (m->count == *room) {
		all = m->count < MAPPINGS_MAX ? reallocarray(m->all, more, sizeof(*all)) : NULL;
		if (!all)
			return -ENOMEM;
		m->all = all;
		*room = more;
	}
	m->all[m->count++] = *one;
	return 0;
}

int mappings_parse(struct mappings *m, char *text, size_t size)
{
	const char *line = text, *end = text + size;
	size_t room = 0;
	int error = 0;

	*m = (struct mappings){ .count = 0 };
	m->text = text;
	while (line < end && !error) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));
		struct mapping one;
		bool can_run;

		if (!newline || !parse_line(line, newline, &one, &can_run))
			error = -EBADMSG;
		else if (can_run)
			error = add(m, &room, &one);
		line = newline ? newline + 1 : end;
	}
	if (error)
		mappings_done(m);
	return error;
}

int mappings_read(struct mappings *m, int fd)
{
	size_t size = 0, room = 0;
	char *text = NULL, *more;
	ssize_t count;

	do {
		if (room - size < PIECE) {
			room = room * 2 + PIECE;
			more = room <= MAPPINGS_TEXT_MAX ? realloc(text, room) : NULL;
			if (!more) {
				free(text);
				return -ENOMEM;
			}
			text = more;
		}
		count = read(fd, text + size, room - size);
		size += count > 0 ? (size_t)count : 0;
	} while (count > 0);
	if (count < 0) {
		count = -errno;
		free(text);
		return (int)count;
	}
	return mappings_parse(m, text, size);
}

const struct mapping *mappings_find(const struct mappings *m, uint64_t address)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->all[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->count && m->all[low].start <= address ? &m->all[low] : NULL;
}

void mappings_done(struct mappings *m)
{
	free(m->all);
	free(m->text);
	*m = (struct mappings){ .count = 0 };
}
