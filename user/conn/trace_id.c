// SPDX-License-Identifier: GPL-2.0-only
/* What a distributed trace of a connection is called: numbers that both its ends come to alone. */
#include "user/conn/trace_id.h"

#include <string.h>

#include "user/base/siphash.h"
#include "user/conn/flow.h"

#define CHANCE_BITS 56
#define CHANCES (UINT64_C(1) << CHANCE_BITS)
#define SIDE_SHIFT 8

/* Nothing is hidden by them: who knows a flow is to come to the same numbers. */
static const struct siphash_key high_key = { 1, 0 }, low_key = { 2, 0 }, span_key = { 3, 0 };

bool trace_is_paired(const struct conn *c)
{
	return c->flow != FLOW_UNKNOWN;
}

static uint64_t add(const struct siphash_key *key, uint64_t hash, uint64_t word)
{
	return siphash_u64(key, hash ^ word);
}

static uint64_t add_address(const struct siphash_key *key, uint64_t hash, const struct address *a)
{
	uint64_t words[sizeof(a->byte) / sizeof(uint64_t)];

	memcpy(words, a->byte, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		hash = add(key, hash, words[i]);
	return hash;
}

static uint64_t own_hash(const struct siphash_key *key, const struct conn *c, uint64_t real_ns)
{
	uint64_t hash = add(key, real_ns, c->netns);

	hash = add_address(key, hash, &c->laddr);
	hash = add_address(key, hash, &c->raddr);
	return add(key, hash, (uint64_t)c->lport << 16 | c->rport);
}

struct trace_id trace_id_of(const struct conn *c, uint64_t real_ns)
{
	struct trace_id id;

	if (trace_is_paired(c))
		id = (struct trace_id){ siphash_u64(&high_key, c->flow),
					siphash_u64(&low_key, c->flow) };
	else
		id = (struct trace_id){ own_hash(&high_key, c, real_ns),
					own_hash(&low_key, c, real_ns) };
	if (!id.high && !id.low)
		id.low = 1;
	return id;
}

/* Where both have connected, either may call itself the client. */
static bool knows_its_side(const struct conn *c)
{
	return c->role != CONN_ROLE_UNKNOWN && !(c->handshake_flags & CONN_HANDSHAKE_SIMULTANEOUS);
}

static uint64_t id_of_side(struct trace_id trace, uint64_t side, enum span_name name)
{
	uint64_t id = add(&span_key, siphash_u64(&span_key, trace.high), trace.low);

	id = add(&span_key, id, side << SIDE_SHIFT | name);
	return id ? id : 1;
}

uint64_t span_id_of(const struct conn *c, struct trace_id trace, enum span_name name)
{
	uint64_t side = c->role;

	if (!knows_its_side(c))
		side = add_address(&span_key, c->lport, &c->laddr);
	return id_of_side(trace, side, name);
}

uint64_t span_parent_of(const struct conn *c, struct trace_id trace)
{
	if (!trace_is_paired(c) || !knows_its_side(c) || c->role != CONN_ROLE_SERVER)
		return 0;
	return id_of_side(trace, CONN_ROLE_CLIENT, SPAN_CONNECTION);
}

bool trace_is_chosen(struct trace_id trace, uint32_t of)
{
	return (trace.low & (CHANCES - 1)) >= CHANCES - CHANCES / of;
}
