/* SPDX-License-Identifier: GPL-2.0-only */
/* The language of what is said to people: that of --lang or, without it, of the locale. */
#ifndef USER_OPTION_LANGUAGE_H
#define USER_OPTION_LANGUAGE_H

#include "user/option/options.h"

enum ladder_language option_language(const struct options *options);

#endif
