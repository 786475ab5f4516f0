// SPDX-License-Identifier: GPL-2.0-only
/* How much the connection table holds, who leaves for others, and how it finds them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/conn/subject.h"

#define MANY 200000
#define FULL 1000000
#define BYTES_PER_CONNECTION 272
#define PROBES_MEAN 2
#define PROBES_MOST 100
#define CROWDED 300
#define NOTICED 200 /* a run that is long, and not yet parted */

static bool memory_is_short;

/* What connections live in is asked for by this alone. */
void *aligned_alloc(size_t alignment, size_t size)
{
	void *memory;

	return memory_is_short || posix_memalign(&memory, alignment, size) ? NULL : memory;
}

/* Nothing is added without memory; each event that would have been is a gap. */
static void what_finds_no_memory_is_a_gap(void **state)
{
	struct sock more = sock_client(SOCK(5000)), child = sock_server(SOCK(5001));
	struct event passive = { .mono_ns = 9000 * US,
				 .sock = SOCK(5002),
				 .netns = TEST_NETNS,
				 .kind = EVENT_PASSIVE,
				 .from = STATE_SYN_RECV,
				 .to = STATE_SYN_RECV };
	struct event events[] = { sock_step(&more, 9000, STATE_SYN_SENT),
				  sock_step(&child, 9000, STATE_SYN_RECV), passive };
	uint64_t used = 1;
	struct subject s;

	(void)state;
	begin(&s, FULL, NULL);
	begin_client(&s, SOCK(0), 1000);
	memory_is_short = true;
	for (struct sock k = sock_client(SOCK(used)); used < 4000; k = sock_client(SOCK(used))) {
		struct event e = sock_step(&k, 1000 + used, STATE_SYN_SENT);

		if (conn_table_apply(s.table, &e))
			break;
		used++;
		forget(&s);
	}
	/* What there was room for is used up. */
	assert_true(used > 1 && used < 4000);
	assert_int_equal(counts_of(&s)->gaps, 1);
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		assert_int_equal(conn_table_apply(s.table, &events[i]), -ENOMEM);
		assert_int_equal(counts_of(&s)->gaps, 2 + i);
	}
	assert_counts(&s, used, 0, used, 0);
	memory_is_short = false;
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		assert_int_equal(conn_table_apply(s.table, &events[i]), 0);
	assert_counts(&s, used + 1, 0, used + 1, 0);
	assert_int_equal(counts_of(&s)->gaps, 4);
	done(&s);
}

static void least_recently_changed_makes_room(void **state)
{
	struct subject s;
	struct sock first, second;

	(void)state;
	begin(&s, 3, NULL);
	first = begin_client(&s, SOCK(1), 1000);
	second = begin_client(&s, SOCK(2), 1000);
	begin_client(&s, SOCK(3), 1000);
	apply(&s, sock_step(&first, 2000, STATE_CLOSE_WAIT));
	forget(&s);
	assert_live(&s, "2 3 1");
	begin_client(&s, SOCK(4), 3000);
	assert_told(&s, "4:CLOSED>SYN_SENT 4:SYN_SENT>ESTABLISHED");
	assert_live(&s, "3 1 4");
	assert_counts(&s, 4, 0, 3, 0);
	assert_int_equal(counts_of(&s)->evicted, 1);

	/* Who was sent away comes back as a stranger. */
	apply(&s, sock_step(&second, 4000, STATE_CLOSE_WAIT));
	assert_told(&s, "5:ESTABLISHED>CLOSE_WAIT");
	assert_live(&s, "1 4 5");
	assert_counts(&s, 4, 1, 3, 0);
	assert_int_equal(counts_of(&s)->evicted, 2);
	done(&s);
}

static void there_is_room_for_one(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, 0, NULL);
	for (unsigned int i = 1; i <= 100; i++) {
		begin_client(&s, SOCK(i), i * 1000);
		forget(&s);
		assert_int_equal(counts_of(&s)->live, 1);
	}
	assert_live(&s, "100");
	assert_int_equal(counts_of(&s)->evicted, 99);
	done(&s);
}

/* One user parks 600 connections, in namespace after namespace; another has one, and no other. */
static void whoever_parks_connections_evicts_none_of_others(void **state)
{
	struct sock victim = sock_client(SOCK(0));
	struct subject s;
	struct event e;

	(void)state;
	begin(&s, 32, NULL);
	e = sock_step(&victim, 10, STATE_SYN_SENT);
	e.uid = 33;
	apply(&s, e);
	apply(&s, sock_step(&victim, 20, STATE_ESTABLISHED));
	for (unsigned int i = 1; i <= 600; i++) {
		struct sock k = sock_client(SOCK(i));

		k.netns += i % 40;
		e = sock_step(&k, 1000 + i, STATE_SYN_SENT);
		e.uid = 1000;
		apply(&s, e);
		apply(&s, sock_step(&k, 1001 + i, STATE_ESTABLISHED));
		forget(&s);
	}
	assert_int_equal(counts_of(&s)->evicted, 601 - 32);
	apply(&s, sock_fail(&victim, 5000, ETIMEDOUT));
	conn_table_settle(s.table, UINT64_MAX);
	assert_told(&s, "1:ESTABLISHED>CLOSED 1:timed_out 1:gone");
	assert_int_equal(counts_of(&s)->incomplete, 0);
	for (size_t rank = 0; payers_at(conn_table_payers(s.table), rank); rank++)
		assert_int_equal(payers_at(conn_table_payers(s.table), rank)->share.owner, 1000);
	assert_non_null(payers_at(conn_table_payers(s.table), 0));
	done(&s);
}

static void eviction_under_a_storm_adds_up(void **state)
{
	static struct conn_filter all = { .family = 0 };
	struct subject s = { .table = conn_table_new(1000, &all, NULL) };
	size_t bytes;

	(void)state;
	assert_non_null(s.table);
	/* The first that has to leave makes the table look at whose they are. */
	for (unsigned int i = 0; i < 1001; i++)
		begin_client(&s, SOCK(i), 1000 + i);
	bytes = conn_table_bytes(s.table);
	for (unsigned int i = 1001; i < 50000; i++)
		begin_client(&s, SOCK(i), 1000 + i);
	assert_counts(&s, 50000, 0, 1000, 0);
	assert_int_equal(counts_of(&s)->evicted, 49000);
	assert_int_equal(conn_table_bytes(s.table), bytes);
	done(&s);
}

/* ---- many ------------------------------------------------------------------------------------ */

/* What must be true of a socket's connection, kept the simplest way. */
struct model {
	struct sock k;
	uint64_t id; /* 0: not in the table */
};

struct throng {
	struct consumer consumer;
	struct consumer *told[1];
	struct conn_table *table;
	struct model *models;
	size_t count, live;
	uint64_t born, ended;
	uint64_t seed;
	uint64_t (*address_of)(size_t i);
	const struct model *ending; /* whose turn it is */
};

static uint64_t random_number(struct throng *w)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 7;
	w->seed ^= w->seed << 17;
	return w->seed;
}

/* Places in a slab of 2^18, all of them once, in no order. */
static uint64_t slab_address(size_t i)
{
	const size_t mask = (1 << 18) - 1;

	i ^= i >> 9;
	i = i * 0x2545f & mask;
	i ^= i >> 9;
	return SOCK(i);
}

static uint64_t hash_nothing(const void *context, const struct hash_key *key, uint32_t n)
{
	(void)context;
	(void)n;
	return hash_u64(key, 0);
}

/*
 * Addresses that all begin their search at the last few of 4096 slots, and go round the end, for
 * these tests know the key.
 */
static uint64_t crowded_address(size_t i)
{
	static uint64_t found[CROWDED], count, next = 1;
	struct hash_index index;

	hash_index_init(&index, 1, hash_nothing, NULL);
	assert_true(i < CROWDED);
	for (; count <= i; next++)
		if ((hash_u64(&index.key, next) & 4095) >= 4092)
			found[count++] = next;
	return found[i];
}

static void crowd_closed(struct consumer *self, const struct conn *c)
{
	struct throng *w = (struct throng *)self;

	w->ended++;
	assert_int_equal(c->id, w->ending->id);
	assert_int_equal(c->sock, w->ending->k.address);
	assert_int_equal(c->gaps, 0);
	assert_int_equal(c->flags & (CONN_SEEDED | CONN_INCOMPLETE), 0);
}

static void crowd_step(struct throng *w, struct model *m, enum tcp_state to)
{
	struct event e = sock_step(&m->k, 1000 + w->born, to);

	assert_int_equal(conn_table_apply(w->table, &e), 0);
}

static void crowd_begin(struct throng *w, struct model *m)
{
	m->k = sock_client(w->address_of((size_t)(m - w->models)));
	crowd_step(w, m, STATE_SYN_SENT);
	m->id = ++w->born;
	w->live++;
}

static void crowd_end(struct throng *w, struct model *m)
{
	uint64_t ended = w->ended;

	w->ending = m;
	crowd_step(w, m, STATE_CLOSED);
	assert_int_equal(w->ended, ended + 1);
	m->id = 0;
	w->live--;
}

/* A birth, an end, or a change on the way, by chance. */
static void crowd_move(struct throng *w)
{
	struct model *m = &w->models[random_number(w) % w->count];

	if (!m->id)
		crowd_begin(w, m);
	else if (m->k.state == STATE_SYN_SENT && random_number(w) % 2)
		crowd_step(w, m, STATE_ESTABLISHED);
	else
		crowd_end(w, m);
}

static int compare_ids(const void *a, const void *b)
{
	const struct model *const *l = a, *const *r = b;

	return (*l)->id < (*r)->id ? -1 : (*l)->id > (*r)->id;
}

/* The models that are in the table, in the order of their ids. */
struct roll {
	const struct model **models;
	size_t count, visited;
};

static void roll_visit(void *context, const struct conn *c)
{
	struct model wanted = { .id = c->id };
	const struct model *key = &wanted, **found;
	struct roll *roll = context;

	found = bsearch(&key, roll->models, roll->count, sizeof(*roll->models), compare_ids);
	if (!found) {
		fail_msg("connection %llu is not in the model", (unsigned long long)c->id);
		return;
	}
	assert_int_equal((*found)->k.address, c->sock);
	assert_int_equal((*found)->k.state, conn_state(c));
	roll->visited++;
}

/* The table holds just what the model holds. */
static void assert_same_crowd(const struct throng *w)
{
	const struct conn_counts *n = conn_table_counts(w->table);
	struct roll roll = { .models = malloc((w->live + 1) * sizeof(*roll.models)) };

	assert_non_null(roll.models);
	for (size_t i = 0; i < w->count; i++)
		if (w->models[i].id)
			roll.models[roll.count++] = &w->models[i];
	assert_int_equal(roll.count, w->live);
	qsort(roll.models, roll.count, sizeof(*roll.models), compare_ids);
	conn_table_each(w->table, roll_visit, &roll);
	assert_int_equal(roll.visited, w->live);
	free(roll.models);
	assert_int_equal(n->opened, w->born);
	assert_int_equal(n->live, w->live);
	assert_int_equal(n->closed, w->ended);
	assert_int_equal(n->seeded + n->evicted + n->gaps, 0);
}

static void crowd_init(struct throng *w, size_t count, uint64_t (*address_of)(size_t i))
{
	static const struct consumer_class class = { .closed = crowd_closed };
	static struct conn_filter all = { .family = 0 };

	memset(w, 0, sizeof(*w));
	w->count = count;
	w->seed = 88172645463325252;
	w->address_of = address_of;
	w->models = calloc(count, sizeof(*w->models));
	w->consumer.class = &class;
	w->told[0] = &w->consumer;
	w->table = conn_table_new(FULL, &all, &(struct consumer_list){ w->told, 1 });
	assert_non_null(w->models);
	assert_non_null(w->table);
}

static void crowd_done(struct throng *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->models[i].id)
			crowd_end(w, &w->models[i]);
	assert_same_crowd(w);
	conn_table_free(w->table);
	free(w->models);
}

static void crowd_grows_and_shrinks_by_chance(void **state)
{
	struct throng w;

	(void)state;
	crowd_init(&w, MANY, slab_address);
	for (size_t i = 0; i < MANY; i++)
		crowd_begin(&w, &w.models[i]);
	assert_same_crowd(&w);
	for (int round = 0; round < 4; round++) {
		for (size_t i = 0; i < MANY; i++)
			crowd_move(&w);
		assert_same_crowd(&w);
	}
	crowd_done(&w);
}

/* A delete that leaves a hole in a chain, or moves one before its home, loses somebody here. */
static void crowd_that_shares_its_slots(void **state)
{
	struct throng w;

	(void)state;
	crowd_init(&w, CROWDED, crowded_address);
	for (size_t i = 0; i < 20000; i++) {
		crowd_move(&w);
		if (i % 50 == 0)
			assert_same_crowd(&w);
	}
	crowd_done(&w);
}

static void replace(struct subject *s, uint64_t old, uint64_t new, uint64_t us)
{
	struct sock k = sock_client(old);

	k.state = STATE_SYN_SENT;
	apply(s, sock_step(&k, us, STATE_CLOSED));
	k = sock_client(new);
	apply(s, sock_step(&k, us, STATE_SYN_SENT));
}

static void assert_probes(const struct subject *s, uint64_t live, bool few)
{
	struct hash_probes probes = conn_table_probes(s->table);

	assert_true(probes.sum >= live);
	if ((probes.sum <= live * PROBES_MEAN && probes.most <= PROBES_MOST) != few)
		fail_msg("%llu connections are found by %llu probes, the furthest by %llu",
			 (unsigned long long)live, (unsigned long long)probes.sum,
			 (unsigned long long)probes.most);
}

/* Finding one takes as many looks among a million as among a thousand, old ones or new ones. */
static void probes_do_not_grow_with_the_table(void **state)
{
	static struct conn_filter all = { .family = 0 };

	(void)state;
	for (size_t live = 1000; live <= FULL; live *= 10) {
		struct subject s = { .table = conn_table_new(FULL, &all, NULL) };

		assert_non_null(s.table);
		for (size_t i = 0; i < live; i++) {
			struct sock k = sock_client(SOCK(i));

			apply(&s, sock_step(&k, 1000 + i, STATE_SYN_SENT));
		}
		assert_probes(&s, live, true);
		for (size_t i = 0; i < live; i++)
			replace(&s, SOCK(i), SOCK(live + i * 7919 % live), FULL + 1000 + i);
		assert_counts(&s, 2 * live, 0, live, live);
		assert_probes(&s, live, true);
		done(&s);
	}
}

/* The twin: addresses that all begin at the same slots are noticed. */
static void many_probes_would_be_noticed(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, FULL, NULL);
	for (size_t i = 0; i < NOTICED; i++) {
		struct sock k = sock_client(crowded_address(i));

		apply(&s, sock_step(&k, 1000 + i, STATE_SYN_SENT));
		forget(&s);
	}
	assert_probes(&s, NOTICED, false);
	done(&s);
}

static void million_fits_its_budget(void **state)
{
	static struct conn_filter all = { .family = 0 };
	struct subject s = { .table = conn_table_new(FULL, &all, NULL) };

	(void)state;
	assert_non_null(s.table);
	for (unsigned int i = 0; i < FULL; i++) {
		struct sock k = sock_client(SOCK(i));

		apply(&s, sock_step(&k, 1000 + i, STATE_SYN_SENT));
	}
	assert_counts(&s, FULL, 0, FULL, 0);
	if (conn_table_bytes(s.table) > (size_t)FULL * BYTES_PER_CONNECTION)
		fail_msg("%zu bytes for a connection", conn_table_bytes(s.table) / FULL);
	/* All but a few are known before: the table itself, and its list of chunks. */
	assert_in_range(conn_table_bytes(s.table), conn_table_bytes_most(FULL),
			conn_table_bytes_most(FULL) + FULL);
	assert_true(conn_table_bytes(s.table) >= FULL * sizeof(struct conn));
	done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_finds_no_memory_is_a_gap),
		cmocka_unit_test(least_recently_changed_makes_room),
		cmocka_unit_test(there_is_room_for_one),
		cmocka_unit_test(whoever_parks_connections_evicts_none_of_others),
		cmocka_unit_test(eviction_under_a_storm_adds_up),
		cmocka_unit_test(crowd_grows_and_shrinks_by_chance),
		cmocka_unit_test(crowd_that_shares_its_slots),
		cmocka_unit_test(probes_do_not_grow_with_the_table),
		cmocka_unit_test(many_probes_would_be_noticed),
		cmocka_unit_test(million_fits_its_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
