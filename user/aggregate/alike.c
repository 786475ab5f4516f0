// SPDX-License-Identifier: GPL-2.0-only
/* Counts lives that are alike, and has a pulse and a roster know of them when somebody looks. */
#include "user/aggregate/alike.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "user/conn/path.h"

#define KINDS_BITS 8
#define KINDS (1u << KINDS_BITS)

/* Sets of 1 << enum roster_key: what their groups differ by, others by their owner alone. */
#define BY_ENDS (1U << ROSTER_KEY_REMOTE | 1U << ROSTER_KEY_PORT)
#define BY_CGROUP (1U << ROSTER_KEY_UNIT | 1U << ROSTER_KEY_CONTAINER | 1U << ROSTER_KEY_POD)

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
	uint8_t open; /* the step to ESTABLISHED, with `latest` */
	bool is_timed;
	struct pulse_latest *latest; /* where exact handshakes go; NULL: nowhere */
	/* Since it was settled: who were told of and closed at once, with a known handshake; */
	uint64_t like;
	uint64_t told;		     /* whose steps were told of; */
	struct roster_closed closed; /* who closed; */
	uint64_t like_ns;	     /* how long the handshakes of the first took, together. */
};

struct alike {
	struct consumer consumer;
	struct pulse *pulse;
	struct roster *roster;
	enum roster_key key;	  /* of the roster */
	bool is_sifted;		  /* the same */
	struct kind kinds[KINDS]; /* each has a place: another one may take it */
	struct conn examples[KINDS];
	/*
	 * Where those of a shape and of one owner are counted, all of which have the same looks.
	 * NULL: that is to be found for each, or for the next.
	 */
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
	struct roster_closed closed = k->closed;

	closed.count += k->like;
	if (k->is_timed) {
		closed.handshakes += k->like;
		closed.handshake_ns += k->like_ns;
	}
	if (k->told || k->like)
		pulse_add_lives(a->pulse, conn_path(example), k->told + k->like);
	if (closed.count)
		roster_add_closed(a->roster, example, &closed);
	k->told = k->like = k->like_ns = 0;
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
	for (unsigned int shape = 0; shape < CONSUMER_SHAPES; shape++)
		if (a->of_shape[shape] == k)
			a->of_shape[shape] = NULL;
	*k = (struct kind){ .open = (uint8_t)open, .is_timed = roster_is_timed(c) };
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

static void on_owned(struct consumer *self, unsigned int shape)
{
	((struct alike *)self)->of_shape[shape] = NULL;
}

static bool on_learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)c;
	on_owned(self, shape);
	return true;
}

static inline void count_like(struct kind *k, const struct conn *c)
{
	k->like++;
	k->like_ns += c->handshake_ns;
	if (k->latest)
		pulse_latest_put(k->latest, c->handshake_ns, c->step_ns[k->open]);
}

static __attribute__((noinline)) void find_like(struct alike *a, unsigned int shape,
						const struct conn *c)
{
	struct kind *k = kind_of(a, c);

	if (a->is_sifted) {
		count(k, c);
		close_by_itself(a, c);
		return;
	}
	count_like(k, c);
	if (!(BY_ENDS >> a->key & 1))
		a->of_shape[shape] = k;
}

static void on_like(struct consumer *self, unsigned int shape, const struct conn *c)
{
	struct alike *a = (struct alike *)self;
	struct kind *k = a->of_shape[shape];

	if (k)
		count_like(k, c);
	else
		find_like(a, shape, c);
}

static void on_over(struct consumer *self, const struct conn *c)
{
	(void)c;
	((struct alike *)self)->over++;
}

static const struct consumer_class alike_class = {
	.transition = on_transition,
	.steps = on_steps,
	.closed = on_closed,
	.learn = on_learn,
	.like = on_like,
	.owned = on_owned,
	.over = on_over,
};

/* What tells groups by these keys from one another, but for the owner's name. */
static unsigned int wants_of(unsigned int keys)
{
	unsigned int wants = 0;

	if (keys & BY_ENDS)
		wants |= CONSUMER_PARTIES;
	if (keys & BY_CGROUP)
		wants |= CONSUMER_CGROUPS;
	return wants;
}

struct alike *alike_new(struct pulse *pulse, struct roster *roster, unsigned int keys)
{
	struct alike *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->consumer.class = &alike_class;
	a->consumer.wants = pulse_consumer(pulse)->wants | roster_consumer(roster)->wants |
			    wants_of(keys);
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
