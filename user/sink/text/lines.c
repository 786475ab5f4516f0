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

/* A column. If it has neither of the functions it is that of the comm, which is not trusted. */
struct column {
	const char *title; /* NULL: there are no more */
	uint8_t width;
	enum side side;
	/* Writes its text, in ASCII without a NUL, to COLUMNS_TEXT_SIZE bytes. Returns the end. */
	char *(*put)(const struct subject *s, size_t width, char *at);
	uint8_t rank; /* what is left out first where the terminal has no room; 0: never */
	/* Of untrusted text: written to `text`, or elsewhere; NULL: there is none. */
	const char *(*name)(const struct subject *s, char text[COLUMNS_TEXT_SIZE]);
};

#define COLUMNS_MOST SINK_COLUMNS
#define GROWN_MOST 64 /* four columns for each byte of the worst name */

#define ID_SIZE 64 /* digits of a container's id, and those that are shown */
#define ID_SHORT 12
#define UNUSED __attribute__((unused))

static inline char *put_text(const char *text, char *at)
{
	while (*text)
		*at++ = *text++;
	return at;
}

static char *put_text_or_none(const char *text, char *at)
{
	return put_text(text ? text : "-", at);
}

static char *put_time(const struct subject *s, UNUSED size_t width, char *at)
{
	if (s->mono_ns == TIME_UNKNOWN)
		return put_text("-", at);
	return at + strlen(clock_format_time(&s->settings->clock, s->mono_ns, at));
}

static char *put_timestamp(const struct subject *s, UNUSED size_t width, char *at)
{
	if (s->mono_ns == TIME_UNKNOWN)
		return put_text("-", at);
	return at + strlen(columns_timestamp(s->settings->start_mono_ns, s->mono_ns, at));
}

static char *put_id(const struct subject *s, UNUSED size_t width, char *at)
{
	return columns_put_number(s->c->id, s->c->id, at);
}

static char *put_netns(const struct subject *s, UNUSED size_t width, char *at)
{
	return columns_put_number(s->c->netns, s->c->netns, at);
}

static char *put_role(const struct subject *s, UNUSED size_t width, char *at)
{
	const char *name = s->c->role == CONN_ROLE_UNKNOWN ? NULL : conn_role_name(s->c->role);

	return put_text_or_none(name, at);
}

static char *put_pid(const struct subject *s, UNUSED size_t width, char *at)
{
	return s->subflow ? put_text("+", at) :
			    columns_put_number(fact_has_pid(s->c), s->c->pid, at);
}

static char *put_uid(const struct subject *s, UNUSED size_t width, char *at)
{
	return columns_put_number(fact_has_owner(s->c), s->c->uid, at);
}

static char *put_laddr(const struct subject *s, size_t width, char *at)
{
	return columns_put_place(fact_local(s->c), width, at);
}

static char *put_raddr(const struct subject *s, size_t width, char *at)
{
	return columns_put_place(fact_remote(s->c), width, at);
}

static char *put_lport(const struct subject *s, UNUSED size_t width, char *at)
{
	return columns_put_number(fact_lport(s->c), fact_lport(s->c), at);
}

static char *put_rport(const struct subject *s, UNUSED size_t width, char *at)
{
	return columns_put_number(fact_has_rport(s->c), fact_rport(s->c), at);
}

/* A wait of 1 s, 3 s, 7 s is that of a segment sent again: "*2" says so, "*" for lack of room. */
static char *put_repeats(const struct conn *c, size_t width, const char *text, char *end)
{
	char repeats[1 + TEXT_DIGITS] = "*";
	size_t size = (size_t)(end - text), more;

	if (!c->handshake_retransmits || !fact_has_handshake_retransmits(c))
		return end;
	more = (size_t)(text_put_u64(repeats + 1, c->handshake_retransmits) - repeats);
	if (size + more > width)
		more = 1;
	if (size + more > width)
		return end;
	memcpy(end, repeats, more);
	return end + more;
}

/* Two digits of it, rounded. */
static uint64_t round_roughly(uint64_t ns)
{
	uint64_t unit = 1;

	while (ns / unit >= 100)
		unit *= 10;
	return ns % unit < (unit + 1) / 2 ? ns - ns % unit : ns - ns % unit + unit;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "4.3ms" where it would be "4.26ms", "22us" for "22.0us", "16m" for "16m40s". */
static char *put_roughly(uint64_t ns, char *at)
{
	char *end = text_put_duration(at, round_roughly(ns)), *rest = at, *last;

	while (is_digit(*rest))
		rest++;
	if (*rest != '.')
		return is_digit(rest[1]) ? rest + 1 : end;
	for (last = rest + 1; is_digit(last[1]);)
		last++;
	rest = last + 1;
	if (last[-1] == '.')
		last--;
	memmove(last, rest, (size_t)(end - rest));
	return last + (end - rest);
}

/* An estimate is marked, and has a digit less where there is no room for both. */
static char *put_estimate(uint64_t ns, bool is_estimate, size_t width, char *at)
{
	char *end;

	if (!is_estimate || ns == TIME_UNKNOWN)
		return text_put_duration(at, ns);
	*at = '~';
	end = text_put_duration(at + 1, ns);
	return (size_t)(end - at) > width ? put_roughly(ns, at + 1) : end;
}

static char *put_handshake(const struct subject *s, size_t width, char *at)
{
	char *end = put_estimate(measure_handshake(s->c),
				 s->c->handshake_quality == CONN_QUALITY_ESTIMATED, width, at);

	return put_repeats(s->c, width, at, end);
}

static char *put_life(const struct subject *s, UNUSED size_t width, char *at)
{
	return text_put_duration(at, s->mptcp ? conn_between(mptcp_start(s->mptcp),
							     mptcp_end(s->mptcp)) :
						measure_life(s->c));
}

static char *put_accept_wait(const struct subject *s, UNUSED size_t width, char *at)
{
	return text_put_duration(at, conn_accept_wait(s->c));
}

static char *put_retransmits(const struct subject *s, UNUSED size_t width, char *at)
{
	return columns_put_number(fact_has_counters(s->c), s->c->retransmits, at);
}

static char *put_sent(const struct subject *s, UNUSED size_t width, char *at)
{
	return columns_put_number(fact_has_counters(s->c), s->c->bytes_sent, at);
}

static char *put_received(const struct subject *s, UNUSED size_t width, char *at)
{
	return columns_put_number(fact_has_counters(s->c), s->c->bytes_received, at);
}

static char *put_segments_sent(const struct subject *s, UNUSED size_t width, char *at)
{
	return columns_put_number(fact_has_segments(s->c), s->c->segments_sent, at);
}

static char *put_segments_received(const struct subject *s, UNUSED size_t width, char *at)
{
	return columns_put_number(fact_has_segments(s->c), s->c->segments_received, at);
}

static char *put_min_rtt(const struct subject *s, UNUSED size_t width, char *at)
{
	return text_put_duration(at, fact_has_min_rtt(s->c) ? s->c->min_rtt_us * NS_PER_US :
							      TIME_UNKNOWN);
}

static const char *name_congestion(const struct subject *s, UNUSED char *text)
{
	return fact_congestion(s->settings, s->c);
}

/* "mp2": two subflows follow. */
static char *put_end(const struct subject *s, UNUSED size_t width, char *at)
{
	const char *name = s->settings->wide ? conn_outcome_name(s->c->outcome) : NULL;

	if (s->mptcp) {
		at = put_text("mp", at);
		return text_put_u64(at, s->mptcp->count);
	}
	return put_text(name ? name : legend_code(s->c), at);
}

/* "syn_timeout (6 tries)", "unread_data (TCP_ABORT_ON_CLOSE)" */
static char *put_cause(const struct subject *s, UNUSED size_t width, char *at)
{
	const char *name = cause_of(s->c->cause)->name;
	char scratch[RESET_REASON_SIZE];
	const char *reason = fact_reset_reason(s->settings, s->c->reset_reason, scratch);

	if (!name)
		return put_text("-", at);
	if (fact_has_tries(s->c) && s->c->tries)
		return at + snprintf(at, COLUMNS_TEXT_SIZE, "%s (%u tr%s)", name, s->c->tries,
				     s->c->tries == 1 ? "y" : "ies");
	if (reason)
		return at + snprintf(at, COLUMNS_TEXT_SIZE, "%s (%s)", name, reason);
	return put_text(name, at);
}

static char *put_time_wait(const struct subject *s, size_t width, char *at)
{
	uint64_t ns = measure_has_time_wait(s->c) ? measure_time_wait(s->c) : TIME_UNKNOWN;

	return put_estimate(ns, s->c->time_wait_quality == CONN_QUALITY_ESTIMATED, width, at);
}

static char *put_time_wait_end(const struct subject *s, UNUSED size_t width, char *at)
{
	const char *name =
		measure_has_time_wait(s->c) ? conn_time_wait_end_name(s->c->time_wait_end) : NULL;

	return put_text_or_none(name, at);
}

static char *put_from(const struct subject *s, UNUSED size_t width, char *at)
{
	return put_text(state_name(s->t->from), at);
}

static char *put_arrow(const struct subject *s, UNUSED size_t width, char *at)
{
	return put_text(s->t->inferred ? "~>" : "->", at);
}

static char *put_to(const struct subject *s, UNUSED size_t width, char *at)
{
	return put_text(state_name(s->t->to), at);
}

static char *put_dwell(const struct subject *s, UNUSED size_t width, char *at)
{
	return text_put_duration(at, s->t->dwell_ns);
}

static const char *name_unit(const struct subject *s, char *text)
{
	return fact_cgroup_name(s->settings, GROUP_BY_UNIT, s->c->cgroup, text);
}

/* An id is cut as runtimes cut it. */
static const char *name_container(const struct subject *s, char *text)
{
	struct lore_workload w;

	lore_workload(s->settings->lore, s->c->cgroup, &w);
	if (!w.container || w.container != w.container_id || strlen(w.container) != ID_SIZE)
		return w.container;
	snprintf(text, COLUMNS_TEXT_SIZE, "%.*s", ID_SHORT, w.container);
	return text;
}

static const char *name_pod(const struct subject *s, char *text)
{
	return fact_cgroup_name(s->settings, GROUP_BY_POD, s->c->cgroup, text);
}

/* It ends with NUL where it does not end before. */
static const char *name_cmdline(const struct subject *s, char *text)
{
	uint32_t ppid;
	struct conn_name cmdline = fact_cmdline(s->settings, s->c, &ppid);

	snprintf(text, COLUMNS_TEXT_SIZE, "%.*s", (int)cmdline.size,
		 cmdline.bytes ? cmdline.bytes : "-");
	return cmdline.bytes ? text : NULL;
}

/* The title HANDSHK is one wider than what stands below it: 80 columns are used up. */
static const struct column connection_columns[] = {
	{ "TIME", 12, LEFT, put_time, 0 },
	{ "TIME(s)", 11, RIGHT, put_timestamp, 0 },
	{ "PID", 7, RIGHT, put_pid, 0 },
	{ "COMM", 9, LEFT, NULL, 1 },
	{ "LADDR", 15, LEFT, put_laddr, 3 },
	{ "LPORT", 5, RIGHT, put_lport, 2 },
	{ "RADDR", 15, LEFT, put_raddr, 0 },
	{ "RPORT", 5, RIGHT, put_rport, 0 },
	{ "HANDSHK", 6, RIGHT, put_handshake, 0 },
	{ "LIFE", 6, RIGHT, put_life, 0 },
	{ "END", 4, LEFT, put_end, 0 },
	{ "TWAIT", 6, RIGHT, put_time_wait, 0 },
	{ "TWEND", 8, LEFT, put_time_wait_end, 0 },
	{ 0 },
};

/* Widths of what is usual: a column grows with what it has to hold. */
static const struct column connection_wide_columns[] = {
	{ "TIME", 12, LEFT, put_time, 0 },
	{ "TIME(s)", 11, RIGHT, put_timestamp, 0 },
	{ "ID", 4, RIGHT, put_id, 0 },
	{ "NETNS", 10, RIGHT, put_netns, 0 },
	{ "ROLE", 6, LEFT, put_role, 0 },
	{ "PID", 7, RIGHT, put_pid, 0 },
	{ "UID", 5, RIGHT, put_uid, 0 },
	{ "COMM", 9, LEFT, NULL, 0 },
	{ "LADDR", 15, LEFT, put_laddr, 0 },
	{ "LPORT", 5, RIGHT, put_lport, 0 },
	{ "RADDR", 15, LEFT, put_raddr, 0 },
	{ "RPORT", 5, RIGHT, put_rport, 0 },
	{ "HANDSHK", 8, RIGHT, put_handshake, 0 },
	{ "ACCEPT", 6, RIGHT, put_accept_wait, 0 },
	{ "LIFE", 6, RIGHT, put_life, 0 },
	{ "RETR", 4, RIGHT, put_retransmits, 0 },
	{ "TX", 7, RIGHT, put_sent, 0 },
	{ "RX", 7, RIGHT, put_received, 0 },
	{ "SEGTX", 5, RIGHT, put_segments_sent, 0 },
	{ "SEGRX", 5, RIGHT, put_segments_received, 0 },
	{ "MINRTT", 6, RIGHT, put_min_rtt, 0 },
	{ "CC", 5, LEFT, NULL, 0, name_congestion },
	{ "END", 8, LEFT, put_end, 0 },
	{ "TWAIT", 6, RIGHT, put_time_wait, 0 },
	{ "TWEND", 8, LEFT, put_time_wait_end, 0 },
	{ "CAUSE", 16, LEFT, put_cause, 0 },
	{ "UNIT", 12, LEFT, NULL, 0, name_unit },
	{ "CONTAINER", 12, LEFT, NULL, 0, name_container },
	{ "POD", 12, LEFT, NULL, 0, name_pod },
	{ "CMDLINE", 8, LEFT, NULL, 0, name_cmdline },
	{ 0 },
};

static const struct column transition_columns[] = {
	{ "TIME", 12, LEFT, put_time, 0 },
	{ "TIME(s)", 11, RIGHT, put_timestamp, 0 },
	{ "LADDR", 15, LEFT, put_laddr, 2 },
	{ "LPORT", 5, RIGHT, put_lport, 1 },
	{ "RADDR", 15, LEFT, put_raddr, 0 },
	{ "RPORT", 5, RIGHT, put_rport, 0 },
	{ "OLDSTATE", 11, LEFT, put_from, 0 },
	{ "->", 2, LEFT, put_arrow, 0 },
	{ "NEWSTATE", 11, LEFT, put_to, 0 },
	{ "DWELL", 6, RIGHT, put_dwell, 0 },
	{ 0 },
};

/* The same, with who it is. */
static const struct column transition_wide_columns[] = {
	{ "TIME", 12, LEFT, put_time, 0 },   { "TIME(s)", 11, RIGHT, put_timestamp, 0 },
	{ "ID", 4, RIGHT, put_id, 0 },	     { "NETNS", 10, RIGHT, put_netns, 0 },
	{ "ROLE", 6, LEFT, put_role, 0 },    { "PID", 7, RIGHT, put_pid, 0 },
	{ "COMM", 9, LEFT, NULL, 0 },	     { "LADDR", 15, LEFT, put_laddr, 0 },
	{ "LPORT", 5, RIGHT, put_lport, 0 }, { "RADDR", 15, LEFT, put_raddr, 0 },
	{ "RPORT", 5, RIGHT, put_rport, 0 }, { "OLDSTATE", 11, LEFT, put_from, 0 },
	{ "->", 2, LEFT, put_arrow, 0 },     { "NEWSTATE", 11, LEFT, put_to, 0 },
	{ "DWELL", 6, RIGHT, put_dwell, 0 }, { 0 },
};

static const struct column *columns_of(const struct sink_settings *s, bool events)
{
	if (events)
		return s->wide ? transition_wide_columns : transition_columns;
	return s->wide ? connection_wide_columns : connection_columns;
}

static bool is_asked_for(const struct sink_settings *s, const struct column *column)
{
	if (column->put == put_time)
		return s->wall_time;
	if (column->put == put_timestamp)
		return s->timestamp;
	if (column->put == put_time_wait || column->put == put_time_wait_end)
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
		memset(known->fronts, 0, sizeof(known->fronts));
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

static void add_name(struct columns *l, const struct column *column, size_t width,
		     const struct subject *s)
{
	char scratch[COLUMNS_TEXT_SIZE];
	const char *text = column->name(s, scratch);

	if (text)
		columns_untrusted(l, width, TEXT_UNLIMITED, text, strlen(text));
	else
		columns_left(l, width, "-");
}

static inline void add_left(struct columns *l, const struct column *column, size_t width,
			    size_t limit, const struct subject *s)
{
	char *at = columns_pad(l, l->next, COLUMNS_TEXT_SIZE), *end;

	if (!at)
		return;
	end = column->put(s, limit, at);
	columns_take(l, width, (size_t)(end - at), end);
}

static inline void add_right(struct columns *l, const struct column *column, size_t width,
			     size_t limit, const struct subject *s)
{
	char scratch[COLUMNS_TEXT_SIZE];
	size_t size = (size_t)(column->put(s, limit, scratch) - scratch);
	size_t before = size < width ? width - size : 0;
	char *at = columns_pad(l, l->next + before, COLUMNS_TEXT_SIZE);

	if (!at)
		return;
	/* Most are as short, and a copy of this size is no call. */
	memcpy(at, scratch, sizeof(uint64_t));
	if (size > sizeof(uint64_t))
		memcpy(at, scratch, size);
	columns_take(l, width, size, at + size);
}

static void add_cell(struct columns *l, const struct column *column, size_t width,
		     const struct subject *s)
{
	size_t limit = s->settings->wide ? COLUMNS_TEXT_SIZE - 1 : width;
	bool red = s->settings->color && column->put == put_end &&
		   legend_end(s->c->outcome)->is_failure;

	if (red)
		buffer_add_text(l->out, COLOR_RED);
	if (!column->put)
		column->name ? add_name(l, column, width, s) : add_comm(l, width, s);
	else if (column->side == RIGHT)
		add_right(l, column, width, limit, s);
	else
		add_left(l, column, width, limit, s);
	if (red)
		buffer_add_text(l->out, COLOR_OFF);
}

/* The lines that follow make room for what this one had to hold. */
static void grow(const struct sink_settings *s, size_t i, size_t width)
{
	if (s->wide && s->layout && width > s->layout->grown[i])
		s->layout->grown[i] = (uint8_t)(width < GROWN_MOST ? width : GROWN_MOST);
}

/* The columns that a front tells of: PID and COMM. What stands before them is none of it. */
#define BEFORE_FRONT UINT32_C(0x3)
#define FRONT UINT32_C(0xc)

/* What its text comes from. */
static void take_front(struct sink_front *front, const struct conn *c)
{
	memcpy(front->comm, c->comm, sizeof(front->comm));
	front->pid = c->pid;
	front->flags = c->flags;
	front->process = c->process;
}

static inline bool is_front_of(const struct sink_front *front, const struct conn *c)
{
	uint64_t own[2], other[2];

	memcpy(own, front->comm, sizeof(own));
	memcpy(other, c->comm, sizeof(other));
	return front->size && front->pid == c->pid && front->flags == c->flags &&
	       front->process == c->process && !((own[0] ^ other[0]) | (own[1] ^ other[1]));
}
_Static_assert(EVENT_COMM_SIZE == 16, "what is compared by it");

/* Where a line may begin as the one before it of that role; NULL: it may not. */
static struct sink_front *front_of(const struct subject *s, const struct column *columns,
				   uint32_t chosen)
{
	if (columns != connection_columns || !s->settings->layout || s->settings->color ||
	    s->subflow || chosen & BEFORE_FRONT)
		return NULL;
	return &s->settings->layout->fronts[s->c->role];
}

static void keep_front(struct sink_front *front, const struct columns *l, size_t begin,
		       const struct conn *c)
{
	size_t size = l->out->size - begin;

	front->size = 0;
	if (l->out->failed || size > sizeof(front->text) || l->used > UINT8_MAX)
		return;
	memcpy(front->text, l->out->bytes + begin, size);
	take_front(front, c);
	front->size = (uint8_t)size;
	front->used = (uint8_t)l->used;
	front->next = (uint8_t)l->next;
}

static void add_front(const struct sink_front *front, struct columns *l)
{
	char *at = buffer_room(l->out, sizeof(front->text));

	if (!at)
		return;
	memcpy(at, front->text, sizeof(front->text));
	buffer_take(l->out, at + front->size);
	l->used = front->used;
	l->next = front->next;
}

/* Up to the next column, which is behind what there is; one at least. */
static inline char *put_blanks(char *at, size_t used, size_t place)
{
	size_t count = used < place ? place - used : 1;

	for (size_t done = 0; done < count; done += COLUMNS_BLANKS)
		memset(at + done, ' ', COLUMNS_BLANKS);
	return at + count;
}

static inline void add_columns(const struct subject *s, const struct column *columns,
			       uint32_t chosen, struct columns *l)
{
	for (; chosen; chosen &= chosen - 1) {
		size_t i = (size_t)__builtin_ctz(chosen);
		size_t width = width_of(s->settings, &columns[i], i);
		size_t begin = l->next && l->next <= l->used ? l->used + 1 : l->next;

		add_cell(l, &columns[i], width, s);
		/* The last one has nothing to its right. */
		if (columns[i + 1].title && l->used > begin + width)
			grow(s->settings, i, l->used - begin);
	}
}

/*
 * What is behind a front: cells of our own text, each of the width of its column. What add_cell()
 * would make of them, without a look for what is not there.
 */
static void add_behind_front(const struct subject *s, const struct column *columns, uint32_t chosen,
			     struct columns *l)
{
	size_t used = l->used, next = l->next;
	char *at = buffer_room(l->out, COLUMNS_MOST * (COLUMNS_TEXT_SIZE + COLUMNS_BLANKS));

	if (!at)
		return;
	for (; chosen; chosen &= chosen - 1) {
		const struct column *column = &columns[__builtin_ctz(chosen)];
		const size_t width = column->width;
		char scratch[COLUMNS_TEXT_SIZE], *end;
		size_t size, place = next;

		if (column->side == LEFT) {
			at = put_blanks(at, used, place);
			end = column->put(s, width, at);
			size = (size_t)(end - at);
		} else {
			size = (size_t)(column->put(s, width, scratch) - scratch);
			place += size < width ? width - size : 0;
			at = put_blanks(at, used, place);
			end = at + size;
			memcpy(at, scratch, sizeof(uint64_t));
			if (size > sizeof(uint64_t))
				memcpy(at, scratch, size);
		}
		used = (used < place ? place : used + 1) + size;
		next += width + 1;
		at = end;
	}
	buffer_take(l->out, at);
	l->used = used;
	l->next = next;
}

static void print_line(const struct subject *s, struct buffer *out)
{
	const struct column *columns = columns_of(s->settings, s->t);
	uint32_t chosen = choose(s->settings, columns);
	bool dim = s->settings->color && s->t && s->t->inferred;
	struct sink_front *front = front_of(s, columns, chosen);
	struct columns l;

	columns_begin(&l, out);
	if (dim)
		buffer_add_text(out, COLOR_DIM);
	if (front) {
		size_t begin = out->size;

		if (is_front_of(front, s->c)) {
			add_front(front, &l);
		} else {
			add_columns(s, columns, chosen & FRONT, &l);
			keep_front(front, &l, begin, s->c);
		}
		add_behind_front(s, columns, chosen & ~FRONT, &l);
	} else {
		add_columns(s, columns, chosen, &l);
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
