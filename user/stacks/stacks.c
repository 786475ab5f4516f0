// SPDX-License-Identifier: GPL-2.0-only
/* Stacks that were met, and which code they are; one that was met before is known again. */
#include "user/stacks/stacks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/base/clock.h"
#include "user/base/hash.h"
#include "user/base/quota.h"
#include "user/base/units.h"
#include "user/stacks/module.h"
#include "user/stacks/naming.h"

#define FIRST_ROOM 64
#define MEMO 4096 /* looks that are kept: another one may take the place */

/* Code may be unloaded and other code loaded in its place; code that is made, at any moment. */
#define FRESH_NS (10 * NS_PER_S)
#define FRESH_PASSING_NS NS_PER_S

struct known {
	uint64_t number;
	char *text;
	size_t size;
};

/* What a stack depends on, and which it was. */
struct memo {
	uint64_t key;	     /* where it is, of which program and process */
	uint64_t words_hash; /* of the words that are used */
	uint64_t used[UNWIND_MASK_WORDS];
	uint64_t until_ns;
	uint64_t number; /* 0: there is none */
	bool is_full;	 /* there was no room for it */
};

struct stacks {
	struct naming *naming; /* NULL: nobody names them */
	struct known *known;   /* number n is known[n - 1] */
	uint32_t count, room;
	size_t bytes;
	struct hash_index index;
	struct quota quota;   /* of parts of STACKS_BYTES_MAX; without a helper nobody has shares */
	struct payers payers; /* whose there was no room for */
	uint64_t unknown, full;
	struct event_stack record;
	struct memo memo[MEMO];
};

static uint64_t hash_known(const void *context, const struct hash_key *key, uint32_t n)
{
	const struct stacks *s = context;

	return hash_u64(key, s->known[n - 1].number);
}

const char *stacks_knowledge(void)
{
	return module_knows_frames() ? "functions, lines, and frames without frame pointers" :
				       "functions alone: this build has no libdw";
}

struct stacks *stacks_new(void)
{
	struct stacks *s = calloc(1, sizeof(*s));

	if (s)
		hash_index_init(&s->index, STACKS_MAX, hash_known, s);
	return s;
}

int stacks_start(uint32_t most, struct stacks **ret)
{
	struct stacks *s = stacks_new();
	int error = s ? naming_start(&s->naming) : -ENOMEM;

	if (error) {
		stacks_free(s);
		return error;
	}
	s->quota.max = most < STACKS_MAX ? most : STACKS_MAX;
	*ret = s;
	return 0;
}

void stacks_free(struct stacks *s)
{
	if (!s)
		return;
	naming_stop(s->naming);
	for (uint32_t i = 0; i < s->count; i++)
		free(s->known[i].text);
	hash_index_done(&s->index);
	quota_done(&s->quota);
	free(s->known);
	free(s);
}

static const struct known *find(const struct stacks *s, uint64_t number)
{
	struct hash_search search;
	uint32_t n;

	if (!s->count)
		return NULL;
	search = hash_search_begin(&s->index, hash_u64(&s->index.key, number));
	while ((n = hash_search_next(&s->index, &search)))
		if (s->known[n - 1].number == number)
			return &s->known[n - 1];
	return NULL;
}

static bool make_room(struct stacks *s, size_t size)
{
	uint32_t room = s->room ? s->room * 2 : FIRST_ROOM;
	struct known *known;

	if (s->count == STACKS_MAX || size > STACKS_BYTES_MAX - s->bytes)
		return false;
	if (s->count < s->room)
		return true;
	known = reallocarray(s->known, room, sizeof(*known));
	if (!known)
		return false;
	s->known = known;
	if (hash_index_reserve(&s->index, room))
		return false;
	s->room = room;
	return true;
}

void stacks_add(struct stacks *s, uint64_t number, const char *text, size_t size)
{
	struct stack_frames frames;
	char *own;

	if (!number || find(s, number))
		return;
	if (size > STACK_TEXT_MAX || !stack_text_read(text, size, &frames))
		return;
	own = make_room(s, size) ? malloc(size) : NULL;
	if (!own)
		return;
	memcpy(own, text, size);
	s->known[s->count++] = (struct known){ number, own, size };
	s->bytes += size;
	hash_index_put(&s->index, hash_u64(&s->index.key, number), s->count);
}

bool stacks_find(const struct stacks *s, uint64_t number, struct stack_frames *ret_frames)
{
	const struct known *known = find(s, number);

	return known && stack_text_read(known->text, known->size, ret_frames);
}

size_t stacks_count(const struct stacks *s)
{
	return s->count;
}

uint64_t stacks_at(const struct stacks *s, size_t i, const char **ret_text, size_t *ret_size)
{
	*ret_text = s->known[i].text;
	*ret_size = s->known[i].size;
	return s->known[i].number;
}

uint64_t stacks_unknown(const struct stacks *s)
{
	return s->unknown;
}

uint64_t stacks_full(const struct stacks *s)
{
	return s->full;
}

const struct payers *stacks_payers(const struct stacks *s)
{
	return &s->payers;
}

/* ---- stacks that are met --------------------------------------------------------------------- */

static uint64_t key_of(const struct stacks *s, const struct event_stack *r)
{
	uint64_t chain = hash_bytes(&s->index.key, r->chain, r->depth * sizeof(*r->chain));
	const uint64_t parts[] = { r->image, r->ip, r->sp, r->fp, r->link, r->pid, chain };

	return hash_bytes(&s->index.key, parts, sizeof(parts));
}

static uint64_t hash_words(const struct stacks *s, const struct event_stack *r,
			   const uint64_t used[UNWIND_MASK_WORDS])
{
	uint64_t hash = 0;

	for (size_t i = 0; i < EVENT_STACK_WORDS; i++)
		if (used[i / 64] >> i % 64 & 1)
			hash = hash_u64(&s->index.key, hash ^ r->word[i] ^ i);
	return hash;
}

static bool recalls(const struct stacks *s, const struct memo *memo, uint64_t key, uint64_t now_ns)
{
	return memo->key == key && (memo->number || memo->is_full) && now_ns < memo->until_ns &&
	       hash_words(s, &s->record, memo->used) == memo->words_hash;
}

/* So many parts as its bytes take; false: there is no room for it, or none for its owner. */
static bool take_room(struct stacks *s, size_t size)
{
	const struct share whose = { s->record.uid, s->record.netns };
	size_t part = STACKS_BYTES_MAX / s->quota.max;

	return quota_take_many(&s->quota, &whose, (uint32_t)((size + part - 1) / part));
}

/* Asks, and keeps the answer. */
static void learn(struct stacks *s, const struct stacks_files *files, struct memo *memo,
		  uint64_t key, uint64_t now_ns)
{
	struct naming_answer answer;
	uint64_t number;

	*memo = (struct memo){ .number = 0 };
	if (naming_ask(s->naming, files, &s->record, &answer))
		return;
	number = stack_text_number(answer.text, answer.size);
	if (!find(s, number) && take_room(s, answer.size))
		stacks_add(s, number, answer.text, answer.size);
	*memo = (struct memo){ .key = key,
			       .words_hash = hash_words(s, &s->record, answer.used),
			       .until_ns =
				       now_ns + (answer.is_passing ? FRESH_PASSING_NS : FRESH_NS),
			       .number = find(s, number) ? number : 0,
			       .is_full = !find(s, number) };
	memcpy(memo->used, answer.used, sizeof(memo->used));
}

static void count_missing(struct stacks *s, const struct memo *memo)
{
	const struct share whose = { s->record.uid, s->record.netns };

	if (!memo->is_full) {
		s->unknown++;
		return;
	}
	s->full++;
	payers_add(&s->payers, &whose);
}

uint64_t stacks_meet(struct stacks *s, const struct stacks_files *files, const void *record,
		     size_t size)
{
	uint64_t key, now_ns = clock_now();
	struct memo *memo;

	if (size != sizeof(s->record))
		return 0;
	memcpy(&s->record, record, size);
	if (s->record.words > EVENT_STACK_WORDS || s->record.depth > EVENT_STACK_DEPTH)
		return 0;
	key = key_of(s, &s->record);
	memo = &s->memo[key % MEMO];
	if (!recalls(s, memo, key, now_ns) && s->naming)
		learn(s, files, memo, key, now_ns);
	if (!memo->number)
		count_missing(s, memo);
	return memo->number;
}
