// SPDX-License-Identifier: GPL-2.0-only
/* The sentences of the live view, looked up and filled in. */
#include "user/sink/screen/phrase.h"

const char *screen_phrase_text(enum screen_phrase phrase, enum ladder_language language)
{
	static const char *const texts[][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, en, zh) [SCREEN_SAYS_##NAME] = { en, zh },
		SCREEN_PHRASES(X)
#undef X
	};

	return language_pick(texts, SCREEN_PHRASE_COUNT, phrase, language);
}

const char *screen_phrase_fill(enum screen_phrase phrase, enum ladder_language language,
			       const struct sentence_words *words, char *text, size_t size)
{
	return sentence_fill(text, size, screen_phrase_text(phrase, language), words);
}
