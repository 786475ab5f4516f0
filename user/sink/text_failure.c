// SPDX-License-Identifier: GPL-2.0-only
/* The table of failures, for people. */
#include <stdio.h>
#include <string.h>

#include "user/sink/columns.h"
#include "user/sink/fact.h"
#include "user/sink/sink.h"

#define COUNT_COLUMNS 7
#define CAUSE_COLUMNS 18
#define COMM_COLUMNS 15
#define SERVICE_COLUMNS 37 /* what is left of 80 */
#define SERVICE_SIZE (COLUMNS_TEXT_SIZE + 16)

struct page {
	const struct sink_settings *settings;
	struct buffer *out;
	bool begun;
};

/* The service of a server is one of its own ports. */
static const char *service(const struct conn *c, char text[SERVICE_SIZE])
{
	char address[COLUMNS_TEXT_SIZE];
	bool bare;

	if (c->role == CONN_ROLE_SERVER) {
		snprintf(text, SERVICE_SIZE, "own port %u", c->lport);
		return text;
	}
	if (!fact_raddr(c))
		return "-";
	bare = address_is_ipv4(&c->raddr);
	columns_address(&c->raddr, SERVICE_COLUMNS - (bare ? 6 : 8), address);
	snprintf(text, SERVICE_SIZE, bare ? "%s:%u" : "[%s]:%u", address, c->rport);
	return text;
}

static void print_head(struct page *page)
{
	struct columns l;

	buffer_add_text(page->out, "failures\n");
	columns_begin(&l, page->out);
	columns_right(&l, COUNT_COLUMNS, "COUNT");
	columns_left(&l, CAUSE_COLUMNS, "CAUSE");
	columns_left(&l, COMM_COLUMNS, "COMM");
	columns_left(&l, SERVICE_COLUMNS, "SERVICE");
	columns_end(&l);
	page->begun = true;
}

static void print_row(void *context, const struct failure *f, uint64_t count)
{
	const struct conn *c = &f->example;
	const char *cause = cause_of(c->cause)->name;
	char number[COLUMNS_TEXT_SIZE], text[SERVICE_SIZE];
	struct page *page = context;
	struct owner_name owner;
	struct columns l;

	if (!page->begun)
		print_head(page);
	columns_begin(&l, page->out);
	columns_right(&l, COUNT_COLUMNS, columns_number(true, count, number));
	if (f->is_other) {
		columns_left(&l, CAUSE_COLUMNS, "(others)");
		columns_end(&l);
		return;
	}
	columns_left(&l, CAUSE_COLUMNS, cause ? cause : conn_outcome_name(c->outcome));
	owner = owner_name_of(c);
	if (fact_has_owner(c))
		columns_owner(&l, COMM_COLUMNS, COMM_COLUMNS, &owner);
	else
		columns_left(&l, COMM_COLUMNS, "-");
	columns_left(&l, SERVICE_COLUMNS, service(c, text));
	columns_end(&l);
}

void sink_failure_words(const struct sink_settings *s, struct buffer *out,
			const struct failure_set *set)
{
	struct page page = { .settings = s, .out = out };

	if (failure_set_each(set, print_row, &page))
		out->failed = true;
}
