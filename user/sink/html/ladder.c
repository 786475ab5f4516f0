// SPDX-License-Identifier: GPL-2.0-only
/* A ladder as a figure: the lines of two ends, the segments between them, and what they mean. */
#include <stdio.h>
#include <string.h>

#include "user/base/sentence.h"
#include "user/base/text.h"
#include "user/sink/fact.h"
#include "user/sink/html/figure.h"
#include "user/sink/lore.h"
#include "user/sink/owner.h"
#include "user/sink/segment.h"
#include "user/sink/text/phrase.h"

#define WIDTH 760
#define LEFT_LINE 250
#define RIGHT_LINE 600
#define SINCE_X 62
#define HEAD 46
#define ROW 34
#define SLANT 10
#define SEGMENT_SIZE 128
#define NAME_MAX_COLUMNS 40 /* of an end: beside the other one there is no room for more */

/* Whose it is, and by which ends: "192.0.2.1:40000 curl". */
static void add_owner(const struct html_page *p, const struct conn *c)
{
	struct owner_name owner;
	struct buffer text;

	if (!c || !fact_has_owner(c))
		return;
	owner = owner_service_of(c);
	buffer_init(&text);
	buffer_add_char(&text, ' ');
	if (owner.is_listeners)
		buffer_add_char(&text, OWNER_MARK);
	html_add_text(&text, owner.comm, owner.size);
	if (fact_has_pid(c))
		buffer_addf(&text, " %u", c->pid);
	buffer_add(p->out, text.bytes, text.size);
	p->out->failed |= text.failed;
	buffer_done(&text);
}

static void add_end(const struct html_page *p, double x, const struct address *a, uint16_t port,
		    const struct conn *owner, enum html_phrase role)
{
	char text[HTML_ENDPOINT_SIZE];
	bool is_long = strlen(html_endpoint(a, port, text)) > NAME_MAX_COLUMNS;

	figure_text(p, x, 14, is_long ? "tiny strong middle" : "small strong middle", HTML_S(text));
	html_raw(p, "<text class=\"small middle\"");
	figure_attribute(p->out, "x", x);
	html_raw(p, " y=\"29\">");
	if (role != HTML_PHRASE_COUNT)
		html_raw(p, html_phrase(role, p->language));
	add_owner(p, owner);
	html_raw(p, "</text>");
}

static enum html_phrase role_phrase(uint8_t role)
{
	return role == CONN_ROLE_CLIENT ? HTML_ROLE_CLIENT :
	       role == CONN_ROLE_SERVER ? HTML_ROLE_SERVER :
					  HTML_PHRASE_COUNT;
}

/* Where both have opened, each is what is called the client. */
static uint8_t other_role(const struct conn *c)
{
	if (c->handshake_flags & CONN_HANDSHAKE_SIMULTANEOUS)
		return c->role;
	return c->role == CONN_ROLE_CLIENT ? CONN_ROLE_SERVER :
	       c->role == CONN_ROLE_SERVER ? CONN_ROLE_CLIENT :
					     CONN_ROLE_UNKNOWN;
}

static void add_state(const struct html_page *p, const struct ladder_state *state, double x,
		      double y, const char *class)
{
	char text[24];

	if (!state->state)
		return;
	snprintf(text, sizeof(text), state->is_measured ? "%s" : "(%s)", state_name(state->state));
	figure_text(p, x, y, class, HTML_S(text));
}

/* The first state of each end, and each one behind a step that changes it. */
static void add_states(const struct html_page *p, const struct ladder_state *local,
		       const struct ladder_state *remote, double y)
{
	add_state(p, local, LEFT_LINE - 12, y, "small right");
	add_state(p, remote, RIGHT_LINE + 12, y, "small");
}

static void add_segment_text(const struct html_page *p, const struct ladder_step *step, double y)
{
	char text[SEGMENT_SIZE];
	size_t used = segment_put_flags(text, sizeof(text), step);

	used += segment_put_number(text + used, sizeof(text) - used, "seq", &step->seq, false);
	used += segment_put_number(text + used, sizeof(text) - used, "ack", &step->ack, false);
	text[used] = '\0';
	html_raw(p, "<text class=\"small middle mono\"");
	figure_attribute(p->out, "x", (LEFT_LINE + RIGHT_LINE) / 2.0);
	figure_attribute(p->out, "y", y - 9);
	html_raw(p, ">");
	html_add_text(p->out, text, used);
	if (step->times > 1) {
		html_raw(p, " \u00d7 ");
		html_add_word(p->out, HTML_IN_SVG, &HTML_N(step->times));
	}
	/* Where two clocks tell how long it was on its way. */
	if (step->way_ns != TIME_UNKNOWN) {
		html_raw(p, " \u00b7 ");
		html_add_word(p->out, HTML_IN_SVG, &HTML_T(step->way_ns));
		html_raw(p, " \u00b1");
		html_add_word(p->out, HTML_IN_SVG, &HTML_T(step->way_bound_ns));
	}
	html_raw(p, "</text>");
}

static void add_arrow(const struct html_page *p, const struct ladder_step *step, double y)
{
	bool is_out = step->direction == LADDER_OUT;
	double from = is_out ? LEFT_LINE : RIGHT_LINE, to = is_out ? RIGHT_LINE : LEFT_LINE;
	double side = is_out ? 1 : -1;

	/* What got no answer may not have arrived. */
	if (step->is_unanswered)
		to -= side * 90;
	html_raw(p, step->flags & LADDER_RST ? "<path class=\"wire reset\" d=\"M" :
		    step->is_unanswered	     ? "<path class=\"wire lost\" d=\"M" :
					       "<path class=\"wire\" d=\"M");
	figure_add(p->out, from);
	html_raw(p, " ");
	figure_add(p->out, y - SLANT / 2.0);
	html_raw(p, "L");
	figure_add(p->out, to);
	html_raw(p, " ");
	figure_add(p->out, y + SLANT / 2.0);
	if (step->is_unanswered) {
		html_raw(p, "m-5 -5l10 10m0 -10l-10 10");
	} else {
		html_raw(p, "m");
		figure_add(p->out, -9 * side);
		html_raw(p, " -5l");
		figure_add(p->out, 9 * side);
		html_raw(p, " 5l");
		figure_add(p->out, -9 * side);
		html_raw(p, " 4");
	}
	html_raw(p, "\"/>");
	add_segment_text(p, step, y);
}

static void add_data(const struct html_page *p, const struct ladder_step *step, double y)
{
	html_raw(p, "<text class=\"small middle\"");
	figure_attribute(p->out, "x", (LEFT_LINE + RIGHT_LINE) / 2.0);
	figure_attribute(p->out, "y", y + 4);
	html_raw(p, ">");
	if (step->bytes_in) {
		html_raw(p, "\u21d0 ");
		HTML_SAY_SVG(p, BYTES, HTML_N(step->bytes_in));
		html_raw(p, step->bytes_out ? " \u00b7 " : "");
	}
	if (step->bytes_out) {
		HTML_SAY_SVG(p, BYTES, HTML_N(step->bytes_out));
		html_raw(p, " \u21d2");
	}
	html_raw(p, "</text>");
}

static void add_step(const struct html_page *p, const struct ladder_step *step, size_t i, double y)
{
	if (step->kind == LADDER_SEGMENT)
		add_arrow(p, step, y);
	else if (step->kind == LADDER_DATA)
		add_data(p, step, y);
	if (i && step->since_ns != TIME_UNKNOWN && step->since_ns) {
		html_raw(p, "<text class=\"small right\"");
		figure_attribute(p->out, "x", SINCE_X);
		figure_attribute(p->out, "y", y + 4);
		html_raw(p, ">+");
		html_add_word(p->out, HTML_IN_SVG, &HTML_T(step->since_ns));
		html_raw(p, "</text>");
	}
	add_states(p, &step->local, &step->remote, y + 4);
}

/* Who has measured what, and how far their clocks are apart. */
static void add_caption(const struct html_page *p, const struct ladder *l)
{
	const char *here = lore_host(p->settings->lore, l->conn), *there;

	html_raw(p, "<figcaption>");
	html_raw(p, phrase_text(ladder_measured(l), p->language));
	if (l->clocks == LADDER_CLOCK_BOUNDED) {
		there = lore_host(p->settings->lore, l->other);
		html_raw(p, " ");
		HTML_SAY(p, CLOCKS_APART, HTML_S(there), HTML_S(here), HTML_T(l->clock.bound_ns),
			 HTML_N(l->handshakes));
	} else if (l->clocks) {
		html_raw(p, " ");
		phrase_add(p->out,
			   l->clocks == LADDER_CLOCK_UNBOUNDED ? LADDER_SAYS_CLOCK_UNBOUNDED :
								 LADDER_SAYS_CLOCK_CONTRADICTORY,
			   p->language, 0, l->handshakes);
	}
	html_raw(p, "</figcaption>\n");
}

static void add_sentences(const struct html_page *p, const struct ladder *l)
{
	html_raw(p, "<details><summary>");
	HTML_SAY(p, STEPS);
	html_raw(p, "</summary>\n<ol class=\"steps\">\n");
	for (size_t i = 0; i < l->count; i++) {
		const struct ladder_note *notes = l->steps[i].notes;

		if (notes[0].phrase == LADDER_SAYS_NOTHING)
			continue;
		html_raw(p, "<li>");
		for (size_t n = 0; n < LADDER_NOTES && notes[n].phrase != LADDER_SAYS_NOTHING;
		     n++) {
			struct buffer text;
			size_t at;

			buffer_init(&text);
			phrase_add(&text, notes[n].phrase, p->language, notes[n].ns, notes[n].n);
			html_raw(p, n ? " " : "");
			at = p->out->size;
			html_add_plain(p->out, text.bytes, text.size);
			sentence_close_up(p->out, at);
			p->out->failed |= text.failed;
			buffer_done(&text);
		}
		html_raw(p, "</li>\n");
	}
	html_raw(p, "</ol></details>\n");
}

void html_ladder(const struct html_page *p, const struct ladder *l)
{
	const struct conn *c = l->conn;
	char local[HTML_ENDPOINT_SIZE], remote[HTML_ENDPOINT_SIZE];
	unsigned int height = HEAD + ROW * (unsigned int)(l->count + 1);

	html_raw(p, "<figure class=\"ladder\">\n<div class=\"wide\" tabindex=\"0\">\n");
	figure_begin(p, "ladder", WIDTH, height);
	HTML_SAY_SVG(p, LADDER_DESC, HTML_S(html_endpoint(fact_laddr(c), fact_lport(c), local)),
		     HTML_S(html_endpoint(fact_raddr(c), fact_rport(c), remote)));
	html_raw(p, "</desc>\n");
	buffer_addf(p->out, "<path class=\"line\" d=\"M%u %uV%uM%u %uV%u\"/>", LEFT_LINE, HEAD - 10,
		    height - 8, RIGHT_LINE, HEAD - 10, height - 8);
	add_end(p, LEFT_LINE, fact_laddr(c), fact_lport(c), c, role_phrase(c->role));
	add_end(p, RIGHT_LINE, fact_raddr(c), fact_rport(c), l->other, role_phrase(other_role(c)));
	add_states(p, &l->local, &l->remote, HEAD + 4);
	for (size_t i = 0; i < l->count; i++)
		add_step(p, &l->steps[i], i, HEAD + ROW * (double)(i + 1) - 4);
	html_raw(p, "\n");
	figure_end(p);
	html_raw(p, "</div>\n");
	add_caption(p, l);
	add_sentences(p, l);
	html_raw(p, "</figure>\n");
}
