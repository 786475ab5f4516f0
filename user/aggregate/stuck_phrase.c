// SPDX-License-Identifier: GPL-2.0-only
/* The pieces of the sentence about stuck sockets, filled in. */
#include "user/aggregate/stuck_phrase.h"

#include "user/base/sentence.h"

const char *stuck_phrase_text(enum stuck_phrase phrase, enum ladder_language language)
{
	static const char *const texts[][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, en, zh) [STUCK_SAYS_##NAME] = { en, zh },
		STUCK_PHRASES(X)
#undef X
	};

	return language_pick(texts, STUCK_PHRASE_COUNT, phrase, language);
}

static void fill(const struct stuck_speech *speech, enum stuck_phrase phrase, const char *words,
		 uint64_t n, uint64_t m)
{
	size_t at = speech->out->size;

	sentence_add(speech->out, stuck_phrase_text(phrase, speech->language),
		     &(struct sentence_words){ .n = n, .m = m, .w = words });
	sentence_close_up(speech->out, at);
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
