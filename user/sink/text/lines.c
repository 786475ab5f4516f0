// SPDX-License-Identifier: GPL-2.0-only
/* Lines for people: `trace` in 80 columns, or as wide as it takes with --wide. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/measure.h"
#include "user/base/text.h"
#include "user/sink/fact.h"
#include "user/sink/legend.h"
#include "user/sink/sink.h"
#include "user/sink/text/columns.h"
#include "user/sink/text/histograms.h"
#include "user/sink/text/ladder.h"
#include "user/sink/text/stuck.h"

#define NS_PER_US 1000ull
#define COLOR_RED "\033[31m"
#define COLOR_DIM "\033[2m"
#define COLOR_OFF "\033[0m"

/* What a line is about; `t` is NULL for a line about a whole connection. */
struct subject {
	const struct sink_settings *settings;
	const struct conn *c;
	const struct transition *t;
	uint64_t mono_ns; /* of the line's last event, or TIME_UNKNOWN */
};

enum side { LEFT, RIGHT };

/* A column; its text is written to `text`, or is a constant. */
struct column {
	const char *title; /* NULL: there are no more */
	uint8_t width;
	enum side side;
	/* NULL: it is the column of the comm, which is not trusted. */
	const char *(*text)(const struct subject *s, size_t width, char text[COLUMNS_TEXT_SIZE]);
};

#define UNUSED __attribute__((unused))

static const char *text_time(const struct subject *s, UNUSED size_t width, char *text)
{
	if (s->mono_ns == TIME_UNKNOWN)
		return "-";
	return clock_format_time(&s->settings->clock, s->mono_ns, text);
}

static const char *text_timestamp(const struct subject *s, UNUSED size_t width, char *text)
{
	if (s->mono_ns == TIME_UNKNOWN)
		return "-";
	return columns_timestamp(s->settings->start_mono_ns, s->mono_ns, text);
}

static const char *text_id(const struct subject *s, UNUSED size_t width, char *text)
{
	return columns_number(s->c->id, s->c->id, text);
}

static const char *text_netns(const struct subject *s, UNUSED size_t width, char *text)
{
	return columns_number(s->c->netns, s->c->netns, text);
}

static const char *text_role(const struct subject *s, UNUSED size_t width, UNUSED char *text)
{
	const char *name = s->c->role == CONN_ROLE_UNKNOWN ? NULL : conn_role_name(s->c->role);

	return name ? name : "-";
}

static const char *text_pid(const struct subject *s, UNUSED size_t width, char *text)
{
	return columns_number(fact_has_pid(s->c), s->c->pid, text);
}

static const char *text_uid(const struct subject *s, UNUSED size_t width, char *text)
{
	return columns_number(fact_has_owner(s->c), s->c->uid, text);
}

static const char *text_laddr(const struct subject *s, size_t width, char *text)
{
	return columns_address(fact_laddr(s->c), width, text);
}

static const char *text_raddr(const struct subject *s, size_t width, char *text)
{
	return columns_address(fact_raddr(s->c), width, text);
}

static const char *text_lport(const struct subject *s, UNUSED size_t width, char *text)
{
	return columns_number(fact_lport(s->c), fact_lport(s->c), text);
}

static const char *text_rport(const struct subject *s, UNUSED size_t width, char *text)
{
	return columns_number(fact_rport(s->c), fact_rport(s->c), text);
}

/* A wait of 1 s, 3 s, 7 s is that of a segment sent again: "*2" says so, "*" for lack of room. */
static void add_repeats(const struct conn *c, size_t width, char *text)
{
	char repeats[8];
	size_t size = strlen(text);

	if (!c->handshake_retransmits || !fact_has_handshake_retransmits(c))
		return;
	snprintf(repeats, sizeof(repeats), "*%u", c->handshake_retransmits);
	if (size + strlen(repeats) > width)
		repeats[1] = '\0';
	if (size + strlen(repeats) > width)
		return;
	memcpy(text + size, repeats, strlen(repeats) + 1);
}

/* Only --wide has room for the sign of an estimate. */
static const char *text_handshake(const struct subject *s, size_t width, char *text)
{
	uint64_t ns = measure_handshake(s->c);
	bool marked = s->settings->wide && ns != TIME_UNKNOWN &&
		      s->c->handshake_quality == CONN_QUALITY_ESTIMATED;

	text_duration(ns, text + marked);
	if (marked)
		*text = '~';
	add_repeats(s->c, width, text);
	return text;
}

static const char *text_life(const struct subject *s, UNUSED size_t width, char *text)
{
	return text_duration(measure_life(s->c), text);
}

static const char *text_retransmits(const struct subject *s, UNUSED size_t width, char *text)
{
	return columns_number(fact_has_counters(s->c), s->c->retransmits, text);
}

static const char *text_sent(const struct subject *s, UNUSED size_t width, char *text)
{
	return columns_number(fact_has_counters(s->c), s->c->bytes_sent, text);
}

static const char *text_received(const struct subject *s, UNUSED size_t width, char *text)
{
	return columns_number(fact_has_counters(s->c), s->c->bytes_received, text);
}

static const char *text_segments_sent(const struct subject *s, UNUSED size_t width, char *text)
{
	return columns_number(fact_has_segments(s->c), s->c->segments_sent, text);
}

static const char *text_segments_received(const struct subject *s, UNUSED size_t width, char *text)
{
	return columns_number(fact_has_segments(s->c), s->c->segments_received, text);
}

static const char *text_min_rtt(const struct subject *s, UNUSED size_t width, char *text)
{
	return text_duration(fact_has_min_rtt(s->c) ? s->c->min_rtt_us * NS_PER_US : TIME_UNKNOWN,
			     text);
}

static const char *text_congestion(const struct subject *s, UNUSED size_t width, UNUSED char *text)
{
	const char *name = fact_congestion(s->settings, s->c);

	return name ? name : "-";
}

static const char *text_end(const struct subject *s, UNUSED size_t width, UNUSED char *text)
{
	const char *name = s->settings->wide ? conn_outcome_name(s->c->outcome) : NULL;

	return name ? name : legend_code(s->c);
}

/* "syn_timeout (6 tries)", "unread_data (TCP_ABORT_ON_CLOSE)" */
static const char *text_cause(const struct subject *s, UNUSED size_t width, char *text)
{
	const char *name = cause_of(s->c->cause)->name;
	char scratch[RESET_REASON_SIZE];
	const char *reason = fact_reset_reason(s->settings, s->c->reset_reason, scratch);

	if (!name)
		return "-";
	if (fact_has_tries(s->c) && s->c->tries)
		snprintf(text, COLUMNS_TEXT_SIZE, "%s (%u tr%s)", name, s->c->tries,
			 s->c->tries == 1 ? "y" : "ies");
	else if (reason)
		snprintf(text, COLUMNS_TEXT_SIZE, "%s (%s)", name, reason);
	else
		return name;
	return text;
}

static const char *text_from(const struct subject *s, UNUSED size_t width, UNUSED char *text)
{
	return state_name(s->t->from);
}

static const char *text_arrow(const struct subject *s, UNUSED size_t width, UNUSED char *text)
{
	return s->t->inferred ? "~>" : "->";
}

static const char *text_to(const struct subject *s, UNUSED size_t width, UNUSED char *text)
{
	return state_name(s->t->to);
}

static const char *text_dwell(const struct subject *s, UNUSED size_t width, char *text)
{
	return text_duration(s->t->dwell_ns, text);
}

static const struct column time_column = { "TIME", 12, LEFT, text_time };
static const struct column timestamp_column = { "TIME(s)", 11, RIGHT, text_timestamp };

/* The title HANDSHK is one wider than what stands below it: 80 columns are used up. */
static const struct column connection_columns[] = {
	{ "PID", 7, RIGHT, text_pid },
	{ "COMM", 9, LEFT, NULL },
	{ "LADDR", 15, LEFT, text_laddr },
	{ "LPORT", 5, RIGHT, text_lport },
	{ "RADDR", 15, LEFT, text_raddr },
	{ "RPORT", 5, RIGHT, text_rport },
	{ "HANDSHK", 6, RIGHT, text_handshake },
	{ "LIFE", 6, RIGHT, text_life },
	{ "END", 4, LEFT, text_end },
	{ 0 },
};

static const struct column connection_wide_columns[] = {
	{ "ID", 7, RIGHT, text_id },
	{ "NETNS", 10, RIGHT, text_netns },
	{ "ROLE", 6, LEFT, text_role },
	{ "PID", 7, RIGHT, text_pid },
	{ "UID", 5, RIGHT, text_uid },
	{ "COMM", 16, LEFT, NULL },
	{ "LADDR", 39, LEFT, text_laddr },
	{ "LPORT", 5, RIGHT, text_lport },
	{ "RADDR", 39, LEFT, text_raddr },
	{ "RPORT", 5, RIGHT, text_rport },
	{ "HANDSHK", 8, RIGHT, text_handshake },
	{ "LIFE", 6, RIGHT, text_life },
	{ "RETR", 4, RIGHT, text_retransmits },
	{ "TX", 11, RIGHT, text_sent },
	{ "RX", 11, RIGHT, text_received },
	{ "SEGTX", 7, RIGHT, text_segments_sent },
	{ "SEGRX", 7, RIGHT, text_segments_received },
	{ "MINRTT", 6, RIGHT, text_min_rtt },
	{ "CC", 5, LEFT, text_congestion },
	{ "END", 14, LEFT, text_end },
	{ "CAUSE", 16, LEFT, text_cause },
	{ 0 },
};

static const struct column transition_columns[] = {
	{ "LADDR", 15, LEFT, text_laddr },
	{ "LPORT", 5, RIGHT, text_lport },
	{ "RADDR", 15, LEFT, text_raddr },
	{ "RPORT", 5, RIGHT, text_rport },
	{ "OLDSTATE", 11, LEFT, text_from },
	{ "->", 2, LEFT, text_arrow },
	{ "NEWSTATE", 11, LEFT, text_to },
	{ "DWELL", 6, RIGHT, text_dwell },
	{ 0 },
};

static const struct column transition_wide_columns[] = {
	{ "ID", 7, RIGHT, text_id }, /* the same, with who it is */
	{ "NETNS", 10, RIGHT, text_netns },
	{ "ROLE", 6, LEFT, text_role },
	{ "PID", 7, RIGHT, text_pid },
	{ "COMM", 16, LEFT, NULL },
	{ "LADDR", 39, LEFT, text_laddr },
	{ "LPORT", 5, RIGHT, text_lport },
	{ "RADDR", 39, LEFT, text_raddr },
	{ "RPORT", 5, RIGHT, text_rport },
	{ "OLDSTATE", 11, LEFT, text_from },
	{ "->", 2, LEFT, text_arrow },
	{ "NEWSTATE", 11, LEFT, text_to },
	{ "DWELL", 6, RIGHT, text_dwell },
	{ 0 },
};

static const struct column *columns_of(const struct sink_settings *s, bool events)
{
	if (events)
		return s->wide ? transition_wide_columns : transition_columns;
	return s->wide ? connection_wide_columns : connection_columns;
}

static void add_title(struct columns *l, const struct column *column)
{
	if (column->side == RIGHT)
		columns_right(l, column->width, column->title);
	else
		columns_left(l, column->width, column->title);
}

static void print_header(const struct sink_settings *s, struct buffer *out)
{
	struct columns l;

	columns_begin(&l, out);
	if (s->wall_time)
		add_title(&l, &time_column);
	if (s->timestamp)
		add_title(&l, &timestamp_column);
	for (const struct column *column = columns_of(s, s->events); column->title; column++)
		add_title(&l, column);
	columns_end(&l);
}

static void add_comm(struct columns *l, const struct column *column, const struct subject *s)
{
	size_t limit = s->settings->wide ? TEXT_UNLIMITED : column->width;
	struct owner_name owner = owner_name_of(s->c);

	if (fact_has_owner(s->c))
		columns_owner(l, column->width, limit, &owner);
	else
		columns_left(l, column->width, "-");
}

static void add_cell(struct columns *l, const struct column *column, const struct subject *s)
{
	char scratch[COLUMNS_TEXT_SIZE];
	const char *text;
	bool red;

	if (!column->text) {
		add_comm(l, column, s);
		return;
	}
	text = column->text(s, column->width, scratch);
	red = s->settings->color && column->text == text_end &&
	      legend_end(s->c->outcome)->is_failure;
	if (red)
		buffer_add_text(l->out, COLOR_RED);
	if (column->side == RIGHT)
		columns_right(l, column->width, text);
	else
		columns_left(l, column->width, text);
	if (red)
		buffer_add_text(l->out, COLOR_OFF);
}

static void print_line(const struct subject *s, struct buffer *out)
{
	bool dim = s->settings->color && s->t && s->t->inferred;
	struct columns l;

	columns_begin(&l, out);
	if (dim)
		buffer_add_text(out, COLOR_DIM);
	if (s->settings->wall_time)
		add_cell(&l, &time_column, s);
	if (s->settings->timestamp)
		add_cell(&l, &timestamp_column, s);
	for (const struct column *column = columns_of(s->settings, s->t); column->title; column++)
		add_cell(&l, column, s);
	if (dim)
		buffer_add_text(out, COLOR_OFF);
	columns_end(&l);
}

static void print_transition(const struct sink_settings *s, struct buffer *out,
			     const struct conn *c, const struct transition *t)
{
	struct subject subject = { .settings = s, .c = c, .t = t, .mono_ns = t->mono_ns };

	print_line(&subject, out);
}

/* The latest time that is known of it. */
static uint64_t last_ns(const struct conn *c)
{
	for (unsigned int i = c->step_count; i--;)
		if (!(c->step_inferred >> i & 1) && c->step_ns[i] != TIME_UNKNOWN)
			return c->step_ns[i];
	return TIME_UNKNOWN;
}

static void print_connection(const struct sink_settings *s, struct buffer *out,
			     const struct conn *c)
{
	struct subject subject = { .settings = s, .c = c, .mono_ns = last_ns(c) };

	print_line(&subject, out);
}

const struct sink sink_text = {
	.name = "text",
	.header = print_header,
	.transition = print_transition,
	.connection = print_connection,
	.histograms = text_histograms,
	.stuck_header = text_stuck_header,
	.stuck = text_stuck,
	.stuck_groups = text_stuck_groups,
	.ladder = ladder_draw,
};
