// SPDX-License-Identifier: GPL-2.0-only
/* Stuck sockets for people: a table of groups with a sentence each, or a line for each socket. */
#include "user/sink/text/stuck.h"

#include <stdio.h>
#include <string.h>

#include "user/aggregate/histogram_set.h"
#include "user/aggregate/stuck_phrase.h"
#include "user/base/text.h"
#include "user/sink/fact.h"
#include "user/sink/text/columns.h"
#include "user/sink/text/opener.h"
#include "user/sink/text/phrase.h"

#define TIME_WIDTH 12
#define TIMESTAMP_WIDTH 11
#define STATE_WIDTH 11
#define AGE_WIDTH 7
#define COUNT_WIDTH 6
#define HOLDER_WIDTH 30
#define HOLDER_LEAST 16
#define ADDRESS_WIDTH 15
#define INDENT 2
#define HOST_WIDTH 10

/* ">12.3s": at least. */
static const char *age_text(uint64_t ns, bool is_exact, char text[COLUMNS_TEXT_SIZE])
{
	bool marked = !is_exact && ns != TIME_UNKNOWN;

	text_duration(ns, text + marked);
	if (marked)
		*text = '>';
	return text;
}

static const char *bytes_text(uint64_t bytes, char text[COLUMNS_TEXT_SIZE])
{
	return columns_number(bytes != STUCK_BYTES_UNKNOWN, bytes, text);
}

/* When it was looked at, or when it has changed. */
static const char *time_text(const struct sink_settings *s, const struct stuck *stuck,
			     char text[COLUMNS_TEXT_SIZE])
{
	return clock_format_time(&s->clock, stuck->mono_ns, text);
}

static const char *timestamp_text(const struct sink_settings *s, const struct stuck *stuck,
				  char text[COLUMNS_TEXT_SIZE])
{
	return columns_timestamp(s->start_mono_ns, stuck->mono_ns, text);
}

/* ---- a line for each socket ------------------------------------------------------------------ */

enum cell {
	HOST,
	TIME,
	TIMESTAMP,
	CHANGE,
	STATE,
	AGE,
	PID,
	COMM,
	FD,
	RX,
	TX,
	LPORT,
	RADDR,
	RPORT,
	CELLS
};

/* The cells of a narrow line that there is room for; those that are not asked for go first. */
static uint32_t choose(const struct sink_settings *s)
{
	static const uint8_t widths[CELLS] = {
		HOST_WIDTH, TIME_WIDTH, TIMESTAMP_WIDTH, 8, 10, AGE_WIDTH, 7, 8, 4, 5, 5, 5, 15, 5
	};
	uint32_t asked = ~0u;
	uint8_t ranks[CELLS] = {
		[TX] = 6, [RX] = 5, [FD] = 4, [LPORT] = 3, [RPORT] = 2, [COMM] = 1
	};

	if (!s->of_machines)
		asked &= ~(1u << HOST);
	if (!s->wall_time)
		asked &= ~(1u << TIME);
	if (!s->timestamp)
		asked &= ~(1u << TIMESTAMP);
	if (!s->watch)
		asked &= ~(1u << CHANGE);
	for (unsigned int i = 0; i < CELLS; i++)
		if (!(asked >> i & 1))
			ranks[i] = UINT8_MAX;
	return asked & (s->wide ? ~0u : columns_choose(widths, ranks, CELLS, s->columns));
}

static bool has(uint32_t chosen, enum cell cell)
{
	return chosen >> cell & 1;
}

void text_stuck_header(const struct sink_settings *s, struct buffer *out)
{
	uint32_t chosen = choose(s);
	struct columns l;

	columns_begin(&l, out);
	if (has(chosen, HOST))
		columns_left(&l, HOST_WIDTH, "HOST");
	if (has(chosen, TIME))
		columns_left(&l, TIME_WIDTH, "TIME");
	if (has(chosen, TIMESTAMP))
		columns_right(&l, TIMESTAMP_WIDTH, "TIME(s)");
	if (has(chosen, CHANGE))
		columns_left(&l, 8, "CHANGE");
	columns_left(&l, 10, "STATE");
	columns_right(&l, AGE_WIDTH, "AGE");
	columns_right(&l, 7, "PID");
	if (has(chosen, COMM))
		columns_left(&l, s->wide ? 16 : 8, "COMM");
	if (has(chosen, FD))
		columns_right(&l, 4, "FD");
	if (has(chosen, RX))
		columns_right(&l, 5, "RX-Q");
	if (has(chosen, TX))
		columns_right(&l, 5, "TX-Q");
	if (s->wide) {
		columns_right(&l, 10, "NETNS");
		columns_left(&l, 12, "HELD-BY");
		columns_right(&l, 6, "RESENT");
		columns_right(&l, 10, "INODE");
		columns_left(&l, ADDRESS_WIDTH, "LADDR");
	}
	if (has(chosen, LPORT))
		columns_right(&l, 5, "LPORT");
	columns_left(&l, ADDRESS_WIDTH, "RADDR");
	if (has(chosen, RPORT))
		columns_right(&l, 5, "RPORT");
	if (s->wide)
		columns_left(&l, 6, "REASON");
	columns_end(&l);
}

/* One that is too long has a line of its own, so that no cell behind it moves. */
static void add_host(struct columns *l, const struct sink_settings *s, const struct stuck *stuck)
{
	const char *host = *stuck->host ? stuck->host : "-";

	columns_untrusted(l, HOST_WIDTH, s->wide || !s->columns ? TEXT_UNLIMITED : s->columns, host,
			  strlen(host));
	if (s->wide || l->used <= HOST_WIDTH)
		return;
	columns_end(l);
	columns_begin(l, l->out);
	columns_left(l, HOST_WIDTH, "");
}

static void add_wide_cells(struct columns *l, const struct stuck *stuck)
{
	const char *grip = stuck_grip_name(stuck->grip);
	char text[COLUMNS_TEXT_SIZE];

	columns_right(l, 10, columns_number(stuck->c.netns, stuck->c.netns, text));
	columns_left(l, 12, grip ? grip : "-");
	columns_right(l, 6,
		      columns_number(stuck->resent != STUCK_RESENT_UNKNOWN, stuck->resent, text));
	columns_right(l, 10, columns_number(stuck->inode, stuck->inode, text));
	columns_left(l, ADDRESS_WIDTH,
		     columns_place(fact_local(&stuck->c), COLUMNS_TEXT_SIZE - 1, text));
}

static void add_reason(const struct sink_settings *s, struct columns *l, const struct stuck *stuck)
{
	struct stuck_group alone;
	struct buffer sentence;

	buffer_init(&sentence);
	stuck_group_of_one(stuck, &alone);
	stuck_group_say_reason(&alone, s->language, &sentence);
	buffer_add_char(&sentence, '\0');
	if (sentence.failed)
		l->out->failed = true;
	else
		columns_left(l, 6, sentence.bytes);
	buffer_done(&sentence);
}

void text_stuck(const struct sink_settings *s, struct buffer *out, const struct stuck *stuck)
{
	const struct conn *c = &stuck->c;
	const char *change = stuck_change_name(stuck->change);
	struct owner_name owner = owner_service_of(c);
	size_t comm_width = s->wide ? 16 : 8;
	size_t address_room = s->wide ? COLUMNS_TEXT_SIZE - 1 : ADDRESS_WIDTH;
	uint32_t chosen = choose(s);
	char text[COLUMNS_TEXT_SIZE];
	struct columns l;

	columns_begin(&l, out);
	if (has(chosen, HOST))
		add_host(&l, s, stuck);
	if (has(chosen, TIME))
		columns_left(&l, TIME_WIDTH, time_text(s, stuck, text));
	if (has(chosen, TIMESTAMP))
		columns_right(&l, TIMESTAMP_WIDTH, timestamp_text(s, stuck, text));
	if (has(chosen, CHANGE))
		columns_left(&l, 8, change ? change : "-");
	columns_left(&l, 10,
		     stuck->state == STATE_ESTABLISHED ? "ESTAB" : state_name(stuck->state));
	columns_right(&l, AGE_WIDTH, age_text(stuck->age_ns, stuck->age_is_exact, text));
	columns_right(&l, 7, columns_number(fact_has_pid(c), c->pid, text));
	if (has(chosen, COMM) && fact_has_owner(c))
		columns_owner(&l, comm_width, s->wide ? TEXT_UNLIMITED : comm_width, &owner);
	else if (has(chosen, COMM))
		columns_left(&l, comm_width, "-");
	if (has(chosen, FD))
		columns_right(&l, 4,
			      columns_number(stuck->holder_count,
					     stuck->holder_count ? stuck->holders->fd : 0, text));
	if (has(chosen, RX))
		columns_right(&l, 5, bytes_text(stuck->rx_queue_bytes, text));
	if (has(chosen, TX))
		columns_right(&l, 5, bytes_text(stuck->tx_queue_bytes, text));
	if (s->wide)
		add_wide_cells(&l, stuck);
	if (has(chosen, LPORT))
		columns_right(&l, 5, columns_number(fact_lport(c), fact_lport(c), text));
	columns_left(&l, ADDRESS_WIDTH, columns_place(fact_remote(c), address_room, text));
	if (has(chosen, RPORT))
		columns_right(&l, 5, columns_number(fact_has_rport(c), fact_rport(c), text));
	if (s->wide)
		add_reason(s, &l, stuck);
	columns_end(&l);
	text_opener(s, out, INDENT, stuck->stack);
}

/* ---- groups ---------------------------------------------------------------------------------- */

static struct stuck_speech speech_of(const struct sink_settings *s, struct buffer *out)
{
	return (struct stuck_speech){ .out = out, .language = s->language };
}

#define ELLIPSIS ".."

/* An untrusted name in no more than `room` columns, its beginning where there are too few. */
static void add_name(struct buffer *out, const char *name, size_t size, size_t room)
{
	size_t before = out->size, ellipsis = strlen(ELLIPSIS);

	if (text_add_escaped(out, name, size, TEXT_UNLIMITED) <= room || out->failed)
		return;
	out->size = before;
	text_add_escaped(out, name, size, room > ellipsis ? room - ellipsis : 0);
	buffer_add_text(out, ELLIPSIS);
}

/* A process in no more than `room` columns: its name is cut, its number is not. */
static void add_process(struct buffer *out, const char *name, size_t size, const char *number,
			size_t room)
{
	add_name(out, name, size, room > strlen(number) ? room - strlen(number) : 0);
	buffer_add_text(out, number);
}

static void add_holder(struct buffer *out, const struct sink_settings *settings,
		       const struct stuck_group *g, size_t room)
{
	char number[sizeof("[4294967295] +4294967295")];
	const struct stuck_speech speech = speech_of(settings, out);
	const struct stuck *s = g->oldest;
	const struct holder *h = s->holder_count ? s->holders : s->listener;

	if (!g->is_one_holder || !g->is_one_grip) {
		stuck_say(&speech, STUCK_SAYS_CELL_SEVERAL);
		return;
	}
	if (!h && stuck_opener(s)) {
		buffer_add_char(out, '(');
		snprintf(number, sizeof(number), "[%u])", s->c.pid);
		add_process(out, s->c.comm, fact_comm_size(&s->c), number, room ? room - 1 : 0);
		return;
	}
	if (!h) {
		buffer_add_text(out, stuck_grip_name(s->grip) ? stuck_grip_name(s->grip) : "-");
		return;
	}
	if (g->others)
		snprintf(number, sizeof(number), "[%u] +%u", h->pid, g->others);
	else
		snprintf(number, sizeof(number), "[%u]", h->pid);
	add_process(out, h->comm, strnlen(h->comm, sizeof(h->comm)), number, room);
}

/* Who is at the other end, of an address no more than `width`, or what is served here. */
static void add_remote(struct buffer *out, const struct sink_settings *s,
		       const struct stuck_group *g, size_t width)
{
	const struct stuck_speech speech = speech_of(s, out);
	const struct conn *c = &g->oldest->c;
	char text[COLUMNS_TEXT_SIZE];

	if (g->oldest->serves && g->is_one_lport) {
		stuck_say_number(&speech, STUCK_SAYS_CELL_PORT_HERE, c->lport);
		return;
	}
	if (!g->is_one_raddr) {
		stuck_say(&speech, STUCK_SAYS_CELL_SEVERAL);
		return;
	}
	buffer_add_text(out, columns_place(fact_remote(c), width, text));
	if (g->is_one_rport && fact_has_rport(c))
		stuck_say_number(&speech, STUCK_SAYS_CELL_PORT, fact_rport(c));
}

/* In an empty buffer; a name of a namespace is cut where `room` columns are full. */
static void add_service(struct buffer *out, const struct sink_settings *s,
			const struct stuck_group *g, bool with_netns, size_t width, size_t room)
{
	const struct stuck_speech speech = speech_of(s, out);
	uint32_t netns = g->oldest->c.netns;
	const char *name;
	size_t used;

	add_remote(out, s, g, width);
	if (!with_netns || !netns)
		return;
	name = lore_netns(s->lore, netns, g->oldest->c.cgroup);
	stuck_say(&speech, STUCK_SAYS_CELL_NETNS);
	used = text_width(out->bytes, out->size);
	if (name)
		add_name(out, name, strlen(name), room > used ? room - used : 0);
	else
		buffer_add_u64(out, netns);
}

static void add_key(struct buffer *out, const struct sink_settings *s, const struct conn *c,
		    enum group_key key)
{
	struct owner_name owner = key == GROUP_BY_THREAD ? owner_name_of(c) : owner_service_of(c);
	char text[COLUMNS_TEXT_SIZE];
	const char *path;

	buffer_addf(out, " %s=", group_key_name(key));
	switch (key) {
	case GROUP_BY_COMM:
	case GROUP_BY_THREAD:
		if (fact_has_owner(c))
			owner_add(out, &owner, TEXT_UNLIMITED);
		else
			buffer_add_text(out, OWNER_UNKNOWN);
		break;
	case GROUP_BY_RADDR:
		buffer_add_text(out, columns_place(fact_remote(c), sizeof(text) - 1, text));
		break;
	case GROUP_BY_RPORT:
		buffer_add_text(out, columns_number(fact_has_rport(c), fact_rport(c), text));
		break;
	case GROUP_BY_LPORT:
		buffer_add_text(out, columns_number(fact_lport(c), fact_lport(c), text));
		break;
	case GROUP_BY_NETNS:
		buffer_add_text(out, columns_number(c->netns, c->netns, text));
		break;
	case GROUP_BY_CGROUP:
	case GROUP_BY_UNIT:
	case GROUP_BY_CONTAINER:
	case GROUP_BY_POD:
		path = fact_cgroup_name(s, key, c->cgroup, text);
		if (path)
			text_add_escaped(out, path, strlen(path), TEXT_UNLIMITED);
		else
			buffer_add_char(out, '-');
		break;
	default:
		break;
	}
}

static void add_keys(const struct sink_settings *s, struct buffer *out, const struct conn *c,
		     unsigned int keys)
{
	buffer_add_char(out, ' ');
	for (unsigned int key = 0; key < GROUP_KEY_COUNT; key++)
		if (keys & 1U << key)
			add_key(out, s, c, key);
	buffer_add_char(out, '\n');
}

/* Adds a cell of what the buffer holds, escaped already, and empties it. */
static void add_cell(struct columns *l, size_t width, struct buffer *cell)
{
	buffer_add_char(cell, '\0');
	if (cell->failed)
		l->out->failed = true;
	else
		columns_left(l, width, cell->bytes);
	cell->size = 0;
}

/* How the table of groups is laid out. */
struct group_layout {
	bool with_netns;
	size_t holder; /* the width of that column */
};

static struct group_layout lay_out(const struct sink_settings *s, const struct stuck_group *groups,
				   size_t count, bool with_netns)
{
	size_t before = (s->of_machines ? HOST_WIDTH + 1 : 0) +
			(s->wall_time ? TIME_WIDTH + 1 : 0) +
			(s->timestamp ? TIMESTAMP_WIDTH + 1 : 0) + STATE_WIDTH + COUNT_WIDTH +
			AGE_WIDTH + 4;
	size_t most = s->of_machines ? HOLDER_WIDTH - HOST_WIDTH : HOLDER_WIDTH;
	size_t room = s->columns > before ? s->columns - before : 0;
	size_t title = strlen("REMOTE");
	size_t holder = strlen("HOLDER"), service = 0;
	struct buffer cell;

	buffer_init(&cell);
	for (size_t i = 0; i < count; i++) {
		size_t wide;

		add_holder(&cell, s, &groups[i], TEXT_UNLIMITED);
		wide = text_width(cell.bytes, cell.size);
		holder = wide > holder ? wide : holder;
		cell.size = 0;
		add_service(&cell, s, &groups[i], with_netns, COLUMNS_TEXT_SIZE - 1,
			    TEXT_UNLIMITED);
		wide = text_width(cell.bytes, cell.size);
		service = wide > service ? wide : service;
		cell.size = 0;
	}
	buffer_done(&cell);
	/* As wide as always where there is room for that, and else as what stands in it. */
	if (room > service && room - service > holder)
		holder = room - service;
	if (holder > most)
		holder = most;
	if (!s->wide && room > title && holder > room - title)
		holder = room - title;
	return (struct group_layout){ with_netns, holder };
}

/* The middle of a long address is left out where there is no room for it. */
static void add_fitting_service(struct buffer *out, const struct sink_settings *s,
				const struct stuck_group *g, bool with_netns, size_t room)
{
	char text[COLUMNS_TEXT_SIZE];
	size_t address, wide;

	add_service(out, s, g, with_netns, sizeof(text) - 1, TEXT_UNLIMITED);
	wide = text_width(out->bytes, out->size);
	if (s->wide || wide <= room || !g->is_one_raddr)
		return;
	address = strlen(columns_place(fact_remote(&g->oldest->c), sizeof(text) - 1, text));
	if (address <= ADDRESS_WIDTH)
		return;
	wide -= room;
	out->size = 0;
	add_service(out, s, g, with_netns,
		    address - wide > ADDRESS_WIDTH && wide < address ? address - wide :
								       ADDRESS_WIDTH,
		    TEXT_UNLIMITED);
}

/* Behind the holder, or where it does not fit there, in a line of its own. */
static void add_remote_cell(struct columns *l, const struct sink_settings *s,
			    const struct stuck_group *g, bool with_netns)
{
	size_t begin = l->used + 1 > l->next ? l->used + 1 : l->next;
	size_t room = s->columns > begin ? s->columns - begin : 0;
	struct buffer cell;

	buffer_init(&cell);
	add_fitting_service(&cell, s, g, with_netns, room);
	if (s->columns && !s->wide && text_width(cell.bytes, cell.size) > room) {
		columns_end(l);
		columns_begin(l, l->out);
		columns_left(l, INDENT - 1, "");
		cell.size = 0;
		add_service(&cell, s, g, with_netns, COLUMNS_TEXT_SIZE - 1, s->columns - INDENT);
	}
	add_cell(l, 1, &cell);
	buffer_done(&cell);
}

/* The columns that are left for a holder; a name of which nothing was left would tell nothing. */
static size_t holder_room(const struct sink_settings *s, const struct columns *l)
{
	if (s->wide || !s->columns)
		return TEXT_UNLIMITED;
	return s->columns > l->next + HOLDER_LEAST ? s->columns - l->next : HOLDER_LEAST;
}

static void print_group(const struct sink_settings *s, struct buffer *out,
			const struct stuck_group *g, unsigned int keys,
			const struct group_layout *layout)
{
	char text[COLUMNS_TEXT_SIZE];
	struct buffer cell, sentence;
	struct columns l;

	columns_begin(&l, out);
	if (s->of_machines)
		add_host(&l, s, g->oldest);
	if (s->wall_time)
		columns_left(&l, TIME_WIDTH, time_text(s, g->oldest, text));
	if (s->timestamp)
		columns_right(&l, TIMESTAMP_WIDTH, timestamp_text(s, g->oldest, text));
	columns_left(&l, STATE_WIDTH, state_name(g->oldest->state));
	columns_right(&l, COUNT_WIDTH, columns_number(true, g->count, text));
	columns_right(&l, AGE_WIDTH, age_text(g->oldest->age_ns, g->oldest->age_is_exact, text));
	buffer_init(&cell);
	add_holder(&cell, s, g, holder_room(s, &l));
	add_cell(&l, layout->holder, &cell);
	buffer_done(&cell);
	add_remote_cell(&l, s, g, layout->with_netns);
	columns_end(&l);
	if (keys)
		add_keys(s, out, &g->oldest->c, keys);
	buffer_init(&sentence);
	stuck_group_say_reason(g, s->language, &sentence);
	if (sentence.failed)
		out->failed = true;
	else
		phrase_add_paragraph(out, sentence.bytes, sentence.size, INDENT, s->columns);
	buffer_done(&sentence);
	text_opener_of(s, out, INDENT, g->stack, g->same_stack, g->count);
}

/* Keys say themselves what parts the groups. */
static bool parts_netns(const struct stuck_group *groups, size_t count, unsigned int keys)
{
	uint32_t netns = 0;

	for (size_t i = 0; i < count && !keys; i++) {
		uint32_t own = groups[i].oldest->c.netns;

		if (own && netns && own != netns)
			return true;
		netns = own ? own : netns;
	}
	return false;
}

void text_stuck_groups(const struct sink_settings *s, struct buffer *out,
		       const struct stuck_group *groups, size_t count, unsigned int keys)
{
	bool with_netns = parts_netns(groups, count, keys);
	struct group_layout layout;
	struct columns l;

	if (!count)
		return;
	layout = lay_out(s, groups, count, with_netns);
	columns_begin(&l, out);
	if (s->of_machines)
		columns_left(&l, HOST_WIDTH, "HOST");
	if (s->wall_time)
		columns_left(&l, TIME_WIDTH, "TIME");
	if (s->timestamp)
		columns_right(&l, TIMESTAMP_WIDTH, "TIME(s)");
	columns_left(&l, STATE_WIDTH, "STATE");
	columns_right(&l, COUNT_WIDTH, "COUNT");
	columns_right(&l, AGE_WIDTH, "OLDEST");
	columns_left(&l, layout.holder, "HOLDER");
	columns_left(&l, 1, "REMOTE");
	columns_end(&l);
	for (size_t i = 0; i < count; i++)
		print_group(s, out, &groups[i], keys, &layout);
}
