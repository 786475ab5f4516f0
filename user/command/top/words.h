/* SPDX-License-Identifier: GPL-2.0-only */
/* A filter as it is typed, in the words of the options. */
#ifndef USER_COMMAND_TOP_WORDS_H
#define USER_COMMAND_TOP_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/aggregate/ladder_phrase.h"
#include "user/event/filter.h"

#define WORDS_WHY_SIZE 160

/* What was typed: connections that are wanted, in these states (0: all). */
struct words {
	struct conn_filter filter;
	uint32_t states; /* a set of 1 << state */
};

/*
 * Reads "rport 443 comm nginx state CLOSE_WAIT": names of filters, each with what it takes, with
 * "--" in front and "=" between or without. Returns 0, or -EINVAL with the reason in `why`, said in
 * the language; `ret_words` is untouched then.
 */
int words_read(const char *text, struct words *ret_words, enum ladder_language language,
	       char why[WORDS_WHY_SIZE]);

/* Whether a name, which is not trusted, is one word there, and no list of several. */
bool words_can_name(const char *bytes, size_t size);

#endif
