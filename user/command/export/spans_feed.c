// SPDX-License-Identifier: GPL-2.0-only
/* Hands the spans of connections over, as these end. */
#include "user/command/export/spans_feed.h"

#include "user/aggregate/measure.h"
#include "user/net/otlp.h"

static void hand_over(struct spans_feed *feed, const struct conn *c, unsigned int parts)
{
	const struct sink_settings *s = &feed->run->settings;

	if (!spans_are_wanted(&feed->choice, s, c) || !spans_build(s, c, parts, &feed->set))
		return;
	buffer_clear(&feed->request);
	otlp_add_spans(&feed->request, &feed->set);
	export_send_put(feed->send, SERIES_SPANS, &feed->request, (uint32_t)feed->set.count,
			feed->run->live ? NULL : &feed->run->waiting);
}

static void on_closed(struct consumer *self, const struct conn *c)
{
	hand_over((struct spans_feed *)self, c, SPANS_LIFE);
}

/* Its TIME_WAIT was not over when it closed. */
static void on_gone(struct consumer *self, const struct conn *c)
{
	if (measure_has_time_wait(c))
		hand_over((struct spans_feed *)self, c, SPANS_TIME_WAIT);
}

static void on_half_open(struct consumer *self, const struct half_open *h)
{
	struct spans_feed *feed = (struct spans_feed *)self;
	struct conn c;

	if (!flood_is_due(&feed->half_open, h->netns, h->lport, h->mono_ns))
		return;
	half_open_as_conn(h, &c);
	hand_over(feed, &c, SPANS_LIFE);
}

static const struct consumer_class class = { .closed = on_closed,
					     .gone = on_gone,
					     .half_open = on_half_open };

void spans_feed_init(struct spans_feed *feed, struct export_send *send,
		     const struct spans_choice *choice)
{
	feed->consumer = (struct consumer){ &class, CONSUMER_FACTS | CONSUMER_RETRANSMITS |
							    CONSUMER_CGROUPS | CONSUMER_FLOWS |
							    CONSUMER_TIMEWAITS };
	feed->send = send;
	feed->choice = *choice;
	buffer_init(&feed->request);
}

void spans_feed_done(struct spans_feed *feed)
{
	buffer_done(&feed->request);
}
