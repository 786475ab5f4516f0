// SPDX-License-Identifier: GPL-2.0-only
/* The table of failures, for people. */
#include <stdio.h>
#include <string.h>

#include "user/base/sentence.h"
#include "user/base/text.h"
#include "user/sink/fact.h"
#include "user/sink/sink.h"
#include "user/sink/text/columns.h"
#include "user/sink/text/phrase.h"
#include "user/sink/text/summary_phrase.h"

#define HINT_COLUMNS 80
#define HINT_INDENT 2
#define COUNT_COLUMNS 7
#define CAUSE_COLUMNS 18
#define COMM_COLUMNS 15
#define SERVICE_COLUMNS 37 /* what is left of 80 */
#define REST_COLUMN 8	   /* of what has no room behind the others */

struct page {
	const struct sink_settings *settings;
	struct buffer *out;
	bool begun;
};

static void say(const struct sink_settings *s, struct buffer *out, enum summary_phrase phrase,
		const char *word)
{
	sentence_add(out, summary_phrase_text(phrase, s->language),
		     &(struct sentence_words){ .w = word });
}

/* "198.51.100.7:443", "-:443" */
static void format_remote(const struct conn *c, char *text, size_t size)
{
	char scratch[COLUMNS_TEXT_SIZE];
	const struct address *a = fact_raddr(c);
	const char *address = columns_place(fact_remote(c), sizeof(scratch) - 1, scratch);
	bool bare = !a || address_is_ipv4(a);

	if (fact_has_rport(c))
		snprintf(text, size, bare ? "%s:%u" : "[%s]:%u", address, fact_rport(c));
	else
		snprintf(text, size, "%s", address);
}

/*
 * The service, which is one of a server's own ports, or else at the peer; of which of them is not
 * known, the peer. Behind it stands what the cause leaves open.
 */
static void add_service(const struct sink_settings *s, struct buffer *out, const struct conn *c)
{
	char peer[COLUMNS_TEXT_SIZE + 16], port[COLUMNS_TEXT_SIZE], error[FACT_ERRNO_SIZE];
	char reason[RESET_REASON_SIZE];

	format_remote(c, peer, sizeof(peer));
	columns_number(fact_lport(c), fact_lport(c), port);
	if (c->role == CONN_ROLE_CLIENT)
		buffer_add_text(out, peer);
	else if (c->role == CONN_ROLE_SERVER)
		say(s, out, SUMMARY_SAYS_OWN_PORT, port);
	else
		say(s, out, SUMMARY_SAYS_PEER, peer);
	if (failure_has_errno(c))
		buffer_addf(out, ", %s", fact_errno(c, error));
	if (failure_has_reset_reason(c))
		buffer_addf(out, ", %s", fact_reset_reason(s, c->reset_reason, reason));
}

static void print_head(struct page *page)
{
	struct columns l;

	say(page->settings, page->out, SUMMARY_SAYS_FAILURES, NULL);
	buffer_add_char(page->out, '\n');
	columns_begin(&l, page->out);
	columns_right(&l, COUNT_COLUMNS, "COUNT");
	columns_left(&l, CAUSE_COLUMNS, "CAUSE");
	columns_left(&l, COMM_COLUMNS, "COMM");
	columns_left(&l, SERVICE_COLUMNS, "SERVICE");
	columns_end(&l);
	page->begun = true;
}

/* Adds a cell of escaped text, on a line of its own where this one has no room for it. */
static void add_cell(const struct page *page, struct columns *l, size_t width, struct buffer *text)
{
	const struct sink_settings *s = page->settings;

	if (!s->wide && s->columns && l->next + text_width(text->bytes, text->size) > s->columns) {
		columns_end(l);
		columns_begin(l, l->out);
		columns_left(l, REST_COLUMN - 1, "");
	}
	buffer_add_char(text, '\0');
	if (text->failed)
		l->out->failed = true;
	else
		columns_left(l, width, text->bytes);
	buffer_clear(text);
}

/* Names are not cut: two rows that differ shall look so. */
static void print_row(void *context, const struct failure *f, uint64_t count)
{
	const struct conn *c = &f->example;
	const char *cause = cause_of(c->cause)->name;
	char number[COLUMNS_TEXT_SIZE];
	struct page *page = context;
	struct owner_name owner;
	struct buffer cell;
	struct columns l;

	if (!page->begun)
		print_head(page);
	columns_begin(&l, page->out);
	columns_number(true, count, number);
	if (f->missed)
		memcpy(number + strlen(number), "+", sizeof("+"));
	columns_right(&l, COUNT_COLUMNS, number);
	if (f->is_other) {
		columns_left(&l, CAUSE_COLUMNS, OWNER_OTHERS);
		columns_end(&l);
		return;
	}
	cause = cause ? cause : conn_outcome_name(c->outcome);
	columns_left(&l, CAUSE_COLUMNS, cause ? cause : "unknown");
	owner = owner_service_of(c);
	buffer_init(&cell);
	if (fact_has_owner(c))
		owner_add(&cell, &owner, TEXT_UNLIMITED);
	else
		buffer_add_text(&cell, OWNER_UNKNOWN);
	add_cell(page, &l, COMM_COLUMNS, &cell);
	add_service(page->settings, &cell, c);
	add_cell(page, &l, SERVICE_COLUMNS, &cell);
	buffer_done(&cell);
	columns_end(&l);
}

void sink_failure_words(const struct sink_settings *s, struct buffer *out,
			const struct failure_set *set)
{
	struct page page = { .settings = s, .out = out };

	if (failure_set_each(set, print_row, &page))
		out->failed = true;
	if (!page.begun)
		return;
	say(s, out, SUMMARY_SAYS_FAILURE_CODES, NULL);
	buffer_add_char(out, '\n');
}

void sink_hint_words(struct buffer *out, const struct summary *sum)
{
	static const char *const abouts[KERNEL_COUNTER_COUNT][LADDER_LANGUAGE_COUNT] = {
#define X(name, en, zh) [KERNEL_##name] = { en, zh },
		SUMMARY_HINTS(X)
#undef X
	};
	struct buffer words;

	buffer_init(&words);
	for (int i = 0; i < KERNEL_COUNTER_COUNT; i++) {
		if (!kernel_counters_know(&sum->hints, i) || !abouts[i][sum->language])
			continue;
		buffer_add_text(&words, summary_phrase_text(words.size ? SUMMARY_SAYS_NEXT :
									 SUMMARY_SAYS_HINT,
							    sum->language));
		sentence_add(&words, summary_phrase_text(SUMMARY_SAYS_HINTED, sum->language),
			     &(struct sentence_words){ .n = sum->hints.value[i],
						       .w = kernel_counter_name(i),
						       .v = abouts[i][sum->language] });
	}
	if (words.size) {
		buffer_add_text(&words,
				summary_phrase_text(SUMMARY_SAYS_HINT_DOUBT, sum->language));
		phrase_add_hanging(out, words.bytes, words.size, HINT_INDENT, HINT_COLUMNS);
	}
	if (words.failed)
		out->failed = true;
	buffer_done(&words);
}
