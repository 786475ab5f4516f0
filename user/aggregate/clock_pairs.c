// SPDX-License-Identifier: GPL-2.0-only
/* The clocks of the machines that recordings come from, compared by the handshakes they share. */
#include "user/aggregate/clock_pairs.h"

#include <stdlib.h>

#include "user/conn/flow.h"
#include "user/event/identity.h"

#define SPACES 256
#define PAIRS_MAX 64
#define ENDS_MAX 65536 /* a power of two: ends whose other one may come yet */

/* One end of a handshake: when it began there, and when it was over. */
struct end {
	uint64_t flow; /* FLOW_UNKNOWN: none */
	uint64_t began_ns, open_ns;
	uint8_t clock;
	bool is_client;
};

struct pair {
	uint8_t one, other; /* clocks, the lesser one first, which is "here" for the fit */
	uint64_t handshakes;
	struct clock_fit fit;
};

struct clock_pairs {
	struct consumer consumer;
	uint8_t clocks[SPACES];
	struct pair *pairs[PAIRS_MAX];
	size_t count;
	struct end ends[ENDS_MAX]; /* by the flow, which is a hash: of two in a place, the later */
};

static uint8_t clock_of(const struct clock_pairs *pairs, const struct conn *c)
{
	return pairs->clocks[event_space_of(c->sock)];
}

static struct pair *find(const struct clock_pairs *pairs, uint8_t one, uint8_t other)
{
	for (size_t i = 0; i < pairs->count; i++)
		if (pairs->pairs[i]->one == one && pairs->pairs[i]->other == other)
			return pairs->pairs[i];
	return NULL;
}

static struct pair *open_pair(struct clock_pairs *pairs, uint8_t one, uint8_t other)
{
	struct pair *pair = find(pairs, one, other);

	if (pair || pairs->count == PAIRS_MAX)
		return pair;
	pair = calloc(1, sizeof(*pair));
	if (!pair)
		return NULL;
	pair->one = one;
	pair->other = other;
	pairs->pairs[pairs->count++] = pair;
	return pair;
}

/*
 * The SYN left before the SYN-ACK did, that before it came, and the ACK, which left no sooner,
 * before it came.
 */
static void compare(struct clock_pairs *pairs, const struct end *client, const struct end *server)
{
	bool is_client_first = client->clock < server->clock;
	struct pair *pair = is_client_first ? open_pair(pairs, client->clock, server->clock) :
					      open_pair(pairs, server->clock, client->clock);

	if (!pair)
		return;
	pair->handshakes++;
	clock_fit_add(&pair->fit, is_client_first, client->began_ns, server->began_ns);
	clock_fit_add(&pair->fit, !is_client_first, server->began_ns, client->open_ns);
	clock_fit_add(&pair->fit, is_client_first, client->open_ns, server->open_ns);
}

static unsigned int step_of(const struct conn *c, enum tcp_state state)
{
	unsigned int i = 0;

	while (i < c->step_count && c->step_state[i] != state)
		i++;
	return i;
}

#define UNUSUAL                                                                             \
	(CONN_HANDSHAKE_FASTOPEN | CONN_HANDSHAKE_SYNCOOKIE | CONN_HANDSHAKE_SIMULTANEOUS | \
	 CONN_HANDSHAKE_RESTORED | CONN_HANDSHAKE_PUT_OFF)

/* Whether all of its handshake was measured here. */
static bool make_end(const struct clock_pairs *pairs, const struct conn *c, struct end *ret)
{
	if (c->flow == FLOW_UNKNOWN || c->flags & (CONN_SEEDED | CONN_POLLED) ||
	    c->role == CONN_ROLE_UNKNOWN || c->handshake_quality != CONN_QUALITY_EXACT ||
	    c->handshake_flags & UNUSUAL)
		return false;
	*ret = (struct end){
		.flow = c->flow,
		.began_ns = conn_start(c),
		.open_ns = conn_step_time(c, step_of(c, STATE_ESTABLISHED)),
		.clock = clock_of(pairs, c),
		.is_client = c->role == CONN_ROLE_CLIENT,
	};
	return ret->began_ns != TIME_UNKNOWN && ret->open_ns != TIME_UNKNOWN;
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	struct clock_pairs *pairs = (struct clock_pairs *)self;
	struct end end, *other = &pairs->ends[c->flow & (ENDS_MAX - 1)];

	if (!make_end(pairs, c, &end))
		return;
	if (other->flow == end.flow && other->clock != end.clock &&
	    other->is_client != end.is_client)
		compare(pairs, end.is_client ? &end : other, end.is_client ? other : &end);
	*other = end;
}

static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	(void)now_ns;
	if (!(c->flags & CONN_CLOSE_TOLD))
		on_closed(self, c);
}

static const struct consumer_class class = { .closed = on_closed, .alive = on_alive };

struct clock_pairs *clock_pairs_new(void)
{
	struct clock_pairs *pairs = calloc(1, sizeof(*pairs));

	if (pairs)
		pairs->consumer = (struct consumer){ &class, CONSUMER_FLOWS };
	return pairs;
}

void clock_pairs_free(struct clock_pairs *pairs)
{
	if (!pairs)
		return;
	for (size_t i = 0; i < pairs->count; i++)
		free(pairs->pairs[i]);
	free(pairs);
}

struct consumer *clock_pairs_consumer(struct clock_pairs *pairs)
{
	return &pairs->consumer;
}

void clock_pairs_name(struct clock_pairs *pairs, uint8_t space, uint8_t clock)
{
	pairs->clocks[space] = clock;
}

bool clock_pairs_is_one(const struct clock_pairs *pairs, const struct conn *here,
			const struct conn *there)
{
	return clock_of(pairs, here) == clock_of(pairs, there);
}

/* How far the pair's other clock is ahead when that one shows `at_ns`. */
static enum clock_verdict at_other(const struct pair *pair, uint64_t at_ns,
				   struct clock_bounds *ret)
{
	enum clock_verdict verdict = clock_fit_at(&pair->fit, at_ns, ret);

	/* What it showed meanwhile is as little off as the drift allows. */
	if (verdict == CLOCK_BOUNDED)
		verdict = clock_fit_at(&pair->fit, at_ns - (uint64_t)ret->offset_ns, ret);
	if (verdict == CLOCK_BOUNDED)
		ret->bound_ns += (uint64_t)((double)ret->bound_ns * CLOCK_FIT_DRIFT) + 1;
	return verdict;
}

enum clock_verdict clock_pairs_at(const struct clock_pairs *pairs, const struct conn *here,
				  const struct conn *there, uint64_t at_ns,
				  struct clock_bounds *ret, uint64_t *ret_handshakes)
{
	uint8_t own = clock_of(pairs, here), others = clock_of(pairs, there);
	bool is_first = own < others;
	const struct pair *pair = is_first ? find(pairs, own, others) : find(pairs, others, own);
	enum clock_verdict verdict;

	*ret = (struct clock_bounds){ 0 };
	*ret_handshakes = pair ? pair->handshakes : 0;
	if (!pair)
		return CLOCK_UNBOUNDED;
	if (is_first)
		return clock_fit_at(&pair->fit, at_ns, ret);
	verdict = at_other(pair, at_ns, ret);
	ret->offset_ns = -ret->offset_ns;
	ret->drift_ppm = -ret->drift_ppm;
	return verdict;
}

struct mover {
	const struct clock_pairs *pairs;
	const struct conn *here, *there;
};

/* By the difference at that time, by whichever clock that is asked for. */
static void move(const struct mover *m, uint64_t *time_ns)
{
	struct clock_bounds bounds;
	uint64_t handshakes;

	if (!*time_ns || *time_ns == TIME_UNKNOWN ||
	    clock_pairs_at(m->pairs, m->there, m->here, *time_ns, &bounds, &handshakes) !=
		    CLOCK_BOUNDED)
		return;
	*time_ns += (uint64_t)bounds.offset_ns;
}

bool clock_pairs_move(const struct clock_pairs *pairs, const struct conn *here, struct story *story)
{
	const struct conn there = story->conn;
	const struct mover m = { pairs, here, &there };
	struct clock_bounds bounds;
	uint64_t handshakes;

	if (clock_pairs_at(pairs, &there, here, 0, &bounds, &handshakes) != CLOCK_BOUNDED)
		return false;
	for (unsigned int i = 0; i < story->conn.step_count; i++)
		move(&m, &story->conn.step_ns[i]);
	move(&m, &story->conn.accept_ns);
	for (unsigned int i = 0; i < story->syn_count; i++)
		move(&m, &story->syn_ns[i]);
	for (unsigned int i = 0; i < story->rearm_count; i++)
		move(&m, &story->rearm_ns[i]);
	move(&m, &story->reset_in_ns);
	move(&m, &story->reset_out_ns);
	return true;
}
