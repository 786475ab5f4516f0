// SPDX-License-Identifier: GPL-2.0-only
/* The stories of the textbook, by their numbers. */
#include "user/aggregate/textbook.h"

#include "user/conn/conn.h"

const struct textbook_page textbook[TEXTBOOK_COUNT] = {
#define X(NAME, name, left, sections, en, zh, lesson, zh_lesson) \
	[TEXTBOOK_##NAME] = { name, CONN_ROLE_##left, sections, { en, zh }, { lesson, zh_lesson } },
	TEXTBOOK_STORIES(X)
#undef X
};
