// SPDX-License-Identifier: GPL-2.0-only
/* Takes requests out of the queues, in batches, and sends them until the collector has them. */
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
	uint64_t parts; /* 0: there is none */
	uint64_t made_ns, next_ns;
	struct retry retry;
};

/* What is sent of one signal: where it goes may be down, or full, while the other's is well. */
struct lane {
	enum series_signal signal;
	struct queue *queue;
	const struct otel_signal *way;
	struct client *client; /* NULL: it is not sent */
	struct batch batch;
	uint64_t ready_ns; /* when what waits is sent, however little; 0: nothing waits */
	bool is_refused;   /* so ended its last attempt, by whatever may pass */
};

struct courier {
	const struct otel *otel;
	struct client_answer answer;
	struct lane lanes[SERIES_SIGNALS];
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
	struct series_otlp now = { 0 };
	uint64_t failed, dropped;

	if (c->told_ns && now_ns - c->told_ns < TELL_NS && !is_last)
		return;
	for (int i = 0; i < SERIES_SIGNALS; i++)
		queue_read(c->lanes[i].queue, &now);
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

static void count(struct lane *l, enum queue_fate fate, uint64_t parts)
{
	queue_count(l->queue, l->signal, fate, parts);
}

static void end_batch(struct lane *l)
{
	l->batch.parts = 0;
	buffer_clear(&l->batch.body);
}

/* Takes as much as goes into one; what waits behind it waits no longer than it. */
static void make_batch(struct courier *c, struct lane *l, uint64_t now_ns)
{
	struct batch *b = &l->batch;
	struct queue_next next;

	*b = (struct batch){ .body = b->body, .made_ns = now_ns, .next_ns = now_ns };
	retry_reset(&b->retry);
	buffer_clear(&b->body);
	while (queue_peek(l->queue, &next)) {
		if (b->parts &&
		    (l->signal == SERIES_METRICS || b->parts + next.parts > c->otel->batch ||
		     b->body.size + next.size > BATCH_BYTES))
			break;
		b->parts += next.parts;
		queue_take(l->queue, &b->body);
	}
	l->ready_ns = queue_is_empty(l->queue) ? 0 : now_ns + c->otel->delay_ms * NS_PER_MS;
	if (b->body.failed || client_pack(l->client, &b->body)) {
		note_why(c, "was not asked: there is not enough memory", NULL);
		count(l, QUEUE_FAILED, b->parts);
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
static void read_answer(struct courier *c, struct lane *l)
{
	char why[OTLP_WHY_SIZE];
	uint64_t rejected, parts = l->batch.parts;

	if (otlp_read_answer(c->answer.body.bytes, c->answer.body.size, &rejected, why)) {
		note_why(c, "has given an answer that is none of OTLP", NULL);
		count(l, QUEUE_FAILED, parts);
		return;
	}
	rejected = rejected < parts ? rejected : parts;
	if (rejected)
		note_why(c, "has rejected some", why);
	count(l, QUEUE_FAILED, rejected);
	count(l, QUEUE_SENT, parts - rejected);
}

static void put_off(struct courier *c, struct lane *l, uint64_t now_ns)
{
	struct batch *b = &l->batch;

	b->next_ns = now_ns + retry_after(&b->retry, now_ns, c->answer.retry_after_s);
	if (now_ns - b->made_ns < GIVE_UP_NS &&
	    !(c->errand.is_finishing && b->next_ns >= c->errand.finish_ns))
		return;
	count(l, QUEUE_FAILED, b->parts);
	end_batch(l);
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

static void try_batch(struct courier *c, struct lane *l)
{
	long status;

	client_post(l->client, l->way->url, &l->batch.body, &c->answer);
	status = c->answer.status;
	l->is_refused = may_try_again(status);
	if (status >= 200 && status < 300) {
		read_answer(c, l);
		end_batch(l);
		return;
	}
	note_refusal(c);
	if (l->is_refused) {
		put_off(c, l, clock_now());
		return;
	}
	count(l, QUEUE_FAILED, l->batch.parts);
	end_batch(l);
}

/* ---- the process --------------------------------------------------------------------------- */

static void take_messages(struct courier *c, int timeout_ms)
{
	if (!errand_listen(&c->errand, timeout_ms))
		return;
	for (int i = 0; i < SERIES_SIGNALS; i++)
		c->lanes[i].batch.next_ns = 0;
}

/* In the middle of a request: whether the tracer has ended, or waits no longer. */
static bool is_over(void *context)
{
	struct courier *c = context;

	take_messages(c, 0);
	return errand_is_late(&c->errand);
}

/* Whether there is enough for a batch, or it has waited for long enough. */
static bool is_ready(const struct courier *c, struct lane *l, uint64_t now_ns)
{
	if (queue_is_empty(l->queue))
		return false;
	if (!l->ready_ns)
		l->ready_ns = now_ns + c->otel->delay_ms * NS_PER_MS;
	return c->errand.is_finishing || l->signal == SERIES_METRICS || now_ns >= l->ready_ns ||
	       queue_parts(l->queue) >= c->otel->batch;
}

/* When a lane wants to be looked at again; UINT64_MAX: when it is told of more. */
static uint64_t due_of(const struct courier *c, struct lane *l, uint64_t now_ns)
{
	if (l->batch.parts)
		return l->batch.next_ns;
	if (is_ready(c, l, now_ns))
		return now_ns;
	return l->ready_ns ? l->ready_ns : UINT64_MAX;
}

static int timeout_of(struct courier *c, uint64_t now_ns)
{
	uint64_t due_ns = UINT64_MAX;

	for (int i = 0; i < SERIES_SIGNALS; i++) {
		uint64_t own_ns = due_of(c, &c->lanes[i], now_ns);

		due_ns = own_ns < due_ns ? own_ns : due_ns;
	}
	if (due_ns == UINT64_MAX)
		return -1;
	return due_ns > now_ns ? (int)((due_ns - now_ns) / NS_PER_MS) + 1 : 0;
}

/* What there is no time left for. */
static void give_up(struct lane *l)
{
	struct queue_next next;
	struct buffer scrap;

	if (l->batch.parts)
		count(l, QUEUE_FAILED, l->batch.parts);
	end_batch(l);
	buffer_init(&scrap);
	while (queue_peek(l->queue, &next)) {
		count(l, QUEUE_FAILED, next.parts);
		queue_take(l->queue, &scrap);
		buffer_clear(&scrap);
	}
	buffer_done(&scrap);
}

static void finish(struct courier *c)
{
	for (int i = 0; i < SERIES_SIGNALS; i++)
		give_up(&c->lanes[i]);
	tell_losses(c, clock_now(), true);
	errand_answer(&c->errand, ERRAND_FINISH);
}

static void work_on(struct courier *c, struct lane *l)
{
	uint64_t now_ns = clock_now();

	if (!l->batch.parts && is_ready(c, l, now_ns))
		make_batch(c, l, now_ns);
	if (l->batch.parts && now_ns >= l->batch.next_ns && !errand_is_late(&c->errand))
		try_batch(c, l);
}

static bool is_idle(const struct courier *c)
{
	for (int i = 0; i < SERIES_SIGNALS; i++)
		if (c->lanes[i].batch.parts || !queue_is_empty(c->lanes[i].queue))
			return false;
	return true;
}

/* Who takes what it gets comes first: the other one may be waited for until it is too late. */
static void work(struct courier *c)
{
	bool was_refused[SERIES_SIGNALS];
	uint64_t now_ns;

	for (int i = 0; i < SERIES_SIGNALS; i++)
		was_refused[i] = c->lanes[i].is_refused;
	for (int refused = 0; refused < 2; refused++)
		for (int i = 0; i < SERIES_SIGNALS; i++)
			if (was_refused[i] == refused)
				work_on(c, &c->lanes[i]);
	now_ns = clock_now();
	tell_losses(c, now_ns, false);
	if (c->errand.is_finishing && (is_idle(c) || now_ns >= c->errand.finish_ns))
		finish(c);
}

/* Returns false without memory. */
static bool set_up_client(struct courier *c, struct lane *l)
{
	struct client_settings settings = {
		.certificates = l->way->certificates,
		.timeout_ms = l->way->timeout_ms,
		.compresses = l->way->compresses,
		.type = "application/x-protobuf",
		.answer_bytes = CLIENT_ANSWER_BYTES,
		.is_over = is_over,
		.context = c,
	};

	if (!*l->way->url)
		return true;
	for (size_t i = 0; i < l->way->header_count && i < CLIENT_HEADERS; i++)
		settings.headers[settings.header_count++] = l->way->headers[i];
	l->client = client_new(&settings);
	return l->client;
}

/* Returns false without memory. */
static bool set_up(struct courier *c, struct queue *const queues[SERIES_SIGNALS])
{
	bool has_all = true;

	buffer_init(&c->answer.body);
	for (int i = 0; i < SERIES_SIGNALS; i++) {
		struct lane *l = &c->lanes[i];

		l->signal = (enum series_signal)i;
		l->queue = queues[i];
		l->way = &c->otel->signals[i];
		buffer_init(&l->batch.body);
		has_all &= set_up_client(c, l);
	}
	return has_all;
}

static void done(struct courier *c)
{
	for (int i = 0; i < SERIES_SIGNALS; i++) {
		client_free(c->lanes[i].client);
		buffer_done(&c->lanes[i].batch.body);
	}
	buffer_done(&c->answer.body);
}

int courier_run(struct queue *const queues[SERIES_SIGNALS], const struct otel *otel, int fd)
{
	struct courier courier = { .otel = otel, .errand.fd = fd };
	bool has_all = set_up(&courier, queues);

	if (!has_all)
		COMMAND_COMPLAIN(NOTHING_SENT_MEMORY);
	while (has_all && !courier.errand.is_over) {
		work(&courier);
		if (courier.errand.is_over)
			break;
		take_messages(&courier, timeout_of(&courier, clock_now()));
	}
	done(&courier);
	return has_all ? 0 : 1;
}
