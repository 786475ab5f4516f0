/* SPDX-License-Identifier: GPL-2.0-only */
/* A connection table under test, and what it tells. */
#ifndef TESTS_UNIT_CONN_SUBJECT_H
#define TESTS_UNIT_CONN_SUBJECT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/events.h"
#include "user/conn/table.h"

#define SOCK(n) (0xffff888000000000 + (n)*UINT64_C(2304)) /* a slab of struct tcp_sock */
#define NOTES_SIZE 4096

/* A table, and what it told, as text: one word for each call. */
struct subject {
	struct consumer consumer;
	struct consumer *told[1];
	struct conn_table *table;
	char notes[NOTES_SIZE];
	size_t used;
	struct conn last_closed; /* that was told of */
	const struct conn *only; /* as only_one() found it */
};

__attribute__((format(printf, 2, 3))) static inline void note(struct subject *s, const char *format,
							      ...)
{
	va_list args;

	assert_true(s->used < NOTES_SIZE - 1);
	if (s->used)
		s->notes[s->used++] = ' ';
	va_start(args, format);
	s->used += (size_t)vsnprintf(s->notes + s->used, NOTES_SIZE - s->used, format, args);
	va_end(args);
	assert_true(s->used < NOTES_SIZE);
}

/* "2:SYN_SENT>ESTABLISHED": of connection 2; "~>" when it was inferred. */
static inline void note_transition(struct consumer *self, const struct conn *c,
				   const struct transition *t)
{
	note((struct subject *)self, "%llu:%s%s%s", (unsigned long long)c->id, state_name(t->from),
	     t->inferred ? "~>" : ">", state_name(t->to));
}

static inline void note_closed(struct consumer *self, const struct conn *c)
{
	const char *outcome = conn_outcome_name(c->outcome);
	struct subject *s = (struct subject *)self;

	assert_true(c->flags & CONN_WANTED);
	assert_false(c->flags & CONN_AWAITED);
	s->last_closed = *c;
	note(s, "%llu:%s", (unsigned long long)c->id, outcome ? outcome : "unknown");
}

static inline void note_gone(struct consumer *self, const struct conn *c)
{
	note((struct subject *)self, "%llu:gone", (unsigned long long)c->id);
}

static inline void note_accepted(struct consumer *self, const struct conn *c)
{
	note((struct subject *)self, "%llu:accepted", (unsigned long long)c->id);
}

static inline void begin(struct subject *s, size_t max, const struct conn_filter *filter)
{
	static const struct conn_filter all;
	static const struct consumer_class class = { .transition = note_transition,
						     .closed = note_closed,
						     .gone = note_gone,
						     .accepted = note_accepted };

	memset(s, 0, sizeof(*s));
	s->consumer.class = &class;
	s->told[0] = &s->consumer;
	s->table =
		conn_table_new(max, filter ? filter : &all, &(struct consumer_list){ s->told, 1 });
	assert_non_null(s->table);
}

static inline void done(struct subject *s)
{
	conn_table_free(s->table);
}

static inline void apply(struct subject *s, struct event e)
{
	assert_int_equal(conn_table_apply(s->table, &e), 0);
}

/* The last transition of a socket; then the kernel frees it. */
static inline void apply_last(struct subject *s, const struct sock *k, struct event e)
{
	apply(s, e);
	apply(s, sock_destroy(k, e.mono_ns / US + 1));
}

static inline void forget(struct subject *s)
{
	s->notes[0] = '\0';
	s->used = 0;
}

/* What was told since the last time it was asked. */
static inline void assert_told(struct subject *s, const char *want)
{
	assert_string_equal(s->notes, want);
	forget(s);
}

static inline const struct conn_counts *counts_of(const struct subject *s)
{
	const struct conn_counts *n = conn_table_counts(s->table);

	assert_int_equal(n->opened + n->seeded, n->live + n->closed + n->evicted);
	return n;
}

static inline void assert_counts(const struct subject *s, uint64_t opened, uint64_t seeded,
				 uint64_t live, uint64_t closed)
{
	const struct conn_counts *n = counts_of(s);

	assert_int_equal(n->opened, opened);
	assert_int_equal(n->seeded, seeded);
	assert_int_equal(n->live, live);
	assert_int_equal(n->closed, closed);
}

/* A client in ESTABLISHED. */
static inline struct sock begin_client(struct subject *s, uint64_t address, uint64_t us)
{
	struct sock k = sock_client(address);

	apply(s, sock_step(&k, us, STATE_SYN_SENT));
	apply(s, sock_step(&k, us + 50, STATE_ESTABLISHED));
	return k;
}

static inline void add_id(void *context, const struct conn *c)
{
	note(context, "%llu", (unsigned long long)c->id);
}

/* The connections in the table, the least recently changed first. */
static inline void assert_live(struct subject *s, const char *want)
{
	conn_table_each(s->table, add_id, s);
	assert_told(s, want);
}

static inline void keep_one(void *context, const struct conn *c)
{
	struct subject *s = context;

	assert_null(s->only);
	s->only = c;
}

/* The only connection in the table. */
static inline const struct conn *only_one(struct subject *s)
{
	s->only = NULL;
	conn_table_each(s->table, keep_one, s);
	assert_non_null(s->only);
	return s->only;
}

#endif
