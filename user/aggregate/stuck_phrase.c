// SPDX-License-Identifier: GPL-2.0-only
/* The pieces of the sentence about stuck sockets, filled in. */
#include "user/aggregate/stuck_phrase.h"

#include <string.h>

#define HOLE_SIZE 3 /* {n} */

const char *stuck_phrase_text(enum stuck_phrase phrase, enum ladder_language language)
{
	static const char *const texts[][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, en, zh) [STUCK_SAYS_##NAME] = { en, zh },
		STUCK_PHRASES(X)
#undef X
	};

	if (phrase >= STUCK_PHRASE_COUNT || language >= LADDER_LANGUAGE_COUNT)
		return "";
	return texts[phrase][language];
}

static void fill(const struct stuck_speech *speech, enum stuck_phrase phrase, const char *words,
		 uint64_t n, uint64_t m)
{
	const char *at = stuck_phrase_text(phrase, speech->language), *hole;

	while ((hole = strchr(at, '{'))) {
		buffer_add(speech->out, at, (size_t)(hole - at));
		if (hole[1] == 'w')
			buffer_add_text(speech->out, words);
		else
			buffer_add_u64(speech->out, hole[1] == 'n' ? n : m);
		at = hole + HOLE_SIZE;
	}
	buffer_add_text(speech->out, at);
}

void stuck_say(const struct stuck_speech *speech, enum stuck_phrase phrase)
{
	fill(speech, phrase, "", 0, 0);
}

void stuck_say_number(const struct stuck_speech *speech, enum stuck_phrase phrase, uint64_t n)
{
	fill(speech, phrase, "", n, 0);
}

void stuck_say_numbers(const struct stuck_speech *speech, enum stuck_phrase phrase, uint64_t n,
		       uint64_t m)
{
	fill(speech, phrase, "", n, m);
}

void stuck_say_words(const struct stuck_speech *speech, enum stuck_phrase phrase, const char *words,
		     uint64_t n)
{
	fill(speech, phrase, words, n, 0);
}
