// SPDX-License-Identifier: GPL-2.0-only
/* How the numbers came about, and what they cannot say. */
#include "user/sink/html/page.h"

void html_section_method(const struct html_page *p)
{
	html_raw(p, "<ul>\n<li>");
	HTML_SAY(p, METHOD_LIFE);
	html_raw(p, "</li>\n<li>");
	HTML_SAY(p, METHOD_PERCENTILES);
	html_raw(p, "</li>\n<li>");
	HTML_SAY(p, METHOD_UNKNOWN);
	html_raw(p, "</li>\n<li>");
	HTML_SAY(p, METHOD_CAUSES);
	html_raw(p, "</li>\n<li>");
	HTML_SAY(p, METHOD_SAME, HTML_S("tcpspan hist --json"));
	html_raw(p, "</li>\n</ul>\n");
}
