/* SPDX-License-Identifier: GPL-2.0-only */
/* The pieces of the sentence about who opened a connection, in each language. */
#ifndef USER_SINK_TEXT_OPENER_PHRASE_H
#define USER_SINK_TEXT_OPENER_PHRASE_H

#include "user/aggregate/ladder_phrase.h"

/* X(NAME, "English", "Chinese"), with the holes of sentence.h. */
/* clang-format off */
#define OPENER_PHRASES(X) \
	X(OPENED_BY, "Opened by ", "打开者：") \
	X(SOME_OPENED_BY, "{n} of {m} opened by ", "{m} 个中 {n} 个的打开者：") \
	X(CALLED_BY, ", called by ", "，调用者：") \
	X(NEXT, ", ", "，") \
	X(MORE, ", ...", "，……") \
	X(STOP, ".", "。")
/* clang-format on */

enum opener_phrase {
#define X(NAME, en, zh) OPENER_SAYS_##NAME,
	OPENER_PHRASES(X)
#undef X
		OPENER_PHRASE_COUNT
};

/* As it stands in the table; "" for none. */
const char *opener_phrase_text(enum opener_phrase phrase, enum ladder_language language);

#endif
