// SPDX-License-Identifier: GPL-2.0-only
/* What is put into the queue comes out whole and in order, or is counted as dropped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/command/export/queue.h"

#define ROUNDS 20000
#define SIZE_MAX_HERE 5000

static uint64_t random_number(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005 + 1442695040888963407;
	return *seed >> 16;
}

/* Bytes that its number makes. */
static size_t fill(uint8_t bytes[SIZE_MAX_HERE], uint64_t number)
{
	uint64_t seed = number;
	size_t size = (size_t)(random_number(&seed) % SIZE_MAX_HERE);

	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)random_number(&seed);
	return size;
}

static bool is_as_put(struct queue *queue, struct buffer *out, uint64_t number)
{
	static uint8_t bytes[SIZE_MAX_HERE];
	size_t size = fill(bytes, number);
	struct queue_next next;

	if (!queue_peek(queue, &next) || next.size != size || next.parts != number % 7 + 1)
		return false;
	buffer_clear(out);
	queue_take(queue, out);
	return out->size == size && (!size || !memcmp(out->bytes, bytes, size));
}

static bool put(struct queue *queue, uint64_t number, bool *ret_wake)
{
	static uint8_t bytes[SIZE_MAX_HERE];
	size_t size = fill(bytes, number);

	return queue_put(queue, SERIES_SPANS, bytes, size, (uint32_t)(number % 7 + 1), ret_wake);
}

/* Around its end many times, however full. */
static void whole_and_in_order(void **state)
{
	struct queue *queue = queue_new(QUEUE_BYTES);
	uint64_t seed = 3, in = 0, taken = 0;
	struct buffer out;
	bool wakes;

	(void)state;
	assert_non_null(queue);
	buffer_init(&out);
	while (taken < ROUNDS) {
		for (uint64_t n = random_number(&seed) % 4000; n && put(queue, in, &wakes); n--)
			in++;
		for (uint64_t n = random_number(&seed) % 4000; n && taken < in; n--)
			assert_true(is_as_put(queue, &out, taken++));
		assert_int_equal(queue_is_empty(queue), taken == in);
	}
	buffer_done(&out);
	queue_free(queue);
}

static void what_is_full_is_counted(void **state)
{
	struct queue *queue = queue_new(QUEUE_BYTES);
	uint8_t *bytes = calloc(1, QUEUE_REQUEST_MAX + 1);
	struct series_otlp counts = { 0 };
	struct buffer out;
	size_t in = 0;
	bool wakes;

	(void)state;
	assert_non_null(queue);
	assert_non_null(bytes);
	assert_false(queue_put(queue, SERIES_METRICS, bytes, QUEUE_REQUEST_MAX + 1, 3, &wakes));
	while (queue_put(queue, SERIES_SPANS, bytes, 100000, 5, &wakes)) {
		assert_int_equal(wakes, !in || in % 103 == 0);
		in++;
	}
	assert_in_range(in, 80, QUEUE_BYTES / 100000);
	assert_false(queue_put(queue, SERIES_SPANS, bytes, 100000, 5, &wakes));
	queue_read(queue, &counts);
	assert_int_equal(counts.dropped[SERIES_SPANS], 10);
	assert_int_equal(counts.dropped[SERIES_METRICS], 3);
	assert_int_equal(queue_parts(queue), in * 5);
	buffer_init(&out);
	queue_take(queue, &out);
	assert_true(queue_put(queue, SERIES_SPANS, bytes, 100000, 5, &wakes));
	buffer_done(&out);
	free(bytes);
	queue_free(queue);
}

/* As the two processes do it: nothing is lost, and nothing is asleep for ever. */
static void between_two_processes(void **state)
{
	struct queue *queue = queue_new(QUEUE_BYTES);
	int pipes[2], status;
	pid_t child;
	bool wakes;

	(void)state;
	assert_non_null(queue);
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (!child) {
		struct buffer out;
		uint64_t taken = 0;
		char wake;

		close(pipes[1]);
		buffer_init(&out);
		/* It sleeps whenever the queue is empty. */
		while (taken < ROUNDS) {
			if (queue_is_empty(queue) && read(pipes[0], &wake, 1) != 1)
				_exit(1);
			while (!queue_is_empty(queue))
				if (!is_as_put(queue, &out, taken++))
					_exit(2);
		}
		_exit(0);
	}
	for (uint64_t in = 0; in < ROUNDS;) {
		if (put(queue, in, &wakes))
			in++;
		if (wakes)
			assert_int_equal(write(pipes[1], "w", 1), 1);
	}
	close(pipes[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(pipes[0]);
	queue_free(queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_and_in_order),
		cmocka_unit_test(what_is_full_is_counted),
		cmocka_unit_test(between_two_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
