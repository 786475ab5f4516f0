// SPDX-License-Identifier: GPL-2.0-only
/* Packs records by what records like them have said. */
#include "user/record/pack.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/event.h"
#include "user/event/event.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define WORD sizeof(uint64_t)
#define WORDS_LEAST (sizeof(struct event_head) / WORD)
#define SLOT_BITS 6
#define HAS_SHAPE (1u << SLOT_BITS)
#define PLACE_SHIFT (SLOT_BITS + 1)
#define WORDS_BITS 7
#define PORTS_AT (3 * WORD)
#define ENDS_AT (5 * WORD)
#define WORDS_MASK ((1u << WORDS_BITS) - 1)
#define PACK_ENDS (PACK_ENDS4 | PACK_ENDS16)
#define SEQUENCES_AT (sizeof(struct event_head) + offsetof(struct event_body, sequences))
#define BODY_END (sizeof(struct event_head) + sizeof(struct event_body))
#define FLAGS (PACK_ENDS | PACK_SEQUENCES)

_Static_assert(PACK_SLOTS == 1 << SLOT_BITS && PACK_PLACES << PLACE_SHIFT == 1 << 16, "16 bits");
_Static_assert(PORTS_AT == sizeof(struct event_head) + offsetof(struct event_body, lport) &&
		       PORTS_AT + 2 ==
			       sizeof(struct event_head) + offsetof(struct event_body, rport),
	       "where ports are");
_Static_assert(ENDS_AT == offsetof(struct event_transition, laddr) &&
		       ENDS_AT + 4 == offsetof(struct event_transition, raddr) &&
		       ENDS_AT == offsetof(struct event_transition6, laddr) &&
		       ENDS_AT + 16 == offsetof(struct event_transition6, raddr) &&
		       ENDS_AT == offsetof(struct event_open, laddr) &&
		       ENDS_AT == offsetof(struct event_close, laddr),
	       "where addresses are");

/* Records that are alike. */
struct slot {
	const uint8_t *last; /* zeros: nothing is known of it */
	uint64_t what;	     /* of who packs: its shape is that of records that have the same */
	uint16_t shape;	     /* words, and flags; 0: none */
};

/* What the last records of a socket said. */
struct place {
	uint64_t sock, sequences;
	uint64_t ends[4]; /* two of each address, which of IPv4 is in the first four bytes */
	uint32_t ports;
	uint32_t reserved[3];
};

struct pack {
	struct slot slots[PACK_SLOTS];
	struct place places[PACK_PLACES];
	uint64_t time;
};

struct pack *pack_new(void)
{
	return malloc(sizeof(struct pack));
}

void pack_free(struct pack *pack)
{
	free(pack);
}

static size_t words_of(unsigned int shape)
{
	return shape & WORDS_MASK;
}

static inline uint64_t word_at(const uint8_t *record, size_t i)
{
	uint64_t word;

	memcpy(&word, record + i * WORD, WORD);
	return word;
}

#define LOW UINT64_C(0xffffffff)

static inline uint64_t ports_between(const struct place *place, uint64_t last)
{
	return (last & ~LOW) | place->ports;
}

static inline uint64_t ends4_of(const struct place *place)
{
	return (place->ends[0] & LOW) | place->ends[2] << 32;
}

static inline void keep_ends4(struct place *place, uint64_t word)
{
	place->ends[0] = (place->ends[0] & ~LOW) | (word & LOW);
	place->ends[2] = (place->ends[2] & ~LOW) | word >> 32;
}

/* Of which nothing is known. */
static struct slot slot_of_shape(unsigned int shape)
{
	static const uint8_t none[PACK_WORDS * WORD];

	return (struct slot){ .last = none, .shape = (uint16_t)shape };
}

static void clear(struct pack *pack)
{
	memset(pack, 0, sizeof(*pack));
	for (size_t i = 0; i < PACK_SLOTS; i++)
		pack->slots[i] = slot_of_shape(0);
}

/* ---- to pack --------------------------------------------------------------------------------- */

/* Kind, states and flags, and whether numbers stand behind it: what its shape depends on. */
static inline uint64_t what_of(const uint8_t *record, size_t left)
{
	uint64_t what = word_at(record, 2) >> 32;
	bool has_numbers;

	if ((what & UINT8_MAX) <= EVENT_CLOSE && left >= BODY_END)
		has_numbers = record[SEQUENCES_AT] & EVENT_SEQUENCE_PRESENT;
	else
		has_numbers = event_size_behind(record, left);
	return what | (uint64_t)has_numbers << 32;
}

/* 0: it cannot be told. */
static __attribute__((noinline)) unsigned int shape_of(const uint8_t *record, size_t left)
{
	uint8_t kind = record[offsetof(struct event_head, kind)];
	size_t own = event_size_of(kind), behind = own ? event_size_behind(record, left) : 0;
	unsigned int shape = (unsigned int)((own + behind) / WORD);
	uint16_t flags;

	memcpy(&flags, record + offsetof(struct event_head, flags), sizeof(flags));
	if (!own || (own + behind) % WORD || own + behind > left || shape > PACK_WORDS)
		return 0;
	/* A child is born without ends. */
	if (kind <= EVENT_CLOSE && (flags & EVENT_FLAG_ENDPOINTS || kind == EVENT_OPEN))
		shape |= kind == EVENT_TRANSITION ? PACK_ENDS4 : PACK_ENDS16;
	return behind == sizeof(struct event_sequences) ? shape | PACK_SEQUENCES : shape;
}

static inline unsigned int slot_of(const uint8_t *record)
{
	uint32_t what = record[offsetof(struct event_head, kind)] * 256u +
			record[offsetof(struct event_head, states)];

	return what * 0x9e3779b1u >> (32 - SLOT_BITS);
}

/* `word` is not 0; 8 bytes more may be written to. */
static ALWAYS_INLINE uint8_t *put_word(uint8_t *at, uint64_t word)
{
	unsigned int before = (unsigned int)__builtin_ctzll(word) / 8;
	unsigned int last = (63 ^ (unsigned int)__builtin_clzll(word)) / 8;
	unsigned int count = last - before + 1;

	*at++ = (uint8_t)(before | count << 3);
	word >>= before * 8;
	memcpy(at, &word, WORD);
	return at + count;
}

static inline uint8_t *put_u16(uint8_t *at, unsigned int value)
{
	uint16_t half = (uint16_t)value;

	memcpy(at, &half, sizeof(half));
	return at + sizeof(half);
}

static inline uint64_t fold(uint64_t from, uint64_t to)
{
	int64_t difference = (int64_t)(to - from);

	return (uint64_t)difference << 1 ^ (uint64_t)(difference >> 63);
}

/* What differs of a record, as it is written. */
struct told {
	uint8_t *at;
	uint64_t mask;
};

/* Whether it does. */
static ALWAYS_INLINE bool tell(struct told *told, size_t i, uint64_t difference)
{
	if (!difference)
		return false;
	told->mask |= UINT64_C(1) << i;
	told->at = put_word(told->at, difference);
	return true;
}

/* Ports and addresses, and what stands in between. Returns the number of the next word. */
static ALWAYS_INLINE size_t tell_ends(struct told *told, struct place *place, unsigned int shape,
				      const uint8_t *record, const uint8_t *last)
{
	uint64_t word = word_at(record, 3);

	if (tell(told, 3, word ^ ports_between(place, word_at(last, 3))))
		place->ports = (uint32_t)word;
	tell(told, 4, word_at(record, 4) ^ word_at(last, 4));
	if (shape & PACK_ENDS4) {
		word = word_at(record, 5);
		if (tell(told, 5, word ^ ends4_of(place)))
			keep_ends4(place, word);
		return 6;
	}
#pragma GCC unroll 4
	for (size_t i = 0; i < 4; i++) {
		word = word_at(record, 5 + i);
		if (tell(told, 5 + i, word ^ place->ends[i]))
			place->ends[i] = word;
	}
	return 9;
}

/* What differs of a record of such a shape, and in front of it in which words. */
static ALWAYS_INLINE uint8_t *put_shape(struct pack *p, const uint8_t *record, const uint8_t *last,
					uint8_t *out, unsigned int shape)
{
	const uint64_t time = word_at(record, 0), sock = word_at(record, 1);
	const size_t count = words_of(shape);
	const size_t rest = count - !!(shape & PACK_SEQUENCES);
	struct place *place = p->places + sock % PACK_PLACES;
	struct told told = { .at = out + (count + 7) / 8 };
	size_t i = 3;

	tell(&told, 0, fold(p->time, time));
	p->time = time;
	if (tell(&told, 1, sock ^ place->sock))
		place->sock = sock;
	tell(&told, 2, word_at(record, 2) ^ word_at(last, 2));
	if (shape & PACK_ENDS)
		i = tell_ends(&told, place, shape, record, last);
#pragma GCC unroll 16
	for (; i < rest; i++)
		tell(&told, i, word_at(record, i) ^ word_at(last, i));
	if (rest < count && tell(&told, rest, word_at(record, rest) ^ place->sequences))
		place->sequences = word_at(record, rest);
	for (size_t done = 0; done < count; done += 8)
		*out++ = (uint8_t)(told.mask >> done);
	return told.at;
}

#define SHAPE(payload, flags) ((unsigned int)(sizeof(payload) / WORD) | (flags))
#define SHAPE_SEQUENCES(payload, flags) (SHAPE(payload, (flags) | PACK_SEQUENCES) + 1)

/* Of those that every connection has the compiler knows what they are made of. */
static inline uint8_t *put_record(struct pack *p, const uint8_t *record, const struct slot *slot,
				  uint8_t *out)
{
	enum {
		STEP = SHAPE_SEQUENCES(struct event_transition, PACK_ENDS4),
		STEP6 = SHAPE_SEQUENCES(struct event_transition6, PACK_ENDS16),
		OPEN = SHAPE(struct event_open, PACK_ENDS16),
		CLOSE = SHAPE_SEQUENCES(struct event_close, PACK_ENDS16),
		ACCEPT = SHAPE(struct event_accept, 0),
	};

	switch (slot->shape) {
	case STEP:
		return put_shape(p, record, slot->last, out, STEP);
	case STEP6:
		return put_shape(p, record, slot->last, out, STEP6);
	case OPEN:
		return put_shape(p, record, slot->last, out, OPEN);
	case CLOSE:
		return put_shape(p, record, slot->last, out, CLOSE);
	case ACCEPT:
		return put_shape(p, record, slot->last, out, ACCEPT);
	default:
		return put_shape(p, record, slot->last, out, slot->shape);
	}
}

/* It is of such records from now on. Whether their shape is another; 0: they cannot be told. */
static __attribute__((noinline)) bool begin_slot(struct slot *slot, const uint8_t *record,
						 size_t left, uint64_t what)
{
	unsigned int shape = shape_of(record, left);
	bool is_other = shape != slot->shape;

	if (is_other)
		*slot = slot_of_shape(shape);
	slot->what = what;
	return is_other;
}

/* Of one record, at most: its two halves, its masks, and a byte for each word beside it. */
#define RECORD_MOST (4 + PACK_WORDS / 8 + PACK_WORDS * (WORD + 1))

size_t pack_records(struct pack *pack, const uint8_t *raw, size_t size, uint8_t *out)
{
	const uint8_t *begin = out, *end = raw + size;
	const uint8_t *limit = out + (size > RECORD_MOST ? size - RECORD_MOST : 0);

	/* The first bytes of a word are its low ones, or it would have to be another one. */
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return 0;
	clear(pack);
	while (raw < end) {
		size_t left = (size_t)(end - raw), bytes;
		unsigned int number, head;
		struct slot *slot;
		uint64_t what;

		if (left < sizeof(struct event_head) || out >= limit)
			return 0;
		what = what_of(raw, left);
		number = slot_of(raw);
		slot = &pack->slots[number];
		head = number | (unsigned int)(word_at(raw, 1) % PACK_PLACES) << PLACE_SHIFT;
		if (slot->what != what && begin_slot(slot, raw, left, what))
			head |= HAS_SHAPE;
		bytes = words_of(slot->shape) * WORD;
		if (!bytes || bytes > left)
			return 0;
		out = put_u16(out, head);
		if (head & HAS_SHAPE)
			out = put_u16(out, slot->shape);
		out = put_record(pack, raw, slot, out);
		slot->last = raw;
		raw += bytes;
	}
	return (size_t)(out - begin);
}

/* ---- to undo it ------------------------------------------------------------------------------ */

struct rest {
	const uint8_t *at;
	size_t left;
};

static bool take(struct rest *rest, void *bytes, size_t size)
{
	if (size > rest->left)
		return false;
	memcpy(bytes, rest->at, size);
	rest->at += size;
	rest->left -= size;
	return true;
}

static bool take_word(struct rest *rest, uint64_t *ret_word)
{
	unsigned int before, count;
	uint8_t head;

	*ret_word = 0;
	if (!take(rest, &head, sizeof(head)))
		return false;
	before = head & 7;
	count = head >> 3;
	if (!count || before + count > WORD || !take(rest, ret_word, count))
		return false;
	*ret_word <<= before * 8;
	return true;
}

static uint64_t unfold(uint64_t from, uint64_t folded)
{
	return from + (folded >> 1 ^ -(folded & 1));
}

/* Of a slot. False: there is none such. */
static bool take_shape(struct rest *rest, struct slot *slot)
{
	uint16_t shape;
	size_t count, least = WORDS_LEAST;

	if (!take(rest, &shape, sizeof(shape)))
		return false;
	count = words_of(shape);
	if (shape & PACK_ENDS)
		least = shape & PACK_ENDS4 ? 6 : 9;
	if (shape & PACK_SEQUENCES)
		least++;
	if (shape & ~(FLAGS | WORDS_MASK) || (shape & PACK_ENDS) == PACK_ENDS || count < least ||
	    count > PACK_WORDS)
		return false;
	*slot = slot_of_shape(shape);
	return true;
}

/* What a record differs in, as it is read. */
struct heard {
	struct rest *rest;
	uint64_t mask;
	uint8_t *record;
	bool has_failed;
};

/* The word is written, and returned. */
static inline uint64_t hear(struct heard *heard, size_t i, uint64_t expected)
{
	uint64_t word = 0;

	if (heard->mask >> i & 1 && !take_word(heard->rest, &word))
		heard->has_failed = true;
	word ^= expected;
	memcpy(heard->record + i * WORD, &word, WORD);
	return word;
}

static size_t hear_ends(struct heard *heard, struct place *place, unsigned int shape,
			const uint8_t *last)
{
	place->ports = (uint32_t)hear(heard, 3, ports_between(place, word_at(last, 3)));
	hear(heard, 4, word_at(last, 4));
	if (shape & PACK_ENDS4) {
		keep_ends4(place, hear(heard, 5, ends4_of(place)));
		return 6;
	}
	for (size_t i = 0; i < 4; i++)
		place->ends[i] = hear(heard, 5 + i, place->ends[i]);
	return 9;
}

/* Returns the record's bytes; 0: there is none. */
static size_t take_record(struct pack *p, struct rest *rest, uint8_t *record, size_t size)
{
	struct heard heard = { .rest = rest, .record = record };
	const uint8_t *last;
	struct place *place;
	struct slot *slot;
	size_t count, left, i = 3;
	uint64_t time;
	uint16_t head;

	if (!take(rest, &head, sizeof(head)))
		return 0;
	slot = &p->slots[head % PACK_SLOTS];
	place = &p->places[head >> PLACE_SHIFT];
	if (head & HAS_SHAPE && !take_shape(rest, slot))
		return 0;
	count = words_of(slot->shape);
	if (!count || count * WORD > size || !take(rest, &heard.mask, (count + 7) / 8) ||
	    (count < 64 && heard.mask >> count))
		return 0;
	last = slot->last;
	left = count - !!(slot->shape & PACK_SEQUENCES);
	time = unfold(p->time, hear(&heard, 0, 0));
	memcpy(record, &time, WORD);
	p->time = time;
	place->sock = hear(&heard, 1, place->sock);
	hear(&heard, 2, word_at(last, 2));
	if (slot->shape & PACK_ENDS)
		i = hear_ends(&heard, place, slot->shape, last);
	for (; i < left; i++)
		hear(&heard, i, word_at(last, i));
	if (left < count)
		place->sequences = hear(&heard, left, place->sequences);
	slot->last = record;
	return heard.has_failed ? 0 : count * WORD;
}

int pack_undo(struct pack *pack, const uint8_t *packed, size_t packed_size, uint8_t *raw,
	      size_t size)
{
	struct rest rest = { packed, packed_size };

	clear(pack);
	for (size_t at = 0, count; at < size; at += count) {
		count = take_record(pack, &rest, raw + at, size - at);
		if (!count)
			return -EBADMSG;
	}
	return rest.left ? -EBADMSG : 0;
}
