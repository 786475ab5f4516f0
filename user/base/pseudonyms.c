// SPDX-License-Identifier: GPL-2.0-only
/* Numbers what is met in the order in which it is met: nothing can be found out of that. */
#include "user/base/pseudonyms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/hash.h"

#define FIRST_ROOM 64
#define ADDRESSES PSEUDONYM_KIND_COUNT /* and the next one: those of IPv4, of IPv6 */
#define KINDS (ADDRESSES + 2)

struct entry {
	uint32_t kind, number;
	size_t size;
	char *bytes;		   /* that it stands for */
	char text[PSEUDONYM_SIZE]; /* of a name */
};

struct pseudonyms {
	struct entry *all[(PSEUDONYMS_MAX + FIRST_ROOM) / FIRST_ROOM]; /* in pieces that stay */
	uint32_t count;
	uint32_t numbers[KINDS];
	struct hash_index index; /* counted from 1 */
};

static const char *const kind_names[PSEUDONYM_KIND_COUNT] = {
#define X(NAME, name) [PSEUDONYM_##NAME] = name,
	PSEUDONYM_KINDS(X)
#undef X
};

static struct entry *entry_of(const struct pseudonyms *p, uint32_t n)
{
	return &p->all[(n - 1) / FIRST_ROOM][(n - 1) % FIRST_ROOM];
}

static uint64_t hash_of(const struct hash_key *key, uint32_t kind, const void *bytes, size_t size)
{
	return hash_bytes(key, bytes, size) + kind;
}

static uint64_t hash_entry(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct entry *e = entry_of(context, n);

	return hash_of(key, e->kind, e->bytes, e->size);
}

struct pseudonyms *pseudonyms_new(void)
{
	struct pseudonyms *p = calloc(1, sizeof(*p));

	if (p)
		hash_index_init(&p->index, PSEUDONYMS_MAX, hash_entry, p);
	return p;
}

void pseudonyms_free(struct pseudonyms *p)
{
	if (!p)
		return;
	for (uint32_t n = 1; n <= p->count; n++)
		free(entry_of(p, n)->bytes);
	for (size_t i = 0; p->count && i <= (p->count - 1) / FIRST_ROOM; i++)
		free(p->all[i]);
	hash_index_done(&p->index);
	free(p);
}

static struct entry *find(const struct pseudonyms *p, uint64_t hash, uint32_t kind,
			  const void *bytes, size_t size)
{
	struct hash_search search;
	struct entry *e;
	uint32_t n;

	if (!p->count)
		return NULL;
	search = hash_search_begin(&p->index, hash);
	while ((n = hash_search_next(&p->index, &search))) {
		e = entry_of(p, n);
		if (e->kind == kind && e->size == size && !memcmp(e->bytes, bytes, size))
			return e;
	}
	return NULL;
}

/* NULL: there is no room, or no memory. */
static struct entry *add(struct pseudonyms *p, uint64_t hash, uint32_t kind, const void *bytes,
			 size_t size)
{
	struct entry **piece = &p->all[p->count / FIRST_ROOM], *e;

	if (p->count == PSEUDONYMS_MAX || hash_index_reserve(&p->index, p->count + 1))
		return NULL;
	if (p->count % FIRST_ROOM == 0) {
		*piece = calloc(FIRST_ROOM, sizeof(**piece));
		if (!*piece)
			return NULL;
	}
	e = &(*piece)[p->count % FIRST_ROOM];
	e->bytes = malloc(size ? size : 1);
	if (!e->bytes) {
		if (p->count % FIRST_ROOM == 0)
			free(*piece);
		return NULL;
	}
	memcpy(e->bytes, bytes, size);
	e->size = size;
	e->kind = kind;
	e->number = ++p->numbers[kind];
	p->count++;
	hash_index_put(&p->index, hash, p->count);
	return e;
}

/* The number that it has; NULL: it has none. */
static struct entry *number(struct pseudonyms *p, uint32_t kind, const void *bytes, size_t size)
{
	uint64_t hash = hash_of(&p->index.key, kind, bytes, size);
	struct entry *e = find(p, hash, kind, bytes, size);

	return e ? e : add(p, hash, kind, bytes, size);
}

const char *pseudonym_of_name(struct pseudonyms *p, enum pseudonym_kind kind, const char *name,
			      size_t size)
{
	static const char *const others[PSEUDONYM_KIND_COUNT] = {
#define X(NAME, text) [PSEUDONYM_##NAME] = text "-0",
		PSEUDONYM_KINDS(X)
#undef X
	};
	struct entry *e = number(p, kind, name, size);

	if (!e)
		return others[kind];
	if (!*e->text)
		snprintf(e->text, sizeof(e->text), "%s-%u", kind_names[kind], e->number);
	return e->text;
}

static bool is_loopback(const struct address *a)
{
	static const struct address ipv6 = { { [ADDRESS_SIZE - 1] = 1 } };

	return address_is_ipv4(a) ? a->byte[ADDRESS_MAPPED_SIZE] == 127 :
				    !memcmp(a, &ipv6, sizeof(*a));
}

static void put_number(uint8_t *last, uint32_t n)
{
	for (int i = 0; i < 4 && n; i++, n >>= 8)
		*last-- |= (uint8_t)n;
}

struct address pseudonym_of_address(struct pseudonyms *p, const struct address *a)
{
	static const uint8_t of_ipv4[4] = { 240 };
	struct address made = { { 0x20, 0x01, 0x0d, 0xb8 } };
	bool is_ipv4 = address_is_ipv4(a);
	const struct entry *e;

	if (address_is_any(a) || is_loopback(a))
		return *a;
	e = number(p, is_ipv4 ? ADDRESSES : ADDRESSES + 1, a, sizeof(*a));
	if (is_ipv4)
		made = address_from_ipv4(of_ipv4);
	put_number(made.byte + ADDRESS_SIZE - 1, e ? e->number : 0);
	return made;
}
