// SPDX-License-Identifier: GPL-2.0-only
/* What was measured, what was lost on the way, and what is therefore not known. */
#include <string.h>

#include "user/sink/html/page.h"

static void add_term(const struct html_page *p, enum html_phrase term)
{
	html_raw(p, "<div><dt>");
	html_raw(p, html_phrase(term, p->language));
	html_raw(p, "</dt><dd>");
}

static void add_fact(const struct html_page *p, enum html_phrase term, struct html_word word)
{
	add_term(p, term);
	html_add_word(p->out, HTML_IN_PAGE, &word);
	html_raw(p, "</dd></div>\n");
}

/* What is nothing in most runs is told where it is something. */
static void add_rare(const struct html_page *p, enum html_phrase term, uint64_t count)
{
	if (count)
		add_fact(p, term, HTML_N(count));
}

static void add_hosts(const struct html_page *p)
{
	const struct report *r = p->report;

	add_term(p, HTML_WHERE);
	for (size_t i = 0; i < r->host_count; i++) {
		html_raw(p, i ? ", " : "");
		html_add_text(p->out, r->hosts[i], strlen(r->hosts[i]));
	}
	if (!r->host_count)
		HTML_SAY(p, UNKNOWN);
	if (r->hosts_more) {
		html_raw(p, ", ");
		HTML_SAY(p, AND_MORE, HTML_N(r->hosts_more));
	}
	html_raw(p, "</dd></div>\n");
}

static void add_origin(const struct html_page *p)
{
	const struct report *r = p->report;
	char begin[HTML_TIME_SIZE];

	add_hosts(p);
	add_fact(p, HTML_KERNEL, HTML_S(r->origin.kernel));
	if (r->recordings)
		add_fact(p, HTML_RECORDINGS, HTML_N(r->recordings));
	else
		add_fact(p, HTML_RECORDINGS, HTML_S(html_phrase(HTML_LIVE, p->language)));
	add_fact(p, HTML_BEGAN, HTML_S(html_time(p->settings, r->start_ns, begin)));
	add_fact(p, HTML_LASTED, HTML_T(r->end_ns - r->start_ns));
}

static void add_hooks(const struct html_page *p)
{
	const struct summary *sum = &p->report->summary;
	bool any = false;

	add_term(p, HTML_HOOKS);
	for (size_t i = 0; i < sum->hook_count; i++) {
		if (!sum->hooks[i].rung)
			continue;
		html_raw(p, any ? ", " : "");
		html_add_text(p->out, sum->hooks[i].family, strlen(sum->hooks[i].family));
		html_raw(p, " ");
		html_add_text(p->out, sum->hooks[i].rung, strlen(sum->hooks[i].rung));
		any = true;
	}
	if (!any)
		HTML_SAY(p, UNKNOWN);
	html_raw(p, "</dd></div>\n");
}

static void add_captured(const struct html_page *p, const struct captured *c)
{
	add_rare(p, HTML_NEAR_CLIENT, c->points[EVENT_POINT_CLIENT]);
	add_rare(p, HTML_NEAR_SERVER, c->points[EVENT_POINT_SERVER]);
	add_rare(p, HTML_BETWEEN_ENDS, c->points[EVENT_POINT_BETWEEN]);
	add_rare(p, HTML_NOT_CAPTURED, c->dropped);
	add_rare(p, HTML_UNSEEN_DATA, c->unseen);
}

static void say_lost(const struct html_page *p, uint64_t lost)
{
	const struct summary *sum = &p->report->summary;

	if (lost || sum->is_torn)
		html_raw(p, "<p class=\"bad\">");
	else if (!sum->captured.captures)
		html_raw(p, "<p>");
	else
		return;
	if (sum->is_torn)
		HTML_SAY(p, UNKNOWN_LOST);
	else if (lost)
		HTML_SAY(p, SOME_LOST, HTML_N(lost));
	else
		HTML_SAY(p, NONE_LOST);
	html_raw(p, "</p>\n");
}

void html_section_measured(const struct html_page *p)
{
	const struct summary *sum = &p->report->summary;
	const struct conn_counts *c = &sum->connections;
	uint64_t lost = event_counters_lost(&sum->events) + summary_unseen(sum);
	double ratio = summary_sampling_ratio(sum);

	if (sum->captured.captures) {
		html_raw(p, "<p>");
		HTML_SAY(p, CAPTURED, HTML_N(sum->captured.packets));
		html_raw(p, "</p>\n");
	}
	say_lost(p, lost);
	html_raw(p, "<dl class=\"facts\">\n");
	add_fact(p, HTML_OPENED, HTML_N(c->opened));
	add_fact(p, HTML_CLOSED, HTML_N(c->closed));
	add_fact(p, HTML_STILL_OPEN, HTML_N(c->live));
	add_fact(p, HTML_FAILED, HTML_N(failure_set_count(p->report->failures)));
	add_rare(p, HTML_HALF_OPEN, conn_counts_half_open(c));
	add_rare(p, HTML_OLDER, c->seeded);
	add_rare(p, HTML_INCOMPLETE, c->incomplete);
	add_rare(p, HTML_INFERRED, p->report->passages.inferred);
	add_rare(p, HTML_EVICTED, c->evicted);
	add_rare(p, HTML_TIME_WAITS_EVICTED, c->time_waits_evicted);
	add_fact(p, HTML_RECEIVED, HTML_N(sum->events.received));
	add_rare(p, HTML_FILTERED, sum->events.filtered);
	if (sum->is_torn)
		add_fact(p, HTML_LOST, HTML_S(html_phrase(HTML_UNKNOWN, p->language)));
	else
		add_fact(p, HTML_LOST, HTML_N(lost));
	if (ratio >= 0 && ratio < 1)
		add_fact(p, HTML_SAMPLED, HTML_SHARE((uint64_t)(ratio * 1e6), 1000000));
	add_captured(p, &sum->captured);
	add_origin(p);
	if (sum->hook_count || !sum->captured.captures)
		add_hooks(p);
	html_raw(p, "</dl>\n");
}
