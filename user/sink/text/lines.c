// SPDX-License-Identifier: GPL-2.0-only
/* Lines for people: `trace` in 80 columns, or as wide as it takes with --wide. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/failure_set.h"
#include "user/aggregate/measure.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/sink/fact.h"
#include "user/sink/legend.h"
#include "user/sink/sink.h"
#include "user/sink/text/columns.h"
#include "user/sink/text/difference.h"
#include "user/sink/text/histograms.h"
#include "user/sink/text/ladder.h"
#include "user/sink/text/listeners.h"
#include "user/sink/text/opener.h"
#include "user/sink/text/ports.h"
#include "user/sink/text/stuck.h"

#define COLOR_RED "\033[31m"
#define COLOR_DIM "\033[2m"
#define COLOR_OFF "\033[0m"

/* What a line is about; `t` is NULL for a line about a whole connection. */
struct subject {
	const struct sink_settings *settings;
	const struct conn *c;
	const struct transition *t;
	uint64_t mono_ns; /* of the line's last event, or TIME_UNKNOWN */
	/* NULL, or `c` is the whole of this one, or this one of its subflows. */
	const struct mptcp_connection *mptcp;
	const struct mptcp_subflow *subflow;
};

#define OPENER_INDENT 2

enum side { LEFT, RIGHT };

/* A column; its text is written to `text`, or is a constant. */
struct column {
	const char *title; /* NULL: there are no more */
	uint8_t width;
	enum side side;
	/* NULL: it is the column of the comm, which is not trusted. */
	const char *(*text)(const struct subject *s, size_t width, char text[COLUMNS_TEXT_SIZE]);
	uint8_t rank;	   /* what is left out first where the terminal has no room; 0: never */
	bool is_untrusted; /* its text, if it has one; NULL: it has none */
};

#define COLUMNS_MOST SINK_COLUMNS
#define GROWN_MOST 64 /* four columns for each byte of the worst name */

#define ID_SIZE 64 /* digits of a container's id, and those that are shown */
#define ID_SHORT 12
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
	return s->subflow ? "+" : columns_number(fact_has_pid(s->c), s->c->pid, text);
}

static const char *text_uid(const struct subject *s, UNUSED size_t width, char *text)
{
	return columns_number(fact_has_owner(s->c), s->c->uid, text);
}

static const char *text_laddr(const struct subject *s, size_t width, char *text)
{
	return columns_place(fact_local(s->c), width, text);
}

static const char *text_raddr(const struct subject *s, size_t width, char *text)
{
	return columns_place(fact_remote(s->c), width, text);
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

static const char *text_handshake(const struct subject *s, size_t width, char *text)
{
	uint64_t ns = measure_handshake(s->c);
	bool marked = ns != TIME_UNKNOWN && s->c->handshake_quality == CONN_QUALITY_ESTIMATED;

	text_duration(ns, text + marked);
	if (marked)
		*text = '~';
	add_repeats(s->c, width, text);
	return text;
}

static const char *text_life(const struct subject *s, UNUSED size_t width, char *text)
{
	return text_duration(s->mptcp ? conn_between(mptcp_start(s->mptcp), mptcp_end(s->mptcp)) :
					measure_life(s->c),
			     text);
}

static const char *text_accept_wait(const struct subject *s, UNUSED size_t width, char *text)
{
	return text_duration(conn_accept_wait(s->c), text);
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

/* "mp2": two subflows follow. */
static const char *text_end(const struct subject *s, UNUSED size_t width, char *text)
{
	const char *name = s->settings->wide ? conn_outcome_name(s->c->outcome) : NULL;

	if (s->mptcp) {
		snprintf(text, COLUMNS_TEXT_SIZE, "mp%zu", s->mptcp->count);
		return text;
	}
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

static const char *text_time_wait(const struct subject *s, UNUSED size_t width, char *text)
{
	uint64_t ns = measure_has_time_wait(s->c) ? measure_time_wait(s->c) : TIME_UNKNOWN;
	bool marked = ns != TIME_UNKNOWN && s->c->time_wait_quality == CONN_QUALITY_ESTIMATED;

	text_duration(ns, text + marked);
	if (marked)
		*text = '~';
	return text;
}

static const char *text_time_wait_end(const struct subject *s, UNUSED size_t width,
				      UNUSED char *text)
{
	const char *name =
		measure_has_time_wait(s->c) ? conn_time_wait_end_name(s->c->time_wait_end) : NULL;

	return name ? name : "-";
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

static const char *text_unit(const struct subject *s, UNUSED size_t width, char *text)
{
	return fact_cgroup_name(s->settings, GROUP_BY_UNIT, s->c->cgroup, text);
}

/* An id is cut as runtimes cut it. */
static const char *text_container(const struct subject *s, UNUSED size_t width, char *text)
{
	struct lore_workload w;

	lore_workload(s->settings->lore, s->c->cgroup, &w);
	if (!w.container || w.container != w.container_id || strlen(w.container) != ID_SIZE)
		return w.container;
	snprintf(text, COLUMNS_TEXT_SIZE, "%.*s", ID_SHORT, w.container);
	return text;
}

static const char *text_pod(const struct subject *s, UNUSED size_t width, char *text)
{
	return fact_cgroup_name(s->settings, GROUP_BY_POD, s->c->cgroup, text);
}

/* It ends with NUL where it does not end before. */
static const char *text_cmdline(const struct subject *s, UNUSED size_t width, char *text)
{
	uint32_t ppid;
	struct conn_name cmdline = fact_cmdline(s->settings, s->c, &ppid);

	snprintf(text, COLUMNS_TEXT_SIZE, "%.*s", (int)cmdline.size,
		 cmdline.bytes ? cmdline.bytes : "-");
	return cmdline.bytes ? text : NULL;
}

/* The title HANDSHK is one wider than what stands below it: 80 columns are used up. */
static const struct column connection_columns[] = {
	{ "TIME", 12, LEFT, text_time, 0 },
	{ "TIME(s)", 11, RIGHT, text_timestamp, 0 },
	{ "PID", 7, RIGHT, text_pid, 0 },
	{ "COMM", 9, LEFT, NULL, 1 },
	{ "LADDR", 15, LEFT, text_laddr, 3 },
	{ "LPORT", 5, RIGHT, text_lport, 2 },
	{ "RADDR", 15, LEFT, text_raddr, 0 },
	{ "RPORT", 5, RIGHT, text_rport, 0 },
	{ "HANDSHK", 6, RIGHT, text_handshake, 0 },
	{ "LIFE", 6, RIGHT, text_life, 0 },
	{ "END", 4, LEFT, text_end, 0 },
	{ "TWAIT", 6, RIGHT, text_time_wait, 0 },
	{ "TWEND", 8, LEFT, text_time_wait_end, 0 },
	{ 0 },
};

/* Widths of what is usual: a column grows with what it has to hold. */
static const struct column connection_wide_columns[] = {
	{ "TIME", 12, LEFT, text_time, 0 },
	{ "TIME(s)", 11, RIGHT, text_timestamp, 0 },
	{ "ID", 4, RIGHT, text_id, 0 },
	{ "NETNS", 10, RIGHT, text_netns, 0 },
	{ "ROLE", 6, LEFT, text_role, 0 },
	{ "PID", 7, RIGHT, text_pid, 0 },
	{ "UID", 5, RIGHT, text_uid, 0 },
	{ "COMM", 9, LEFT, NULL, 0 },
	{ "LADDR", 15, LEFT, text_laddr, 0 },
	{ "LPORT", 5, RIGHT, text_lport, 0 },
	{ "RADDR", 15, LEFT, text_raddr, 0 },
	{ "RPORT", 5, RIGHT, text_rport, 0 },
	{ "HANDSHK", 8, RIGHT, text_handshake, 0 },
	{ "ACCEPT", 6, RIGHT, text_accept_wait, 0 },
	{ "LIFE", 6, RIGHT, text_life, 0 },
	{ "RETR", 4, RIGHT, text_retransmits, 0 },
	{ "TX", 7, RIGHT, text_sent, 0 },
	{ "RX", 7, RIGHT, text_received, 0 },
	{ "SEGTX", 5, RIGHT, text_segments_sent, 0 },
	{ "SEGRX", 5, RIGHT, text_segments_received, 0 },
	{ "MINRTT", 6, RIGHT, text_min_rtt, 0 },
	{ "CC", 5, LEFT, text_congestion, 0 },
	{ "END", 8, LEFT, text_end, 0 },
	{ "TWAIT", 6, RIGHT, text_time_wait, 0 },
	{ "TWEND", 8, LEFT, text_time_wait_end, 0 },
	{ "CAUSE", 16, LEFT, text_cause, 0 },
	{ "UNIT", 12, LEFT, text_unit, 0, true },
	{ "CONTAINER", 12, LEFT, text_container, 0, true },
	{ "POD", 12, LEFT, text_pod, 0, true },
	{ "CMDLINE", 8, LEFT, text_cmdline, 0, true },
	{ 0 },
};

static const struct column transition_columns[] = {
	{ "TIME", 12, LEFT, text_time, 0 },
	{ "TIME(s)", 11, RIGHT, text_timestamp, 0 },
	{ "LADDR", 15, LEFT, text_laddr, 2 },
	{ "LPORT", 5, RIGHT, text_lport, 1 },
	{ "RADDR", 15, LEFT, text_raddr, 0 },
	{ "RPORT", 5, RIGHT, text_rport, 0 },
	{ "OLDSTATE", 11, LEFT, text_from, 0 },
	{ "->", 2, LEFT, text_arrow, 0 },
	{ "NEWSTATE", 11, LEFT, text_to, 0 },
	{ "DWELL", 6, RIGHT, text_dwell, 0 },
	{ 0 },
};

/* The same, with who it is. */
static const struct column transition_wide_columns[] = {
	{ "TIME", 12, LEFT, text_time, 0 },   { "TIME(s)", 11, RIGHT, text_timestamp, 0 },
	{ "ID", 4, RIGHT, text_id, 0 },	      { "NETNS", 10, RIGHT, text_netns, 0 },
	{ "ROLE", 6, LEFT, text_role, 0 },    { "PID", 7, RIGHT, text_pid, 0 },
	{ "COMM", 9, LEFT, NULL, 0 },	      { "LADDR", 15, LEFT, text_laddr, 0 },
	{ "LPORT", 5, RIGHT, text_lport, 0 }, { "RADDR", 15, LEFT, text_raddr, 0 },
	{ "RPORT", 5, RIGHT, text_rport, 0 }, { "OLDSTATE", 11, LEFT, text_from, 0 },
	{ "->", 2, LEFT, text_arrow, 0 },     { "NEWSTATE", 11, LEFT, text_to, 0 },
	{ "DWELL", 6, RIGHT, text_dwell, 0 }, { 0 },
};

static const struct column *columns_of(const struct sink_settings *s, bool events)
{
	if (events)
		return s->wide ? transition_wide_columns : transition_columns;
	return s->wide ? connection_wide_columns : connection_columns;
}

static bool is_asked_for(const struct sink_settings *s, const struct column *column)
{
	if (column->text == text_time)
		return s->wall_time;
	if (column->text == text_timestamp)
		return s->timestamp;
	if (column->text == text_time_wait || column->text == text_time_wait_end)
		return s->full;
	return true;
}

/* The set of columns that are printed; a wide line is as wide as it takes. */
static uint32_t find_chosen(const struct sink_settings *s, const struct column *columns)
{
	uint8_t widths[COLUMNS_MOST] = { 0 }, ranks[COLUMNS_MOST] = { 0 };
	size_t count = 0;
	uint32_t asked;

	for (; columns[count].title; count++) {
		widths[count] = columns[count].width;
		/* What is not asked for goes first. */
		ranks[count] = is_asked_for(s, &columns[count]) ? columns[count].rank : UINT8_MAX;
	}
	asked = columns_choose(widths, ranks, count, s->wide ? SIZE_MAX : s->columns);
	for (size_t i = 0; i < count; i++)
		if (ranks[i] == UINT8_MAX)
			asked &= ~(UINT32_C(1) << i);
	return asked;
}

/* The same for line after line, until the terminal is another width. */
static uint32_t choose(const struct sink_settings *s, const struct column *columns)
{
	struct sink_layout *known = s->layout;

	if (!known)
		return find_chosen(s, columns);
	if (known->table != columns || known->width != s->columns) {
		known->chosen = find_chosen(s, columns);
		known->table = columns;
		known->width = s->columns;
	}
	return known->chosen;
}

/* The width of a column by now. */
static size_t width_of(const struct sink_settings *s, const struct column *column, size_t i)
{
	return s->wide && s->layout && s->layout->grown[i] > column->width ? s->layout->grown[i] :
									     column->width;
}

static void print_header(const struct sink_settings *s, struct buffer *out)
{
	const struct column *columns = columns_of(s, s->events);
	uint32_t chosen = choose(s, columns);
	struct columns l;

	columns_begin(&l, out);
	for (size_t i = 0; columns[i].title; i++) {
		if (!(chosen >> i & 1))
			continue;
		if (columns[i].side == RIGHT)
			columns_right(&l, width_of(s, &columns[i], i), columns[i].title);
		else
			columns_left(&l, width_of(s, &columns[i], i), columns[i].title);
	}
	columns_end(&l);
}

static void add_comm(struct columns *l, size_t width, const struct subject *s)
{
	size_t limit = s->settings->wide ? TEXT_UNLIMITED : width;
	struct owner_name owner = owner_service_of(s->c);

	if (s->subflow)
		columns_left(l, width, s->subflow->place.has_joined ? "joined" : "first");
	else if (fact_has_owner(s->c))
		columns_owner(l, width, limit, &owner);
	else
		columns_left(l, width, "-");
}

static void add_cell(struct columns *l, const struct column *column, size_t width,
		     const struct subject *s)
{
	char scratch[COLUMNS_TEXT_SIZE];
	const char *text;
	bool red;

	if (!column->text) {
		add_comm(l, width, s);
		return;
	}
	text = column->text(s, s->settings->wide ? COLUMNS_TEXT_SIZE - 1 : width, scratch);
	red = s->settings->color && column->text == text_end &&
	      legend_end(s->c->outcome)->is_failure;
	if (red)
		buffer_add_text(l->out, COLOR_RED);
	if (!text)
		columns_left(l, width, "-");
	else if (column->is_untrusted)
		columns_untrusted(l, width, TEXT_UNLIMITED, text, strlen(text));
	else if (column->side == RIGHT)
		columns_right(l, width, text);
	else
		columns_left(l, width, text);
	if (red)
		buffer_add_text(l->out, COLOR_OFF);
}

/* The lines that follow make room for what this one had to hold. */
static void grow(const struct sink_settings *s, size_t i, size_t width)
{
	if (s->wide && s->layout && width > s->layout->grown[i])
		s->layout->grown[i] = (uint8_t)(width < GROWN_MOST ? width : GROWN_MOST);
}

static void print_line(const struct subject *s, struct buffer *out)
{
	const struct column *columns = columns_of(s->settings, s->t);
	uint32_t chosen = choose(s->settings, columns);
	bool dim = s->settings->color && s->t && s->t->inferred;
	struct columns l;

	columns_begin(&l, out);
	if (dim)
		buffer_add_text(out, COLOR_DIM);
	for (size_t i = 0; columns[i].title; i++) {
		size_t width = width_of(s->settings, &columns[i], i);
		size_t begin = l.next && l.next <= l.used ? l.used + 1 : l.next;

		if (!(chosen >> i & 1))
			continue;
		add_cell(&l, &columns[i], width, s);
		/* The last one has nothing to its right. */
		if (columns[i + 1].title && l.used > begin + width)
			grow(s->settings, i, l.used - begin);
	}
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
	if (s->stack && conn_has_failed(c))
		text_opener(s, out, OPENER_INDENT, lore_opener(s->lore, c));
}

static void print_mptcp(const struct sink_settings *s, struct buffer *out,
			const struct mptcp_connection *m)
{
	struct conn whole;
	struct subject subject = { .settings = s, .c = &whole, .mono_ns = m->end_ns, .mptcp = m };

	mptcp_as_conn(m, &whole);
	print_line(&subject, out);
	for (size_t i = 0; i < m->listed; i++) {
		const struct mptcp_subflow *each = &m->subflows[i];

		subject = (struct subject){
			.settings = s, .c = &each->c, .mono_ns = last_ns(&each->c), .subflow = each
		};
		print_line(&subject, out);
	}
}

const struct sink sink_text = {
	.name = "text",
	.header = print_header,
	.transition = print_transition,
	.connection = print_connection,
	.mptcp = print_mptcp,
	.histograms = text_histograms,
	.difference = text_difference,
	.stuck_header = text_stuck_header,
	.stuck = text_stuck,
	.stuck_groups = text_stuck_groups,
	.ports = text_ports,
	.no_port = text_no_port,
	.listeners = text_listeners,
	.listener_change = text_listener_change,
	.ladder = ladder_draw,
};
