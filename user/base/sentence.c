// SPDX-License-Identifier: GPL-2.0-only
/* A sentence with holes, filled in: in each language they stand where it wants them. */
#include "user/base/sentence.h"

#include <stdbool.h>
#include <string.h>

#define HOLE_SIZE 3 /* {n} */

static void fill(struct buffer *out, char hole, const struct sentence_words *words)
{
	const char *word = hole == 'w' ? words->w : words->v;

	switch (hole) {
	case 'n':
		buffer_add_u64(out, words->n);
		break;
	case 'm':
		buffer_add_u64(out, words->m);
		break;
	case 'k':
		buffer_add_u64(out, words->k);
		break;
	default:
		buffer_add_text(out, word ? word : "");
		break;
	}
}

void sentence_add(struct buffer *out, const char *text, const struct sentence_words *words)
{
	const char *hole;

	while ((hole = strchr(text, '{'))) {
		buffer_add(out, text, (size_t)(hole - text));
		fill(out, hole[1], words);
		text = hole + HOLE_SIZE;
	}
	buffer_add_text(out, text);
}

/* Whether a character of UTF-8 goes on here, and does not begin. */
static bool goes_on(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

const char *sentence_fill(char *text, size_t size, const char *sentence,
			  const struct sentence_words *words)
{
	struct buffer filled;
	size_t used;

	buffer_init(&filled);
	sentence_add(&filled, sentence, words);
	used = filled.size < size ? filled.size : size - 1;
	while (used < filled.size && used && goes_on(filled.bytes[used]))
		used--;
	if (used)
		memcpy(text, filled.bytes, used);
	text[used] = '\0';
	buffer_done(&filled);
	return text;
}
