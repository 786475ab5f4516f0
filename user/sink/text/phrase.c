// SPDX-License-Identifier: GPL-2.0-only
/* The sentences of a ladder: filled in, and broken into lines by the width of their characters. */
#include "user/sink/text/phrase.h"

#include <stdbool.h>
#include <string.h>

#include "user/base/text.h"

#define HOLE_SIZE 3 /* {t} */

const char *phrase_language_name(enum ladder_language language)
{
	static const char *const names[] = {
#define X(NAME, name) (name),
		LADDER_LANGUAGES(X)
#undef X
	};

	return language < LADDER_LANGUAGE_COUNT ? names[language] : NULL;
}

const char *phrase_text(enum ladder_phrase phrase, enum ladder_language language)
{
	static const char *const texts[][LADDER_LANGUAGE_COUNT] = {
		[LADDER_SAYS_NOTHING] = { "", "" },
#define X(NAME, en, zh) [LADDER_SAYS_##NAME] = { en, zh },
		LADDER_PHRASES(X)
#undef X
	};

	return language_pick(texts, LADDER_PHRASE_COUNT, phrase, language);
}

void phrase_add(struct buffer *out, enum ladder_phrase phrase, enum ladder_language language,
		uint64_t ns, uint64_t n)
{
	const char *at = phrase_text(phrase, language), *hole;
	char text[TEXT_DURATION_SIZE];

	while ((hole = strchr(at, '{'))) {
		buffer_add(out, at, (size_t)(hole - at));
		if (hole[1] == 't')
			buffer_add_text(out, text_duration(ns, text));
		else if (hole[1] == 'd')
			buffer_add_text(out, text_duration(n, text));
		else
			buffer_add_u64(out, n);
		at = hole + HOLE_SIZE;
	}
	buffer_add_text(out, at);
}

/* Nor may this one end it. */
#define OPENING 0xff08

/*
 * Bytes of the piece that the text begins with, which no line may break: a word, or a square
 * character, with the punctuation that belongs to it.
 */
static size_t piece_size(const char *text, size_t size)
{
	size_t used = 0, length;
	bool may_break = false;
	uint32_t code;

	while (used < size && (length = text_code_point(text + used, size - used, &code))) {
		bool is_square = text_columns(code) == 2;

		if (code == ' ' || (used && (may_break || is_square) && !text_is_closing(code)))
			break;
		used += length;
		may_break = is_square && code != OPENING;
		if (code == OPENING && used < size)
			return used + piece_size(text + used, size - used);
	}
	return used;
}

static void add_break(struct buffer *out, size_t begin)
{
	buffer_add_char(out, '\n');
	for (size_t i = 0; i < begin; i++)
		buffer_add_char(out, ' ');
}

/* `column`: of the first line; `begin`: of the others. */
static void add_lines(struct buffer *out, const char *text, size_t size, size_t column,
		      size_t begin, size_t end)
{
	bool has_begun = false;

	while (size) {
		bool is_apart = *text == ' ';
		size_t piece, columns;

		text += is_apart;
		size -= is_apart;
		piece = piece_size(text, size);
		if (!piece && !is_apart)
			return;
		columns = text_width(text, piece);
		if (has_begun && column + is_apart + columns > end) {
			add_break(out, begin);
			column = begin;
			has_begun = false;
		} else if (is_apart && has_begun) {
			buffer_add_char(out, ' ');
			column++;
		}
		buffer_add(out, text, piece);
		column += columns;
		has_begun |= columns > 0;
		text += piece;
		size -= piece;
	}
}

void phrase_add_lines(struct buffer *out, const char *text, size_t size, size_t begin, size_t end)
{
	add_lines(out, text, size, begin, begin, end);
}

void phrase_add_hanging(struct buffer *out, const char *text, size_t size, size_t begin, size_t end)
{
	add_lines(out, text, size, 0, begin, end);
	buffer_add_char(out, '\n');
}

void phrase_add_paragraph(struct buffer *out, const char *text, size_t size, size_t begin,
			  size_t end)
{
	for (size_t i = 0; i < begin; i++)
		buffer_add_char(out, ' ');
	phrase_add_lines(out, text, size, begin, end);
	buffer_add_char(out, '\n');
}
