// SPDX-License-Identifier: GPL-2.0-only
/* One template makes the tables of one server, of shards, of replicas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/fleet/schema.h"

static struct buffer out;

static const char *all(const struct schema_layout *layout)
{
	buffer_clear(&out);
	schema_add_all(&out, layout);
	buffer_add_char(&out, '\0');
	assert_false(out.failed);
	return out.bytes;
}

static size_t count(const char *text, const char *wanted)
{
	size_t found = 0;

	for (; (text = strstr(text, wanted)); text++)
		found++;
	return found;
}

static void one_server(void **state)
{
	const struct schema_layout layout = { .database = "db" };
	const char *text = all(&layout);

	(void)state;
	assert_int_equal(count(text, "CREATE TABLE IF NOT EXISTS db.connections\n"), 1);
	assert_int_equal(count(text, "ENGINE = ReplacingMergeTree()\n"), 3);
	assert_null(strstr(text, "Distributed("));
	assert_null(strstr(text, "LowCardinality"));
}

static void who_may_insert(void **state)
{
	struct schema_layout layout = { .database = "db", .is_modern = true };

	(void)state;
	buffer_clear(&out);
	schema_add_grants(&out, "me", &layout);
	buffer_add_char(&out, '\0');
	assert_int_equal(count(out.bytes, "GRANT "), 2);
	assert_int_equal(count(out.bytes, "GRANT INSERT ON db.connections TO `me`;\n"), 1);
	assert_int_equal(count(out.bytes, "GRANT INSERT ON db.batches TO `me`;\n"), 1);
	layout.cluster = "here";
	buffer_clear(&out);
	schema_add_grants(&out, "a`; DROP\\", &layout);
	buffer_add_char(&out, '\0');
	assert_int_equal(count(out.bytes, "GRANT "), 4);
	assert_int_equal(count(out.bytes, "ON db.batches_local TO `a\\`; DROP\\\\`;\n"), 1);
}

static void shards_of_replicas(void **state)
{
	const struct schema_layout layout = {
		.database = "db", .cluster = "here", .is_replicated = true, .is_modern = true
	};
	const char *text = all(&layout);

	(void)state;
	assert_int_equal(count(text, "CREATE TABLE IF NOT EXISTS db.connections_local\n"), 1);
	assert_int_equal(count(text, "Distributed(here, db, connections_local,"), 1);
	assert_int_equal(count(text, "'/clickhouse/tables/{shard}/db/batches', '{replica}')"), 1);
	assert_non_null(strstr(text, "    seeded UInt8,\n    congestion_control LowCardinality("));
	assert_non_null(strstr(text, ",\n    mptcp UInt8\n)\nENGINE"));
	assert_non_null(strstr(text, "    comm LowCardinality(Nullable(String)),\n"));
}

/* A name that is no word stays one. */
static void odd_clusters(void **state)
{
	const struct {
		const char *cluster, *said;
	} names[] = {
		{ "eu_1", "Distributed(eu_1, db, connections_local," },
		{ "eu-1", "Distributed('eu-1', db, connections_local," },
		{ "1st", "Distributed('1st', db, connections_local," },
		{ "x', y); DROP TABLE z --", "Distributed('x\\', y); DROP TABLE z --', db, conn" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct schema_layout layout = { .database = "db",
						      .cluster = names[i].cluster };

		assert_int_equal(count(all(&layout), names[i].said), 1);
	}
}

static void statements(void **state)
{
	const struct schema_layout layout = { .database = "db", .cluster = "here" };
	char *text = strdup(all(&layout)), *rest = text;
	const char *statement;
	size_t found = 0;

	(void)state;
	assert_non_null(text);
	for (; (statement = schema_next(&rest)); found++) {
		assert_true(!strncmp(statement, "CREATE ", 7) || !strncmp(statement, "INSERT ", 7));
		assert_null(strstr(statement, "--"));
		assert_null(strchr(statement, '@'));
		assert_null(strchr(statement, ';'));
	}
	assert_int_equal(found, 1 + 2 + 2 + 1 + 3);
	free(text);
}

struct found {
	size_t connections, batches;
	char last[128];
};

static void note(void *context, const char *table, const char *name, const char *type)
{
	struct found *f = context;

	f->connections += !strcmp(table, "connections");
	f->batches += !strcmp(table, "batches");
	snprintf(f->last, sizeof(f->last), "%s %s %s", table, name, type);
}

static void columns(void **state)
{
	const struct schema_layout layout = { .database = "db" };
	struct found found = { 0 };

	(void)state;
	assert_int_equal(schema_each_column(&layout, note, &found), 0);
	assert_int_equal(found.batches, 19);
	assert_int_equal(found.connections, count(all(&layout), "\n    ") - 19 - 2);
	assert_string_equal(found.last, "schema_versions time DateTime");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_server),	      cmocka_unit_test(who_may_insert),
		cmocka_unit_test(shards_of_replicas), cmocka_unit_test(odd_clusters),
		cmocka_unit_test(statements),	      cmocka_unit_test(columns),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	buffer_done(&out);
	return failed;
}
