/* SPDX-License-Identifier: GPL-2.0-only */
/* The languages that people are spoken to in. */
#ifndef USER_BASE_LANGUAGE_H
#define USER_BASE_LANGUAGE_H

/* X(NAME, "name"): the languages, in the order in which each list of sentences has them. */
#define LADDER_LANGUAGES(X) \
	X(EN, "en")         \
	X(ZH, "zh")

#define X(NAME, name) LADDER_##NAME,
enum ladder_language { LADDER_LANGUAGES(X) LADDER_LANGUAGE_COUNT };
#undef X

/* What stands in a table of `count` texts, each in all languages, at that number; "" for none. */
static inline const char *language_pick(const char *const (*texts)[LADDER_LANGUAGE_COUNT],
					unsigned int count, unsigned int number,
					enum ladder_language language)
{
	return number < count && language < LADDER_LANGUAGE_COUNT ? texts[number][language] : "";
}

#endif
