// SPDX-License-Identifier: GPL-2.0-only
/* The records of the last minutes, in pieces of memory that are filled one after the other. */
#include "user/command/top/tape.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void tape_done(struct tape *tape)
{
	for (size_t i = 0; i < TAPE_PIECES; i++)
		free(tape->pieces[i].bytes);
	memset(tape, 0, sizeof(*tape));
}

static void count(void *context, const void *bytes, size_t size)
{
	(void)bytes;
	(void)size;
	++*(uint64_t *)context;
}

/* Those of a piece, which may be none. */
static void each_of(const struct tape *tape, size_t i,
		    void (*visit)(void *context, const void *bytes, size_t size), void *context)
{
	const uint8_t *at = tape->pieces[i].bytes, *end = at + tape->pieces[i].size;
	uint16_t size;

	for (; at && at < end; at += size) {
		memcpy(&size, at, sizeof(size));
		at += sizeof(size);
		visit(context, at, size);
	}
}

/* Begins the next piece, whose records are the oldest. */
static bool turn(struct tape *tape)
{
	size_t next = (tape->last + 1) % TAPE_PIECES;

	if (!tape->pieces[next].bytes)
		tape->pieces[next].bytes = malloc(TAPE_PIECE_BYTES);
	if (!tape->pieces[next].bytes)
		return false;
	each_of(tape, next, count, &tape->forgotten);
	tape->pieces[next].size = 0;
	tape->last = next;
	return true;
}

void tape_add(struct tape *tape, const void *bytes, size_t size)
{
	uint16_t length = (uint16_t)size;
	size_t used = tape->pieces[tape->last].size;

	if (size > UINT16_MAX ||
	    ((!tape->pieces[tape->last].bytes || used + sizeof(length) + size > TAPE_PIECE_BYTES) &&
	     !turn(tape))) {
		tape->forgotten++;
		return;
	}
	used = tape->pieces[tape->last].size;
	memcpy(tape->pieces[tape->last].bytes + used, &length, sizeof(length));
	memcpy(tape->pieces[tape->last].bytes + used + sizeof(length), bytes, size);
	tape->pieces[tape->last].size = used + sizeof(length) + size;
}

void tape_each(const struct tape *tape,
	       void (*visit)(void *context, const void *bytes, size_t size), void *context)
{
	for (size_t i = 1; i <= TAPE_PIECES; i++)
		each_of(tape, (tape->last + i) % TAPE_PIECES, visit, context);
}
