// SPDX-License-Identifier: GPL-2.0-only
/* What failed: by cause, with a ladder of one each, and by service and process. */
#include <stdio.h>
#include <string.h>

#include "user/sink/fact.h"
#include "user/sink/html/page.h"
#include "user/sink/meaning.h"

struct share_of {
	enum conn_cause cause;
	uint64_t count;
};

/* The largest first; equal ones in the order of the table. Returns how many there are. */
static size_t sort_causes(const struct gallery *g, struct share_of all[CONN_CAUSE_COUNT])
{
	size_t count = 0;

	for (unsigned int cause = 0; cause < CONN_CAUSE_COUNT; cause++) {
		struct share_of one = { cause, gallery_failed(g, cause) };
		size_t at = count;

		if (!one.count)
			continue;
		for (; at && all[at - 1].count < one.count; at--)
			all[at] = all[at - 1];
		all[at] = one;
		count++;
	}
	return count;
}

static const char *name_of(enum conn_cause cause)
{
	const char *name = cause_of(cause)->name;

	return name ? name : "unknown";
}

static void add_causes(const struct html_page *p, const struct share_of *all, size_t count)
{
	static const enum html_phrase heads[] = { HTML_CAUSE, HTML_COUNT, HTML_SHARE_OF_ALL,
						  HTML_MEANING };
	uint64_t failed = failure_set_count(p->report->failures);

	html_table_begin(p, HTML_BY_CAUSE, HTML_TABLE_SORTED, heads,
			 sizeof(heads) / sizeof(*heads));
	for (size_t i = 0; i < count; i++) {
		html_row_begin(p);
		html_head_cell(p, HTML_S(name_of(all[i].cause)));
		html_cell(p, HTML_N(all[i].count));
		html_cell(p, HTML_SHARE(all[i].count, failed));
		html_cell(p, HTML_S(meaning_of_cause(all[i].cause, p->language)));
		html_row_end(p);
	}
	html_table_end(p);
}

static void add_ladders(const struct html_page *p, const struct share_of *all, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct ladder ladder;
		uint64_t ns;

		if (!gallery_ladder(p->report->gallery, GALLERY_CAUSES + all[i].cause,
				    p->report->clocks, &ladder, &ns))
			continue;
		html_raw(p, "<details class=\"card\"><summary><code>");
		html_raw(p, name_of(all[i].cause));
		html_raw(p, "</code> ");
		HTML_SAY(p, ONE_OF_THEM);
		html_raw(p, "</summary>\n");
		html_ladder(p, &ladder);
		html_raw(p, "</details>\n");
	}
}

/* The service, which is one of a server's own ports, or else at the peer. */
static void add_service(const struct html_page *p, const struct conn *c)
{
	char text[HTML_ENDPOINT_SIZE], error[FACT_ERRNO_SIZE], reason[RESET_REASON_SIZE];
	const char *more = NULL;

	html_raw(p, "<td>");
	if (c->role == CONN_ROLE_SERVER) {
		snprintf(text, sizeof(text), "%u", fact_lport(c));
		HTML_SAY(p, OWN_PORT, HTML_S(fact_lport(c) ? text : NULL));
	} else {
		html_endpoint(fact_raddr(c), fact_rport(c), text);
		html_add_text(p->out, text, strlen(text));
	}
	if (failure_has_errno(c))
		more = fact_errno(c, error);
	else if (failure_has_reset_reason(c))
		more = fact_reset_reason(p->settings, c->reset_reason, reason);
	if (more) {
		html_raw(p, ", ");
		html_add_text(p->out, more, strlen(more));
	}
	html_raw(p, "</td>");
}

static void add_kind(void *context, const struct failure *f, uint64_t count)
{
	const struct html_page *p = context;
	const struct conn *c = &f->example;

	html_row_begin(p);
	html_raw(p, "<td class=\"n\">");
	if (f->missed)
		HTML_SAY(p, AT_LEAST, HTML_N(count));
	else
		html_add_word(p->out, HTML_IN_PAGE, &HTML_N(count));
	html_raw(p, "</td>");
	if (f->is_other) {
		html_cell(p, HTML_S(html_phrase(HTML_OTHERS, p->language)));
		html_raw(p, "<td></td><td></td>");
	} else {
		html_cell(p, HTML_S(name_of(c->cause)));
		html_owner_cell(p, c);
		add_service(p, c);
	}
	html_row_end(p);
}

void html_section_failures(const struct html_page *p)
{
	static const enum html_phrase heads[] = { HTML_COUNT, HTML_CAUSE, HTML_PROCESS,
						  HTML_SERVICE };
	struct share_of all[CONN_CAUSE_COUNT];
	size_t count = sort_causes(p->report->gallery, all);

	if (!count) {
		html_raw(p, "<p>");
		HTML_SAY(p, NO_FAILURES);
		html_raw(p, "</p>\n");
		return;
	}
	add_causes(p, all, count);
	add_ladders(p, all, count);
	html_table_begin(p, HTML_BY_SERVICE, HTML_TABLE_SORTED | HTML_TABLE_SEARCHED, heads,
			 sizeof(heads) / sizeof(*heads));
	p->out->failed |= failure_set_each(p->report->failures, add_kind, (void *)p) != 0;
	html_table_end(p);
}
