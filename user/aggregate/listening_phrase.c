// SPDX-License-Identifier: GPL-2.0-only
/* The pieces of the sentences about listeners, by language. */
#include "user/aggregate/listening_phrase.h"

const char *listening_phrase_text(enum listening_phrase phrase, enum ladder_language language)
{
	static const char *const texts[][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, en, zh) [LISTENING_SAYS_##NAME] = { en, zh },
		LISTENING_PHRASES(X)
#undef X
	};

	return language_pick(texts, LISTENING_PHRASE_COUNT, phrase, language);
}
