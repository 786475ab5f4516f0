// SPDX-License-Identifier: GPL-2.0-only
/* Draws a ladder for people: two columns of states, and the segments between them. */
#include "user/sink/text/ladder.h"

#include <stdio.h>
#include <string.h>

#include "user/aggregate/measure.h"
#include "user/base/text.h"
#include "user/sink/fact.h"
#include "user/sink/lore.h"
#include "user/sink/owner.h"
#include "user/sink/segment.h"
#include "user/sink/text/columns.h"
#include "user/sink/text/opener.h"
#include "user/sink/text/phrase.h"

#define SINCE_WIDTH 8
#define TIME_WIDTH 12
#define TIMESTAMP_WIDTH 11
#define STATE_WIDTH 13 /* "(ESTABLISHED)" */
#define STATE_SIZE 24
#define ARROW_WIDTH 42
#define ARROW_WIDE 70
#define ARROW_LEAST 16
#define ARROW_SIZE 128
#define TEXT_COLUMN 12 /* of the sentences; their numbers stand before it */
#define NARROW 79
#define WIDE 107
#define LABEL_WIDTH 11
#define ENDPOINT_SIZE 64
#define HOST_WIDTH 24

/* Where a ladder as it is drawn elsewhere would be cut, it has a shorter form. */
static bool is_short(const struct sink_settings *s)
{
	return s->columns && s->columns <= NARROW;
}

/* Where lines end. */
static unsigned int end_of(const struct sink_settings *s)
{
	return is_short(s) ? s->columns - 1 : s->wide ? WIDE : NARROW;
}

/* In front of a step stands when it was, or else how long after the one before. */
static unsigned int front_width(const struct sink_settings *s)
{
	return s->wall_time ? TIME_WIDTH : s->timestamp ? TIMESTAMP_WIDTH : SINCE_WIDTH;
}

static unsigned int arrow_column(const struct sink_settings *s)
{
	return front_width(s) + 1 + STATE_WIDTH + 1;
}

static unsigned int arrow_width(const struct sink_settings *s)
{
	const unsigned int others = arrow_column(s) + 1 + STATE_WIDTH;

	if (!is_short(s))
		return (s->wide ? ARROW_WIDE : ARROW_WIDTH) - (front_width(s) - SINCE_WIDTH);
	return end_of(s) > others + ARROW_LEAST ? end_of(s) - others : ARROW_LEAST;
}

static void add_blanks(struct buffer *out, size_t count)
{
	while (count--)
		buffer_add_char(out, ' ');
}

/* A word of the table in a column of its own; square characters take two. */
static void add_label(const struct sink_settings *s, struct buffer *out, enum ladder_phrase phrase,
		      size_t width)
{
	const char *text = phrase_text(phrase, s->language);
	size_t columns = text_width(text, strlen(text));

	buffer_add_text(out, text);
	add_blanks(out, columns < width ? width - columns : 1);
}

/* "[2001:db8::1]:443"; a part that is not known is "-". */
static void add_endpoint(struct buffer *out, struct fact_end end, bool has_port, uint16_t port)
{
	char text[FACT_END_SIZE];

	if (!end.address)
		buffer_add_char(out, '-');
	else if (address_is_ipv4(end.address))
		buffer_add_text(out, fact_end_text(&end, text));
	else
		buffer_addf(out, "[%s]", fact_end_text(&end, text));
	if (has_port)
		buffer_addf(out, ":%u", port);
	else
		buffer_add_text(out, ":-");
}

static void add_role(const struct sink_settings *s, struct buffer *out, uint8_t role)
{
	if (role == CONN_ROLE_UNKNOWN)
		return;
	buffer_add_text(out, ", ");
	buffer_add_text(out, phrase_text(role == CONN_ROLE_CLIENT ? LADDER_SAYS_CLIENT :
								    LADDER_SAYS_SERVER,
					 s->language));
}

static void add_owner(struct buffer *out, const struct conn *c)
{
	struct owner_name owner;

	if (!c || !fact_has_owner(c))
		return;
	owner = owner_service_of(c);
	buffer_add_text(out, ", ");
	owner_add(out, &owner, TEXT_UNLIMITED);
	if (fact_has_pid(c))
		buffer_addf(out, " (PID %u)", c->pid);
}

/* Where both have opened, each is what is called the client. */
static uint8_t role_of_other(const struct conn *c)
{
	uint8_t role = c->role;

	if (c->handshake_flags & CONN_HANDSHAKE_SIMULTANEOUS)
		return role;
	return role == CONN_ROLE_CLIENT ? CONN_ROLE_SERVER :
	       role == CONN_ROLE_SERVER ? CONN_ROLE_CLIENT :
					  CONN_ROLE_UNKNOWN;
}

static void add_sentence(const struct sink_settings *s, struct buffer *out,
			 const struct ladder_note *note, size_t begin)
{
	struct buffer text;

	buffer_init(&text);
	phrase_add(&text, note->phrase, s->language, note->ns, note->n);
	phrase_add_lines(out, text.bytes, text.size, begin, end_of(s));
	out->failed |= text.failed;
	buffer_done(&text);
}

/* What stands behind a label; where it is too long, in several lines. Frees the text. */
static void add_line(const struct sink_settings *s, struct buffer *out, struct buffer *text)
{
	if (is_short(s))
		phrase_add_lines(out, text->bytes, text->size, LABEL_WIDTH, end_of(s));
	else if (text->size)
		buffer_add(out, text->bytes, text->size);
	buffer_add_char(out, '\n');
	out->failed |= text->failed;
	buffer_done(text);
}

static bool is_left(const struct conn *c)
{
	return c->outcome == CONN_OUTCOME_ABORTED && conn_has_closed_first(c);
}

/* How it ended, who began that, and how long the handshake took. */
static void add_outcome(const struct sink_settings *s, struct buffer *out, const struct conn *c)
{
	static const enum ladder_phrase outcomes[CONN_OUTCOME_COUNT] = {
#define X(NAME, name) [CONN_OUTCOME_##NAME] = LADDER_SAYS_IS_##NAME,
		CONN_OUTCOMES(X)
#undef X
	};
	static const enum ladder_phrase firsts[] = {
		[CONN_INITIATOR_UNKNOWN] = LADDER_SAYS_NOTHING,
		[CONN_INITIATOR_LOCAL] = LADDER_SAYS_FIRST_LOCAL,
		[CONN_INITIATOR_REMOTE] = LADDER_SAYS_FIRST_REMOTE,
		[CONN_INITIATOR_BOTH] = LADDER_SAYS_FIRST_BOTH,
	};
	uint64_t handshake_ns = measure_handshake(c);
	char errno_text[FACT_ERRNO_SIZE];
	struct buffer text;

	buffer_init(&text);
	add_blanks(out, LABEL_WIDTH);
	phrase_add(&text,
		   c->flags & CONN_UNSENT		 ? LADDER_SAYS_IS_UNSENT :
		   c->cause == CONN_CAUSE_LINGER_DROPPED ? LADDER_SAYS_IS_DROPPED :
		   is_left(c)				 ? LADDER_SAYS_IS_LEFT :
							   outcomes[c->outcome],
		   s->language, 0, 0);
	if (fact_errno(c, errno_text))
		buffer_addf(&text, " (%s)", fact_errno(c, errno_text));
	if (c->outcome == CONN_OUTCOME_CLOSED && c->initiator != CONN_INITIATOR_UNKNOWN) {
		buffer_add_text(&text, ", ");
		phrase_add(&text, firsts[c->initiator], s->language, 0, 0);
	}
	if (handshake_ns != TIME_UNKNOWN) {
		buffer_add_text(&text, ", ");
		phrase_add(&text, LADDER_SAYS_HANDSHAKE, s->language, handshake_ns, 0);
	}
	add_line(s, out, &text);
}

/* How far the other end's clock is ahead, as far as that is known. */
static void add_clocks(const struct sink_settings *s, struct buffer *out, const struct ladder *l)
{
	const struct clock_bounds *clock = &l->clock;
	struct ladder_note why = {
		.phrase = l->clocks == LADDER_CLOCK_UNBOUNDED ? LADDER_SAYS_CLOCK_UNBOUNDED :
								LADDER_SAYS_CLOCK_CONTRADICTORY,
		.n = l->handshakes,
	};
	char text[TEXT_DURATION_SIZE];
	struct buffer line;

	buffer_add_char(out, '\n');
	if (l->clocks == LADDER_CLOCK_ONE)
		return;
	add_label(s, out, LADDER_SAYS_CLOCKS, LABEL_WIDTH);
	if (l->clocks != LADDER_CLOCK_BOUNDED) {
		add_sentence(s, out, &why, LABEL_WIDTH);
		buffer_add_char(out, '\n');
		return;
	}
	buffer_init(&line);
	buffer_addf(&line, "%+.6f s +-%s, ", (double)clock->offset_ns / NS_PER_S,
		    text_duration(clock->bound_ns, text));
	phrase_add(&line, LADDER_SAYS_CLOCK_BY, s->language, 0, l->handshakes);
	buffer_add_text(&line, ", ");
	phrase_add(&line, LADDER_SAYS_CLOCK_DRIFT, s->language, 0, 0);
	buffer_addf(&line, " %+.1f ppm +-%.1f", clock->drift_ppm, clock->drift_bound_ppm);
	add_line(s, out, &line);
}

/* The machine, where there are two. */
static void add_host(const struct sink_settings *s, struct buffer *out, const struct ladder *l,
		     const struct conn *c)
{
	const char *host = l->clocks == LADDER_CLOCK_ONE ? NULL : lore_host(s->lore, c);

	if (!host)
		return;
	buffer_add_text(out, ", ");
	text_add_escaped(out, host, strlen(host), HOST_WIDTH);
}

void ladder_draw_head(const struct sink_settings *s, struct buffer *out, const struct ladder *l,
		      bool is_over)
{
	const struct conn *c = l->conn;
	struct ladder_note measured = {
		.phrase = ladder_measured(l),
	};
	const char *front = s->wall_time ? "TIME" :
			    s->timestamp ? "TIME(s)" :
					   phrase_text(LADDER_SAYS_SINCE, s->language);
	struct buffer text;

	buffer_init(&text);
	add_label(s, out, LADDER_SAYS_THIS_END, LABEL_WIDTH);
	add_endpoint(&text, fact_local(c), fact_lport(c), fact_lport(c));
	add_role(s, &text, c->role);
	add_owner(&text, c);
	add_host(s, &text, l, c);
	add_line(s, out, &text);
	buffer_init(&text);
	add_label(s, out, LADDER_SAYS_OTHER_END, LABEL_WIDTH);
	add_endpoint(&text, fact_remote(c), fact_has_rport(c), fact_rport(c));
	add_role(s, &text, role_of_other(c));
	add_owner(&text, l->other);
	if (l->other)
		add_host(s, &text, l, l->other);
	add_line(s, out, &text);
	if (is_over)
		add_outcome(s, out, c);
	add_blanks(out, LABEL_WIDTH);
	add_sentence(s, out, &measured, LABEL_WIDTH);
	add_clocks(s, out, l);
	buffer_add_char(out, '\n');
	add_blanks(out, front_width(s) - text_width(front, strlen(front)));
	buffer_add_text(out, front);
	buffer_add_char(out, ' ');
	add_label(s, out, LADDER_SAYS_THIS_END, STATE_WIDTH + 1);
	add_label(s, out, LADDER_SAYS_SEGMENT, arrow_width(s) + 1);
	phrase_add(out, LADDER_SAYS_OTHER_END, s->language, 0, 0);
	buffer_add_char(out, '\n');
}

static const char *state_text(const struct ladder_state *state, char text[STATE_SIZE])
{
	const char *name = state->state ? state_name(state->state) : "?";

	snprintf(text, STATE_SIZE, state->is_measured || !state->state ? "%s" : "(%s)", name);
	return text;
}

/* What is counted, in the language; returns its length in bytes. */
static size_t put_count(const struct sink_settings *s, char *text, size_t size,
			enum ladder_phrase phrase, uint64_t count)
{
	struct buffer words;
	size_t used = 0;

	buffer_init(&words);
	phrase_add(&words, phrase, s->language, 0, count);
	if (!words.failed && words.size < size) {
		memcpy(text, words.bytes, words.size);
		used = words.size;
	}
	text[used] = '\0';
	buffer_done(&words);
	return used;
}

static size_t put_bytes(const struct sink_settings *s, char *text, size_t size, uint64_t count)
{
	return put_count(s, text, size, count == 1 ? LADDER_SAYS_BYTE : LADDER_SAYS_BYTES, count);
}

/* What it says may have square characters: the shaft is filled up by columns. */
static void put_segment(const struct sink_settings *s, const struct ladder_step *step,
			char text[ARROW_SIZE])
{
	size_t width = arrow_width(s), columns;
	size_t used = 4;

	memcpy(text, step->direction == LADDER_IN ? "<-- " : "--- ", used);
	used += segment_put_flags(text + used, ARROW_SIZE - used, step);
	if (!is_short(s)) {
		used += segment_put_number(text + used, ARROW_SIZE - used, "seq", &step->seq,
					   s->wide);
		used += segment_put_number(text + used, ARROW_SIZE - used, "ack", &step->ack,
					   s->wide);
	}
	if (step->times > 1 && is_short(s)) {
		used += (size_t)snprintf(text + used, ARROW_SIZE - used, " x%u", step->times);
	} else if (step->times > 1) {
		text[used++] = ' ';
		used += put_count(s, text + used, ARROW_SIZE - used, LADDER_SAYS_TIMES,
				  step->times);
	}
	text[used++] = ' ';
	columns = text_width(text, used);
	if (columns < width) {
		memset(text + used, '-', width - columns);
		used += width - columns;
	}
	if (step->direction == LADDER_OUT)
		text[used - 1] = step->is_unanswered ? '?' : '>';
	text[used] = '\0';
}

static size_t put_data_in(const struct sink_settings *s, const struct ladder_step *step,
			  char text[ARROW_SIZE])
{
	static const char head[] = "<== ";
	size_t used = sizeof(head) - 1;

	text[0] = '\0';
	if (!step->bytes_in)
		return 0;
	memcpy(text, head, used);
	return used + put_bytes(s, text + used, ARROW_SIZE - used, step->bytes_in);
}

static void put_data_out(const struct sink_settings *s, const struct ladder_step *step, char *text,
			 size_t size)
{
	size_t used;

	if (!step->bytes_out)
		return;
	used = put_bytes(s, text, size, step->bytes_out);
	snprintf(text + used, size - used, " ==>");
}

static void put_data(const struct sink_settings *s, const struct ladder_step *step,
		     char text[ARROW_SIZE])
{
	size_t used = put_data_in(s, step, text);

	if (used && is_short(s))
		return;
	if (used && step->bytes_out)
		used += (size_t)snprintf(text + used, ARROW_SIZE - used, "   ");
	put_data_out(s, step, text + used, ARROW_SIZE - used);
}

/* What there was no room for: numbers, and data that went the other way. */
static void add_rest(const struct sink_settings *s, struct buffer *out,
		     const struct ladder_step *step)
{
	char text[ARROW_SIZE] = "";
	size_t used = 0;

	if (step->kind == LADDER_SEGMENT) {
		used += segment_put_number(text, ARROW_SIZE, "seq", &step->seq, step->seq.is_known);
		used += segment_put_number(text + used, ARROW_SIZE - used, "ack", &step->ack,
					   step->ack.is_known);
	} else if (step->kind == LADDER_DATA && step->bytes_in && step->bytes_out) {
		size_t width;

		put_data_out(s, step, text, ARROW_SIZE);
		width = text_width(text, strlen(text));
		add_blanks(out, arrow_column(s) + arrow_width(s) > width ?
					arrow_column(s) + arrow_width(s) - width :
					arrow_column(s));
	}
	if (!*text)
		return;
	if (used)
		add_blanks(out, TEXT_COLUMN - 1);
	buffer_add_text(out, text);
	buffer_add_char(out, '\n');
}

/* "seq 305419896 ack 2596069104", under the arrow; nothing where none has a letter. */
static void add_absolute(const struct sink_settings *s, struct buffer *out,
			 const struct ladder_step *step)
{
	const struct ladder_number *numbers[] = { &step->seq, &step->ack };
	static const char *const names[] = { "seq", "ack" };
	bool any = false;

	for (size_t i = 0; i < 2; i++) {
		if (!numbers[i]->is_shown || numbers[i]->symbol == LADDER_SYMBOL_NONE)
			continue;
		if (!any)
			add_blanks(out, arrow_column(s) + 3);
		any = true;
		buffer_addf(out, " %s ", names[i]);
		if (numbers[i]->is_known)
			buffer_add_u64(out, numbers[i]->value);
		else
			buffer_add_char(out, '?');
	}
	if (any)
		buffer_add_char(out, '\n');
}

static void add_notes(const struct sink_settings *s, struct buffer *out,
		      const struct ladder_step *step)
{
	const struct ladder_note way = { LADDER_SAYS_ON_ITS_WAY, step->way_ns, step->way_bound_ns };

	for (size_t i = 0; i < LADDER_NOTES && step->notes[i].phrase != LADDER_SAYS_NOTHING; i++) {
		if (!i && step->number)
			buffer_addf(out, "%*u. ", TEXT_COLUMN - 2, step->number);
		else
			add_blanks(out, TEXT_COLUMN);
		add_sentence(s, out, &step->notes[i], TEXT_COLUMN);
		buffer_add_char(out, '\n');
	}
	if (step->way_ns == TIME_UNKNOWN)
		return;
	add_blanks(out, TEXT_COLUMN);
	add_sentence(s, out, &way, TEXT_COLUMN);
	buffer_add_char(out, '\n');
}

static const char *front_text(const struct sink_settings *s, const struct ladder_step *step,
			      bool is_first, char text[COLUMNS_TEXT_SIZE])
{
	const char *unknown = step->kind == LADDER_SEGMENT ? "-" : "";
	uint64_t ns = ladder_step_ns(step);

	if ((s->wall_time || s->timestamp) && ns == TIME_UNKNOWN)
		return unknown;
	if (s->wall_time)
		return clock_format_time(&s->clock, ns, text);
	if (s->timestamp)
		return columns_timestamp(s->start_mono_ns, ns, text);
	if (!step->since_ns || (is_first && ns != TIME_UNKNOWN))
		return "0";
	return step->since_ns == TIME_UNKNOWN ? unknown : text_duration(step->since_ns, text);
}

static void add_step(const struct sink_settings *s, struct buffer *out,
		     const struct ladder_step *step, bool is_first)
{
	char front[COLUMNS_TEXT_SIZE], local[STATE_SIZE], remote[STATE_SIZE];
	char arrow[ARROW_SIZE] = "";
	struct columns line;

	if (step->kind == LADDER_SEGMENT)
		put_segment(s, step, arrow);
	else if (step->kind == LADDER_DATA)
		put_data(s, step, arrow);
	columns_begin(&line, out);
	columns_right(&line, front_width(s), front_text(s, step, is_first, front));
	columns_left(&line, STATE_WIDTH, state_text(&step->local, local));
	columns_left(&line, arrow_width(s), arrow);
	columns_left(&line, STATE_WIDTH, state_text(&step->remote, remote));
	columns_end(&line);
	if (is_short(s))
		add_rest(s, out, step);
	else if (!s->wide)
		add_absolute(s, out, step);
	add_notes(s, out, step);
}

/* The states before the first step. */
static void add_start(const struct sink_settings *s, struct buffer *out, const struct ladder *l)
{
	char local[STATE_SIZE], remote[STATE_SIZE];
	struct columns line;

	if (!l->local.state)
		return;
	columns_begin(&line, out);
	columns_left(&line, front_width(s), "");
	columns_left(&line, STATE_WIDTH, state_text(&l->local, local));
	columns_left(&line, arrow_width(s), "");
	columns_left(&line, STATE_WIDTH, state_text(&l->remote, remote));
	columns_end(&line);
}

/* Where the beginning was not seen, the first time that is known is not the ladder's. */
static bool is_first_time(const struct ladder *l, size_t index)
{
	if (l->conn->flags & CONN_SEEDED)
		return false;
	for (size_t i = 0; i < index; i++)
		if (ladder_step_ns(&l->steps[i]) != TIME_UNKNOWN)
			return false;
	return true;
}

void ladder_draw_step(const struct sink_settings *s, struct buffer *out, const struct ladder *l,
		      size_t index)
{
	if (!index)
		add_start(s, out, l);
	add_step(s, out, &l->steps[index], is_first_time(l, index));
}

void ladder_draw_arrow(const struct sink_settings *s, struct buffer *out,
		       const struct ladder_step *step)
{
	char arrow[ARROW_SIZE] = "";

	if (step->kind == LADDER_SEGMENT)
		put_segment(s, step, arrow);
	else if (step->kind == LADDER_DATA)
		put_data(s, step, arrow);
	buffer_add_text(out, arrow);
}

/* "x = 3123456789, u = x+1235": each by what its direction had counted. */
static void add_numbers(const struct sink_settings *s, struct buffer *out, const struct ladder *l)
{
	size_t column = LABEL_WIDTH, end = end_of(s);
	bool any = false;

	for (unsigned int i = 0; i < LADDER_SYMBOL_COUNT; i++) {
		const struct ladder_number *n = &l->symbols[i];
		unsigned int base = i == LADDER_SYMBOL_U			 ? l->first :
				    i == LADDER_SYMBOL_V || i == LADDER_SYMBOL_W ? 1u - l->first :
										   i;
		char text[ENDPOINT_SIZE];
		size_t size;

		if (!n->is_known)
			continue;
		size = (size_t)snprintf(text, sizeof(text), "%s = %u", ladder_symbol_name(i),
					n->value);
		if (base != i && l->symbols[base].is_known)
			size += (size_t)snprintf(text + size, sizeof(text) - size, " (%s+%u)",
						 ladder_symbol_name(base),
						 n->value - l->symbols[base].value);
		if (!any) {
			buffer_add_char(out, '\n');
			add_label(s, out, LADDER_SAYS_NUMBERS, LABEL_WIDTH);
		} else if (column + 2 + size >= end) { /* a comma may follow */
			buffer_add_text(out, ",\n");
			add_blanks(out, LABEL_WIDTH);
			column = LABEL_WIDTH;
		} else {
			buffer_add_text(out, ", ");
			column += 2;
		}
		any = true;
		buffer_add(out, text, size);
		column += size;
	}
	if (any)
		buffer_add_char(out, '\n');
}

void ladder_draw_end(const struct sink_settings *s, struct buffer *out, const struct ladder *l,
		     bool is_over)
{
	add_numbers(s, out, l);
	if (is_over)
		add_outcome(s, out, l->conn);
	if (lore_opener(s->lore, l->conn)) {
		buffer_add_char(out, '\n');
		text_opener(s, out, 0, lore_opener(s->lore, l->conn));
	}
}

void ladder_draw(const struct sink_settings *s, struct buffer *out, const struct ladder *l)
{
	ladder_draw_head(s, out, l, true);
	for (size_t i = 0; i < l->count; i++)
		ladder_draw_step(s, out, l, i);
	ladder_draw_end(s, out, l, false);
}
