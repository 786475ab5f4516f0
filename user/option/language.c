// SPDX-License-Identifier: GPL-2.0-only
/* The language of what is said to people: that of --lang or, without it, of the locale. */
#include "user/option/language.h"

#include <stdlib.h>
#include <string.h>

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
	for (unsigned int i = 0; locale && i < LADDER_LANGUAGE_COUNT; i++) {
		size_t size = strlen(languages[i]);

		if (!strncmp(locale, languages[i], size) &&
		    (!locale[size] || strchr("_.@", locale[size])))
			return (enum ladder_language)i;
	}
	return LADDER_EN;
}
