// SPDX-License-Identifier: GPL-2.0-only
/* Whatever a store answers: rows that are told in each format, or refused. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "user/fleet/buckets.h"
#include "user/fleet/hang.h"
#include "user/fleet/pair.h"
#include "user/fleet/question.h"
#include "user/run/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const keys[] = { "comm" };

/* NOLINTBEGIN(readability-non-const-parameter): answers are taken apart where they stand */
static void as_pairs(char *bytes, size_t size, enum output_format format)
{
	struct table *table = table_new("fleet_pair", pair_columns, pair_column_count);
	struct answer answer = { bytes, bytes + size };
	struct answer_value values[ANSWER_COLUMNS];
	struct buffer out;

	buffer_init(&out);
	while (table && answer_next(&answer, values, PAIR_FACTS) > 0)
		pair_add(table, values);
	if (table)
		table_print(table, &out, format, format);
	buffer_done(&out);
	table_free(table);
}

static void as_buckets(char *bytes, size_t size, const struct options *o)
{
	struct buckets *buckets = buckets_new(keys, 1);
	struct answer answer = { bytes, bytes + size };
	struct answer_value values[ANSWER_COLUMNS];
	const struct sink_settings settings = { .columns = 80 };
	struct buffer out;

	buffer_init(&out);
	while (buckets && answer_next(&answer, values, 2 + BUCKETS_NUMBERS) > 0 &&
	       !buckets_add(buckets, values))
		continue;
	if (buckets)
		buckets_print(buckets, &out, o, &settings);
	buffer_done(&out);
	buckets_free(buckets);
}

static void as_hangs(char *bytes, size_t size, bool is_group)
{
	const struct sink *sinks[] = { &sink_text, &sink_json, &sink_csv };
	struct answer answer = { bytes, bytes + size };
	struct answer_value values[ANSWER_COLUMNS];
	struct sink_settings settings = { .columns = 80 };
	struct hangs *hangs = hangs_new();
	struct buffer out;

	buffer_init(&out);
	while (hangs && answer_next(&answer, values, HANG_FACTS) > 0 &&
	       !hangs_add(hangs, values, is_group))
		continue;
	for (size_t i = 0; hangs && i < (is_group ? 1 : 3); i++)
		hangs_print(hangs, sinks[i], &settings, &out);
	buffer_done(&out);
	hangs_free(hangs);
}
/* NOLINTEND(readability-non-const-parameter) */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct options o = { .hist.top = 3 };
	char *bytes = malloc(size + 1);
	unsigned int code;

	if (!bytes)
		return 0;
	for (int round = 0; round < 6; round++) {
		/* Escapes are undone in place. */
		memcpy(bytes, data, size);
		o.format = round & 1 ? FORMAT_JSON : FORMAT_TEXT;
		if (round < 2)
			as_pairs(bytes, size, o.format);
		else if (round < 4)
			as_buckets(bytes, size, &o);
		else
			as_hangs(bytes, size, round & 1);
	}
	code = store_code((const char *)data, size);
	store_reason(code, (const char *)data, size);
	store_refuses_rows(code, (const char *)data, size);
	free(bytes);
	return 0;
}
