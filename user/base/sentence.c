// SPDX-License-Identifier: GPL-2.0-only
/* A sentence with holes, filled in: in each language they stand where it wants them. */
#include "user/base/sentence.h"

#include <stdbool.h>
#include <string.h>

#include "user/base/text.h"

#define HOLE_SIZE 3 /* {n} */

static uint64_t number_of(char hole, const struct sentence_words *words)
{
	return hole == 'n' ? words->n : hole == 'm' ? words->m : words->k;
}

/* The former of two forms for one, and the latter for any other number. Returns what is behind. */
static const char *choose(struct buffer *out, const char *forms, uint64_t number)
{
	size_t one = strcspn(forms, "|}"), many = forms[one] ? strcspn(forms + one, "}") : 0;

	if (number == 1)
		buffer_add(out, forms, one);
	else if (many)
		buffer_add(out, forms + one + 1, many - 1);
	return forms + one + many + (forms[one + many] == '}');
}

static void fill(struct buffer *out, char hole, const struct sentence_words *words)
{
	const char *word = hole == 'w' ? words->w : words->v;

	if (hole == 'n' || hole == 'm' || hole == 'k')
		buffer_add_u64(out, number_of(hole, words));
	else
		buffer_add_text(out, word ? word : "");
}

void sentence_add(struct buffer *out, const char *text, const struct sentence_words *words)
{
	const char *hole;

	while ((hole = strchr(text, '{'))) {
		buffer_add(out, text, (size_t)(hole - text));
		if (hole[2] == ':') {
			text = choose(out, hole + HOLE_SIZE, number_of(hole[1], words));
			continue;
		}
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

static bool is_square(const char *bytes, size_t size)
{
	uint32_t code;

	return text_code_point(bytes, size, &code) && text_columns(code) == 2;
}

void sentence_close_up(struct buffer *out, size_t at)
{
	size_t blank, before;

	if (out->failed || !at || at >= out->size)
		return;
	blank = out->bytes[at - 1] == ' ' ? at - 1 : at;
	if (!blank || out->bytes[blank] != ' ')
		return;
	for (before = blank - 1; before && goes_on(out->bytes[before]);)
		before--;
	if (!is_square(out->bytes + before, blank - before) ||
	    !is_square(out->bytes + blank + 1, out->size - blank - 1))
		return;
	memmove(out->bytes + blank, out->bytes + blank + 1, out->size - blank - 1);
	out->size--;
}
