// SPDX-License-Identifier: GPL-2.0-only
/*
 * Short texts that recur, each kept once and known by a small number wherever it is met. They are
 * kept for good, so that nobody can be made to give room back: nobody takes more than is
 * left to the others.
 */
#include "user/base/atom.h"

#include <stdlib.h>
#include <string.h>

#include "user/base/hash.h"
#include "user/base/quota.h"

#define CHUNK 256 /* texts that are allocated at a time */

/* Behind its end there are zeros only, to be compared as bytes. */
struct text {
	char bytes[ATOM_SIZE + 1];
};

/* Text n is chunks[(n - 1) / CHUNK][(n - 1) % CHUNK]; it never moves. */
static struct text *chunks[ATOMS_MAX / CHUNK];
static struct hash_index index_of_texts; /* no slots until there is a text */
static uint16_t made;
static struct quota quota = { .max = ATOMS_MAX };

static struct text *at(uint32_t atom)
{
	return &chunks[(atom - 1) / CHUNK][(atom - 1) % CHUNK];
}

static uint64_t hash_text(const void *context, const struct hash_key *key, uint32_t n)
{
	(void)context;
	return hash_bytes(key, at(n), sizeof(struct text));
}

static uint16_t add(const struct text *text, const struct share *whose)
{
	struct hash_index *x = &index_of_texts;
	struct text **chunk = &chunks[made / CHUNK];

	if (!quota_take(&quota, whose))
		return ATOM_NONE;
	if (!*chunk)
		*chunk = calloc(CHUNK, sizeof(**chunk));
	if (!*chunk || hash_index_reserve(x, made + 1))
		return ATOM_NONE;
	*at(++made) = *text;
	hash_index_put(x, hash_bytes(&x->key, text, sizeof(*text)), made);
	return made;
}

uint16_t atom_of(const char *text, size_t size, const struct share *whose)
{
	struct hash_index *x = &index_of_texts;
	struct text own = { .bytes = "" };
	struct hash_search search;
	uint16_t atom;

	size = strnlen(text, size);
	if (!size || size > ATOM_SIZE)
		return ATOM_NONE;
	if (!x->slots)
		hash_index_init(x, ATOMS_MAX, hash_text, NULL);
	memcpy(own.bytes, text, size);
	search = hash_search_begin(x, hash_bytes(&x->key, &own, sizeof(own)));
	while ((atom = (uint16_t)hash_search_next(x, &search)))
		if (!memcmp(at(atom), &own, sizeof(own)))
			return atom;
	return add(&own, whose);
}

const char *atom_text(uint16_t atom)
{
	return atom && atom <= made ? at(atom)->bytes : "";
}

uint64_t atoms_lost(void)
{
	return quota.refused;
}

const struct payers *atoms_payers(void)
{
	return &quota.payers;
}
