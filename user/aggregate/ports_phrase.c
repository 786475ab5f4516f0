// SPDX-License-Identifier: GPL-2.0-only
/* The pieces of the sentences about local ports, by language. */
#include "user/aggregate/ports_phrase.h"

const char *ports_phrase_text(enum ports_phrase phrase, enum ladder_language language)
{
	static const char *const texts[][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, en, zh) [PORTS_SAYS_##NAME] = { en, zh },
		PORTS_PHRASES(X)
#undef X
	};

	return language_pick(texts, PORTS_PHRASE_COUNT, phrase, language);
}
