// SPDX-License-Identifier: GPL-2.0-only
/* A bounded hash of failures, sorted when it is asked. */
#include "user/aggregate/failure_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/atom.h"
#include "user/base/hash.h"
#include "user/base/quota.h"

struct row {
	struct failure failure;
	uint64_t count;
	uint32_t next; /* row of the same owner, in a ring; counted from 1 */
	uint32_t owner;
};

/* Of one who has some. */
struct part {
	uint32_t at;	/* row to look at for the smallest */
	uint64_t least; /* no row of the owner's weighs less */
};

/*
 * A table of the largest counts of each owner, after Metwally, Agrawal and El Abbadi (2005): of
 * whoever may have no more rows, a new kind takes the place of the smallest. So a kind that is more
 * than 1/FAILURE_SET_MOST of its owner's is in it, whatever others do. What a row has counted is
 * known; it begins with the weight of the largest kind that made room so far, for as much of it may
 * have been counted with the rest.
 */
static uint64_t weight_of(const struct row *row)
{
	return row->count + row->failure.missed;
}

/* What tells one kind from another; without padding, to be compared as bytes. */
struct key {
	struct address raddr;
	char comm[EVENT_COMM_SIZE];
	uint16_t port, error;
	uint8_t cause, role, reset_reason;
	uint8_t owner; /* 0: unknown, 1: known, 2: that of the listener */
};
_Static_assert(sizeof(struct key) == 40, "struct key has no padding");

#define ROWS_MOST (2 * FAILURE_SET_MOST) /* a lone owner may have half of them */

struct failure_set {
	struct consumer consumer;
	size_t most;
	uint64_t count, rest, lost;
	uint64_t by_cause[CONN_CAUSE_COUNT], by_outcome[CONN_OUTCOME_COUNT];
	struct row *rows;
	size_t row_count, row_room;
	struct quota quota;	 /* of the rows */
	struct part *parts;	 /* by the number of the owner there */
	uint64_t gone;		 /* no kind without a row has more failures */
	struct hash_index index; /* of the rows, counted from 1, by their keys */
};

void failure_set_free(struct failure_set *set)
{
	if (!set)
		return;
	hash_index_done(&set->index);
	quota_done(&set->quota);
	free(set->parts);
	free(set->rows);
	free(set);
}

bool failure_has_errno(const struct conn *c)
{
	enum cause_error error = cause_error_of(c->error);

	return error == CAUSE_ERROR_UNREACHABLE || error == CAUSE_ERROR_OTHER;
}

bool failure_has_reset_reason(const struct conn *c)
{
	return c->cause == CONN_CAUSE_RESET_SENT && c->reset_reason;
}

static struct key key_of(const struct conn *c)
{
	struct conn_name service = conn_service(c);
	bool server = c->role == CONN_ROLE_SERVER;
	bool has_endpoints = c->flags & CONN_HAS_ENDPOINTS;
	struct key key = {
		.port = server	      ? c->lport :
			has_endpoints ? c->rport :
					0,
		.error = failure_has_errno(c) ? c->error : 0,
		.cause = c->cause,
		.role = c->role,
		.reset_reason = failure_has_reset_reason(c) ? c->reset_reason : 0,
		.owner = !(c->flags & CONN_HAS_OWNER) ? 0 :
			 c->flags & CONN_OF_LISTENER  ? 2 :
							1,
	};

	if (!server && has_endpoints && !address_is_any(&c->raddr))
		key.raddr = c->raddr;
	if (service.bytes)
		memcpy(key.comm, service.bytes, service.size);
	return key;
}

static uint64_t hash_row(const void *context, const struct hash_key *hash_key, uint32_t n)
{
	const struct failure_set *set = context;
	struct key key = key_of(&set->rows[n - 1].failure.example);

	return hash_bytes(hash_key, &key, sizeof(key));
}

static const struct consumer_class failure_set_class;

struct failure_set *failure_set_new(size_t most)
{
	struct failure_set *set = calloc(1, sizeof(*set));

	if (!set)
		return NULL;
	set->consumer.class = &failure_set_class;
	set->most = most ? most : 1;
	set->quota.max = ROWS_MOST;
	set->parts = calloc(ROWS_MOST + 1, sizeof(*set->parts));
	hash_index_init(&set->index, ROWS_MOST, hash_row, set);
	if (set->parts)
		return set;
	failure_set_free(set);
	return NULL;
}

/* NULL when it is to be counted with the rest. */
static struct row *add_row(struct failure_set *set, const struct conn *c)
{
	if (!set->rows || set->row_count == set->row_room) {
		size_t room = set->row_room ? set->row_room * 2 : 16;
		struct row *rows = reallocarray(set->rows, room, sizeof(*rows));

		if (rows)
			set->rows = rows;
		if (!rows || hash_index_reserve(&set->index, room)) {
			set->lost++;
			return NULL;
		}
		set->row_room = room;
	}
	set->rows[set->row_count] = (struct row){ .failure = { .example = *c, .last = *c } };
	return &set->rows[set->row_count++];
}

/* The process keeps its name, by which it is told from others. */
static void forget_thread(struct conn *example)
{
	struct conn_name process = conn_process(example);
	const struct share share = conn_share(example);
	uint16_t atom = atom_of(process.bytes, process.size, &share);

	if (atom == ATOM_NONE)
		return;
	example->process = atom;
	memset(example->comm, 0, sizeof(example->comm));
}

/* What does not hold for all is unknown of the row. */
static void keep_common(struct conn *example, const struct conn *c)
{
	if (example->outcome != c->outcome)
		example->outcome = CONN_OUTCOME_UNKNOWN;
	if (example->error != c->error)
		example->error = 0;
	if (example->reset_reason != c->reset_reason)
		example->reset_reason = 0;
	if (strncmp(example->comm, c->comm, sizeof(c->comm)) != 0)
		forget_thread(example);
}

static struct row *find(const struct failure_set *set, const struct key *key, uint64_t hash)
{
	struct hash_search s = hash_search_begin(&set->index, hash);
	uint32_t n;

	while ((n = hash_search_next(&set->index, &s))) {
		struct row *row = &set->rows[n - 1];
		struct key other = key_of(&row->failure.example);

		if (!memcmp(key, &other, sizeof(*key)))
			return row;
	}
	return NULL;
}

/* Each round through the rows of an owner finds none of the least weight, or raises it. */
static struct row *find_smallest(struct failure_set *set, struct part *part)
{
	for (;;) {
		uint64_t least = UINT64_MAX;
		uint32_t first = part->at;

		do {
			struct row *row = &set->rows[part->at - 1];

			if (weight_of(row) <= part->least)
				return row;
			least = weight_of(row) < least ? weight_of(row) : least;
			part->at = row->next;
		} while (part->at != first);
		part->least = least;
	}
}

static void forget(struct failure_set *set, const struct row *row)
{
	struct key key = key_of(&row->failure.example);
	uint64_t hash = hash_bytes(&set->index.key, &key, sizeof(key));
	struct hash_search s = hash_search_begin(&set->index, hash);
	uint32_t number = (uint32_t)(row - set->rows) + 1, n;

	while ((n = hash_search_next(&set->index, &s)) && n != number)
		;
	hash_search_take(&set->index, &s);
	set->rest += row->count;
	set->gone = weight_of(row) > set->gone ? weight_of(row) : set->gone;
}

/* Into the ring of its owner. */
static void join_part(struct failure_set *set, struct row *row, uint32_t owner)
{
	struct part *part = &set->parts[owner];
	uint32_t n = (uint32_t)(row - set->rows) + 1;

	row->owner = owner;
	row->next = n;
	if (part->at) {
		row->next = set->rows[part->at - 1].next;
		set->rows[part->at - 1].next = n;
	}
	part->at = n;
	if (weight_of(row) < part->least)
		part->least = 0;
}

/* Returns the row of a kind that has none, NULL where its owner has none, or there is no memory. */
static struct row *take_row(struct failure_set *set, const struct conn *c)
{
	const struct share share = conn_share(c);
	struct row *row, old;
	uint32_t owner;

	if (quota_take(&set->quota, &share)) {
		row = add_row(set, c);
		if (row) {
			row->failure.missed = set->gone;
			join_part(set, row, quota_owner(&set->quota, share.owner));
		}
		return row;
	}
	owner = quota_owner(&set->quota, share.owner);
	if (!owner || !set->parts[owner].at) {
		set->gone++;
		return NULL;
	}
	row = find_smallest(set, &set->parts[owner]);
	forget(set, row);
	old = *row;
	*row = (struct row){ .failure = { .example = *c, .last = *c, .missed = set->gone },
			     .next = old.next,
			     .owner = old.owner };
	return row;
}

static void add_failure(struct failure_set *set, const struct conn *c)
{
	struct row *row;
	struct key key;
	uint64_t hash;

	set->count++;
	set->by_cause[c->cause]++;
	set->by_outcome[c->outcome]++;
	key = key_of(c);
	hash = hash_bytes(&set->index.key, &key, sizeof(key));
	row = find(set, &key, hash);
	if (row) {
		row->count++;
		keep_common(&row->failure.example, c);
		row->failure.last = *c;
		return;
	}
	row = take_row(set, c);
	if (!row) {
		set->rest++;
		return;
	}
	row->count = 1;
	hash_index_put(&set->index, hash_bytes(&set->index.key, &key, sizeof(key)),
		       (uint32_t)(row - set->rows) + 1);
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	if (conn_has_failed(c))
		add_failure((struct failure_set *)self, c);
}

/* Nothing is kept of lives that have not failed. */
static bool on_learn(struct consumer *self, unsigned int shape, const struct conn *c)
{
	(void)self;
	(void)shape;
	return !conn_has_failed(c);
}

/* Whatever its end was, it has not become a connection. */
static void on_half_open(struct consumer *self, const struct half_open *h)
{
	struct conn c;

	half_open_as_conn(h, &c);
	add_failure((struct failure_set *)self, &c);
}

static const struct consumer_class failure_set_class = { .closed = on_closed,
							 .half_open = on_half_open,
							 .learn = on_learn };

struct consumer *failure_set_consumer(struct failure_set *set)
{
	return &set->consumer;
}

uint64_t failure_set_count(const struct failure_set *set)
{
	return set->count;
}

uint64_t failure_set_by_cause(const struct failure_set *set, enum conn_cause cause)
{
	return set->by_cause[cause];
}

uint64_t failure_set_by_outcome(const struct failure_set *set, enum conn_outcome outcome)
{
	return set->by_outcome[outcome];
}

const struct payers *failure_set_payers(const struct failure_set *set)
{
	return &set->quota.payers;
}

uint64_t failure_set_lost(const struct failure_set *set)
{
	return set->lost;
}

/* The largest first; equal ones by what they are, so that the order does not depend on arrival. */
static int compare_rows(const void *a, const void *b)
{
	const struct row *const *first = a, *const *second = b;
	struct key first_key, second_key;

	if ((*first)->count != (*second)->count)
		return (*first)->count < (*second)->count ? 1 : -1;
	first_key = key_of(&(*first)->failure.example);
	second_key = key_of(&(*second)->failure.example);
	return memcmp(&first_key, &second_key, sizeof(first_key));
}

int failure_set_each(const struct failure_set *set,
		     void (*visit)(void *context, const struct failure *f, uint64_t count),
		     void *context)
{
	static const struct failure other = { .is_other = true };
	struct row **sorted = calloc(set->row_count + 1, sizeof(*sorted));
	uint64_t rest = set->rest;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < set->row_count; i++)
		sorted[i] = &set->rows[i];
	qsort(sorted, set->row_count, sizeof(*sorted), compare_rows);
	for (size_t i = 0; i < set->row_count; i++) {
		if (i < set->most)
			visit(context, &sorted[i]->failure, sorted[i]->count);
		else
			rest += sorted[i]->count;
	}
	if (rest)
		visit(context, &other, rest);
	free(sorted);
	return 0;
}
