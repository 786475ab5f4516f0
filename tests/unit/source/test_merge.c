// SPDX-License-Identifier: GPL-2.0-only
/* Several rings read as one, on memory that a test fills in the kernel's place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "user/source/merge.h"

#define SIZE 4096
#define RINGS 5
#define RECORD (BPF_RINGBUF_HDR_SZ + 8 + 8) /* a number, and its time */
#define MANY 2500
#define SECOND UINT64_C(1000000000)

struct test_ring {
	unsigned long consumed, produced;
	unsigned char *data;
};

struct subject {
	struct test_ring rings[RINGS];
	struct merge merge;
	/* what was handed over */
	uint64_t numbers[MANY];
	size_t count, batches;
};

static void begin(struct subject *s, size_t count, unsigned long from)
{
	struct ring_memory memories[RINGS];

	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < count; i++) {
		struct test_ring *ring = &s->rings[i];
		int fd = memfd_create("ring", MFD_CLOEXEC);

		assert_true(fd >= 0);
		assert_return_code(ftruncate(fd, SIZE), 0);
		ring->data = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		assert_ptr_not_equal(ring->data, MAP_FAILED);
		for (int half = 0; half < 2; half++)
			assert_ptr_equal(mmap(ring->data + half * SIZE, SIZE,
					      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
					      0),
					 ring->data + half * SIZE);
		close(fd);
		ring->consumed = ring->produced = from;
		memories[i] =
			(struct ring_memory){ &ring->consumed, &ring->produced, ring->data, SIZE };
	}
	merge_init(&s->merge, memories, count);
}

static void end(struct subject *s)
{
	for (size_t i = 0; i < RINGS; i++)
		if (s->rings[i].data)
			munmap(s->rings[i].data, 2 * SIZE);
}

/* Returns where its header is. */
static unsigned char *put(struct subject *s, size_t i, uint64_t stamp, uint64_t number,
			  uint32_t bits)
{
	struct test_ring *ring = &s->rings[i];
	unsigned char *at = ring->data + (ring->produced & (SIZE - 1));
	uint32_t head = 16 | bits;

	assert_true(ring->produced + RECORD - ring->consumed <= SIZE);
	memcpy(at, &head, sizeof(head));
	memcpy(at + BPF_RINGBUF_HDR_SZ, &number, sizeof(number));
	memcpy(at + BPF_RINGBUF_HDR_SZ + 8, &stamp, sizeof(stamp));
	ring->produced += RECORD;
	return at;
}

static void submit(unsigned char *at)
{
	uint32_t head = 16;

	memcpy(at, &head, sizeof(head));
}

static void on_records(void *context, const struct record_bytes *records, size_t count)
{
	struct subject *s = context;

	assert_true(count > 0 && count <= RING_BATCH);
	s->batches++;
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(records[i].size, 8);
		assert_true(s->count < MANY);
		memcpy(&s->numbers[s->count++], records[i].bytes, 8);
	}
}

static size_t read_at(struct subject *s, uint64_t now_ns)
{
	return merge_read(&s->merge, now_ns, on_records, s);
}

/* Records are numbered in the order in which they are to come, from 1. */
static void assert_got(const struct subject *s, size_t count)
{
	assert_int_equal(s->count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(s->numbers[i], i + 1);
}

static void empty_rings_have_no_records(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, 3, 0);
	assert_int_equal(read_at(&s, 100), 0);
	assert_false(merge_is_waiting(&s.merge));
	assert_int_equal(s.batches, 0);
	end(&s);
}

static void records_come_in_the_order_of_their_times(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, 3, 0);
	put(&s, 0, 10, 1, 0);
	put(&s, 0, 40, 4, 0);
	put(&s, 1, 20, 2, 0);
	put(&s, 1, 50, 5, 0);
	put(&s, 2, 30, 3, 0);
	assert_int_equal(read_at(&s, 100), 5);
	assert_got(&s, 5);
	assert_int_equal(s.batches, 1);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(s.rings[i].consumed, s.rings[i].produced);
	assert_false(merge_is_waiting(&s.merge));
	end(&s);
}

/* A CPU may be late from its clock to the lock: the lock's order is the ring's. */
static void a_rings_own_order_is_kept(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, 2, 0);
	put(&s, 0, 30, 2, 0);
	put(&s, 0, 20, 3, 0); /* counts as 30 */
	put(&s, 1, 25, 1, 0);
	put(&s, 1, 40, 4, 0);
	assert_int_equal(read_at(&s, 100), 4);
	assert_got(&s, 4);
	end(&s);
}

/* The ring with the death is full of what happens; that with the birth has nothing else. */
static void a_death_does_not_overtake_its_birth(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, 2, 0);
	/* The look begins at 100; the first ring was looked into before the birth was in it. */
	put(&s, 1, 90, 1, 0);
	put(&s, 1, 105, 3, 0); /* the death: after the birth, which had room at 103 */
	assert_int_equal(read_at(&s, 100), 1);
	assert_got(&s, 1);
	assert_true(merge_is_waiting(&s.merge));
	put(&s, 0, 102, 2, 0);
	assert_int_equal(read_at(&s, 150), 2);
	assert_got(&s, 3);
	assert_false(merge_is_waiting(&s.merge));
	end(&s);
}

static void what_is_at_the_same_time_keeps_its_rings_order(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, 3, 0);
	put(&s, 2, 10, 5, 0);
	put(&s, 0, 10, 1, 0);
	put(&s, 0, 10, 2, 0);
	put(&s, 1, 10, 3, 0);
	put(&s, 1, 10, 4, 0);
	assert_int_equal(read_at(&s, 10), 5);
	assert_got(&s, 5);
	end(&s);
}

static void a_silent_ring_holds_up_nobody(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, RINGS, 0);
	put(&s, 3, 100, 1, 0);
	assert_int_equal(read_at(&s, 100), 1);
	put(&s, 3, 200, 2, 0);
	assert_int_equal(read_at(&s, 200), 1);
	assert_false(merge_is_waiting(&s.merge));
	assert_got(&s, 2);
	end(&s);
}

/* What is being written in a ring that had nothing at the look before is later than that look. */
static void a_busy_record_holds_up_what_may_be_later(void **state)
{
	struct subject s;
	unsigned char *busy;

	(void)state;
	begin(&s, 2, 0);
	assert_int_equal(read_at(&s, 100), 0);
	put(&s, 1, 90, 1, 0);
	put(&s, 1, 100, 2, 0);
	put(&s, 1, 160, 4, 0);
	busy = put(&s, 0, 150, 3, BPF_RINGBUF_BUSY_BIT);
	put(&s, 0, 170, 5, 0);
	assert_int_equal(read_at(&s, 200), 2);
	assert_got(&s, 2);
	assert_true(merge_is_waiting(&s.merge));
	assert_int_equal(s.rings[0].consumed, 0);
	submit(busy);
	assert_int_equal(read_at(&s, 300), 3);
	assert_got(&s, 5);
	assert_false(merge_is_waiting(&s.merge));
	end(&s);
}

/* It was there at the look before: then it is no earlier than what stands before it in its ring. */
static void a_busy_record_that_was_seen_is_later_than_the_one_before_it(void **state)
{
	struct subject s;
	unsigned char *busy;

	(void)state;
	begin(&s, 2, 0);
	put(&s, 0, 50, 2, 0);
	busy = put(&s, 0, 60, 4, BPF_RINGBUF_BUSY_BIT);
	put(&s, 1, 40, 1, 0);
	put(&s, 1, 55, 3, 0);
	assert_int_equal(read_at(&s, 100), 2);
	assert_int_equal(read_at(&s, 200), 0);
	assert_got(&s, 2);
	assert_true(merge_is_waiting(&s.merge));
	submit(busy);
	assert_int_equal(read_at(&s, 300), 2);
	assert_got(&s, 4);
	end(&s);
}

/* A processor that was taken away in the middle of a record does not stop all others for good. */
static void a_record_that_stays_busy_is_not_waited_for_for_ever(void **state)
{
	struct subject s;
	unsigned char *busy;

	(void)state;
	begin(&s, 2, 0);
	busy = put(&s, 0, 20, 3, BPF_RINGBUF_BUSY_BIT);
	put(&s, 1, 30, 1, 0);
	assert_int_equal(read_at(&s, SECOND), 0);
	assert_int_equal(read_at(&s, SECOND + MERGE_BUSY_NS - 1), 0);
	put(&s, 1, SECOND, 2, 0);
	assert_int_equal(read_at(&s, SECOND + MERGE_BUSY_NS), 2);
	assert_true(merge_is_waiting(&s.merge));
	put(&s, 1, SECOND * 3, 4, 0);
	submit(busy);
	assert_int_equal(read_at(&s, SECOND * 4), 2);
	assert_got(&s, 4);
	/* The next one has its own second. */
	put(&s, 0, SECOND * 5, 6, BPF_RINGBUF_BUSY_BIT);
	put(&s, 1, SECOND * 6, 7, 0);
	assert_int_equal(read_at(&s, SECOND * 7), 0);
	end(&s);
}

static void a_discarded_record_is_nobodys(void **state)
{
	struct subject s;

	(void)state;
	begin(&s, 2, 0);
	put(&s, 0, 0, 0, BPF_RINGBUF_DISCARD_BIT);
	put(&s, 0, 20, 2, 0);
	put(&s, 0, 0, 0, BPF_RINGBUF_DISCARD_BIT);
	put(&s, 1, 10, 1, 0);
	assert_int_equal(read_at(&s, 100), 2);
	assert_got(&s, 2);
	assert_int_equal(s.rings[0].consumed, s.rings[0].produced);
	put(&s, 0, 0, 0, BPF_RINGBUF_DISCARD_BIT);
	assert_int_equal(read_at(&s, 200), 0);
	assert_int_equal(s.rings[0].consumed, s.rings[0].produced);
	assert_false(merge_is_waiting(&s.merge));
	end(&s);
}

/* Around the memory's end and that of the numbers, in batches; each is there once, and in order. */
static void nothing_is_lost_on_the_way(void **state)
{
	uint64_t now = 0, number = 0, seed = 1;
	struct subject s;

	(void)state;
	begin(&s, RINGS, -(unsigned long)SIZE * 3);
	while (number + RINGS * 100 < MANY) {
		for (size_t i = 0; i < 300; i++) {
			seed = seed * 6364136223846793005 + 1442695040888963407;
			put(&s, (seed >> 33) % RINGS, ++now, number++, 0);
		}
		assert_int_equal(read_at(&s, now), 300);
	}
	assert_int_equal(s.count, number);
	for (uint64_t i = 0; i < number; i++)
		assert_int_equal(s.numbers[i], i);
	assert_true(s.batches > 1);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_rings_have_no_records),
		cmocka_unit_test(records_come_in_the_order_of_their_times),
		cmocka_unit_test(a_rings_own_order_is_kept),
		cmocka_unit_test(a_death_does_not_overtake_its_birth),
		cmocka_unit_test(what_is_at_the_same_time_keeps_its_rings_order),
		cmocka_unit_test(a_silent_ring_holds_up_nobody),
		cmocka_unit_test(a_busy_record_holds_up_what_may_be_later),
		cmocka_unit_test(a_busy_record_that_was_seen_is_later_than_the_one_before_it),
		cmocka_unit_test(a_record_that_stays_busy_is_not_waited_for_for_ever),
		cmocka_unit_test(a_discarded_record_is_nobodys),
		cmocka_unit_test(nothing_is_lost_on_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
