// SPDX-License-Identifier: GPL-2.0-only
/* Packed records are what they were, and fewer bytes; what was not packed so is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/event.h"
#include "user/event/event.h"
#include "user/record/pack.h"

#define RAW (64u << 10)
#define BEHIND 16
#define ROUNDS 400

struct world {
	struct pack *pack, *undo;
	uint8_t raw[RAW], packed[RAW + BEHIND], again[RAW];
	uint64_t mono_ns;
};

static struct world *begin(void)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->pack = pack_new();
	w->undo = pack_new();
	assert_non_null(w->pack);
	assert_non_null(w->undo);
	return w;
}

static void end(struct world *w)
{
	pack_free(w->pack);
	pack_free(w->undo);
	free(w);
}

static uint64_t any_u64(void)
{
	return (uint64_t)random() << 40 ^ (uint64_t)random() << 20 ^ (uint64_t)random();
}

/* A record of any kind, most of it zeros, or of anything. Returns its size. */
static size_t add_record(struct world *w, uint8_t *at)
{
	uint8_t kind = 1 + (uint8_t)(random() % (EVENT_KIND_COUNT - 1));
	size_t size = event_size_of(kind);
	struct event_head head = {
		.mono_ns = random() % 50 ? (w->mono_ns += (uint64_t)random() % 9999) : any_u64(),
		.sock = random() % 50 ? (uint64_t)random() % 5 : any_u64(),
		.netns = 7,
		.kind = kind,
		.states = (uint8_t)(random() & 0x77),
		.flags = random() & 1 ? EVENT_FLAG_ENDPOINTS : 0,
	};

	memset(at, 0, size);
	for (long i = random() % 8; i; i--)
		at[(size_t)random() % size] = (uint8_t)random();
	memcpy(at, &head, sizeof(head));
	if (kind <= EVENT_CLOSE) {
		const struct event_body body = {
			.lport = (uint16_t)random(),
			.rport = 80,
			.sequences = random() & 1 ? EVENT_SEQUENCE_PRESENT : 0,
		};

		memcpy(at + sizeof(head), &body, sizeof(body));
	}
	if (event_size_behind(at, size)) {
		const uint64_t sequences = any_u64();

		memcpy(at + size, &sequences, sizeof(sequences));
		size += sizeof(sequences);
	}
	return size;
}

static size_t fill(struct world *w, size_t most)
{
	size_t size = 0;

	while (size + 2 * EVENT_RECORD_MAX <= most)
		size += add_record(w, w->raw + size);
	return size;
}

static void what_is_packed_is_had_back(void **state)
{
	struct world *w = begin();

	(void)state;
	srandom(1);
	for (int i = 0; i < ROUNDS; i++) {
		size_t size = fill(w, (size_t)random() % RAW), packed;

		memset(w->packed, 0xee, sizeof(w->packed));
		packed = pack_records(w->pack, w->raw, size, w->packed);
		assert_true(packed < size || !packed);
		if (!packed)
			continue;
		memset(w->again, 0xee, sizeof(w->again));
		assert_int_equal(pack_undo(w->undo, w->packed, packed, w->again, size), 0);
		assert_memory_equal(w->again, w->raw, size);
	}
	end(w);
}

/* One connection after the other, of which nothing differs but what has to. */
static void what_is_alike_is_small(void **state)
{
	struct event_transition t = {
		.head = { .netns = 4026531840u,
			  .kind = EVENT_TRANSITION,
			  .flags = EVENT_FLAG_ENDPOINTS },
		.body = { .lport = 443, .srtt_us = 31 },
		.laddr = { 192, 0, 2, 1 },
		.raddr = { 198, 51, 100, 7 },
	};
	static const uint8_t states[] = { 0x3a, 0x13, 0x81, 0x98, 0x79 };
	struct world *w = begin();
	size_t size = 0, packed;

	(void)state;
	for (uint32_t i = 0; size + 5 * sizeof(t) <= RAW; i++) {
		t.head.sock = 0x8000000000000000 + i % 50 * 0x1234567;
		t.body.rport = (uint16_t)(20000 + i);
		for (size_t step = 0; step < sizeof(states); step++, size += sizeof(t)) {
			t.head.mono_ns += 12345;
			t.head.states = states[step];
			memcpy(w->raw + size, &t, sizeof(t));
		}
	}
	packed = pack_records(w->pack, w->raw, size, w->packed);
	assert_true(packed && packed < size / 6);
	assert_int_equal(pack_undo(w->undo, w->packed, packed, w->again, size), 0);
	assert_memory_equal(w->again, w->raw, size);
	end(w);
}

static void what_is_no_record_is_not_packed(void **state)
{
	struct world *w = begin();
	size_t size;

	(void)state;
	srandom(2);
	size = fill(w, RAW / 2);
	assert_int_not_equal(pack_records(w->pack, w->raw, size, w->packed), 0);
	/* Cut, and of a kind that is none. */
	assert_int_equal(pack_records(w->pack, w->raw, size - 1, w->packed), 0);
	assert_int_equal(pack_records(w->pack, w->raw, size + 8, w->packed), 0);
	w->raw[offsetof(struct event_head, kind)] = UINT8_MAX;
	assert_int_equal(pack_records(w->pack, w->raw, size, w->packed), 0);
	for (size_t i = 0; i < RAW; i++)
		w->raw[i] = (uint8_t)random();
	assert_int_equal(pack_records(w->pack, w->raw, RAW, w->packed), 0);
	end(w);
}

/* Of any bytes comes something or nothing, and never a byte beside it. */
static void damage_is_refused(void **state)
{
	struct world *w = begin();
	size_t size, packed;

	(void)state;
	srandom(3);
	size = fill(w, 4096);
	packed = pack_records(w->pack, w->raw, size, w->packed);
	assert_true(size && packed);
	for (size_t i = 0; i < packed; i++)
		assert_int_equal(pack_undo(w->undo, w->packed, i, w->again, size), -EBADMSG);
	assert_int_equal(pack_undo(w->undo, w->packed, packed + 1, w->again, size), -EBADMSG);
	assert_int_equal(pack_undo(w->undo, w->packed, packed, w->again, size + 8), -EBADMSG);
	for (int i = 0; packed && i < 100 * ROUNDS; i++) {
		size_t at = (size_t)random() % packed, room = (size_t)random() % (size + 1);
		uint8_t *exact = malloc(room + 1), was = w->packed[at];

		assert_non_null(exact);
		w->packed[at] = (uint8_t)random();
		exact[room] = 0x5a;
		pack_undo(w->undo, w->packed, packed, exact, room);
		assert_int_equal(exact[room], 0x5a);
		free(exact);
		if (random() & 1)
			w->packed[at] = was;
	}
	end(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_packed_is_had_back),
		cmocka_unit_test(what_is_alike_is_small),
		cmocka_unit_test(what_is_no_record_is_not_packed),
		cmocka_unit_test(damage_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
