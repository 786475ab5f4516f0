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
#include "user/names/workload.h"
#include "user/sink/owner.h"
#include "user/sink/text/histograms.h"

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
	struct one others[HISTOGRAM_COUNT]; /* of each name, what groups without a row hold */
};

static const char *const names[HISTOGRAM_COUNT] = {
#define X(NAME, name, en, zh) [HISTOGRAM_##NAME] = name,
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
	for (size_t id = 0; id < HISTOGRAM_COUNT; id++)
		histogram_done(&b->others[id].histogram);
	for (size_t i = 0; i < b->count; i++) {
		histogram_done(&b->all[i].histogram);
		for (size_t k = 0; k < b->key_count; k++)
			free((char *)b->all[i].keys[k].bytes);
	}
	free(b->all);
	free(b);
}

/* ---- what is added ------------------------------------------------------------------------- */

/* HISTOGRAM_COUNT: it is none of ours. */
static enum histogram_id id_of(const struct answer_value *name)
{
	int id = 0;

	while (id < HISTOGRAM_COUNT && !answer_is(name, names[id]))
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

static bool is_others(const struct buckets *b, const struct one *one)
{
	return one == &b->others[one->id];
}

/* Rows have a user's unit behind his number. */
static void add_key(struct json *j, const char *key, const struct answer_value *value)
{
	bool is_unit = !strcmp(key, "unit");
	uint32_t user = WORKLOAD_NO_USER;
	size_t at = is_unit && value->bytes ? workload_unit_at(value->bytes, value->size, &user) :
					      0;

	json_key(j, key);
	if (value->bytes)
		json_string(j, value->bytes + at, value->size - at);
	else
		json_null(j);
	if (!is_unit)
		return;
	json_key(j, "unit_user");
	if (user != WORKLOAD_NO_USER)
		json_u64(j, user);
	else
		json_null(j);
}

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
	json_text(&j, names[one->id]);
	json_key(&j, "by");
	json_object_begin(&j);
	for (size_t k = 0; k < b->key_count; k++)
		add_key(&j, b->keys[k], &one->keys[k]);
	if (is_others(b, one)) {
		json_key(&j, "other");
		json_bool(&j, true);
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

/* Behind the name and the keys. For people a table is of one histogram. */
static const struct table_column number_columns[] = {
	{ "unit", NULL, TABLE_TEXT },	    { "count", "COUNT", TABLE_COUNT },
	{ "min", NULL, TABLE_NS },	    { "max", NULL, TABLE_NS },
	{ "mean", NULL, TABLE_NS },	    { "p50", "P50", TABLE_NS },
	{ "p90", "P90", TABLE_NS, 2 },	    { "p99", "P99", TABLE_NS, 1 },
	{ "p999", "P99.9", TABLE_NS, 3 },   { "buckets", NULL, TABLE_TEXT },
	{ "greatest", "MAX", TABLE_NS, 4 }, /* for people alone, behind the others */
};
enum { UNIT, COUNT, MIN, MAX, MEAN, FIRST_QUANTILE, BUCKETS = FIRST_QUANTILE + 4, GREATEST };

static void add_bucket_text(void *context, uint64_t low, uint64_t high, uint64_t count)
{
	struct buffer *out = context;

	buffer_addf(out, "%s%llu:%llu:%llu", out->size ? " " : "", (unsigned long long)low,
		    (unsigned long long)high, (unsigned long long)count);
}

static struct answer_value value_of(const char *text)
{
	return (struct answer_value){ text, strlen(text) };
}

static void add_row(const struct buckets *b, struct table *table, const struct one *one,
		    bool is_text)
{
	const struct histogram *h = &one->histogram;
	uint64_t numbers[GREATEST + 1] = {
		[COUNT] = h->count,  [MIN] = h->min,
		[MAX] = h->max,	     [MEAN] = (uint64_t)(histogram_mean(h) + 0.5),
		[GREATEST] = h->max,
	};
	struct answer_value values[ANSWER_COLUMNS];
	char texts[GREATEST + 1][TEXT_SIZE];
	struct buffer buckets;
	size_t at = 0;

	buffer_init(&buckets);
	histogram_each(h, add_bucket_text, &buckets);
	values[at++] = value_of(names[one->id]);
	for (size_t k = 0; k < b->key_count; k++)
		values[at++] = one->keys[k];
	if (is_text && is_others(b, one))
		values[1] = value_of(OWNER_OTHERS);
	if (!is_text && b->key_count)
		values[at++] = value_of(is_others(b, one) ? "true" : "false");
	for (size_t i = 0; i < QUANTILES; i++)
		numbers[FIRST_QUANTILE + i] = histogram_quantile(h, quantiles[i].p);
	for (size_t i = 0; i <= GREATEST; i++) {
		int size = snprintf(texts[i], TEXT_SIZE, "%llu", (unsigned long long)numbers[i]);

		values[at + i] = (struct answer_value){ texts[i], (size_t)size };
	}
	values[at + UNIT] = value_of("ns");
	values[at + BUCKETS] = (struct answer_value){ buckets.bytes, buckets.size };
	table_add(table, values);
	buffer_done(&buckets);
}

#define NUMBERS (sizeof(number_columns) / sizeof(*number_columns))

/* Returns how many there are. */
static size_t add_columns(const struct buckets *b, bool is_text, struct table_column *columns)
{
	size_t count = 0;

	columns[count++] = (struct table_column){ "name", NULL, TABLE_TEXT, 0 };
	for (size_t k = 0; k < b->key_count; k++)
		columns[count++] = (struct table_column){ b->keys[k], b->keys[k], TABLE_TEXT, 0 };
	if (!is_text && b->key_count)
		columns[count++] = (struct table_column){ "other", NULL, TABLE_TEXT, 0 };
	for (size_t i = 0; i < NUMBERS - !is_text; i++)
		columns[count++] = number_columns[i];
	return count;
}

/* Without groups, as the local command draws it. */
static void draw(const struct one *one, const struct sink_settings *s, struct buffer *out)
{
	const struct histogram_row row = { .name = names[one->id],
					   .histogram = &one->histogram,
					   .id = one->id };

	text_histogram(s, out, &row);
}

/* Groups of one histogram, beneath its title. Returns 0 or -ENOMEM. */
static int draw_groups(const struct buckets *b, const struct one *const *chosen, size_t count,
		       const struct sink_settings *s, struct buffer *out)
{
	struct table_column columns[ANSWER_COLUMNS];
	struct table *table = table_new("histogram", columns, add_columns(b, true, columns));
	int error = table ? 0 : -ENOMEM;

	buffer_addf(out, "%s\n", histogram_title(chosen[0]->id, s->language));
	for (size_t i = 0; i < count && !error; i++)
		add_row(b, table, chosen[i], true);
	if (!error)
		error = table_print(table, out, FORMAT_TEXT, s->wide ? 0 : s->columns);
	table_free(table);
	return error;
}

static int print_text(const struct buckets *b, const struct one *const *chosen, size_t count,
		      const struct sink_settings *s, struct buffer *out)
{
	int error = 0;

	if (!count)
		text_histograms_none(s, out);
	for (size_t i = 0, end; i < count && !error; i = end) {
		for (end = i + 1; end < count && chosen[end]->id == chosen[i]->id; end++)
			;
		if (i)
			buffer_add_char(out, '\n');
		if (b->key_count)
			error = draw_groups(b, chosen + i, end - i, s, out);
		else
			draw(chosen[i], s, out);
	}
	return error;
}

static int print_csv(const struct buckets *b, const struct one *const *chosen, size_t count,
		     struct buffer *out)
{
	struct table_column columns[ANSWER_COLUMNS];
	struct table *table = table_new("histogram", columns, add_columns(b, false, columns));
	int error = table ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && !error; i++)
		add_row(b, table, chosen[i], false);
	if (!error)
		error = table_print(table, out, FORMAT_CSV, 0);
	table_free(table);
	return error;
}

/*
 * Those that are printed, in their order: what has no row of its own is in one behind those that
 * have. Returns 0 or -ENOMEM.
 */
static int choose(struct buckets *b, const struct options *o, const struct one **chosen,
		  size_t *ret_count)
{
	size_t count = 0, left = 0;

	for (size_t i = 0; i < b->count; i++)
		if (!o->hist.only || o->hist.only >> b->all[i].id & 1)
			chosen[count++] = &b->all[i];
	if (count)
		qsort(chosen, count, sizeof(*chosen), compare);
	for (size_t i = 0, end; i < count; i = end) {
		enum histogram_id id = chosen[i]->id;
		struct one *others = &b->others[id];

		others->id = id;
		for (end = i; end < count && chosen[end]->id == id; end++) {
			if (end - i < o->hist.top)
				chosen[left++] = chosen[end];
			else if (histogram_merge(&others->histogram, &chosen[end]->histogram))
				return -ENOMEM;
		}
		if (end - i > o->hist.top)
			chosen[left++] = others;
	}
	*ret_count = left;
	return 0;
}

int buckets_print(struct buckets *b, struct buffer *out, const struct options *o,
		  const struct sink_settings *s)
{
	const struct one **chosen = calloc(b->count + 1, sizeof(struct one *));
	size_t count = 0;
	int error = chosen ? choose(b, o, chosen, &count) : -ENOMEM;

	if (!error && o->format == FORMAT_JSON) {
		for (size_t i = 0; i < count; i++)
			add_json(b, out, chosen[i]);
	} else if (!error) {
		error = o->format == FORMAT_CSV ? print_csv(b, chosen, count, out) :
						  print_text(b, chosen, count, s, out);
	}
	free(chosen);
	return error;
}
