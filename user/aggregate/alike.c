// SPDX-License-Identifier: GPL-2.0-only
/* Counts lives that are alike, and has a pulse and a roster know of them when somebody looks. */
#include "user/aggregate/alike.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "user/conn/path.h"

#define KINDS_BITS 8
#define KINDS (1u << KINDS_BITS)

/* What of a connection decides how it is counted, and in which group. */
#define FLAGS (CONN_SEEDED | CONN_HAS_ENDPOINTS | CONN_HAS_OWNER | CONN_OF_LISTENER | CONN_UNSENT)

/* Its states, and how many these are, its role, outcome and qualities; and more, as they lie. */
struct looks {
	uint64_t words[2];
	uint32_t flags;
};
_Static_assert(offsetof(struct conn, step_state) == 0, "the looks begin with its states");
_Static_assert(offsetof(struct conn, cause) < sizeof(((struct looks *)0)->words),
	       "the cause is behind what they have to have");

struct kind {
	struct looks looks;
	struct roster_name name;
	uint8_t open;  /* the step to ESTABLISHED, with `latest` */
	uint8_t shape; /* of the last one that was counted; CONSUMER_SHAPES: it has none */
	bool is_timed;
	struct pulse_latest *latest; /* where exact handshakes go; NULL: nowhere */
	uint64_t told;		     /* so many, since it was settled; and of them: */
	struct roster_closed closed;
};

struct alike {
	struct consumer consumer;
	struct pulse *pulse;
	struct roster *roster;
	enum roster_key key;	  /* of the roster */
	bool is_sifted;		  /* the same */
	struct kind kinds[KINDS]; /* each has a place: another one may take it */
	struct conn examples[KINDS];
	/* Where the last one of a shape was counted: all have the same looks. NULL: nowhere. */
	struct kind *of_shape[CONSUMER_SHAPES];
	uint64_t id; /* of the one whose steps were told of last ... */
	struct kind *kind;
	uint64_t over; /* so many TIME_WAITs */
};

static inline void get_looks(const struct conn *c, struct looks *ret_looks)
{
	/* How many of its steps were told is nothing of it. */
	static const struct conn told = { .step_told = 15 };
	uint64_t words[2];

	memcpy(ret_looks->words, c, sizeof(ret_looks->words));
	memcpy(words, &told, sizeof(words));
	ret_looks->words[1] &= ~words[1];
	ret_looks->flags = c->flags & FLAGS;
}

static inline bool is_same(const struct looks *a, const struct looks *b)
{
	return a->words[0] == b->words[0] && a->words[1] == b->words[1] && a->flags == b->flags;
}

static void settle(struct alike *a, struct kind *k)
{
	const struct conn *example = &a->examples[k - a->kinds];

	if (!k->told)
		return;
	pulse_add_lives(a->pulse, conn_path(example), k->told);
	roster_add_closed(a->roster, example, &k->closed);
	k->told = 0;
	k->closed = (struct roster_closed){ .count = 0 };
}

void alike_settle(struct alike *alike)
{
	for (size_t i = 0; i < KINDS; i++)
		settle(alike, &alike->kinds[i]);
	pulse_add_transitions(alike->pulse, STATE_TIME_WAIT, STATE_CLOSED, alike->over);
	alike->over = 0;
}

/* The roster counts otherwise from now on: what was alike may be no more. */
static void begin_anew(struct alike *a)
{
	memset(a->kinds, 0, sizeof(a->kinds));
	memset(a->of_shape, 0, sizeof(a->of_shape));
	a->id = 0;
	a->key = roster_key(a->roster);
	a->is_sifted = roster_is_sifted(a->roster);
}

void alike_sift(struct alike *alike, const struct conn_filter *filter, uint32_t states)
{
	alike_settle(alike);
	roster_sift(alike->roster, filter, states);
	begin_anew(alike);
}

void alike_group_by(struct alike *alike, enum roster_key key)
{
	alike_settle(alike);
	roster_group_by(alike->roster, key);
	begin_anew(alike);
}

/* Out of the way of those that are like one before. */
static __attribute__((noinline)) void begin_kind(struct alike *a, struct kind *k,
						 const struct conn *c)
{
	unsigned int open = conn_find_step(c, STATE_ESTABLISHED);

	settle(a, k);
	*k = (struct kind){ .open = (uint8_t)open,
			    .shape = CONSUMER_SHAPES,
			    .is_timed = roster_is_timed(c) };
	get_looks(c, &k->looks);
	roster_name(a->key, c, &k->name);
	if (open < c->step_count)
		k->latest = pulse_latest_of(a->pulse, c);
	a->examples[k - a->kinds] = *c;
}

static inline void count(struct kind *k, const struct conn *c)
{
	k->told++;
	if (k->latest)
		pulse_latest_add(k->latest, c->handshake_ns, c->step_ns[k->open]);
}

static inline bool is_called(const struct kind *k, const struct roster_name *name)
{
	return k->name.words[0] == name->words[0] && k->name.words[1] == name->words[1] &&
	       k->name.rest == name->rest;
}

/* Its kind, which begins with it if it is unlike all that are kept. */
static struct kind *kind_of(struct alike *a, const struct conn *c)
{
	struct roster_name name;
	struct looks looks;
	struct kind *k;

	get_looks(c, &looks);
	roster_name(a->key, c, &name);
	k = &a->kinds[conn_path_place(looks.words[0] + name.words[0] + name.words[1], name.rest,
				      KINDS_BITS)];
	if (!is_same(&k->looks, &looks) || !is_called(k, &name))
		begin_kind(a, k, c);
	return k;
}

static __attribute__((noinline)) void tell_pulse(struct alike *a, const struct conn *c,
						 unsigned int first)
{
	struct consumer *pulse = pulse_consumer(a->pulse);

	pulse->class->steps(pulse, c, first);
}

static void on_transition(struct consumer *self, const struct conn *c, const struct transition *t)
{
	struct consumer *pulse = pulse_consumer(((struct alike *)self)->pulse);

	pulse->class->transition(pulse, c, t);
}

static void on_steps(struct consumer *self, const struct conn *c, unsigned int first)
{
	struct alike *a = (struct alike *)self;

	if (first) {
		tell_pulse(a, c, first);
		return;
	}
	a->id = c->id;
	a->kind = kind_of(a, c);
	count(a->kind, c);
}

/* Of one whose steps were not told of just now, or that is another than it was then. */
static __attribute__((noinline)) void close_by_itself(const struct alike *a, const struct conn *c)
{
	struct consumer *roster = roster_consumer(a->roster);

	roster->class->closed(roster, c);
}

static inline void count_closed(struct kind *k, const struct conn *c)
{
	k->closed.count++;
	if (k->is_timed && c->handshake_ns != TIME_UNKNOWN) {
		k->closed.handshakes++;
		k->closed.handshake_ns += c->handshake_ns;
	}
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct alike *a = (struct alike *)self;
	struct kind *k = a->kind;
	struct looks looks;

	get_looks(c, &looks);
	/* Who is filtered by may be told from others by more than what makes a kind. */
	if (a->id != c->id || a->is_sifted || !is_same(&k->looks, &looks)) {
		close_by_itself(a, c);
		return;
	}
	count_closed(k, c);
}

/* What those of a shape do not have in common is looked at, of each. */
static bool on_learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)c;
	((struct alike *)self)->of_shape[shape] = NULL;
	return true;
}

static inline struct kind *kind_of_shape(struct alike *a, unsigned int shape, const struct conn *c)
{
	struct kind *k = a->of_shape[shape];
	struct roster_name name;

	roster_name(a->key, c, &name);
	if (k && k->shape == shape && is_called(k, &name))
		return k;
	k = kind_of(a, c);
	k->shape = (uint8_t)shape;
	a->of_shape[shape] = k;
	return k;
}

static void on_like(struct consumer *self, unsigned int shape, const struct conn *c)
{
	struct alike *a = (struct alike *)self;
	struct kind *k = kind_of_shape(a, shape, c);

	count(k, c);
	if (a->is_sifted)
		close_by_itself(a, c);
	else
		count_closed(k, c);
}

static void on_over(struct consumer *self, const struct conn *c)
{
	struct alike *a = (struct alike *)self;

	if (c->step_state[c->step_count - 2] == STATE_TIME_WAIT && conn_state(c) == STATE_CLOSED)
		a->over++;
	else
		tell_pulse(a, c, c->step_count - 1U);
}

static const struct consumer_class alike_class = {
	.transition = on_transition,
	.steps = on_steps,
	.closed = on_closed,
	.learn = on_learn,
	.like = on_like,
	.over = on_over,
};

struct alike *alike_new(struct pulse *pulse, struct roster *roster)
{
	struct alike *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->consumer.class = &alike_class;
	a->consumer.wants = pulse_consumer(pulse)->wants | roster_consumer(roster)->wants |
			    CONSUMER_PARTIES;
	a->pulse = pulse;
	a->roster = roster;
	begin_anew(a);
	return a;
}

void alike_free(struct alike *alike)
{
	free(alike);
}

struct consumer *alike_consumer(struct alike *alike)
{
	return &alike->consumer;
}
