// SPDX-License-Identifier: GPL-2.0-only
/* Histograms out of buckets that others have counted: percentiles are those of all values. */
#include "user/fleet/buckets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/aggregate/histogram_set.h"
#include "user/base/json.h"
#include "user/fleet/table.h"

#define TEXT_SIZE 24
#define SCHEMA_VERSION 1

struct one {
	enum histogram_id id;
	struct answer_value keys[ANSWER_COLUMNS]; /* owned */
	struct histogram histogram;
};

struct buckets {
	const char *const *keys;
	size_t key_count;
	struct one *all;
	size_t count, room;
};

static const struct {
	const char *name;
} names[HISTOGRAM_COUNT] = {
#define X(NAME, name, title) [HISTOGRAM_##NAME] = { name },
	HISTOGRAMS(X)
#undef X
};

struct buckets *buckets_new(const char *const *keys, size_t key_count)
{
	struct buckets *b = calloc(1, sizeof(*b));

	if (b) {
		b->keys = keys;
		b->key_count = key_count;
	}
	return b;
}

void buckets_free(struct buckets *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->count; i++) {
		histogram_done(&b->all[i].histogram);
		for (size_t k = 0; k < b->key_count; k++)
			free((char *)b->all[i].keys[k].bytes);
	}
	free(b->all);
	free(b);
}

size_t buckets_count(const struct buckets *b)
{
	return b->count;
}

/* ---- what is added ------------------------------------------------------------------------- */

/* HISTOGRAM_COUNT: it is none of ours. */
static enum histogram_id id_of(const struct answer_value *name)
{
	int id = 0;

	while (id < HISTOGRAM_COUNT && !answer_is(name, names[id].name))
		id++;
	return (enum histogram_id)id;
}

static bool is_same(const struct answer_value *a, const struct answer_value *b)
{
	if (!a->bytes || !b->bytes)
		return !a->bytes && !b->bytes;
	return a->size == b->size && !memcmp(a->bytes, b->bytes, a->size);
}

static bool is_of(const struct buckets *b, const struct one *one, enum histogram_id id,
		  const struct answer_value *keys)
{
	bool is = one->id == id;

	for (size_t k = 0; k < b->key_count && is; k++)
		is = is_same(&one->keys[k], &keys[k]);
	return is;
}

static int begin(struct buckets *b, enum histogram_id id, const struct answer_value *keys)
{
	struct one *one;

	if (b->count == BUCKETS_HISTOGRAMS)
		return -E2BIG;
	if (b->count == b->room) {
		size_t room = b->room ? b->room * 2 : 16;
		struct one *more = realloc(b->all, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		b->all = more;
		b->room = room;
	}
	one = &b->all[b->count++];
	*one = (struct one){ .id = id };
	for (size_t k = 0; k < b->key_count; k++) {
		char *bytes = keys[k].bytes ? malloc(keys[k].size + 1) : NULL;

		if (keys[k].bytes && !bytes)
			return -ENOMEM;
		if (bytes)
			memcpy(bytes, keys[k].bytes, keys[k].size);
		one->keys[k] = (struct answer_value){ bytes, keys[k].size };
	}
	return 0;
}

int buckets_add(struct buckets *b, const struct answer_value *values)
{
	const struct answer_value *keys = values + 1;
	enum histogram_id id = id_of(values);
	uint64_t numbers[BUCKETS_NUMBERS];
	int error = 0;

	for (size_t i = 0; i < BUCKETS_NUMBERS; i++)
		if (!answer_u64(&keys[b->key_count + i], &numbers[i]))
			return -EBADMSG;
	/* Of a program that is newer. */
	if (id == HISTOGRAM_COUNT)
		return 0;
	if (!b->count || !is_of(b, &b->all[b->count - 1], id, keys))
		error = begin(b, id, keys);
	return error ? error :
		       histogram_add_bucket(&b->all[b->count - 1].histogram, numbers[0], numbers[1],
					    numbers[2], numbers[3], numbers[4]);
}

/* ---- what is printed ----------------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
	const struct one *a = *(const struct one *const *)left;
	const struct one *b = *(const struct one *const *)right;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	if (a->histogram.count != b->histogram.count)
		return a->histogram.count > b->histogram.count ? -1 : 1;
	return a < b ? -1 : 1;
}

static void add_bucket(void *context, uint64_t low, uint64_t high, uint64_t count)
{
	struct json *j = context;

	json_array_begin(j);
	json_u64(j, low);
	json_u64(j, high);
	json_u64(j, count);
	json_array_end(j);
}

static const struct {
	const char *name;
	double p;
} quantiles[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p999", 0.999 } };

#define QUANTILES (sizeof(quantiles) / sizeof(*quantiles))

/* As the local command has it. */
static void add_json(const struct buckets *b, struct buffer *out, const struct one *one)
{
	const struct histogram *h = &one->histogram;
	struct json j;

	json_init(&j, out);
	json_object_begin(&j);
	json_key(&j, "v");
	json_u64(&j, SCHEMA_VERSION);
	json_key(&j, "type");
	json_text(&j, "histogram");
	json_key(&j, "name");
	json_text(&j, names[one->id].name);
	json_key(&j, "by");
	json_object_begin(&j);
	for (size_t k = 0; k < b->key_count; k++) {
		json_key(&j, b->keys[k]);
		if (one->keys[k].bytes)
			json_string(&j, one->keys[k].bytes, one->keys[k].size);
		else
			json_null(&j);
	}
	json_object_end(&j);
	json_key(&j, "unit");
	json_text(&j, "ns");
	json_key(&j, "count");
	json_u64(&j, h->count);
	json_key(&j, "min");
	json_u64(&j, h->min);
	json_key(&j, "max");
	json_u64(&j, h->max);
	json_key(&j, "mean");
	json_u64(&j, (uint64_t)(histogram_mean(h) + 0.5));
	for (size_t i = 0; i < QUANTILES; i++) {
		json_key(&j, quantiles[i].name);
		json_u64(&j, histogram_quantile(h, quantiles[i].p));
	}
	json_key(&j, "buckets");
	json_array_begin(&j);
	histogram_each(h, add_bucket, &j);
	json_array_end(&j);
	json_object_end(&j);
	json_line_end(&j);
}

static void add_row(const struct buckets *b, struct table *table, const struct one *one)
{
	const struct histogram *h = &one->histogram;
	uint64_t numbers[QUANTILES + 4] = { h->count, h->min };
	char texts[QUANTILES + 4][TEXT_SIZE];
	struct answer_value values[ANSWER_COLUMNS];
	size_t at = 0, count = 2;

	values[at++] = (struct answer_value){ names[one->id].name, strlen(names[one->id].name) };
	for (size_t k = 0; k < b->key_count; k++)
		values[at++] = one->keys[k];
	for (size_t i = 0; i < QUANTILES; i++)
		numbers[count++] = histogram_quantile(h, quantiles[i].p);
	numbers[count++] = h->max;
	numbers[count++] = (uint64_t)(histogram_mean(h) + 0.5);
	for (size_t i = 0; i < count; i++) {
		int size = snprintf(texts[i], TEXT_SIZE, "%llu", (unsigned long long)numbers[i]);

		values[at++] = (struct answer_value){ texts[i], (size_t)size };
	}
	table_add(table, values);
}

static size_t add_columns(const struct buckets *b, struct table_column *columns)
{
	static const struct table_column numbers[] = {
		{ "count", "COUNT", TABLE_COUNT }, { "min", "MIN", TABLE_NS },
		{ "p50", "P50", TABLE_NS },	   { "p90", "P90", TABLE_NS },
		{ "p99", "P99", TABLE_NS },	   { "p999", "P99.9", TABLE_NS },
		{ "max", "MAX", TABLE_NS },	   { "mean", "MEAN", TABLE_NS },
	};
	size_t count = 0;

	columns[count++] = (struct table_column){ "name", "HISTOGRAM", TABLE_TEXT };
	for (size_t k = 0; k < b->key_count; k++)
		columns[count++] = (struct table_column){ b->keys[k], b->keys[k], TABLE_TEXT };
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		columns[count++] = numbers[i];
	return count;
}

/* Those that are printed, in their order. Returns how many. */
static size_t choose(const struct buckets *b, const struct options *o, const struct one **chosen)
{
	enum histogram_id last = HISTOGRAM_COUNT;
	size_t count = 0, of_name = 0, left = 0;

	for (size_t i = 0; i < b->count; i++)
		if (!o->hist.only || o->hist.only >> b->all[i].id & 1)
			chosen[count++] = &b->all[i];
	if (count)
		qsort(chosen, count, sizeof(*chosen), compare);
	for (size_t i = 0; i < count; i++) {
		of_name = chosen[i]->id == last ? of_name + 1 : 0;
		last = chosen[i]->id;
		if (of_name < o->hist.top)
			chosen[left++] = chosen[i];
	}
	return left;
}

int buckets_print(const struct buckets *b, struct buffer *out, const struct options *o)
{
	const struct one **chosen = calloc(b->count + 1, sizeof(struct one *));
	struct table_column columns[ANSWER_COLUMNS];
	struct table *table = table_new("histogram", columns, add_columns(b, columns));
	size_t count = chosen && table ? choose(b, o, chosen) : 0;
	int error = chosen && table ? 0 : -ENOMEM;

	for (size_t i = 0; i < count; i++) {
		if (o->format == FORMAT_JSON)
			add_json(b, out, chosen[i]);
		else
			add_row(b, table, chosen[i]);
	}
	if (!error && o->format != FORMAT_JSON)
		error = table_print(table, out, o->format);
	table_free(table);
	free(chosen);
	return error;
}
