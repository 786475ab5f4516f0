// SPDX-License-Identifier: GPL-2.0-only
/* The slowest and the longest of all, each as a ladder. */
#include "user/sink/html/page.h"

void html_section_ladders(const struct html_page *p)
{
	static const enum html_phrase titles[GALLERY_RECORD_COUNT] = {
#define X(NAME) [GALLERY_##NAME] = HTML_##NAME,
		GALLERY_RECORDS(X)
#undef X
	};
	uint64_t shown[GALLERY_RECORD_COUNT] = { 0 };
	struct ladder ladder;
	uint64_t ns;
	bool any = false;

	for (unsigned int slot = 0; slot < GALLERY_RECORD_COUNT; slot++) {
		const char *also = NULL;

		if (!gallery_ladder(p->report->gallery, slot, p->report->clocks, &ladder, &ns))
			continue;
		any = true;
		/* One that is two things is drawn once. */
		for (unsigned int i = 0; i < slot; i++)
			if (shown[i] && (shown[i] == ladder.conn->id ||
					 (ladder.other && shown[i] == ladder.other->id)))
				also = html_phrase(titles[i], p->language);
		html_raw(p, "<details class=\"card\"><summary>");
		html_raw(p, html_phrase(titles[slot], p->language));
		html_raw(p, ": <strong>");
		html_add_word(p->out, HTML_IN_PAGE, &HTML_T(ns));
		html_raw(p, "</strong></summary>\n");
		if (also) {
			html_raw(p, "<p>");
			HTML_SAY(p, SAME_AS, HTML_S(also));
			html_raw(p, "</p>\n");
		} else {
			shown[slot] = ladder.conn->id;
			html_ladder(p, &ladder);
		}
		html_raw(p, "</details>\n");
	}
	if (any)
		return;
	html_raw(p, "<p>");
	HTML_SAY(p, NOT_MEASURED);
	html_raw(p, "</p>\n");
}
