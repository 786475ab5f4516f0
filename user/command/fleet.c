// SPDX-License-Identifier: GPL-2.0-only
/* The command `fleet`: the tables of a store of many machines, and questions to it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "user/base/log.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/command/command.h"
#include "user/command/complaints.h"
#include "user/fleet/buckets.h"
#include "user/fleet/hang.h"
#include "user/fleet/pair.h"
#include "user/fleet/question.h"
#include "user/fleet/schema.h"
#include "user/net/client.h"
#include "user/run/complaints.h"
#include "user/run/output.h"
#include "user/run/store.h"
#include "user/run/terminal.h"
#include "user/sink/owner.h"

#define STATUS_FAILED 2
#define TIMEOUT_MS 300000
#define ANSWER_BYTES (256u << 20)
#define SHOWN 200 /* columns of what a server says */
#define FIRST_WITH_LOW_CARDINALITY 20

struct fleet {
	const struct options *options;
	struct store store;
	struct client *client;
	struct client_answer answer;
	size_t server;
	uint64_t now_ns;
	size_t rows; /* of the last answer */
};

/* ---- the store ----------------------------------------------------------------------------- */

static void explain_refusal(const struct fleet *f)
{
	const struct buffer *said = &f->answer.body;
	const char *reason =
		store_reason(store_code(said->bytes, said->size), said->bytes, said->size);
	const char *url = f->store.urls[f->server];
	struct buffer text;

	buffer_init(&text);
	text_add_escaped(&text, said->bytes, said->size, SHOWN);
	buffer_add_char(&text, '\0');
	if (text.failed)
		RUN_COMPLAIN(NO_MEMORY);
	else if (f->answer.was_asked)
		COMMAND_COMPLAIN(STORE_SILENT, .w = url, .v = f->answer.why);
	else if (!f->answer.status)
		COMMAND_COMPLAIN(STORE_UNREACHABLE, .w = url, .v = f->answer.why);
	else if (reason)
		COMMAND_COMPLAIN(STORE_REFUSES, .w = url, .v = reason);
	else if (!*text.bytes)
		COMMAND_COMPLAIN(STORE_ANSWERED_ONLY, .w = url, .n = (uint64_t)f->answer.status);
	else
		COMMAND_COMPLAIN(STORE_ANSWERED, .w = url, .n = (uint64_t)f->answer.status,
				 .v = text.bytes);
	buffer_done(&text);
}

/* Puts a query to the server of that number. Returns 0 or -EIO. */
static int put(struct fleet *f, const struct buffer *query)
{
	struct buffer url;

	buffer_init(&url);
	store_add_url(&url, &f->store, f->server, "", "wait_end_of_query=1");
	buffer_add_char(&url, '\0');
	log_debug("%.*s", (int)query->size, query->bytes);
	if (url.failed || query->failed)
		f->answer.status = 0;
	else
		client_post(f->client, url.bytes, query, &f->answer);
	buffer_done(&url);
	return f->answer.status == 200 ? 0 : -EIO;
}

/* Puts it to the first one that can be reached. Returns 0, or -EIO after one sentence. */
static int ask(struct fleet *f, const struct buffer *query)
{
	int error = -EIO;

	for (f->server = 0; f->server < f->store.url_count; f->server++) {
		error = put(f, query);
		if (!error || f->answer.status)
			break;
		if (f->server + 1 < f->store.url_count)
			log_debug("%s: %s", f->store.urls[f->server], f->answer.why);
		else
			break;
	}
	if (error)
		explain_refusal(f);
	return error;
}

static int ask_text(struct fleet *f, const char *text)
{
	struct buffer query;
	int error;

	buffer_init(&query);
	buffer_add_text(&query, text);
	error = put(f, &query);
	buffer_done(&query);
	return error;
}

static int open_store(struct fleet *f)
{
	struct client_settings settings = {
		.timeout_ms = TIMEOUT_MS,
		.type = "text/plain",
		.answer_bytes = ANSWER_BYTES,
	};
	int error = store_read(&f->store, f->options);

	if (error)
		return error;
	if (!client_is_built_in()) {
		COMMAND_COMPLAIN(NO_STORE);
		return -ENOTSUP;
	}
	settings.certificates = f->store.certificates;
	for (size_t i = 0; i < f->store.header_count; i++)
		settings.headers[settings.header_count++] = f->store.headers[i];
	f->client = client_new(&settings);
	if (!f->client) {
		RUN_COMPLAIN(NO_MEMORY);
		return -ENOMEM;
	}
	return 0;
}

/* ---- the tables ---------------------------------------------------------------------------- */

static struct schema_layout layout_of(const struct options *o, bool is_modern)
{
	return (struct schema_layout){ .database = o->store.database,
				       .cluster = o->fleet.cluster,
				       .is_replicated = o->fleet.is_replicated,
				       .is_modern = is_modern };
}

static int print_schema(const struct options *o)
{
	const struct schema_layout layout = layout_of(o, o->fleet.is_modern);
	struct buffer out;
	int error;

	buffer_init(&out);
	schema_add_all(&out, &layout);
	if (o->fleet.writer)
		schema_add_grants(&out, o->fleet.writer, &layout);
	error = buffer_flush(&out, STDOUT_FILENO);
	buffer_done(&out);
	if (error && error != -EPIPE)
		RUN_COMPLAIN(OUTPUT_UNWRITTEN, .w = strerror(-error));
	return error && error != -EPIPE ? STATUS_FAILED : 0;
}

static struct answer answer_of(const struct fleet *f)
{
	const struct buffer *body = &f->answer.body;

	return (struct answer){ body->bytes, body->size ? body->bytes + body->size : body->bytes };
}

/* A number that is all of the answer. Returns 0, or -EBADMSG: it is something else. */
static int take_number(const struct fleet *f, uint64_t *ret)
{
	struct answer answer = answer_of(f);
	struct answer_value value;

	if (answer_next(&answer, &value, 1) != 1 || !answer_u64(&value, ret))
		return -EBADMSG;
	return 0;
}

/* Asks for a number. Returns 0, or -EIO after one sentence. */
static int ask_number(struct fleet *f, const char *query, uint64_t *ret)
{
	if (ask_text(f, query)) {
		explain_refusal(f);
		return -EIO;
	}
	if (!take_number(f, ret))
		return 0;
	COMMAND_COMPLAIN(NO_CLICKHOUSE, .w = f->store.urls[f->server]);
	return -EIO;
}

/* Which version is there; 0: none. Returns 0, or -EIO after one sentence. */
static int find_version(struct fleet *f, uint64_t *ret)
{
	uint64_t tables;
	char query[256];

	snprintf(query, sizeof(query),
		 "SELECT count() FROM system.tables WHERE database = '%s' AND name = "
		 "'schema_versions' FORMAT TabSeparated",
		 f->store.database);
	if (ask_number(f, query, &tables))
		return -EIO;
	*ret = 0;
	if (!tables)
		return 0;
	snprintf(query, sizeof(query),
		 "SELECT max(version) FROM %s.schema_versions FORMAT TabSeparated",
		 f->store.database);
	return ask_number(f, query, ret);
}

/* ClickHouse 18.16 says so, as "18.16.1". */
static bool is_modern(struct fleet *f)
{
	uint64_t version;

	return !ask_text(f,
			 "SELECT toUInt32(splitByChar('.', version())[1]) FORMAT TabSeparated") &&
	       !take_number(f, &version) && version >= FIRST_WITH_LOW_CARDINALITY;
}

/* It is there already: the run before was ended in the middle. */
static bool is_there(const struct fleet *f)
{
	enum { DUPLICATE_COLUMN = 15, ILLEGAL_COLUMN = 44 };
	unsigned int code = store_code(f->answer.body.bytes, f->answer.body.size);

	return code == DUPLICATE_COLUMN || code == ILLEGAL_COLUMN;
}

static int apply_statements(struct fleet *f, char *text)
{
	const char *statement;

	while ((statement = schema_next(&text))) {
		if (!ask_text(f, statement) || (strstr(statement, "ADD COLUMN") && is_there(f)))
			continue;
		explain_refusal(f);
		return -EIO;
	}
	return 0;
}

/* `version` 0: all of it, where nothing is. */
static int apply(struct fleet *f, unsigned int version, const struct schema_layout *layout)
{
	struct buffer text;
	char done[256];
	int error;

	buffer_init(&text);
	if (version)
		schema_add(&text, version, layout);
	else
		schema_add_all(&text, layout);
	buffer_add_char(&text, '\0');
	error = text.failed ? -ENOMEM : apply_statements(f, text.bytes);
	buffer_done(&text);
	if (error || !version)
		return error;
	snprintf(done, sizeof(done),
		 "INSERT INTO %s.schema_versions (version, time) SELECT toUInt32(%u), now()",
		 f->store.database, version);
	error = ask_text(f, done);
	if (error)
		explain_refusal(f);
	return error;
}

#define TYPE_SHOWN 80

/* What is there, and what of it was found as it should be. */
struct schema_comparison {
	struct fleet *fleet;
	char *columns; /* "table\tname\ttype\n..." */
	size_t differences;
};

/* Old and new servers write some types differently. */
static bool is_same_type(const char *is, size_t size, const char *wanted)
{
	return strlen(wanted) == size && !memcmp(is, wanted, size);
}

/* What it is stands in a line. */
static void complain_of_type(const char *where, const char *line, const char *wanted)
{
	size_t size = strcspn(line, "\n");
	char is[TYPE_SHOWN + 1];
	struct buffer said;

	snprintf(is, sizeof(is), "%.*s", (int)(size < TYPE_SHOWN ? size : TYPE_SHOWN), line);
	buffer_init(&said);
	sentence_add(&said, COMMAND_SAYS(COLUMN_OTHER),
		     &(struct sentence_words){ .w = where, .v = is });
	buffer_add_text(&said, wanted);
	buffer_add_char(&said, '\0');
	log_warn("%s", said.failed ? where : said.bytes);
	buffer_done(&said);
}

static void compare_column(void *context, const char *table, const char *name, const char *type)
{
	struct schema_comparison *c = context;
	const struct fleet *f = c->fleet;
	char key[160], where[STORE_URL_SIZE + sizeof(key)];
	const char *at;

	snprintf(key, sizeof(key), "\n%s\t%s\t", table, name);
	at = strstr(c->columns, key);
	if (!at) {
		snprintf(where, sizeof(where), "%s: %s.%s", f->store.urls[f->server],
			 f->store.database, table);
		COMMAND_COMPLAIN(COLUMN_MISSING, .w = where, .v = name);
		c->differences++;
		return;
	}
	at += strlen(key);
	if (is_same_type(at, strcspn(at, "\n"), type))
		return;
	snprintf(where, sizeof(where), "%s: %s.%s.%s", f->store.urls[f->server], f->store.database,
		 table, name);
	complain_of_type(where, at, type);
	c->differences++;
}

/* Returns how many columns differ, or -errno after one sentence. */
static int compare_schema(struct fleet *f, const struct schema_layout *layout)
{
	struct schema_comparison comparison = { .fleet = f };
	char query[256];
	int error;

	snprintf(query, sizeof(query),
		 "SELECT table, name, type FROM system.columns WHERE database = '%s' "
		 "FORMAT TabSeparated",
		 f->store.database);
	if (ask_text(f, query)) {
		explain_refusal(f);
		return -EIO;
	}
	if (asprintf(&comparison.columns, "\n%.*s", (int)f->answer.body.size,
		     f->answer.body.bytes) < 0)
		return -ENOMEM;
	error = schema_each_column(layout, compare_column, &comparison);
	free(comparison.columns);
	return error ? error : (int)comparison.differences;
}

static void print_line(const char *text, const struct sentence_words *words)
{
	struct buffer line;

	buffer_init(&line);
	sentence_add(&line, text, words);
	printf("%.*s\n", (int)line.size, line.size ? line.bytes : "");
	buffer_done(&line);
}

/* One server. Returns how many columns differ, or -errno after one sentence. */
static int init_server(struct fleet *f)
{
	struct schema_layout layout;
	uint64_t version;
	int error = find_version(f, &version);

	if (error)
		return error;
	layout = layout_of(f->options, is_modern(f));
	error = version ? 0 : apply(f, 0, &layout);
	for (uint64_t next = version + 1; version && !error && next <= schema_newest(); next++)
		error = apply(f, (unsigned int)next, &layout);
	if (error)
		return error;
	if (version > schema_newest())
		COMMAND_COMPLAIN(SCHEMA_NEWER, .w = f->store.urls[f->server], .n = version);
	else if (version == schema_newest())
		print_line(COMMAND_SAYS(SCHEMA_THERE),
			   &(struct sentence_words){ .w = f->store.urls[f->server],
						     .n = schema_newest() });
	else
		print_line(COMMAND_SAYS(SCHEMA_FROM),
			   &(struct sentence_words){ .w = f->store.urls[f->server],
						     .n = version,
						     .m = schema_newest() });
	return compare_schema(f, &layout);
}

static int init(struct fleet *f)
{
	int differences = 0;

	for (f->server = 0; f->server < f->store.url_count; f->server++) {
		int found = init_server(f);

		if (found < 0)
			return STATUS_FAILED;
		differences += found;
	}
	return differences ? 1 : 0;
}

/* ---- questions ----------------------------------------------------------------------------- */

static int complain(const struct fleet *f, int error)
{
	if (error == -ENODATA)
		COMMAND_COMPLAIN(NO_CLICKHOUSE, .w = f->store.urls[f->server]);
	else
		COMMAND_COMPLAIN(ANSWER_UNUSABLE, .w = error == -EBADMSG ?
							       COMMAND_SAYS(ANSWER_OTHER) :
							       strerror(-error));
	return STATUS_FAILED;
}

static int flush(struct buffer *out)
{
	int error = out->failed ? -ENOMEM : buffer_flush(out, STDOUT_FILENO);

	buffer_done(out);
	if (!error || error == -EPIPE)
		return 0;
	RUN_COMPLAIN(OUTPUT_UNWRITTEN, .w = strerror(-error));
	return STATUS_FAILED;
}

/* Calls `take` for each row. Returns 0 or -errno. */
static int each_row(struct fleet *f, size_t count,
		    int (*take)(void *context, const struct answer_value *values), void *context)
{
	struct answer_value values[ANSWER_COLUMNS];
	struct answer answer = answer_of(f);
	int next = answer_begin(&answer, count);

	f->rows = 0;
	while (next >= 0 && (next = answer_next(&answer, values, count)) > 0) {
		int error = take(context, values);

		if (error)
			return error;
		f->rows++;
	}
	return next;
}

static int take_row(void *context, const struct answer_value *values)
{
	table_add(context, values);
	return 0;
}

static int take_pair(void *context, const struct answer_value *values)
{
	pair_add(context, values);
	return 0;
}

static int take_hanging(void *context, const struct answer_value *values)
{
	return hangs_add(context, values, false);
}

static int take_hanging_group(void *context, const struct answer_value *values)
{
	return hangs_add(context, values, true);
}

static int take_bucket(void *context, const struct answer_value *values)
{
	return buckets_add(context, values);
}

/* Returns 0, or -EIO after one sentence. */
static int ask_question(struct fleet *f, const struct question *q)
{
	struct buffer query;
	int error;

	buffer_init(&query);
	q->ask(&query, f->options, f->now_ns);
	error = ask(f, &query);
	buffer_done(&query);
	return error;
}

/* How wide a table for people may be; 0: as it is. */
static size_t columns_of(const struct fleet *f)
{
	struct sink_settings settings;

	terminal_settings(f->options, &settings);
	return settings.wide ? 0 : settings.columns;
}

/* Adds what is answered, as a table of these columns. Returns 0 or the exit status. */
static int add_answer(struct fleet *f, const struct question *q, struct buffer *out,
		      const struct table_column *columns, size_t count, bool is_pair)
{
	struct table *table;
	int error;

	if (ask_question(f, q))
		return STATUS_FAILED;
	table = table_new(q->type, columns, count);
	error = table ? each_row(f, q->count, is_pair ? take_pair : take_row, table) : -ENOMEM;
	if (!error)
		error = table_print(table, out, f->options->format, columns_of(f));
	table_free(table);
	return error ? complain(f, error) : 0;
}

static int answer_question(struct fleet *f, const struct question *q)
{
	struct buffer out;
	int status;

	buffer_init(&out);
	status = add_answer(f, q, &out, q->columns, q->count, false);
	if (!status)
		return flush(&out);
	buffer_done(&out);
	return status;
}

/* Those that have a row of their own, and how many failures these are. */
struct failed {
	struct table *table;
	uint64_t count;
};

static int take_failure(void *context, const struct answer_value *values)
{
	struct failed *failed = context;
	uint64_t count = 0;

	if (!answer_u64(&values[FAILURES_COUNT], &count))
		return -EBADMSG;
	failed->count += count;
	table_add(failed->table, values);
	return 0;
}

/* What has no row of its own is counted in one behind. Returns 0 or the exit status. */
static int add_other_failures(struct fleet *f, const struct failed *failed)
{
	struct answer_value values[ANSWER_COLUMNS] = { [FAILURES_OTHER] = { "1", 1 } };
	char text[24];
	uint64_t all;

	if (table_rows(failed->table) < f->options->hist.top)
		return 0;
	if (ask_question(f, &question_failed))
		return STATUS_FAILED;
	if (take_number(f, &all))
		return complain(f, -EBADMSG);
	if (all <= failed->count)
		return 0;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)(all - failed->count));
	values[FAILURES_COUNT] = (struct answer_value){ text, strlen(text) };
	if (f->options->format == FORMAT_TEXT)
		values[FAILURES_CAUSE] =
			(struct answer_value){ OWNER_OTHERS, strlen(OWNER_OTHERS) };
	table_add(failed->table, values);
	return 0;
}

static int answer_failures(struct fleet *f)
{
	const struct question *q = &question_failures;
	struct failed failed = { 0 };
	struct buffer out;
	int error, status;

	if (ask_question(f, q))
		return STATUS_FAILED;
	failed.table = table_new(q->type, q->columns, q->count);
	error = failed.table ? each_row(f, q->count, take_failure, &failed) : -ENOMEM;
	status = error ? complain(f, error) : add_other_failures(f, &failed);
	buffer_init(&out);
	if (!status)
		error = table_print(failed.table, &out, f->options->format, columns_of(f));
	table_free(failed.table);
	if (!status && !error)
		return flush(&out);
	buffer_done(&out);
	return status ? status : complain(f, error);
}

/* The pairs, and beneath them what has one end alone; CSV has one table. */
static int answer_pairs(struct fleet *f)
{
	const struct question *alone = &question_alone;
	struct buffer out, beneath;
	int status;

	buffer_init(&out);
	buffer_init(&beneath);
	status = add_answer(f, &question_pairs, &out, pair_columns, pair_column_count, true);
	if (!status && f->options->format != FORMAT_CSV)
		status = add_answer(f, alone, &beneath, alone->columns, alone->count, false);
	if (f->options->format == FORMAT_TEXT && f->rows)
		buffer_addf(&out, "\n%s\n", COMMAND_SAYS(ONE_END_ALONE));
	if (f->options->format == FORMAT_JSON || f->rows)
		buffer_add(&out, beneath.bytes, beneath.size);
	buffer_done(&beneath);
	if (!status)
		return flush(&out);
	buffer_done(&out);
	return status;
}

/* As the local command does: groups for people, else a line for each. */
static int answer_stuck(struct fleet *f)
{
	const struct sink *sink = output_sink(f->options->format);
	bool is_group = sink->stuck_groups && !f->options->stuck.list;
	const struct question *q = is_group ? &question_stuck_groups : &question_stuck;
	struct sink_settings settings;
	struct hangs *hangs;
	struct buffer out;
	int error;

	if (ask_question(f, q))
		return STATUS_FAILED;
	hangs = hangs_new();
	error = hangs ? each_row(f, q->count, is_group ? take_hanging_group : take_hanging, hangs) :
			-ENOMEM;
	buffer_init(&out);
	terminal_settings(f->options, &settings);
	if (!error)
		hangs_print(hangs, sink, &settings, &out);
	hangs_free(hangs);
	if (!error)
		return flush(&out);
	buffer_done(&out);
	return complain(f, error);
}

static int answer_hist(struct fleet *f)
{
	const char *names[ANSWER_COLUMNS];
	size_t keys = question_keys(f->options, names);
	struct sink_settings settings;
	struct buffer query, out;
	struct buckets *buckets;
	int error;

	buffer_init(&query);
	question_buckets(&query, f->options, f->now_ns);
	error = ask(f, &query);
	buffer_done(&query);
	if (error)
		return STATUS_FAILED;
	buffer_init(&out);
	terminal_settings(f->options, &settings);
	buckets = buckets_new(names, keys);
	error = buckets ? each_row(f, 1 + keys + BUCKETS_NUMBERS, take_bucket, buckets) : -ENOMEM;
	if (!error)
		error = buckets_print(buckets, &out, f->options, &settings);
	buckets_free(buckets);
	if (!error)
		return flush(&out);
	buffer_done(&out);
	return complain(f, error);
}

static int answer(struct fleet *f)
{
	switch (f->options->fleet.query) {
	case FLEET_INIT:
		return init(f);
	case FLEET_HIST:
		return answer_hist(f);
	case FLEET_FAILURES:
		return answer_failures(f);
	case FLEET_STUCK:
		return answer_stuck(f);
	case FLEET_PAIRS:
		return answer_pairs(f);
	case FLEET_TOP:
		return answer_question(f, &question_top);
	default:
		return answer_question(f, &question_hosts);
	}
}

static int fleet_run(const struct options *options)
{
	struct fleet f = { .options = options };
	struct timespec now;
	int status = STATUS_FAILED;

	if (options->fleet.query == FLEET_SCHEMA)
		return print_schema(options);
	clock_gettime(CLOCK_REALTIME, &now);
	f.now_ns = (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
	buffer_init(&f.answer.body);
	if (!open_store(&f))
		status = answer(&f);
	store_forget(&f.store);
	client_free(f.client);
	buffer_done(&f.answer.body);
	return status;
}

const struct command command_fleet = { .run = fleet_run };
