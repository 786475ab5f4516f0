/* SPDX-License-Identifier: GPL-2.0-only */
/* A sentence with holes, filled in: in each language they stand where it wants them. */
#ifndef USER_BASE_SENTENCE_H
#define USER_BASE_SENTENCE_H

#include <stddef.h>
#include <stdint.h>

#include "user/base/buffer.h"

/* What goes into the holes of its name; words are printed as they are, NULL as nothing. */
struct sentence_words {
	uint64_t n, m, k;
	const char *w, *v;
};

/*
 * Adds a text of the program's own: its {n}, {m} and {k} are numbers, {w} and {v} are words.
 * {n:packet|packets} is the former where n is one, else the latter; so for m and k.
 */
void sentence_add(struct buffer *out, const char *text, const struct sentence_words *words);

/* The same into `text`, cut behind the last character that `size` bytes hold. Returns it. */
const char *sentence_fill(char *text, size_t size, const char *sentence,
			  const struct sentence_words *words);

/* Where a piece meets the next, at `at`: of a blank between square characters nothing stays. */
void sentence_close_up(struct buffer *out, size_t at);

#endif
