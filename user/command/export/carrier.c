// SPDX-License-Identifier: GPL-2.0-only
/* Takes rows out of the queue, keeps them in the spool, and sends them until the store has them. */
#include "user/command/export/carrier.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "user/base/clock.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/command/complaints.h"
#include "user/command/export/errand.h"
#include "user/command/export/spool.h"
#include "user/net/client.h"

#define TIMEOUT_MS 30000
#define HTTP_TOO_LARGE 413
#define TELL_NS (60 * NS_PER_S)
#define ROWS_BYTES (16u << 20) /* of rows whose batch has not ended; there are fewer */
#define WHY_SIZE 400
#define SHOWN 120 /* columns of what others have said */

/* Both tables that are spread over servers, and those that are not, are told by the same words. */
#define QUERY_SETTINGS "&insert_distributed_sync=1&input_format_skip_unknown_fields=0"

struct carrier {
	const struct carrier_settings *settings;
	struct client *client;
	struct client_answer answer;
	struct spool spool;
	struct buffer rows, end, url, body;
	uint64_t row_count; /* in `rows` */
	uint64_t next_ns;
	struct retry retry;
	size_t server; /* that is asked next */
	struct errand errand;

	struct series_rows told; /* losses that somebody was told of */
	uint64_t told_ns;
	char why[WHY_SIZE];
};

/* ---- what was lost ------------------------------------------------------------------------- */

static void count(struct carrier *c, enum queue_fate fate, uint64_t rows)
{
	queue_count(c->settings->queue, QUEUE_ROWS, fate, rows);
}

static void read_counts(const struct carrier *c, struct series_rows *ret)
{
	struct series_otlp all = { 0 };

	queue_read(c->settings->queue, &all);
	ret->sent = all.sent[QUEUE_ROWS];
	ret->failed = all.failed[QUEUE_ROWS];
	ret->dropped = all.dropped[QUEUE_ROWS];
}

/* Once a minute at most, whatever was lost meanwhile. */
static void tell_losses(struct carrier *c, uint64_t now_ns, bool is_last)
{
	struct series_rows now;
	uint64_t failed, dropped;

	if (c->told_ns && now_ns - c->told_ns < TELL_NS && !is_last)
		return;
	read_counts(c, &now);
	failed = now.failed - c->told.failed;
	dropped = now.dropped - c->told.dropped;
	if (!failed && !dropped && (!*c->why || is_last))
		return;
	if (!failed && !dropped)
		COMMAND_COMPLAIN(ROWS_WAIT, .w = c->why);
	else if (*c->why)
		COMMAND_COMPLAIN(ROWS_FAILED_WHY, .n = failed, .m = dropped, .w = c->why);
	else
		COMMAND_COMPLAIN(ROWS_FAILED, .n = failed, .m = dropped);
	c->told = now;
	c->told_ns = now_ns;
	*c->why = '\0';
}

/* What others have said is escaped. */
static void note_why(struct carrier *c, const char *what, const char *said, size_t size)
{
	struct buffer text;

	buffer_init(&text);
	buffer_add_text(&text, what);
	if (size) {
		buffer_add_text(&text, ": ");
		text_add_escaped(&text, said, size, SHOWN);
	}
	buffer_add_char(&text, '\0');
	if (!text.failed)
		snprintf(c->why, sizeof(c->why), "%s", text.bytes);
	buffer_done(&text);
}

/* ---- from the queue into the spool --------------------------------------------------------- */

static void keep(struct carrier *c, const struct spool_entry *entry, struct buffer *body)
{
	uint64_t dropped = 0;
	int error = 0;

	if (body->failed || client_pack(c->client, body))
		error = -ENOMEM;
	if (!error)
		error = spool_add(&c->spool, entry, body, &dropped);
	if (error && entry->table == SPOOL_CONNECTIONS)
		dropped += entry->rows;
	/* Of the account of a batch alone nothing is said: its rows are told of, if it has any. */
	if (error && dropped)
		note_why(c, "has not got them: they cannot wait in the spool", strerror(-error),
			 strlen(strerror(-error)));
	else if (dropped && !*c->why)
		note_why(c, "has not taken them in time, and the spool is full", NULL, 0);
	count(c, QUEUE_DROPPED, dropped);
	queue_tell_kept(c->settings->queue, c->spool.bytes);
	if (body->failed) {
		buffer_done(body);
		buffer_init(body);
	}
	buffer_clear(body);
}

/* The number behind a key of the row of a batch, which this program has written. */
static uint64_t number_of(const struct buffer *row, const char *key)
{
	const char *at = row->size ? memmem(row->bytes, row->size, key, strlen(key)) : NULL;
	const char *end = row->bytes + row->size;
	uint64_t number = 0;

	for (at = at ? at + strlen(key) : end; at < end && *at >= '0' && *at <= '9'; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	return number;
}

/* What has come since the one before is one. */
static void end_batch(struct carrier *c)
{
	struct spool_entry e = { .run = number_of(&c->end, "\"run\":"),
				 .batch = number_of(&c->end, "\"batch\":"),
				 .rows = c->row_count };

	if (c->rows.size)
		keep(c, &e, &c->rows);
	c->row_count = 0;
	e.table = SPOOL_BATCHES;
	e.rows = 1;
	keep(c, &e, &c->end);
}

/* As much as may be kept; who puts waits for the rest, or has it dropped. */
static void drain(struct carrier *c)
{
	struct queue *queue = c->settings->queue;
	struct queue_next next;

	while (queue_peek(queue, &next)) {
		if (c->settings->is_patient && !c->errand.is_finishing && spool_first(&c->spool) &&
		    spool_is_full(&c->spool, c->rows.size))
			return;
		if (next.signal == QUEUE_BATCH) {
			queue_take(queue, &c->end);
			end_batch(c);
			continue;
		}
		if (c->rows.size + next.size > ROWS_BYTES) {
			count(c, QUEUE_DROPPED, c->row_count);
			buffer_clear(&c->rows);
			c->row_count = 0;
		}
		queue_take(queue, &c->rows);
		c->row_count += next.parts;
	}
}

/* ---- from the spool to the store ----------------------------------------------------------- */

static void take_messages(struct carrier *c, int timeout_ms)
{
	if (errand_listen(&c->errand, timeout_ms))
		c->next_ns = 0;
}

/* In the middle of a request: what comes meanwhile is kept. */
static bool is_over(void *context)
{
	struct carrier *c = context;

	take_messages(c, 0);
	if (!c->errand.is_over)
		drain(c);
	return errand_is_late(&c->errand);
}

static void put_off(struct carrier *c, uint64_t now_ns)
{
	/* Another one may take it at once. */
	c->server++;
	if (c->server < c->settings->store->url_count) {
		c->next_ns = now_ns;
		return;
	}
	c->server = 0;
	c->next_ns = now_ns + retry_after(&c->retry, now_ns, c->answer.retry_after_s);
}

static void remove_first(struct carrier *c)
{
	spool_remove_first(&c->spool);
	queue_tell_kept(c->settings->queue, c->spool.bytes);
	retry_reset(&c->retry);
	c->next_ns = 0;
}

static void end_first(struct carrier *c, enum queue_fate fate)
{
	const struct spool_entry *e = spool_first(&c->spool);

	if (e->table == SPOOL_CONNECTIONS)
		count(c, fate, e->rows);
	remove_first(c);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A store that has taken rows says nothing, or that: all else is somebody else's. */
static bool has_little_to_say(const struct buffer *said)
{
	static const char fine[] = "Ok.";
	size_t from = 0, to = said->size;

	while (from < to && is_blank(said->bytes[from]))
		from++;
	while (from < to && is_blank(said->bytes[to - 1]))
		to--;
	return from == to ||
	       (to - from == sizeof(fine) - 1 && !memcmp(said->bytes + from, fine, to - from));
}

/* An exception may come behind a status that tells of none. */
static bool is_taken(const struct client_answer *answer)
{
	return answer->status >= 200 && answer->status < 300 && has_little_to_say(&answer->body);
}

/* Why it was not taken; true: it never will be, and those behind it are not to wait for it. */
static bool judge_refusal(struct carrier *c)
{
	const struct buffer *said = &c->answer.body;
	unsigned int code = store_code(said->bytes, said->size);
	const char *reason = store_reason(code, said->bytes, said->size);
	char what[64];

	if (!c->answer.status) {
		note_why(c, c->answer.was_asked ? "has given no answer" : "cannot be reached",
			 c->answer.why, strlen(c->answer.why));
		return false;
	}
	snprintf(what, sizeof(what), "has answered %ld", c->answer.status);
	if (reason)
		note_why(c, reason, NULL, 0);
	else
		note_why(c, what, said->bytes, said->size);
	return c->answer.status == HTTP_TOO_LARGE ||
	       store_refuses_rows(code, said->bytes, said->size);
}

static void build_url(struct carrier *c, enum spool_table table)
{
	const struct store *store = c->settings->store;
	char query[128];

	snprintf(query, sizeof(query), "INSERT INTO %s.%s FORMAT JSONEachRow", store->database,
		 spool_table_name(table));
	buffer_clear(&c->url);
	store_add_url(&c->url, store, c->server, query, QUERY_SETTINGS);
	buffer_add_char(&c->url, '\0');
}

/* Whether the oldest is still that one: there may have been no room for it meanwhile. */
static bool is_first(const struct carrier *c, const struct spool_entry *e)
{
	const struct spool_entry *first = spool_first(&c->spool);

	return first && first->run == e->run && first->batch == e->batch &&
	       first->table == e->table;
}

static void send_first(struct carrier *c)
{
	const struct spool_entry first = *spool_first(&c->spool);
	int error = spool_read_first(&c->spool, &c->body);

	build_url(c, first.table);
	if (error || c->url.failed) {
		note_why(c, "has not got some: they cannot be read", strerror(-error),
			 error ? strlen(strerror(-error)) : 0);
		end_first(c, QUEUE_FAILED);
		return;
	}
	client_post(c->client, c->url.bytes, &c->body, &c->answer);
	if (!is_first(c, &first))
		return;
	if (is_taken(&c->answer))
		end_first(c, QUEUE_SENT);
	else if (judge_refusal(c))
		end_first(c, QUEUE_FAILED);
	else
		put_off(c, clock_now());
}

/* ---- the process --------------------------------------------------------------------------- */

/* What is left of what waits in memory was not sent; a folder keeps it for the next run. */
static void finish(struct carrier *c)
{
	enum errand_wish wish = ERRAND_FINISH;

	if (c->settings->folder >= 0 && spool_first(&c->spool))
		wish = ERRAND_LEFT;
	while (c->settings->folder < 0 && spool_first(&c->spool))
		end_first(c, QUEUE_FAILED);
	count(c, QUEUE_FAILED, c->row_count);
	tell_losses(c, clock_now(), true);
	errand_answer(&c->errand, wish);
}

static void work(struct carrier *c)
{
	uint64_t now_ns;

	drain(c);
	now_ns = clock_now();
	if (spool_first(&c->spool) && now_ns >= c->next_ns && !errand_is_late(&c->errand))
		send_first(c);
	now_ns = clock_now();
	tell_losses(c, now_ns, false);
	if (c->errand.is_finishing && queue_is_empty(c->settings->queue) &&
	    (!spool_first(&c->spool) || now_ns >= c->errand.finish_ns ||
	     /* It was tried, in vain; the folder keeps it. */
	     (c->settings->folder >= 0 && !c->settings->is_patient && c->next_ns > now_ns)))
		finish(c);
}

static int timeout_of(const struct carrier *c)
{
	uint64_t now_ns = clock_now(), due_ns = c->next_ns;

	if (!spool_first(&c->spool))
		return -1;
	if (c->errand.is_finishing && c->errand.finish_ns < due_ns)
		due_ns = c->errand.finish_ns;
	return due_ns > now_ns ? (int)((due_ns - now_ns) / NS_PER_MS) + 1 : 0;
}

static void set_up(struct carrier *c)
{
	const struct store *store = c->settings->store;
	struct client_settings settings = {
		.certificates = store->certificates,
		.timeout_ms = TIMEOUT_MS,
		.compresses = true,
		.type = "application/x-ndjson",
		.answer_bytes = CLIENT_ANSWER_BYTES,
		.is_over = is_over,
		.context = c,
	};

	for (size_t i = 0; i < store->header_count; i++)
		settings.headers[settings.header_count++] = store->headers[i];
	c->client = client_new(&settings);
	retry_reset(&c->retry);
	buffer_init(&c->answer.body);
	buffer_init(&c->rows);
	buffer_init(&c->end);
	buffer_init(&c->url);
	buffer_init(&c->body);
}

static void done(struct carrier *c)
{
	client_free(c->client);
	spool_close(&c->spool);
	buffer_done(&c->answer.body);
	buffer_done(&c->rows);
	buffer_done(&c->end);
	buffer_done(&c->url);
	buffer_done(&c->body);
}

int carrier_run(const struct carrier_settings *settings, int fd)
{
	struct carrier c = { .settings = settings, .errand.fd = fd };
	int error;

	set_up(&c);
	error = spool_open(&c.spool, settings->folder, settings->spool_bytes);
	if (error)
		COMMAND_COMPLAIN(SPOOL_UNREADABLE, .w = strerror(-error));
	else if (!c.client)
		COMMAND_COMPLAIN(NOTHING_SENT_MEMORY);
	queue_tell_kept(settings->queue, c.spool.bytes);
	while (!error && c.client && !c.errand.is_over) {
		work(&c);
		if (c.errand.is_over)
			break;
		take_messages(&c, timeout_of(&c));
	}
	error = error || !c.client;
	done(&c);
	return error;
}
