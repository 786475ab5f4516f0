// SPDX-License-Identifier: GPL-2.0-only
/* The page that a person sees who opens the port in a browser. */
#include "user/command/export/landing.h"

#include "user/base/sentence.h"
#include "user/command/export/landing_phrase.h"

static void add_escaped(struct buffer *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			buffer_add_text(out, "&lt;");
		else if (*text == '&')
			buffer_add_text(out, "&amp;");
		else
			buffer_add_char(out, *text);
	}
}

#define SAYS(NAME) LANDING_SAYS_##NAME

enum landing_phrase {
#define X(NAME, en, zh) SAYS(NAME),
	LANDING_PHRASES(X)
#undef X
};

static const char *text_of(enum landing_phrase phrase, enum ladder_language language)
{
	static const char *const texts[][LADDER_LANGUAGE_COUNT] = {
#define X(NAME, en, zh) [SAYS(NAME)] = { en, zh },
		LANDING_PHRASES(X)
#undef X
	};

	return texts[phrase][language];
}

static void add_hooks(struct buffer *out, const struct metrics_account *account,
		      enum ladder_language l)
{
	buffer_addf(out, "<h2>%s</h2>\n<ul>\n", text_of(SAYS(HOOKS), l));
	for (uint32_t i = 0; i < account->hook_count; i++) {
		const char *rung = account->hooks[i].rung;

		buffer_add_text(out, "<li>");
		add_escaped(out, account->hooks[i].family);
		buffer_add_text(out, ": ");
		add_escaped(out, *rung ? rung : text_of(SAYS(NOT_ATTACHED), l));
		buffer_add_text(out, "</li>\n");
	}
	buffer_add_text(out, "</ul>\n");
}

static void add_losses(struct buffer *out, const struct metrics_account *account,
		       enum ladder_language l)
{
	uint64_t lost = event_counters_lost(&account->events);

	buffer_addf(out, "<h2>%s</h2>\n<p>", text_of(SAYS(LOSSES), l));
	sentence_add(out, text_of(lost ? SAYS(LOST) : SAYS(NONE_LOST), l),
		     &(struct sentence_words){ .n = lost, .m = account->events.seen });
	buffer_add_text(out, "</p>\n");
}

void export_landing(struct buffer *out, const struct metrics *metrics, enum ladder_language l)
{
	static const char *const names[] = {
#define X(NAME, name) name,
		LADDER_LANGUAGES(X)
#undef X
	};

	buffer_addf(out,
		    "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		    "<title>tcpspan</title>\n</head>\n<body>\n<h1>tcpspan " TCPSPAN_VERSION
		    "</h1>\n<p>%s</p>\n<p><a href=\"/metrics\">%s</a></p>\n",
		    names[l], text_of(SAYS(ABOUT), l), text_of(SAYS(METRICS), l));
	add_hooks(out, &metrics->account, l);
	add_losses(out, &metrics->account, l);
	buffer_add_text(out, "</body>\n</html>\n");
}
