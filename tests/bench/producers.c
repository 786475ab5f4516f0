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

#include <linux/bpf.h>

#include "user/base/text.h"
#include "user/source/merge.h"

/*
 * Not the kernel's rings, but memory with the same steps: a producer takes the ring's lock, looks
 * whether there is room, moves the head, gives the lock back, writes its record, marks it ready.
 * The reader that merges is that of user/source/merge.c.
 *
 * `lock THREADS` lets so many threads do that in one ring. `merge RINGS EVENTS` makes up events of
 * RINGS groups of CPUs, each a little later in its ring than its time stamp says, as a program has
 * it that reads the clock and then reserves. The reader comes every PERIOD_NS and looks at one ring
 * after the other, while events go on; it holds back what is younger than its clock, which it reads
 * a little before its first look. Only the reading and the merging is timed.
 */
#define THREADS_MAX 256
#define LOCK_ROUNDS 2000000u
#define RECORD_WORDS 6
#define PERIOD_NS 5000000ull
#define LOOK_NS 20000ull  /* from one ring to the next */
#define DELAY_NS 3000ull  /* from the clock to the submit, at most */
#define SETTLE_NS 5000ull /* from the reader's clock to its first look */
#define GAP_NS 1000ull	  /* from one event to the next of a ring, on the average */
#define NS_PER_S 1000000000ull

struct record {
	uint64_t mono_ns;
	uint64_t rest[RECORD_WORDS - 1];
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

/* As the kernel lays it out: a header, the record, and behind it when it asked for its room. */
struct slot {
	uint32_t size, page;
	struct record record;
	uint64_t asked_ns;
};

struct ring {
	uint64_t *submitted_ns; /* when record i can be read */
	struct slot *slots;
	size_t count;
	unsigned long consumed, produced;
};

struct reading {
	struct ring rings[MERGE_RINGS];
	size_t ring_count;
	struct merge merge;
	uint64_t last_ns, sum, given, disorder;
};

/* Memory that is large enough for all of them: nothing comes round. */
static size_t room_of(size_t count)
{
	size_t room = sizeof(struct slot);

	while (room < count * sizeof(struct slot))
		room *= 2;
	return room;
}

static void make_ring(struct ring *ring, size_t count)
{
	uint64_t now_ns = 0, submitted_ns = 0;

	if (!count)
		die("no events");
	ring->count = count;
	ring->slots = calloc(1, room_of(count));
	ring->submitted_ns = calloc(count, sizeof(*ring->submitted_ns));
	if (!ring->slots || !ring->submitted_ns)
		die("no memory");
	for (size_t i = 0; i < count; i++) {
		struct slot *slot = &ring->slots[i];
		uint64_t delay_ns = 100 + random_below(DELAY_NS - 100);

		now_ns += 1 + random_below(2 * GAP_NS);
		slot->size = sizeof(*slot) - BPF_RINGBUF_HDR_SZ;
		slot->record.mono_ns = slot->asked_ns = now_ns;
		/* In the ring they stand in the order in which they were submitted. */
		if (now_ns + delay_ns > submitted_ns)
			submitted_ns = now_ns + delay_ns;
		ring->submitted_ns[i] = submitted_ns;
	}
}

/* What was submitted until `until_ns` can be seen; not timed, for it costs one load in truth. */
static void look(struct ring *ring, uint64_t until_ns)
{
	size_t next = ring->produced / sizeof(struct slot);

	while (next < ring->count && ring->submitted_ns[next] <= until_ns)
		next++;
	ring->produced = next * sizeof(struct slot);
}

static void give(void *context, const struct record_bytes *records, size_t count)
{
	struct reading *r = context;

	for (size_t n = 0; n < count; n++) {
		const struct record *record = (const struct record *)records[n].bytes;

		r->disorder += record->mono_ns < r->last_ns;
		r->last_ns = record->mono_ns > r->last_ns ? record->mono_ns : r->last_ns;
		for (size_t i = 0; i < RECORD_WORDS - 1; i++)
			r->sum += record->rest[i];
	}
	r->given += count;
}

static void begin(struct reading *r)
{
	struct ring_memory memories[MERGE_RINGS];

	r->given = r->disorder = r->last_ns = 0;
	for (size_t i = 0; i < r->ring_count; i++) {
		struct ring *ring = &r->rings[i];

		ring->consumed = ring->produced = 0;
		memories[i] = (struct ring_memory){ &ring->consumed, &ring->produced,
						    (const unsigned char *)ring->slots,
						    room_of(ring->count) };
	}
	merge_init(&r->merge, memories, r->ring_count);
}

/* Reads all rings until they are empty; `holds_back`: what may still be overtaken waits. */
static uint64_t read_all(struct reading *r, size_t events, bool holds_back)
{
	uint64_t spent_ns = 0;

	begin(r);
	for (uint64_t now_ns = PERIOD_NS; r->given < events; now_ns += PERIOD_NS) {
		uint64_t begin_ns;

		for (size_t i = 0; i < r->ring_count; i++)
			look(&r->rings[i], now_ns + SETTLE_NS + i * LOOK_NS);
		begin_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
		merge_read(&r->merge, holds_back ? now_ns : UINT64_MAX, give, r);
		spent_ns += clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
	}
	return spent_ns;
}

/* Prints ns for each event, and how many came out of order: as it is, and without holding back. */
static int time_merge(uint64_t rings, uint64_t events)
{
	uint64_t spent_ns, disorder;
	struct reading *r;

	if (!rings || rings > MERGE_RINGS || events < rings)
		return 2;
	r = calloc(1, sizeof(*r));
	if (!r)
		die("no memory");
	r->ring_count = rings;
	events = events / rings * rings;
	for (size_t i = 0; i < rings; i++)
		make_ring(&r->rings[i], events / rings);
	spent_ns = read_all(r, events, true);
	disorder = r->disorder;
	read_all(r, events, false);
	printf("%.2f %llu %llu\n", (double)spent_ns / (double)events, (unsigned long long)disorder,
	       (unsigned long long)r->disorder);
	for (size_t i = 0; i < rings; i++) {
		free(r->rings[i].slots);
		free(r->rings[i].submitted_ns);
	}
	free(r);
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
