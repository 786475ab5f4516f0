// SPDX-License-Identifier: GPL-2.0-only
/* The language of what is said to people: that of --lang or, without it, of the locale. */
#include "user/option/language.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* All is said in UTF-8: a terminal of another encoding would show something else. */
static bool is_of_other_encoding(const char *locale)
{
	const char *encoding = strchr(locale, '.');

	return encoding && strncasecmp(encoding, ".utf-8", strlen(".utf-8")) &&
	       strncasecmp(encoding, ".utf8", strlen(".utf8"));
}

/* As POSIX has it: the first one that is set. "zh_CN.UTF-8" begins with its language. */
enum ladder_language option_language(const struct options *options)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	static const char *const languages[] = {
#define X(NAME, name) [LADDER_##NAME] = name,
		LADDER_LANGUAGES(X)
#undef X
	};
	const char *locale = NULL;

	if (options->explain.language != OPTIONS_LANGUAGE_OF_LOCALE)
		return options->explain.language;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && !(locale && *locale); i++)
		locale = getenv(names[i]);
	if (!locale || is_of_other_encoding(locale))
		return LADDER_EN;
	for (unsigned int i = 0; i < LADDER_LANGUAGE_COUNT; i++) {
		size_t size = strlen(languages[i]);

		if (!strncmp(locale, languages[i], size) &&
		    (!locale[size] || strchr("_.@", locale[size])))
			return (enum ladder_language)i;
	}
	return LADDER_EN;
}
