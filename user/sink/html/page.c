// SPDX-License-Identifier: GPL-2.0-only
/* The page as a whole: head, contents, and the sections in their order. */
#include "user/sink/html/page.h"

#include <errno.h>
#include <string.h>

#include "user/base/text.h"
#include "user/sink/html/assets.h"
#include "user/sink/html/html.h"

static const char *const
	language_tags[LADDER_LANGUAGE_COUNT] = { [LADDER_EN] = "en", [LADDER_ZH] = "zh-Hans" };

const char *html_time(const struct sink_settings *s, uint64_t mono_ns, char text[HTML_TIME_SIZE])
{
	char *end, *middle;

	clock_format_iso(&s->clock, mono_ns, text);
	end = text + strcspn(text, ".Z");
	middle = text + strcspn(text, "T");
	memcpy(end, " UTC", sizeof(" UTC"));
	if (middle < end)
		*middle = ' ';
	return text;
}

/* Nothing is allowed but what stands here, and nothing else stands here. */
static void add_head(const struct html_page *p)
{
	html_raw(p, "<!doctype html>\n<html lang=\"");
	html_raw(p, language_tags[p->language]);
	html_raw(p, "\">\n<head>\n<meta charset=\"utf-8\">\n"
		    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		    "style-src 'sha256-" HTML_STYLE_HASH "'; script-src 'sha256-" HTML_SCRIPT_HASH
		    "'; base-uri 'none'; form-action 'none'\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n"
		    "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	if (p->report->origin.host)
		HTML_SAY_SVG(p, OF_HOST, HTML_S(p->report->origin.host));
	else
		HTML_SAY_SVG(p, TITLE);
	html_raw(p, "</title>\n<style>");
	html_raw(p, html_style);
	html_raw(p, "</style>\n</head>\n");
}

static bool is_shown(const struct html_page *p, enum html_phrase title)
{
	return title != HTML_CHANGES || p->report->portions;
}

static void add_link(const struct html_page *p, const char *anchor, enum html_phrase title)
{
	if (!is_shown(p, title))
		return;
	html_raw(p, "<a href=\"#");
	html_raw(p, anchor);
	html_raw(p, "\">");
	html_raw(p, html_phrase(title, p->language));
	html_raw(p, "</a>\n");
}

static void add_banner(const struct html_page *p)
{
	const struct report *r = p->report;
	char begin[HTML_TIME_SIZE];

	html_raw(p, "<body>\n<a class=\"skip\" href=\"#verdict\">");
	HTML_SAY(p, SKIP);
	html_raw(p, "</a>\n<header>\n<h1>");
	if (r->origin.host)
		HTML_SAY(p, OF_HOST, HTML_S(r->origin.host));
	else
		HTML_SAY(p, TITLE);
	html_raw(p, "</h1>\n<p>");
	HTML_SAY(p, SPAN, HTML_S(html_time(p->settings, r->start_ns, begin)),
		 HTML_T(r->end_ns - r->start_ns));
	html_raw(p, "</p>\n</header>\n<nav aria-label=\"");
	HTML_SAY_SVG(p, CONTENTS);
	html_raw(p, "\">\n");
#define X(name, TITLE) add_link(p, #name, HTML_##TITLE);
	HTML_SECTIONS(X)
#undef X
	html_raw(p, "</nav>\n<main>\n");
}

static void add_section(const struct html_page *p, const char *anchor, enum html_phrase title,
			void (*add)(const struct html_page *p))
{
	if (!is_shown(p, title))
		return;
	html_raw(p, "<section id=\"");
	html_raw(p, anchor);
	html_raw(p, "\" aria-labelledby=\"");
	html_raw(p, anchor);
	html_raw(p, "-title\">\n<h2 id=\"");
	html_raw(p, anchor);
	html_raw(p, "-title\">");
	html_raw(p, html_phrase(title, p->language));
	html_raw(p, "</h2>\n");
	add(p);
	html_raw(p, "</section>\n");
}

static void add_sections(const struct html_page *p)
{
#define X(name, TITLE) add_section(p, #name, HTML_##TITLE, html_section_##name);
	HTML_SECTIONS(X)
#undef X
}

int html_report(const struct sink_settings *settings, struct buffer *out,
		const struct report *report)
{
	struct report_rows rows;
	const struct html_page page = { .out = out,
					.settings = settings,
					.report = report,
					.rows = &rows,
					.language = settings->language };

	if (report_rows(report, &rows))
		return -ENOMEM;
	add_head(&page);
	add_banner(&page);
	add_sections(&page);
	html_raw(&page, "</main>\n<footer><p>");
	HTML_SAY(&page, MADE_BY, HTML_S(TCPSPAN_VERSION));
	html_raw(&page, "</p></footer>\n<script>");
	html_raw(&page, html_script);
	html_raw(&page, "</script>\n</body>\n</html>\n");
	if (out->failed)
		return -ENOMEM;
	return out->size > HTML_BYTES_MOST ? -EFBIG : 0;
}
