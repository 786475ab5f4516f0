// SPDX-License-Identifier: GPL-2.0-only
/* The reader of the ring buffer, on memory that a test fills in the kernel's place. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "user/source/ring.h"

#define SIZE 4096
#define FULL_RECORDS (SIZE / 16)

/* A ring in which record number i is the four bytes of i, in 16 bytes of room. */
struct subject {
	struct ring_memory memory;
	unsigned long consumed, produced;
	unsigned char *data;
	uint32_t written;
	/* of what was handed over */
	uint32_t next;
	size_t batches, largest;
	uint32_t refill; /* records to add at each batch */
};

/* The data follows itself, as the kernel maps it. */
static void begin(struct subject *s)
{
	int fd = memfd_create("ring", MFD_CLOEXEC);

	memset(s, 0, sizeof(*s));
	assert_true(fd >= 0);
	assert_return_code(ftruncate(fd, SIZE), 0);
	s->data = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(s->data, MAP_FAILED);
	for (int half = 0; half < 2; half++)
		assert_ptr_equal(mmap(s->data + half * SIZE, SIZE, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_FIXED, fd, 0),
				 s->data + half * SIZE);
	close(fd);
	s->memory = (struct ring_memory){ &s->consumed, &s->produced, s->data, SIZE };
}

static void end(struct subject *s)
{
	munmap(s->data, 2 * SIZE);
}

/* `bits` of the header; a record that is busy gets its number as well. */
static void write_record(struct subject *s, uint32_t bits)
{
	unsigned char *at = s->data + (s->produced & (SIZE - 1));
	uint32_t head = 4 | bits;

	assert_true(s->produced + 16 - s->consumed <= SIZE);
	memcpy(at, &head, sizeof(head));
	memcpy(at + BPF_RINGBUF_HDR_SZ, &s->written, sizeof(s->written));
	if (!(bits & BPF_RINGBUF_DISCARD_BIT))
		s->written++;
	s->produced += 16;
}

static void write_records(struct subject *s, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		write_record(s, 0);
}

/* What was handed over before has been given back, and nothing else. */
static void on_records(void *context, const struct record_bytes *records, size_t count)
{
	struct subject *s = context;

	assert_true(count > 0 && count <= RING_BATCH);
	for (size_t i = 0; i < count; i++) {
		uint32_t number;

		assert_int_equal(records[i].size, sizeof(number));
		memcpy(&number, records[i].bytes, sizeof(number));
		assert_int_equal(number, s->next++);
	}
	s->batches++;
	s->largest = count > s->largest ? count : s->largest;
	for (uint32_t i = 0; i < s->refill; i++)
		if (s->produced + 16 - s->consumed <= SIZE)
			write_record(s, 0);
}

static size_t read_ring(struct subject *s)
{
	return ring_read(&s->memory, on_records, s);
}

static void an_empty_ring_has_no_records(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	assert_int_equal(read_ring(&s), 0);
	assert_int_equal(s.batches, 0);
	end(&s);
}

static void records_come_in_order_and_in_batches(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	write_records(&s, RING_BATCH * 2 + 3);
	assert_int_equal(read_ring(&s), RING_BATCH * 2 + 3);
	assert_int_equal(s.batches, 3);
	assert_int_equal(s.largest, RING_BATCH);
	assert_int_equal(s.consumed, s.produced);
	end(&s);
}

/* Over and over the end of the memory, also with a record across it. */
static void the_ring_goes_round(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	s.produced = s.consumed = SIZE * 3ul - 8;
	for (int round = 0; round < 1000; round++) {
		write_records(&s, 37);
		assert_int_equal(read_ring(&s), 37);
	}
	assert_int_equal(s.next, 37000);
	end(&s);
}

static void positions_may_overflow(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	s.produced = s.consumed = -64ul;
	write_records(&s, 10);
	assert_int_equal(read_ring(&s), 10);
	end(&s);
}

/* What follows a record that is being written waits for it. */
static void a_busy_record_is_waited_for(void **state)
{
	struct subject s;
	uint32_t head = 4;

	(void)state;
	begin(&s);
	write_records(&s, 2);
	write_record(&s, BPF_RINGBUF_BUSY_BIT);
	write_records(&s, 2);
	assert_int_equal(read_ring(&s), 2);
	assert_int_equal(s.consumed, 2 * 16);
	memcpy(s.data + s.consumed, &head, sizeof(head));
	assert_int_equal(read_ring(&s), 3);
	end(&s);
}

static void a_discarded_record_is_nobodys(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	write_record(&s, BPF_RINGBUF_DISCARD_BIT);
	assert_int_equal(read_ring(&s), 0);
	assert_int_equal(s.consumed, s.produced);
	write_record(&s, 0);
	write_record(&s, BPF_RINGBUF_DISCARD_BIT);
	write_record(&s, 0);
	assert_int_equal(read_ring(&s), 2);
	assert_int_equal(s.batches, 1);
	end(&s);
}

static void a_full_ring_is_read_whole(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	write_records(&s, FULL_RECORDS);
	assert_int_equal(read_ring(&s), FULL_RECORDS);
	assert_int_equal(s.consumed, s.produced);
	end(&s);
}

/* The reader comes back even if records come as fast as it reads. */
static void an_endless_flow_is_left_now_and_then(void **state)
{
	struct subject s;
	size_t count;

	(void)state;
	begin(&s);
	s.refill = RING_BATCH;
	write_records(&s, FULL_RECORDS - RING_BATCH);
	count = read_ring(&s);
	assert_in_range(count, FULL_RECORDS, FULL_RECORDS + RING_BATCH);
	assert_true(s.consumed < s.produced);
	end(&s);
}

/* Milliseconds are an int for the system call: 30 days do not fit, and are not "for ever". */
static void long_sleeps_fit_into_an_int(void **state)
{
	static const uint64_t day_ns = UINT64_C(86400) * 1000000000;

	(void)state;
	assert_int_equal(ring_timeout_ms(5, UINT64_MAX), -1);
	assert_int_equal(ring_timeout_ms(5, 4), 0);
	assert_int_equal(ring_timeout_ms(5, 5), 0);
	assert_int_equal(ring_timeout_ms(5, 6), 1);
	assert_int_equal(ring_timeout_ms(0, 1000000), 1);
	assert_int_equal(ring_timeout_ms(0, 1000001), 2);
	assert_int_equal(ring_timeout_ms(7, 7 + 24 * day_ns), 24 * 86400 * 1000);
	assert_int_equal(ring_timeout_ms(7, 7 + 30 * day_ns), INT_MAX);
	assert_int_equal(ring_timeout_ms(0, UINT64_MAX - 1), INT_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_ring_has_no_records),
		cmocka_unit_test(records_come_in_order_and_in_batches),
		cmocka_unit_test(the_ring_goes_round),
		cmocka_unit_test(positions_may_overflow),
		cmocka_unit_test(a_busy_record_is_waited_for),
		cmocka_unit_test(a_discarded_record_is_nobodys),
		cmocka_unit_test(a_full_ring_is_read_whole),
		cmocka_unit_test(an_endless_flow_is_left_now_and_then),
		cmocka_unit_test(long_sleeps_fit_into_an_int),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
