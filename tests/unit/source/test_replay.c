// SPDX-License-Identifier: GPL-2.0-only
/* A recording as a source: who asks until a time gets what was before it, and may ask on. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "bpf/event.h"
#include "user/record/encoder.h"
#include "user/source/replay.h"

#define NS_PER_S UINT64_C(1000000000)
#define RECORDS 3
#define END_NS (9 * NS_PER_S)

static const uint64_t times_ns[RECORDS] = { 1 * NS_PER_S, 5 * NS_PER_S, 6 * NS_PER_S };

struct subject {
	int fd;
	char name[32];
	const char *path;
	struct replay *replay;
	struct source *source;
	unsigned int count;
};

static void on_record(void *context, const void *bytes, size_t size)
{
	struct subject *s = context;
	struct event_head head;

	assert_true(size >= sizeof(head));
	memcpy(&head, bytes, sizeof(head));
	assert_true(head.mono_ns == times_ns[s->count]);
	s->count++;
}

static void add_block(struct encoder *encoder, struct buffer *out, uint8_t kind, uint32_t number)
{
	struct event_destroy raw[RECORDS];
	struct recording_block block = { .kind = kind, .number = number };
	uint32_t count = kind == RECORDING_RECORDS ? RECORDS : 0;

	memset(raw, 0, sizeof(raw));
	for (uint32_t i = 0; i < count; i++)
		raw[i].head = (struct event_head){ .mono_ns = times_ns[i],
						   .sock = 1 + i,
						   .kind = EVENT_DESTROY };
	block.raw_bytes = count * sizeof(raw[0]);
	block.record_count = count;
	block.first_record = kind == RECORDING_RECORDS ? 0 : RECORDS;
	block.written_mono_ns = END_NS;
	block.counters.seen = block.counters.submitted = RECORDS;
	assert_int_equal(encoder_add_block(encoder, out, &block, raw), 0);
}

/* Three records, and an end some seconds after the last. */
static void begin(struct subject *s)
{
	const struct recording_about about = { .start_mono_ns = NS_PER_S / 2, .series = 1 };
	struct encoder *encoder = encoder_new();
	int fd = memfd_create("recording", MFD_CLOEXEC);
	struct replay_settings settings = { .count = 1, .on_record = on_record, .context = s };
	struct replay_flaw flaw;
	struct buffer out;

	assert_non_null(encoder);
	assert_true(fd >= 0);
	buffer_init(&out);
	encoder_add_head(&out, &about);
	add_block(encoder, &out, RECORDING_RECORDS, 0);
	add_block(encoder, &out, RECORDING_END, 1);
	assert_int_equal(write(fd, out.bytes, out.size), out.size);
	encoder_free(encoder);
	buffer_done(&out);
	memset(s, 0, sizeof(*s));
	s->fd = fd;
	snprintf(s->name, sizeof(s->name), "/proc/self/fd/%d", fd);
	s->path = s->name;
	settings.paths = &s->path;
	assert_int_equal(replay_open(&settings, &s->replay, &flaw), 0);
	s->source = replay_source(s->replay);
}

static void done(struct subject *s)
{
	s->source->class->free(s->source);
	close(s->fd);
}

static int read_until(struct subject *s, uint64_t deadline_ns)
{
	sigset_t allowed;

	sigemptyset(&allowed);
	return s->source->class->read(s->source, deadline_ns, &allowed);
}

static void assert_now(const struct subject *s, uint64_t ns)
{
	assert_true(s->source->class->now(s->source) == ns);
}

static void it_goes_on_after_each_deadline(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	assert_int_equal(read_until(&s, 3 * NS_PER_S), 1);
	while (s.source->class->now(s.source) < 3 * NS_PER_S)
		assert_int_equal(read_until(&s, 3 * NS_PER_S), 0);
	assert_now(&s, 3 * NS_PER_S);
	/* Whoever asks again for what is past gets nothing, and its clock does not go back. */
	assert_int_equal(read_until(&s, 2 * NS_PER_S), 0);
	assert_now(&s, 3 * NS_PER_S);
	while (s.count < RECORDS)
		assert_true(read_until(&s, 7 * NS_PER_S) >= 0);
	while (s.source->class->now(s.source) < 7 * NS_PER_S)
		assert_int_equal(read_until(&s, 7 * NS_PER_S), 0);
	assert_now(&s, 7 * NS_PER_S);
	/* Nothing more comes, but it lasted longer. */
	assert_int_equal(read_until(&s, UINT64_MAX), -ENODATA);
	assert_now(&s, END_NS);
	assert_int_equal(read_until(&s, UINT64_MAX), -ENODATA);
	done(&s);
}

/* It is over for those as well who ask for what is past. */
static void its_end_is_told_of(void **state)
{
	struct subject s;

	(void)state;
	begin(&s);
	while (s.source->class->now(s.source) < END_NS)
		assert_true(read_until(&s, END_NS) >= 0);
	assert_int_equal(s.count, RECORDS);
	assert_int_equal(read_until(&s, 0), -ENODATA);
	assert_now(&s, END_NS);
	done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_on_after_each_deadline),
		cmocka_unit_test(its_end_is_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
