// SPDX-License-Identifier: GPL-2.0-only
/* A sentence with holes, filled in: in each language they stand where it wants them. */
#include "user/base/sentence.h"

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
