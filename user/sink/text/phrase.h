/* SPDX-License-Identifier: GPL-2.0-only */
/* The sentences of a ladder: filled in, and broken into lines by the width of their characters. */
#ifndef USER_SINK_TEXT_PHRASE_H
#define USER_SINK_TEXT_PHRASE_H

#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/ladder_phrase.h"
#include "user/base/buffer.h"

const char *phrase_language_name(enum ladder_language language);

/* As it stands in the table; "" for none. */
const char *phrase_text(enum ladder_phrase phrase, enum ladder_language language);

/* Adds it with what it speaks of: a duration for {t}, a number for {n}. */
void phrase_add(struct buffer *out, enum ladder_phrase phrase, enum ladder_language language,
		uint64_t ns, uint64_t n);

/*
 * Adds a text of the program's own in lines that end before column `end`. The first one begins at
 * column `begin`, where the caller has got to, and so do the others, behind blanks.
 */
void phrase_add_lines(struct buffer *out, const char *text, size_t size, size_t begin, size_t end);

/* The same as lines of their own, of which the first one begins at column 0. */
void phrase_add_hanging(struct buffer *out, const char *text, size_t size, size_t begin,
			size_t end);

/* The same as lines of their own. */
void phrase_add_paragraph(struct buffer *out, const char *text, size_t size, size_t begin,
			  size_t end);

#endif
