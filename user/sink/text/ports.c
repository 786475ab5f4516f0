// SPDX-License-Identifier: GPL-2.0-only
/* How full ranges of ports are, for people: a table, with a sentence where one is nearly full. */
#include "user/sink/text/ports.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "user/aggregate/ports_phrase.h"
#include "user/base/sentence.h"
#include "user/base/text.h"
#include "user/sink/text/columns.h"
#include "user/sink/text/phrase.h"

#define REMOTE_WIDTH 21 /* 255.255.255.255:65535 */
#define USERS_WIDTH 16
#define INDENT 2
#define NARROW_ROWS 20 /* the others have room enough, and are counted */

static void add_remote(struct columns *l, const struct sink_settings *s,
		       const struct ports_destination *d)
{
	bool is_ipv4 = address_is_ipv4(&d->raddr);
	char port[8], address[COLUMNS_TEXT_SIZE], text[COLUMNS_TEXT_SIZE + 16];
	size_t room = COLUMNS_TEXT_SIZE - 1;

	snprintf(port, sizeof(port), ":%u", d->rport);
	if (!s->wide)
		room = REMOTE_WIDTH - strlen(port) - (is_ipv4 ? 0 : 2);
	columns_place(fact_end_of(&d->raddr, d->ifindex, d->ifname, false), room, address);
	snprintf(text, sizeof(text), is_ipv4 ? "%s%s" : "[%s]%s", address, port);
	columns_left(l, REMOTE_WIDTH, text);
}

#define MORE_WIDTH 4 /* ", +2" */

/* "curl[4711] 60, wget[4712] 3, +2": as many of those who are named as the line has room for. */
static void add_users(struct columns *l, const struct sink_settings *s,
		      const struct ports_destination *d)
{
	uint32_t more = d->users_more;
	struct buffer text;

	buffer_init(&text);
	for (size_t i = 0; i < PORTS_USERS && d->users[i].count; i++) {
		const struct ports_user *u = &d->users[i];
		size_t before = text.size;

		buffer_add_text(&text, i ? ", " : "");
		text_add_escaped(&text, u->comm, strnlen(u->comm, sizeof(u->comm)), TEXT_UNLIMITED);
		buffer_addf(&text, "[%" PRIu32 "] %" PRIu32, u->pid, u->count);
		if (i && !s->wide && l->used + 1 + text.size + MORE_WIDTH > s->columns) {
			text.size = before;
			more++;
		}
	}
	if (more)
		buffer_addf(&text, ", +%" PRIu32, more);
	if (!text.size)
		buffer_add_char(&text, '-');
	buffer_add_char(&text, '\0');
	if (text.failed)
		l->out->failed = true;
	else
		columns_left(l, USERS_WIDTH, text.bytes);
	buffer_done(&text);
}

void text_no_port(const struct sink_settings *s, struct buffer *out,
		  const struct ports_destination *d)
{
	struct buffer sentence;

	buffer_init(&sentence);
	ports_say(d, s->language, &sentence);
	if (sentence.failed)
		out->failed = true;
	else if (sentence.size)
		phrase_add_paragraph(out, sentence.bytes, sentence.size, INDENT, s->columns);
	buffer_done(&sentence);
}

enum { REMOTE, USED, PORTS, SYN, OPEN, TIME_WAITS, NETNS, LADDR, USERS, CELLS };

static const struct {
	const char *title;
	uint8_t width;
	bool is_left, is_wide;
	uint8_t rank; /* on a narrow terminal those with the highest are left out first */
} cells[CELLS] = {
	[REMOTE] = { "REMOTE", REMOTE_WIDTH, true, false, 0 },
	[USED] = { "USED", 5, false, false, 0 },
	[PORTS] = { "PORTS", 6, false, false, 2 },
	[SYN] = { "SYN", 6, false, false, 3 },
	[OPEN] = { "OPEN", 6, false, false, 1 },
	[TIME_WAITS] = { "TIME_WAIT", 9, false, false, 0 },
	[NETNS] = { "NETNS", 10, false, true, 0 },
	[LADDR] = { "LADDR", 15, true, true, 0 },
	[USERS] = { "USERS", USERS_WIDTH, true, false, 0 },
};

/* A set of 1 << cell. */
static uint32_t choose(const struct sink_settings *s)
{
	uint8_t widths[CELLS], ranks[CELLS];

	if (s->wide)
		return (1U << CELLS) - 1;
	for (int i = 0; i < CELLS; i++) {
		widths[i] = cells[i].width;
		ranks[i] = cells[i].is_wide ? UINT8_MAX : cells[i].rank;
	}
	return columns_choose(widths, ranks, CELLS, s->columns) & ~(1U << NETNS | 1U << LADDR);
}

static const char *cell_of(const struct ports_destination *d, int cell,
			   char text[COLUMNS_TEXT_SIZE])
{
	double ratio = ports_ratio(d);

	switch (cell) {
	case USED:
		snprintf(text, COLUMNS_TEXT_SIZE, "%.0f%%", 100 * ratio);
		return ratio < 0 ? "-" : text;
	case PORTS:
		return columns_number(d->range.usable, d->range.usable, text);
	case SYN:
		return columns_number(true, d->connecting, text);
	case OPEN:
		return columns_number(true, d->open, text);
	case TIME_WAITS:
		return columns_number(true, d->time_wait, text);
	case NETNS:
		return columns_number(d->netns, d->netns, text);
	default:
		return columns_place(fact_end_of(&d->laddr, d->ifindex, d->ifname, true),
				     COLUMNS_TEXT_SIZE - 1, text);
	}
}

static void print_one(const struct sink_settings *s, struct buffer *out,
		      const struct ports_destination *d)
{
	uint32_t chosen = choose(s);
	char text[COLUMNS_TEXT_SIZE];
	struct columns l;

	columns_begin(&l, out);
	for (int i = 0; i < CELLS; i++) {
		if (!(chosen >> i & 1))
			continue;
		if (i == REMOTE)
			add_remote(&l, s, d);
		else if (i == USERS)
			add_users(&l, s, d);
		else if (cells[i].is_left)
			columns_left(&l, cells[i].width, cell_of(d, i, text));
		else
			columns_right(&l, cells[i].width, cell_of(d, i, text));
	}
	columns_end(&l);
	text_no_port(s, out, d);
}

static void print_header(const struct sink_settings *s, struct buffer *out)
{
	uint32_t chosen = choose(s);
	struct columns l;

	columns_begin(&l, out);
	for (int i = 0; i < CELLS; i++) {
		if (!(chosen >> i & 1))
			continue;
		if (cells[i].is_left)
			columns_left(&l, cells[i].width, cells[i].title);
		else
			columns_right(&l, cells[i].width, cells[i].title);
	}
	columns_end(&l);
}

void text_ports(const struct sink_settings *s, struct buffer *out,
		const struct ports_destination *const *all, size_t count)
{
	size_t shown = s->wide || count < NARROW_ROWS ? count : NARROW_ROWS;

	if (!count)
		return;
	/* Whoever is nearly full is shown in any case. */
	while (shown < count && ports_ratio(all[shown]) >= PORTS_NEARLY)
		shown++;
	print_header(s, out);
	for (size_t i = 0; i < shown; i++)
		print_one(s, out, all[i]);
	if (shown < count) {
		sentence_add(out, ports_phrase_text(PORTS_SAYS_MORE, s->language),
			     &(struct sentence_words){ .n = count - shown });
		buffer_add_char(out, '\n');
	}
}

void sink_port_words(struct buffer *out, const struct summary *sum)
{
	const struct listening_totals *t = sum->ports;
	enum ports_phrase phrase = t->listeners == 1 ? PORTS_SAYS_SUM_ONE : PORTS_SAYS_SUM;
	char duration[TEXT_DURATION_SIZE];

	text_duration(sum->duration_ns, duration);
	sentence_add(
		out, ports_phrase_text(phrase, sum->language),
		&(struct sentence_words){ .n = t->listeners, .m = t->in_trouble, .w = duration });
	buffer_add_char(out, '\n');
	sink_unseen_words(out, sum, t);
}
