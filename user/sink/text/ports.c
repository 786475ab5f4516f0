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

/* "curl[4711] 60, wget[4712] 3, +2" */
static void add_users(struct columns *l, const struct ports_destination *d)
{
	struct buffer text;

	buffer_init(&text);
	for (size_t i = 0; i < PORTS_USERS && d->users[i].count; i++) {
		const struct ports_user *u = &d->users[i];

		buffer_add_text(&text, i ? ", " : "");
		text_add_escaped(&text, u->comm, strnlen(u->comm, sizeof(u->comm)), TEXT_UNLIMITED);
		buffer_addf(&text, "[%" PRIu32 "] %" PRIu32, u->pid, u->count);
	}
	if (d->users_more)
		buffer_addf(&text, ", +%" PRIu32, d->users_more);
	if (!text.size)
		buffer_add_char(&text, '-');
	buffer_add_char(&text, '\0');
	if (text.failed)
		l->out->failed = true;
	else
		columns_left(l, 16, text.bytes);
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

static void print_one(const struct sink_settings *s, struct buffer *out,
		      const struct ports_destination *d)
{
	double ratio = ports_ratio(d);
	char text[COLUMNS_TEXT_SIZE];
	struct columns l;

	columns_begin(&l, out);
	add_remote(&l, s, d);
	snprintf(text, sizeof(text), "%.0f%%", 100 * ratio);
	columns_right(&l, 5, ratio < 0 ? "-" : text);
	columns_right(&l, 6, columns_number(d->range.usable, d->range.usable, text));
	columns_right(&l, 6, columns_number(true, d->connecting, text));
	columns_right(&l, 6, columns_number(true, d->open, text));
	columns_right(&l, 9, columns_number(true, d->time_wait, text));
	if (s->wide) {
		columns_right(&l, 10, columns_number(d->netns, d->netns, text));
		columns_left(&l, 15,
			     columns_place(fact_end_of(&d->laddr, d->ifindex, d->ifname, true),
					   COLUMNS_TEXT_SIZE - 1, text));
	}
	add_users(&l, d);
	columns_end(&l);
	text_no_port(s, out, d);
}

void text_ports(const struct sink_settings *s, struct buffer *out,
		const struct ports_destination *const *all, size_t count)
{
	size_t shown = s->wide || count < NARROW_ROWS ? count : NARROW_ROWS;
	struct columns l;

	if (!count)
		return;
	/* Whoever is nearly full is shown in any case. */
	while (shown < count && ports_ratio(all[shown]) >= PORTS_NEARLY)
		shown++;
	columns_begin(&l, out);
	columns_left(&l, REMOTE_WIDTH, "REMOTE");
	columns_right(&l, 5, "USED");
	columns_right(&l, 6, "PORTS");
	columns_right(&l, 6, "SYN");
	columns_right(&l, 6, "OPEN");
	columns_right(&l, 9, "TIME_WAIT");
	if (s->wide) {
		columns_right(&l, 10, "NETNS");
		columns_left(&l, 15, "LADDR");
	}
	columns_left(&l, 16, "USERS");
	columns_end(&l);
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
	sink_unseen_words(out, t, sum->language);
}
