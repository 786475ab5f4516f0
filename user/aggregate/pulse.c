// SPDX-License-Identifier: GPL-2.0-only
/* How much happens just now: samples in a ring, and the latest handshakes in another. */
#include "user/aggregate/pulse.h"

#include <stdlib.h>
#include <string.h>

#include "user/aggregate/measure.h"
#include "user/base/units.h"
#include "user/conn/path.h"

struct sample {
	uint64_t ns;
	struct pulse_sums sums;
};

/* A pair of states, as one number. */
#define PAIRS (STATE_COUNT * STATE_COUNT)

struct pulse {
	struct consumer consumer;
	uint64_t transitions[PAIRS];
	struct pulse_latest handshakes[2];    /* of clients, of servers */
	uint64_t sorted[PULSE_LATEST];	      /* room to sort them in */
	struct sample samples[PULSE_SAMPLES]; /* sample i is samples[i % PULSE_SAMPLES] */
	size_t sample_count;
	uint64_t calm_since_ns;
	uint64_t sampled[PULSE_RATE_SAMPLES + 1][PAIRS]; /* the transitions of the last samples */
};

static size_t pair_of(enum tcp_state from, enum tcp_state to)
{
	return (size_t)from * STATE_COUNT + to;
}

struct pulse_latest *pulse_latest_of(struct pulse *p, const struct conn *c)
{
	if (c->role == CONN_ROLE_UNKNOWN || c->handshake_quality != CONN_QUALITY_EXACT ||
	    c->flags & CONN_SEEDED)
		return NULL;
	return &p->handshakes[c->role == CONN_ROLE_SERVER];
}

static void note_step(struct pulse *p, const struct conn *c, enum tcp_state from, enum tcp_state to,
		      uint64_t at_ns)
{
	struct pulse_latest *latest = to == STATE_ESTABLISHED ? pulse_latest_of(p, c) : NULL;

	p->transitions[pair_of(from, to)]++;
	if (latest)
		pulse_latest_add(latest, measure_handshake(c), at_ns);
}

void pulse_add_lives(struct pulse *p, uint64_t path, uint64_t count)
{
	uint8_t states[CONN_STEPS];
	unsigned int from = STATE_CLOSED, steps = conn_path_steps(path, states);

	for (unsigned int i = 0; i < steps; from = states[i++])
		p->transitions[pair_of((enum tcp_state)from, (enum tcp_state)states[i])] += count;
}

void pulse_add_transitions(struct pulse *p, enum tcp_state from, enum tcp_state to, uint64_t count)
{
	p->transitions[pair_of(from, to)] += count;
}

static void on_transition(struct consumer *self, const struct conn *c, const struct transition *t)
{
	note_step((struct pulse *)self, c, t->from, t->to, t->mono_ns);
}

static void on_steps(struct consumer *self, const struct conn *c, unsigned int first)
{
	enum tcp_state from = first ? (enum tcp_state)c->step_state[first - 1] : STATE_CLOSED;

	for (unsigned int step = first; step < c->step_count; step++) {
		enum tcp_state to = c->step_state[step];

		note_step((struct pulse *)self, c, from, to, c->step_ns[step]);
		from = to;
	}
}

static const struct consumer_class pulse_class = {
	.transition = on_transition,
	.steps = on_steps,
};

struct pulse *pulse_new(void)
{
	struct pulse *p = calloc(1, sizeof(*p));

	if (p)
		p->consumer = (struct consumer){ &pulse_class, CONSUMER_SEEDS };
	return p;
}

void pulse_free(struct pulse *pulse)
{
	free(pulse);
}

struct pulse *pulse_copy(const struct pulse *pulse)
{
	struct pulse *copy = malloc(sizeof(*copy));

	if (copy)
		*copy = *pulse;
	return copy;
}

struct consumer *pulse_consumer(struct pulse *pulse)
{
	return &pulse->consumer;
}

/* `age` samples before the last one; NULL: it is not there. */
static const struct sample *sample_at(const struct pulse *p, size_t age)
{
	if (age >= PULSE_SAMPLES || age >= p->sample_count)
		return NULL;
	return &p->samples[(p->sample_count - 1 - age) % PULSE_SAMPLES];
}

static uint64_t *transitions_at(struct pulse *p, size_t sample)
{
	return p->sampled[sample % (PULSE_RATE_SAMPLES + 1)];
}

/* Whether anything has happened since the last sample. */
static bool has_changed(struct pulse *p, const struct pulse_sums *sums)
{
	const struct sample *last = sample_at(p, 0);

	return !last || memcmp(&last->sums, sums, sizeof(*sums)) != 0 ||
	       memcmp(transitions_at(p, p->sample_count - 1), p->transitions,
		      sizeof(p->transitions)) != 0;
}

void pulse_sample(struct pulse *p, uint64_t now_ns, const struct pulse_sums *sums)
{
	if (has_changed(p, sums))
		p->calm_since_ns = now_ns;
	p->samples[p->sample_count % PULSE_SAMPLES] = (struct sample){ now_ns, *sums };
	memcpy(transitions_at(p, p->sample_count), p->transitions, sizeof(p->transitions));
	p->sample_count++;
}

uint64_t pulse_sampled_ns(const struct pulse *p)
{
	const struct sample *last = sample_at(p, 0);

	return last ? last->ns : 0;
}

uint64_t pulse_calm_ns(const struct pulse *p)
{
	return pulse_sampled_ns(p) - p->calm_since_ns;
}

static double per_second(uint64_t before, uint64_t now, uint64_t span_ns)
{
	return (double)(now - before) * NS_PER_S / (double)span_ns;
}

double pulse_rate(const struct pulse *p, enum pulse_count count, size_t age)
{
	const struct sample *now = sample_at(p, age), *before = sample_at(p, age + 1);

	if (!before || now->ns <= before->ns)
		return -1;
	return per_second(before->sums.of[count], now->sums.of[count], now->ns - before->ns);
}

uint64_t pulse_transitions(const struct pulse *p, enum tcp_state from, enum tcp_state to)
{
	return p->transitions[pair_of(from, to)];
}

double pulse_transition_rate(const struct pulse *p, enum tcp_state from, enum tcp_state to)
{
	size_t age = p->sample_count > PULSE_RATE_SAMPLES ? PULSE_RATE_SAMPLES :
		     p->sample_count			  ? p->sample_count - 1 :
							    0;
	const struct sample *now = sample_at(p, 0), *before = sample_at(p, age);
	size_t pair = pair_of(from, to);

	if (!age || now->ns <= before->ns)
		return -1;
	return per_second(p->sampled[(p->sample_count - 1 - age) % (PULSE_RATE_SAMPLES + 1)][pair],
			  p->sampled[(p->sample_count - 1) % (PULSE_RATE_SAMPLES + 1)][pair],
			  now->ns - before->ns);
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

/* The smallest value that at least so many of a hundred are not above. */
static uint64_t percentile(const uint64_t *sorted, size_t count, size_t hundredths)
{
	size_t rank = (count * hundredths + 99) / 100;

	return sorted[rank ? rank - 1 : 0];
}

void pulse_handshakes(struct pulse *p, enum conn_role role, uint64_t now_ns,
		      struct pulse_latency *ret_latency)
{
	const struct pulse_latest *latest = &p->handshakes[role == CONN_ROLE_SERVER];
	size_t kept = latest->count < PULSE_LATEST ? latest->count : PULSE_LATEST, count = 0;

	for (size_t i = 0; i < kept; i++)
		if (latest->at_ns[i] + PULSE_LATEST_S * NS_PER_S >= now_ns)
			p->sorted[count++] = latest->took_ns[i];
	*ret_latency = (struct pulse_latency){ .count = count };
	if (!count)
		return;
	qsort(p->sorted, count, sizeof(*p->sorted), by_size);
	ret_latency->p50_ns = percentile(p->sorted, count, 50);
	ret_latency->p99_ns = percentile(p->sorted, count, 99);
}
