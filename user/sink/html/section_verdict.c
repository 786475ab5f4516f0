// SPDX-License-Identifier: GPL-2.0-only
/* The verdict: a few sentences, the worst first, each with a way to its evidence. */
#include "user/aggregate/verdict.h"
#include "user/sink/change.h"
#include "user/sink/html/page.h"
#include "user/sink/meaning.h"

/* Where the evidence of each stands. */
static const char *const evidence[VERDICT_COUNT] = {
	[VERDICT_EMPTY] = "measured",	     [VERDICT_LOST] = "measured",
	[VERDICT_DAMAGED] = "measured",	     [VERDICT_PARTIAL] = "measured",
	[VERDICT_FAILED] = "failures",	     [VERDICT_STUCK] = "stuck",
	[VERDICT_UNACCEPTED] = "stuck",	     [VERDICT_OVERFLOWS] = "listeners",
	[VERDICT_ACCEPT_SLOW] = "listeners", [VERDICT_RESENT] = "handshakes",
	[VERDICT_PORTS] = "time_wait",	     [VERDICT_HALF_OPEN] = "failures",
	[VERDICT_INCOMPLETE] = "measured",   [VERDICT_ORDERLY] = "machine",
	[VERDICT_CONNECTIONS] = "measured",  [VERDICT_CLIENTS] = "handshakes",
	[VERDICT_SERVERS] = "handshakes",    [VERDICT_TIME_WAITS] = "time_wait",
	[VERDICT_CHANGED] = "changes",	     [VERDICT_SAME] = "changes",
};

static const char *evidence_of(const struct verdict *v)
{
	return (unsigned int)v->kind < VERDICT_COUNT ? evidence[v->kind] : "verdict";
}

static void say_changed(const struct html_page *p, const struct verdict *v)
{
	char old[CHANGE_SIZE], new[CHANGE_SIZE];

	HTML_SAY(p, SAYS_CHANGED, HTML_N(v->n[0]), HTML_N(v->n[1]), HTML_S(v->row->name),
		 HTML_S(change_value(v->row->unit, v->row->old_value, old)),
		 HTML_S(change_value(v->row->unit, v->row->new_value, new)));
}

static void say(const struct html_page *p, const struct verdict *v)
{
	switch (v->kind) {
	case VERDICT_EMPTY:
		HTML_SAY(p, SAYS_EMPTY);
		break;
	case VERDICT_LOST:
		HTML_SAY(p, SAYS_LOST, HTML_N(v->n[0]));
		break;
	case VERDICT_DAMAGED:
		HTML_SAY(p, SAYS_DAMAGED);
		break;
	case VERDICT_PARTIAL:
		HTML_SAY(p, SAYS_PARTIAL);
		break;
	case VERDICT_FAILED:
		HTML_SAY(p, SAYS_FAILED, HTML_N(v->n[0]), HTML_N(v->n[1]),
			 HTML_SHARE(v->n[0], v->n[1]), HTML_N(v->n[2]),
			 HTML_S(meaning_of_cause(v->cause, p->language)));
		break;
	case VERDICT_STUCK:
		HTML_SAY(p, SAYS_STUCK, HTML_N(v->n[0]), HTML_S(state_name(v->state)),
			 HTML_AGE(v->ns[0], v->n[1]));
		break;
	case VERDICT_UNACCEPTED:
		HTML_SAY(p, SAYS_UNACCEPTED, HTML_N(v->n[0]), HTML_AGE(v->ns[0], v->n[1]));
		break;
	case VERDICT_OVERFLOWS:
		HTML_SAY(p, SAYS_OVERFLOWS, HTML_N(v->n[0]), HTML_N(v->n[1]));
		break;
	case VERDICT_ACCEPT_SLOW:
		HTML_SAY(p, SAYS_ACCEPT_SLOW, HTML_N(v->n[0]), HTML_T(v->ns[0]));
		break;
	case VERDICT_RESENT:
		HTML_SAY(p, SAYS_RESENT, HTML_N(v->n[0]), HTML_T(v->ns[0]));
		break;
	case VERDICT_PORTS:
		HTML_SAY(p, SAYS_PORTS, HTML_N(v->n[0]), HTML_N(v->n[1]));
		break;
	case VERDICT_HALF_OPEN:
		HTML_SAY(p, SAYS_HALF_OPEN, HTML_N(v->n[0]));
		break;
	case VERDICT_INCOMPLETE:
		HTML_SAY(p, SAYS_INCOMPLETE, HTML_N(v->n[0]), HTML_N(v->n[1]));
		break;
	case VERDICT_ORDERLY:
		HTML_SAY(p, SAYS_ORDERLY, HTML_N(v->n[0]));
		break;
	case VERDICT_CONNECTIONS:
		HTML_SAY(p, SAYS_CONNECTIONS, HTML_N(v->n[0]), HTML_N(v->n[1]), HTML_N(v->n[2]));
		break;
	case VERDICT_CLIENTS:
		HTML_SAY(p, SAYS_CLIENTS, HTML_N(v->n[0]), HTML_T(v->ns[0]), HTML_T(v->ns[1]));
		break;
	case VERDICT_SERVERS:
		HTML_SAY(p, SAYS_SERVERS, HTML_N(v->n[0]), HTML_T(v->ns[0]), HTML_T(v->ns[1]));
		break;
	case VERDICT_TIME_WAITS:
		HTML_SAY(p, SAYS_TIME_WAITS, HTML_N(v->n[0]), HTML_T(v->ns[0]));
		break;
	case VERDICT_CHANGED:
		say_changed(p, v);
		break;
	case VERDICT_SAME:
		HTML_SAY(p, SAYS_SAME, HTML_N(v->n[0]));
		break;
	case VERDICT_COUNT:
		break;
	}
}

void html_section_verdict(const struct html_page *p)
{
	static const struct {
		const char *class, *sign;
		enum html_phrase phrase;
	} grades[] = {
		[VERDICT_FINE] = { "fine", "\u2713", HTML_GRADE_FINE },
		[VERDICT_WORTH_A_LOOK] = { "look", "!", HTML_GRADE_LOOK },
		[VERDICT_BAD] = { "bad", "\u2715", HTML_GRADE_BAD },
	};
	struct verdict all[VERDICTS_MOST];
	size_t count = verdict_find(p->report, p->rows, all);

	html_raw(p, "<ol class=\"verdict\">\n");
	for (size_t i = 0; i < count; i++) {
		html_raw(p, "<li class=\"");
		html_raw(p, grades[all[i].grade].class);
		html_raw(p, "\"><span class=\"grade\"><span aria-hidden=\"true\">");
		html_raw(p, grades[all[i].grade].sign);
		html_raw(p, "</span> ");
		html_raw(p, html_phrase(grades[all[i].grade].phrase, p->language));
		html_raw(p, "</span><span class=\"says\">");
		say(p, &all[i]);
		html_raw(p, " <a href=\"#");
		html_raw(p, evidence_of(&all[i]));
		html_raw(p, "\">");
		HTML_SAY(p, EVIDENCE);
		html_raw(p, "</a></span></li>\n");
	}
	html_raw(p, "</ol>\n");
}
