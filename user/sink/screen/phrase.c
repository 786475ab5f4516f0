// SPDX-License-Identifier: GPL-2.0-only
/* The sentences of the live view, looked up and filled in. */
#include "user/sink/screen/phrase.h"

#include <stdbool.h>
#include <string.h>

const char *screen_phrase_text(enum screen_phrase phrase, enum ladder_language language)
{
	static const char *const texts[][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, en, zh) [SCREEN_SAYS_##NAME] = { en, zh },
		SCREEN_PHRASES(X)
#undef X
	};

	if (phrase >= SCREEN_PHRASE_COUNT || language >= LADDER_LANGUAGE_COUNT)
		return "";
	return texts[phrase][language];
}

/* Whether a character of UTF-8 goes on here, and does not begin. */
static bool goes_on(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

const char *screen_phrase_fill(enum screen_phrase phrase, enum ladder_language language,
			       const struct sentence_words *words, char *text, size_t size)
{
	struct buffer filled;
	size_t used;

	buffer_init(&filled);
	sentence_add(&filled, screen_phrase_text(phrase, language), words);
	used = filled.size < size ? filled.size : size - 1;
	while (used < filled.size && used && goes_on(filled.bytes[used]))
		used--;
	if (used)
		memcpy(text, filled.bytes, used);
	text[used] = '\0';
	buffer_done(&filled);
	return text;
}
