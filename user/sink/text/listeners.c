// SPDX-License-Identifier: GPL-2.0-only
/* Listeners for people: a table, with a sentence beneath those that have one. */
#include "user/sink/text/listeners.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "user/aggregate/listening_phrase.h"
#include "user/aggregate/stuck_phrase.h"
#include "user/base/sentence.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/sink/text/columns.h"
#include "user/sink/text/phrase.h"

#define ADDRESS_WIDTH 21 /* 255.255.255.255:65535 */
#define OWNER_NARROW 16
#define INDENT 2
#define SAYS(NAME) LISTENING_SAYS_##NAME

/* A piece, and what its holes are filled with: .n = 3. */
#define SAY(out, language, phrase, ...)                            \
	sentence_add(out, listening_phrase_text(phrase, language), \
		     &(struct sentence_words){ __VA_ARGS__ })

/* What a cell is made from, and how wide it is. */
struct cell {
	const char *title;
	uint8_t width;
	bool is_left;
	uint8_t of;   /* enum use */
	uint8_t rank; /* with times in front, those with the highest are left out first */
	/* NULL: it is the owner's. */
	void (*add)(const struct sink_settings *s, const struct listening_row *row,
		    struct buffer *out);
};

enum use { ALWAYS, FOLLOWED = 1, LOOKED = 2, WIDE = 4, TIMED = 8 };

static void add_known(struct buffer *out, bool is_known, uint64_t number)
{
	char text[COLUMNS_TEXT_SIZE];

	buffer_add_text(out, columns_number(is_known && number != UINT64_MAX, number, text));
}

static void add_ns(struct buffer *out, uint64_t ns)
{
	char text[COLUMNS_TEXT_SIZE];

	buffer_add_text(out, text_duration(ns, text));
}

/*
 * "10.0.0.1:80", "[::]:80"; a long address with its middle left out. "~10.0.0.1:80" was called: who
 * knows what the listener is bound to.
 */
static void add_address(const struct sink_settings *s, const struct listening_row *row,
			struct buffer *out)
{
	const struct listening_place *p = row->place;
	bool is_ipv4 = address_is_ipv4(&p->laddr);
	char port[8], text[COLUMNS_TEXT_SIZE];
	size_t room = COLUMNS_TEXT_SIZE - 1;

	snprintf(port, sizeof(port), ":%u", p->lport);
	if (!s->wide)
		room = ADDRESS_WIDTH - strlen(port) - (is_ipv4 ? 0 : 2);
	columns_place(fact_end_of(&p->laddr, p->ifindex, p->ifname, true), room, text);
	if (!p->is_bound)
		buffer_add_char(out, '~');
	buffer_addf(out, is_ipv4 ? "%s%s" : "[%s]%s", text, port);
}

/* "5/4": how many wait, and the backlog, beyond which there is room for one more. */
static void add_queue(const struct sink_settings *s, const struct listening_row *row,
		      struct buffer *out)
{
	(void)s;
	if (!row->socket || !row->socket->is_seen)
		buffer_add_char(out, '-');
	else
		buffer_addf(out, "%" PRIu32 "/%" PRIu32, row->socket->queue,
			    row->socket->queue_max);
}

static void add_most(const struct sink_settings *s, const struct listening_row *row,
		     struct buffer *out)
{
	(void)s;
	add_known(out, row->place->was_seen,
		  row->socket ? row->socket->queue_most : row->place->queue_most);
}

static void add_half_open(const struct sink_settings *s, const struct listening_row *row,
			  struct buffer *out)
{
	const struct listening_socket *l = row->socket;

	(void)s;
	add_known(out, l && l->is_seen && l->has_half_open, l ? l->half_open : 0);
}

/* Its own; or, with a mark, those of all in its network namespace. */
static void add_drops(const struct sink_settings *s, const struct listening_row *row,
		      struct buffer *out)
{
	bool is_followed = row->view->duration_ns;
	uint64_t own = is_followed ? row->new_drops : row->drops;
	uint64_t all = is_followed ? row->new_of_netns.drops : row->of_netns.drops;

	(void)s;
	if (own != UINT64_MAX || all == UINT64_MAX) {
		add_known(out, true, own);
		return;
	}
	buffer_add_u64(out, all);
	buffer_add_char(out, '*');
}

static void add_oldest(const struct sink_settings *s, const struct listening_row *row,
		       struct buffer *out)
{
	(void)s;
	add_ns(out, row->oldest_ns);
}

static void add_accepted(const struct sink_settings *s, const struct listening_row *row,
			 struct buffer *out)
{
	(void)s;
	add_known(out, true, row->accepted);
}

static void add_never(const struct sink_settings *s, const struct listening_row *row,
		      struct buffer *out)
{
	(void)s;
	add_known(out, true, row->never_accepted);
}

static void add_rate(const struct sink_settings *s, const struct listening_row *row,
		     struct buffer *out)
{
	double rate = row->accepted * 1e9 / (row->view->duration_ns ? row->view->duration_ns : 1);

	(void)s;
	if (row->accepted == UINT64_MAX)
		buffer_add_char(out, '-');
	else
		buffer_addf(out, rate < 100 ? "%.1f/s" : "%.0f/s", rate);
}

static void add_quantile(const struct listening_row *row, struct buffer *out, double p)
{
	const struct histogram *h = &row->place->wait;

	add_ns(out, h->count ? histogram_quantile(h, p) : TIME_UNKNOWN);
}

static void add_p50(const struct sink_settings *s, const struct listening_row *row,
		    struct buffer *out)
{
	(void)s;
	add_quantile(row, out, 0.5);
}

static void add_p99(const struct sink_settings *s, const struct listening_row *row,
		    struct buffer *out)
{
	(void)s;
	add_quantile(row, out, 0.99);
}

static void add_max(const struct sink_settings *s, const struct listening_row *row,
		    struct buffer *out)
{
	(void)s;
	add_ns(out, row->place->wait.count ? row->place->wait.max : TIME_UNKNOWN);
}

static void add_untrusted(struct buffer *out, const char *text)
{
	if (text)
		text_add_escaped(out, text, strlen(text), TEXT_UNLIMITED);
	else
		buffer_add_char(out, '-');
}

static void add_workload(const struct sink_settings *s, const struct listening_row *row,
			 struct buffer *out, unsigned int which)
{
	struct lore_workload w;

	lore_workload(s->lore, row->socket ? row->socket->cgroup : 0, &w);
	add_untrusted(out, which == 0 ? w.unit : which == 1 ? w.container : w.pod);
}

static void add_unit(const struct sink_settings *s, const struct listening_row *row,
		     struct buffer *out)
{
	add_workload(s, row, out, 0);
}

static void add_container(const struct sink_settings *s, const struct listening_row *row,
			  struct buffer *out)
{
	add_workload(s, row, out, 1);
}

static void add_pod(const struct sink_settings *s, const struct listening_row *row,
		    struct buffer *out)
{
	add_workload(s, row, out, 2);
}

static void add_netns(const struct sink_settings *s, const struct listening_row *row,
		      struct buffer *out)
{
	(void)s;
	add_known(out, row->place->netns, row->place->netns);
}

/* "nginx[4711] +3"; who called listen, in parentheses, where nobody is known to hold it. */
static void add_owner(const struct listening_row *row, struct buffer *out)
{
	struct listening_owner owner;

	listening_row_owner(row, &owner);
	if (!owner.comm) {
		buffer_add_char(out, '-');
		return;
	}
	if (!owner.holds)
		buffer_add_char(out, '(');
	text_add_escaped(out, owner.comm, strnlen(owner.comm, EVENT_COMM_SIZE), TEXT_UNLIMITED);
	if (owner.pid)
		buffer_addf(out, "[%" PRIu32 "]", owner.pid);
	if (!owner.holds)
		buffer_add_char(out, ')');
	if (owner.others)
		buffer_addf(out, " +%" PRIu32, owner.others);
}

/* When it was looked at. */
static void add_time(const struct sink_settings *s, const struct listening_row *row,
		     struct buffer *out)
{
	char text[CLOCK_TIME_SIZE];

	buffer_add_text(out, clock_format_time(&s->clock, row->view->now_ns, text));
}

static void add_timestamp(const struct sink_settings *s, const struct listening_row *row,
			  struct buffer *out)
{
	char text[COLUMNS_TEXT_SIZE];

	buffer_add_text(out, columns_timestamp(s->start_mono_ns, row->view->now_ns, text));
}

static const struct cell cells[] = {
	{ "TIME", 12, true, TIMED, 0, add_time },
	{ "TIME(s)", 11, false, TIMED, 0, add_timestamp },
	{ "ADDRESS", ADDRESS_WIDTH, true, ALWAYS, 0, add_address },
	{ "QUEUE", 9, false, ALWAYS, 0, add_queue },
	{ "MOST", 5, false, WIDE, 0, add_most },
	{ "HALF", 5, false, LOOKED | WIDE, 2, add_half_open },
	{ "DROPS", 6, false, ALWAYS, 0, add_drops },
	{ "OLDEST", 7, false, LOOKED | WIDE, 1, add_oldest },
	{ "ACCEPTED", 8, false, FOLLOWED, 1, add_accepted },
	{ "RATE", 7, false, FOLLOWED, 3, add_rate },
	{ "NEVER", 6, false, WIDE, 0, add_never },
	{ "WAIT50", 7, false, FOLLOWED, 0, add_p50 },
	{ "WAIT99", 7, false, FOLLOWED, 2, add_p99 },
	{ "WAITMAX", 7, false, WIDE, 0, add_max },
	{ "NETNS", 10, false, WIDE, 0, add_netns },
	{ "OWNER", OWNER_NARROW, true, ALWAYS, 0, NULL },
	{ "UNIT", 16, true, WIDE, 0, add_unit },
	{ "CONTAINER", 16, true, WIDE, 0, add_container },
	{ "POD", 16, true, WIDE, 0, add_pod },
};
#define CELLS (sizeof(cells) / sizeof(*cells))

static bool is_asked(const struct sink_settings *s, const struct cell *cell, bool is_followed)
{
	unsigned int uses = (is_followed ? FOLLOWED : LOOKED) | (s->wide ? WIDE : 0);

	if (cell->of == TIMED)
		return cell->add == add_time ? s->wall_time : s->timestamp;
	/* In 80 columns there is no room for one of these. */
	if (cell->add == add_p50 && !s->wide)
		return false;
	return !cell->of || cell->of & uses;
}

/* A set of 1 << cell. Times make room for themselves, and so does a narrow terminal. */
static uint32_t choose(const struct sink_settings *s, bool is_followed)
{
	uint8_t widths[CELLS], ranks[CELLS];
	uint32_t asked = 0;

	for (size_t i = 0; i < CELLS; i++) {
		bool is_one = is_asked(s, &cells[i], is_followed);

		asked |= (uint32_t)is_one << i;
		widths[i] = cells[i].width;
		ranks[i] = is_one ? cells[i].rank : UINT8_MAX;
	}
	if (s->wide)
		return asked;
	return asked & columns_choose(widths, ranks, CELLS, s->columns);
}

/* Adds a cell of what the buffer holds, escaped already, and empties it. */
static void end_cell(struct columns *l, const struct cell *c, struct buffer *text)
{
	buffer_add_char(text, '\0');
	if (text->failed)
		l->out->failed = true;
	else if (c->is_left)
		columns_left(l, c->width, text->bytes);
	else
		columns_right(l, c->width, text->bytes);
	buffer_clear(text);
}

static void print_header(const struct sink_settings *s, struct buffer *out, bool is_followed)
{
	uint32_t chosen = choose(s, is_followed);
	struct columns l;

	columns_begin(&l, out);
	for (const struct cell *c = cells; c < cells + CELLS; c++) {
		if (!(chosen >> (c - cells) & 1))
			continue;
		if (c->is_left)
			columns_left(&l, c->width, c->title);
		else
			columns_right(&l, c->width, c->title);
	}
	columns_end(&l);
}

static void print_row(const struct sink_settings *s, struct buffer *out,
		      const struct listening_row *row)
{
	uint32_t chosen = choose(s, row->view->duration_ns);
	struct buffer text;
	struct columns l;

	buffer_init(&text);
	columns_begin(&l, out);
	for (const struct cell *c = cells; c < cells + CELLS; c++) {
		if (!(chosen >> (c - cells) & 1))
			continue;
		if (c->add)
			c->add(s, row, &text);
		else
			add_owner(row, &text);
		end_cell(&l, c, &text);
	}
	columns_end(&l);
	buffer_done(&text);
}

static void print_sentence(const struct sink_settings *s, struct buffer *out,
			   struct buffer *sentence)
{
	if (sentence->failed)
		out->failed = true;
	else if (sentence->size)
		phrase_add_paragraph(out, sentence->bytes, sentence->size, INDENT, s->columns);
	buffer_clear(sentence);
}

static void print_netns(const struct sink_settings *s, struct buffer *out, uint32_t netns)
{
	const char *name = lore_netns(s->lore, netns, 0);
	struct buffer text;

	buffer_init(&text);
	if (name)
		text_add_escaped(&text, name, strlen(name), TEXT_UNLIMITED);
	buffer_add_char(&text, '\0');
	if (text.failed)
		out->failed = true;
	else
		SAY(out, s->language,
		    !netns ? SAYS(CAPTURED) :
		    name   ? SAYS(NETNS_NAMED) :
			     SAYS(NETNS),
		    .n = netns, .w = text.bytes);
	buffer_add_char(out, '\n');
	buffer_done(&text);
}

static void print_mark(const struct sink_settings *s, struct buffer *out,
		       const struct listening_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct listening_row *row = &rows[i];
		bool is_followed = row->view->duration_ns;

		if ((is_followed ? row->new_drops : row->drops) != UINT64_MAX ||
		    (is_followed ? row->new_of_netns : row->of_netns).drops == UINT64_MAX)
			continue;
		SAY(out, s->language, SAYS(MARK), .n = 0);
		buffer_add_char(out, '\n');
		return;
	}
}

void text_listeners(const struct sink_settings *s, struct buffer *out, struct listening *listening,
		    const struct listening_row *rows, size_t count)
{
	bool are_apart = count && rows[0].place->netns != rows[count - 1].place->netns;
	struct buffer sentence;

	if (!count)
		return;
	buffer_init(&sentence);
	print_header(s, out, rows->view->duration_ns);
	for (size_t i = 0; i < count; i++) {
		uint32_t netns = rows[i].place->netns;

		if (are_apart && !s->wide && (!i || rows[i - 1].place->netns != netns))
			print_netns(s, out, netns);
		print_row(s, out, &rows[i]);
		listening_row_say(&rows[i], s->language, &sentence);
		print_sentence(s, out, &sentence);
		if (rows[i].is_last)
			listening_row_say_balance(listening, &rows[i], s->language, &sentence);
		print_sentence(s, out, &sentence);
	}
	print_mark(s, out, rows, count);
	buffer_done(&sentence);
}

void text_listener_change(const struct sink_settings *s, struct buffer *out,
			  const struct listening_row *row)
{
	struct buffer line;

	buffer_init(&line);
	if (s->wall_time || !s->timestamp) {
		add_time(s, row, &line);
		buffer_add_char(&line, ' ');
	}
	if (s->timestamp) {
		add_timestamp(s, row, &line);
		buffer_add_char(&line, ' ');
	}
	add_address(s, row, &line);
	buffer_add_char(&line, ' ');
	add_owner(row, &line);
	SAY(&line, s->language, SAYS(THAT), .n = 0);
	if (row->verdict)
		listening_row_say(row, s->language, &line);
	else
		SAY(&line, s->language, SAYS(KEEPS_UP), .n = 0);
	if (line.failed)
		out->failed = true;
	else
		phrase_add_hanging(out, line.bytes, line.size, INDENT, s->columns);
	buffer_done(&line);
}

static void end_words(struct buffer *out, const struct summary *sum, struct buffer *words)
{
	if (words->failed)
		out->failed = true;
	else if (words->size)
		phrase_add_hanging(out, words->bytes, words->size, INDENT, summary_columns(sum));
	buffer_done(words);
}

void sink_unseen_words(struct buffer *out, const struct summary *sum,
		       const struct listening_totals *t)
{
	enum ladder_language language = sum->language;
	const struct {
		const char *one, *many;
		uint64_t count;
	} parts[] = {
#define STUCK(NAME) stuck_phrase_text(STUCK_SAYS_##NAME, language)
#define LISTENING(NAME) listening_phrase_text(SAYS(NAME), language)
		{ STUCK(UNSEEN_PROCESSES_ONE), STUCK(UNSEEN_PROCESSES), t->unreadable_processes },
		{ STUCK(UNSEEN_NAMESPACES_ONE), STUCK(UNSEEN_NAMESPACES),
		  t->unreadable_namespaces },
		{ STUCK(UNSEEN_CROWDED_ONE), STUCK(UNSEEN_CROWDED), t->crowded_namespaces },
		{ STUCK(UNSEEN_HIDDEN_ONE), STUCK(UNSEEN_HIDDEN), t->hidden_processes },
		{ LISTENING(UNCOUNTED_ONE), LISTENING(UNCOUNTED), t->uncounted_namespaces },
		{ LISTENING(LEFT_OUT), LISTENING(LEFT_OUT), t->left_out },
	};
	struct buffer words;

	buffer_init(&words);
	/* Rare counts are told only when there is something to tell. */
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (!parts[i].count)
			continue;
		buffer_add_text(&words, words.size ? STUCK(COMMA) : STUCK(UNSEEN));
		sentence_add(&words, parts[i].count == 1 ? parts[i].one : parts[i].many,
			     &(struct sentence_words){ .n = parts[i].count });
	}
	if (words.size)
		buffer_add_text(&words, STUCK(STOP));
	end_words(out, sum, &words);
#undef STUCK
#undef LISTENING
}

void sink_listener_words(struct buffer *out, const struct summary *sum)
{
	static const enum listening_phrase phrases[][2] = {
		{ SAYS(SUM_LOOKED), SAYS(SUM_LOOKED_ONE) },
		{ SAYS(SUM_WATCHED), SAYS(SUM_WATCHED_ONE) },
		{ SAYS(SUM_RECORDED), SAYS(SUM_RECORDED_ONE) },
	};
	const struct listening_totals *t = sum->listeners;
	unsigned int how = t->is_past ? 2 : t->is_followed ? 1 : 0;
	char duration[TEXT_DURATION_SIZE];
	struct buffer words;

	buffer_init(&words);
	SAY(&words, sum->language, phrases[how][t->listeners == 1], .n = t->listeners,
	    .m = t->in_trouble, .w = text_duration(sum->duration_ns, duration));
	end_words(out, sum, &words);
	sink_unseen_words(out, sum, t);
}
