// SPDX-License-Identifier: GPL-2.0-only
/* A model of many rings: what a place in a ring costs, and what it costs to merge rings by time. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "user/base/text.h"

/*
 * Not the kernel's rings, but memory with the same steps: a producer takes the ring's lock, looks
 * whether there is room, moves the head, gives the lock back, writes its record, marks it ready.
 *
 * `lock THREADS` lets so many threads do that in one ring. `merge RINGS EVENTS` makes up events of
 * RINGS groups of CPUs, each a little later in its ring than its time stamp says, as a program has
 * it that reads the clock and then reserves. The reader comes every PERIOD_NS and looks at one ring
 * after the other, while events go on; it holds back what is younger than its first look, less what
 * a program may take from its clock to its submit. Only the reading and the merging is timed.
 */
#define RINGS_MAX 256
#define THREADS_MAX 256
#define LOCK_ROUNDS 2000000u
#define RECORD_WORDS 6
#define PERIOD_NS 5000000ull
#define LOOK_NS 20000ull /* from one ring to the next */
#define DELAY_NS 3000ull /* from the clock to the submit, at most */
#define GAP_NS 1000ull	 /* from one event to the next of a ring, on the average */
#define NS_PER_S 1000000000ull

struct record {
	uint64_t mono_ns;
	uint64_t rest[RECORD_WORDS - 1];
};

struct ring {
	uint64_t *submitted_ns; /* when record i can be read */
	struct record *records;
	size_t count, next, visible;
};

struct merge {
	struct ring rings[RINGS_MAX];
	size_t ring_count;
	uint16_t heap[RINGS_MAX]; /* rings that have something to give, the earliest on top */
	size_t heap_count;
	uint64_t last_ns, sum, given, disorder;
};

static void die(const char *what)
{
	fprintf(stderr, "producers: %s\n", what);
	exit(1);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* ---- the lock of one ring -------------------------------------------------------------------- */

static struct {
	pthread_spinlock_t lock;
	uint64_t head, tail;
	struct record records[1 << 16];
} shared;

static void *produce(void *arg)
{
	const size_t mask = sizeof(shared.records) / sizeof(*shared.records) - 1;

	for (uint64_t i = 0; i < LOCK_ROUNDS; i++) {
		uint64_t at;

		pthread_spin_lock(&shared.lock);
		at = shared.head;
		shared.head = at + 1;
		pthread_spin_unlock(&shared.lock);
		memset(&shared.records[at & mask], (int)i, sizeof(struct record));
		__atomic_store_n(&shared.records[at & mask].mono_ns, at, __ATOMIC_RELEASE);
	}
	return arg;
}

/* Prints the ns between two records of the ring when so many threads write as fast as they can. */
static int time_lock(uint64_t count)
{
	pthread_t threads[THREADS_MAX];
	uint64_t begin_ns;

	if (!count || count > THREADS_MAX || pthread_spin_init(&shared.lock, 0))
		return 2;
	begin_ns = clock_ns(CLOCK_MONOTONIC);
	for (uint64_t i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, produce, NULL))
			die("no thread");
	for (uint64_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	printf("%.2f\n",
	       (double)(clock_ns(CLOCK_MONOTONIC) - begin_ns) / ((double)count * LOCK_ROUNDS));
	return 0;
}

/* ---- merging -------------------------------------------------------------------------------- */

static uint64_t seed = 88172645463325252;

static uint64_t random_below(uint64_t limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % limit;
}

static void make_ring(struct ring *ring, size_t count)
{
	uint64_t now_ns = 0, submitted_ns = 0;

	ring->count = count;
	ring->records = calloc(count, sizeof(*ring->records));
	ring->submitted_ns = calloc(count, sizeof(*ring->submitted_ns));
	if (!ring->records || !ring->submitted_ns)
		die("no memory");
	for (size_t i = 0; i < count; i++) {
		uint64_t delay_ns = 100 + random_below(DELAY_NS - 100);

		now_ns += 1 + random_below(2 * GAP_NS);
		ring->records[i].mono_ns = now_ns;
		/* In the ring they stand in the order in which they were submitted. */
		if (now_ns + delay_ns > submitted_ns)
			submitted_ns = now_ns + delay_ns;
		ring->submitted_ns[i] = submitted_ns;
	}
}

static uint64_t top_ns(const struct merge *m, size_t i)
{
	const struct ring *ring = &m->rings[m->heap[i]];

	return ring->records[ring->next].mono_ns;
}

static void sink_down(struct merge *m, size_t i)
{
	for (;;) {
		size_t least = i;
		uint16_t ring;

		for (size_t c = 2 * i + 1; c <= 2 * i + 2 && c < m->heap_count; c++)
			if (top_ns(m, c) < top_ns(m, least))
				least = c;
		if (least == i)
			return;
		ring = m->heap[i];
		m->heap[i] = m->heap[least];
		m->heap[least] = ring;
		i = least;
	}
}

/* What was submitted until `until_ns` can be seen; not timed, for it costs one load in truth. */
static void look(struct ring *ring, uint64_t until_ns)
{
	while (ring->visible < ring->count && ring->submitted_ns[ring->visible] <= until_ns)
		ring->visible++;
}

static bool has_more(const struct ring *ring, uint64_t before_ns)
{
	return ring->next < ring->visible && ring->records[ring->next].mono_ns < before_ns;
}

static void give(struct merge *m, const struct record *r)
{
	m->disorder += r->mono_ns < m->last_ns;
	m->last_ns = r->mono_ns > m->last_ns ? r->mono_ns : m->last_ns;
	for (size_t i = 0; i < RECORD_WORDS - 1; i++)
		m->sum += r->rest[i];
	m->given++;
}

/* Gives all that is older than `before_ns`, in the order of time. */
static void merge_until(struct merge *m, uint64_t before_ns)
{
	m->heap_count = 0;
	for (size_t i = 0; i < m->ring_count; i++)
		if (has_more(&m->rings[i], before_ns))
			m->heap[m->heap_count++] = (uint16_t)i;
	for (size_t i = m->heap_count / 2; i-- > 0;)
		sink_down(m, i);
	while (m->heap_count) {
		struct ring *ring = &m->rings[m->heap[0]];

		give(m, &ring->records[ring->next++]);
		if (!has_more(ring, before_ns))
			m->heap[0] = m->heap[--m->heap_count];
		sink_down(m, 0);
	}
}

/* Reads all rings until they are empty; `holds_back`: what may still be overtaken waits. */
static uint64_t read_all(struct merge *m, size_t events, bool holds_back)
{
	uint64_t spent_ns = 0;

	m->given = m->disorder = m->last_ns = 0;
	for (size_t i = 0; i < m->ring_count; i++)
		m->rings[i].next = m->rings[i].visible = 0;
	for (uint64_t now_ns = PERIOD_NS; m->given < events; now_ns += PERIOD_NS) {
		uint64_t begin_ns;

		for (size_t i = 0; i < m->ring_count; i++)
			look(&m->rings[i], now_ns + i * LOOK_NS);
		begin_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
		merge_until(m, holds_back ? now_ns - DELAY_NS : UINT64_MAX);
		spent_ns += clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
	}
	return spent_ns;
}

/* Prints ns for each event, and how many came out of order: as it is, and without holding back. */
static int time_merge(uint64_t rings, uint64_t events)
{
	uint64_t spent_ns, disorder;
	struct merge *m;

	if (!rings || rings > RINGS_MAX || events < rings)
		return 2;
	m = calloc(1, sizeof(*m));
	if (!m)
		die("no memory");
	m->ring_count = rings;
	events = events / rings * rings;
	for (size_t i = 0; i < rings; i++)
		make_ring(&m->rings[i], events / rings);
	spent_ns = read_all(m, events, true);
	disorder = m->disorder;
	read_all(m, events, false);
	printf("%.2f %llu %llu\n", (double)spent_ns / (double)events, (unsigned long long)disorder,
	       (unsigned long long)m->disorder);
	for (size_t i = 0; i < rings; i++) {
		free(m->rings[i].records);
		free(m->rings[i].submitted_ns);
	}
	free(m);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t count, events;
	int status = 2;

	if (argc == 3 && !strcmp(argv[1], "lock") && !text_parse_u64(argv[2], &count))
		status = time_lock(count);
	else if (argc == 4 && !strcmp(argv[1], "merge") && !text_parse_u64(argv[2], &count) &&
		 !text_parse_u64(argv[3], &events))
		status = time_merge(count, events);
	if (status == 2)
		fprintf(stderr, "usage: producers lock THREADS | merge RINGS EVENTS\n");
	return status;
}
