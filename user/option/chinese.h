/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tables of commands and options say, in Chinese. */
#ifndef USER_OPTION_CHINESE_H
#define USER_OPTION_CHINESE_H

#include <stddef.h>

#include "user/base/language.h"

/*
 * Commands by their names; headings as the help has them; options by
 * their long names, or by their letter where they have none. What a row says is the help's line.
 */
struct chinese_line {
	const char *name, *text;
};

extern const struct chinese_line chinese_commands[];
extern const size_t chinese_command_count;
extern const struct chinese_line chinese_headings[];
extern const size_t chinese_heading_count;
extern const struct chinese_line chinese_options[];
extern const size_t chinese_option_count;

/* Why an option is refused, or what it takes, in the language; the English where none is there. */
const char *chinese_words(const char *english, enum ladder_language language);

/* NULL: nobody has translated it. */
const char *chinese_find(const struct chinese_line *lines, size_t count, const char *name);

#endif
