// SPDX-License-Identifier: GPL-2.0-only
/* The page that a person sees who opens the port in a browser. */
#include "user/command/export/landing.h"

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

static void add_hooks(struct buffer *out, const struct metrics_account *account)
{
	buffer_add_text(out, "<h2>Hooks</h2>\n<ul>\n");
	for (uint32_t i = 0; i < account->hook_count; i++) {
		const char *rung = account->hooks[i].rung;

		buffer_add_text(out, "<li>");
		add_escaped(out, account->hooks[i].family);
		buffer_add_text(out, ": ");
		add_escaped(out, *rung ? rung : "not attached");
		buffer_add_text(out, "</li>\n");
	}
	buffer_add_text(out, "</ul>\n");
}

static void add_losses(struct buffer *out, const struct metrics_account *account)
{
	uint64_t lost = event_counters_lost(&account->events);

	buffer_add_text(out, "<h2>Losses</h2>\n<p>");
	if (lost)
		buffer_addf(out, "%llu of %llu events were lost.", (unsigned long long)lost,
			    (unsigned long long)account->events.seen);
	else
		buffer_addf(out, "None of %llu events was lost.",
			    (unsigned long long)account->events.seen);
	buffer_add_text(out, "</p>\n");
}

void export_landing(struct buffer *out, const struct metrics *metrics)
{
	buffer_add_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
			     "<meta charset=\"utf-8\">\n<title>tcpspan</title>\n</head>\n<body>\n"
			     "<h1>tcpspan " TCPSPAN_VERSION "</h1>\n"
			     "<p>Every TCP connection, from its first SYN to the end of its "
			     "TIME_WAIT.</p>\n<p><a href=\"/metrics\">Metrics</a></p>\n");
	add_hooks(out, &metrics->account);
	add_losses(out, &metrics->account);
	buffer_add_text(out, "</body>\n</html>\n");
}
