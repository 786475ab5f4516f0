// SPDX-License-Identifier: GPL-2.0-only
/* What the manual says of the stories of the textbook: each, with the sections that it is about. */
#include "user/docs/stories.h"

#include <stdio.h>

#include "user/aggregate/textbook.h"
#include "user/docs/roff.h"

static const char about[] =
	".SH STORIES\n"
	".B explain \\-\\-demo\n"
	"plays what the textbooks draw. Both ends are sockets of this kernel, in two network\n"
	"namespaces that end with the story; a wire between them loses, holds and turns\n"
	"segments, and forges none. On a terminal the ladder grows as it happens, a step each\n"
	".BR \\-\\-pace ,\n"
	"and what was drawn is corrected when more is known. It stops at TIME_WAIT;\n"
	".B \\-\\-full\n"
	"waits for its end. Without the rights to trace or to make a namespace, and with\n"
	".BR \\-\\-recorded ,\n"
	"the same story is shown as it was recorded; one sentence on standard error says why.\n"
	".B record \\-\\-demo\n"
	"records one, for any other command. With\n"
	".B \\-\\-ask\n"
	"the states of both ends are asked for before they are shown, of a story as of any\n"
	"other connection or recording. The stories, and the sections of the RFCs that they\n"
	"are about:\n";

void stories_print(void)
{
	fputs(about, stdout);
	for (unsigned int i = 0; i < TEXTBOOK_COUNT; i++) {
		char meaning[256];

		snprintf(meaning, sizeof(meaning), "%s %s.", textbook[i].about[LADDER_EN],
			 textbook[i].sections);
		roff_entry(textbook[i].name, meaning);
	}
}
