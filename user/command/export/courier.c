// SPDX-License-Identifier: GPL-2.0-only
/* Takes requests out of the queue, in batches, and sends them until the collector has them. */
#include "user/command/export/courier.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "user/base/clock.h"
#include "user/base/text.h"
#include "user/base/units.h"
#include "user/command/complaints.h"
#include "user/command/export/errand.h"
#include "user/net/client.h"
#include "user/net/otlp.h"

#define BATCH_BYTES (1u << 20)
#define GIVE_UP_NS (300 * NS_PER_S) /* of a batch, so that those behind it get their turn */
#define TELL_NS (60 * NS_PER_S)
#define WHY_SIZE 320
#define SHOWN 80 /* columns of what others have said */

/* A body that is to be sent, and how often that was tried. */
struct batch {
	struct buffer body;
	enum series_signal signal;
	uint64_t parts; /* 0: there is none */
	uint64_t made_ns, next_ns;
	struct retry retry;
};

struct courier {
	struct queue *queue;
	const struct otel *otel;
	struct client *client;
	struct client_answer answer;
	struct batch batch;
	uint64_t ready_ns; /* when what waits is sent, however little; 0: nothing waits */
	struct errand errand;

	struct series_otlp told; /* losses that somebody was told of */
	uint64_t told_ns;
	char why[WHY_SIZE];
};

/* ---- what was lost ------------------------------------------------------------------------- */

static uint64_t sum(const uint64_t counts[SERIES_SIGNALS])
{
	return counts[SERIES_SPANS] + counts[SERIES_METRICS];
}

/* Once a minute at most, whatever was lost meanwhile. */
static void tell_losses(struct courier *c, uint64_t now_ns, bool is_last)
{
	struct series_otlp now;
	uint64_t failed, dropped;

	if (c->told_ns && now_ns - c->told_ns < TELL_NS && !is_last)
		return;
	queue_read(c->queue, &now);
	failed = sum(now.failed) - sum(c->told.failed);
	dropped = sum(now.dropped) - sum(c->told.dropped);
	if (!failed && !dropped && (!*c->why || is_last))
		return;
	if (!failed && !dropped)
		COMMAND_COMPLAIN(SPANS_WAIT, .w = c->why);
	else if (*c->why)
		COMMAND_COMPLAIN(SPANS_FAILED_WHY, .n = failed, .m = dropped, .w = c->why);
	else
		COMMAND_COMPLAIN(SPANS_FAILED, .n = failed, .m = dropped);
	c->told = now;
	c->told_ns = now_ns;
	*c->why = '\0';
}

/* What others have said is escaped. */
static void note_why(struct courier *c, const char *what, const char *said)
{
	struct buffer text;

	buffer_init(&text);
	buffer_add_text(&text, what);
	if (said && *said) {
		buffer_add_text(&text, ": ");
		text_add_escaped(&text, said, strlen(said), SHOWN);
	}
	buffer_add_char(&text, '\0');
	if (!text.failed)
		snprintf(c->why, sizeof(c->why), "%s", text.bytes);
	buffer_done(&text);
}

/* ---- one batch ----------------------------------------------------------------------------- */

static void count(struct courier *c, enum queue_fate fate, uint64_t parts)
{
	queue_count(c->queue, c->batch.signal, fate, parts);
}

static void end_batch(struct courier *c)
{
	c->batch.parts = 0;
	buffer_clear(&c->batch.body);
}

/* Takes as much as goes into one; what waits behind it waits no longer than it. */
static void make_batch(struct courier *c, uint64_t now_ns)
{
	struct batch *b = &c->batch;
	struct queue_next next;

	*b = (struct batch){ .body = b->body, .made_ns = now_ns, .next_ns = now_ns };
	retry_reset(&b->retry);
	buffer_clear(&b->body);
	while (queue_peek(c->queue, &next)) {
		if (b->parts && (next.signal != b->signal || next.signal == SERIES_METRICS ||
				 b->parts + next.parts > c->otel->batch ||
				 b->body.size + next.size > BATCH_BYTES))
			break;
		b->signal = next.signal;
		b->parts += next.parts;
		queue_take(c->queue, &b->body);
	}
	c->ready_ns = queue_is_empty(c->queue) ? 0 : now_ns + c->otel->delay_ms * NS_PER_MS;
	if (b->body.failed || client_pack(c->client, &b->body)) {
		note_why(c, "was not asked: there is not enough memory", NULL);
		count(c, QUEUE_FAILED, b->parts);
		buffer_done(&b->body);
		buffer_init(&b->body);
		b->parts = 0;
	}
}

static bool may_try_again(long status)
{
	return status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
}

/* Which part of what was sent it took. */
static void read_answer(struct courier *c)
{
	char why[OTLP_WHY_SIZE];
	uint64_t rejected, parts = c->batch.parts;

	if (otlp_read_answer(c->answer.body.bytes, c->answer.body.size, &rejected, why)) {
		note_why(c, "has given an answer that is none of OTLP", NULL);
		count(c, QUEUE_FAILED, parts);
		return;
	}
	rejected = rejected < parts ? rejected : parts;
	if (rejected)
		note_why(c, "has rejected some", why);
	count(c, QUEUE_FAILED, rejected);
	count(c, QUEUE_SENT, parts - rejected);
}

static void put_off(struct courier *c, uint64_t now_ns)
{
	struct batch *b = &c->batch;

	b->next_ns = now_ns + retry_after(&b->retry, now_ns, c->answer.retry_after_s);
	if (now_ns - b->made_ns < GIVE_UP_NS &&
	    !(c->errand.is_finishing && b->next_ns >= c->errand.finish_ns))
		return;
	count(c, QUEUE_FAILED, b->parts);
	end_batch(c);
}

static void note_refusal(struct courier *c)
{
	char what[64];

	if (!c->answer.status) {
		note_why(c, c->answer.was_asked ? "has given no answer" : "cannot be reached",
			 c->answer.why);
		return;
	}
	snprintf(what, sizeof(what), "has answered %ld", c->answer.status);
	note_why(c, what, NULL);
}

static void try_batch(struct courier *c)
{
	const char *url = c->batch.signal == SERIES_SPANS ? c->otel->traces : c->otel->metrics;
	long status;

	client_post(c->client, url, &c->batch.body, &c->answer);
	status = c->answer.status;
	if (status >= 200 && status < 300) {
		read_answer(c);
		end_batch(c);
		return;
	}
	note_refusal(c);
	if (may_try_again(status)) {
		put_off(c, clock_now());
		return;
	}
	count(c, QUEUE_FAILED, c->batch.parts);
	end_batch(c);
}

/* ---- the process --------------------------------------------------------------------------- */

static void take_messages(struct courier *c, int timeout_ms)
{
	if (errand_listen(&c->errand, timeout_ms))
		c->batch.next_ns = 0;
}

/* In the middle of a request: whether the tracer has ended, or waits no longer. */
static bool is_over(void *context)
{
	struct courier *c = context;

	take_messages(c, 0);
	return errand_is_late(&c->errand);
}

/* Whether there is enough for a batch, or it has waited for long enough. */
static bool is_ready(struct courier *c, uint64_t now_ns)
{
	struct queue_next next;

	if (!queue_peek(c->queue, &next))
		return false;
	if (!c->ready_ns)
		c->ready_ns = now_ns + c->otel->delay_ms * NS_PER_MS;
	return c->errand.is_finishing || next.signal == SERIES_METRICS || now_ns >= c->ready_ns ||
	       queue_parts(c->queue) >= c->otel->batch;
}

static int timeout_of(struct courier *c, uint64_t now_ns)
{
	bool is_next = !c->batch.parts && is_ready(c, now_ns);
	uint64_t due_ns = c->batch.parts ? c->batch.next_ns : c->ready_ns;

	if (is_next)
		return 0;
	if (!c->batch.parts && !c->ready_ns)
		return -1;
	return due_ns > now_ns ? (int)((due_ns - now_ns) / NS_PER_MS) + 1 : 0;
}

/* What there is no time left for. */
static void give_up(struct courier *c)
{
	struct queue_next next;
	struct buffer scrap;

	if (c->batch.parts)
		count(c, QUEUE_FAILED, c->batch.parts);
	end_batch(c);
	buffer_init(&scrap);
	while (queue_peek(c->queue, &next)) {
		queue_count(c->queue, next.signal, QUEUE_FAILED, next.parts);
		queue_take(c->queue, &scrap);
		buffer_clear(&scrap);
	}
	buffer_done(&scrap);
}

static void finish(struct courier *c)
{
	give_up(c);
	tell_losses(c, clock_now(), true);
	errand_answer(&c->errand, ERRAND_FINISH);
}

static void work(struct courier *c)
{
	uint64_t now_ns = clock_now();

	if (!c->batch.parts && is_ready(c, now_ns))
		make_batch(c, now_ns);
	if (c->batch.parts && now_ns >= c->batch.next_ns && !errand_is_late(&c->errand))
		try_batch(c);
	now_ns = clock_now();
	tell_losses(c, now_ns, false);
	if (c->errand.is_finishing &&
	    ((!c->batch.parts && queue_is_empty(c->queue)) || now_ns >= c->errand.finish_ns))
		finish(c);
}

static void set_up(struct courier *c, struct client_settings *settings)
{
	*settings = (struct client_settings){
		.certificates = c->otel->certificates,
		.timeout_ms = c->otel->timeout_ms,
		.compresses = c->otel->compresses,
		.type = "application/x-protobuf",
		.answer_bytes = CLIENT_ANSWER_BYTES,
		.is_over = is_over,
		.context = c,
	};
	for (size_t i = 0; i < c->otel->header_count && i < CLIENT_HEADERS; i++)
		settings->headers[settings->header_count++] = c->otel->headers[i];
	c->client = client_new(settings);
	buffer_init(&c->answer.body);
	buffer_init(&c->batch.body);
}

int courier_run(struct queue *queue, const struct otel *otel, int fd)
{
	struct courier courier = { .queue = queue, .otel = otel, .errand.fd = fd };
	struct client_settings settings;

	set_up(&courier, &settings);
	if (!courier.client) {
		COMMAND_COMPLAIN(NOTHING_SENT_MEMORY);
		return 1;
	}
	while (!courier.errand.is_over) {
		work(&courier);
		if (courier.errand.is_over)
			break;
		take_messages(&courier, timeout_of(&courier, clock_now()));
	}
	client_free(courier.client);
	buffer_done(&courier.answer.body);
	buffer_done(&courier.batch.body);
	return 0;
}
