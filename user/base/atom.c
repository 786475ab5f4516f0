// SPDX-License-Identifier: GPL-2.0-only
/* Short texts that recur, each kept once and known by a small number wherever it is met. */
#include "user/base/atom.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 256	      /* texts that are allocated at a time */
#define SLOTS (2 * ATOMS_MAX) /* a power of two */

struct text {
	char bytes[ATOM_SIZE + 1];
};

/* Text n is chunks[(n - 1) / CHUNK][(n - 1) % CHUNK]; it never moves. */
static struct text *chunks[ATOMS_MAX / CHUNK];
static uint16_t *slots; /* numbers of texts; ATOM_NONE: empty */
static uint16_t made;
static uint64_t lost;

_Static_assert(ATOMS_MAX < UINT16_MAX, "a number has 16 bits");

static struct text *at(uint16_t atom)
{
	return &chunks[(atom - 1) / CHUNK][(atom - 1) % CHUNK];
}

/*
 * Whoever names processes chooses the texts: where the slots are in memory, which is different
 * each time, keeps him from choosing the slot as well.
 */
static size_t home_of(const struct text *text)
{
	uint64_t words[2], hash = (uint64_t)(uintptr_t)slots;

	memcpy(words, text->bytes, sizeof(words));
	for (int i = 0; i < 2; i++) {
		hash = (hash ^ words[i]) * UINT64_C(0xff51afd7ed558ccd);
		hash ^= hash >> 32;
	}
	return hash & (SLOTS - 1);
}

static uint16_t add(const struct text *text)
{
	struct text **chunk = &chunks[made / CHUNK];

	if (made == ATOMS_MAX)
		return ATOM_NONE;
	if (!*chunk)
		*chunk = calloc(CHUNK, sizeof(**chunk));
	if (!*chunk)
		return ATOM_NONE;
	*at(++made) = *text;
	return made;
}

uint16_t atom_of(const char *text, size_t size)
{
	struct text own = { .bytes = "" };
	size_t i;

	size = strnlen(text, size);
	if (!size || size > ATOM_SIZE)
		return ATOM_NONE;
	if (!slots)
		slots = calloc(SLOTS, sizeof(*slots));
	if (!slots) {
		lost++;
		return ATOM_NONE;
	}
	memcpy(own.bytes, text, size);
	for (i = home_of(&own); slots[i]; i = (i + 1) & (SLOTS - 1))
		if (!memcmp(at(slots[i]), &own, sizeof(own)))
			return slots[i];
	slots[i] = add(&own);
	lost += !slots[i];
	return slots[i];
}

const char *atom_text(uint16_t atom)
{
	return atom && atom <= made ? at(atom)->bytes : "";
}

uint64_t atoms_lost(void)
{
	return lost;
}
