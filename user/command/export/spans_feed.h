/* SPDX-License-Identifier: GPL-2.0-only */
/* Hands the spans of connections over, as these end. */
#ifndef USER_COMMAND_EXPORT_SPANS_FEED_H
#define USER_COMMAND_EXPORT_SPANS_FEED_H

#include "user/aggregate/flood.h"
#include "user/command/export/send.h"
#include "user/conn/consumer.h"
#include "user/run/run.h"
#include "user/sink/spans.h"

struct spans_feed {
	struct consumer consumer;
	struct export_send *send;
	const struct run *run; /* set when it begins */
	struct spans_choice choice;
	struct flood half_open; /* of forged SYNs */
	struct span_set set;
	struct buffer request;
};

void spans_feed_init(struct spans_feed *feed, struct export_send *send,
		     const struct spans_choice *choice);
void spans_feed_done(struct spans_feed *feed);

#endif
