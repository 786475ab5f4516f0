// SPDX-License-Identifier: GPL-2.0-only
/* Fills in the template of the store's tables, and takes it apart. */
#include "user/fleet/schema.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/fleet/schema/text.h"
#include "user/fleet/sql.h"

#define SHARDED "@sharded@ "
#define NAME_SIZE 64
#define TYPE_SIZE 96

unsigned int schema_newest(void)
{
	return sizeof(schema_files) / sizeof(*schema_files);
}

/* ---- the template -------------------------------------------------------------------------- */

static bool is_word(const char *word, size_t size, const char *name)
{
	return size == strlen(name) && !memcmp(word, name, size);
}

/* What comes twice is one, be it by a merge; replicas do not take the same block twice. */
static void add_engine(struct buffer *out, const char *table, size_t size,
		       const struct schema_layout *l)
{
	if (!l->is_replicated) {
		buffer_add_text(out, "ReplacingMergeTree()");
		return;
	}
	buffer_addf(out,
		    "ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/%s/%.*s', "
		    "'{replica}')",
		    l->database, (int)size, table);
}

/* What is more than a word is a literal, which engines take for a name as well. */
static void add_cluster(struct buffer *out, const char *cluster)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";

	if (!cluster[strspn(cluster, plain)] && (*cluster < '0' || *cluster > '9'))
		buffer_add_text(out, cluster);
	else
		sql_add_text(out, cluster, strlen(cluster));
}

static void fill(struct buffer *out, const char *word, size_t size, const struct schema_layout *l)
{
	static const char engine[] = "engine ";

	if (is_word(word, size, "database"))
		buffer_add_text(out, l->database);
	else if (is_word(word, size, "local"))
		buffer_add_text(out, l->cluster ? "_local" : "");
	else if (is_word(word, size, "cluster"))
		add_cluster(out, l->cluster);
	else if (is_word(word, size, "word"))
		buffer_add_text(out, l->is_modern ? "LowCardinality(String)" : "String");
	else if (is_word(word, size, "name"))
		buffer_add_text(out, l->is_modern ? "LowCardinality(Nullable(String))" :
						    "Nullable(String)");
	else if (size > sizeof(engine) && !memcmp(word, engine, sizeof(engine) - 1))
		add_engine(out, word + sizeof(engine) - 1, size - sizeof(engine) + 1, l);
}

static void add_line(struct buffer *out, const char *line, size_t size,
		     const struct schema_layout *l)
{
	const char *end = line + size;

	if (!strncmp(line, "--", 2)) {
		buffer_add(out, line, size);
		return;
	}
	while (line < end) {
		const char *at = memchr(line, '@', (size_t)(end - line));
		const char *close = at ? memchr(at + 1, '@', (size_t)(end - at - 1)) : NULL;

		if (!close) {
			buffer_add(out, line, (size_t)(end - line));
			return;
		}
		buffer_add(out, line, (size_t)(at - line));
		fill(out, at + 1, (size_t)(close - at - 1), l);
		line = close + 1;
	}
}

void schema_add(struct buffer *out, unsigned int version, const struct schema_layout *layout)
{
	const char *line = schema_files[version - 1];

	while (*line) {
		size_t size = strcspn(line, "\n") + 1;
		bool is_sharded = !strncmp(line, SHARDED, sizeof(SHARDED) - 1);
		size_t skipped = is_sharded ? sizeof(SHARDED) - 1 : 0;

		if (!is_sharded || layout->cluster)
			add_line(out, line + skipped, size - skipped, layout);
		line += size;
	}
}

/* As a name that is quoted. */
static void add_quoted(struct buffer *out, const char *name)
{
	buffer_add_char(out, '`');
	for (; *name; name++) {
		if (*name == '`' || *name == '\\')
			buffer_add_char(out, '\\');
		buffer_add_char(out, *name);
	}
	buffer_add_char(out, '`');
}

void schema_add_grants(struct buffer *out, const char *user, const struct schema_layout *layout)
{
	static const char *const tables[] = { "connections", "batches" };

	buffer_add_text(out, "\n-- Who sends rows inserts them, and does nothing else.\n");
	/* Rows of the shard that is asked go to the table beneath as whoever has sent them. */
	for (int is_local = 0; is_local <= (layout->cluster ? 1 : 0); is_local++) {
		for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
			buffer_addf(out, "GRANT INSERT ON %s.%s%s TO ", layout->database, tables[i],
				    is_local ? "_local" : "");
			add_quoted(out, user);
			buffer_add_text(out, ";\n");
		}
	}
}

/* ---- statements ---------------------------------------------------------------------------- */

/* Lines of comment become blank ones. */
static void drop_comments(char *text)
{
	for (char *line = text; *line; line += strcspn(line, "\n"), line += *line != '\0')
		if (!strncmp(line, "--", 2))
			memset(line, ' ', strcspn(line, "\n"));
}

char *schema_next(char **text)
{
	char *from, *end;

	drop_comments(*text);
	from = *text + strspn(*text, " \n");
	end = strstr(from, ";\n");
	if (!end)
		return NULL;
	*end = '\0';
	*text = end + 2;
	return from;
}

/* ---- columns ------------------------------------------------------------------------------- */

struct columns {
	void (*visit)(void *context, const char *table, const char *name, const char *type);
	void *context;
};

/* "connections" or "connections_local", behind the name of the database. */
static const char *table_of(const char *statement, const char *before, char table[NAME_SIZE])
{
	const char *at = strstr(statement, before), *dot = at ? strchr(at, '.') : NULL;

	if (at != statement || !dot)
		return NULL;
	snprintf(table, NAME_SIZE, "%.*s", (int)strcspn(dot + 1, " \n"), dot + 1);
	return dot;
}

static void each_created(const struct columns *c, const char *statement, const char *table)
{
	for (const char *line = strchr(statement, '\n'); line; line = strchr(line + 1, '\n')) {
		char name[NAME_SIZE], type[TYPE_SIZE];

		if (sscanf(line, "\n    %63[a-z_] %95[^,\n]", name, type) == 2 && line[1] == ' ' &&
		    *type != '(')
			c->visit(c->context, table, name, type);
	}
}

static void each_of(const struct columns *c, const char *statement)
{
	static const char add[] = " ADD COLUMN ";
	const char *from = strstr(statement, add);
	char table[NAME_SIZE], name[NAME_SIZE], type[TYPE_SIZE];

	if (table_of(statement, "CREATE TABLE IF NOT EXISTS ", table))
		each_created(c, statement, table);
	else if (from && table_of(statement, "ALTER TABLE ", table) &&
		 sscanf(from + sizeof(add) - 1, "%63[a-z_] %95[^\n]", name, type) == 2)
		c->visit(c->context, table, name, type);
}

/* Puts a column behind the last one of its table, where `text` creates that. */
static void insert_column(struct buffer *text, const char *table, const char *name,
			  const char *type)
{
	char *create, *end, *rest, key[2 * NAME_SIZE];

	snprintf(key, sizeof(key), ".%s\n(", table);
	buffer_add_char(text, '\0');
	create = text->failed ? NULL : strstr(text->bytes, key);
	end = create ? strstr(create, "\n)\n") : NULL;
	rest = end ? strdup(end) : NULL;
	text->size--;
	/* Of a Distributed one the columns are those of the table beneath it. */
	if (!end)
		return;
	text->size = (size_t)(end - text->bytes);
	buffer_addf(text, ",\n    %s %s", name, type);
	buffer_add_text(text, rest ? rest : "");
	text->failed |= !rest;
	free(rest);
}

static void insert(void *context, const char *table, const char *name, const char *type)
{
	insert_column(context, table, name, type);
}

void schema_add_all(struct buffer *out, const struct schema_layout *layout)
{
	const struct columns columns = { insert, out };
	char *text, *statement;
	struct buffer later;

	schema_add(out, 1, layout);
	buffer_init(&later);
	for (unsigned int version = 2; version <= schema_newest(); version++)
		schema_add(&later, version, layout);
	buffer_add_char(&later, '\0');
	text = later.failed ? NULL : later.bytes;
	while (text && (statement = schema_next(&text)))
		each_of(&columns, statement);
	out->failed |= later.failed;
	buffer_done(&later);
	for (unsigned int version = 1; version <= schema_newest(); version++)
		buffer_addf(out,
			    "INSERT INTO %s.schema_versions (version, time) "
			    "SELECT toUInt32(%u), now();\n",
			    layout->database, version);
}

int schema_each_column(const struct schema_layout *layout,
		       void (*visit)(void *context, const char *table, const char *name,
				     const char *type),
		       void *context)
{
	const struct columns columns = { visit, context };
	char *text, *statement;
	struct buffer all;
	int error;

	buffer_init(&all);
	schema_add_all(&all, layout);
	buffer_add_char(&all, '\0');
	error = all.failed ? -ENOMEM : 0;
	text = all.bytes;
	while (!error && (statement = schema_next(&text)))
		each_of(&columns, statement);
	buffer_done(&all);
	return error;
}
