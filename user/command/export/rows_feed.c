// SPDX-License-Identifier: GPL-2.0-only
/* Hands the rows of connections over, as their lives end, and says where a batch ends. */
#include "user/command/export/rows_feed.h"

#include "user/base/units.h"
#include "user/command/export/queue.h"
#include "user/conn/flow.h"

#define BATCH_ROWS 10000
#define BATCH_NS (5 * NS_PER_S)
#define ALIVE_NS (60 * NS_PER_S)

static const sigset_t *waiting_of(const struct rows_feed *feed)
{
	return feed->run->live ? NULL : &feed->run->waiting;
}

/* What the figures say was lost since the start. */
static void read_losses(struct rows_feed *feed, uint64_t losses[ROWS_LOSS_COUNT])
{
	const struct metrics_account *a = &feed->metrics->account;
	struct series_rows rows;

	export_send_read_rows(feed->send, &rows);
	losses[ROWS_LOSS_events_ring_full] = a->events.ring_full;
	losses[ROWS_LOSS_events_missed] = a->events.missed;
	losses[ROWS_LOSS_gaps] = a->connections.gaps;
	losses[ROWS_LOSS_incomplete] = a->connections.incomplete;
	losses[ROWS_LOSS_evicted] = a->connections.evicted;
	losses[ROWS_LOSS_unsampled] = a->events.unsampled;
	losses[ROWS_LOSS_half_open_unprinted] = feed->half_open.unprinted;
	losses[ROWS_LOSS_rows_dropped] = rows.dropped;
	losses[ROWS_LOSS_rows_failed] = rows.failed;
}

void rows_feed_end_batch(struct rows_feed *feed, const char *host, uint64_t now_ns, bool is_last)
{
	struct rows_batch *b = &feed->batch;

	/* Of a recording nobody asks whether it goes on. */
	if (!feed->run->live && !is_last && !b->rows)
		return;
	b->host = host;
	b->is_last = is_last;
	b->run = rows_run(&feed->run->settings);
	b->batch++;
	b->time_ns = clock_real_ns(&feed->run->settings.clock, now_ns);
	b->sampling = feed->metrics->account.sampling / feed->one_of;
	read_losses(feed, b->losses);
	buffer_clear(&feed->row);
	rows_add_batch(&feed->row, b);
	export_send_put(feed->send, QUEUE_BATCH, &feed->row, 0, waiting_of(feed));
	b->rows = b->connections = b->half_open = 0;
	feed->due_ns = 0;
	feed->alive_ns = now_ns + ALIVE_NS;
}

bool rows_feed_is_due(const struct rows_feed *feed, uint64_t now_ns)
{
	return now_ns >= rows_feed_due_ns(feed) || feed->batch.rows >= BATCH_ROWS;
}

uint64_t rows_feed_due_ns(const struct rows_feed *feed)
{
	if (feed->batch.rows >= BATCH_ROWS)
		return 0;
	if (feed->due_ns)
		return feed->due_ns;
	return feed->run->live ? feed->alive_ns : UINT64_MAX;
}

static void hand_over(struct rows_feed *feed)
{
	if (!feed->due_ns)
		feed->due_ns = feed->run->source->class->now(feed->run->source) + BATCH_NS;
	feed->batch.rows++;
	export_send_put(feed->send, QUEUE_ROWS, &feed->row, 1, waiting_of(feed));
}

/* Flows are hashes: each is as likely to be below a bound as any. */
static bool is_chosen(const struct rows_feed *feed, uint64_t flow)
{
	return flow == FLOW_UNKNOWN || flow <= UINT64_MAX / feed->one_of;
}

static void on_gone(struct consumer *self, const struct conn *c)
{
	struct rows_feed *feed = (struct rows_feed *)self;

	if (!is_chosen(feed, c->flow))
		return;
	buffer_clear(&feed->row);
	sink_rows.connection(&feed->run->settings, &feed->row, c);
	feed->batch.connections++;
	hand_over(feed);
}

/* At the end: what goes on without being looked at. */
static void on_alive(struct consumer *self, const struct conn *c, uint64_t now_ns)
{
	(void)now_ns;
	on_gone(self, c);
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	struct rows_feed *feed = (struct rows_feed *)self;

	if (!flood_is_due(&feed->half_open, h->netns, h->lport, h->mono_ns))
		return;
	buffer_clear(&feed->row);
	sink_rows.half_open(&feed->run->settings, &feed->row, h);
	feed->batch.half_open++;
	hand_over(feed);
}

static const struct consumer_class class = { .gone = on_gone,
					     .alive = on_alive,
					     .half_open = on_half_open };

void rows_feed_init(struct rows_feed *feed, struct export_send *send, uint32_t one_of)
{
	feed->consumer = (struct consumer){ &class, CONSUMER_FACTS | CONSUMER_RETRANSMITS |
							    CONSUMER_CGROUPS | CONSUMER_FLOWS |
							    CONSUMER_TIMEWAITS | CONSUMER_SEEDS };
	feed->send = send;
	feed->one_of = one_of ? one_of : 1;
	buffer_init(&feed->row);
}

void rows_feed_done(struct rows_feed *feed)
{
	buffer_done(&feed->row);
}
